/*
 * run_event.c — start, end, intermediate and boundary events, and event-based gateways.
 *
 * Source: BPMN 2.0.2 §13.5 (events), §13.4.5 (event-based gateway).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/bpmn/variables.h"

static enum pl_err go_on(struct run *run, struct bpmn_token token)
{
	run_trace(run, run_node(run, token.node)->id, "completed");
	bpmn_token_remove(run->inst, bpmn_token_find(run->inst, token.id));
	return run_leave(run, token.node, token.frame);
}

/* What came with the event is kept. */
static enum pl_err keep(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = run_node(run, token.node);
	enum pl_err err = bpmn_outputs(run, node, token.frame, token.frame, token.payload);

	return err ? run_fail_by(run, token.id, err, "expression", "output mapping")
		   : go_on(run, token);
}

/* ---- catching ---- */

enum pl_err run_enter_start(struct run *run, struct bpmn_token token)
{
	enum pl_err err;

	run_unsubscribe(run, token.frame, BPMN_START); /* of a try before */
	err = run_subscribe_events(run, token.frame);
	if (err)
		return run_fail_by(run, token.id, err, "event", "event sub-process");
	return run->inst->status == BPMN_RUNNING ? keep(run, token) : PL_OK;
}

enum pl_err run_enter_boundary(struct run *run, struct bpmn_token token)
{
	return keep(run, token);
}

enum pl_err run_enter_catch(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = run_node(run, token.node);
	enum pl_err err;

	if (token.has_arrived || node->event.type == BPMN_EV_LINK)
		return keep(run, token);
	err = run_subscribe(run, token.id);
	return err ? run_fail_by(run, token.id, err, run_event_name(node->event.type),
				 run_event_name(node->event.type))
		   : PL_OK;
}

/* The gateway's frame holds what waits for each of the events behind it. */
enum pl_err run_enter_choice(struct run *run, struct bpmn_token token)
{
	const struct bpmn_model *model = run->inst->model;
	const struct bpmn_node *node = run_node(run, token.node);
	int frame;
	enum pl_err err = run_frame(run, &frame, BPMN_FRAME_CHOICE, token.frame, token.node);

	if (frame < 0)
		return err;
	for (unsigned i = 0; !err && i < node->outgoing_len; i++) {
		struct bpmn_token *event;

		err = run_add(run, &event, model->flows[node->outgoing[i]].target, (unsigned)frame,
			      true);
		if (!event)
			return err;
		err = run_subscribe(run, event->id);
	}
	if (err) {
		run_discard(run, (unsigned)frame);
		return run_fail_by(run, token.id, err, "event", "event");
	}
	run_trace(run, node->id, "waiting");
	bpmn_token_remove(run->inst, bpmn_token_find(run->inst, token.id));
	return PL_OK;
}

/* ---- throwing ---- */

static void report(struct run *run, const struct bpmn_token *token, const char *event,
		   const char *name, const char *key, const json_t *payload)
{
	const struct bpmn_thrown thrown = { .event = event,
					    .element_id = run_node(run, token->node)->id,
					    .name = name,
					    .key = key,
					    .payload = payload };

	if (run->effects && run->effects->thrown)
		run->effects->thrown(run->arg, &thrown);
}

/* The name of what is thrown, or its code: a string that isn't empty. */
static enum pl_err thrown_name(struct run *run, json_t **namep, const struct bpmn_text *text,
			       unsigned frame)
{
	enum pl_err err = bpmn_text_in(run, namep, text, frame);

	if (err || json_string_length(*namep))
		return err;
	json_decref(*namep);
	*namep = NULL;
	return pl_fail(PL_INVALID, "what is thrown has no text for a name or code");
}

enum pl_err run_throw_message(struct run *run, const struct bpmn_token *token)
{
	const struct bpmn_node *node = run_node(run, token->node);
	json_t *name = NULL, *key = NULL, *payload = NULL;
	enum pl_err err = thrown_name(run, &name, node->event.name, token->frame);

	if (!err && node->event.key)
		err = thrown_name(run, &key, node->event.key, token->frame);
	if (!err)
		err = bpmn_inputs(run, &payload, node, token->frame);
	if (!err)
		report(run, token, "message", json_string_value(name), json_string_value(key),
		       payload);
	json_decref(name);
	json_decref(key);
	json_decref(payload);
	return err;
}

static bool waits_for_signal(const struct bpmn_token *token, const char *name)
{
	return token->waits == BPMN_WAITS_SIGNAL &&
	       strcmp(json_string_value(token->name), name) == 0;
}

/* All that wait now; what begins to wait meanwhile has a higher id and missed it. */
enum pl_err run_signal(struct run *run, const char *name, const json_t *payload)
{
	struct bpmn_instance *inst = run->inst;
	uint64_t last = 0, end = inst->next_token;
	enum pl_err err = PL_OK;

	while (!err && inst->status == BPMN_RUNNING) {
		size_t i = 0;

		while (i < inst->tokens_len &&
		       (inst->tokens[i].id <= last || !waits_for_signal(&inst->tokens[i], name)))
			i++;
		if (i == inst->tokens_len || inst->tokens[i].id >= end)
			break;
		last = inst->tokens[i].id;
		if (run->effects && run->effects->withdraw)
			run->effects->withdraw(run->arg, last,
					       run_node(run, inst->tokens[i].node)->id);
		err = run_trigger(run, last, json_incref((json_t *)payload));
	}
	return err;
}

static enum pl_err throw_signal(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = run_node(run, token.node);
	json_t *name = NULL, *payload = NULL;
	enum pl_err err = thrown_name(run, &name, node->event.name, token.frame);

	if (!err)
		err = bpmn_inputs(run, &payload, node, token.frame);
	if (err) {
		json_decref(name);
		return run_fail_by(run, token.id, err, "signal", "signal");
	}
	report(run, &token, "signal", json_string_value(name), NULL, payload);
	err = run_signal(run, json_string_value(name), payload);
	json_decref(name);
	json_decref(payload);
	if (err || run->inst->status != BPMN_RUNNING || !bpmn_token_find(run->inst, token.id))
		return err;
	return go_on(run, token);
}

static enum pl_err throw_escalation(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = run_node(run, token.node);
	json_t *code = NULL, *payload = NULL;
	bool is_caught;
	enum pl_err err = thrown_name(run, &code, node->event.name, token.frame);

	if (!err)
		err = bpmn_inputs(run, &payload, node, token.frame);
	if (err) {
		json_decref(code);
		return run_fail_by(run, token.id, err, "escalation", "escalation");
	}
	err = run_throw_escalation(run, &is_caught, token.frame, json_string_value(code), payload);
	if (!err && !is_caught)
		report(run, &token, "escalation", json_string_value(code), NULL, payload);
	json_decref(code);
	json_decref(payload);
	if (err || run->inst->status != BPMN_RUNNING || !bpmn_token_find(run->inst, token.id))
		return err;
	return go_on(run, token);
}

static enum pl_err throw_error(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = run_node(run, token.node);
	json_t *code = NULL;
	bool is_caught;
	enum pl_err err = thrown_name(run, &code, node->event.name, token.frame);

	if (err)
		return run_fail_by(run, token.id, err, "error", "error");
	run_trace(run, node->id, "completed");
	err = run_throw_error(run, &is_caught, token.frame, json_string_value(code), "");
	if (!err && !is_caught) {
		bpmn_token_find(run->inst, token.id)->waits = BPMN_WAITS_FAILED;
		err = run_stop(run, token.node, json_string_value(code),
			       "no event catches the error");
	}
	json_decref(code);
	return err;
}

static enum pl_err throw_message(struct run *run, struct bpmn_token token)
{
	enum pl_err err;

	if (run_node(run, token.node)->task_type) {
		if (token.has_arrived)
			return keep(run, token);
		return run_job(run, token);
	}
	err = run_throw_message(run, &token);
	return err ? run_fail_by(run, token.id, err, "message", "message") : go_on(run, token);
}

static enum pl_err throw_compensation(struct run *run, struct bpmn_token token)
{
	bool is_started;
	enum pl_err err;

	if (token.has_arrived)
		return go_on(run, token);
	err = run_compensate(run, &is_started, token);
	return err || is_started ? err : go_on(run, token);
}

static enum pl_err throw_link(struct run *run, struct bpmn_token token)
{
	struct bpmn_token *there;

	run_trace(run, run_node(run, token.node)->id, "completed");
	bpmn_token_remove(run->inst, bpmn_token_find(run->inst, token.id));
	return run_add(run, &there, (unsigned)run_node(run, token.node)->target, token.frame,
		       false);
}

static enum pl_err terminate(struct run *run, struct bpmn_token token)
{
	run_trace(run, run_node(run, token.node)->id, "completed");
	bpmn_token_remove(run->inst, bpmn_token_find(run->inst, token.id));
	run_clear(run, token.frame, true);
	return run_settle(run, token.frame);
}

static enum pl_err cancel(struct run *run, struct bpmn_token token)
{
	run_trace(run, run_node(run, token.node)->id, "completed");
	return run_cancel_transaction(run, token);
}

typedef enum pl_err throw_fn(struct run *run, struct bpmn_token token);

static throw_fn *const throws[BPMN_EVENT_COUNT] = {
	[BPMN_EV_PLAIN] = go_on,
	[BPMN_EV_MESSAGE] = throw_message,
	[BPMN_EV_SIGNAL] = throw_signal,
	[BPMN_EV_ERROR] = throw_error,
	[BPMN_EV_ESCALATION] = throw_escalation,
	[BPMN_EV_COMPENSATION] = throw_compensation,
	[BPMN_EV_TERMINATE] = terminate,
	[BPMN_EV_LINK] = throw_link,
	[BPMN_EV_CANCEL] = cancel,
};

enum pl_err run_enter_throw(struct run *run, struct bpmn_token token)
{
	return throws[run_node(run, token.node)->event.type](run, token);
}

enum pl_err run_enter_end(struct run *run, struct bpmn_token token)
{
	return run_enter_throw(run, token);
}
