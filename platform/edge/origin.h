/*
 * origin.h — which pages may open a WebSocket here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_ORIGIN_H
#define EDGE_ORIGIN_H

#include <jansson.h>
#include <stdbool.h>

/*
 * origin_is_allowed judges an Origin header (RFC 6454) against our own Host header.
 *
 *   origin   "" when there is none: not a browser, allowed
 *   allowed  array of other origins, "https://shop.example", or NULL
 */
bool origin_is_allowed(const char *origin, const char *host, bool is_tls, const json_t *allowed);

#endif
