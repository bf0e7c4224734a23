/*
 * starter.h — what starts workflows beside contacts: messages, signals, clocks and conditions.
 *
 * Only the latest deployed version of a workflow is started: its ways are rows of `starter`, made
 * anew when another version becomes the latest.
 *
 * A start by a clock is a durable timer, set again in the turn that starts: one start a due time,
 * whatever is killed. What was due while the service was away is started when it is back, each due
 * time once, but no more than the last CATCH_UP_MAX; what was due before the deployment isn't. The
 * instance is told its due time in the variable `due`.
 *
 * Conditions are asked over the environment: named values that are set from outside. A workflow is
 * started when its condition becomes true.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_STARTER_H
#define DESIGNER_STARTER_H

#include "designer.h"

enum { CATCH_UP_MAX = 200, CYCLE_LEAST_MS = 100 };

/* starter_problem tells why the i-th way to start a model can't be kept: a new string, or NULL;
 * past the last *is_last is set. */
json_t *starter_problem(const struct bpmn_model *model, size_t i, int64_t now_ms, bool *is_last);

/* starter_arm follows a change of what is deployed of a workflow. */
void starter_arm(struct pl_turn *turn, const char *workflow);

/*
 * starter_start starts what begins with a message or signal (kind) of that name: by a message one
 * workflow, by a signal at most `most`. Ids of instances are appended to started.
 */
void starter_start(struct pl_turn *turn, const char *kind, const char *name, const json_t *payload,
		   size_t most, json_t *started);

pl_timer_fn starter_on_timer;
pl_op_fn op_environment, op_set_environment;

#endif
