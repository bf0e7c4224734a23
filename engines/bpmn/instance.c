/*
 * instance.c — instances: made, looked into, freed, and written out as JSON.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/state.h"

const char *const bpmn_wait_texts[BPMN_WAIT_COUNT] = {
#define BPMN_WAIT(name, text) text,
	BPMN_WAITS
#undef BPMN_WAIT
};

const char *const bpmn_frame_texts[BPMN_FRAME_COUNT] = {
#define BPMN_FRAME(name, text) text,
	BPMN_FRAMES
#undef BPMN_FRAME
};

const char *const bpmn_status_texts[BPMN_STATUS_COUNT] = {
	[BPMN_RUNNING] = "running",
	[BPMN_COMPLETED] = "completed",
	[BPMN_FAILED] = "failed",
	[BPMN_CANCELLED] = "cancelled",
};

void bpmn_instance_free(struct bpmn_instance *inst)
{
	if (!inst)
		return;
	for (size_t i = 0; i < inst->tokens_len; i++)
		bpmn_token_forget(&inst->tokens[i]);
	for (size_t i = 0; i < inst->frames_len; i++)
		bpmn_frame_fini(&inst->frames[i]);
	json_decref(inst->failure);
	free(inst->tokens);
	free(inst->frames);
	free(inst);
}

enum pl_err bpmn_instance_new(struct bpmn_instance **instp, const struct bpmn_model *model,
			      const json_t *variables)
{
	struct bpmn_instance *inst;
	unsigned root;

	if (variables && !json_is_object(variables))
		return pl_fail(PL_INVALID, "the variables are not an object");
	inst = calloc(1, sizeof(*inst));
	if (!inst)
		return PL_NOMEM;
	inst->model = model;
	inst->next_token = 1;
	if (bpmn_frame_add(inst, &root, BPMN_FRAME_PROCESS, -1, 0) == PL_OK)
		inst->frames[root].variables = variables ? bpmn_copy(variables) : json_object();
	if (!inst->frames_len || !inst->frames[0].variables) {
		bpmn_instance_free(inst);
		return PL_NOMEM;
	}
	*instp = inst;
	return PL_OK;
}

void bpmn_instance_set_clock(struct bpmn_instance *inst, int64_t now_ms)
{
	inst->now_ms = now_ms;
	inst->has_clock = true;
}

void bpmn_instance_set_depth(struct bpmn_instance *inst, unsigned depth)
{
	inst->depth = depth;
}

enum bpmn_status bpmn_instance_status(const struct bpmn_instance *inst)
{
	return inst->status;
}

const json_t *bpmn_instance_variables(const struct bpmn_instance *inst)
{
	return inst->frames[0].variables;
}

const json_t *bpmn_instance_failure(const struct bpmn_instance *inst)
{
	return inst->failure;
}

/* ---- written out ---- */

static int put(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new_nocheck(object, name, value);
}

static int put_copy(json_t *object, const char *name, const json_t *value)
{
	return value ? put(object, name, bpmn_copy(value)) : 0;
}

static int put_flag(json_t *object, const char *name, bool flag)
{
	return flag ? put(object, name, json_true()) : 0;
}

static int put_timer(json_t *out, const struct bpmn_token *token)
{
	int failed = put(out, "due", json_integer(token->due_ms));

	failed |= put_flag(out, "date", token->is_date);
	return token->repeats ? failed | put(out, "repeats", json_integer(token->repeats)) : failed;
}

static json_t *token_out(const struct bpmn_instance *inst, const struct bpmn_token *token)
{
	const struct bpmn_model *model = inst->model;
	json_t *out =
		json_pack("{s:I,s:s,s:s}", "id", (json_int_t)token->id, "element",
			  model->nodes[token->node].id, "waits", bpmn_wait_texts[token->waits]);
	int failed = !out;

	if (token->frame)
		failed |= put(out, "frame", json_integer(token->frame));
	if (token->waits == BPMN_WAITS_TIMER)
		failed |= put_timer(out, token);
	if (token->flow >= 0 &&
	    (token->waits == BPMN_WAITS_JOIN || token->waits == BPMN_WAITS_INCIDENT))
		failed |= put(out, "flow", json_string(model->flows[token->flow].id));
	failed |= put_flag(out, "subscription", token->is_subscription);
	failed |= put_flag(out, "arrived", token->has_arrived);
	failed |= put_flag(out, "leaving", token->is_leaving);
	failed |= put_flag(out, "wasTrue", token->was_true);
	failed |= put_copy(out, "payload", token->payload);
	failed |= put_copy(out, token->waits == BPMN_WAITS_INCIDENT ? "incident" : "name",
			   token->name);
	failed |= put_copy(out, "key", token->key);
	if (!failed)
		return out;
	json_decref(out);
	return NULL;
}

static json_t *loop_out(const struct bpmn_loop *loop)
{
	json_t *out = json_pack("{s:i,s:i,s:i}", "total", (int)loop->total, "started",
				(int)loop->started, "done", (int)loop->done);

	if (out && !put_copy(out, "items", loop->items) && !put_copy(out, "output", loop->output))
		return out;
	json_decref(out);
	return NULL;
}

static json_t *frame_out(const struct bpmn_instance *inst, unsigned place)
{
	const struct bpmn_frame *frame = &inst->frames[place];
	json_t *out =
		json_pack("{s:i,s:s}", "id", (int)place, "kind", bpmn_frame_texts[frame->kind]);
	int failed = !out;

	if (place) {
		failed |= put(out, "parent", json_integer(frame->parent));
		failed |= put(out, "element", json_string(inst->model->nodes[frame->node].id));
		failed |= put_copy(out, "variables", frame->variables);
	}
	if (frame->index)
		failed |= put(out, "index", json_integer(frame->index));
	if (frame->thrower)
		failed |= put(out, "thrower", json_integer((json_int_t)frame->thrower));
	if (frame->loop)
		failed |= put(out, "loop", loop_out(frame->loop));
	failed |= put_flag(out, "interrupted", frame->is_interrupted);
	failed |= put_copy(out, "completed", frame->completed);
	if (!failed)
		return out;
	json_decref(out);
	return NULL;
}

static json_t *tokens_out(const struct bpmn_instance *inst)
{
	json_t *tokens = json_array();

	for (size_t i = 0; tokens && i < inst->tokens_len; i++)
		if (json_array_append_new(tokens, token_out(inst, &inst->tokens[i]))) {
			json_decref(tokens);
			return NULL;
		}
	return tokens;
}

static bool is_told(const struct bpmn_instance *inst, unsigned place)
{
	const struct bpmn_frame *frame = &inst->frames[place];

	return frame->is_used && (place || frame->is_interrupted || frame->completed);
}

static json_t *frames_out(const struct bpmn_instance *inst)
{
	json_t *frames = json_array();

	for (unsigned i = 0; frames && i < inst->frames_len; i++)
		if (is_told(inst, i) && json_array_append_new(frames, frame_out(inst, i))) {
			json_decref(frames);
			return NULL;
		}
	return frames;
}

/* What version 1 knows of: tasks and timers, all in the process itself. */
static int version_of(const struct bpmn_instance *inst)
{
	if (inst->frames_live > 1 || is_told(inst, 0) || inst->depth ||
	    inst->status == BPMN_CANCELLED)
		return 2;
	for (size_t i = 0; i < inst->tokens_len; i++) {
		const struct bpmn_token *token = &inst->tokens[i];

		if (token->waits > BPMN_WAITS_FAILED || token->is_subscription ||
		    (token->waits == BPMN_WAITS_TASK &&
		     inst->model->nodes[token->node].kind != BPMN_SERVICE))
			return 2;
	}
	return 1;
}

json_t *bpmn_instance_state(const struct bpmn_instance *inst)
{
	int version = version_of(inst);
	json_t *state = json_pack("{s:i,s:s,s:b,s:s,s:I}", "version", version, "process",
				  inst->model->process_id, "started", inst->is_started, "status",
				  bpmn_status_texts[inst->status], "nextToken",
				  (json_int_t)inst->next_token);
	int failed = !state;

	if (!failed)
		failed = put_copy(state, "variables", inst->frames[0].variables) ||
			 put(state, "tokens", tokens_out(inst)) ||
			 put_copy(state, "failure", inst->failure);
	if (!failed && inst->depth)
		failed = put(state, "depth", json_integer(inst->depth));
	if (!failed && version > 1)
		failed = put(state, "frames", frames_out(inst));
	if (!failed)
		return state;
	json_decref(state);
	return NULL;
}
