/*
 * cors.c — see cors.h (Fetch, §3.2 "CORS protocol").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cors.h"

#include <stdio.h>
#include <string.h>

#include "http.h"
#include "origin.h"
#include "routing.h"

enum { HEADERS_BYTES = 512 };

/* The Origin of a page that we know; false for none, which needs no leave, and for others. */
static bool read_origin(const struct http *http, char *origin, size_t size)
{
	http_head(http->wsi, WSI_TOKEN_ORIGIN, origin, size);
	return origin[0] &&
	       origin_is_allowed(origin, http->host, http->peer->is_tls, http->edge->origins);
}

void cors_allow(struct http *http, const struct http_route *route)
{
	char origin[256];

	if (!route->cors)
		return;
	answer_header(&http->answer, "Vary", "Origin");
	if (!read_origin(http, origin, sizeof(origin)))
		return;
	answer_header(&http->answer, "Access-Control-Allow-Origin", origin);
	answer_header(&http->answer, "Access-Control-Expose-Headers",
		      "Content-Disposition, Retry-After");
	http->answer.is_shared = true;
}

/* What the route takes beside what any page may send. */
static void list_headers(char text[HEADERS_BYTES], const struct http_route *route)
{
	size_t len = (size_t)snprintf(text, HEADERS_BYTES, "content-type");

	if (route->bearer)
		len += (size_t)snprintf(text + len, HEADERS_BYTES - len, ", authorization");
	for (size_t i = 0; i < route->headers_count; i++)
		len += (size_t)snprintf(text + len, HEADERS_BYTES - len, ", %s", route->headers[i]);
}

bool cors_begin(struct http *http)
{
	char method[16], origin[256], headers[HEADERS_BYTES];
	struct route_match match;

	if (lws_hdr_total_length(http->wsi, WSI_TOKEN_OPTIONS_URI) <= 0 ||
	    !read_origin(http, origin, sizeof(origin)) ||
	    lws_hdr_custom_copy(http->wsi, method, sizeof(method),
				"access-control-request-method:", 30) < 0)
		return false;
	routes_match(&match, routing_routes(http->edge->routing), method_from(method), &http->path);
	if (!match.route || !match.route->cors)
		return false;
	list_headers(headers, match.route);
	cors_allow(http, match.route);
	answer_header(&http->answer, "Access-Control-Allow-Methods", method);
	answer_header(&http->answer, "Access-Control-Allow-Headers", headers);
	answer_header(&http->answer, "Access-Control-Max-Age", "600");
	answer_text(&http->answer, 204, NULL, "");
	http_answer(http);
	return true;
}
