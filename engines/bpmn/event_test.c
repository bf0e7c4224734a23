/*
 * event_test.c — start, intermediate, throwing and end events.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/story.h"

#define CATCH(id, event)  NODE("intermediateCatchEvent", id, event)
#define THROW(id, event)  NODE("intermediateThrowEvent", id, event)
#define START_AT(id, ev)  NODE("startEvent", id, ev)
#define END_BY(id, event) NODE("endEvent", id, event)
#define STARTED(id, ev)                                                                            \
	PROCESS START_AT(id, ev) TASK("t") END FLOW("f1", id, "t") FLOW("f2", "t", "e") TAIL
#define ENDED(ev)                                                                                  \
	PROCESS START TASK("a") TASK("b") END END_BY("x", ev) NODE("parallelGateway", "g", "")     \
		FLOW("f1", "s", "g") FLOW("f2", "g", "a") FLOW("f3", "g", "b")                     \
			FLOW("f4", "a", "x") FLOW("f5", "b", "e") TAIL

/* EDR-5: events that start a process */
static void starts(void **state)
{
	static const struct story stories[] = {
		{ "none start",
		  ONE(TASK("t"), "t"),
		  NULL,
		  { { "start", "t" }, { "complete t", "" } },
		  "completed" },
		{ "message start",
		  STARTED("m", MESSAGE),
		  NULL,
		  { { "start at m {'n': 1}", "t" }, { "complete t", "" } },
		  "completed",
		  "{'n': 1}" },
		{ "timer start",
		  STARTED("m", CYCLE("R3/PT1H")),
		  NULL,
		  { { "start at m", "t" }, { "complete t", "" } },
		  "completed" },
		{ "signal start",
		  STARTED("m", SIGNAL),
		  NULL,
		  { { "start at m {'n': 2}", "t" }, { "complete t", "" } },
		  "completed",
		  "{'n': 2}" },
		{ "conditional start",
		  STARTED("m", CONDITION("=n > 1")),
		  "{'n': 2}",
		  { { "start at m", "t" }, { "complete t", "" } },
		  "completed" },
		{ "several starts",
		  PROCESS START START_AT("m", MESSAGE) START_AT("c", SIGNAL) TASK("t")
			  END FLOW("f1", "s", "t") FLOW("f2", "m", "t") FLOW("f3", "c", "t")
				  FLOW("f4", "t", "e") TAIL,
		  NULL,
		  { { "start at c", "t" }, { "complete t", "" } },
		  "completed" },
		{ "mapped start",
		  PROCESS START_AT("m", EXT(IO(OUT("=n + 1", "k"))) MESSAGE)
			  END FLOW("f1", "m", "e") TAIL,
		  NULL,
		  { { "start at m {'n': 1}", "" } },
		  "completed",
		  "{'k': 2, 'n': null}" },
		{ "receive task that instantiates",
		  PROCESS NODE_AS("receiveTask", "r", "messageRef='M' instantiate='true'", "")
			  TASK("t") END FLOW("f1", "r", "t") FLOW("f2", "t", "e") TAIL,
		  NULL,
		  { { "start at r {'n': 1}", "t" }, { "complete t", "" } },
		  "completed",
		  "{'n': 1}" },
		{ 0 },
	};

	story_tell(stories);
}

static void ways_to_start_are_listed(void **state)
{
	static const char xml[] =
		PROCESS START START_AT("m", MESSAGE) START_AT("t", CYCLE("R3/PT1H"))
			START_AT("c", CONDITION("=n > 1")) END FLOW("f1", "s", "e")
				FLOW("f2", "m", "e") FLOW("f3", "t", "e") FLOW("f4", "c", "e") TAIL;
	struct bpmn_model *model = NULL;
	struct bpmn_start start;
	json_t *variables = json_pack("{s:i}", "n", 2);
	bool holds = false;

	assert_int_equal(bpmn_model_parse(&model, xml, sizeof(xml) - 1), PL_OK);
	assert_int_equal(bpmn_model_start(&start, model, 0, 0), PL_OK);
	assert_string_equal(start.event, "plain");
	assert_int_equal(bpmn_model_start(&start, model, 1, 0), PL_OK);
	assert_string_equal(start.event, "message");
	assert_string_equal(json_string_value(start.name), "msg");
	bpmn_start_fini(&start);
	assert_int_equal(bpmn_model_start(&start, model, 2, 0), PL_OK);
	assert_string_equal(start.event, "timer");
	assert_int_equal(start.due_ms, 3600000);
	assert_int_equal(start.period_ms, 3600000);
	assert_int_equal(start.repeats, 2);
	assert_int_equal(bpmn_model_start(&start, model, 3, 0), PL_OK);
	assert_string_equal(start.element_id, "c");
	assert_int_equal(bpmn_model_start(&start, model, 4, 0), PL_NOTFOUND);
	assert_int_equal(bpmn_model_start_holds(&holds, model, "c", variables), PL_OK);
	assert_true(holds);
	assert_int_equal(bpmn_model_start_holds(&holds, model, "c", NULL), PL_OK);
	assert_false(holds);
	assert_int_equal(bpmn_model_start_holds(&holds, model, "m", NULL), PL_NOTFOUND);
	json_decref(variables);
	bpmn_model_free(model);
}

/* EDR-5: events that are waited for */
static void catches(void **state)
{
	static const struct story stories[] = {
		{ "message catch",
		  ONE(CATCH("m", MESSAGE), "m"),
		  NULL,
		  { { "start", "message:m" }, { "message m {'n': 1}", "" } },
		  "completed",
		  "{'n': 1}" },
		{ "message correlation",
		  ONE(CATCH("m", KEYED), "m"),
		  "{'order': 17}",
		  { { "start", "message:m:17" }, { "message m", "" } },
		  "completed" },
		{ "message without its key",
		  ONE(CATCH("m", KEYED), "m"),
		  NULL,
		  { { "start", "" } },
		  "failed: message message: the correlation key is no text" },
		{ "mapped message",
		  ONE(CATCH("m", EXT(IO(OUT("=n * x", "y"))) MESSAGE), "m"),
		  "{'x': 3}",
		  { { "start", "message:m" }, { "message m {'n': 2}", "" } },
		  "completed",
		  "{'y': 6, 'n': null}" },
		{ "timer catch",
		  ONE(CATCH("m", TIMER), "m"),
		  NULL,
		  { { "start", "timer:m" }, { "timer m", "" } },
		  "completed" },
		{ "signal catch",
		  ONE(CATCH("m", SIGNAL), "m"),
		  NULL,
		  { { "start", "signal:m" }, { "signal sig {'n': 1}", "" } },
		  "completed",
		  "{'n': 1}" },
		{ "conditional catch",
		  ONE(CATCH("m", CONDITION("=n > 1")), "m"),
		  "{'n': 1}",
		  { { "start", "" }, { "set {'n': 1}", "" }, { "set {'n': 2}", "" } },
		  "completed" },
		{ "condition that holds already",
		  ONE(CATCH("m", CONDITION("=n > 1")), "m"),
		  "{'n': 2}",
		  { { "start", "" } },
		  "completed" },
		{ "links",
		  PROCESS START TASK("t") THROW("l", LINK("L")) CATCH("c", LINK("L")) TASK("u")
			  END FLOW("f1", "s", "t") FLOW("f2", "t", "l") FLOW("f3", "c", "u")
				  FLOW("f4", "u", "e") TAIL,
		  NULL,
		  { { "start", "t" }, { "complete t", "u" }, { "complete u", "" } },
		  "completed" },
		{ "receive task",
		  ONE(NODE_AS("receiveTask", "r", "messageRef='MK'", ""), "r"),
		  "{'order': 'o1'}",
		  { { "start", "message:r:o1" }, { "message r {'n': 1}", "" } },
		  "completed",
		  "{'n': 1}" },
		{ 0 },
	};

	story_tell(stories);
}

/* EDR-5: events that are thrown */
static void throws(void **state)
{
	static const struct story stories[] = {
		{ "none throw", ONE(THROW("x", ""), "x"), NULL, { { "start", "" } }, "completed" },
		{ "message throw",
		  ONE(THROW("x", EXT(IO(IN("=n", "m"))) KEYED), "x"),
		  "{'order': 'o1', 'n': 1}",
		  { { "start", "thrown:message:keyed:o1" } },
		  "completed" },
		{ "message throw as a task",
		  ONE(THROW("x", EXT("<z:taskDefinition type='T'/>") MESSAGE), "x"),
		  NULL,
		  { { "start", "x" }, { "complete x {'n': 1}", "" } },
		  "completed",
		  "{'n': 1}" },
		{ "send task",
		  ONE(NODE_AS("sendTask", "x", "messageRef='M'", ""), "x"),
		  NULL,
		  { { "start", "thrown:message:msg" } },
		  "completed" },
		{ "signal throw",
		  ONE(THROW("x", SIGNAL), "x"),
		  NULL,
		  { { "start", "thrown:signal:sig" } },
		  "completed" },
		{ "message end",
		  ENDED(MESSAGE),
		  NULL,
		  { { "start", "a b" },
		    { "complete a", "b thrown:message:msg" },
		    { "complete b", "" } },
		  "completed" },
		{ "message end as a task",
		  ENDED(EXT("<z:taskDefinition type='T'/>") MESSAGE),
		  NULL,
		  { { "start", "a b" },
		    { "complete a", "b x" },
		    { "complete b", "x" },
		    { "complete x", "" } },
		  "completed" },
		{ "signal end",
		  ENDED(SIGNAL),
		  NULL,
		  { { "start", "a b" },
		    { "complete a", "b thrown:signal:sig" },
		    { "complete b", "" } },
		  "completed" },
		{ "escalation end that nothing catches",
		  ENDED(ESCALATION),
		  NULL,
		  { { "start", "a b" },
		    { "complete a", "b thrown:escalation:C1" },
		    { "complete b", "" } },
		  "completed" },
		{ "escalation throw that nothing catches",
		  ONE(THROW("x", ESCALATION), "x"),
		  NULL,
		  { { "start", "thrown:escalation:C1" } },
		  "completed" },
		{ "error end that nothing catches",
		  ENDED(ERROR),
		  NULL,
		  { { "start", "a b" }, { "complete a", "b" } },
		  "failed: E1 no event catches the error" },
		{ "error end with a computed code",
		  ENDED("<b:errorEventDefinition errorRef='EX'/>"),
		  "{'code': 'E9'}",
		  { { "start", "a b" }, { "complete a", "b" } },
		  "failed: E9 no event catches" },
		{ "terminate end",
		  ENDED(TERMINATE),
		  NULL,
		  { { "start", "a b" }, { "complete a", "" } },
		  "completed" },
		{ "cancel",
		  ENDED(""),
		  NULL,
		  { { "start", "a b" }, { "cancel", "" } },
		  "cancelled" },
		{ 0 },
	};

	story_tell(stories);
}

static void a_signal_reaches_all_that_wait(void **state)
{
	static const struct story stories[] = {
		{ "signal reaches its own instance",
		  PROCESS START NODE("parallelGateway", "g", "") CATCH("c", SIGNAL) TASK("t")
			  THROW("x", EXT(IO(IN("=1", "n"))) SIGNAL) TASK("u")
				  END FLOW("f1", "s", "g") FLOW("f2", "g", "c") FLOW("f3", "g", "t")
					  FLOW("f4", "t", "x") FLOW("f5", "x", "e")
						  FLOW("f6", "c", "u") FLOW("f7", "u", "e") TAIL,
		  NULL,
		  { { "start", "signal:c t" },
		    { "complete t", "u thrown:signal:sig" },
		    { "complete u", "" } },
		  "completed",
		  "{'n': 1}" },
		{ "signal to two",
		  PROCESS START NODE("parallelGateway", "g", "") CATCH("c", SIGNAL)
			  CATCH("d", SIGNAL) END FLOW("f1", "s", "g") FLOW("f2", "g", "c") FLOW(
				  "f3", "g", "d") FLOW("f4", "c", "e") FLOW("f5", "d", "e") TAIL,
		  NULL,
		  { { "start", "signal:c signal:d" }, { "signal sig", "" } },
		  "completed" },
		{ 0 },
	};

	story_tell(stories);
}

static void what_cannot_happen_is_refused(void **state)
{
	static const struct story_refusal refusals[] = {
		{ PROCESS START_AT("s", ERROR) END FLOW("f1", "s", "e") TAIL,
		  "element s: startEvent with such an event stands in an event sub-process" },
		{ ONE(THROW("x", TIMER), "x"),
		  "element x: intermediateThrowEvent with timerEventDefinition is not executable" },
		{ ONE(CATCH("x", ERROR), "x"), "with errorEventDefinition is not executable" },
		{ ONE(CATCH("x", MESSAGE SIGNAL), "x"), "a second event definition" },
		{ ONE(CATCH("x", "<b:messageEventDefinition messageRef='nix'/>"), "x"),
		  "element x: messageEventDefinition nix is not in the file" },
		{ ONE(CATCH("x", "<b:conditionalEventDefinition/>"), "x"),
		  "conditionalEventDefinition without condition" },
		{ ONE(THROW("x", "<b:errorEventDefinition/>"), "x"),
		  "intermediateThrowEvent with errorEventDefinition" },
		{ PROCESS START END_BY("x", ERROR_ANY) FLOW("f1", "s", "x") TAIL,
		  "element x: endEvent needs a reference to one declared" },
		{ PROCESS START THROW("l", LINK("L")) FLOW("f1", "s", "l") TAIL,
		  "has no link to catch it" },
		{ PROCESS START END_BY("x", CANCEL) FLOW("f1", "s", "x") TAIL,
		  "element x: endEvent of a cancellation stands in a transaction" },
		{ ONE(THROW("x", "<b:compensateEventDefinition waitForCompletion='false'/>"), "x"),
		  "waitForCompletion=\"false\" is not executable" },
		{ ONE(THROW("x", EXT("<z:taskDefinition type='T'/>") SIGNAL), "x"),
		  "with zeebe:taskDefinition throws a message" },
		{ ONE(CATCH("x", "<b:eventDefinitionRef>y</b:eventDefinitionRef>"), "x"),
		  "element x: eventDefinitionRef is not executable" },
		{ 0 },
	};

	story_refuse(refusals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts),
		cmocka_unit_test(ways_to_start_are_listed),
		cmocka_unit_test(catches),
		cmocka_unit_test(throws),
		cmocka_unit_test(a_signal_reaches_all_that_wait),
		cmocka_unit_test(what_cannot_happen_is_refused),
	};

	return story_main("bpmn events", tests);
}
