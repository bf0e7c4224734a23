/*
 * http.c — HTTP requests: to a service, to a page, or to the edge itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "cors.h"
#include "download.h"
#include "form.h"
#include "head.h"
#include "health.h"
#include "link.h"
#include "metrics.h"
#include "pages.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "routing.h"
#include "tell.h"
#include "upload.h"

enum { QUERY_MAX = 64, QUERY_PAIR_MAX = 2047, AUTHORIZATION_MAX = 8300, HEADER_MAX = 512 };

/* ---- life ---- */

static struct http *http_new(struct edge *edge, struct lws *wsi, struct peer *peer,
			     const char *path, size_t len)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http)
		return NULL;
	answer_init(&http->answer);
	http->path_text = strndup(path, len);
	if (!http->path_text) {
		free(http);
		return NULL;
	}
	http->edge = edge;
	http->wsi = wsi;
	http->peer = peer;
	http->began_us = lws_now_usecs();
	http_head(wsi, WSI_TOKEN_HOST, http->host, sizeof(http->host));
	peer->http = http;
	return http;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	http->peer->http = NULL;
	http->is_ending = true;
	auth_wait_cancel(http->edge->auth, http->auth_wait);
	request_cancel(http->request);
	upload_free(http->upload);
	download_free(http->download);
	collect_cancel(http->collect);
	answer_fini(&http->answer);
	json_decref(http->body_json);
	for (size_t i = 0; i < http->roles_count; i++)
		free(http->roles[i]);
	free(http->roles);
	free(http->authorization);
	free(http->subject);
	free(http->interface);
	free(http->store);
	free(http->path_text);
	free(http->body);
	free(http);
}

void http_head(struct lws *wsi, enum lws_token_indexes token, char *value, size_t size)
{
	if (lws_hdr_total_length(wsi, token) <= 0 || lws_hdr_copy(wsi, value, (int)size, token) < 0)
		value[0] = '\0';
}

/* ---- answering ---- */

/*
 * The answer goes out once the request's body is read, so that the next request begins where it
 * should. A large body isn't waited for; as its client may look for the answer only when all is
 * sent, the rest is still read for a while, and the connection ends.
 */
void http_answer(struct http *http)
{
	upload_end(http->upload);
	if (http->is_answering || (!http->has_body && !http->answers_early))
		return;
	http->is_answering = true;
	if (!http->has_body) {
		http->answer.closes = true;
		http->body_until_ms = clock_ms() + HTTP_BODY_S * 1000;
	}
	if (http->edge->is_stopping || http->edge->hands_over)
		http->answer.closes = true;
	lws_set_timeout(http->wsi, PENDING_TIMEOUT_HTTP_CONTENT, HTTP_ANSWER_S);
	lws_callback_on_writable(http->wsi);
}

static void refuse(struct http *http, enum pl_err err)
{
	answer_error(&http->answer, err, http->path_text);
	http_answer(http);
}

void http_refuse(struct http *http, int status, const char *code, const char *detail)
{
	answer_problem(&http->answer, status, code, detail, http->path_text);
	http_answer(http);
}

int http_writeable(struct http *http)
{
	struct lws *wsi = http->wsi;
	bool closes;
	int done;

	if (!http->is_answering || http->is_lingering)
		return 0;
	done = http->answer.is_download ? download_write(http->download)
					: answer_write(&http->answer, wsi, http->peer, http->host);
	if (done < 0)
		return -1;
	if (done != 1) {
		lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, HTTP_ANSWER_S);
		if (done == 0)
			lws_callback_on_writable(wsi);
		return 0;
	}
	pl_metric_add(&edge_http_total, 1);
	pl_metric_observe(&edge_http_duration, lws_now_usecs() - http->began_us);
	if (!http->has_body) {
		http->is_lingering = true;
		lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, HTTP_BODY_S);
		return 0;
	}
	closes = http->answer.closes;
	head_done(wsi, http->peer);
	http_free(http);
	return lws_http_transaction_completed(wsi) || closes ? -1 : 0;
}

/* ---- to a service ---- */

void http_reply(struct http *http, enum pl_err err, json_t *reply)
{
	const json_t *blob = json_object_get(reply, "blob");

	if (!err && blob)
		err = download_new(&http->download, http, blob);
	if (err)
		refuse(http, err);
	else if (!blob) {
		answer_reply(&http->answer, reply, http->path_text);
		http_answer(http);
	}
}

static void on_reply(enum pl_err err, json_t *reply, void *arg)
{
	struct http *http = arg;

	http->request = NULL;
	http_reply(http, err, reply);
}

static enum pl_err take_body(struct http *http)
{
	json_t *value = NULL;
	enum pl_err err = PL_OK;

	if (http->body_len == 0)
		value = json_null();
	else if (http->body_kind == BODY_FORM)
		err = form_parse(&value, http->body, http->body_len);
	else
		err = pl_json_parse(&value, http->body, http->body_len);
	if (!err)
		json_object_set_new(http->body_json, "body", value);
	free(http->body);
	http->body = NULL;
	return err;
}

/* A body for the blob store: what comes before the operation has been asked is held back. */
static enum pl_err begin_upload(struct http *http, int64_t length)
{
	char type[128];

	http_head(http->wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, type, sizeof(type));
	if (!utf8_is_valid(type, strlen(type)))
		type[0] = '\0';
	return upload_new(&http->upload, http, length, type);
}

/* Goes on once both the token is good and the body is there. */
static void ask_service(struct http *http)
{
	enum pl_err err;

	if ((!http->has_body && !http->upload) || !http->is_authorized || http->request ||
	    http->answer.status)
		return;
	tell_use(http->edge, &http->client, method_name(http->method), http->interface, NULL,
		 pl_json_get_text(http->body_json, "user.name"));
	if (http->upload) {
		upload_ask(http->upload);
		return;
	}
	if (http->body_kind == BODY_BLOB) {
		refuse(http, pl_fail(PL_INVALID, "the body is empty"));
		return;
	}
	err = take_body(http);
	if (!err)
		err = link_ask(&http->request, http->edge->link, http->subject,
			       json_incref(http->body_json), REQUEST_NORMAL, on_reply, http);
	if (err)
		refuse(http, err);
	else
		lws_set_timeout(http->wsi, PENDING_TIMEOUT_HTTP_CONTENT, HTTP_ANSWER_S);
}

static bool has_role(const struct http *http, const json_t *claims)
{
	const json_t *roles = json_object_get(claims, "roles"), *role;
	size_t i;

	if (!http->roles_count)
		return true;
	json_array_foreach(roles, i, role)
		for (size_t k = 0; k < http->roles_count; k++)
			if (json_is_string(role) &&
			    strcmp(json_string_value(role), http->roles[k]) == 0)
				return true;
	return false;
}

static void set_user(struct http *http, const json_t *claims)
{
	json_t *roles = json_object_get(claims, "roles");
	const char *sub = pl_json_get_text(claims, "sub"), *name = pl_json_get_text(claims, "name");

	json_object_set_new(http->body_json, "user",
			    json_pack("{s:s, s:s, s:o}", "sub", sub, "name", name[0] ? name : sub,
				      "roles", roles ? json_deep_copy(roles) : json_array()));
}

/* claims: NULL without a token */
static enum pl_err check_profile(const struct http *http, const json_t *claims)
{
	const struct caller caller = { pl_json_get_text(claims, "sub"),
				       pl_json_get_text(claims, "name"), http->peer->name };

	return routes_allow(routing_routes(http->edge->routing), &caller, http->subject);
}

static void on_keys(enum pl_err err, void *arg);

static void authorize(struct http *http, struct auth_wait **waitp)
{
	json_t *claims = NULL;
	enum pl_err err =
		auth_check(&claims, http->edge->auth, http->authorization, waitp, on_keys, http);

	if (err == PL_AGAIN)
		return;
	if (!err && !has_role(http, claims))
		err = pl_fail(PL_FORBIDDEN, "the user's roles do not allow this");
	if (!err)
		err = check_profile(http, claims);
	if (err) {
		refuse(http, err);
	} else {
		set_user(http, claims);
		http->is_authorized = true;
		ask_service(http);
	}
	json_decref(claims);
}

static void on_keys(enum pl_err err, void *arg)
{
	struct http *http = arg;

	http->auth_wait = NULL;
	if (err)
		refuse(http, err);
	else
		authorize(http, NULL);
}

/* ---- reading the head ---- */

static json_t *read_params(const struct route_match *match)
{
	json_t *params = json_object();
	char name[128];

	for (size_t i = 0; i < match->params; i++) {
		const struct segment *n = &match->names[i], *v = &match->values[i];

		snprintf(name, sizeof(name), "%.*s", (int)n->len, n->text);
		json_object_set_new(params, name, json_stringn(v->text, v->len));
	}
	return params;
}

/* A part without a name or a value says nothing; one that can't be handed on is refused. */
static enum pl_err read_query(json_t *query, struct lws *wsi)
{
	const enum lws_token_indexes args = WSI_TOKEN_HTTP_URI_ARGS;
	char pair[QUERY_PAIR_MAX + 1], *equals;
	int len;

	for (int i = 0;; i++) {
		len = lws_hdr_copy_fragment(wsi, pair, sizeof(pair), args, i);
		if (len < 0 && lws_hdr_fragment_length(wsi, args, i) > 0)
			return pl_fail(PL_INVALID, "query: a part is longer than %d bytes",
				       QUERY_PAIR_MAX);
		if (len < 0)
			return PL_OK;
		if (i == QUERY_MAX)
			return pl_fail(PL_INVALID, "query: more than %d parts", QUERY_MAX);
		if (!utf8_is_valid(pair, (size_t)len))
			return pl_fail(PL_INVALID, "query: not UTF-8");
		equals = memchr(pair, '=', (size_t)len);
		if (!equals || equals == pair)
			continue;
		*equals = '\0';
		if (json_object_set_new(query, pair, json_string(equals + 1)) != 0)
			return PL_NOMEM;
	}
}

/* What the route wants to know of the head; a header that isn't there is left out. */
static enum pl_err read_headers(struct http *http, const struct http_route *route)
{
	json_t *headers = route->headers_count ? json_object() : NULL;
	char name[ROUTE_HEADER_MAX + 2], value[HEADER_MAX + 1];

	if (!headers)
		return PL_OK;
	json_object_set_new(http->body_json, "headers", headers);
	for (size_t i = 0; i < route->headers_count; i++) {
		int len = snprintf(name, sizeof(name), "%s:", route->headers[i]);
		int value_len = lws_hdr_custom_length(http->wsi, name, len);

		if (value_len < 0)
			continue;
		if (value_len > HEADER_MAX ||
		    lws_hdr_custom_copy(http->wsi, value, sizeof(value), name, len) < 0 ||
		    !utf8_is_valid(value, strlen(value)))
			return pl_fail(PL_INVALID, "header %s: not UTF-8 of at most %d bytes",
				       route->headers[i], HEADER_MAX);
		json_object_set_new(headers, route->headers[i], json_string(value));
	}
	return PL_OK;
}

static const char *type_wanted(enum route_body kind)
{
	return kind == BODY_FORM ? "application/x-www-form-urlencoded" : "application/json";
}

static bool is_type(struct lws *wsi, enum route_body kind)
{
	char type[256];
	const char *wanted = type_wanted(kind);
	size_t len = strlen(wanted);

	http_head(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, type, sizeof(type));
	return strncasecmp(type, wanted, len) == 0 && strchr("; \t", type[len]);
}

/* The body's length; -1: more than one, or no number. */
static int64_t read_length(struct lws *wsi)
{
	char text[32], *end;
	int64_t length;

	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0)
		return 0;
	http_head(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof(text));
	if (lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, 1) > 0 || !text[0] ||
	    text[strspn(text, "0123456789")])
		return -1;
	length = strtoll(text, &end, 10);
	return length;
}

static bool copy_route(struct http *http, const struct http_route *route)
{
	http->subject = strdup(route->subject);
	http->interface = strdup(route->path_text);
	http->store = strdup(route->store);
	http->roles = calloc(ROUTE_ROLES, sizeof(*http->roles));
	if (!http->subject || !http->interface || !http->store || !http->roles)
		return false;
	for (size_t i = 0; i < route->roles_count; i++) {
		http->roles[i] = strdup(route->roles[i]);
		if (!http->roles[i])
			return false;
		http->roles_count = i + 1;
	}
	http->body_kind = route->body;
	http->is_authorized = !route->bearer ||
			      (route->optional &&
			       lws_hdr_total_length(http->wsi, WSI_TOKEN_HTTP_AUTHORIZATION) <= 0);
	return true;
}

bool http_authorization(struct http *http)
{
	http->authorization = calloc(1, AUTHORIZATION_MAX);
	if (!http->authorization)
		return false;
	http_head(http->wsi, WSI_TOKEN_HTTP_AUTHORIZATION, http->authorization, AUTHORIZATION_MAX);
	return true;
}

static void refuse_rate(struct http *http, unsigned wait_s)
{
	answer_rate(&http->answer, wait_s, http->path_text);
	http_answer(http);
}

static void begin_service(struct http *http, const struct route_match *match, int64_t length)
{
	const struct http_route *route = match->route;
	char origin[256];
	json_t *query;
	unsigned wait_s;
	enum pl_err err;

	cors_allow(http, route);
	if (route->rate != LIMIT_HTTP && !peer_take(http->edge, http->peer, route->rate, &wait_s)) {
		refuse_rate(http, wait_s);
		return;
	}
	if (length > 0 && route->body == BODY_NONE)
		return refuse(http, pl_fail(PL_INVALID, "this takes no body"));
	if (length > (int64_t)route->body_max)
		return refuse(http, pl_fail(PL_TOOLARGE, "the body has at most %zu bytes",
					    route->body_max));
	if (length > 0 && route->body != BODY_BLOB && !is_type(http->wsi, route->body))
		return http_refuse(http, 415, "badRequest", type_wanted(route->body));
	if (!copy_route(http, route))
		return refuse(http, PL_NOMEM);
	tell_client(&http->client, http->edge, http->wsi, http->peer);
	query = json_object();
	err = read_query(query, http->wsi);
	if (err) {
		json_decref(query);
		return refuse(http, err);
	}
	http_head(http->wsi, WSI_TOKEN_ORIGIN, origin, sizeof(origin));
	http->body_json = json_pack("{s:i, s:s, s:o, s:o, s:n, s:n, s:s, s:s*}", "v", 1, "method",
				    method_name(route->method), "path", read_params(match), "query",
				    query, "body", "user", "from", http->peer->name, "origin",
				    origin[0] ? origin : NULL);
	if (!http->body_json)
		return refuse(http, PL_NOMEM);
	err = read_headers(http, route);
	if (!err && route->body == BODY_BLOB && length > 0)
		err = begin_upload(http, length);
	if (err)
		return refuse(http, err);
	if (http->is_authorized) {
		err = check_profile(http, NULL);
		if (err)
			refuse(http, err);
		else
			ask_service(http);
	} else if (http_authorization(http)) {
		authorize(http, &http->auth_wait);
	} else {
		refuse(http, PL_NOMEM);
	}
}

static void begin_page(struct http *http)
{
	char match[1024], encoding[256];
	struct page_request page = { .path = &http->path,
				     .text = http->path_text,
				     .if_none_match = match };

	http_head(http->wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, match, sizeof(match));
	http_head(http->wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, encoding, sizeof(encoding));
	page.takes_gzip = strstr(encoding, "gzip") && !strstr(encoding, "gzip;q=0");
	pages_answer(http->edge->pages, &http->answer, &page);
	http_answer(http);
}

static void refuse_method(struct http *http, unsigned allowed)
{
	char text[64] = "";
	size_t len = 0;

	for (int m = 0; m < METHOD_COUNT; m++)
		if (allowed & (1U << m))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
						len ? ", " : "", method_name((enum method)m));
	answer_header(&http->answer, "Allow", text);
	http_refuse(http, 405, "badRequest", text);
}

static void refuse_plain(struct http *http)
{
	answer_header(&http->answer, "Upgrade", "websocket");
	answer_header(&http->answer, "Connection", "Upgrade");
	http_refuse(http, 426, "badRequest", "this path is a WebSocket's");
}

static void begin_path(struct http *http, int64_t length)
{
	struct route_match match;

	routes_match(&match, routing_routes(http->edge->routing), http->method, &http->path);
	if (http->answers_early && !(match.route && match.route->body == BODY_BLOB))
		refuse(http, pl_fail(PL_TOOLARGE, "bodies have at most 256 KiB"));
	else if ((http->method == METHOD_GET && health_begin(http)) || cors_begin(http))
		return;
	else if (match.route)
		begin_service(http, &match, length);
	else if (match.allowed)
		refuse_method(http, match.allowed);
	else if (http->method == METHOD_GET &&
		 routes_socket(routing_routes(http->edge->routing), http->path_text))
		refuse_plain(http);
	else if (http->method == METHOD_GET)
		begin_page(http);
	else
		refuse_method(http, 1U << METHOD_GET);
}

static enum method read_method(struct http *http)
{
	static const struct {
		enum lws_token_indexes token;
		enum method method;
	} rows[] = {
		{ WSI_TOKEN_GET_URI, METHOD_GET },	 { WSI_TOKEN_POST_URI, METHOD_POST },
		{ WSI_TOKEN_PUT_URI, METHOD_PUT },	 { WSI_TOKEN_PATCH_URI, METHOD_PATCH },
		{ WSI_TOKEN_DELETE_URI, METHOD_DELETE },
	};

	if (lws_hdr_total_length(http->wsi, WSI_TOKEN_HEAD_URI) > 0) {
		http->answer.is_head = true;
		return METHOD_GET;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (lws_hdr_total_length(http->wsi, rows[i].token) > 0)
			return rows[i].method;
	return METHOD_COUNT;
}

/* A body that we won't read: the answer goes at once, and the connection with it. */
static void refuse_unread(struct http *http, int status, const char *detail)
{
	http->has_body = true;
	http->answer.closes = true;
	http_refuse(http, status, "badRequest", detail);
}

static void begin(struct http *http, int64_t length)
{
	unsigned wait_s;

	if (lws_hdr_total_length(http->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
		refuse_unread(http, 411, "send a Content-Length instead of chunks");
	else if (length < 0)
		refuse_unread(http, 400, "Content-Length is not one number");
	else if (!peer_take(http->edge, http->peer, LIMIT_HTTP, &wait_s))
		refuse_rate(http, wait_s);
	else if (!path_split(&http->path, http->path_text, strlen(http->path_text)))
		refuse(http, pl_fail(PL_INVALID, "the path is malformed"));
	else
		begin_path(http, length);
}

int http_begin(struct edge *edge, struct lws *wsi, struct peer *peer, const char *path, size_t len)
{
	struct http *http;
	int64_t length = read_length(wsi);

	http_free(peer->http);
	http = http_new(edge, wsi, peer, path, len);
	if (!http)
		return -1;
	http->method = read_method(http);
	http->has_body = length == 0;
	http->answers_early = length > ROUTE_BODY_MAX;
	http->body_until_ms = clock_ms() + HTTP_BODY_S * 1000;
	if (!peer->is_excess && !head_refuse(&http->answer, wsi, peer, http->path_text)) {
		begin(http, length);
		return 0;
	}
	http->has_body = true; /* which we won't read: the connection ends with the answer */
	if (peer->is_excess)
		answer_excess(&http->answer, http->path_text);
	http_answer(http);
	return 0;
}

/* ---- reading the body ---- */

int http_body(struct http *http, const void *data, size_t len)
{
	size_t whole = http->body_len + len, size = http->body_size ? http->body_size : 1024;
	char *body;

	if (http->upload && !http->answer.status)
		return upload_body(http->upload, data, len);
	/* Pieces that trickle in don't prolong it. */
	if (clock_ms() > http->body_until_ms || (whole > ROUTE_BODY_MAX && !http->answers_early))
		return -1;
	if (http->answer.status) {
		http->body_len = whole;
		return 0;
	}
	while (size < whole)
		size *= 2;
	if (size > http->body_size) {
		body = realloc(http->body, size);
		if (!body)
			return -1;
		http->body = body;
		http->body_size = size;
	}
	if (len > 0) /* an empty body comes as NULL */
		memcpy(http->body + http->body_len, data, len);
	http->body_len = whole;
	return 0;
}

int http_body_end(struct http *http)
{
	if (http->has_body)
		return 0;
	if (http->is_lingering)
		return -1;
	http->has_body = true;
	if (http->answer.status)
		http_answer(http);
	else
		ask_service(http);
	return 0;
}
