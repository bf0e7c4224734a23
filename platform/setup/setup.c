/*
 * setup.c — the data folder: where it is, its settings, its parts in order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/setup/setup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pelago/json.h"
#include "pelago/version.h"
#include "platform/setup/file.h"
#include "platform/setup/programs.h"
#include "platform/setup/setup_impl.h"

static const char default_store[] = "sqlite:{data}/services/{service}/store.db";

enum { DEFAULT_HTTPS_PORT = 8443, DEFAULT_HTTP_PORT = 8080 };

/* ---- where things are ---- */

char *setup_programs_path(void)
{
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (len < 0)
		return NULL;
	program[len] = '\0';
	return strdup(dirname(program));
}

static bool exists(const char *folder, const char *name)
{
	char path[PATH_MAX];

	return (size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) < sizeof(path) &&
	       access(path, F_OK) == 0;
}

static char *absolute(const char *path)
{
	char here[PATH_MAX], *whole = NULL;

	if (*path == '/')
		return strdup(path);
	if (!getcwd(here, sizeof(here)) || asprintf(&whole, "%s/%s", here, path) < 0)
		return NULL;
	return whole;
}

char *setup_data_path(const char *wish)
{
	const char *set = getenv("PELAGO_DATA");
	char *programs, *path = NULL;

	if (wish && *wish)
		return absolute(wish);
	if (set && *set)
		return absolute(set);
	programs = setup_programs_path();
	if (!programs)
		return NULL;
	if (exists(programs, "../meson.build")) {
		char *parent = strrchr(programs, '/');

		*parent = '\0';
		if (asprintf(&path, "%s/run", programs) < 0)
			path = NULL;
	} else {
		path = exists(programs, "build.ninja") ? absolute("run")
						       : strdup("/var/lib/pelago");
	}
	free(programs);
	return path;
}

char *setup_path(const struct setup *setup, const char *fmt, ...)
{
	char *rest = NULL, *path = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&rest, fmt, ap);
	va_end(ap);
	if (len < 0)
		return NULL;
	len = asprintf(&path, "%s/%s", setup->data, rest);
	free(rest);
	return len < 0 ? NULL : path;
}

char *setup_bus_url(const struct setup *setup)
{
	char *url = NULL;

	if (setup->bus_url)
		return strdup(setup->bus_url);
	return asprintf(&url, "tls://%s:%d", setup->listen ? setup->listen : "127.0.0.1",
			setup->bus_port) < 0
		       ? NULL
		       : url;
}

char *setup_store_url(const char *template, const char *data, const char *service)
{
	char *url = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&url, &len);

	if (!f)
		return NULL;
	for (const char *at = template; *at;) {
		if (strncmp(at, "{data}", 6) == 0) {
			fputs(data, f);
			at += 6;
		} else if (strncmp(at, "{service}", 9) == 0) {
			fputs(service, f);
			at += 9;
		} else {
			fputc(*at++, f);
		}
	}
	if (fclose(f) == 0)
		return url;
	free(url);
	return NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *setup_store_password(char *url)
{
	char *from = strstr(url, "://"), *at, *colon, *password, *out;
	size_t authority;

	if (!from)
		return NULL;
	from += 3;
	authority = strcspn(from, "/?#");
	at = memrchr(from, '@', authority);
	colon = at ? memchr(from, ':', (size_t)(at - from)) : NULL;
	if (!colon)
		return NULL;
	password = out = strndup(colon + 1, (size_t)(at - colon - 1));
	if (!password)
		return NULL;
	for (const char *in = password; *in; in++) {
		int high = *in == '%' ? hex_digit(in[1]) : -1,
		    low = high >= 0 ? hex_digit(in[2]) : -1;

		*out++ = low >= 0 ? (char)(high * 16 + low) : *in;
		in += low >= 0 ? 2 : 0;
	}
	*out = '\0';
	memmove(colon, at, strlen(at) + 1);
	return password;
}

int setup_store_stale_ms(const char *url)
{
	return strncmp(url, "sqlite:", 7) == 0 ? 1000 : 5000;
}

/* ---- ports ---- */

static int listen_try(int family, int port, bool loopback_only)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, result;
	struct sockaddr_in six4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 six6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };

	if (fd < 0)
		return -1;
	six4.sin_addr.s_addr = htonl(loopback_only ? INADDR_LOOPBACK : INADDR_ANY);
	six6.sin6_addr = in6addr_any;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	result = family == AF_INET ? bind(fd, (struct sockaddr *)&six4, sizeof(six4))
				   : bind(fd, (struct sockaddr *)&six6, sizeof(six6));
	if (result == 0)
		result = listen(fd, 1);
	if (result != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

bool port_is_free(int port, bool loopback_only)
{
	int fd = listen_try(AF_INET, port, loopback_only), fd6;

	if (fd < 0)
		return false;
	close(fd);
	if (loopback_only)
		return true;
	fd6 = listen_try(AF_INET6, port, false);
	if (fd6 < 0)
		return errno != EADDRINUSE; /* a machine without IPv6 */
	close(fd6);
	return true;
}

static int free_port(void)
{
	struct sockaddr_in address;
	socklen_t len = sizeof(address);
	int fd = listen_try(AF_INET, 0, true), port = 0;

	if (fd < 0)
		return 0;
	if (getsockname(fd, (struct sockaddr *)&address, &len) == 0)
		port = ntohs(address.sin_port);
	close(fd);
	return port;
}

/* free_bus_port returns a free port that isn't kept for the edge; 0 with errno. */
static int free_bus_port(const struct setup *setup)
{
	int port;

	do
		port = free_port();
	while (port && (port == setup->https_port || port == setup->http_port));
	return port;
}

/* ---- settings ---- */

static enum pl_err settings_write(struct setup *setup)
{
	char *path = setup_path(setup, "pelago.json");
	json_t *s = setup->settings;
	enum pl_err err = PL_NOMEM;

	if (path && json_object_set_new(s, "httpsPort", json_integer(setup->https_port)) == 0 &&
	    json_object_set_new(s, "httpPort", json_integer(setup->http_port)) == 0 &&
	    json_object_set_new(s, "busPort", json_integer(setup->bus_port)) == 0 &&
	    json_object_set_new(s, "storeUrl", json_string(setup->store)) == 0 &&
	    json_object_set_new(s, "demo", json_boolean(setup->is_demo)) == 0 &&
	    (!setup->listen || json_object_set_new(s, "listen", json_string(setup->listen)) == 0) &&
	    (!setup->floating ||
	     json_object_set_new(s, "floating", json_string(setup->floating)) == 0))
		err = file_replace_json(path, s, 0600);
	free(path);
	return err;
}

enum pl_err setup_bus_port_move(struct setup *setup)
{
	int port = setup->listen ? 0 : free_bus_port(setup);

	if (setup->listen)
		return pl_fail(PL_STATE,
			       "port %d of %s is used by another program, and other hosts look for "
			       "the bus there: end that program",
			       setup->bus_port, setup->listen);
	if (port == 0)
		return pl_fail(PL_IO, "no free port for the bus: %s", strerror(errno));
	setup->bus_port = port;
	return settings_write(setup) ? PL_IO : bus_setup(setup, &setup->bus_changed);
}

/* Compares "1.2.3" by number; what follows the third is left out. */
static int version_compare(const char *a, const char *b)
{
	int x[3] = { 0 }, y[3] = { 0 };

	sscanf(a, "%d.%d.%d", &x[0], &x[1], &x[2]);
	sscanf(b, "%d.%d.%d", &y[0], &y[1], &y[2]);
	for (int i = 0; i < 3; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

/* What was used by a newer program may be used by this one for as long as it is written so. */
static bool is_newer(const char *version, int level)
{
	int major = 0, own = 0;

	if (sscanf(version, "%d", &major) != 1 || sscanf(pl_version, "%d", &own) != 1 ||
	    major > own)
		return true;
	return level ? level > pl_version_minor(pl_version)
		     : version_compare(version, pl_version) > 0;
}

static enum pl_err settings_take(struct setup *setup)
{
	int64_t format = 0, https = 0, http = 0, bus = 0;
	const char *version = NULL, *store = NULL, *listen = NULL, *node = NULL, *bus_url = NULL,
		   *floating = NULL;
	json_t *s = setup->settings;
	enum pl_err err;
	int level;

	if ((err = pl_json_int(&format, s, "format", 1, INT64_MAX, true)) ||
	    (err = pl_json_text(&version, s, "version", 64, true)))
		return err;
	level = setup_level(setup->data);
	if (format > SETUP_FORMAT || is_newer(version, level)) {
		bool has_own = exists(setup->data, "platform/current/pelago");

		return pl_fail(PL_NEWER,
			       "%s was last used by Pelago %s (format %lld, level %d), which is "
			       "newer than this Pelago %s (format %d)%s%s%s",
			       setup->data, version, (long long)format, level, pl_version,
			       SETUP_FORMAT, has_own ? "; say it with " : "",
			       has_own ? setup->data : "",
			       has_own ? "/platform/current/pelago" : "");
	}
	if ((err = pl_json_text(&node, s, "node", 64, false)) ||
	    (err = pl_json_text(&bus_url, s, "bus", 256, node)) ||
	    (err = pl_json_text(&listen, s, "listen", 64, false)) ||
	    (err = pl_json_text(&floating, s, "floating", 64, false)) ||
	    (err = pl_json_int(&https, s, "httpsPort", node ? 0 : 1, 65535, true)) ||
	    (err = pl_json_int(&http, s, "httpPort", node ? 0 : 1, 65535, true)) ||
	    (err = pl_json_int(&bus, s, "busPort", node ? 0 : 1, 65535, true)) ||
	    (err = pl_json_text(&store, s, "storeUrl", 1024, true)) ||
	    (err = pl_json_bool(&setup->is_demo, s, "demo", false)))
		return err;
	setup->https_port = (int)https;
	setup->http_port = (int)http;
	setup->bus_port = (int)bus;
	setup->store = strdup(store);
	setup->listen = listen ? strdup(listen) : NULL;
	setup->floating = floating ? strdup(floating) : NULL;
	setup->node = node ? strdup(node) : NULL;
	setup->bus_url = bus_url ? strdup(bus_url) : NULL;
	setup->has_edge = https != 0;
	return setup->store && !setup->listen == !listen && !setup->floating == !floating &&
			       !setup->node == !node && !setup->bus_url == !bus_url
		       ? PL_OK
		       : PL_NOMEM;
}

static enum pl_err settings_new(struct setup *setup)
{
	time_t now = time(NULL);
	struct tm tm;
	char at[32];

	gmtime_r(&now, &tm);
	strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &tm);
	setup->settings = json_pack("{s:i,s:s,s:s}", "format", SETUP_FORMAT, "version", pl_version,
				    "createdAt", at);
	setup->https_port = DEFAULT_HTTPS_PORT;
	setup->http_port = DEFAULT_HTTP_PORT;
	setup->bus_port = free_bus_port(setup);
	setup->has_edge = true;
	setup->store = strdup(default_store);
	if (!setup->settings || !setup->store)
		return PL_NOMEM;
	return setup->bus_port ? PL_OK : pl_fail(PL_IO, "no free port for the bus");
}

static enum pl_err setup_new(struct setup **setupp, const char *data)
{
	struct setup *setup = calloc(1, sizeof(*setup));
	char *path = setup_data_path(data), real[PATH_MAX];

	if (setup)
		setup->programs = setup_programs_path();
	if (setup && path)
		setup->data = strdup(realpath(path, real) ? real : path);
	free(path);
	if (!setup || !setup->programs || !setup->data) {
		setup_free(setup);
		return PL_NOMEM;
	}
	*setupp = setup;
	return PL_OK;
}

static enum pl_err settings_read(struct setup *setup)
{
	char *path = setup_path(setup, "pelago.json");
	enum pl_err err = path ? file_read_json(&setup->settings, path) : PL_NOMEM;

	free(path);
	return err ? err : settings_take(setup);
}

enum pl_err setup_read(struct setup **setupp, const char *data)
{
	struct setup *setup = NULL;
	enum pl_err err = setup_new(&setup, data);

	if (!err)
		err = settings_read(setup);
	if (err)
		setup_free(setup);
	else
		*setupp = setup;
	return err;
}

void setup_free(struct setup *setup)
{
	if (!setup)
		return;
	json_decref(setup->settings);
	json_decref(setup->manifests);
	free(setup->data);
	free(setup->programs);
	free(setup->store);
	free(setup->listen);
	free(setup->floating);
	free(setup->node);
	free(setup->bus_url);
	free(setup);
}

enum pl_err setup_folders(const struct setup *setup)
{
	static const char *const names[] = { "tls",	      "keys",  "bus",	"bus/jetstream",
					     "bus/manifests", "nodes", "procs", "services",
					     "log",	      "edge" };
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = setup_path(setup, "%s", names[i]);

		err = path ? folder_make(path, 0700) : PL_NOMEM;
		free(path);
	}
	return err;
}

/* The template of an address that was typed; NULL without memory. */
static char *store_template(const char *typed)
{
	char *template = NULL;

	if (strcmp(typed, "sqlite:") == 0)
		return strdup(default_store);
	if (strstr(typed, "{service}"))
		return strdup(typed);
	if (asprintf(&template, "%s%cschema={service}", typed, strchr(typed, '?') ? '&' : '?') < 0)
		return NULL;
	return template;
}

/* Whether two addresses differ in more than the password. */
static bool is_elsewhere(const char *a, const char *b)
{
	char *x = strdup(a), *y = strdup(b);
	bool differs = true;

	if (x && y) {
		free(setup_store_password(x));
		free(setup_store_password(y));
		differs = strcmp(x, y) != 0;
	}
	free(x);
	free(y);
	return differs;
}

static enum pl_err store_take(struct setup *setup, const char *typed, bool is_new)
{
	char *template;

	if (strncmp(typed, "sqlite:", 7) != 0 && strncmp(typed, "postgresql://", 13) != 0)
		return pl_fail(PL_INVALID,
			       "--store: an address starts with sqlite: or postgresql://");
	if (typed[0] == 's' && typed[7] && !strstr(typed, "{service}"))
		return pl_fail(PL_INVALID,
			       "--store: an SQLite address needs {service} in its path");
	template = store_template(typed);
	if (!template)
		return PL_NOMEM;
	if (!is_new && is_elsewhere(template, setup->store)) {
		free(template);
		return pl_fail(PL_STATE, "%s has its databases elsewhere; --store can't move them",
			       setup->data);
	}
	free(setup->store);
	setup->store = template;
	return PL_OK;
}

static enum pl_err listen_take(struct setup *setup, const char *address)
{
	if (!setup_is_address(address) || strcmp(address, "0.0.0.0") == 0)
		return pl_fail(PL_INVALID,
			       "--listen: %s is not an address of this host, as 192.0.2.1: other "
			       "hosts reach this one by it",
			       address);
	free(setup->listen);
	setup->listen = strdup(address);
	return setup->listen ? PL_OK : PL_NOMEM;
}

/* It moves between hosts, so they must reach each other. */
static enum pl_err floating_take(struct setup *setup, const char *address)
{
	if (!setup->listen)
		return pl_fail(PL_INVALID,
			       "--floating: other hosts reach this one by --listen ADDRESS, "
			       "which is missing");
	if (!setup_is_address(address) || strcmp(address, setup->listen) == 0 ||
	    strncmp(address, "0.", 2) == 0 || strncmp(address, "127.", 4) == 0)
		return pl_fail(PL_INVALID,
			       "--floating: %s is not an address of its own in the hosts' network",
			       address);
	free(setup->floating);
	setup->floating = strdup(address);
	return setup->floating ? PL_OK : PL_NOMEM;
}

static enum pl_err wish_take(struct setup *setup, const struct setup_wish *wish, bool is_new)
{
	enum pl_err err;

	if (setup->node) {
		if (wish->store || wish->listen || wish->floating || wish->wants_demo)
			return pl_fail(
				PL_STATE,
				"%s is the folder of a joined host: where the solution has its "
				"manager takes --store, --listen, --floating and --demo",
				setup->data);
		if (!setup->has_edge && (wish->https_port || wish->http_port))
			return pl_fail(PL_STATE, "%s joined without an edge", setup->data);
	}
	if (wish->https_port)
		setup->https_port = wish->https_port;
	if (wish->http_port)
		setup->http_port = wish->http_port;
	if (setup->has_edge && setup->https_port == setup->http_port)
		return pl_fail(PL_INVALID,
			       "HTTPS and HTTP can't share port %d; change one by "
			       "--https-port or --http-port",
			       setup->http_port);
	if (is_new && setup->bus_port &&
	    (setup->bus_port == setup->https_port || setup->bus_port == setup->http_port)) {
		setup->bus_port = free_bus_port(setup);
		if (!setup->bus_port)
			return pl_fail(PL_IO, "no free port for the bus: %s", strerror(errno));
	}
	setup->is_demo |= wish->wants_demo;
	err = wish->listen ? listen_take(setup, wish->listen) : PL_OK;
	if (!err && wish->floating)
		err = floating_take(setup, wish->floating);
	return !err && wish->store ? store_take(setup, wish->store, is_new) : err;
}

/* What only the host with bus and manager has. */
static enum pl_err bus_host_make(struct setup *setup)
{
	static const char *const processes[] = { "nats-server", "edge", "identity" };
	const char *const addresses[] = { setup->listen, setup->floating, NULL };
	enum pl_err err = tls_authority(setup->data);

	for (size_t i = 0; !err && i < sizeof(processes) / sizeof(processes[0]); i++)
		err = tls_certificate(setup->data, processes[i], addresses);
	if (!err && setup->is_demo)
		err = demo_users_make(setup->data);
	return err ? err : bus_setup(setup, &setup->bus_changed);
}

/* Versions come and go here, so an older one may be started again. */
static bool was_switched(const struct setup *setup)
{
	json_t *programs = NULL;
	bool was =
		programs_read(&programs, setup->data) == PL_OK && json_object_get(programs, "base");

	json_decref(programs);
	return was;
}

enum pl_err setup_settle(struct setup *setup, const char *version)
{
	if (json_object_set_new(setup->settings, "version", json_string(version)) != 0)
		return PL_NOMEM;
	return settings_write(setup);
}

enum pl_err setup_open(struct setup **setupp, const struct setup_wish *wish)
{
	struct setup *setup = NULL;
	enum pl_err err = setup_new(&setup, wish->data);
	char real[PATH_MAX];
	bool is_new = false;

	if (err)
		return err;
	err = folder_make(setup->data, 0700);
	if (!err && realpath(setup->data, real)) {
		free(setup->data);
		setup->data = strdup(real);
		err = setup->data ? PL_OK : PL_NOMEM;
	}
	if (!err)
		err = settings_read(setup);
	if (err == PL_NOTFOUND) {
		pl_err_clear();
		is_new = true;
		err = settings_new(setup);
	}
	if (!err && (is_new || !was_switched(setup)) &&
	    json_object_set_new(setup->settings, "version", json_string(pl_version)) != 0)
		err = PL_NOMEM;
	if (!err)
		err = wish_take(setup, wish, is_new);
	if (!err)
		err = setup_manifests(setup);
	if (!err)
		err = setup_folders(setup);
	if (!err)
		err = setup_trust(setup);
	if (!err)
		err = settings_write(setup);
	if (!err && !setup->node && setup_level(setup->data) == 0)
		err = setup_level_set(setup->data, pl_version_minor(pl_version));
	if (!err && !setup->node)
		err = bus_host_make(setup);
	if (err)
		setup_free(setup);
	else
		*setupp = setup;
	return err;
}
