/*
 * cors.h — pages of other origins that call routes of ours: those that may open WebSockets here
 * (origin.h), and only routes that say so ("cors" in a manifest).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_CORS_H
#define EDGE_CORS_H

#include <stdbool.h>

struct http;
struct http_route;

/* cors_allow tells the browser that the page which asked may read the answer, if it may. */
void cors_allow(struct http *http, const struct http_route *route);

/* cors_begin answers a preflight (an OPTIONS request of a browser); false if http isn't one that
 * may be allowed. */
bool cors_begin(struct http *http);

#endif
