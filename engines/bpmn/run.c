/*
 * run.c — the calls that move an instance on, and the loop that serves its tokens.
 *
 * A call puts a token where it goes next and then serves, one after the other, all tokens that wait
 * for nothing. When none is left, conditions are asked whose variables have changed, and inclusive
 * joins whether anything can still come to them; if only joins wait then, they wait for ever, which
 * is an error. Entering an element gives a token a new id, so an answer to an earlier wait finds
 * nobody.
 *
 * Source: BPMN 2.0.2 §13.2 to §13.5.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "engines/bpmn/variables.h"

typedef enum pl_err enter_fn(struct run *run, struct bpmn_token token);

static enter_fn *const enters[BPMN_KINDS] = {
	[BPMN_START] = run_enter_start,		[BPMN_END] = run_enter_end,
	[BPMN_CATCH] = run_enter_catch,		[BPMN_THROW] = run_enter_throw,
	[BPMN_BOUNDARY] = run_enter_boundary,	[BPMN_PASS] = run_enter_activity,
	[BPMN_SERVICE] = run_enter_activity,	[BPMN_SEND] = run_enter_activity,
	[BPMN_USER] = run_enter_activity,	[BPMN_RECEIVE] = run_enter_activity,
	[BPMN_RULE] = run_enter_activity,	[BPMN_SCRIPT] = run_enter_activity,
	[BPMN_CALL] = run_enter_activity,	[BPMN_SUB] = run_enter_activity,
	[BPMN_EXCLUSIVE] = run_enter_exclusive, [BPMN_INCLUSIVE] = run_enter_inclusive,
	[BPMN_PARALLEL] = run_enter_parallel,	[BPMN_CHOICE] = run_enter_choice,
};

/* ---- serving ---- */

static enum pl_err enter(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = run_node(run, token.node);

	if (token.is_leaving && !bpmn_is_activity(node)) {
		bpmn_token_remove(run->inst, bpmn_token_find(run->inst, token.id));
		return run_leave(run, token.node, token.frame);
	}
	if (!token.is_leaving &&
	    !(token.has_arrived && bpmn_kind_rows[node->kind].enters != BPMN_NO))
		run_trace(run, node->id, "entered");
	return enters[node->kind](run, token);
}

static bool is_stuck(const struct bpmn_instance *inst, uint64_t *idp)
{
	*idp = 0;
	for (size_t i = 0; i < inst->tokens_len; i++) {
		if (inst->tokens[i].waits != BPMN_WAITS_JOIN)
			return false;
		if (!*idp)
			*idp = inst->tokens[i].id;
	}
	return *idp != 0;
}

/* Nothing goes on by itself: conditions, inclusive joins. */
static enum pl_err look_around(struct run *run, bool *movedp)
{
	uint64_t stuck;
	enum pl_err err = run_conditions(run, movedp);

	if (err || *movedp)
		return err;
	err = run_joins(run, movedp);
	if (err || *movedp || !is_stuck(run->inst, &stuck))
		return err;
	*movedp = true;
	return run_fail(run, stuck, "deadlock",
			"the gateway waits for tokens that can't come any more");
}

static bool next_token(const struct bpmn_instance *inst, struct bpmn_token *tokenp)
{
	for (size_t i = 0; i < inst->tokens_len; i++)
		if (inst->tokens[i].waits == BPMN_WAITS_NOTHING) {
			*tokenp = inst->tokens[i];
			return true;
		}
	return false;
}

enum pl_err run_serve(struct run *run, enum pl_err err)
{
	struct bpmn_instance *inst = run->inst;
	struct bpmn_token token;
	bool moved = true;

	while (!err && inst->status == BPMN_RUNNING && moved) {
		if (++run->steps > BPMN_STEPS_MAX) {
			err = run_stop(run, next_token(inst, &token) ? token.node : 0, "steps",
				       "too many steps without a wait: a loop?");
			break;
		}
		moved = next_token(inst, &token);
		if (moved)
			err = enter(run, token);
		else
			err = look_around(run, &moved);
	}
	if (err)
		inst->is_broken = true;
	return err;
}

/* ---- what is refused ---- */

static enum pl_err refuse_ended(const struct bpmn_instance *inst)
{
	if (inst->is_broken)
		return pl_fail(PL_STATE, "the instance ran out of memory: load its last state");
	if (inst->status != BPMN_RUNNING)
		return pl_fail(PL_STATE, "the instance has ended");
	return PL_OK;
}

static enum pl_err refuse_payload(const json_t *payload, const char *what)
{
	if (payload && !json_is_object(payload) && !json_is_null(payload))
		return pl_fail(PL_INVALID, "%s is not an object", what);
	return PL_OK;
}

#define ANY_OF(waits) (1U << BPMN_WAITS_##waits)

static enum pl_err find_waiting(struct bpmn_token **tokenp, struct bpmn_instance *inst, uint64_t id,
				unsigned waits)
{
	struct bpmn_token *token = bpmn_token_find(inst, id);
	enum pl_err err = refuse_ended(inst);

	if (err)
		return err;
	if (!token || !(waits & (1U << token->waits)))
		return pl_fail(PL_STATE, "token %llu does not wait for this, or no longer",
			       (unsigned long long)id);
	*tokenp = token;
	return PL_OK;
}

static enum pl_err copy_payload(json_t **copyp, const json_t *payload)
{
	*copyp = json_is_object(payload) ? bpmn_copy(payload) : NULL;
	return json_is_object(payload) && !*copyp ? PL_NOMEM : PL_OK;
}

/* What a token waited for has come, with a copy of payload. */
static enum pl_err answer(struct run *run, uint64_t token_id, const json_t *payload)
{
	json_t *copy;
	enum pl_err err = copy_payload(&copy, payload);

	return run_serve(run, err ? err : run_trigger(run, token_id, copy));
}

/* ---- starting ---- */

static enum pl_err begin(struct run *run, unsigned node, const json_t *payload)
{
	const struct bpmn_node *at = run_node(run, node);
	json_t *copy;
	enum pl_err err = copy_payload(&copy, payload);

	if (err)
		return err;
	run->inst->is_started = true;
	err = run_arrive(run, node, 0, copy);
	if (!err && at->kind != BPMN_START)
		err = run_subscribe_events(run, 0);
	if (err && err != PL_NOMEM)
		err = run_stop(run, node, "event", pl_err_detail(err));
	return run_serve(run, err);
}

static enum pl_err refuse_started(const struct bpmn_instance *inst)
{
	enum pl_err err = refuse_ended(inst);

	if (!err && inst->is_started)
		return pl_fail(PL_STATE, "the instance has been started");
	return err;
}

enum pl_err bpmn_instance_start(struct bpmn_instance *inst, const struct bpmn_effects *effects,
				void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	enum pl_err err = refuse_started(inst);

	if (err)
		return err;
	if (inst->model->scopes[0].start < 0)
		return pl_fail(PL_STATE, "process %s has no start event without a trigger",
			       inst->model->process_id);
	return begin(&run, (unsigned)inst->model->scopes[0].start, NULL);
}

enum pl_err bpmn_instance_start_at(struct bpmn_instance *inst, const char *element_id,
				   const json_t *payload, const struct bpmn_effects *effects,
				   void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	int node = bpmn_model_place(inst->model, element_id);
	enum pl_err err = refuse_payload(payload, "what came with the start");

	if (!err && (node < 0 || !bpmn_starts_at(inst->model, (unsigned)node)))
		err = pl_fail(PL_INVALID, "process %s does not start at %s",
			      inst->model->process_id, element_id);
	if (!err)
		err = refuse_started(inst);
	return err ? err : begin(&run, (unsigned)node, payload);
}

/* ---- answers ---- */

enum pl_err bpmn_instance_complete(struct bpmn_instance *inst, uint64_t token_id,
				   const json_t *result, const struct bpmn_effects *effects,
				   void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	struct bpmn_token *token;
	enum pl_err err = refuse_payload(result, "the result of a task");

	if (!err)
		err = find_waiting(&token, inst, token_id, ANY_OF(TASK) | ANY_OF(CALL));
	return err ? err : answer(&run, token_id, result);
}

enum pl_err bpmn_instance_fail(struct bpmn_instance *inst, uint64_t token_id, const char *code,
			       const char *message, const struct bpmn_effects *effects, void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	struct bpmn_token *token;
	enum pl_err err = find_waiting(&token, inst, token_id, ANY_OF(TASK) | ANY_OF(CALL));

	if (err)
		return err;
	return run_serve(&run, run_fail(&run, token_id, code ? code : "", message ? message : ""));
}

enum pl_err bpmn_instance_escalate(struct bpmn_instance *inst, uint64_t token_id, const char *code,
				   const json_t *payload, const struct bpmn_effects *effects,
				   void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	struct bpmn_token *token;
	json_t *copy = NULL;
	bool is_caught;
	enum pl_err err = refuse_payload(payload, "what came with the escalation");

	if (!err)
		err = find_waiting(&token, inst, token_id, ANY_OF(TASK) | ANY_OF(CALL));
	if (err)
		return err;
	err = copy_payload(&copy, payload);
	if (!err)
		err = run_throw_escalation(&run, &is_caught, token->frame, code ? code : "", copy);
	if (!err && !is_caught && effects && effects->thrown) {
		const struct bpmn_thrown thrown = { .event = "escalation",
						    .element_id = run_node(&run, token->node)->id,
						    .name = code ? code : "",
						    .payload = copy };

		effects->thrown(arg, &thrown);
	}
	json_decref(copy);
	return run_serve(&run, err);
}

enum pl_err bpmn_instance_timer(struct bpmn_instance *inst, uint64_t token_id,
				const struct bpmn_effects *effects, void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	struct bpmn_token *token;
	enum pl_err err = find_waiting(&token, inst, token_id, ANY_OF(TIMER));

	return err ? err : answer(&run, token_id, NULL);
}

enum pl_err bpmn_instance_message(struct bpmn_instance *inst, uint64_t token_id,
				  const json_t *payload, const struct bpmn_effects *effects,
				  void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	struct bpmn_token *token;
	enum pl_err err = refuse_payload(payload, "a message");

	if (!err)
		err = find_waiting(&token, inst, token_id, ANY_OF(MESSAGE) | ANY_OF(SIGNAL));
	return err ? err : answer(&run, token_id, payload);
}

enum pl_err bpmn_instance_signal(struct bpmn_instance *inst, const char *name,
				 const json_t *payload, const struct bpmn_effects *effects,
				 void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	json_t *copy = NULL;
	enum pl_err err = refuse_payload(payload, "what came with the signal");

	if (!err)
		err = refuse_ended(inst);
	if (err)
		return err;
	err = copy_payload(&copy, payload);
	if (!err)
		err = run_signal(&run, name, copy);
	json_decref(copy);
	return run_serve(&run, err);
}

enum pl_err bpmn_instance_set(struct bpmn_instance *inst, uint64_t token_id,
			      const json_t *variables, const struct bpmn_effects *effects,
			      void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	struct bpmn_token *token = token_id ? bpmn_token_find(inst, token_id) : NULL;
	json_t *copy;
	enum pl_err err = refuse_ended(inst);

	if (!err && !json_is_object(variables))
		err = pl_fail(PL_INVALID, "the variables are not an object");
	if (!err && token_id && !token)
		err = pl_fail(PL_STATE, "there is no token %llu", (unsigned long long)token_id);
	if (err)
		return err;
	err = copy_payload(&copy, variables);
	if (!err)
		err = bpmn_merge(inst, token ? token->frame : 0, copy);
	json_decref(copy);
	return inst->is_started ? run_serve(&run, err) : err;
}

/* ---- incidents ---- */

static enum pl_err find_incident(struct bpmn_token **tokenp, struct bpmn_instance *inst,
				 uint64_t token_id)
{
	enum pl_err err = find_waiting(tokenp, inst, token_id, ANY_OF(INCIDENT));

	if (err)
		return err;
	json_decref((*tokenp)->name);
	(*tokenp)->name = NULL;
	(*tokenp)->waits = BPMN_WAITS_NOTHING;
	return PL_OK;
}

enum pl_err bpmn_instance_retry(struct bpmn_instance *inst, uint64_t token_id,
				const struct bpmn_effects *effects, void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	struct bpmn_token *token;
	enum pl_err err = find_incident(&token, inst, token_id);

	if (err)
		return err;
	if (token->is_subscription ||
	    run_node(&run, token->node)->event.type == BPMN_EV_CONDITION) {
		token->waits = BPMN_WAITS_CONDITION;
		inst->is_changed = true;
	}
	return run_serve(&run, PL_OK);
}

/* A gateway that finds no flow to take goes on by its default one, or else its first. */
static enum pl_err skip_leaving(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = run_node(run, token.node);
	struct bpmn_token *next;
	int flow = node->default_flow >= 0 ? node->default_flow : (int)node->outgoing[0];

	bpmn_token_remove(run->inst, bpmn_token_find(run->inst, token.id));
	run_trace(run, run->inst->model->flows[flow].id, "taken");
	return run_add(run, &next, run->inst->model->flows[flow].target, token.frame, false);
}

static enum pl_err skip(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = run_node(run, token.node);

	if (token.is_subscription)
		return run_trigger(run, token.id, NULL);
	if (bpmn_is_activity(node))
		return run_end_activity(run, token);
	if (token.is_leaving)
		return skip_leaving(run, token);
	if (node->kind == BPMN_INCLUSIVE || node->kind == BPMN_PARALLEL) {
		bpmn_token_find(run->inst, token.id)->waits = BPMN_WAITS_JOIN;
		return run_join(run, token.node, token.frame);
	}
	bpmn_token_remove(run->inst, bpmn_token_find(run->inst, token.id));
	return node->kind == BPMN_CHOICE ? run_settle(run, token.frame)
					 : run_leave(run, token.node, token.frame);
}

enum pl_err bpmn_instance_skip(struct bpmn_instance *inst, uint64_t token_id,
			       const struct bpmn_effects *effects, void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	struct bpmn_token *token;
	enum pl_err err = find_incident(&token, inst, token_id);

	return err ? err : run_serve(&run, skip(&run, *token));
}

/* The path ends, and with it the activity and the instance of a loop that it was in. */
static enum pl_err drop(struct run *run, struct bpmn_token token)
{
	struct bpmn_instance *inst = run->inst;
	unsigned frame = token.frame;

	if (!run_is_own(run, &token)) {
		bpmn_token_remove(inst, bpmn_token_find(inst, token.id));
	} else {
		frame = (unsigned)inst->frames[frame].parent;
		run_discard(run, token.frame);
	}
	while (!inst->frames[frame].live && inst->frames[frame].kind == BPMN_FRAME_LOOP) {
		unsigned parent = (unsigned)inst->frames[frame].parent;

		run_discard(run, frame);
		frame = parent;
	}
	return inst->frames[frame].kind == BPMN_FRAME_COMPENSATION ? run_compensate_next(run, frame)
								   : run_settle(run, frame);
}

enum pl_err bpmn_instance_drop(struct bpmn_instance *inst, uint64_t token_id,
			       const struct bpmn_effects *effects, void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	struct bpmn_token *token;
	enum pl_err err = find_incident(&token, inst, token_id);

	return err ? err : run_serve(&run, drop(&run, *token));
}

/* ---- the whole ---- */

enum pl_err bpmn_instance_cancel(struct bpmn_instance *inst, const struct bpmn_effects *effects,
				 void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	enum pl_err err = refuse_ended(inst);

	if (err)
		return err;
	run_clear(&run, 0, false);
	inst->is_started = true;
	inst->status = BPMN_CANCELLED;
	return PL_OK;
}

enum pl_err bpmn_instance_waits(struct bpmn_instance *inst, const struct bpmn_effects *effects,
				void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	enum pl_err err = refuse_ended(inst);

	for (size_t i = 0; !err && i < inst->tokens_len; i++) {
		const struct bpmn_token *token = &inst->tokens[i];

		if (token->waits != BPMN_WAITS_INCIDENT)
			err = run_report(&run, token->id);
		else if (effects && effects->incident)
			effects->incident(
				arg, token->id, run_node(&run, token->node)->id,
				json_string_value(json_object_get(token->name, "code")),
				json_string_value(json_object_get(token->name, "reason")));
	}
	return err;
}
