/*
 * incident.h — tokens that can't go on: tried again by themselves with growing pauses, then left
 * for somebody who retries or skips them, or cancels the instance.
 *
 * Only instances without a contact have any: see step_effects in step.c. An element is tried as
 * often as its file says (retries, 3 if it doesn't); the last failure raises an alarm.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_INCIDENT_H
#define DESIGNER_INCIDENT_H

#include "step.h"

/* incident_stage keeps the incidents that the engine reported in this step. */
void incident_stage(struct pl_turn *turn, const struct instance *in);
/* incident_drop forgets those of an instance that ends. */
void incident_drop(struct pl_turn *turn, const struct instance *in);

/* incident_list returns those of an instance: [{token, element, code, reason, attempts, atMs}]. */
json_t *incident_list(struct pl_turn *turn, const char *id);

pl_timer_fn incident_on_retry;
pl_op_fn op_incidents, op_retry, op_skip, op_drop, op_cancel;

#endif
