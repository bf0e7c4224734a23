/*
 * run_subscribe.c — waiting for events, and what happens when one comes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "engines/bpmn/variables.h"

static bool is_waited_for(enum bpmn_event type)
{
	return type == BPMN_EV_MESSAGE || type == BPMN_EV_TIMER || type == BPMN_EV_SIGNAL ||
	       type == BPMN_EV_CONDITION;
}

const char *run_event_name(enum bpmn_event event)
{
	static const char *const names[BPMN_EVENT_COUNT] = {
		[BPMN_EV_MESSAGE] = "message",
		[BPMN_EV_TIMER] = "timer",
		[BPMN_EV_SIGNAL] = "signal",
		[BPMN_EV_CONDITION] = "condition",
	};

	return names[event] ? names[event] : "event";
}

/* ---- waiting ---- */

static enum pl_err resolve_timer(struct run *run, struct bpmn_due *duep,
				 const struct bpmn_timer *timer, unsigned frame)
{
	json_t *value = NULL;
	bool is_due;
	enum pl_err err;

	*duep = timer->due;
	if (!timer->text.expr)
		return PL_OK;
	err = bpmn_eval_in(run, &value, timer->text.expr, frame);
	if (err)
		return err;
	is_due = json_is_string(value) &&
		 bpmn_timer_resolve(duep, timer->kind, json_string_value(value),
				    json_string_length(value));
	json_decref(value);
	return is_due ? PL_OK
		      : pl_fail(PL_INVALID, "the timer's value is no %s",
				bpmn_timer_wants(timer->kind) + 3);
}

static enum pl_err wait_for_timer(struct run *run, uint64_t token_id)
{
	struct bpmn_token *token = bpmn_token_find(run->inst, token_id);
	struct bpmn_due due;
	enum pl_err err =
		resolve_timer(run, &due, &run_node(run, token->node)->event.timer, token->frame);

	if (err)
		return err;
	token->waits = BPMN_WAITS_TIMER;
	token->is_date = due.is_date;
	token->due_ms = due.due_ms;
	token->repeats = due.repeats;
	return PL_OK;
}

/* A name or key, as text; what is neither text nor number is none. */
static enum pl_err text_of(struct run *run, json_t **textp, const struct bpmn_text *text,
			   unsigned frame, const char *what)
{
	json_t *value = NULL;
	char *number;
	enum pl_err err = bpmn_text_in(run, &value, text, frame);

	if (err)
		return err;
	if (json_is_number(value)) {
		number = json_dumps(value, JSON_ENCODE_ANY);
		json_decref(value);
		value = number ? json_string(number) : NULL;
		free(number);
		if (!value)
			return PL_NOMEM;
	}
	if (!json_string_length(value)) {
		json_decref(value);
		return pl_fail(PL_INVALID, "the %s is no text and no number", what);
	}
	*textp = value;
	return PL_OK;
}

static enum pl_err wait_by_name(struct run *run, uint64_t token_id, enum bpmn_waits waits)
{
	struct bpmn_token *token = bpmn_token_find(run->inst, token_id);
	const struct bpmn_event_part *event = &run_node(run, token->node)->event;
	json_t *name = NULL, *key = NULL;
	enum pl_err err = text_of(run, &name, event->name, token->frame, "name");

	if (!err && event->key)
		err = text_of(run, &key, event->key, token->frame, "correlation key");
	if (err) {
		json_decref(name);
		return err;
	}
	token->waits = (unsigned char)waits;
	token->name = name;
	token->key = key;
	return PL_OK;
}

static enum pl_err begin_wait(struct run *run, uint64_t token_id)
{
	struct bpmn_token *token = bpmn_token_find(run->inst, token_id);

	switch (run_node(run, token->node)->event.type) {
	case BPMN_EV_TIMER:
		return wait_for_timer(run, token_id);
	case BPMN_EV_MESSAGE:
		return wait_by_name(run, token_id, BPMN_WAITS_MESSAGE);
	case BPMN_EV_SIGNAL:
		return wait_by_name(run, token_id, BPMN_WAITS_SIGNAL);
	default:
		token->waits = BPMN_WAITS_CONDITION;
		run->inst->is_changed = true; /* it may be true already */
		return PL_OK;
	}
}

enum pl_err run_subscribe(struct run *run, uint64_t token_id)
{
	const struct bpmn_token *token;
	enum pl_err err = begin_wait(run, token_id);

	if (err)
		return err;
	token = bpmn_token_find(run->inst, token_id);
	if (!token->is_subscription)
		run_trace(run, run_node(run, token->node)->id, "waiting");
	return run_report(run, token_id);
}

static enum pl_err subscribe_at(struct run *run, unsigned event, unsigned frame)
{
	struct bpmn_token *token;
	enum pl_err err = run_add(run, &token, event, frame, true);

	return token ? run_subscribe(run, token->id) : err;
}

enum pl_err run_subscribe_boundaries(struct run *run, unsigned node, unsigned frame)
{
	const struct bpmn_node *at = run_node(run, node);
	enum pl_err err = PL_OK;

	for (unsigned i = 0; !err && i < at->boundaries_len; i++)
		if (is_waited_for(run_node(run, at->boundaries[i])->event.type))
			err = subscribe_at(run, at->boundaries[i], frame);
	return err;
}

enum pl_err run_subscribe_events(struct run *run, unsigned frame)
{
	const struct bpmn_model *model = run->inst->model;
	int event = model->scopes[bpmn_frame_scope(run->inst, frame)].events;
	enum pl_err err = PL_OK;

	for (; !err && event >= 0; event = model->next_events[event])
		if (is_waited_for(model->nodes[event].event.type))
			err = subscribe_at(run, (unsigned)event, frame);
	return err;
}

void run_unsubscribe(struct run *run, unsigned frame, enum bpmn_kind kind)
{
	struct bpmn_instance *inst = run->inst;

	for (size_t i = 0; inst->frames[frame].held && i < inst->tokens_len;) {
		struct bpmn_token *token = &inst->tokens[i];

		if (token->frame == frame && token->is_subscription &&
		    run_node(run, token->node)->kind == kind)
			run_withdraw(run, token);
		else
			i++;
	}
}

/* ---- events that come ---- */

static enum pl_err trigger_boundary(struct run *run, unsigned event, unsigned frame,
				    json_t *payload)
{
	unsigned parent = (unsigned)run->inst->frames[frame].parent;

	if (run_node(run, event)->is_interrupting) {
		run_trace(run, run_node(run, run->inst->frames[frame].node)->id, "interrupted");
		run_discard(run, frame);
	}
	return run_arrive(run, event, parent, payload);
}

static enum pl_err trigger_event_sub(struct run *run, unsigned event, unsigned frame,
				     json_t *payload)
{
	struct bpmn_instance *inst = run->inst;
	unsigned sub = (unsigned)inst->model->scopes[run_node(run, event)->scope].owner;
	int place;
	enum pl_err err;

	if (run_node(run, event)->is_interrupting) {
		run_clear(run, frame, true);
		inst->frames[frame].is_interrupted = true;
	}
	err = run_frame(run, &place, BPMN_FRAME_EVENT_SUB, frame, sub);
	if (place < 0) {
		json_decref(payload);
		return err;
	}
	run_trace(run, run_node(run, sub)->id, "entered");
	return run_arrive(run, event, (unsigned)place, payload);
}

enum pl_err run_trigger_event(struct run *run, unsigned event, unsigned frame, json_t *payload)
{
	return run_node(run, event)->kind == BPMN_BOUNDARY
		       ? trigger_boundary(run, event, frame, payload)
		       : trigger_event_sub(run, event, frame, payload);
}

/* What doesn't interrupt is waited for again: a message, a signal, a condition that must become
 * false before; a cycle as often as it says. */
static enum pl_err wait_again(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = run_node(run, token.node);
	struct bpmn_token *again;
	struct bpmn_due due;
	enum pl_err err;

	if (node->is_interrupting || (node->event.type == BPMN_EV_TIMER &&
				      (node->event.timer.kind != BPMN_CYCLE || token.repeats == 0)))
		return PL_OK;
	if (node->event.type != BPMN_EV_TIMER) {
		err = run_add(run, &again, token.node, token.frame, true);
		if (!again)
			return err;
		again->was_true = node->event.type == BPMN_EV_CONDITION;
		return run_subscribe(run, again->id);
	}
	err = resolve_timer(run, &due, &node->event.timer, token.frame);
	if (err)
		return err;
	err = run_add(run, &again, token.node, token.frame, true);
	if (!again)
		return err;
	again->waits = BPMN_WAITS_TIMER;
	again->is_date = token.is_date;
	again->due_ms = due.period_ms + (token.is_date ? token.due_ms : 0);
	again->repeats = token.repeats < 0 ? -1 : token.repeats - 1;
	return run_report(run, again->id);
}

static enum pl_err trigger_subscription(struct run *run, struct bpmn_token token, json_t *payload)
{
	struct bpmn_instance *inst = run->inst;
	unsigned parent = 0;
	bool is_choice = inst->frames[token.frame].kind == BPMN_FRAME_CHOICE;
	enum pl_err err = PL_OK;

	bpmn_token_remove(inst, bpmn_token_find(inst, token.id));
	if (is_choice) {
		parent = (unsigned)inst->frames[token.frame].parent;
		run_trace(run, run_node(run, inst->frames[token.frame].node)->id, "completed");
		run_discard(run, token.frame);
		return run_arrive(run, token.node, parent, payload);
	}
	err = wait_again(run, token);
	if (err == PL_NOMEM || inst->status != BPMN_RUNNING) {
		json_decref(payload);
		return err;
	}
	if (err) { /* what it was asked for before can't be had any more */
		json_decref(payload);
		return run_stop(run, token.node,
				run_event_name(run_node(run, token.node)->event.type),
				pl_err_detail(err));
	}
	return run_trigger_event(run, token.node, token.frame, payload);
}

enum pl_err run_trigger(struct run *run, uint64_t token_id, json_t *payload)
{
	struct bpmn_token *token = bpmn_token_find(run->inst, token_id);

	if (token->is_subscription)
		return trigger_subscription(run, *token, payload);
	bpmn_token_forget(token);
	token->waits = BPMN_WAITS_NOTHING;
	token->has_arrived = true;
	token->payload = payload;
	return PL_OK;
}

/* ---- conditions ---- */

static enum pl_err ask(struct run *run, bool *firesp, uint64_t token_id)
{
	struct bpmn_token *token = bpmn_token_find(run->inst, token_id);
	json_t *value = NULL;
	enum pl_err err = bpmn_eval_in(run, &value, run_node(run, token->node)->event.condition,
				       token->frame);
	bool is_true = json_is_true(value);

	json_decref(value);
	*firesp = !err && is_true && !token->was_true;
	token->was_true = !err && is_true;
	return err;
}

enum pl_err run_conditions(struct run *run, bool *movedp)
{
	struct bpmn_instance *inst = run->inst;

	if (!inst->is_changed)
		return PL_OK;
	inst->is_changed = false;
	for (size_t i = 0; i < inst->tokens_len; i++) {
		uint64_t id = inst->tokens[i].id;
		bool fires;
		enum pl_err err;

		if (inst->tokens[i].waits != BPMN_WAITS_CONDITION)
			continue;
		err = ask(run, &fires, id);
		if (err)
			*movedp = inst->is_changed = true;
		if (err)
			return run_fail_by(run, id, err, "condition", "condition");
		if (!fires)
			continue;
		*movedp = inst->is_changed = true; /* the others are asked afterwards */
		return run_trigger(run, id, NULL);
	}
	return PL_OK;
}
