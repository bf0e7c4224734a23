/*
 * incident_test.c — what can't go on: incidents, tried again, skipped, dropped; bounds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/story.h"

#define SLOW "=count(for i in 1..(if fast then 1 else 100000000) return i)"
#define BESIDE_B(x)                                                                                \
	PROCESS START x TASK("b") END FLOW("f1", "s", "t") FLOW("f2", "s", "b")                    \
		FLOW("f3", "t", "e") FLOW("f4", "b", "e") TAIL

/* EDR-2, EDR-4: a failure stops its token, not the instance */
static void incidents(void **state)
{
	static const struct story stories[] = {
		{ "a script, tried again",
		  BESIDE_B(SCRIPT("t", SLOW, "n")),
		  "{'fast': false}",
		  { { "start", "incident:t:expression b" },
		    { "complete b", "incident:t:expression" },
		    { "retry t", "incident:t:expression" },
		    { "set {'fast': true}", "incident:t:expression" },
		    { "retry t", "" } },
		  "completed",
		  "{'n': 1}",
		  true },
		{ "a script, skipped",
		  BESIDE_B(SCRIPT("t", SLOW, "n")),
		  "{'fast': false}",
		  { { "start", "incident:t:expression b" },
		    { "skip t", "b" },
		    { "complete b", "" } },
		  "completed",
		  "{'n': null}",
		  true },
		{ "a script, dropped",
		  BESIDE_B(SCRIPT("t", SLOW, "n")),
		  "{'fast': false}",
		  { { "start", "incident:t:expression b" },
		    { "drop t", "b" },
		    { "complete b", "" } },
		  "completed",
		  NULL,
		  true },
		{ "a task that failed, tried again",
		  ONE(TASK("t"), "t"),
		  NULL,
		  { { "start", "t" },
		    { "fail t X", "incident:t:X" },
		    { "retry t", "t" },
		    { "complete t", "" } },
		  "completed",
		  NULL,
		  true },
		{ "an input mapping",
		  ONE(TASK_WITH("t", IO(IN(SLOW, "n")), ""), "t"),
		  "{'fast': false}",
		  { { "start", "incident:t:expression" },
		    { "set {'fast': true}", "incident:t:expression" },
		    { "retry t", "t" } },
		  "running",
		  NULL,
		  true },
		{ "an output mapping keeps the answer",
		  ONE(TASK_WITH("t",
				IO(OUT("=r + "
				       "count(for i in 1..(if fast then 1 else "
				       "100000000) return i)",
				       "n")),
				""),
		      "t"),
		  "{'fast': false}",
		  { { "start", "t" },
		    { "complete t {'r': 41}", "incident:t:expression" },
		    { "set {'fast': true}", "incident:t:expression" },
		    { "retry t", "" } },
		  "completed",
		  "{'n': 42}",
		  true },
		{ "with a boundary event, which is waited for meanwhile",
		  PROCESS START SCRIPT_IN("t", SLOW, "n", "", "") BOUNDARY("b", "t", TIMER)
			  END FLOW("f1", "s", "t") FLOW("f2", "t", "e") FLOW("f3", "b", "e") TAIL,
		  "{'fast': false}",
		  { { "start", "incident:t:expression timer:b" },
		    { "set {'fast': true}", "incident:t:expression timer:b" },
		    { "retry t", "" } },
		  "completed",
		  NULL,
		  true },
		{ "a task that failed, and its boundary event",
		  PROCESS START TASK("t") BOUNDARY("b", "t", TIMER) TASK("x")
			  END FLOW("f1", "s", "t") FLOW("f2", "t", "e") FLOW("f3", "b", "x")
				  FLOW("f4", "x", "e") TAIL,
		  NULL,
		  { { "start", "t timer:b" },
		    { "fail t X", "incident:t:X timer:b" },
		    { "retry t", "t timer:b" },
		    { "fail t X", "incident:t:X timer:b" },
		    { "timer b", "x" } },
		  "running",
		  NULL,
		  true },
		{ "no flow to take",
		  PROCESS START NODE("exclusiveGateway", "g", "") TASK("a") END FLOW("f1", "s", "g")
			  FLOW_IF("f2", "g", "a", "=n = 1") FLOW("f3", "a", "e") TAIL,
		  NULL,
		  { { "start", "incident:g:noFlow" },
		    { "retry g", "incident:g:noFlow" },
		    { "set {'n': 1}", "incident:g:noFlow" },
		    { "retry g", "a" } },
		  "running",
		  NULL,
		  true },
		{ "no flow to take, skipped",
		  PROCESS START NODE("exclusiveGateway", "g", "") TASK("a") END FLOW("f1", "s", "g")
			  FLOW_IF("f2", "g", "a", "=n = 1") FLOW("f3", "a", "e") TAIL,
		  NULL,
		  { { "start", "incident:g:noFlow" }, { "skip g", "a" } },
		  "running",
		  NULL,
		  true },
		{ "a timer",
		  ONE(NODE("intermediateCatchEvent", "t",
			   "<b:timerEventDefinition><b:timeDuration>=d</b:timeDuration>"
			   "</b:timerEventDefinition>"),
		      "t"),
		  NULL,
		  { { "start", "incident:t:timer" },
		    { "set {'d': 'PT1S'}", "incident:t:timer" },
		    { "retry t", "timer:t" } },
		  "running",
		  NULL,
		  true },
		{ "a join that can't be filled, skipped",
		  PROCESS START NODE("exclusiveGateway", "g", "") TASK("a") TASK("b")
			  NODE("parallelGateway", "j", "") TASK("z") END FLOW("f1", "s", "g")
				  FLOW_IF("f2", "g", "a", "=true") FLOW_IF("f3", "g", "b", "=false")
					  FLOW("f4", "a", "j") FLOW("f5", "b", "j")
						  FLOW("f6", "j", "z") FLOW("f7", "z", "e") TAIL,
		  NULL,
		  { { "start", "a" },
		    { "complete a", "incident:j:deadlock" },
		    { "skip j", "z" },
		    { "complete z", "" } },
		  "completed",
		  NULL,
		  true },
		{ "one of several instances, dropped",
		  ONE(TASK_WITH("t", "",
				"<b:multiInstanceLoopCharacteristics><b:loopCardinality>=2"
				"</b:loopCardinality></b:multiInstanceLoopCharacteristics>"),
		      "t"),
		  NULL,
		  { { "start", "t t" },
		    { "fail t X", "incident:t:X t" },
		    { "drop t", "t" },
		    { "complete t", "" } },
		  "completed",
		  NULL,
		  true },
		{ "a condition",
		  ONE(NODE("intermediateCatchEvent", "t", CONDITION(SLOW " = 1")), "t"),
		  "{'fast': false}",
		  { { "start", "incident:t:expression" },
		    { "set {'fast': true}", "incident:t:expression" },
		    { "retry t", "" } },
		  "completed",
		  NULL,
		  true },
		{ "a decision",
		  ONE(NODE("businessRuleTask", "t",
			   EXT("<z:calledDecision decisionId='=d' resultVariable='r'/>")),
		      "t"),
		  "{'n': 4, 'd': 'none'}",
		  { { "start", "incident:t:decision" },
		    { "set {'d': 'twice'}", "incident:t:decision" },
		    { "retry t", "" } },
		  "completed",
		  "{'r': 8}",
		  true },
		{ 0 },
	};

	story_tell(stories);
}

/* EDR-4: a runaway fails its instance, never the engine */
static void bounds_fail_the_instance(void **state)
{
	static const struct story stories[] = {
		{ "steps",
		  PROCESS START NODE("task", "a", "") NODE("task", "b", "") FLOW("f1", "s", "a")
			  FLOW("f2", "a", "b") FLOW("f3", "b", "a") TAIL,
		  NULL,
		  { { "start", "" } },
		  "failed: steps",
		  NULL,
		  true },
		{ "tokens",
		  PROCESS START NODE("task", "a", "") FLOW("f1", "s", "a") FLOW("f2", "a", "a")
			  FLOW("f3", "a", "a") TAIL,
		  NULL,
		  { { "start", "" } },
		  "failed: tokens",
		  NULL,
		  true },
		{ "activities",
		  ONE(TASK_WITH("t", "",
				"<b:multiInstanceLoopCharacteristics><b:loopCardinality>=1100"
				"</b:loopCardinality></b:multiInstanceLoopCharacteristics>"),
		      "t"),
		  NULL,
		  { { "start", "" } },
		  "failed: tokens",
		  NULL,
		  true },
		{ "instances",
		  ONE(TASK_WITH("t", "",
				"<b:multiInstanceLoopCharacteristics><b:loopCardinality>=100001"
				"</b:loopCardinality></b:multiInstanceLoopCharacteristics>"),
		      "t"),
		  NULL,
		  { { "start", "" } },
		  "failed: loop loop: 100001 instances" },
		{ "memory",
		  PROCESS START NODE("exclusiveGateway", "g", "") SCRIPT("t", "=x + x", "x")
			  END FLOW("f1", "s", "g") FLOW("f3", "t", "g") FLOW_IF(
				  "f2", "g", "t", "=true") FLOW_IF("f4", "g", "e", "=false") TAIL,
		  "{'x': '0123456789'}",
		  { { "start", "" } },
		  "failed: expression" },
		{ 0 },
	};

	story_tell(stories);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(incidents),
		cmocka_unit_test(bounds_fail_the_instance),
	};

	return story_main("bpmn incidents", tests);
}
