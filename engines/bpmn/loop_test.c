/*
 * loop_test.c — standard loops and multi-instance activities.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/story.h"

#define MULTI(attr, zeebe, within)                                                                 \
	"<b:multiInstanceLoopCharacteristics " attr ">" EXT("<z:loopCharacteristics " zeebe "/>")  \
		within "</b:multiInstanceLoopCharacteristics>"
#define PARALLEL(zeebe)	  MULTI("", zeebe, "")
#define SEQUENTIAL(zeebe) MULTI("isSequential='true'", zeebe, "")
#define ITEMS		  "inputCollection='=items' inputElement='item'"
#define COLLECT		  ITEMS " outputCollection='out' outputElement='=r'"
#define UNTIL(x)	  "<b:completionCondition>" x "</b:completionCondition>"
#define TIMES(n)                                                                                   \
	"<b:multiInstanceLoopCharacteristics><b:loopCardinality>" n                                \
	"</b:loopCardinality></b:multiInstanceLoopCharacteristics>"
#define LOOP(attr, within)                                                                         \
	"<b:standardLoopCharacteristics " attr ">" within "</b:standardLoopCharacteristics>"
#define WHILE(x)       "<b:loopCondition>" x "</b:loopCondition>"
#define JOB(ext, loop) TASK_WITH("t", ext, loop)

/* EDR-5: multi-instance activities */
static void multi_instances(void **state)
{
	static const struct story stories[] = {
		{ "parallel instances",
		  ONE(JOB("", PARALLEL(ITEMS)), "t"),
		  "{'items': [1, 2, 3]}",
		  { { "start", "t t t" },
		    { "complete t", "t t" },
		    { "complete t", "t" },
		    { "complete t", "" } },
		  "completed",
		  "{'item': null, 'loopCounter': null}" },
		{ "sequential instances",
		  ONE(JOB("", SEQUENTIAL(ITEMS)), "t"),
		  "{'items': [1, 2]}",
		  { { "start", "t" }, { "complete t", "t" }, { "complete t", "" } },
		  "completed" },
		{ "an empty collection",
		  ONE(JOB("", PARALLEL(COLLECT)), "t"),
		  "{'items': []}",
		  { { "start", "" } },
		  "completed",
		  "{'out': []}" },
		{ "results are collected in the order of the items",
		  ONE(JOB("", PARALLEL(COLLECT)), "t"),
		  "{'items': [1, 2]}",
		  { { "start", "t t" },
		    { "complete t {'r': 'a'}", "t" },
		    { "complete t {'r': 'b'}", "" } },
		  "completed",
		  "{'out': ['a', 'b'], 'r': null}" },
		{ "scripts of each item, with its number",
		  ONE(SCRIPT_IN("t", "=item * loopCounter", "r", "", SEQUENTIAL(COLLECT)), "t"),
		  "{'items': [5, 6, 7]}",
		  { { "start", "" } },
		  "completed",
		  "{'out': [5, 12, 21]}" },
		{ "inputs see the item",
		  ONE(SCRIPT_IN("t", "=a", "r", IO(IN("=item + 1", "a")), PARALLEL(COLLECT)), "t"),
		  "{'items': [5, 6]}",
		  { { "start", "" } },
		  "completed",
		  "{'out': [6, 7]}" },
		{ "by a number",
		  ONE(JOB("", TIMES("=n")), "t"),
		  "{'n': 2}",
		  { { "start", "t t" }, { "complete t", "t" }, { "complete t", "" } },
		  "completed" },
		{ "until a condition holds",
		  ONE(JOB("", MULTI("", ITEMS, UNTIL("=numberOfCompletedInstances >= 2"))), "t"),
		  "{'items': [1, 2, 3, 4]}",
		  { { "start", "t t t t" }, { "complete t", "t t t" }, { "complete t", "" } },
		  "completed" },
		{ "one after the other until a condition holds",
		  ONE(JOB("", MULTI("isSequential='true'", ITEMS,
				    UNTIL("=numberOfActiveInstances = 0 and loopCounter = 2"))),
		      "t"),
		  "{'items': [1, 2, 3, 4]}",
		  { { "start", "t" }, { "complete t", "t" }, { "complete t", "" } },
		  "completed" },
		{ "what is no list",
		  ONE(JOB("", PARALLEL(ITEMS)), "t"),
		  "{'items': 7}",
		  { { "start", "" } },
		  "failed: loop loop: the input collection is no list" },
		{ "a boundary event ends all of them",
		  PROCESS START JOB("", PARALLEL(ITEMS)) BOUNDARY("b", "t", TIMER) TASK("x")
			  END FLOW("f1", "s", "t") FLOW("f2", "t", "e") FLOW("f3", "b", "x")
				  FLOW("f4", "x", "e") TAIL,
		  "{'items': [1, 2]}",
		  { { "start", "timer:b t t" }, { "complete t", "timer:b t" }, { "timer b", "x" } },
		  "running" },
		{ "an error of one ends all of them",
		  PROCESS START JOB("", PARALLEL(ITEMS)) BOUNDARY("b", "t", ERROR) TASK("x")
			  END FLOW("f1", "s", "t") FLOW("f2", "t", "e") FLOW("f3", "b", "x")
				  FLOW("f4", "x", "e") TAIL,
		  "{'items': [1, 2, 3]}",
		  { { "start", "t t t" }, { "fail t E1", "x" } },
		  "running" },
		{ "sub-processes of each item",
		  ONE(SUB_PROCESS("sub", PARALLEL(COLLECT) NODE("startEvent", "s1", "") TASK("t")
						 SCRIPT("u", "=item * k", "r") FLOW("g1", "s1", "t")
							 FLOW("g2", "t", "u")),
		      "sub"),
		  "{'items': [1, 2]}",
		  { { "start", "t t" },
		    { "complete t {'k': 10}", "t" },
		    { "complete t {'k': 20}", "" } },
		  "completed",
		  "{'out': [10, 40]}" },
		{ "calls of each item",
		  ONE(NODE("callActivity", "t",
			   EXT("<z:calledElement processId='q' propagateAllChildVariables='false'/>" IO(
				   OUT("=m", "r"))) PARALLEL(COLLECT)),
		      "t"),
		  "{'items': [1, 2]}",
		  { { "start", "call:t call:t" },
		    { "complete t {'m': 1}", "call:t" },
		    { "complete t {'m': 2}", "" } },
		  "completed",
		  "{'out': [1, 2]}" },
		{ "receive tasks of each item, by its key",
		  ONE(NODE_AS("receiveTask", "t", "messageRef='MK'",
			      EXT(IO(IN("=item", "order"))) PARALLEL(ITEMS)),
		      "t"),
		  "{'items': ['x', 'y']}",
		  { { "start", "message:t:x message:t:y" },
		    { "message t", "message:t:y" },
		    { "message t", "" } },
		  "completed" },
		{ 0 },
	};

	story_tell(stories);
}

/* EDR-5: standard loops */
static void loops(void **state)
{
	static const struct story stories[] = {
		{ "while a condition holds",
		  ONE(SCRIPT_IN("t", "=n + 1", "n", "", LOOP("", WHILE("=n &lt; 5"))), "t"),
		  "{'n': 0}",
		  { { "start", "" } },
		  "completed",
		  "{'n': 5}" },
		{ "once at least",
		  ONE(SCRIPT_IN("t", "=n + 1", "n", "", LOOP("", WHILE("=n &lt; 5"))), "t"),
		  "{'n': 7}",
		  { { "start", "" } },
		  "completed",
		  "{'n': 8}" },
		{ "tested before",
		  ONE(SCRIPT_IN("t", "=n + 1", "n", "",
				LOOP("testBefore='true'", WHILE("=n &lt; 5"))),
		      "t"),
		  "{'n': 7}",
		  { { "start", "" } },
		  "completed",
		  "{'n': 7}" },
		{ "at most so often",
		  ONE(JOB("", LOOP("loopMaximum='2'", WHILE("=true"))), "t"),
		  NULL,
		  { { "start", "t" }, { "complete t", "t" }, { "complete t", "" } },
		  "completed" },
		{ "so often",
		  ONE(JOB("", LOOP("loopMaximum='2'", "")), "t"),
		  NULL,
		  { { "start", "t" }, { "complete t", "t" }, { "complete t", "" } },
		  "completed" },
		{ "a loop that never waits",
		  ONE(SCRIPT_IN("t", "=n + 1", "n", "", LOOP("", WHILE("=true"))), "t"),
		  "{'n': 0}",
		  { { "start", "" } },
		  "failed: " },
		{ "a loop without end that waits",
		  PROCESS START JOB("", LOOP("", WHILE("=true"))) BOUNDARY("b", "t", MESSAGE)
			  END FLOW("f1", "s", "t") FLOW("f2", "t", "e") FLOW("f3", "b", "e") TAIL,
		  NULL,
		  { { "start", "message:b t" },
		    { "complete t", "message:b t" },
		    { "complete t", "message:b t" },
		    { "message b", "" } },
		  "completed" },
		{ 0 },
	};

	story_tell(stories);
}

static void what_cannot_happen_is_refused(void **state)
{
	static const struct story_refusal refusals[] = {
		{ ONE(JOB("", LOOP("", "")), "t"), "never ends" },
		{ ONE(JOB("", "<b:multiInstanceLoopCharacteristics/>"), "t"),
		  "element t: a multi-instance has either" },
		{ ONE(JOB("", MULTI("behavior='One'", ITEMS, "")), "t"),
		  "behavior=\"One\" is not executable" },
		{ ONE(JOB("", PARALLEL(ITEMS " outputCollection='x'")), "t"), "go together" },
		{ ONE(JOB("", MULTI("", ITEMS, "<b:complexBehaviorDefinition/>")), "t"),
		  "complexBehaviorDefinition is not executable" },
		{ ONE(JOB("", PARALLEL("inputCollection='items'")), "t"),
		  "inputCollection: an expression begins with =" },
		{ ONE(NODE("exclusiveGateway", "t", LOOP("loopMaximum='2'", "")), "t"),
		  "exclusiveGateway with standardLoopCharacteristics" },
		{ 0 },
	};

	story_refuse(refusals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(multi_instances),
		cmocka_unit_test(loops),
		cmocka_unit_test(what_cannot_happen_is_refused),
	};

	return story_main("bpmn loops", tests);
}
