/*
 * upgrade.c — upgrades to WebSocket.
 *
 * Everything that the library would refuse with a page of its own, or by closing, is looked at
 * before it does. One thing isn't to be had: it refuses an Upgrade to neither websocket nor h2c
 * before it asks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "upgrade.h"

#include <stdio.h>

#include "answer.h"
#include "conn.h"
#include "handshake.h"
#include "head.h"
#include "http.h"
#include "metrics.h"
#include "origin.h"
#include "pelago/log.h"
#include "routing.h"
#include "tell.h"

struct asked { /* read from the request's head */
	char path[PATH_BYTES + 1], origin[512], host[256];
};

static void read_asked(struct asked *asked, struct lws *wsi)
{
	char *path = NULL;
	int len = 0;

	if (lws_http_get_uri_and_method(wsi, &path, &len) < 0 || len > PATH_BYTES)
		len = 0; /* refused */
	snprintf(asked->path, sizeof(asked->path), "%.*s", len, len ? path : "");
	http_head(wsi, WSI_TOKEN_ORIGIN, asked->origin, sizeof(asked->origin));
	http_head(wsi, WSI_TOKEN_HOST, asked->host, sizeof(asked->host));
}

/*
 * The library takes a request for HTTP/1.0 until its upgrade is decided on, so it can neither write
 * the head nor keep the connection. What the socket doesn't take at once it sends before it closes.
 */
static int refuse(struct answer *answer, struct lws *wsi, struct peer *peer,
		  const struct asked *asked)
{
	unsigned char *bytes = NULL;
	size_t len = answer_problem_bytes(&bytes, answer, peer, asked->host);
	int written = len ? lws_write(wsi, bytes, len, LWS_WRITE_HTTP_FINAL) : -1;

	answer_fini(answer);
	pl_metric_add(&edge_http_total, 1);
	return written < 0 ? -1 : 1;
}

static const struct handshake_fault *read_fault(struct lws *wsi)
{
	char upgrade[64], connection[256], version[16], key[64];
	struct handshake handshake = { .is_get = lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0,
				       .upgrade = upgrade,
				       .connection = connection,
				       .version = version,
				       .key = key,
				       .has_protocols =
					       lws_hdr_total_length(wsi, WSI_TOKEN_PROTOCOL) > 0 };

	http_head(wsi, WSI_TOKEN_UPGRADE, upgrade, sizeof(upgrade));
	http_head(wsi, WSI_TOKEN_CONNECTION, connection, sizeof(connection));
	http_head(wsi, WSI_TOKEN_VERSION, version, sizeof(version));
	http_head(wsi, WSI_TOKEN_KEY, key, sizeof(key));
	return handshake_fault(&handshake);
}

static void fill_fault(struct answer *answer, const struct handshake_fault *fault, const char *path)
{
	if (fault->status == 405)
		answer_header(answer, "Allow", "GET");
	if (fault->status == 426) {
		answer_header(answer, "Upgrade", "websocket");
		answer_header(answer, "Sec-WebSocket-Version", "13");
	}
	answer_problem(answer, fault->status, "badRequest", fault->detail, path);
}

static bool is_origin_good(const struct edge *edge, struct lws *wsi, const struct peer *peer,
			   const struct asked *asked)
{
	/* A header too long for its room reads as none: not that one. */
	return (asked->origin[0] || lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) <= 0) &&
	       origin_is_allowed(asked->origin, asked->host, peer->is_tls, edge->origins);
}

/* Leaves answer without a status if the upgrade may be. */
static void judge(struct answer *answer, struct edge *edge, struct lws *wsi, struct peer *peer,
		  const struct asked *asked)
{
	const struct routes *routes = routing_routes(edge->routing);
	const struct handshake_fault *fault = read_fault(wsi);
	unsigned wait_s;

	if (peer->is_excess)
		return answer_excess(answer, asked->path);
	if (edge->is_stopping || !routes)
		return answer_error(answer,
				    pl_fail(PL_UNAVAILABLE, "%s",
					    edge->is_stopping ? "stopping" : "no routes yet"),
				    asked->path);
	if (head_refuse(answer, wsi, peer, asked->path))
		return;
	if (!peer_take(edge, peer, LIMIT_HTTP, &wait_s))
		return answer_rate(answer, wait_s, asked->path);
	if (!routes_socket(routes, asked->path))
		return answer_error(answer,
				    pl_fail(PL_NOTFOUND, "there is no WebSocket at this path"),
				    asked->path);
	if (fault)
		return fill_fault(answer, fault, asked->path);
	if (is_origin_good(edge, wsi, peer, asked))
		return;
	pl_log(WARN, "edge.origin", NULL, "refused from=%s", peer->name);
	answer_error(answer, pl_fail(PL_FORBIDDEN, "pages of this origin may not open WebSockets"),
		     asked->path);
}

int upgrade_confirm(struct edge *edge, struct lws *wsi, struct peer *peer)
{
	struct answer answer;
	struct asked asked;

	answer_init(&answer);
	read_asked(&asked, wsi);
	judge(&answer, edge, wsi, peer, &asked);
	return answer.status ? refuse(&answer, wsi, peer, &asked) : 0;
}

int upgrade_begin(struct edge *edge, struct lws *wsi, struct peer *peer)
{
	char path[PATH_BYTES + 1];

	http_head(wsi, WSI_TOKEN_GET_URI, path, sizeof(path));
	if (!peer->conn)
		peer->conn = conn_new(edge, wsi, peer, path);
	if (!peer->conn)
		return -1;
	tell_client(&peer->conn->client, edge, wsi, peer);
	tell_use(edge, &peer->conn->client, "socket", path, NULL, "");
	return 0;
}
