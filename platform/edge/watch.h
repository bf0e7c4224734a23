/*
 * watch.h — streams that connections watch: one subscription for all, one position a connection.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_WATCH_H
#define EDGE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "edge.h"
#include "pelago/err.h"

struct conn;
struct watches;

enum { WATCH_STREAMS_MAX = 200 }; /* of one connection */

enum pl_err watches_new(struct watches **watchesp, struct edge *edge);
void watches_free(struct watches *watches);

/* watches_listen: the bus is there, or back; what was pushed meanwhile may have been missed. */
enum pl_err watches_listen(struct watches *watches);

/*
 * watch_begin delivers to conn what comes in stream after number `after`, what is already there
 * included. One that it watches already goes on from the higher of both numbers. Frames whose type
 * is in except (a list of texts, borrowed; or NULL) aren't sent, but count.
 */
enum pl_err watch_begin(struct conn *conn, const char *stream, const char *service, int64_t after,
			json_t *except);
/* watch_has tells whether conn was given the frame of that number, or doesn't watch the stream. */
bool watch_has(const struct conn *conn, const char *stream, int64_t seq);
void watch_end(struct conn *conn, const char *stream);
/* watches_go_on fetches what had to wait because the connection was full. */
void watches_go_on(struct conn *conn);
/* watches_drop ends all of a connection. */
void watches_drop(struct conn *conn);

/* watches_compare asks all services for the heads of what is watched. */
void watches_compare(struct watches *watches);
/* watches_idle forgets streams that nobody watches; not from within the bus's handlers. */
void watches_idle(struct edge *edge);

unsigned watches_streams(const struct watches *watches);

#endif
