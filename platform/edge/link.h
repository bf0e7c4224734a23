/*
 * link.h — the bus in the edge's loop: opened beside it, read by it, requests repeated by it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_LINK_H
#define EDGE_LINK_H

#include "edge.h"
#include "pelago/bus.h"
#include "request.h"

struct link;

/* Called when the bus is up, for the first time or again. */
typedef void link_up_fn(struct edge *edge);

/* link_new begins to open the bus, which takes as long as it takes. */
enum pl_err link_new(struct link **linkp, struct edge *edge, link_up_fn *on_up);
/* link_stop ends what waits for a time; from then on nothing is repeated. */
void link_stop(struct link *link);
void link_free(struct link *link);

/* link_poll takes the bus over once it is open. Called each tick. */
void link_poll(struct link *link);
bool link_is_up(const struct link *link);
/* link_bus returns NULL until the bus was open once. */
struct pl_bus *link_bus(const struct link *link);

/* link_ask is request_start; body is taken and dumped here (a reference is consumed). */
enum pl_err link_ask(struct request **requestp, struct link *link, const char *subject,
		     json_t *body, enum request_patience patience, request_fn *fn, void *arg);
/* link_on_idle has fn called each time that the bus's handlers have returned: subscriptions may be
 * freed there. */
void link_on_idle(struct link *link, void (*fn)(struct edge *edge));
/* link_flush sends what was published, at once or after the handlers that run. */
void link_flush(struct link *link);
unsigned link_waiting(const struct link *link);

/* link_readable is for the loop: the bus has something. */
void link_readable(struct link *link);

#endif
