/*
 * check_net.c — see check.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <netdb.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "check.h"

enum { CONNECT_MS = 3000 };

/* ---- names ---- */

static struct addrinfo *own_addresses(char host[256], char evidence[EVIDENCE])
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	int code;

	memset(host, 0, 256);
	gethostname(host, 255);
	code = getaddrinfo(host, NULL, &hints, &list);
	if (code)
		snprintf(evidence, EVIDENCE, "%s: %s", host, gai_strerror(code));
	return code ? NULL : list;
}

static void put_address(char text[64], const struct addrinfo *a)
{
	if (getnameinfo(a->ai_addr, a->ai_addrlen, text, 64, NULL, 0, NI_NUMERICHOST))
		snprintf(text, 64, "?");
}

bool check_dns(const struct check_facts *facts, char evidence[EVIDENCE])
{
	char host[256], address[64];
	struct addrinfo *list = own_addresses(host, evidence);

	(void)facts;
	if (!list)
		return false;
	put_address(address, list);
	snprintf(evidence, EVIDENCE, "%s is %s", host, address);
	freeaddrinfo(list);
	return true;
}

/* The name of an address must have that address among its own. */
static bool leads_back(const struct addrinfo *a, char name[256])
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_family = a->ai_family };
	struct addrinfo *list = NULL;
	bool found = false;

	if (getnameinfo(a->ai_addr, a->ai_addrlen, name, 256, NULL, 0, NI_NAMEREQD)) {
		snprintf(name, 256, "no name");
		return false;
	}
	if (getaddrinfo(name, NULL, &hints, &list))
		return false;
	for (const struct addrinfo *b = list; b; b = b->ai_next) {
		char one[64], other[64];

		put_address(one, a);
		put_address(other, b);
		found |= strcmp(one, other) == 0;
	}
	freeaddrinfo(list);
	return found;
}

bool check_reverse_dns(const struct check_facts *facts, char evidence[EVIDENCE])
{
	char host[256], name[256], address[64];
	struct addrinfo *list = own_addresses(host, evidence);
	bool ok = list != NULL;

	(void)facts;
	for (const struct addrinfo *a = list; a && ok; a = a->ai_next) {
		ok = leads_back(a, name);
		put_address(address, a);
		snprintf(evidence, EVIDENCE, "%s: %.250s%s", address, name,
			 ok ? "" : ", which doesn't lead back");
	}
	if (list)
		freeaddrinfo(list);
	return ok;
}

/* ---- ports ---- */

static int connect_to(const char *host, const char *port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const struct timeval limit = { .tv_sec = CONNECT_MS / 1000 };
	struct addrinfo *list = NULL;
	int fd = -1;

	if (getaddrinfo(host, port, &hints, &list))
		return -1;
	for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		if (fd < 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(list);
	return fd;
}

struct place {
	const char *what;
	char host[200], port[8];
	bool greets; /* the bus speaks first, then TLS begins */
	bool is_tls;
};

/* The bus, the first of its servers, and the edge beside us. */
static int places_of(struct place places[3], const struct check_facts *facts)
{
	int count = 0, port = 0;

	memset(places, 0, 3 * sizeof(places[0]));
	if (sscanf(facts->bus_url, "%*[a-z]://%199[^:,/]:%d", places[0].host, &port) == 2) {
		places[0].what = "bus";
		places[0].greets = true;
		places[0].is_tls = strncmp(facts->bus_url, "tls:", 4) == 0;
		snprintf(places[count++].port, 8, "%d", port);
	}
	if (facts->https_port) {
		places[count] =
			(struct place){ .what = "HTTPS", .host = "127.0.0.1", .is_tls = true };
		snprintf(places[count++].port, 8, "%d", facts->https_port);
	}
	if (facts->http_port) {
		places[count] = (struct place){ .what = "HTTP", .host = "127.0.0.1" };
		snprintf(places[count++].port, 8, "%d", facts->http_port);
	}
	return count;
}

static void add_place(char evidence[EVIDENCE], const struct place *place, const char *text)
{
	size_t len = strlen(evidence);

	snprintf(evidence + len, EVIDENCE - len, "%s%s %s:%s %s", len ? "; " : "", place->what,
		 place->host, place->port, text);
}

bool check_ports(const struct check_facts *facts, char evidence[EVIDENCE])
{
	struct place places[3];
	int count = places_of(places, facts);
	bool ok = count > 0;

	for (int i = 0; i < count; i++) {
		int fd = connect_to(places[i].host, places[i].port);

		add_place(evidence, &places[i], fd >= 0 ? "answers" : "doesn't answer");
		ok &= fd >= 0;
		if (fd >= 0)
			close(fd);
	}
	return ok;
}

/* ---- TLS ---- */

static bool skip_greeting(int fd)
{
	char c = 0;

	for (int i = 0; i < 4096 && c != '\n'; i++)
		if (recv(fd, &c, 1, 0) != 1)
			return false;
	return c == '\n';
}

/* Whether a handshake with versions from least to most succeeds. Who it is isn't looked at. */
static bool handshake(const struct place *place, int least, int most)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *ssl = NULL;
	int fd = connect_to(place->host, place->port);
	bool ok = false;

	if (context && fd >= 0 && (!place->greets || skip_greeting(fd))) {
		SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0"); /* else 1.1 isn't offered */
		SSL_CTX_set_min_proto_version(context, least);
		SSL_CTX_set_max_proto_version(context, most);
		ssl = SSL_new(context);
		if (ssl && SSL_set_fd(ssl, fd) == 1)
			ok = SSL_connect(ssl) == 1;
	}
	SSL_free(ssl);
	SSL_CTX_free(context);
	if (fd >= 0)
		close(fd);
	return ok;
}

bool check_tls(const struct check_facts *facts, char evidence[EVIDENCE])
{
	struct place places[3];
	int count = places_of(places, facts), looked = 0;
	bool ok = true;

	for (int i = 0; i < count; i++) {
		if (!places[i].is_tls)
			continue;
		looked++;
		if (!handshake(&places[i], TLS1_2_VERSION, 0)) {
			add_place(evidence, &places[i], "doesn't take TLS 1.2 or newer");
			ok = false;
		} else if (handshake(&places[i], TLS1_VERSION, TLS1_1_VERSION)) {
			add_place(evidence, &places[i], "takes TLS older than 1.2");
			ok = false;
		} else {
			add_place(evidence, &places[i], "takes 1.2 or newer only");
		}
	}
	return ok && looked > 0;
}
