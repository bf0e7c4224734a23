/*
 * protocol.c — what the library calls.
 *
 * The loop is libuv's, by the library's plugin: with its own poll() each event costs a look at
 * every connection, and 5,000 idle ones a twentieth of a core.
 *
 * HTTP/2 is not offered: WebSockets over it would share one socket among connections, and what
 * counts by socket (slow readers, limits) wouldn't hold.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "protocol.h"

#include <limits.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "conn.h"
#include "head.h"
#include "http.h"
#include "link.h"
#include "listener.h"
#include "pelago/identity.h"
#include "pelago/log.h"
#include "peer.h"
#include "takeover.h"
#include "upgrade.h"

enum {
	HEADS_MAX = 1024, /* requests that are read at once; others wait */
	HEAD_S = 10,
	KEEPALIVE_S = 30,
	RECEIVE_BYTES = 1024,
	SERVICE_BYTES = 16 * 1024,
	CLOSE_ROUNDS = 100,
};

static struct {
	uv_loop_t uv;
	uv_prepare_t round;
	bool is_uv, is_stopped;
} loop;

static struct edge *edge_of(struct lws *wsi)
{
	return lws_context_user(lws_get_context(wsi));
}

/* ---- connections ---- */

static void drop_conn(struct peer *peer)
{
	struct conn *conn = peer->conn;

	peer->conn = NULL;
	conn_free(conn);
}

static void on_destroy(struct lws *wsi, struct peer *peer)
{
	if (!peer)
		return;
	lws_set_opaque_user_data(wsi, NULL);
	drop_conn(peer);
	http_free(peer->http);
	peer_free(edge_of(wsi), peer);
}

static SSL_CTX *serving_tls; /* of the vhost that has TLS, which is one */
static struct pl_identity shown;

static int on_client(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		     size_t len)
{
	struct peer *peer;

	if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS) {
		/* An idle connection keeps no buffers. */
		SSL_CTX_set_mode(user, SSL_MODE_RELEASE_BUFFERS);
		SSL_CTX_set_min_proto_version(user, TLS1_2_VERSION);
		serving_tls = user; /* the library keeps it as long as the vhost */
		return 0;
	}
	peer = wsi ? lws_get_opaque_user_data(wsi) : NULL;
	if (!peer)
		return 0;
	switch (reason) {
	case LWS_CALLBACK_HTTP:
		return http_begin(edge_of(wsi), wsi, peer, in, len);
	case LWS_CALLBACK_HTTP_BODY:
		return peer->http ? http_body(peer->http, in, len) : -1;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return peer->http ? http_body_end(peer->http) : 0;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return peer->http ? http_writeable(peer->http) : 0;
	case LWS_CALLBACK_CLOSED_HTTP:
		http_free(peer->http);
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return upgrade_confirm(edge_of(wsi), wsi, peer);
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return upgrade_begin(edge_of(wsi), wsi, peer);
	case LWS_CALLBACK_RECEIVE:
		return peer->conn ? conn_receive(peer->conn, in, len) : -1;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return peer->conn ? conn_writeable(peer->conn) : -1;
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		return peer->conn && peer->conn->is_closing ? -1 : 0; /* it answers ours */
	case LWS_CALLBACK_CLOSED:
		drop_conn(peer);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		on_destroy(wsi, peer);
		return 0;
	default:
		return 0;
	}
}

/* ---- descriptors of ours ---- */

static int on_bus(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		  size_t len)
{
	if (reason == LWS_CALLBACK_RAW_RX_FILE)
		link_readable(edge_of(wsi)->link);
	return 0;
}

static int on_listener(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		       size_t len)
{
	struct listener *listener;

	if (reason != LWS_CALLBACK_RAW_RX_FILE)
		return 0;
	listener = lws_get_opaque_user_data(wsi);
	return listener ? listener_readable(listener) : -1; /* it is paused */
}

static int on_takeover(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		       size_t len)
{
	struct takeover *takeover = wsi ? lws_get_opaque_user_data(wsi) : NULL;

	return reason == LWS_CALLBACK_RAW_RX_FILE && takeover ? takeover_readable(takeover, wsi)
							      : 0;
}

/* ---- set-up ---- */

static const struct lws_protocols client_protocols[] = {
	{ "pelago", on_client, 0, RECEIVE_BYTES, 0, NULL, 0 },
	{ 0 },
};

static const struct lws_protocols file_protocols[] = {
	{ "none", lws_callback_http_dummy, 0, 0, 0, NULL, 0 },
	{ "bus", on_bus, 0, 0, 0, NULL, 0 },
	{ "listener", on_listener, 0, 0, 0, NULL, 0 },
	{ "takeover", on_takeover, 0, 0, 0, NULL, 0 },
	{ 0 },
};

static const lws_retry_bo_t idle_policy = { .secs_since_valid_ping = CONN_PING_S,
					    .secs_since_valid_hangup = CONN_DEAD_S };

static void on_library_log(int level, const char *line)
{
	size_t len = strcspn(line, "\n");

	if (level & LLL_ERR && !head_note(line))
		pl_log(ERROR, "edge.library", NULL, "%.*s", (int)len, line);
	else
		pl_log(DEBUG, "edge.library", NULL, "%.*s", (int)len, line);
}

static struct lws_vhost *make_vhost(struct edge *edge, const char *name, int port,
				    const struct lws_protocols *protocols, bool is_tls)
{
	struct lws_context_creation_info info = {
		.vhost_name = name,
		.port = port,
		.protocols = protocols,
		.keepalive_timeout = KEEPALIVE_S,
		.timeout_secs = HEAD_S,
		.timeout_secs_ah_idle = HEAD_S,
		.retry_and_idle_policy = &idle_policy,
		.alpn = "http/1.1",
		.user = edge,
		.options = LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME,
	};
	char certificate[PATH_MAX], key[PATH_MAX];

	if (is_tls) {
		snprintf(certificate, sizeof(certificate), "%s/tls/edge.pem", edge->options.data);
		snprintf(key, sizeof(key), "%s/tls/edge.key", edge->options.data);
		info.ssl_cert_filepath = certificate;
		info.ssl_private_key_filepath = key;
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_options_set = SSL_OP_NO_RENEGOTIATION;
	}
	return lws_create_vhost(edge->context, &info);
}

static struct lws_context *make_context(struct lws_context_creation_info *info)
{
	static void *loops[] = { &loop.uv };
	struct lws_context *context = NULL;

	if (uv_loop_init(&loop.uv) == 0) {
		loop.is_uv = true;
		info->foreign_loops = loops;
		info->options |= LWS_SERVER_OPTION_LIBUV;
		context = lws_create_context(info);
		if (context)
			return context;
		uv_loop_close(&loop.uv);
		loop.is_uv = false;
	}
	pl_log(WARN, "edge.start", NULL,
	       "package libwebsockets-evlib-uv is missing: many connections cost more");
	info->foreign_loops = NULL;
	info->options &= ~LWS_SERVER_OPTION_LIBUV;
	return lws_create_context(info);
}

enum pl_err protocol_open(struct edge *edge)
{
	struct lws_context_creation_info info = {
		.user = edge,
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
		.max_http_header_data2 = HEAD_ROOM,
		.token_limits = &head_limits,
		.max_http_header_pool = HEADS_MAX,
		.pt_serv_buf_size = SERVICE_BYTES,
		.timeout_secs = HEAD_S,
	};

	lws_set_log_level(LLL_ERR | LLL_WARN, on_library_log);
	edge->context = make_context(&info);
	if (!edge->context)
		return pl_fail(PL_UNAVAILABLE, "libwebsockets does not start");
	/*
	 * The library picks a connection's vhost anew by its port and Host header: one for all
	 * clients, and another "port" for ours, so that nobody is taken to the wrong one.
	 */
	edge->clients = make_vhost(edge, "clients", CONTEXT_PORT_NO_LISTEN_SERVER, client_protocols,
				   edge->options.https_port != 0);
	if (!edge->clients)
		return pl_fail(PL_INVALID, "cannot use the certificate %s/tls/edge.pem and its key",
			       edge->options.data);
	edge->files = make_vhost(edge, "files", CONTEXT_PORT_NO_LISTEN, file_protocols, false);
	return edge->files ? PL_OK : pl_fail(PL_UNAVAILABLE, "libwebsockets does not start");
}

/* Before the loop waits: what all connections asked in this round goes out at once. */
static void on_round(uv_prepare_t *round)
{
	link_flush(((struct edge *)round->data)->link);
}

void protocol_renew(const struct edge *edge)
{
	char path[PATH_MAX];

	if (!serving_tls)
		return;
	snprintf(path, sizeof(path), "%s/tls/edge", edge->options.data);
	if (pl_identity_show(&shown, serving_tls, path))
		pl_log(WARN, "edge.certificate", NULL, "as before: %s", pl_err_detail(PL_INVALID));
}

void protocol_run(struct edge *edge)
{
	if (loop.is_uv) {
		loop.round.data = edge;
		uv_prepare_init(&loop.uv, &loop.round);
		uv_prepare_start(&loop.round, on_round);
		uv_run(&loop.uv, UV_RUN_DEFAULT);
		uv_close((uv_handle_t *)&loop.round, NULL);
		return;
	}
	while (!loop.is_stopped && lws_service(edge->context, 0) >= 0)
		link_flush(edge->link);
}

void protocol_stop(struct edge *edge)
{
	loop.is_stopped = true;
	if (loop.is_uv)
		uv_stop(&loop.uv);
	else
		lws_cancel_service(edge->context);
}

void protocol_close(struct edge *edge)
{
	if (edge->context)
		lws_context_destroy(edge->context);
	edge->context = NULL;
	/* What was closed goes only in the loop's next rounds. */
	if (loop.is_uv) {
		for (int i = 0; i < CLOSE_ROUNDS && uv_run(&loop.uv, UV_RUN_NOWAIT); i++)
			;
		uv_loop_close(&loop.uv);
	}
}
