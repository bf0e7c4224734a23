/*
 * replication.h — which configuration each node has applied (PLT-4, PLT-5).
 *
 * A node keeps its own copy and reports version and checksum of it; the manager knows what they
 * should be. A difference makes the node fetch all of it anew. Which version a node confirmed last,
 * and when, is kept, so it is known of a node that is gone, too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_REPLICATION_H
#define PELAGO_MANAGER_REPLICATION_H

#include "manager.h"

extern const char replication_tables[];		       /* a migration */
enum pl_err replication_rebuild(struct pl_turn *turn); /* after model_rebuild */
/* replication_checksum returns what a node should report; "" without memory. */
const char *replication_checksum(struct node *node);
/* replication_confirm notes what a report says; replication_beat stores it. */
void replication_confirm(struct node *node, const json_t *report);
void replication_beat(struct pl_turn *turn);
/* replication_state: "Synchronized", … (PLT-5). now_ms: wall clock. */
const char *replication_state(struct node *node, int64_t now_ms);

enum pl_err op_replication(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_resync(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_resync_all(struct pl_turn *turn, const json_t *body, json_t **replyp);

#endif
