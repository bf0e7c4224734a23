/*
 * await.h — what instances wait for from others: messages, signals, called instances, people.
 *
 * A row of `awaited` is a token that waits. What goes from one instance to another is work: a
 * durable timer that is due at once, so each turn moves one instance, and a kill in between loses
 * nothing. A message goes to the one that has waited longest for its name and key; a signal to all
 * that waited when it was thrown, some of them a turn.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_AWAIT_H
#define DESIGNER_AWAIT_H

#include "step.h"

/* await_stage keeps what the engine reported in this step: who waits, and what was thrown. */
void await_stage(struct pl_turn *turn, const struct instance *in);
/* await_drop forgets that a token waits; token_id 0: all of the instance. What it has called is
 * cancelled. */
void await_drop(struct pl_turn *turn, const struct instance *in, int64_t token_id);
/* await_end tells the instance that called this one how it ended. */
void await_end(struct pl_turn *turn, const struct instance *in, const json_t *variables,
	       const json_t *failure);

pl_timer_fn await_on_work;
pl_op_fn op_publish, op_signal, op_complete, op_set_variables;

#endif
