/*
 * upgrade.h — requests that would become a WebSocket: let through, or answered like any other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_UPGRADE_H
#define EDGE_UPGRADE_H

#include <libwebsockets.h>

#include "edge.h"
#include "peer.h"

/*
 * upgrade_confirm decides on an upgrade and answers a refused one with a problem document, which
 * ends the connection. Returns what LWS_CALLBACK_HTTP_CONFIRM_UPGRADE does: 0 to go on, 1 answered,
 * -1 broken, close.
 */
int upgrade_confirm(struct edge *edge, struct lws *wsi, struct peer *peer);

/* upgrade_begin makes the connection of one that was let through; -1: close. */
int upgrade_begin(struct edge *edge, struct lws *wsi, struct peer *peer);

#endif
