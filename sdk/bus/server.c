/*
 * server.c — connecting a wire: the server's INFO in clear, TLS, our CONNECT with the signed
 * challenge, and PING, whose PONG tells that the server took us.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wire.h"

#include <jansson.h>
#include <limits.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pelago/identity.h"
#include "pelago/log.h"
#include "pelago/nkey.h"
#include "pelago/version.h"

enum {
	INFO_MAX_BYTES = 64 * 1024,
	DEFAULT_MAX_PAYLOAD = 1024 * 1024,
};

#define DEFAULT_PORT "4222"

struct server {
	const struct pl_bus_options *options;
	char *url;
	char *host, *port; /* in one piece of memory, host's */
	SSL_CTX *tls;	   /* NULL: in clear */
	struct pl_identity identity;
};

/* take_apart finds host and port of scheme://[user@]host[:port]. */
static enum pl_err take_apart(struct server *server)
{
	const char *start = strstr(server->url, "://");
	char *end;

	start = start ? start + 3 : server->url;
	if (strchr(start, '@'))
		start = strchr(start, '@') + 1;
	server->port = (char *)DEFAULT_PORT;
	server->host = strdup(*start == '[' ? start + 1 : start);
	if (!server->host)
		return PL_NOMEM;
	end = server->host + strcspn(server->host, *start == '[' ? "]" : ":/");
	if (*start == '[' && *end)
		*end++ = '\0';
	if (*end == ':') {
		server->port = end + 1;
		server->port[strcspn(server->port, "/")] = '\0';
	}
	*end = '\0';
	if (!*server->host || !*server->port)
		return pl_fail(PL_INVALID, "%s: not tls://HOST:PORT", server->url);
	return PL_OK;
}

/* trust makes our authority the only one: those of the machine don't vouch for our bus. */
static enum pl_err trust(struct server *server, const char *ca_file)
{
	if (!ca_file)
		return pl_fail(PL_INVALID, "%s: TLS needs a file of authorities", server->url);
	server->tls = SSL_CTX_new(TLS_client_method());
	if (!server->tls)
		return PL_NOMEM;
	SSL_CTX_set_min_proto_version(server->tls, TLS1_2_VERSION);
	SSL_CTX_set_verify(server->tls, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(server->tls,
			 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(server->tls, 1); /* else each record takes two reads */
	if (!SSL_CTX_load_verify_locations(server->tls, ca_file, NULL))
		return pl_fail(PL_INVALID, "%s: no certificates that can be read", ca_file);
	return PL_OK;
}

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
	if (!server->url)
		goto out;
	err = take_apart(server);
	if (!err && strncmp(url, "tls://", 6) == 0)
		err = trust(server, options->ca_file);
	if (!err && server->tls && options->identity)
		err = pl_identity_show(&server->identity, server->tls, options->identity);
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
	SSL_CTX_free(server->tls);
	free(server->host);
	free(server->url);
	free(server);
}

/*
 * read_line waits for the next line and sets *linep, which the caller owns: free(). Its end is cut
 * off. Returns PL_UNAVAILABLE when none comes.
 */
static enum pl_err read_line(char **linep, struct wire *wire, const struct server *server,
			     int64_t until_ms)
{
	for (;;) {
		char *start = wire->in.data + wire->in.start, *room;
		size_t held = buffer_len(&wire->in);
		char *end = held ? memchr(start, '\n', held) : NULL;
		ssize_t n;

		if (end) {
			*linep = strndup(start, (size_t)(end - start));
			buffer_drop(&wire->in, (size_t)(end - start) + 1);
			if (!*linep)
				return PL_NOMEM;
			(*linep)[strcspn(*linep, "\r")] = '\0';
			return PL_OK;
		}
		if (held > INFO_MAX_BYTES)
			return pl_fail(PL_UNAVAILABLE, "%s: this is no bus", server->url);
		room = buffer_room(&wire->in, 4096);
		if (!room)
			return PL_NOMEM;
		n = stream_read(&wire->stream, room, 4096);
		if (n < 0)
			return pl_fail(PL_UNAVAILABLE, "%s: the server closed the connection",
				       server->url);
		wire->in.end += (size_t)n;
		if (n == 0 && !stream_wait(&wire->stream, POLLIN, until_ms))
			return pl_fail(PL_UNAVAILABLE, "%s: no answer in time", server->url);
	}
}

static enum pl_err send_all(struct wire *wire, const struct server *server, int64_t until_ms)
{
	for (;;) {
		wire_write(wire);
		if (!wire->attached)
			return pl_fail(PL_UNAVAILABLE, "%s: the server closed the connection",
				       server->url);
		if (!wire->stalled)
			return PL_OK;
		if (!stream_wait(&wire->stream, POLLOUT, until_ms))
			return pl_fail(PL_UNAVAILABLE, "%s: it doesn't read", server->url);
	}
}

/* read_info takes the server's greeting, INFO {…}. */
static enum pl_err read_info(json_t **infop, struct wire *wire, const struct server *server,
			     int64_t until_ms)
{
	json_int_t max_payload;
	char *line = NULL;
	enum pl_err err = read_line(&line, wire, server, until_ms);

	if (err)
		return err;
	*infop = strncmp(line, "INFO ", 5) == 0 ? json_loads(line + 5, 0, NULL) : NULL;
	free(line);
	if (!json_is_object(*infop))
		return pl_fail(PL_UNAVAILABLE, "%s: this is no bus", server->url);
	max_payload = json_integer_value(json_object_get(*infop, "max_payload"));
	wire->max_payload = max_payload > 0 ? (size_t)max_payload : DEFAULT_MAX_PAYLOAD;
	return PL_OK;
}

/* sign answers the challenge in info with our key, which is read anew each time. */
static enum pl_err sign(json_t *hello, const json_t *info, const char *seed_file)
{
	const char *nonce = json_string_value(json_object_get(info, "nonce"));
	char public_key[PL_NKEY_PUBLIC_SIZE];
	uint8_t signature[PL_NKEY_SIGNATURE_LEN];
	char text[sodium_base64_ENCODED_LEN(PL_NKEY_SIGNATURE_LEN,
					    sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
	enum pl_err err = pl_nkey_read_public(public_key, seed_file);

	if (err || !nonce) /* without a challenge the server wants no key */
		return err;
	err = pl_nkey_sign(signature, seed_file, nonce, strlen(nonce));
	if (err)
		return err;
	sodium_bin2base64(text, sizeof(text), signature, sizeof(signature),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	if (json_object_set_new(hello, "nkey", json_string(public_key)) ||
	    json_object_set_new(hello, "sig", json_string(text)))
		return PL_NOMEM;
	return PL_OK;
}

static enum pl_err add_connect(struct wire *wire, const struct server *server, const json_t *info)
{
	json_t *hello = json_pack(
		"{s:b s:b s:b s:b s:b s:b s:s s:s s:s s:i}", "verbose", 0, "pedantic", 0, "echo", 1,
		"headers", 1, "no_responders", 1, "tls_required", server->tls ? 1 : 0, "name",
		server->options->name, "lang", "c", "version", pl_version, "protocol", 1);
	char *text = NULL;
	enum pl_err err = hello ? PL_OK : PL_NOMEM;

	if (!err && server->options->seed_file)
		err = sign(hello, info, server->options->seed_file);
	if (!err)
		text = json_dumps(hello, JSON_COMPACT);
	if (!err && (!text || buffer_add(&wire->out, "CONNECT ", 8) ||
		     buffer_add(&wire->out, text, strlen(text)) ||
		     buffer_add(&wire->out, "\r\nPING\r\n", 8)))
		err = PL_NOMEM;
	free(text);
	json_decref(hello);
	return err;
}

/* wait_for_pong reads what the server says of our CONNECT. */
static enum pl_err wait_for_pong(struct wire *wire, const struct server *server, int64_t until_ms)
{
	enum pl_err err = PL_OK;
	bool is_welcome = false;

	while (!err && !is_welcome) {
		char *line = NULL;

		err = read_line(&line, wire, server, until_ms);
		if (err)
			break;
		is_welcome = strncmp(line, "PONG", 4) == 0;
		if (strncmp(line, "-ERR", 4) != 0)
			; /* +OK, INFO */
		else if (strstr(line, "Authorization") || strstr(line, "Authentication"))
			err = pl_fail(PL_UNAUTHORIZED, "%s refuses the key of %s: %s", server->url,
				      server->options->name, line);
		else
			err = pl_fail(PL_UNAVAILABLE, "%s: %s", server->url, line);
		free(line);
	}
	return err;
}

enum pl_err wire_connect(struct wire **wirep, struct server *server, int timeout_ms)
{
	int64_t until_ms = stream_now_ms() + timeout_ms;
	struct wire *wire = calloc(1, sizeof(*wire));
	json_t *info = NULL;
	enum pl_err err = PL_NOMEM;

	if (!wire)
		goto out;
	wire->stream.fd = -1;
	wire->attached = true;
	err = stream_connect(&wire->stream, server->host, server->port, until_ms);
	if (!err)
		err = read_info(&info, wire, server, until_ms);
	if (!err && server->tls && server->options->identity &&
	    pl_identity_show(&server->identity, server->tls, server->options->identity))
		pl_log(WARN, "bus.identity", NULL, "as before: %s", pl_err_detail(PL_INVALID));
	if (!err && server->tls)
		err = stream_secure(&wire->stream, server->tls, server->host, until_ms);
	if (!err)
		err = add_connect(wire, server, info);
	if (!err)
		err = send_all(wire, server, until_ms);
	if (!err)
		err = wait_for_pong(wire, server, until_ms);
out:
	json_decref(info);
	if (err)
		wire_free(wire);
	else
		*wirep = wire;
	return err;
}
