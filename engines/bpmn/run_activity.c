/*
 * run_activity.c — tasks, calls and sub-processes: from the token that comes in to those that
 * leave.
 *
 * Source: BPMN 2.0.2 §13.3.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/variables.h"

typedef enum pl_err begin_fn(struct run *run, struct bpmn_token token);

/* ---- the end ---- */

enum pl_err run_pass_on(struct run *run, unsigned node, unsigned frame)
{
	if (run->inst->frames[frame].kind != BPMN_FRAME_COMPENSATION)
		return run_leave(run, node, frame);
	run_trace(run, run_node(run, node)->id, "compensated");
	return run_compensate_next(run, frame);
}

enum pl_err run_end_activity(struct run *run, struct bpmn_token token)
{
	unsigned scope = token.frame;
	enum pl_err err;

	if (!run_is_own(run, &token)) {
		run_trace(run, run_node(run, token.node)->id, "completed");
		bpmn_token_remove(run->inst, bpmn_token_find(run->inst, token.id));
		return run_pass_on(run, token.node, scope);
	}
	if (run_is_instance(run, token.frame))
		return run_end_instance(run, token);
	run_trace(run, run_node(run, token.node)->id, "completed");
	scope = (unsigned)run->inst->frames[token.frame].parent;
	err = run_record(run, token.node, token.frame);
	if (err)
		return err;
	run_discard(run, token.frame);
	return run_pass_on(run, token.node, scope);
}

/* What has come is kept; from then on there is nothing to be done again. */
static enum pl_err finish(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = run_node(run, token.node);
	unsigned into = token.frame;
	bool keeps = node->kind != BPMN_CALL || node->call.keeps_child || node->outputs.len;
	struct bpmn_token *again;
	enum pl_err err = PL_OK;

	/* of an instance of a loop into its own, for what is collected there */
	if (run_is_own(run, &token) && !run_is_instance(run, token.frame))
		into = (unsigned)run->inst->frames[token.frame].parent;
	if (keeps)
		err = bpmn_outputs(run, node, token.frame, into, token.payload);
	if (err)
		return run_fail_by(run, token.id, err, "expression", "output mapping");
	again = bpmn_token_find(run->inst, token.id);
	bpmn_token_forget(again);
	again->is_leaving = true;
	return run_end_activity(run, *again);
}

/* An activity that needs nobody is over with what it made (consumed). */
static enum pl_err finish_with(struct run *run, struct bpmn_token token, json_t *payload)
{
	struct bpmn_token *again = bpmn_token_find(run->inst, token.id);

	again->has_arrived = true;
	again->payload = payload;
	return finish(run, *again);
}

/* ---- the beginning ---- */

static enum pl_err begin_pass(struct run *run, struct bpmn_token token)
{
	return finish_with(run, token, NULL);
}

enum pl_err run_job(struct run *run, struct bpmn_token token)
{
	enum pl_err err;

	bpmn_token_find(run->inst, token.id)->waits = BPMN_WAITS_TASK;
	run_trace(run, run_node(run, token.node)->id, "waiting");
	err = run_report(run, token.id);
	return err ? run_fail_by(run, token.id, err, "expression", "properties") : PL_OK;
}

static enum pl_err keep_value(struct run *run, struct bpmn_token token, json_t *value)
{
	json_t *payload = json_object();

	if (!payload || json_object_set_new_nocheck(
				payload, run_node(run, token.node)->result_variable, value)) {
		if (!payload)
			json_decref(value);
		json_decref(payload);
		return PL_NOMEM;
	}
	return finish_with(run, token, payload);
}

static enum pl_err begin_script(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = run_node(run, token.node);
	json_t *value = NULL;
	enum pl_err err;

	if (node->task_type)
		return run_job(run, token);
	if (node->lua) {
		err = run_script(run, &value, node, token.frame);
		return err ? run_fail_by(run, token.id, err, "script", "script")
			   : finish_with(run, token, value);
	}
	err = bpmn_eval_in(run, &value, node->script, token.frame);
	return err ? run_fail_by(run, token.id, err, "expression", "script")
		   : keep_value(run, token, value);
}

static enum pl_err begin_rule(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = run_node(run, token.node);
	json_t *value = NULL;
	enum pl_err err;

	if (node->task_type)
		return run_job(run, token);
	err = run_decide(run, &value, node, token.frame);
	return err ? run_fail_by(run, token.id, err, "decision", "decision")
		   : keep_value(run, token, value);
}

static enum pl_err begin_send(struct run *run, struct bpmn_token token)
{
	enum pl_err err;

	if (run_node(run, token.node)->task_type)
		return run_job(run, token);
	err = run_throw_message(run, &token);
	return err ? run_fail_by(run, token.id, err, "message", "message")
		   : finish_with(run, token, NULL);
}

static enum pl_err begin_receive(struct run *run, struct bpmn_token token)
{
	enum pl_err err = run_subscribe(run, token.id);

	return err ? run_fail_by(run, token.id, err, "message", "message") : PL_OK;
}

static enum pl_err begin_call(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = run_node(run, token.node);
	struct bpmn_token *again;
	json_t *id = NULL;
	enum pl_err err;

	if (run->inst->depth >= BPMN_CALL_DEPTH_MAX)
		return run_fail(run, token.id, "depth", "too many processes that call each other");
	err = bpmn_text_in(run, &id, &node->call.id, token.frame);
	if (!err && !json_string_length(id)) {
		json_decref(id);
		return run_fail(run, token.id, "call", "the id of the called process is no text");
	}
	if (err)
		return run_fail_by(run, token.id, err, "call", "called process");
	again = bpmn_token_find(run->inst, token.id);
	again->waits = BPMN_WAITS_CALL;
	again->name = id;
	run_trace(run, node->id, "waiting");
	return run_report(run, token.id);
}

/* The token goes in by the start event. */
static enum pl_err begin_sub(struct run *run, struct bpmn_token token)
{
	const struct bpmn_model *model = run->inst->model;
	unsigned inner = (unsigned)run_node(run, token.node)->inner;
	struct bpmn_token *start;

	bpmn_token_remove(run->inst, bpmn_token_find(run->inst, token.id));
	return run_add(run, &start, (unsigned)model->scopes[inner].start, token.frame, false);
}

static begin_fn *const begins[BPMN_KINDS] = {
	[BPMN_PASS] = begin_pass,     [BPMN_SERVICE] = run_job,	      [BPMN_SEND] = begin_send,
	[BPMN_USER] = run_job,	      [BPMN_RECEIVE] = begin_receive, [BPMN_RULE] = begin_rule,
	[BPMN_SCRIPT] = begin_script, [BPMN_CALL] = begin_call,	      [BPMN_SUB] = begin_sub,
};

static enum pl_err take_inputs(struct run *run, const struct bpmn_node *node, unsigned frame)
{
	json_t *inputs = NULL, **variablesp = &run->inst->frames[frame].variables;
	enum pl_err err;

	if (!node->inputs.len)
		return PL_OK;
	err = bpmn_inputs(run, &inputs, node, frame);
	if (err)
		return err;
	run->inst->is_changed = true;
	if (!*variablesp) {
		*variablesp = inputs;
		return PL_OK;
	}
	err = json_object_update(*variablesp, inputs) ? PL_NOMEM : PL_OK;
	json_decref(inputs);
	return err;
}

/* A frame of its own, where it keeps something. */
static enum pl_err make_frame(struct run *run, struct bpmn_token *token)
{
	const struct bpmn_node *node = run_node(run, token->node);
	int frame;
	enum pl_err err = run_frame(run, &frame,
				    node->kind == BPMN_SUB ? BPMN_FRAME_SUB : BPMN_FRAME_ACTIVITY,
				    token->frame, token->node);

	if (frame < 0)
		return err;
	bpmn_token_move(run->inst, bpmn_token_find(run->inst, token->id), (unsigned)frame);
	token->frame = (unsigned)frame;
	return PL_OK;
}

/* What is done once, whatever is tried again behind it: while something is waited for at its
 * boundary it has been. */
static enum pl_err prepare(struct run *run, struct bpmn_token token, const char **whatp)
{
	enum pl_err err;

	*whatp = "input mapping";
	if (run->inst->frames[token.frame].held)
		return PL_OK;
	err = take_inputs(run, run_node(run, token.node), token.frame);
	if (err || run_is_instance(run, token.frame))
		return err;
	*whatp = "boundary event";
	err = run_subscribe_boundaries(run, token.node, token.frame);
	if (err)
		run_unsubscribe(run, token.frame, BPMN_BOUNDARY);
	return err;
}

enum pl_err run_enter_activity(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = run_node(run, token.node);
	bool is_own = run_is_own(run, &token);
	const char *what = NULL;
	enum pl_err err = PL_OK;

	if (token.is_leaving)
		return run_end_activity(run, token);
	if (token.has_arrived)
		return finish(run, token);
	if (!is_own && node->loop.kind != BPMN_LOOP_NONE)
		return run_loop(run, token);
	if (!is_own && node->needs_frame) {
		err = make_frame(run, &token);
		if (err || run->inst->status != BPMN_RUNNING)
			return err;
		is_own = true;
	}
	if (is_own)
		err = prepare(run, token, &what);
	if (err)
		return run_fail_by(run, token.id, err, "event", what);
	return run->inst->status == BPMN_RUNNING ? begins[node->kind](run, token) : PL_OK;
}
