/*
 * lane.h — the frames of one connection that wait, so that those of one contact stay in order.
 *
 * A lane is a contact of a connection. It runs one item at a time; the others wait. Lanes exist
 * only while they run something.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_LANE_H
#define EDGE_LANE_H

#include <stdbool.h>
#include <stddef.h>

enum { LANE_ITEMS = 32, LANES_ITEMS = 64, LANES_RUNNING = 32, LANES_BYTES = 512 * 1024 };

struct lane;

/* Embedded in what waits; bytes is what it counts for. */
struct lane_item {
	struct lane_item *next;
	struct lane *lane;
	size_t bytes;
};

struct lanes {
	struct lane *first;
	unsigned running, waiting;
	size_t bytes;
	bool split; /* by key; else there is one lane for all */
	bool wants_split;
};

enum lane_verdict { LANE_RUN, LANE_WAIT, LANE_FULL };

/*
 * lanes_put gives an item to the lane of key: the caller runs it now (LANE_RUN), or gets it from
 * lanes_next later (LANE_WAIT), or keeps it (LANE_FULL: a bound is reached, or no memory).
 */
enum lane_verdict lanes_put(struct lanes *lanes, const char *key, struct lane_item *item);

/* lanes_next says that item, which ran, is answered; returns what is to run next in its lane, or
 * NULL. */
struct lane_item *lanes_next(struct lanes *lanes, struct lane_item *item);

/* lanes_pop takes out any item that waits; NULL when none does. For the end of a connection. */
struct lane_item *lanes_pop(struct lanes *lanes);
/* lanes_fini frees the lanes; what ran in them is the caller's. */
void lanes_fini(struct lanes *lanes);

/*
 * lanes_split lets each key have a lane of its own, as soon as nothing waits in the one for all:
 * until a connection has a session, what it says stays in one order.
 */
void lanes_split(struct lanes *lanes);

#endif
