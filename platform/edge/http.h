/*
 * http.h — one HTTP request from its head to its answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_HTTP_H
#define EDGE_HTTP_H

#include <libwebsockets.h>
#include <stddef.h>

#include "answer.h"
#include "auth.h"
#include "edge.h"
#include "path.h"
#include "peer.h"
#include "route.h"
#include "use.h"

enum { HTTP_BODY_S = 20, HTTP_ANSWER_S = 40 };

struct http {
	struct edge *edge;
	struct lws *wsi;
	struct peer *peer;
	struct answer answer;
	char *path_text;
	struct path path;   /* borrows from path_text */
	enum method method; /* METHOD_COUNT: another */
	char host[256];
	/* Of a request for a service; made from the route, which may be replaced meanwhile. */
	char *subject;
	char *interface; /* path of the route */
	struct client client;
	json_t *body_json; /* of the bus's request */
	enum route_body body_kind;
	char *store;	     /* service that keeps a large body */
	char *authorization; /* waits for keys */
	char **roles;
	size_t roles_count;
	struct auth_wait *auth_wait;
	struct request *request;
	struct upload *upload;	   /* of a body for the blob store, or NULL */
	struct download *download; /* of an answer from it, or NULL */
	struct collect *collect;   /* of /metrics */
	char *body;
	size_t body_len, body_size;
	bool is_authorized, has_body, is_answering;
	bool answers_early; /* without waiting for all of the body */
	bool is_ending;	    /* its connection is closed */
	bool is_lingering;  /* answered; the rest of the body is read and thrown away */
	int64_t began_us, body_until_ms;
};

/* What the library calls; each returns its return value: -1 closes the connection. */
int http_begin(struct edge *edge, struct lws *wsi, struct peer *peer, const char *path, size_t len);
int http_body(struct http *http, const void *data, size_t len);
int http_body_end(struct http *http);
int http_writeable(struct http *http);
void http_free(struct http *http); /* takes NULL */

/* http_answer says that http->answer is filled in. */
void http_answer(struct http *http);

/* http_reply makes the answer of a service's reply, or of an error; http_refuse of a status. What
 * was on its way ends. */
void http_reply(struct http *http, enum pl_err err, json_t *reply);
void http_refuse(struct http *http, int status, const char *code, const char *detail);

/* http_authorization copies the Authorization header into http; false without memory. */
bool http_authorization(struct http *http);

/* http_head copies a header of the request; "" if it isn't there or is longer than size. */
void http_head(struct lws *wsi, enum lws_token_indexes token, char *value, size_t size);

#endif
