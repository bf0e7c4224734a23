/*
 * plan.c — how a plan and its steps go on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/plan/plan.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *text;
	bool is_over;
} plan_states[] = {
#define PLAN(name, text, is_over) { text, is_over },
#include "engines/plan/states.h"
#undef PLAN
};

static const char *const step_states[] = {
#define STEP(name, text) text,
#include "engines/plan/states.h"
#undef STEP
};

const char *plan_state_text(enum plan_state state)
{
	return (unsigned)state < PLAN_STATE_COUNT ? plan_states[state].text : "?";
}

const char *plan_step_state_text(enum plan_step_state state)
{
	return (unsigned)state < STEP_STATE_COUNT ? step_states[state] : "?";
}

const char *plan_kind_text(enum plan_kind kind)
{
	static const char *const texts[] = { "reversible", "compensating", "pivot" };

	return (unsigned)kind < sizeof(texts) / sizeof(texts[0]) ? texts[kind] : "?";
}

bool plan_is_over(const struct plan *plan)
{
	return plan_states[plan->state].is_over;
}

struct plan_step *plan_step_find(const struct plan *plan, const char *id)
{
	for (unsigned i = 0; i < plan->steps_len; i++)
		if (strcmp(plan->steps[i].id, id) == 0)
			return &plan->steps[i];
	return NULL;
}

/* ---- changes ---- */

static void plan_to(struct plan *plan, enum plan_state state)
{
	plan->state = state;
	plan->is_changed = true;
}

static void step_to(struct plan_step *step, enum plan_step_state state, struct plan_clock clock)
{
	step->state = state;
	step->is_changed = true;
	step->since_ms = step->due_ms = 0;
	step->attempts = 0;
	step->detail[0] = '\0';
	if (!step->started_ms)
		step->started_ms = clock.wall_ms;
	step->ended_ms = state == STEP_DONE || state == STEP_UNDONE || state == STEP_LEFT ||
					 state == STEP_FAILED
				 ? clock.wall_ms
				 : 0;
}

static void say(struct plan_step *step, const char *text)
{
	snprintf(step->detail, sizeof(step->detail), "%s", text);
}

static void fail(struct plan *plan, struct plan_step *step, enum pl_err err,
		 struct plan_clock clock)
{
	char text[sizeof(step->detail)];
	unsigned attempts = step->attempts;

	snprintf(text, sizeof(text), "%s", pl_err_detail(err));
	step_to(step, STEP_FAILED, clock);
	step->attempts = attempts;
	say(step, text);
	snprintf(plan->why, sizeof(plan->why), "%.100s: %s", step->title, text);
	plan->is_changed = true;
}

static bool is_due(const struct plan_step *step, struct plan_clock clock)
{
	return step->due_ms <= clock.steady_ms;
}

/* Whether what has just failed is to be tried again; notes when. */
static bool again(struct plan_step *step, enum pl_err err, struct plan_clock clock)
{
	if (!pl_err_row(err)->retry || step->attempts >= PLAN_ATTEMPTS)
		return false;
	step->due_ms = clock.steady_ms + (int64_t)PLAN_AGAIN_MS * step->attempts;
	say(step, pl_err_detail(err));
	return true;
}

/* Whether a step that waits for the world may wait on. */
static bool waits(struct plan_step *step, struct plan_clock clock)
{
	int64_t limit_ms = step->action->limit_ms ? step->action->limit_ms : PLAN_LIMIT_MS;

	if (!step->since_ms)
		step->since_ms = clock.steady_ms;
	say(step, pl_err_detail(PL_AGAIN));
	if (clock.steady_ms - step->since_ms < limit_ms)
		return true;
	pl_fail(PL_TIMEOUT, "not in %lld s: %s", (long long)(limit_ms / 1000), step->detail);
	return false;
}

/* ---- forward ---- */

static bool is_next(const struct plan *plan, const struct plan_step *step)
{
	json_t *id;
	size_t i;

	json_array_foreach(step->after, i, id) {
		if (plan_step_find(plan, json_string_value(id))->state != STEP_DONE)
			return false;
	}
	return true;
}

static void begin(struct plan *plan, struct plan_step *step, void *world, struct plan_clock clock)
{
	enum pl_err err = step->action->check ? step->action->check(world, step) : PL_OK;

	step->attempts++;
	if (!err && !step->before)
		step->before = json_null();
	if (!err)
		step_to(step, STEP_APPLYING, clock);
	else if (!again(step, err, clock))
		fail(plan, step, err, clock);
}

static void apply(struct plan *plan, struct plan_step *step, void *world, struct plan_clock clock)
{
	enum pl_err err;

	step->attempts++;
	step->is_changed = true;
	err = step->action->apply(world, step);
	if (!err)
		step_to(step, STEP_VERIFYING, clock);
	else if (!again(step, err, clock))
		fail(plan, step, err, clock);
}

static void verify(struct plan *plan, struct plan_step *step, void *world, struct plan_clock clock)
{
	enum pl_err err = step->action->verify ? step->action->verify(world, step) : PL_OK;

	if (!err)
		step_to(step, STEP_DONE, clock);
	else if (!pl_err_row(err)->retry || !waits(step, clock))
		fail(plan, step, err, clock);
}

static void step_forward(struct plan *plan, struct plan_step *step, bool starts, void *world,
			 struct plan_clock clock)
{
	if (!is_due(step, clock))
		return;
	pl_err_clear();
	switch (step->state) {
	case STEP_WAITING:
		if (starts && is_next(plan, step))
			begin(plan, step, world, clock);
		break;
	case STEP_APPLYING:
		apply(plan, step, world, clock);
		break;
	case STEP_VERIFYING:
		verify(plan, step, world, clock);
		break;
	default:
		break;
	}
}

static unsigned count(const struct plan *plan, enum plan_step_state state)
{
	unsigned n = 0;

	for (unsigned i = 0; i < plan->steps_len; i++)
		n += plan->steps[i].state == state;
	return n;
}

static void forward(struct plan *plan, void *world, struct plan_clock clock)
{
	bool starts = count(plan, STEP_FAILED) == 0; /* after a failure, only what runs ends */

	for (unsigned i = 0; i < plan->steps_len; i++)
		step_forward(plan, &plan->steps[i], starts, world, clock);
	if (count(plan, STEP_DONE) == plan->steps_len)
		plan_to(plan, PLAN_DONE);
	else if (count(plan, STEP_FAILED) > 0 && count(plan, STEP_APPLYING) == 0 &&
		 count(plan, STEP_VERIFYING) == 0)
		plan_to(plan, plan->undoes_itself ? PLAN_UNDOING : PLAN_FAILED);
}

/* ---- back ---- */

/* Whether a step may have had an effect that isn't taken back. */
static bool is_begun(const struct plan_step *step)
{
	switch (step->state) {
	case STEP_APPLYING:
	case STEP_VERIFYING:
	case STEP_DONE:
	case STEP_UNDOING:
		return true;
	case STEP_FAILED:
		return step->before != NULL;
	default:
		return false;
	}
}

/* How many steps of the list stay: up to the last pivot that was begun. */
static unsigned kept(const struct plan *plan)
{
	for (unsigned i = plan->steps_len; i > 0; i--)
		if (plan->steps[i - 1].action->kind == PLAN_PIVOT && is_begun(&plan->steps[i - 1]))
			return i;
	return 0;
}

static bool has(const json_t *ids, const char *id)
{
	json_t *item;
	size_t i;

	json_array_foreach(ids, i, item) {
		if (strcmp(json_string_value(item), id) == 0)
			return true;
	}
	return false;
}

/* Whether nothing that waited for the step is there any more. */
static bool is_last(const struct plan *plan, const struct plan_step *step)
{
	for (unsigned i = 0; i < plan->steps_len; i++)
		if (is_begun(&plan->steps[i]) && has(plan->steps[i].after, step->id))
			return false;
	return true;
}

static void take_back(struct plan *plan, struct plan_step *step, void *world,
		      struct plan_clock clock)
{
	enum pl_err err;

	pl_err_clear();
	err = step->action->undo(world, step);
	if (!err) {
		step_to(step, STEP_UNDONE, clock);
	} else if (err == PL_STATE) {
		char text[sizeof(step->detail)];

		snprintf(text, sizeof(text), "%s", pl_err_detail(err));
		step_to(step, STEP_LEFT, clock);
		say(step, text);
	} else if (!pl_err_row(err)->retry || !waits(step, clock)) {
		fail(plan, step, err, clock);
	}
}

static void back(struct plan *plan, void *world, struct plan_clock clock)
{
	unsigned least = kept(plan), begun = 0, stuck = 0;
	bool was_stuck = false;

	for (unsigned i = plan->steps_len; i > least; i--) {
		struct plan_step *step = &plan->steps[i - 1];

		if (step->state == STEP_UNDOING) {
			take_back(plan, step, world, clock);
			was_stuck |= step->state == STEP_FAILED;
		} else if (is_begun(step) && is_last(plan, step)) {
			step_to(step, STEP_UNDOING, clock);
		}
	}
	if (was_stuck) {
		plan_to(plan, PLAN_STUCK);
		return;
	}
	for (unsigned i = least; i < plan->steps_len; i++) {
		begun += is_begun(&plan->steps[i]);
		stuck += plan->steps[i].state == STEP_UNDOING;
	}
	if (begun == 0 && stuck == 0)
		plan_to(plan, PLAN_UNDONE);
}

/* ---- called by the owner ---- */

bool plan_advance(struct plan *plan, void *world, struct plan_clock clock)
{
	bool changed;

	if (plan->state == PLAN_RUNNING)
		forward(plan, world, clock);
	else if (plan->state == PLAN_UNDOING)
		back(plan, world, clock);
	changed = plan->is_changed;
	for (unsigned i = 0; i < plan->steps_len; i++)
		changed |= plan->steps[i].is_changed;
	return changed;
}

int64_t plan_wait_ms(const struct plan *plan, struct plan_clock clock)
{
	int64_t wait_ms = PLAN_AGAIN_MS;

	for (unsigned i = 0; i < plan->steps_len; i++) {
		int64_t left_ms = plan->steps[i].due_ms - clock.steady_ms;

		if (left_ms > 0 && left_ms < wait_ms)
			wait_ms = left_ms;
	}
	return wait_ms;
}

enum pl_err plan_resume(struct plan *plan)
{
	bool was_stuck = plan->state == PLAN_STUCK;

	if (plan->state != PLAN_FAILED && !was_stuck)
		return pl_fail(PL_STATE, "plan %s is %s: there is nothing to resume", plan->id,
			       plan_state_text(plan->state));
	for (unsigned i = 0; i < plan->steps_len; i++) {
		struct plan_step *step = &plan->steps[i];
		struct plan_clock clock = { step->started_ms, 0 };

		if (step->state == STEP_FAILED)
			step_to(step,
				was_stuck && step->before ? STEP_UNDOING
				: step->before		  ? STEP_APPLYING
							  : STEP_WAITING,
				clock);
	}
	plan->why[0] = '\0';
	plan_to(plan, was_stuck ? PLAN_UNDOING : PLAN_RUNNING);
	return PL_OK;
}

enum pl_err plan_undo(struct plan *plan)
{
	unsigned least = kept(plan), begun = 0;

	if (plan->state == PLAN_UNDONE || plan->state == PLAN_UNDOING)
		return pl_fail(PL_STATE, "plan %s is %s already", plan->id,
			       plan_state_text(plan->state));
	for (unsigned i = least; i < plan->steps_len; i++)
		begun += is_begun(&plan->steps[i]);
	if (begun == 0 && least > 0)
		return pl_fail(PL_STATE,
			       "plan %s can't be undone: '%s' was taken, and nothing after it",
			       plan->id, plan->steps[least - 1].title);
	plan_to(plan, PLAN_UNDOING);
	return PL_OK;
}

void plan_stored(struct plan *plan)
{
	plan->is_changed = false;
	for (unsigned i = 0; i < plan->steps_len; i++)
		plan->steps[i].is_changed = false;
}
