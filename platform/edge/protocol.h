/*
 * protocol.h — the library's callbacks, handed on to the parts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_PROTOCOL_H
#define EDGE_PROTOCOL_H

#include "edge.h"
#include "pelago/err.h"

/* protocol_open makes the library's context and vhosts; nothing listens yet. */
enum pl_err protocol_open(struct edge *edge);

/* protocol_renew shows new connections a certificate that was renewed; reads files if it was. */
void protocol_renew(const struct edge *edge);

/* protocol_run runs the loop until protocol_stop is called within it. */
void protocol_run(struct edge *edge);
void protocol_stop(struct edge *edge);

/* protocol_close closes all connections; their ends are told. */
void protocol_close(struct edge *edge);

#endif
