/*
 * routing.h — the routes in force: kept on disk, asked of the manager.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_ROUTING_H
#define EDGE_ROUTING_H

#include "edge.h"
#include "route.h"

struct routing;

/* routing_new takes the routes of the last run from DATA/edge/routes.json, if there are any. */
enum pl_err routing_new(struct routing **routingp, struct edge *edge);
void routing_free(struct routing *routing);

/* routing_ask asks the manager, unless a question is out. Called at each connection of the bus and
 * each 5 s. */
void routing_ask(struct routing *routing);
/* routing_up listens to ctl.config from the first connection on, and asks. */
void routing_up(struct routing *routing);

/* routing_routes returns NULL as long as no routes are known. */
const struct routes *routing_routes(const struct routing *routing);

#endif
