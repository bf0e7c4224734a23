/*
 * eventing.h — brokers, streams and their readers, as a node sees them now (PLT-31).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_EVENTING_H
#define PELAGO_MANAGER_EVENTING_H

#include "manager.h"

extern const char eventing_tables[]; /* a migration */

enum pl_err op_brokers(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_destinations(struct pl_turn *turn, const json_t *body, json_t **replyp);

/* eventing_version returns the version of the broker that was seen last, "" before the first. */
const char *eventing_version(void);
/* eventing_beat has a node look at the bus now and then, so that it is known. */
void eventing_beat(struct pl_turn *turn);

#endif
