/*
 * tell.h — who uses which outside interface (use.h): seen here, told to the manager.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_TELL_H
#define EDGE_TELL_H

#include "edge.h"
#include "peer.h"
#include "use.h"

/* tell_client tells who sends a request, by its head. */
void tell_client(struct client *client, const struct edge *edge, struct lws *wsi,
		 const struct peer *peer);
/* tell_use notes what a client uses: three words, as use.h has them; type may be NULL. */
void tell_use(const struct edge *edge, const struct client *client, const char *what,
	      const char *path, const char *type, const char *user);
/* tell_uses tells the manager what it doesn't know yet. Called each few seconds. */
void tell_uses(struct edge *edge);

#endif
