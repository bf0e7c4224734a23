/*
 * compensate.c — undoing what has been done: handlers run one after the other, the latest activity
 * first.
 *
 * A scope's frame keeps a record of each activity in it that ended and can be compensated: those
 * with a compensation event at their boundary, and sub-processes with records or with an event
 * sub-process for it. A throwing event takes the records that it wants into a frame of its own,
 * within which the handlers run, and waits until that is empty. A record is used once.
 *
 * Source: BPMN 2.0.2 §10.7 (compensation), §13.5.5.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/bpmn/variables.h"

/* ---- records ---- */

static bool can_be_compensated(const struct run *run, unsigned node, const struct bpmn_frame *frame)
{
	const struct bpmn_node *at = run_node(run, node);

	return at->compensator >= 0 ||
	       (at->kind == BPMN_SUB && (json_array_size(frame->completed) ||
					 run->inst->model->scopes[at->inner].compensator >= 0));
}

/* The frame of the scope around; -1 within a compensation, which is not compensated itself. */
static int scope_frame(const struct run *run, unsigned frame)
{
	int at = run->inst->frames[frame].parent;

	while (at >= 0 && run->inst->frames[at].kind == BPMN_FRAME_LOOP)
		at = run->inst->frames[at].parent;
	return at >= 0 && run->inst->frames[at].kind == BPMN_FRAME_COMPENSATION ? -1 : at;
}

enum pl_err run_record(struct run *run, unsigned node, unsigned frame)
{
	const struct bpmn_frame *from = &run->inst->frames[frame];
	int scope = scope_frame(run, frame);
	struct bpmn_frame *to;

	if (scope < 0 || !can_be_compensated(run, node, from))
		return PL_OK;
	to = &run->inst->frames[scope];
	if (!to->completed)
		to->completed = json_array();
	if (json_array_size(to->completed) == BPMN_RECORDS_MAX)
		return run_stop(run, node, "records",
				"too many activities that could be compensated");
	return json_array_append_new(to->completed,
				     json_pack("{s:s, s:O*, s:O*}", "element",
					       run_node(run, node)->id, "variables",
					       from->variables, "completed", from->completed))
		       ? PL_NOMEM
		       : PL_OK;
}

static int node_of(const struct run *run, const json_t *record)
{
	return bpmn_model_place(run->inst->model,
				json_string_value(json_object_get(record, "element")));
}

/* Moves records of one activity (-1: of all) from a frame to the end of into. */
static enum pl_err take_records(struct run *run, json_t *into, unsigned frame, int activity)
{
	json_t *from = run->inst->frames[frame].completed;

	for (size_t i = 0; i < json_array_size(from);) {
		json_t *record = json_array_get(from, i);

		if (activity >= 0 && node_of(run, record) != activity) {
			i++;
			continue;
		}
		if (json_array_append(into, record) || json_array_remove(from, i))
			return PL_NOMEM;
	}
	return PL_OK;
}

/* ---- handlers ---- */

static enum pl_err use_snapshot(struct run *run, unsigned frame, const json_t *record)
{
	const json_t *variables = json_object_get(record, "variables");

	json_decref(run->inst->frames[frame].variables);
	run->inst->frames[frame].variables = json_object();
	return json_object_update(run->inst->frames[frame].variables, (json_t *)variables) &&
			       variables
		       ? PL_NOMEM
		       : PL_OK;
}

static enum pl_err start_handler(struct run *run, unsigned frame, const struct bpmn_node *node,
				 const json_t *record)
{
	struct bpmn_token *token;
	enum pl_err err = use_snapshot(run, frame, record);

	return err ? err : run_add(run, &token, (unsigned)node->compensator, frame, false);
}

/* A sub-process has its own way, or what is in it is compensated. */
static enum pl_err start_within(struct run *run, unsigned frame, unsigned node,
				const json_t *record)
{
	struct bpmn_instance *inst = run->inst;
	int sub = inst->model->scopes[run_node(run, node)->inner].compensator, place;
	enum pl_err err =
		run_frame(run, &place, sub >= 0 ? BPMN_FRAME_EVENT_SUB : BPMN_FRAME_COMPENSATION,
			  frame, sub >= 0 ? (unsigned)sub : node);

	if (place < 0)
		return err;
	err = use_snapshot(run, (unsigned)place, record);
	inst->frames[place].completed = json_incref(json_object_get(record, "completed"));
	if (err || sub < 0)
		return err ? err : run_compensate_next(run, (unsigned)place);
	return run_arrive(run,
			  (unsigned)inst->model->scopes[run_node(run, (unsigned)sub)->inner].start,
			  (unsigned)place, NULL);
}

static enum pl_err end_transaction(struct run *run, unsigned frame)
{
	const struct bpmn_node *node = run_node(run, run->inst->frames[frame].node);

	if (run_is_instance(run, frame))
		frame = (unsigned)run->inst->frames[frame].parent;
	for (unsigned i = 0; i < node->boundaries_len; i++)
		if (run_node(run, node->boundaries[i])->event.type == BPMN_EV_CANCEL)
			return run_trigger_event(run, node->boundaries[i], frame, NULL);
	return PL_OK;
}

static enum pl_err end_compensation(struct run *run, unsigned frame)
{
	struct bpmn_instance *inst = run->inst;
	unsigned parent = (unsigned)inst->frames[frame].parent;
	uint64_t thrower = inst->frames[frame].thrower;

	run_discard(run, frame);
	if (thrower)
		return run_trigger(run, thrower, NULL);
	return inst->frames[parent].kind == BPMN_FRAME_COMPENSATION
		       ? run_compensate_next(run, parent)
		       : end_transaction(run, parent);
}

enum pl_err run_compensate_next(struct run *run, unsigned frame)
{
	json_t *records = run->inst->frames[frame].completed;
	size_t len = json_array_size(records);
	const struct bpmn_node *node;
	json_t *record;
	int place;
	enum pl_err err;

	if (run->inst->status != BPMN_RUNNING)
		return PL_OK;
	if (!len)
		return end_compensation(run, frame);
	record = json_incref(json_array_get(records, len - 1));
	json_array_remove(records, len - 1);
	place = node_of(run, record);
	node = run_node(run, (unsigned)place);
	err = node->compensator >= 0 ? start_handler(run, frame, node, record)
				     : start_within(run, frame, (unsigned)place, record);
	json_decref(record);
	return err;
}

/* ---- throwing ---- */

static enum pl_err begin(struct run *run, json_t *records, unsigned frame, unsigned node,
			 uint64_t thrower)
{
	int place;
	enum pl_err err = run_frame(run, &place, BPMN_FRAME_COMPENSATION, frame, node);

	if (place < 0)
		return err;
	run->inst->frames[place].completed = json_incref(records);
	run->inst->frames[place].thrower = thrower;
	return run_compensate_next(run, (unsigned)place);
}

enum pl_err run_compensate(struct run *run, bool *startedp, struct bpmn_token token)
{
	const struct bpmn_frame *frame = &run->inst->frames[token.frame];
	int activity = run_node(run, token.node)->target;
	json_t *records = json_array();
	enum pl_err err = records ? PL_OK : PL_NOMEM;

	if (!err && frame->kind == BPMN_FRAME_EVENT_SUB && frame->parent >= 0 &&
	    run->inst->frames[frame->parent].kind != BPMN_FRAME_COMPENSATION)
		err = take_records(run, records, (unsigned)frame->parent, activity);
	if (!err)
		err = take_records(run, records, token.frame, activity);
	*startedp = json_array_size(records) > 0;
	if (!err && *startedp) {
		bpmn_token_find(run->inst, token.id)->waits = BPMN_WAITS_COMPENSATION;
		run_trace(run, run_node(run, token.node)->id, "waiting");
		err = begin(run, records, token.frame, token.node, token.id);
	}
	json_decref(records);
	return err;
}

enum pl_err run_cancel_transaction(struct run *run, struct bpmn_token token)
{
	json_t *records = json_array();
	enum pl_err err = records ? PL_OK : PL_NOMEM;

	run->inst->frames[token.frame].is_interrupted = true;
	bpmn_token_remove(run->inst, bpmn_token_find(run->inst, token.id));
	run_clear(run, token.frame, false);
	if (!err)
		err = take_records(run, records, token.frame, -1);
	if (!err)
		err = begin(run, records, token.frame, token.node, 0);
	json_decref(records);
	return err;
}
