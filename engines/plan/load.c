/*
 * load.c — a plan from JSON, and back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/plan/plan.h"

static const char *text_of(const json_t *body, const char *name)
{
	const char *text = json_string_value(json_object_get(body, name));

	return text ? text : "";
}

static int64_t number_of(const json_t *body, const char *name)
{
	return json_integer_value(json_object_get(body, name));
}

static enum pl_err state_of(int *statep, const char *text, int states,
			    const char *(*text_fn)(unsigned))
{
	if (!*text)
		return PL_OK; /* a definition: the first one */
	for (int i = 0; i < states; i++)
		if (strcmp(text_fn((unsigned)i), text) == 0) {
			*statep = i;
			return PL_OK;
		}
	return pl_fail(PL_INVALID, "'%s' is no state of a plan or step", text);
}

static const char *plan_text(unsigned state)
{
	return plan_state_text((enum plan_state)state);
}

static const char *step_text(unsigned state)
{
	return plan_step_state_text((enum plan_step_state)state);
}

static const struct plan_action *action_of(const struct plan_action *actions, const char *name)
{
	for (; actions->name; actions++)
		if (strcmp(actions->name, name) == 0)
			return actions;
	return NULL;
}

/* A step waits only for such as come before it, so there is no ring. */
static enum pl_err check_after(const struct plan *plan, const struct plan_step *step)
{
	json_t *id;
	size_t i;

	json_array_foreach(step->after, i, id) {
		const struct plan_step *other =
			json_is_string(id) ? plan_step_find(plan, json_string_value(id)) : NULL;

		if (!other || other >= step)
			return pl_fail(PL_INVALID,
				       "step %s waits for '%s', which doesn't come before it",
				       step->id, json_is_string(id) ? json_string_value(id) : "?");
	}
	return PL_OK;
}

static enum pl_err load_step(struct plan_step *step, const json_t *body,
			     const struct plan_action *actions)
{
	json_t *args = json_object_get(body, "args"), *after = json_object_get(body, "after"),
	       *before = json_object_get(body, "before");
	int state = STEP_WAITING;
	enum pl_err err = state_of(&state, text_of(body, "state"), STEP_STATE_COUNT, step_text);

	if (err)
		return err;
	step->action = action_of(actions, text_of(body, "action"));
	if (!step->action)
		return pl_fail(PL_INVALID, "there is no action '%s'", text_of(body, "action"));
	if (!*text_of(body, "id") || (args && !json_is_object(args)) ||
	    (after && !json_is_array(after)))
		return pl_fail(PL_INVALID,
			       "a step needs an id, args that are an object, and a list "
			       "of those it waits for");
	step->id = strdup(text_of(body, "id"));
	step->title = strdup(text_of(body, "title"));
	step->args = args ? json_incref(args) : json_object();
	step->after = after ? json_incref(after) : json_array();
	step->before = before ? json_incref(before) : NULL;
	step->state = (enum plan_step_state)state;
	step->attempts = (unsigned)number_of(body, "attempts");
	step->started_ms = number_of(body, "startedMs");
	step->ended_ms = number_of(body, "endedMs");
	snprintf(step->detail, sizeof(step->detail), "%s", text_of(body, "detail"));
	return step->id && step->title && step->args && step->after ? PL_OK : PL_NOMEM;
}

static enum pl_err load_steps(struct plan *plan, const json_t *steps,
			      const struct plan_action *actions)
{
	enum pl_err err = PL_OK;
	json_t *body;
	size_t i;

	plan->steps = calloc(json_array_size(steps), sizeof(*plan->steps));
	if (!plan->steps)
		return PL_NOMEM;
	json_array_foreach(steps, i, body) {
		if (plan_step_find(plan, text_of(body, "id")))
			return pl_fail(PL_INVALID, "step '%s' is there twice", text_of(body, "id"));
		err = load_step(&plan->steps[i], body, actions);
		if (plan->steps[i].action)
			plan->steps_len++; /* it holds something now */
		if (!err)
			err = check_after(plan, &plan->steps[i]);
		if (err)
			return err;
	}
	return PL_OK;
}

enum pl_err plan_load(struct plan **planp, const json_t *body, const struct plan_action *actions)
{
	const json_t *steps = json_object_get(body, "steps");
	int state = PLAN_RUNNING;
	enum pl_err err = state_of(&state, text_of(body, "state"), PLAN_STATE_COUNT, plan_text);
	struct plan *plan;

	if (err)
		return err;
	if (!*text_of(body, "id") || json_array_size(steps) == 0 ||
	    json_array_size(steps) > PLAN_STEPS_MOST)
		return pl_fail(PL_INVALID, "a plan needs an id and 1 to %d steps", PLAN_STEPS_MOST);
	plan = calloc(1, sizeof(*plan));
	if (!plan)
		return PL_NOMEM;
	plan->id = strdup(text_of(body, "id"));
	plan->kind = strdup(text_of(body, "kind"));
	plan->title = strdup(text_of(body, "title"));
	plan->state = (enum plan_state)state;
	snprintf(plan->why, sizeof(plan->why), "%s", text_of(body, "why"));
	plan->undoes_itself = json_is_true(json_object_get(body, "undoesItself"));
	err = plan->id && plan->kind && plan->title ? load_steps(plan, steps, actions) : PL_NOMEM;
	if (err)
		plan_free(plan);
	else
		*planp = plan;
	return err;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	for (unsigned i = 0; i < plan->steps_len; i++) {
		struct plan_step *step = &plan->steps[i];

		free(step->id);
		free(step->title);
		json_decref(step->args);
		json_decref(step->before);
		json_decref(step->after);
	}
	free(plan->steps);
	free(plan->id);
	free(plan->kind);
	free(plan->title);
	free(plan);
}

json_t *plan_step_dump(const struct plan_step *step)
{
	json_t *body =
		json_pack("{s:s,s:s,s:s,s:s,s:O,s:O,s:s,s:i,s:I,s:I,s:s}", "id", step->id, "action",
			  step->action->name, "kind", plan_kind_text(step->action->kind), "title",
			  step->title, "args", step->args, "after", step->after, "state",
			  plan_step_state_text(step->state), "attempts", (int)step->attempts,
			  "startedMs", (json_int_t)step->started_ms, "endedMs",
			  (json_int_t)step->ended_ms, "detail", step->detail);

	if (body && step->before)
		json_object_set(body, "before", step->before);
	return body;
}

json_t *plan_dump(const struct plan *plan)
{
	json_t *steps = json_array();

	for (unsigned i = 0; i < plan->steps_len; i++)
		json_array_append_new(steps, plan_step_dump(&plan->steps[i]));
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:o}", "id", plan->id, "kind", plan->kind,
			 "title", plan->title, "state", plan_state_text(plan->state), "why",
			 plan->why, "undoesItself", plan->undoes_itself, "steps", steps);
}
