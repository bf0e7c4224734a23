/*
 * load.c — instances read in again from their state, which is checked against the model.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/state.h"

/* The place of text in a table of texts, or -1. */
static int place_of(const char *const *texts, size_t len, const json_t *text)
{
	for (size_t i = 0; i < len; i++)
		if (json_is_string(text) && strcmp(texts[i], json_string_value(text)) == 0)
			return (int)i;
	return -1;
}

static int node_of(const struct bpmn_instance *inst, const json_t *from)
{
	const json_t *id = json_object_get(from, "element");

	return json_is_string(id) ? bpmn_model_place(inst->model, json_string_value(id)) : -1;
}

/* A member that is a whole number from low to high; absent: otherwise. */
static bool number_of(json_int_t *outp, const json_t *from, const char *name, json_int_t low,
		      json_int_t high, json_int_t otherwise)
{
	const json_t *member = json_object_get(from, name);

	*outp = member ? json_integer_value(member) : otherwise;
	return !member || (json_is_integer(member) && *outp >= low && *outp <= high);
}

static enum pl_err copy_of(json_t **copyp, const json_t *from, const char *name, json_type type)
{
	const json_t *member = json_object_get(from, name);

	if (!member)
		return PL_OK;
	if (json_typeof(member) != type)
		return pl_fail(PL_INVALID, "state: %s is not as it must be", name);
	*copyp = bpmn_copy(member);
	return *copyp ? PL_OK : PL_NOMEM;
}

static enum pl_err refuse(const json_t *what, const char *why)
{
	char *text = json_dumps(what, JSON_COMPACT | JSON_ENCODE_ANY);
	enum pl_err err = pl_fail(PL_INVALID, "state: %s: %.200s", why, text ? text : "");

	free(text);
	return err;
}

/* ---- frames ---- */

static bool frame_fits(const struct bpmn_node *node, enum bpmn_frame_kind kind)
{
	switch (kind) {
	case BPMN_FRAME_ACTIVITY:
		return bpmn_is_activity(node) && node->kind != BPMN_SUB;
	case BPMN_FRAME_SUB:
		return node->kind == BPMN_SUB && !node->is_event_sub;
	case BPMN_FRAME_EVENT_SUB:
		return node->kind == BPMN_SUB && node->is_event_sub;
	case BPMN_FRAME_LOOP:
		return node->loop.kind != BPMN_LOOP_NONE;
	case BPMN_FRAME_CHOICE:
		return node->kind == BPMN_CHOICE;
	case BPMN_FRAME_COMPENSATION:
		return node->event.type == BPMN_EV_COMPENSATION ||
		       node->event.type == BPMN_EV_CANCEL || node->kind == BPMN_SUB;
	default:
		return false;
	}
}

static enum pl_err load_loop(struct bpmn_frame *frame, const json_t *from)
{
	json_int_t total, started, done;
	enum pl_err err;

	if (!json_is_object(from) || !number_of(&total, from, "total", 0, 1 << 20, -1) ||
	    !number_of(&started, from, "started", 0, 1 << 30, -1) ||
	    !number_of(&done, from, "done", 0, 1 << 30, -1) || total < 0 || started < 0 || done < 0)
		return pl_fail(PL_INVALID, "state: a loop is not as it must be");
	frame->loop = calloc(1, sizeof(*frame->loop));
	if (!frame->loop)
		return PL_NOMEM;
	*frame->loop = (struct bpmn_loop){ .total = (unsigned)total,
					   .started = (unsigned)started,
					   .done = (unsigned)done };
	err = copy_of(&frame->loop->items, from, "items", JSON_ARRAY);
	return err ? err : copy_of(&frame->loop->output, from, "output", JSON_ARRAY);
}

static enum pl_err check_records(const struct bpmn_instance *inst, const json_t *records)
{
	json_t *record;
	size_t i;

	json_array_foreach((json_t *)records, i, record) {
		int node = node_of(inst, record);
		const json_t *variables = json_object_get(record, "variables");
		enum pl_err err;

		if (node < 0 ||
		    (inst->model->nodes[node].compensator < 0 &&
		     inst->model->nodes[node].kind != BPMN_SUB) ||
		    (variables && !json_is_object(variables)))
			return pl_fail(PL_INVALID, "state: a record of compensation is of no "
						   "activity that has some");
		err = check_records(inst, json_object_get(record, "completed"));
		if (err)
			return err;
	}
	return PL_OK;
}

static enum pl_err load_frame_rest(struct bpmn_instance *inst, struct bpmn_frame *frame,
				   const json_t *from)
{
	json_int_t index, thrower;
	enum pl_err err = PL_OK;

	if (!number_of(&index, from, "index", 0, 1 << 30, 0) ||
	    !number_of(&thrower, from, "thrower", 1, BPMN_TOKEN_ID_MAX, 0))
		return refuse(from, "a frame is not as it must be");
	frame->index = (unsigned)index;
	frame->thrower = (uint64_t)thrower;
	frame->is_interrupted = json_is_true(json_object_get(from, "interrupted"));
	if (frame->kind != BPMN_FRAME_PROCESS)
		err = copy_of(&frame->variables, from, "variables", JSON_OBJECT);
	if (!err)
		err = copy_of(&frame->completed, from, "completed", JSON_ARRAY);
	if (!err)
		err = check_records(inst, frame->completed);
	if (!err && frame->kind == BPMN_FRAME_LOOP)
		err = load_loop(frame, json_object_get(from, "loop"));
	return err;
}

static enum pl_err load_frame(struct bpmn_instance *inst, const json_t *from)
{
	int kind = place_of(bpmn_frame_texts, BPMN_FRAME_COUNT, json_object_get(from, "kind"));
	int node = node_of(inst, from);
	json_int_t id, parent;
	struct bpmn_frame *frame;

	if (!number_of(&id, from, "id", 0, (json_int_t)inst->frames_len - 1, -1) || id < 0)
		return refuse(from, "a frame's id is missing or too high");
	frame = &inst->frames[id];
	if (id == 0)
		return kind == BPMN_FRAME_PROCESS && !frame->completed && !frame->is_interrupted
			       ? load_frame_rest(inst, frame, from)
			       : refuse(from, "frame 0 is not the process's, or there twice");
	if (frame->is_used ||
	    !number_of(&parent, from, "parent", 0, (json_int_t)inst->frames_len - 1, -1) ||
	    parent < 0 || kind < 0 || node < 0 ||
	    !frame_fits(&inst->model->nodes[node], (enum bpmn_frame_kind)kind))
		return refuse(from, "a frame fits no element of the process");
	*frame = (struct bpmn_frame){ .parent = (int)parent,
				      .node = (unsigned)node,
				      .kind = (unsigned char)kind,
				      .is_used = true };
	inst->frames_live++;
	return load_frame_rest(inst, frame, from);
}

/* Each frame is within one that is there, and where its element is. */
static enum pl_err check_frame(struct bpmn_instance *inst, unsigned place)
{
	const struct bpmn_frame *frame = &inst->frames[place], *parent;
	unsigned up = place;
	size_t steps = 0;

	while (inst->frames[up].parent >= 0 && steps++ < inst->frames_len)
		up = (unsigned)inst->frames[up].parent;
	if (up != 0 || !inst->frames[frame->parent].is_used)
		return pl_fail(PL_INVALID, "state: frame %u is within none", place);
	parent = &inst->frames[frame->parent];
	if (parent->kind == BPMN_FRAME_ACTIVITY || parent->kind == BPMN_FRAME_CHOICE ||
	    (parent->kind == BPMN_FRAME_LOOP && parent->node != frame->node) ||
	    (parent->kind != BPMN_FRAME_COMPENSATION &&
	     inst->model->nodes[frame->node].scope !=
		     bpmn_frame_scope(inst, (unsigned)frame->parent)))
		return pl_fail(PL_INVALID, "state: frame %u can't be within frame %d", place,
			       frame->parent);
	return PL_OK;
}

static enum pl_err load_frames(struct bpmn_instance *inst, const json_t *frames)
{
	json_int_t highest = 0;
	struct bpmn_frame *grown;
	json_t *from;
	size_t i;
	enum pl_err err = PL_OK;

	if (!frames)
		return PL_OK;
	json_array_foreach((json_t *)frames, i, from) {
		json_int_t id = json_integer_value(json_object_get(from, "id"));

		highest = id > highest ? id : highest;
	}
	if (!json_is_array(frames) || highest >= 2 * BPMN_FRAMES_MAX)
		return pl_fail(PL_INVALID, "state: its frames are not as they must be");
	grown = realloc(inst->frames, ((size_t)highest + 1) * sizeof(*grown));
	if (!grown)
		return PL_NOMEM;
	memset(grown + 1, 0, (size_t)highest * sizeof(*grown));
	inst->frames = grown;
	inst->frames_len = inst->frames_cap = (size_t)highest + 1;
	json_array_foreach((json_t *)frames, i, from)
		if (!err)
			err = load_frame(inst, from);
	for (unsigned place = 1; !err && place < inst->frames_len; place++) {
		if (!inst->frames[place].is_used)
			continue;
		err = check_frame(inst, place);
		if (!err)
			inst->frames[inst->frames[place].parent].live++;
	}
	return err;
}

/* ---- tokens ---- */

static bool waits_for(const struct bpmn_node *node, enum bpmn_event event)
{
	return node->event.type == event &&
	       (node->kind == BPMN_CATCH || node->kind == BPMN_RECEIVE ||
		node->kind == BPMN_BOUNDARY || node->kind == BPMN_START);
}

bool bpmn_waits_at(const struct bpmn_node *node, enum bpmn_waits waits, bool is_subscription)
{
	bool is_beside = node->kind == BPMN_BOUNDARY || node->kind == BPMN_START;

	if (waits >= BPMN_WAITS_TIMER && waits != BPMN_WAITS_FAILED &&
	    waits != BPMN_WAITS_INCIDENT && is_beside && !is_subscription)
		return false;
	if (is_subscription && !is_beside && node->kind != BPMN_CATCH && node->kind != BPMN_RECEIVE)
		return false;
	switch (waits) {
	case BPMN_WAITS_TASK:
		return node->task_type;
	case BPMN_WAITS_TIMER:
		return waits_for(node, BPMN_EV_TIMER);
	case BPMN_WAITS_MESSAGE:
		return waits_for(node, BPMN_EV_MESSAGE);
	case BPMN_WAITS_SIGNAL:
		return waits_for(node, BPMN_EV_SIGNAL);
	case BPMN_WAITS_CONDITION:
		return waits_for(node, BPMN_EV_CONDITION);
	case BPMN_WAITS_CALL:
		return node->kind == BPMN_CALL;
	case BPMN_WAITS_JOIN:
		return node->kind == BPMN_PARALLEL || node->kind == BPMN_INCLUSIVE;
	case BPMN_WAITS_COMPENSATION:
		return node->event.type == BPMN_EV_COMPENSATION &&
		       (node->kind == BPMN_THROW || node->kind == BPMN_END);
	default:
		return true;
	}
}

/* Whether a token of the node can be in that frame. */
static bool is_at_home(const struct bpmn_instance *inst, const struct bpmn_token *token)
{
	const struct bpmn_frame *frame = &inst->frames[token->frame];
	const struct bpmn_node *node = &inst->model->nodes[token->node];
	unsigned scope = node->scope;

	switch (frame->kind) {
	case BPMN_FRAME_ACTIVITY:
	case BPMN_FRAME_LOOP:
		return frame->node == token->node || (int)frame->node == node->attached_to;
	case BPMN_FRAME_CHOICE:
		return token->is_subscription && scope == inst->model->nodes[frame->node].scope;
	case BPMN_FRAME_COMPENSATION:
		return node->is_handler;
	default:
		break;
	}
	if (frame->kind == BPMN_FRAME_SUB &&
	    (frame->node == token->node || (int)frame->node == node->attached_to))
		return true;
	if (node->kind == BPMN_START && token->is_subscription) {
		int owner = inst->model->scopes[scope].owner;

		if (owner < 0)
			return false;
		scope = inst->model->nodes[owner].scope;
	}
	return scope == bpmn_frame_scope(inst, token->frame);
}

static enum pl_err load_names(struct bpmn_token *token, const json_t *from)
{
	bool is_incident = token->waits == BPMN_WAITS_INCIDENT;
	bool is_named = token->waits == BPMN_WAITS_MESSAGE || token->waits == BPMN_WAITS_SIGNAL ||
			token->waits == BPMN_WAITS_CALL;
	enum pl_err err = copy_of(&token->payload, from, "payload", JSON_OBJECT);

	if (!err)
		err = copy_of(&token->name, from, is_incident ? "incident" : "name",
			      is_incident ? JSON_OBJECT : JSON_STRING);
	if (!err)
		err = copy_of(&token->key, from, "key", JSON_STRING);
	if (!err && is_named && !token->name)
		return refuse(from, "a token waits for something without a name");
	if (!err && is_incident &&
	    (!json_is_string(json_object_get(token->name, "code")) ||
	     !json_is_string(json_object_get(token->name, "reason"))))
		return refuse(from, "an incident has no code and reason");
	return err;
}

static enum pl_err load_rest(struct bpmn_instance *inst, struct bpmn_token *token,
			     const json_t *from)
{
	const json_t *flow = json_object_get(from, "flow");
	json_int_t frame, repeats, due_ms;

	if (!number_of(&frame, from, "frame", 0, (json_int_t)inst->frames_len - 1, 0) ||
	    !inst->frames[frame].is_used)
		return refuse(from, "a token is in no frame");
	if (!number_of(&repeats, from, "repeats", -1, 1 << 30, 0) ||
	    !number_of(&due_ms, from, "due", INT64_MIN, INT64_MAX, 0))
		return refuse(from, "a timer is not as it must be");
	token->frame = (unsigned)frame;
	token->repeats = (int)repeats;
	token->due_ms = due_ms;
	token->is_date = json_is_true(json_object_get(from, "date"));
	token->has_arrived = json_is_true(json_object_get(from, "arrived"));
	token->is_leaving = json_is_true(json_object_get(from, "leaving"));
	token->was_true = json_is_true(json_object_get(from, "wasTrue"));
	token->flow =
		json_is_string(flow) ? bpmn_model_flow(inst->model, json_string_value(flow)) : -1;
	if (token->waits == BPMN_WAITS_JOIN &&
	    (token->flow < 0 || inst->model->flows[token->flow].target != token->node))
		return refuse(from, "a token came to a join by none of its flows");
	return load_names(token, from);
}

static enum pl_err load_token(struct bpmn_instance *inst, const json_t *from)
{
	struct bpmn_token *token = &inst->tokens[inst->tokens_len];
	const json_t *id = json_object_get(from, "id");
	int waits = place_of(bpmn_wait_texts, BPMN_WAIT_COUNT, json_object_get(from, "waits"));
	int place = node_of(inst, from);
	enum pl_err err;

	if (!json_is_integer(id) || json_integer_value(id) < 1 ||
	    (uint64_t)json_integer_value(id) >= inst->next_token)
		return pl_fail(PL_INVALID, "state: a token's id is missing or not below nextToken");
	if (place < 0)
		return pl_fail(PL_INVALID, "state: token %lld is at no element of the process",
			       (long long)json_integer_value(id));
	*token = (struct bpmn_token){
		.id = (uint64_t)json_integer_value(id),
		.node = (unsigned)place,
		.waits = (unsigned char)(waits < 0 ? BPMN_WAITS_NOTHING : waits),
		.is_subscription = json_is_true(json_object_get(from, "subscription")),
	};
	if (waits < 0 ||
	    !bpmn_waits_at(&inst->model->nodes[place], token->waits, token->is_subscription) ||
	    ((token->waits == BPMN_WAITS_NOTHING || token->waits == BPMN_WAITS_FAILED) &&
	     inst->status != BPMN_FAILED))
		return pl_fail(PL_INVALID, "state: token %lld can't wait so at %s",
			       (long long)json_integer_value(id), inst->model->nodes[place].id);
	inst->tokens_len++;
	err = load_rest(inst, token, from);
	if (!err && inst->status == BPMN_RUNNING && !is_at_home(inst, token))
		return refuse(from, "a token can't be in that frame");
	return err;
}

static int by_id(const void *a, const void *b)
{
	const struct bpmn_token *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static enum pl_err load_tokens(struct bpmn_instance *inst, const json_t *tokens)
{
	size_t len = json_array_size(tokens);
	enum pl_err err = PL_OK;

	if (!json_is_array(tokens) || len > BPMN_TOKENS_MAX)
		return pl_fail(PL_INVALID, "state: its tokens are no list of at most %d",
			       BPMN_TOKENS_MAX);
	inst->tokens = calloc(len ? len : 1, sizeof(*inst->tokens));
	if (!inst->tokens)
		return PL_NOMEM;
	inst->tokens_cap = len ? len : 1;
	for (size_t i = 0; !err && i < len; i++)
		err = load_token(inst, json_array_get(tokens, i));
	qsort(inst->tokens, inst->tokens_len, sizeof(*inst->tokens), by_id);
	for (size_t i = 0; !err && i < inst->tokens_len; i++) {
		const struct bpmn_token *token = &inst->tokens[i];

		if (i && token->id == token[-1].id)
			return pl_fail(PL_INVALID, "state: token %llu is there twice",
				       (unsigned long long)token->id);
		if (token->is_subscription)
			inst->frames[token->frame].held++;
		else
			inst->frames[token->frame].live++;
	}
	return err;
}

/* ---- the whole ---- */

static enum pl_err load_failure(struct bpmn_instance *inst, const json_t *failure)
{
	if (inst->status != BPMN_FAILED)
		return PL_OK;
	if (!json_is_string(json_object_get(failure, "element")) ||
	    !json_is_string(json_object_get(failure, "code")) ||
	    !json_is_string(json_object_get(failure, "reason")))
		return pl_fail(PL_INVALID, "state: failed, but without element, code and reason");
	inst->failure = bpmn_copy(failure);
	return inst->failure ? PL_OK : PL_NOMEM;
}

/* Frames that are empty would never end. */
static enum pl_err check_whole(const struct bpmn_instance *inst)
{
	bool has_ended = inst->status == BPMN_COMPLETED || inst->status == BPMN_CANCELLED;

	if (inst->status != BPMN_RUNNING ? !inst->is_started
					 : inst->is_started == (inst->frames[0].live == 0))
		return pl_fail(PL_INVALID, "state: its tokens don't fit its status");
	if (has_ended && inst->tokens_len)
		return pl_fail(PL_INVALID, "state: completed, but with tokens");
	for (size_t i = 0; inst->status == BPMN_RUNNING && i < inst->frames_len; i++) {
		const struct bpmn_frame *frame = &inst->frames[i];
		struct bpmn_token *thrower;

		if (i && frame->is_used && !frame->live &&
		    !(frame->kind == BPMN_FRAME_CHOICE && frame->held))
			return pl_fail(PL_INVALID, "state: frame %zu is empty", i);
		if (!frame->thrower)
			continue;
		thrower = bpmn_token_find((struct bpmn_instance *)inst, frame->thrower);
		if (!thrower || thrower->waits != BPMN_WAITS_COMPENSATION)
			return pl_fail(PL_INVALID, "state: nothing waits for frame %zu", i);
	}
	return PL_OK;
}

static enum pl_err load(struct bpmn_instance *inst, const json_t *state)
{
	const json_t *next = json_object_get(state, "nextToken");
	const json_t *started = json_object_get(state, "started");
	int status =
		place_of(bpmn_status_texts, BPMN_STATUS_COUNT, json_object_get(state, "status"));
	json_int_t depth;
	enum pl_err err;

	if (!json_is_integer(next) || json_integer_value(next) < 1 ||
	    json_integer_value(next) > BPMN_TOKEN_ID_MAX || status < 0 ||
	    !json_is_boolean(started) ||
	    !number_of(&depth, state, "depth", 0, BPMN_CALL_DEPTH_MAX + 1, 0))
		return pl_fail(PL_INVALID,
			       "state: nextToken, status or started is not as it must be");
	inst->next_token = (uint64_t)json_integer_value(next);
	inst->status = (enum bpmn_status)status;
	inst->is_started = json_is_true(started);
	inst->depth = (unsigned)depth;
	err = load_frames(inst, json_object_get(state, "frames"));
	if (!err)
		err = load_tokens(inst, json_object_get(state, "tokens"));
	if (!err)
		err = check_whole(inst);
	return err ? err : load_failure(inst, json_object_get(state, "failure"));
}

enum pl_err bpmn_instance_load(struct bpmn_instance **instp, const struct bpmn_model *model,
			       const json_t *state)
{
	const json_t *version = json_object_get(state, "version");
	const json_t *process = json_object_get(state, "process");
	const json_t *variables = json_object_get(state, "variables");
	struct bpmn_instance *inst = NULL;
	enum pl_err err;

	if (!json_is_integer(version) || json_integer_value(version) < 1)
		return pl_fail(PL_INVALID, "state: the version is missing");
	if (json_integer_value(version) > BPMN_STATE_VERSION)
		return pl_fail(PL_NEWER, "state: version %lld is newer than %d",
			       (long long)json_integer_value(version), BPMN_STATE_VERSION);
	if (!json_is_string(process) || strcmp(json_string_value(process), model->process_id) != 0)
		return pl_fail(PL_INVALID, "state: not of process %s", model->process_id);
	if (!json_is_object(variables))
		return pl_fail(PL_INVALID, "state: the variables are not an object");
	err = bpmn_instance_new(&inst, model, variables);
	if (!err)
		err = load(inst, state);
	if (err)
		bpmn_instance_free(inst);
	else
		*instp = inst;
	return err;
}
