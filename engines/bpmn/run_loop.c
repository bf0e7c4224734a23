/*
 * run_loop.c — standard loops and multi-instance activities.
 *
 * A frame stands for the whole, with the boundary events; one within for each instance, with its
 * loopCounter (from 1) and element. Conditions and outputs are evaluated where an instance ends,
 * over its own variables.
 *
 * Source: BPMN 2.0.2 §10.3.6, §13.3.6, §13.3.7; collections as Zeebe has them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "engines/bpmn/variables.h"

enum { INSTANCES_MAX = 100000 };

bool run_is_instance(const struct run *run, unsigned frame)
{
	const struct bpmn_frame *at = &run->inst->frames[frame];

	return at->parent >= 0 && run->inst->frames[at->parent].kind == BPMN_FRAME_LOOP &&
	       run->inst->frames[at->parent].node == at->node && at->kind != BPMN_FRAME_LOOP;
}

/* ---- the beginning ---- */

/* How many, and of what: items is an array, or NULL of a cardinality. */
static enum pl_err measure(struct run *run, const struct bpmn_token *token, unsigned *totalp,
			   json_t **itemsp)
{
	const struct bpmn_loop_part *loop = &run_node(run, token->node)->loop;
	json_t *value = NULL;
	json_int_t total;
	enum pl_err err;

	*itemsp = NULL;
	*totalp = 1;
	if (loop->kind == BPMN_LOOP_STANDARD)
		return PL_OK;
	err = bpmn_eval_in(run, &value, loop->collection ? loop->collection : loop->cardinality,
			   token->frame);
	if (err)
		return err;
	if (loop->collection ? !json_is_array(value) : !json_is_integer(value)) {
		json_decref(value);
		return pl_fail(PL_INVALID, loop->collection ? "the input collection is no list"
							    : "the cardinality is no whole number");
	}
	total = loop->collection ? (json_int_t)json_array_size(value) : json_integer_value(value);
	if (loop->collection)
		*itemsp = value;
	else
		json_decref(value);
	if (total >= 0 && total <= INSTANCES_MAX) {
		*totalp = (unsigned)total;
		return PL_OK;
	}
	json_decref(*itemsp);
	*itemsp = NULL;
	return pl_fail(PL_INVALID, "%lld instances are not between 0 and %d", (long long)total,
		       INSTANCES_MAX);
}

static json_t *nulls(unsigned len)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < len; i++)
		if (json_array_append_new(array, json_null())) {
			json_decref(array);
			return NULL;
		}
	return array;
}

/* One more instance: its frame, and the token that begins it. */
static enum pl_err start_one(struct run *run, unsigned frame)
{
	struct bpmn_instance *inst = run->inst;
	unsigned place = inst->frames[frame].node, index = inst->frames[frame].loop->started++;
	const struct bpmn_node *node = run_node(run, place);
	struct bpmn_token *token;
	json_t *items = inst->frames[frame].loop->items;
	int within;
	enum pl_err err = run_frame(run, &within,
				    node->kind == BPMN_SUB ? BPMN_FRAME_SUB : BPMN_FRAME_ACTIVITY,
				    frame, place);

	if (within < 0)
		return err;
	inst->frames[within].index = index;
	err = bpmn_set_local(inst, (unsigned)within, "loopCounter",
			     json_integer((json_int_t)index + 1));
	if (!err && node->loop.element && items)
		err = bpmn_set_local(inst, (unsigned)within, node->loop.element,
				     json_incref(json_array_get(items, index)));
	if (!err && node->loop.output_name) /* so that the instances don't share one */
		err = bpmn_set_local(inst, (unsigned)within, node->loop.output_name, json_null());
	return err ? err : run_add(run, &token, place, (unsigned)within, false);
}

static enum pl_err start_all(struct run *run, unsigned frame)
{
	struct bpmn_loop *loop = run->inst->frames[frame].loop;
	bool is_parallel =
		run_node(run, run->inst->frames[frame].node)->loop.kind == BPMN_LOOP_PARALLEL;
	enum pl_err err = PL_OK;

	do {
		err = start_one(run, frame);
	} while (!err && is_parallel && run->inst->status == BPMN_RUNNING &&
		 loop->started < loop->total);
	if (is_parallel) {
		json_decref(loop->items);
		loop->items = NULL;
	}
	return err;
}

static enum pl_err end_loop(struct run *run, unsigned frame)
{
	struct bpmn_instance *inst = run->inst;
	unsigned place = inst->frames[frame].node, parent = (unsigned)inst->frames[frame].parent;
	json_t *output = json_incref(inst->frames[frame].loop->output);
	enum pl_err err = PL_OK;

	run_discard(run, frame);
	if (output)
		err = bpmn_set(inst, parent, run_node(run, place)->loop.output_collection, output);
	return err ? err : run_pass_on(run, place, parent);
}

/* A standard loop that tests before may not run at all. */
static enum pl_err is_wanted(struct run *run, bool *wantedp, const struct bpmn_token *token)
{
	const struct bpmn_loop_part *loop = &run_node(run, token->node)->loop;
	json_t *value = NULL;
	enum pl_err err;

	*wantedp = true;
	if (loop->kind != BPMN_LOOP_STANDARD || !loop->test_before || !loop->condition)
		return PL_OK;
	err = bpmn_eval_in(run, &value, loop->condition, token->frame);
	*wantedp = json_is_true(value);
	json_decref(value);
	return err;
}

static enum pl_err make_loop(struct run *run, const struct bpmn_token *token, unsigned frame,
			     unsigned total, json_t *items)
{
	const struct bpmn_node *node = run_node(run, token->node);
	struct bpmn_loop *loop = calloc(1, sizeof(*loop));

	if (!loop) {
		json_decref(items);
		return PL_NOMEM;
	}
	run->inst->frames[frame].loop = loop;
	loop->total = total;
	loop->items = items;
	loop->output = node->loop.output ? nulls(total) : NULL;
	if (node->loop.output && !loop->output)
		return PL_NOMEM;
	return run_subscribe_boundaries(run, token->node, frame);
}

enum pl_err run_loop(struct run *run, struct bpmn_token token)
{
	json_t *items = NULL;
	unsigned total = 0;
	bool is_wanted_once;
	int frame;
	enum pl_err err = is_wanted(run, &is_wanted_once, &token);

	if (!err)
		err = measure(run, &token, &total, &items);
	if (err)
		return run_fail_by(run, token.id, err, "loop", "loop");
	err = run_frame(run, &frame, BPMN_FRAME_LOOP, token.frame, token.node);
	if (frame < 0) {
		json_decref(items);
		return err;
	}
	err = make_loop(run, &token, (unsigned)frame, total, items);
	if (err) {
		run_discard(run, (unsigned)frame);
		return run_fail_by(run, token.id, err, "event", "boundary event");
	}
	bpmn_token_remove(run->inst, bpmn_token_find(run->inst, token.id));
	return total && is_wanted_once ? start_all(run, (unsigned)frame)
				       : end_loop(run, (unsigned)frame);
}

/* ---- the end of an instance ---- */

/* What conditions see beside the instance's own variables. */
static json_t *counters(const struct run *run, unsigned frame)
{
	const struct bpmn_frame *at = &run->inst->frames[run->inst->frames[frame].parent];

	return json_pack("{s:I, s:I, s:I, s:i}", "numberOfInstances", (json_int_t)at->loop->total,
			 "numberOfActiveInstances", (json_int_t)at->live - 1,
			 "numberOfCompletedInstances", (json_int_t)at->loop->done + 1,
			 "numberOfTerminatedInstances", 0);
}

static enum pl_err ask_condition(struct run *run, bool *truep, unsigned frame)
{
	const struct bpmn_loop_part *loop = &run_node(run, run->inst->frames[frame].node)->loop;
	json_t *over, *context, *value = NULL;
	enum pl_err err;

	*truep = loop->kind == BPMN_LOOP_STANDARD; /* without one: as often as it may */
	if (!loop->condition)
		return PL_OK;
	over = counters(run, frame);
	context = over ? bpmn_visible(run->inst, frame, over) : NULL;
	err = context ? bpmn_eval(run, &value, loop->condition, context) : PL_NOMEM;
	*truep = json_is_true(value);
	json_decref(value);
	json_decref(over);
	json_decref(context);
	return err;
}

/* With is_true of the completion condition, or of the loop's to go on. */
static enum pl_err go_on(struct run *run, unsigned frame, bool is_true)
{
	struct bpmn_loop *loop = run->inst->frames[frame].loop;
	const struct bpmn_loop_part *part = &run_node(run, run->inst->frames[frame].node)->loop;

	switch (part->kind) {
	case BPMN_LOOP_STANDARD:
		if (is_true && (!part->max || loop->started < part->max))
			return start_one(run, frame);
		break;
	case BPMN_LOOP_SEQUENTIAL:
		if (!is_true && loop->started < loop->total)
			return start_one(run, frame);
		break;
	default:
		if (!is_true && run->inst->frames[frame].live)
			return PL_OK;
		break;
	}
	return end_loop(run, frame);
}

enum pl_err run_end_instance(struct run *run, struct bpmn_token token)
{
	struct bpmn_instance *inst = run->inst;
	const struct bpmn_node *node = run_node(run, token.node);
	unsigned frame = (unsigned)inst->frames[token.frame].parent;
	struct bpmn_loop *loop = inst->frames[frame].loop;
	unsigned index = inst->frames[token.frame].index;
	json_t *output = NULL;
	bool is_true;
	enum pl_err err = PL_OK;

	if (node->loop.output)
		err = bpmn_eval_in(run, &output, node->loop.output, token.frame);
	if (err)
		return run_fail_by(run, token.id, err, "expression", "output element");
	err = ask_condition(run, &is_true, token.frame);
	if (err) {
		json_decref(output);
		return run_fail_by(run, token.id, err, "expression", "loop condition");
	}
	if (output && index < json_array_size(loop->output) &&
	    json_array_set_new(loop->output, index, output))
		return PL_NOMEM;
	loop->done++;
	run_trace(run, node->id, "completed");
	err = run_record(run, token.node, token.frame);
	if (err)
		return err;
	run_discard(run, token.frame);
	return go_on(run, frame, is_true);
}
