/*
 * run.c — tokens on their way.
 *
 * A call puts a token where it goes next and then serves, one after the other, all tokens that wait
 * for nothing. Entering an element gives a token a new id, so an answer to an earlier wait finds
 * nobody. What goes wrong within the process (no flow to take, an expression over its limits) fails
 * the instance and not the call.
 *
 * Source: BPMN 2.0.2 §13.2 to §13.5.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/instance.h"

struct run {
	struct bpmn_instance *inst;
	const struct bpmn_effects *effects;
	void *arg;
	unsigned steps;
	unsigned long feel_steps;
};

typedef enum pl_err enter_fn(struct run *run, struct bpmn_token token);

static void trace(const struct run *run, const char *element_id, const char *what)
{
	if (run->effects && run->effects->trace)
		run->effects->trace(run->arg, element_id, what);
}

static const struct bpmn_node *node_of(const struct run *run, struct bpmn_token token)
{
	return &run->inst->model->nodes[token.node];
}

static struct bpmn_token *find_token(struct bpmn_instance *inst, uint64_t id)
{
	for (size_t i = 0; i < inst->tokens_len; i++)
		if (inst->tokens[i].id == id)
			return &inst->tokens[i];
	return NULL;
}

static void remove_token(struct bpmn_instance *inst, uint64_t id)
{
	struct bpmn_token *token = find_token(inst, id);

	pl_assert(token);
	inst->tokens_len--;
	memmove(token, token + 1,
		(size_t)(inst->tokens + inst->tokens_len - token) * sizeof(*token));
}

static void set_wait(struct run *run, struct bpmn_token token, enum bpmn_wait waits)
{
	find_token(run->inst, token.id)->waits = waits;
}

/* The instance fails at token; PL_NOMEM if not even that can be kept. */
static enum pl_err fail(struct run *run, struct bpmn_token token, const char *code,
			const char *reason)
{
	const char *element_id = node_of(run, token)->id;

	/* text from outside may be no UTF-8: it is kept as far as it is */
	run->inst->failure = json_pack("{s:s,s:o,s:o}", "element", element_id, "code",
				       json_string(code) ?: json_string("?"), "reason",
				       json_string(reason) ?: json_string("(not UTF-8)"));
	if (!run->inst->failure)
		return PL_NOMEM;
	run->inst->status = BPMN_FAILED;
	set_wait(run, token, BPMN_WAITS_FAILED);
	trace(run, element_id, "failed");
	return PL_OK;
}

/* The instance fails by the error of an expression, unless memory is all that is missing. */
static enum pl_err fail_by(struct run *run, struct bpmn_token token, enum pl_err err,
			   const char *what)
{
	char reason[480];

	if (err == PL_NOMEM)
		return err;
	snprintf(reason, sizeof(reason), "%s: %s", what, pl_err_detail(err));
	return fail(run, token, "expression", reason);
}

static enum pl_err add_token(struct run *run, unsigned node)
{
	struct bpmn_instance *inst = run->inst;

	if (inst->tokens_len == inst->tokens_cap) {
		size_t cap = inst->tokens_cap ? inst->tokens_cap * 2 : 4;
		struct bpmn_token *grown = realloc(inst->tokens, cap * sizeof(*grown));

		if (!grown)
			return PL_NOMEM;
		inst->tokens = grown;
		inst->tokens_cap = cap;
	}
	inst->tokens[inst->tokens_len++] =
		(struct bpmn_token){ inst->next_token++, node, BPMN_WAITS_NOTHING };
	return PL_OK;
}

static enum pl_err take(struct run *run, unsigned place)
{
	const struct bpmn_flow *flow = &run->inst->model->flows[place];

	trace(run, flow->id, "taken");
	return add_token(run, flow->target);
}

/* The token leaves its element: one new token on each outgoing flow, or on the flow `only`. */
static enum pl_err leave(struct run *run, struct bpmn_token token, int only)
{
	const struct bpmn_node *node = node_of(run, token);
	enum pl_err err = PL_OK;

	if (only < 0 && run->inst->tokens_len + node->outgoing_len > BPMN_TOKENS_MAX)
		return fail(run, token, "tokens", "the instance has too many tokens");
	trace(run, node->id, "completed");
	remove_token(run->inst, token.id);
	if (only >= 0)
		return take(run, (unsigned)only);
	for (unsigned i = 0; !err && i < node->outgoing_len; i++)
		err = take(run, node->outgoing[i]);
	return err;
}

static enum pl_err enter_through(struct run *run, struct bpmn_token token)
{
	return leave(run, token, -1);
}

static enum pl_err enter_end(struct run *run, struct bpmn_token token)
{
	trace(run, node_of(run, token)->id, "completed");
	remove_token(run->inst, token.id);
	return PL_OK;
}

static enum pl_err input_of(struct run *run, struct bpmn_token token, json_t **inputp)
{
	json_t *input = json_object();
	enum pl_err err;

	if (!input)
		return PL_NOMEM;
	err = bpmn_map(input, &node_of(run, token)->inputs, run->inst->variables, &run->feel_steps);
	if (err)
		json_decref(input);
	else
		*inputp = input;
	return err;
}

/* What an activity leaves behind: its outputs over the result, or the result as it is. */
static enum pl_err keep_result(struct run *run, const struct bpmn_node *node, const json_t *result)
{
	struct bpmn_instance *inst = run->inst;
	json_t *context;
	enum pl_err err;

	if (!node->outputs.len)
		return bpmn_merge(inst->variables, result);
	context = bpmn_overlay(inst->variables, result);
	if (!context)
		return PL_NOMEM;
	err = bpmn_map(inst->variables, &node->outputs, context, &run->feel_steps);
	json_decref(context);
	return err;
}

static enum pl_err enter_service(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = node_of(run, token);
	json_t *input = NULL;
	enum pl_err err = input_of(run, token, &input);

	if (err)
		return fail_by(run, token, err, "input mapping");
	set_wait(run, token, BPMN_WAITS_TASK);
	trace(run, node->id, "waiting");
	if (run->effects && run->effects->task)
		run->effects->task(run->arg, token.id, node->id, node->task_type, input);
	json_decref(input);
	return PL_OK;
}

static enum pl_err enter_script(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = node_of(run, token);
	json_t *input = NULL, *context = NULL, *value = NULL, *result;
	enum pl_err err = input_of(run, token, &input);

	if (err)
		return fail_by(run, token, err, "input mapping");
	context = bpmn_overlay(run->inst->variables, input);
	json_decref(input);
	if (!context)
		return PL_NOMEM;
	err = bpmn_eval(&value, node->script, context, &run->feel_steps);
	json_decref(context);
	if (err)
		return fail_by(run, token, err, "script");
	result = json_object();
	if (!result || json_object_set(result, node->result_variable, value))
		err = PL_NOMEM;
	json_decref(value);
	if (!err)
		err = keep_result(run, node, result);
	json_decref(result);
	return err ? fail_by(run, token, err, "output mapping") : leave(run, token, -1);
}

/* The first flow whose condition is true, else the default. Null and the like count as not true. */
static enum pl_err enter_exclusive(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = node_of(run, token);
	char where[BPMN_ID_MAX + 40];

	for (unsigned i = 0; i < node->outgoing_len; i++) {
		const struct bpmn_flow *flow = &run->inst->model->flows[node->outgoing[i]];
		json_t *value = NULL;
		enum pl_err err;
		bool is_true;

		if ((int)node->outgoing[i] == node->default_flow)
			continue;
		if (!flow->condition)
			return leave(run, token, (int)node->outgoing[i]);
		err = bpmn_eval(&value, flow->condition, run->inst->variables, &run->feel_steps);
		if (err) {
			snprintf(where, sizeof(where), "condition of %s", flow->id);
			return fail_by(run, token, err, where);
		}
		is_true = json_is_true(value);
		json_decref(value);
		if (is_true)
			return leave(run, token, (int)node->outgoing[i]);
	}
	if (node->default_flow >= 0)
		return leave(run, token, node->default_flow);
	return fail(run, token, "noFlow", "no condition is true and there is no default flow");
}

static enum pl_err enter_catch(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = node_of(run, token);
	const struct bpmn_timer *timer = &node->timer;
	int64_t due_ms = timer->due_ms;

	if (timer->text.expr) {
		json_t *value = NULL;
		enum pl_err err =
			bpmn_eval(&value, timer->text.expr, run->inst->variables, &run->feel_steps);
		bool is_due;

		if (err)
			return fail_by(run, token, err, "timer");
		is_due = json_is_string(value) &&
			 bpmn_timer_resolve(&due_ms, timer->is_date, json_string_value(value),
					    json_string_length(value));
		json_decref(value);
		if (!is_due)
			return fail(
				run, token, "timer",
				timer->is_date
					? "the timer's value is no ISO 8601 date and time with a zone"
					: "the timer's value is no ISO 8601 duration without years "
					  "or months");
	}
	set_wait(run, token, BPMN_WAITS_TIMER);
	trace(run, node->id, "waiting");
	if (run->effects && run->effects->timer)
		run->effects->timer(run->arg, token.id, node->id,
				    timer->is_date ? "date" : "duration", due_ms);
	return PL_OK;
}

static enter_fn *const enters[BPMN_KINDS] = {
	[BPMN_START] = enter_through,	    [BPMN_END] = enter_end,
	[BPMN_SERVICE] = enter_service,	    [BPMN_SCRIPT] = enter_script,
	[BPMN_EXCLUSIVE] = enter_exclusive, [BPMN_CATCH] = enter_catch,
};

/* Serves tokens until all of them wait, the last is gone, or the instance has failed. */
static enum pl_err serve(struct run *run)
{
	struct bpmn_instance *inst = run->inst;
	enum pl_err err = PL_OK;

	while (!err && inst->status == BPMN_RUNNING) {
		struct bpmn_token token;
		size_t i = 0;

		while (i < inst->tokens_len && inst->tokens[i].waits != BPMN_WAITS_NOTHING)
			i++;
		if (i == inst->tokens_len)
			break;
		token = inst->tokens[i];
		if (++run->steps > BPMN_STEPS_MAX) {
			err = fail(run, token, "steps", "too many steps without a wait: a loop?");
			break;
		}
		trace(run, node_of(run, token)->id, "entered");
		err = enters[node_of(run, token)->kind](run, token);
	}
	if (!err && inst->status == BPMN_RUNNING && inst->tokens_len == 0)
		inst->status = BPMN_COMPLETED;
	if (err)
		inst->is_broken = true;
	return err;
}

static enum pl_err refuse_ended(const struct bpmn_instance *inst)
{
	if (inst->is_broken)
		return pl_fail(PL_STATE, "the instance ran out of memory: load its last state");
	if (inst->status != BPMN_RUNNING)
		return pl_fail(PL_STATE, "the instance has ended");
	return PL_OK;
}

static enum pl_err find_waiting(struct bpmn_token *tokenp, struct bpmn_instance *inst, uint64_t id,
				enum bpmn_wait waits)
{
	const struct bpmn_token *token = find_token(inst, id);
	enum pl_err err = refuse_ended(inst);

	if (err)
		return err;
	if (!token || token->waits != waits)
		return pl_fail(PL_STATE, "token %llu does not wait for this, or no longer",
			       (unsigned long long)id);
	*tokenp = *token;
	return PL_OK;
}

enum pl_err bpmn_instance_start(struct bpmn_instance *inst, const struct bpmn_effects *effects,
				void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	enum pl_err err = refuse_ended(inst);

	if (err)
		return err;
	if (inst->is_started)
		return pl_fail(PL_STATE, "the instance has been started");
	err = add_token(&run, inst->model->start);
	if (err)
		return err;
	inst->is_started = true;
	return serve(&run);
}

enum pl_err bpmn_instance_complete(struct bpmn_instance *inst, uint64_t token_id,
				   const json_t *result, const struct bpmn_effects *effects,
				   void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	struct bpmn_token token;
	enum pl_err err;

	if (result && !json_is_object(result) && !json_is_null(result))
		return pl_fail(PL_INVALID, "the result of a task is not an object");
	err = find_waiting(&token, inst, token_id, BPMN_WAITS_TASK);
	if (err)
		return err;
	err = keep_result(&run, node_of(&run, token), result);
	err = err ? fail_by(&run, token, err, "output mapping") : leave(&run, token, -1);
	if (err)
		inst->is_broken = true;
	return err ? err : serve(&run);
}

enum pl_err bpmn_instance_fail(struct bpmn_instance *inst, uint64_t token_id, const char *code,
			       const char *message, const struct bpmn_effects *effects, void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	struct bpmn_token token;
	enum pl_err err = find_waiting(&token, inst, token_id, BPMN_WAITS_TASK);

	return err ? err : fail(&run, token, code ? code : "", message ? message : "");
}

enum pl_err bpmn_instance_timer(struct bpmn_instance *inst, uint64_t token_id,
				const struct bpmn_effects *effects, void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	struct bpmn_token token;
	enum pl_err err = find_waiting(&token, inst, token_id, BPMN_WAITS_TIMER);

	if (err)
		return err;
	err = leave(&run, token, -1);
	if (err)
		inst->is_broken = true;
	return err ? err : serve(&run);
}
