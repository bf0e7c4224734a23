/*
 * migrate_test.c — running instances go over to another version, or are told why they can't.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/story.h"

#define SUB(id, within) SUB_PROCESS(id, NODE("startEvent", "s1", "") within)
#define OLD                                                                                        \
	PROCESS START TASK("a") TASK("b") END FLOW("f1", "s", "a") FLOW("f2", "a", "b")            \
		FLOW("f3", "b", "e") TAIL
#define LONGER                                                                                     \
	PROCESS START TASK("a") TASK("n") TASK("b") END FLOW("f1", "s", "a") FLOW("f2", "a", "n")  \
		FLOW("f4", "n", "b") FLOW("f3", "b", "e") TAIL
#define RENAMED                                                                                    \
	PROCESS START TASK("x") TASK("b") END FLOW("f1", "s", "x") FLOW("f2", "x", "b")            \
		FLOW("f3", "b", "e") TAIL
#define WITH(boundary)                                                                             \
	PROCESS START TASK("a") boundary TASK("b") TASK("c") END FLOW("f1", "s", "a")              \
		FLOW("f2", "a", "b") FLOW("f3", "b", "e") FLOW("f5", "t", "c")                     \
			FLOW("f6", "c", "e") TAIL
#define IN_SUB(id, more)                                                                           \
	PROCESS START SUB(id, TASK("a") more FLOW("g1", "s1", "a")) TASK("b")                      \
		END FLOW("f1", "s", id) FLOW("f2", id, "b") FLOW("f3", "b", "e") TAIL
#define JOIN(tasks)                                                                                \
	PROCESS START tasks NODE("parallelGateway", "j", "") TASK("z") END FLOW("j8", "j", "z")    \
		FLOW("j9", "z", "e") TAIL
#define ARM(id) TASK(id) FLOW("i" id, "s", id) FLOW("o" id, id, "j")
#define UNDONE(h)                                                                                  \
	PROCESS START TASK("a") UNDO("ua", "a", h) TASK("b")                                       \
		NODE("intermediateThrowEvent", "c", COMPENSATE) END FLOW("f1", "s", "a")           \
			FLOW("f2", "a", "b") FLOW("f3", "b", "c") FLOW("f4", "c", "e") TAIL

/* EDR-12: an instance goes on in the new version */
static void instances_go_over(void **state)
{
	static const struct story stories[] = {
		{ .name = "a task more behind",
		  .xml = OLD,
		  .to = LONGER,
		  .steps = { { "start", "a" },
			     { "migrate", "a" },
			     { "complete a", "n" },
			     { "complete n", "b" },
			     { "complete b", "" } },
		  .end = "completed" },
		{ .name = "an element with another id",
		  .xml = OLD,
		  .to = RENAMED,
		  .mapping = "{'a': 'x'}",
		  .steps = { { "start", "a" }, { "migrate", "x" }, { "complete x", "b" } },
		  .end = "running" },
		{ .name = "an event at the boundary that is new",
		  .xml = OLD,
		  .to = WITH(BOUNDARY("t", "a", TIMER)),
		  .steps = { { "start", "a" }, { "migrate", "a timer:t" }, { "timer t", "c" } },
		  .end = "running" },
		{ .name = "an event at the boundary that is gone",
		  .xml = WITH(BOUNDARY("t", "a", TIMER)),
		  .to = OLD,
		  .steps = { { "start", "a timer:t" }, { "migrate", "a" }, { "complete a", "b" } },
		  .end = "running" },
		{ .name = "an event at the boundary that stays",
		  .xml = WITH(BOUNDARY("t", "a", TIMER)),
		  .to = WITH(BOUNDARY("t", "a", TIMER)),
		  .steps = { { "start", "a timer:t" },
			     { "migrate", "a timer:t" },
			     { "timer t", "c" } },
		  .end = "running" },
		{ .name = "an event at the boundary of something else",
		  .xml = WITH(BOUNDARY("t", "a", TIMER)),
		  .to = WITH(BOUNDARY("t", "b", TIMER)),
		  .steps = { { "start", "a timer:t" },
			     { "migrate", "a" },
			     { "complete a", "b timer:t" } },
		  .end = "running" },
		{ .name = "an event sub-process that is new",
		  .xml = IN_SUB("sub", ""),
		  .to = IN_SUB("sub", EVENT_SUB("h", NODE("startEvent", "s2", MESSAGE) TASK("u")
							     FLOW("h1", "s2", "u"))),
		  .steps = { { "start", "a" },
			     { "migrate", "a message:s2" },
			     { "message s2", "u" },
			     { "complete u", "b" } },
		  .end = "running" },
		{ .name = "a sub-process with another id",
		  .xml = IN_SUB("sub", ""),
		  .to = IN_SUB("bus", ""),
		  .mapping = "{'sub': 'bus'}",
		  .steps = { { "start", "a" }, { "migrate", "a" }, { "complete a", "b" } },
		  .end = "running" },
		{ .name = "a join that waits for less",
		  .xml = JOIN(ARM("a") ARM("b") ARM("c")),
		  .to = JOIN(ARM("a") ARM("b") TASK("d") FLOW("id", "s", "d") FLOW("od", "d", "e")),
		  .mapping = "{'c': 'd'}",
		  .steps = { { "start", "a b c" },
			     { "complete a", "b c" },
			     { "complete b", "c" },
			     { "migrate", "d z" } },
		  .end = "running" },
		{ .name = "compensation by another handler",
		  .xml = UNDONE("ha"),
		  .to = UNDONE("hb"),
		  .steps = { { "start", "a" },
			     { "complete a", "b" },
			     { "migrate", "b" },
			     { "complete b", "hb" },
			     { "complete hb", "" } },
		  .end = "completed" },
		{ 0 },
	};

	story_tell(stories);
}

static const struct {
	const char *from, *to, *mapping, *complete, *stuck;
} looks[] = {
	{ OLD, LONGER, "{}", NULL, "[]" },
	{ OLD, RENAMED, "{}", NULL,
	  "[{'element': 'a', 'to': null, 'reason': 'there is no such element in the new version'}]" },
	{ OLD, RENAMED, "{'a': 'e'}", NULL,
	  "[{'element': 'a', 'to': 'e', 'reason': 'it is an element of another kind there'}]" },
	{ OLD, IN_SUB("sub", ""), "{}", NULL,
	  "[{'element': 'a', 'to': 'a', 'reason': 'it is in another sub-process there'}]" },
	{ IN_SUB("sub", ""), OLD, "{}", NULL,
	  "[{'element': 'sub', 'to': null, 'reason': 'there is no such element in the new version'},"
	  " {'element': 'a', 'to': 'a', 'reason': 'it is in another sub-process there'}]" },
	{ JOIN(ARM("a") ARM("b")), JOIN(ARM("b") ARM("c")), "{'b': 'c'}", "a",
	  "[{'element': 'j', 'to': 'j', 'reason':"
	  " 'the sequence flow by which a token came does not lead there any more'}]" },
	{ UNDONE("ha"), OLD, "{}", "a",
	  "[{'element': 'a', 'to': 'a', 'reason':"
	  " 'it has been done, and could not be compensated any more'}]" },
};

static void on_wait(void *arg, const struct bpmn_wait *wait)
{
	json_object_set_new(arg, wait->element_id, json_integer((json_int_t)wait->token_id));
}

static struct bpmn_model *model_of(const char *xml)
{
	struct bpmn_model *model = NULL;

	if (bpmn_model_parse(&model, xml, strlen(xml)))
		fail_msg("%s", pl_err_detail(PL_INVALID));
	return model;
}

/* EDR-13: a dry run says who would get stuck, and why, and changes nothing */
static void a_dry_run_says_who_gets_stuck(void **state)
{
	static const struct bpmn_effects effects = { .wait = on_wait };

	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		struct bpmn_model *from = model_of(looks[i].from), *to = model_of(looks[i].to);
		json_t *mapping = story_json(looks[i].mapping, strlen(looks[i].mapping));
		json_t *wanted = story_json(looks[i].stuck, strlen(looks[i].stuck));
		json_t *waits = json_object(), *before, *after, *stuck = NULL;
		struct bpmn_instance *inst = NULL;
		enum pl_err err;

		assert_int_equal(bpmn_instance_new(&inst, from, NULL), PL_OK);
		assert_int_equal(bpmn_instance_start(inst, &effects, waits), PL_OK);
		if (looks[i].complete)
			assert_int_equal(
				bpmn_instance_complete(inst,
						       (uint64_t)json_integer_value(json_object_get(
							       waits, looks[i].complete)),
						       NULL, &effects, waits),
				PL_OK);
		before = bpmn_instance_state(inst);
		assert_int_equal(bpmn_instance_migrate(inst, to, mapping, true, &stuck, NULL, NULL),
				 PL_OK);
		if (!json_equal(stuck, wanted))
			fail_msg("case %zu: %s", i, json_dumps(stuck, 0));
		json_decref(stuck);
		stuck = NULL;
		err = bpmn_instance_migrate(inst, to, mapping, false, &stuck, NULL, NULL);
		assert_int_equal(err, json_array_size(wanted) ? PL_STATE : PL_OK);
		after = bpmn_instance_state(inst);
		assert_true(json_equal(before, after));
		json_decref(stuck);
		json_decref(before);
		json_decref(after);
		json_decref(wanted);
		json_decref(mapping);
		json_decref(waits);
		bpmn_instance_free(inst);
		bpmn_model_free(from);
		bpmn_model_free(to);
	}
}

static void a_mapping_is_checked(void **state)
{
	struct bpmn_model *model = model_of(OLD);
	struct bpmn_instance *inst = NULL;
	json_t *bad = json_pack("{s:i}", "a", 1), *list = json_array(), *stuck = NULL;

	assert_int_equal(bpmn_instance_new(&inst, model, NULL), PL_OK);
	assert_int_equal(bpmn_instance_start(inst, NULL, NULL), PL_OK);
	assert_int_equal(bpmn_instance_migrate(inst, model, bad, true, &stuck, NULL, NULL),
			 PL_INVALID);
	assert_int_equal(bpmn_instance_migrate(inst, model, list, true, &stuck, NULL, NULL),
			 PL_INVALID);
	assert_null(stuck);
	assert_int_equal(bpmn_instance_cancel(inst, NULL, NULL), PL_OK);
	assert_int_equal(bpmn_instance_migrate(inst, model, NULL, true, &stuck, NULL, NULL),
			 PL_STATE);
	assert_null(stuck);
	json_decref(bad);
	json_decref(list);
	bpmn_instance_free(inst);
	bpmn_model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instances_go_over),
		cmocka_unit_test(a_dry_run_says_who_gets_stuck),
		cmocka_unit_test(a_mapping_is_checked),
	};

	return story_main("bpmn migration", tests);
}
