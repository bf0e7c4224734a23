/*
 * edge.h — the parts of the running edge, and who calls whom.
 *
 *	lws ──► protocol ──► http ──► routing, auth, pages, answer
 *	             │        ├──► upload, download ──► transfer ──► link
 *	             │        └──► link ──► requests ──► bus
 *	             └─────► conn ──► call ──► link
 *	                       ▲       └──► directive ──► watch ──► link
 *	                       └───────────────────────────┘
 *
 * One thread does all of it; only opening the bus for the first time waits on another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_EDGE_H
#define EDGE_EDGE_H

#include <jansson.h>
#include <libwebsockets.h>
#include <stdbool.h>

#include "limit.h"
#include "options.h"

struct auth;
struct conn;
struct link;
struct pages;
struct peers;
struct routing;
struct upload;
struct uses;
struct watches;

struct edge {
	struct options options;
	struct limits limits;
	struct lws_context *context;
	struct lws_vhost *clients; /* connections from outside, with TLS and without */
	struct lws_vhost *files;   /* descriptors of ours */
	struct link *link;
	struct routing *routing;
	struct auth *auth;
	struct watches *watches;
	struct peers *peers;
	struct pages *pages;
	struct uses *uses;  /* of outside interfaces */
	json_t *origins;    /* array: whose pages may open WebSockets beside our own, or NULL */
	struct conn *conns; /* WebSockets */
	unsigned conns_count;
	struct upload *uploads;
	unsigned transfers; /* bodies on their way to and from the blob store */
	bool is_stopping;
	bool hands_over; /* another edge accepts connections: those that are here go there */
};

#endif
