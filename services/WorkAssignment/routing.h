/*
 * routing.h — routing services as UCAStoreService defines them: hours, steps, overflow, priority.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ROUTING_H
#define ROUTING_H

#include "pelago/service.h"

/* routing_find returns a service's definition, or NULL: nothing is said of it. Borrowed until the
 * next event. */
const json_t *routing_find(const char *service);
pl_event_fn on_service_set;
enum pl_err routing_load(struct pl_turn *turn);
pl_op_fn op_hours;

#endif
