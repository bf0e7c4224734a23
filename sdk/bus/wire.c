/*
 * wire.c — the client library's event-loop mode, tamed.
 *
 * The library's callbacks only set flags: attach comes on the connecting thread, the others from
 * within our own calls of ProcessReadEvent, ProcessWriteEvent and publish. Its ping timer, the one
 * thread that would touch the socket besides the loop's, is off; the kernel's keepalive finds a
 * host that is gone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wire.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/sockios.h>

#include "pelago/log.h"
#include "pelago/nkey.h"

enum {
	IO_BUF_SIZE =
		262144, /* with the default of 32 KiB a turn never got more than 110 messages */
	HOST_GONE_MS = 15000, /* unacknowledged output for so long: the host is gone */
	KEEPALIVE_IDLE_S = 5,
	KEEPALIVE_EVERY_S = 5,
	KEEPALIVE_TRIES = 2,
};

static natsStatus on_attach(void **user_data, void *loop, natsConnection *nc, natsSock fd)
{
	struct wire *wire = loop;

	wire->fd = fd;
	wire->attached = true;
	*user_data = wire;
	return NATS_OK;
}

static natsStatus on_read(void *user_data, bool add)
{
	struct wire *wire = user_data;

	wire->attached = add;
	return NATS_OK;
}

static natsStatus on_write(void *user_data, bool add)
{
	struct wire *wire = user_data;

	wire->wants_write = add;
	return NATS_OK;
}

static natsStatus on_detach(void *user_data)
{
	struct wire *wire = user_data;

	wire->attached = false;
	return NATS_OK;
}

/* on_error comes on a library thread, maybe after the wire and the bus are gone: it knows neither.
 */
static void on_error(natsConnection *nc, natsSubscription *sub, natsStatus status, void *closure)
{
	natsStatus last = NATS_OK;
	const char *text = nats_GetLastError(&last);

	if (!text || !*text)
		text = natsStatus_GetText(status);
	if (status == NATS_SLOW_CONSUMER)
		pl_log(ERROR, "bus.dropped", NULL, "messages were dropped: %s", text);
	else if (status == NATS_NOT_PERMITTED)
		pl_log(ERROR, "bus.denied", NULL, "%s", text);
	else
		pl_log(WARN, "bus.error", NULL, "%s", text);
}

/* host_of copies the host of scheme://[user@]host[:port]; false if there is none. */
static bool host_of(char *host, size_t size, const char *url)
{
	const char *start = strstr(url, "://");
	size_t len;

	start = start ? start + 3 : url;
	if (strchr(start, '@'))
		start = strchr(start, '@') + 1;
	if (*start == '[') {
		start++;
		len = strcspn(start, "]");
	} else {
		len = strcspn(start, ":/");
	}
	if (len == 0 || len >= size)
		return false;
	memcpy(host, start, len);
	host[len] = '\0';
	return true;
}

/* last_error returns the library's sentence about status. */
static const char *last_error(natsStatus status)
{
	const char *text = nats_GetLastError(NULL);

	return text && *text ? text : natsStatus_GetText(status);
}

/* set_variable sets or, if value is NULL, removes an environment variable. */
static void set_variable(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

/*
 * load_authority makes our authority the only one. Left alone, the library adds all authorities of
 * the machine, any of which could then vouch for a false server, and which cost 20 ms and 3 MB.
 */
static natsStatus load_authority(natsOptions *opts, const char *ca_file)
{
	static const char *const names[] = { "SSL_CERT_FILE", "SSL_CERT_DIR" };
	char *before[2];
	natsStatus s;

	for (int i = 0; i < 2; i++) {
		const char *value = getenv(names[i]);

		before[i] = value ? strdup(value) : NULL;
		set_variable(names[i], "/dev/null");
	}
	s = natsOptions_LoadCATrustedCertificates(opts, ca_file);
	for (int i = 0; i < 2; i++) {
		set_variable(names[i], before[i]);
		free(before[i]);
	}
	return s;
}

static enum pl_err set_tls(natsOptions *opts, const struct pl_bus_options *options, const char *url)
{
	char host[256];
	natsStatus s;

	if (!options->ca_file || !host_of(host, sizeof(host), url))
		return pl_fail(PL_INVALID, "%s: TLS needs a host and a file of authorities", url);
	s = load_authority(opts, options->ca_file);
	if (s != NATS_OK)
		return pl_fail(PL_INVALID, "%s: %s", options->ca_file, last_error(s));
	if (natsOptions_SetSecure(opts, true) != NATS_OK ||
	    natsOptions_SetExpectedHostname(opts, host) != NATS_OK)
		return PL_NOMEM;
	return PL_OK;
}

/*
 * sign answers the server's challenge. The library (3.4.1) takes a signature whose first byte is 0
 * for an empty text and leaves it out, so that the server refuses every 256th try: is_unlucky asks
 * for another challenge.
 */
static natsStatus sign(char **error_text, unsigned char **signature, int *len, const char *nonce,
		       void *closure)
{
	struct wire *wire = closure;
	enum pl_err err;

	*signature = malloc(PL_NKEY_SIGNATURE_LEN); /* the library frees it */
	if (!*signature)
		return NATS_NO_MEMORY;
	err = pl_nkey_sign(*signature, wire->seed_file, nonce, strlen(nonce));
	wire->is_unlucky = !err && (*signature)[0] == 0;
	if (err) {
		*error_text = strdup(pl_err_detail(err));
		free(*signature);
		*signature = NULL;
		return NATS_ERR;
	}
	*len = PL_NKEY_SIGNATURE_LEN;
	return NATS_OK;
}

static enum pl_err set_options(natsOptions *opts, const struct pl_bus_options *options,
			       const char *url)
{
	char prefix[80];
	natsStatus s;

	snprintf(prefix, sizeof(prefix), "_IN.%s", options->name);
	s = natsOptions_SetURL(opts, url);
	if (s != NATS_OK)
		return pl_fail(PL_INVALID, "%s: %s", url, last_error(s));
	if (natsOptions_SetName(opts, options->name) != NATS_OK ||
	    natsOptions_SetCustomInboxPrefix(opts, prefix) != NATS_OK ||
	    natsOptions_SetAllowReconnect(opts, false) != NATS_OK ||
	    natsOptions_SetNoRandomize(opts, true) != NATS_OK ||
	    natsOptions_SetIgnoreDiscoveredServers(opts, true) != NATS_OK ||
	    natsOptions_SetSendAsap(opts, true) != NATS_OK ||
	    natsOptions_SetIOBufSize(opts, IO_BUF_SIZE) != NATS_OK ||
	    natsOptions_SetPingInterval(opts, 0) != NATS_OK ||
	    natsOptions_UseGlobalMessageDelivery(opts, true) != NATS_OK ||
	    natsOptions_SetErrorHandler(opts, on_error, NULL) != NATS_OK)
		return pl_fail(PL_NOMEM, "bus options: %s", last_error(NATS_NO_MEMORY));
	return strncmp(url, "tls://", 6) == 0 ? set_tls(opts, options, url) : PL_OK;
}

struct server {
	const struct pl_bus_options *options;
	char *url;
	natsOptions *opts;
};

enum pl_err server_new(struct server **serverp, const struct pl_bus_options *options,
		       const char *url)
{
	struct server *server = calloc(1, sizeof(*server));
	char public_key[PL_NKEY_PUBLIC_SIZE];
	enum pl_err err = PL_NOMEM;

	if (!server)
		goto out;
	server->options = options;
	server->url = strdup(url);
	if (!server->url || natsOptions_Create(&server->opts) != NATS_OK)
		goto out;
	err = set_options(server->opts, options, url);
	if (!err && options->seed_file)
		err = pl_nkey_read_public(public_key, options->seed_file);
out:
	if (err)
		server_free(server);
	else
		*serverp = server;
	return err;
}

void server_free(struct server *server)
{
	if (!server)
		return;
	natsOptions_Destroy(server->opts);
	free(server->url);
	free(server);
}

/* aim makes wire the target of the library's callbacks, and reads the key anew. */
static enum pl_err aim(struct server *server, struct wire *wire, int timeout_ms)
{
	char public_key[PL_NKEY_PUBLIC_SIZE];
	enum pl_err err;

	wire->seed_file = server->options->seed_file;
	if (wire->seed_file) {
		err = pl_nkey_read_public(public_key, wire->seed_file);
		if (err)
			return err;
		if (natsOptions_SetNKey(server->opts, public_key, sign, wire) != NATS_OK)
			return PL_NOMEM;
	}
	if (natsOptions_SetTimeout(server->opts, timeout_ms) != NATS_OK ||
	    natsOptions_SetEventLoop(server->opts, wire, on_attach, on_read, on_write, on_detach) !=
		    NATS_OK)
		return PL_NOMEM;
	return PL_OK;
}

/* watch_host lets the kernel find out when the server's host vanishes without a word. */
static void watch_host(int fd)
{
	int on = 1, idle_s = KEEPALIVE_IDLE_S, every_s = KEEPALIVE_EVERY_S, tries = KEEPALIVE_TRIES;
	unsigned gone_ms = HOST_GONE_MS;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every_s, sizeof(every_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof(tries));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &gone_ms, sizeof(gone_ms));
}

enum pl_err wire_connect(struct wire **wirep, struct server *server, int timeout_ms)
{
	struct wire *wire = calloc(1, sizeof(*wire));
	enum pl_err err = PL_NOMEM;
	natsStatus s;

	if (!wire || natsStatistics_Create(&wire->stats) != NATS_OK)
		goto out;
	err = aim(server, wire, timeout_ms);
	if (err)
		goto out;
	do {
		wire->is_unlucky = false;
		s = natsConnection_Connect(&wire->nc, server->opts);
	} while (s == NATS_CONNECTION_AUTH_FAILED && wire->is_unlucky);
	/* A child that inherits the socket would keep it open, and epoll would go on reporting it.
	 */
	if (s == NATS_OK)
		fcntl(wire->fd, F_SETFD, FD_CLOEXEC);
	if (s == NATS_OK)
		watch_host(wire->fd);
	else if (s == NATS_CONNECTION_AUTH_FAILED)
		err = pl_fail(PL_UNAUTHORIZED, "%s refuses the key of %s: %s", server->url,
			      server->options->name, last_error(s));
	else if (s == NATS_NO_MEMORY)
		err = PL_NOMEM;
	else
		err = pl_fail(PL_UNAVAILABLE, "%s: %s", server->url, last_error(s));
out:
	if (err)
		wire_free(wire);
	else
		*wirep = wire;
	return err;
}

void wire_free(struct wire *wire)
{
	if (!wire)
		return;
	if (wire->attached) {
		/* With output left, Destroy would wait 500 ms for an answer that only we could
		 * read; but a connection that the server has ended is just given up. */
		shutdown(wire->fd, SHUT_RDWR);
		for (int i = 0; i < 1000 && wire->attached; i++)
			natsConnection_ProcessReadEvent(wire->nc);
	}
	natsConnection_Destroy(wire->nc);
	natsStatistics_Destroy(wire->stats);
	free(wire);
}

void wire_read(struct wire *wire)
{
	if (wire->attached)
		natsConnection_ProcessReadEvent(wire->nc);
}

/*
 * has_room tells whether the socket takes what the library holds. It must be asked before: over TLS
 * the library (3.4.1) waits within its write event until the peer has made room, with its lock
 * held, be it for ever. The kernel counts its own overhead too, so half of its buffer is taken for
 * full; an empty one is always tried, as a message larger than the buffer finds no better moment.
 */
static bool has_room(const struct wire *wire)
{
	int n_held = natsConnection_Buffered(wire->nc);
	int n_unsent = 0, size = 0;
	socklen_t len = sizeof(size);

	if (ioctl(wire->fd, SIOCOUTQ, &n_unsent) < 0 || n_unsent == 0)
		return true;
	if (getsockopt(wire->fd, SOL_SOCKET, SO_SNDBUF, &size, &len) < 0)
		return true;
	return n_unsent + n_held <= size / 2;
}

void wire_write(struct wire *wire)
{
	bool wants = wire->attached && wire->wants_write;

	wire->stalled = wants && !has_room(wire);
	if (wants && !wire->stalled)
		natsConnection_ProcessWriteEvent(wire->nc);
}

uint64_t wire_fresh(struct wire *wire)
{
	uint64_t n_in = wire->n_seen;
	uint64_t n_fresh;

	if (natsConnection_GetStats(wire->nc, wire->stats) == NATS_OK)
		natsStatistics_GetCounts(wire->stats, &n_in, NULL, NULL, NULL, NULL);
	n_fresh = n_in - wire->n_seen;
	wire->n_seen = n_in;
	return n_fresh;
}
