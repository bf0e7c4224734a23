/*
 * instance.h — the state of a running process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_INSTANCE_H
#define BPMN_INSTANCE_H

#include "engines/bpmn/model.h"

/* BPMN_WAIT(name, text): what a token waits for; text in the state. */
#define BPMN_WAITS                                                                                 \
	BPMN_WAIT(NOTHING, "nothing") /* goes on within the present call */                        \
	BPMN_WAIT(TASK, "task")                                                                    \
	BPMN_WAIT(TIMER, "timer")                                                                  \
	BPMN_WAIT(FAILED, "failed") /* its failure ended the instance */

enum bpmn_wait {
#define BPMN_WAIT(name, text) BPMN_WAITS_##name,
	BPMN_WAITS
#undef BPMN_WAIT
		BPMN_WAIT_COUNT
};

struct bpmn_token {
	uint64_t id;
	unsigned node; /* place in the model */
	enum bpmn_wait waits;
};

struct bpmn_instance {
	const struct bpmn_model *model;
	json_t *variables; /* owned alone, down to its leaves */
	struct bpmn_token *tokens;
	size_t tokens_len, tokens_cap;
	uint64_t next_token;
	enum bpmn_status status;
	json_t *failure;
	bool is_started;
	bool is_broken; /* memory ran out in the middle of a call */
};

/* bpmn_map evaluates mappings over context and puts the values at their targets in *into. */
enum pl_err bpmn_map(json_t *into, const struct bpmn_mappings *mappings, const json_t *context,
		     unsigned long *feel_steps);

/* bpmn_eval evaluates within what is left of *feel_steps_spent. */
enum pl_err bpmn_eval(json_t **resultp, const struct feel_expr *expr, const json_t *context,
		      unsigned long *feel_steps_spent);

/* bpmn_copy is a deep copy, whole or NULL (json_deep_copy leaves out what finds no memory). */
json_t *bpmn_copy(const json_t *json);

/* bpmn_overlay returns context with the members of over in front: a new, shallow object. */
json_t *bpmn_overlay(const json_t *context, const json_t *over);

/* bpmn_merge copies the members of from (object, null or NULL) into into. */
enum pl_err bpmn_merge(json_t *into, const json_t *from);

#endif
