/*
 * plan_test.c — plans are killed before and after each effect, as the plans themselves say where,
 * and end as if they hadn't been.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engines/plan/plan.h"

enum { TURNS_MOST = 10000, NEVER = -1 };

/* What steps change: named values. It outlives the one who is killed, as does what was stored. */
struct world {
	json_t *values;
	json_t *stored; /* the plan */
	int64_t now_ms;
	int points, kill_at; /* moments at which one can be killed; at which one is */
	jmp_buf killed;
	const char *failing; /* step whose apply fails */
	int failures;	     /* how often, with an error that may pass */
	const char *unseen;  /* step that is never seen */
	const char *stuck;   /* step that can't be undone */
};

static void point(struct world *w)
{
	if (w->points++ == w->kill_at)
		longjmp(w->killed, 1);
}

static const char *key(const struct plan_step *step)
{
	return json_string_value(json_object_get(step->args, "key"));
}

static json_t *wanted(const struct plan_step *step)
{
	return json_object_get(step->args, "value");
}

static enum pl_err check(void *world, struct plan_step *step)
{
	struct world *w = world;
	json_t *value = json_object_get(w->values, key(step));

	if (json_object_get(step->args, "refused"))
		return pl_fail(PL_STATE, "%s is refused", step->id);
	step->before = value ? json_incref(value) : json_null();
	return PL_OK;
}

static enum pl_err apply(void *world, struct plan_step *step)
{
	struct world *w = world;

	if (w->failing && strcmp(w->failing, step->id) == 0 && w->failures != 0) {
		w->failures--;
		return pl_fail(PL_FULL, "no room");
	}
	point(w);
	json_object_set(w->values, key(step), wanted(step));
	point(w);
	return PL_OK;
}

static enum pl_err verify(void *world, struct plan_step *step)
{
	struct world *w = world;

	if (w->unseen && strcmp(w->unseen, step->id) == 0)
		return pl_fail(PL_AGAIN, "node-1 isn't heard");
	return json_equal(json_object_get(w->values, key(step)), wanted(step))
		       ? PL_OK
		       : pl_fail(PL_AGAIN, "not yet");
}

static enum pl_err undo(void *world, struct plan_step *step)
{
	struct world *w = world;
	json_t *value = json_object_get(w->values, key(step));

	if (w->stuck && strcmp(w->stuck, step->id) == 0)
		return pl_fail(PL_IO, "can't be undone now");
	if (json_equal(value, step->before) || (!value && json_is_null(step->before)))
		return PL_OK; /* done already */
	if (!json_equal(value, wanted(step)))
		return pl_fail(PL_STATE, "%s was changed since", key(step));
	point(w);
	if (json_is_null(step->before))
		json_object_del(w->values, key(step));
	else
		json_object_set(w->values, key(step), step->before);
	point(w);
	return PL_OK;
}

static const struct plan_action actions[] = {
	{ "set", PLAN_REVERSIBLE, 0, check, apply, verify, undo },
	{ "make", PLAN_COMPENSATING, 1000, check, apply, verify, undo },
	{ "burn", PLAN_PIVOT, 0, check, apply, verify, NULL },
	{ 0 },
};

static json_t *step(const char *id, const char *action, const char *name, int value,
		    const char *after)
{
	return json_pack("{s:s,s:s,s:s,s:{s:s,s:i},s:o}", "id", id, "action", action, "title", id,
			 "args", "key", name, "value", value, "after",
			 *after ? json_pack("[s]", after) : json_array());
}

/* Two ways that meet, and one key that two steps set one after the other. */
static json_t *sample(void)
{
	json_t *join = step("join", "make", "d", 9, "left"),
	       *body = json_pack("{s:s,s:s,s:s,s:[o,o,o,o]}", "id", "P1", "kind", "test", "title",
				 "a test", "steps", step("first", "set", "a", 2, ""),
				 step("left", "set", "a", 3, "first"),
				 step("right", "make", "c", 4, "first"), join);

	json_array_append_new(json_object_get(join, "after"), json_string("right"));
	return body;
}

static void world_init(struct world *w, json_t *plan)
{
	memset(w, 0, sizeof(*w));
	w->values = json_pack("{s:i,s:i}", "a", 1, "untouched", 7);
	w->stored = plan;
	w->kill_at = NEVER;
	w->now_ms = 1000;
}

static void world_fini(struct world *w)
{
	json_decref(w->values);
	json_decref(w->stored);
}

static struct plan *load(const struct world *w)
{
	struct plan *plan = NULL;

	assert_int_equal(plan_load(&plan, w->stored, actions), PL_OK);
	return plan;
}

static void store(struct world *w, struct plan *plan)
{
	json_decref(w->stored);
	w->stored = plan_dump(plan);
	assert_non_null(w->stored);
	plan_stored(plan);
}

static struct plan *running; /* of the one who may be killed */

/* The owner's loop: advance, store, wait. Returns false if it was killed. */
static bool run(struct world *w)
{
	running = load(w);
	if (setjmp(w->killed) != 0) {
		plan_free(running);
		return false;
	}
	for (int i = 0; i < TURNS_MOST && !plan_is_over(running); i++) {
		struct plan_clock clock = { 1600000000000 + w->now_ms, w->now_ms };

		if (plan_advance(running, w, clock)) {
			point(w); /* killed before what changed was stored */
			store(w, running);
			point(w);
		} else {
			w->now_ms += plan_wait_ms(running, clock);
		}
	}
	assert_true(plan_is_over(running));
	plan_free(running);
	return true;
}

/* Somebody else asks for something, between two lives of the owner. */
static enum pl_err ask(struct world *w, enum pl_err (*fn)(struct plan *))
{
	struct plan *plan = load(w);
	enum pl_err err = fn(plan);

	if (!err)
		store(w, plan);
	plan_free(plan);
	return err;
}

static const char *state(const struct world *w)
{
	return json_string_value(json_object_get(w->stored, "state"));
}

static const json_t *stored_step(const struct world *w, unsigned i)
{
	return json_array_get(json_object_get(w->stored, "steps"), i);
}

static const char *step_member(const struct world *w, unsigned i, const char *name)
{
	return json_string_value(json_object_get(stored_step(w, i), name));
}

static void assert_values(const struct world *w, const char *text)
{
	json_t *values = json_loads(text, 0, NULL);

	assert_non_null(values);
	if (!json_equal(w->values, values))
		fail_msg("values are %s instead of %s", json_dumps(w->values, JSON_SORT_KEYS),
			 text);
	json_decref(values);
}

static void runs_to_its_end(void **unused)
{
	struct world w;

	world_init(&w, sample());
	assert_true(run(&w));
	assert_string_equal(state(&w), "done");
	assert_values(&w, "{\"a\":3,\"c\":4,\"d\":9,\"untouched\":7}");
	for (unsigned i = 0; i < 4; i++) {
		assert_string_equal(step_member(&w, i, "state"), "done");
		assert_true(json_integer_value(json_object_get(stored_step(&w, i), "endedMs")) >=
			    json_integer_value(json_object_get(stored_step(&w, i), "startedMs")));
	}
	world_fini(&w);
}

static int points_of(json_t *plan, bool undoes, json_t **valuesp)
{
	struct world w;
	int points;

	world_init(&w, plan);
	assert_true(run(&w));
	if (undoes) {
		assert_int_equal(ask(&w, plan_undo), PL_OK);
		w.points = 0;
		assert_true(run(&w));
	}
	points = w.points;
	*valuesp = json_incref(w.values);
	world_fini(&w);
	return points;
}

/* Kills at each point in turn; and at each once more, as it comes again. */
static void kill_everywhere(bool undoes, const char *end)
{
	json_t *clean = NULL;
	int points = points_of(sample(), undoes, &clean), kills = 0;

	assert_true(points >= 2 * 4 + 2 * 4); /* around each effect and each store */
	for (int k = 0; k < points; k++) {
		struct world w;

		world_init(&w, sample());
		if (undoes) {
			assert_true(run(&w));
			assert_int_equal(ask(&w, plan_undo), PL_OK);
		}
		for (int life = 0; life < 3; life++) {
			w.points = 0;
			w.kill_at = life < 2 ? k : NEVER;
			kills += !run(&w);
		}
		assert_string_equal(state(&w), end);
		if (!json_equal(w.values, clean))
			fail_msg("killed at %d of %d: other values", k, points);
		world_fini(&w);
	}
	assert_true(kills >= points);
	json_decref(clean);
}

static void a_killed_plan_ends_as_if_it_was_not(void **unused)
{
	kill_everywhere(false, "done");
}

static void a_killed_undo_ends_as_if_it_was_not(void **unused)
{
	kill_everywhere(true, "undone");
}

static void undo_puts_back_what_was(void **unused)
{
	struct world w;

	world_init(&w, sample());
	assert_true(run(&w));
	assert_int_equal(ask(&w, plan_undo), PL_OK);
	assert_true(run(&w));
	assert_string_equal(state(&w), "undone");
	assert_values(&w, "{\"a\":1,\"untouched\":7}");
	assert_int_equal(ask(&w, plan_undo), PL_STATE);
	assert_int_equal(ask(&w, plan_resume), PL_STATE);
	world_fini(&w);
}

/* A plan that was killed anywhere on its way forward can be undone from there. */
static void undo_from_anywhere(void **unused)
{
	json_t *clean = NULL;
	int points = points_of(sample(), false, &clean);

	for (int k = 0; k < points; k++) {
		struct world w;

		world_init(&w, sample());
		w.kill_at = k;
		assert_false(run(&w));
		w.kill_at = NEVER;
		assert_int_equal(ask(&w, plan_undo), PL_OK);
		assert_true(run(&w));
		assert_string_equal(state(&w), "undone");
		assert_values(&w, "{\"a\":1,\"untouched\":7}");
		world_fini(&w);
	}
	json_decref(clean);
}

static void undo_leaves_what_others_changed(void **unused)
{
	struct world w;

	world_init(&w, sample());
	assert_true(run(&w));
	json_object_set_new(w.values, "c", json_integer(100));
	assert_int_equal(ask(&w, plan_undo), PL_OK);
	assert_true(run(&w));
	assert_string_equal(state(&w), "undone");
	assert_string_equal(step_member(&w, 2, "state"), "left");
	assert_string_equal(step_member(&w, 2, "detail"), "c was changed since");
	assert_values(&w, "{\"a\":1,\"c\":100,\"untouched\":7}");
	world_fini(&w);
}

static void what_may_pass_is_tried_again(void **unused)
{
	struct world w;

	world_init(&w, sample());
	w.failing = "left";
	w.failures = 3;
	assert_true(run(&w));
	assert_string_equal(state(&w), "done");
	world_fini(&w);
}

static void a_failed_plan_is_resumed(void **unused)
{
	struct world w;

	world_init(&w, sample());
	w.failing = "left";
	w.failures = 1000;
	assert_true(run(&w));
	assert_string_equal(state(&w), "failed");
	assert_string_equal(step_member(&w, 1, "state"), "failed");
	assert_string_equal(step_member(&w, 1, "detail"), "no room");
	assert_int_equal(json_integer_value(json_object_get(stored_step(&w, 1), "attempts")),
			 PLAN_ATTEMPTS);
	assert_string_equal(step_member(&w, 2, "state"), "done"); /* what ran has ended */
	assert_string_equal(step_member(&w, 3, "state"), "waiting");
	w.failures = 0;
	assert_int_equal(ask(&w, plan_resume), PL_OK);
	assert_true(run(&w));
	assert_string_equal(state(&w), "done");
	world_fini(&w);
}

static void what_is_not_seen_in_time_fails(void **unused)
{
	struct world w;

	world_init(&w, sample());
	w.unseen = "right";
	assert_true(run(&w));
	assert_string_equal(state(&w), "failed");
	assert_string_equal(step_member(&w, 2, "detail"), "not in 1 s: node-1 isn't heard");
	assert_int_equal(ask(&w, plan_undo), PL_OK);
	assert_true(run(&w));
	assert_values(&w, "{\"a\":1,\"untouched\":7}");
	world_fini(&w);
}

static void a_plan_that_fails_undoes_itself_if_it_shall(void **unused)
{
	json_t *plan = sample();
	struct world w;

	json_object_set_new(plan, "undoesItself", json_true());
	world_init(&w, plan);
	w.unseen = "join";
	assert_true(run(&w));
	assert_string_equal(state(&w), "undone");
	assert_string_equal(json_string_value(json_object_get(w.stored, "why")),
			    "join: not in 1 s: node-1 isn't heard");
	assert_values(&w, "{\"a\":1,\"untouched\":7}");
	world_fini(&w);
}

static void a_refused_step_changes_nothing(void **unused)
{
	json_t *plan = sample();
	struct world w;

	json_object_set_new(
		json_object_get(json_array_get(json_object_get(plan, "steps"), 0), "args"),
		"refused", json_true());
	world_init(&w, plan);
	assert_true(run(&w));
	assert_string_equal(state(&w), "failed");
	assert_string_equal(step_member(&w, 0, "detail"), "first is refused");
	assert_values(&w, "{\"a\":1,\"untouched\":7}");
	world_fini(&w);
}

static void undo_ends_at_a_pivot(void **unused)
{
	struct world w;

	world_init(&w, json_pack("{s:s,s:[o,o,o]}", "id", "P2", "steps",
				 step("before", "set", "a", 2, ""),
				 step("pivot", "burn", "b", 3, "before"),
				 step("after", "set", "c", 4, "pivot")));
	assert_true(run(&w));
	assert_int_equal(ask(&w, plan_undo), PL_OK);
	assert_true(run(&w));
	assert_string_equal(state(&w), "undone");
	assert_values(&w, "{\"a\":2,\"b\":3,\"untouched\":7}");
	world_fini(&w);

	world_init(&w, json_pack("{s:s,s:[o]}", "id", "P3", "steps",
				 step("pivot", "burn", "b", 3, "")));
	assert_true(run(&w));
	assert_int_equal(ask(&w, plan_undo), PL_STATE);
	world_fini(&w);
}

static void a_stuck_undo_goes_on(void **unused)
{
	struct world w;

	world_init(&w, sample());
	assert_true(run(&w));
	w.stuck = "right";
	assert_int_equal(ask(&w, plan_undo), PL_OK);
	assert_true(run(&w));
	assert_string_equal(state(&w), "stuck");
	assert_string_equal(step_member(&w, 2, "detail"), "can't be undone now");
	w.stuck = NULL;
	assert_int_equal(ask(&w, plan_resume), PL_OK);
	assert_true(run(&w));
	assert_string_equal(state(&w), "undone");
	assert_values(&w, "{\"a\":1,\"untouched\":7}");
	world_fini(&w);
}

static void bad_plans_are_refused(void **unused)
{
	static const char *const texts[] = {
		"{}",
		"{\"id\":\"P\",\"steps\":[]}",
		"{\"id\":\"P\",\"steps\":{}}",
		"{\"id\":\"P\",\"state\":\"odd\",\"steps\":[{\"id\":\"a\",\"action\":\"set\"}]}",
		"{\"id\":\"P\",\"steps\":[{\"id\":\"a\",\"action\":\"nothing\"}]}",
		"{\"id\":\"P\",\"steps\":[{\"id\":\"a\"}]}",
		"{\"id\":\"P\",\"steps\":[7]}",
		"{\"id\":\"P\",\"steps\":[{\"id\":\"a\",\"action\":\"set\",\"args\":[]}]}",
		"{\"id\":\"P\",\"steps\":[{\"id\":\"a\",\"action\":\"set\",\"after\":[\"a\"]}]}",
		"{\"id\":\"P\",\"steps\":[{\"id\":\"a\",\"action\":\"set\",\"after\":[1]}]}",
		"{\"id\":\"P\",\"steps\":[{\"id\":\"a\",\"action\":\"set\",\"after\":[\"b\"]},"
		"{\"id\":\"b\",\"action\":\"set\"}]}",
		"{\"id\":\"P\",\"steps\":[{\"id\":\"a\",\"action\":\"set\"},"
		"{\"id\":\"a\",\"action\":\"set\"}]}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *body = json_loads(texts[i], 0, NULL);
		struct plan *plan = NULL;

		assert_non_null(body);
		assert_int_equal(plan_load(&plan, body, actions), PL_INVALID);
		assert_null(plan);
		json_decref(body);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_to_its_end),
		cmocka_unit_test(a_killed_plan_ends_as_if_it_was_not),
		cmocka_unit_test(a_killed_undo_ends_as_if_it_was_not),
		cmocka_unit_test(undo_puts_back_what_was),
		cmocka_unit_test(undo_from_anywhere),
		cmocka_unit_test(undo_leaves_what_others_changed),
		cmocka_unit_test(what_may_pass_is_tried_again),
		cmocka_unit_test(a_failed_plan_is_resumed),
		cmocka_unit_test(what_is_not_seen_in_time_fails),
		cmocka_unit_test(a_plan_that_fails_undoes_itself_if_it_shall),
		cmocka_unit_test(a_refused_step_changes_nothing),
		cmocka_unit_test(undo_ends_at_a_pivot),
		cmocka_unit_test(a_stuck_undo_goes_on),
		cmocka_unit_test(bad_plans_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
