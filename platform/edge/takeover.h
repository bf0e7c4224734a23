/*
 * takeover.h — one edge takes over from another on the same host, and no connection is refused.
 *
 * Each edge listens at DATA/edge/offer.sock (offer.2.sock: the second slot's). To one that
 * connects, a process of the same user, it gives its listening sockets (SCM_RIGHTS, unix(7)) with a
 * line that names their ports, "8443 8080". That one accepts connections beside it once it is
 * ready, and says "took": from then on the other one only looks after those that it has. Their
 * connection is a lease: if it breaks before the other one has ended, the other one accepts
 * connections again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_TAKEOVER_H
#define EDGE_TAKEOVER_H

#include <libwebsockets.h>

#include "edge.h"
#include "pelago/err.h"

enum { TAKEOVER_PORTS = 2 };

struct takeover;

struct takeover_events {
	void (*took)(void *arg);	    /* another edge accepts connections now */
	void (*lost)(void *arg);	    /* it is gone */
	int (*socket)(void *arg, size_t i); /* of ports[i], borrowed; -1: none now */
	void *arg;
};

/*
 * takeover_ask asks the edge of the other slot, if there is one, for its sockets; it answers within
 * a second or not at all. fds[i] is a socket of ports[i], close-on-exec, owned by the caller; -1:
 * it has none. PL_NOMEM.
 */
enum pl_err takeover_ask(struct takeover **takeoverp, const char *data, int slot,
			 const int ports[TAKEOVER_PORTS], int fds[TAKEOVER_PORTS]);
bool takeover_has_other(const struct takeover *takeover); /* one that hasn't been told yet */
void takeover_took(struct takeover *takeover);		  /* tells it */

/*
 * takeover_offer listens for the next one, in the loop of edge; events is copied. Without such an
 * offer the next edge can bind its ports only once this one has ended: PL_IO says why there is
 * none.
 */
enum pl_err takeover_offer(struct takeover *takeover, struct edge *edge,
			   const struct takeover_events *events);
void takeover_free(struct takeover *takeover); /* after the loop's end; takes NULL */

/* For the loop: the next one knocks, speaks or is gone. -1 to close it. */
int takeover_readable(struct takeover *takeover, struct lws *wsi);

#endif
