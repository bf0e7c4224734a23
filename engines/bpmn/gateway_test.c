/*
 * gateway_test.c — exclusive, parallel, inclusive and event-based gateways, conditional flows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/story.h"

#define G(kind, id)	      NODE(kind "Gateway", id, "")
#define G_ELSE(kind, id, def) NODE_AS(kind "Gateway", id, "default='" def "'", "")
/* a gateway that splits to tasks a, b, c, and one that joins them before task z */
#define SPLIT_JOIN(split, join, fa, fb, fc)                                                        \
	PROCESS START split TASK("a") TASK("b") TASK("c") join TASK("z") END FLOW("f1", "s", "g")  \
		fa fb fc FLOW("ja", "a", "j") FLOW("jb", "b", "j") FLOW("jc", "c", "j")            \
			FLOW("f8", "j", "z") FLOW("f9", "z", "e") TAIL
#define ALL FLOW("fa", "g", "a"), FLOW("fb", "g", "b"), FLOW("fc", "g", "c")
#define SOME                                                                                       \
	FLOW_IF("fa", "g", "a", "=n > 0"), FLOW_IF("fb", "g", "b", "=n > 1"), FLOW("fc", "g", "c")
#define APPLY(m, ...) m(__VA_ARGS__)
#define CHOICE_OF(within, flows)                                                                   \
	PROCESS START G("eventBased", "g") within TASK("x") TASK("y") END FLOW("f1", "s", "g")     \
		flows FLOW("f8", "x", "e") FLOW("f9", "y", "e") TAIL

/* EDR-5: parallel, exclusive and inclusive gateways */
static void splits_and_joins(void **state)
{
	static const struct story stories[] = {
		{ "parallel join",
		  APPLY(SPLIT_JOIN, G("parallel", "g"), G("parallel", "j"), ALL),
		  NULL,
		  { { "start", "a b c" },
		    { "complete b", "a c" },
		    { "complete a", "c" },
		    { "complete c", "z" },
		    { "complete z", "" } },
		  "completed" },
		{ "exclusive merge",
		  APPLY(SPLIT_JOIN, G("parallel", "g"), G("exclusive", "j"), ALL),
		  NULL,
		  { { "start", "a b c" },
		    { "complete b", "a c z" },
		    { "complete a", "c z z" },
		    { "complete z", "c z" },
		    { "complete c", "z z" },
		    { "complete z", "z" },
		    { "complete z", "" } },
		  "completed" },
		{ "exclusive split",
		  APPLY(SPLIT_JOIN, G_ELSE("exclusive", "g", "fc"), G("exclusive", "j"), SOME),
		  "{'n': 2}",
		  { { "start", "a" }, { "complete a", "z" }, { "complete z", "" } },
		  "completed" },
		{ "exclusive split by default",
		  APPLY(SPLIT_JOIN, G_ELSE("exclusive", "g", "fc"), G("exclusive", "j"), SOME),
		  "{'n': 0}",
		  { { "start", "c" } },
		  "running" },
		{ "inclusive split of two, and their join",
		  APPLY(SPLIT_JOIN, G_ELSE("inclusive", "g", "fc"), G("inclusive", "j"), SOME),
		  "{'n': 2}",
		  { { "start", "a b" },
		    { "complete a", "b" },
		    { "complete b", "z" },
		    { "complete z", "" } },
		  "completed" },
		{ "inclusive split of one, and its join",
		  APPLY(SPLIT_JOIN, G_ELSE("inclusive", "g", "fc"), G("inclusive", "j"), SOME),
		  "{'n': 1}",
		  { { "start", "a" }, { "complete a", "z" }, { "complete z", "" } },
		  "completed" },
		{ "inclusive split by default",
		  APPLY(SPLIT_JOIN, G_ELSE("inclusive", "g", "fc"), G("inclusive", "j"), SOME),
		  NULL,
		  { { "start", "c" }, { "complete c", "z" } },
		  "running" },
		{ "a parallel join that can't be filled",
		  APPLY(SPLIT_JOIN, G_ELSE("exclusive", "g", "fc"), G("parallel", "j"), SOME),
		  "{'n': 2}",
		  { { "start", "a" }, { "complete a", "" } },
		  "failed: deadlock the gateway waits for tokens" },
		{ "two tokens by one flow don't fill a join",
		  PROCESS START TASK("a") TASK("b") G("exclusive", "m") G("parallel", "j") TASK("z")
			  TASK("c") END FLOW("f1", "s", "a") FLOW("f2", "s", "b")
				  FLOW("f3", "s", "c") FLOW("f4", "a", "m") FLOW("f5", "b", "m")
					  FLOW("f6", "m", "j") FLOW("f7", "c", "j")
						  FLOW("f8", "j", "z") FLOW("f9", "z", "e") TAIL,
		  NULL,
		  { { "start", "a b c" },
		    { "complete a", "b c" },
		    { "complete b", "c" },
		    { "complete c", "z" },
		    { "complete z", "" } },
		  "failed: deadlock" },
		{ 0 },
	};

	story_tell(stories);
}

/* EDR-5: an inclusive join waits for what can still come, and for no more */
static void inclusive_joins_look_back(void **state)
{
	static const struct story stories[] = {
		{ "a token on its way through other elements",
		  PROCESS START TASK("a") TASK("b") TASK("b2") G("inclusive", "j") TASK("z")
			  END FLOW("f1", "s", "a") FLOW("f2", "s", "b") FLOW("f3", "b", "b2")
				  FLOW("f4", "a", "j") FLOW("f5", "b2", "j") FLOW("f6", "j", "z")
					  FLOW("f7", "z", "e") TAIL,
		  NULL,
		  { { "start", "a b" },
		    { "complete a", "b" },
		    { "complete b", "b2" },
		    { "complete b2", "z" } },
		  "running" },
		{ "a token that goes elsewhere",
		  PROCESS START TASK("a") TASK("b") G_ELSE("exclusive", "x", "f6") TASK("c")
			  G("inclusive", "j") TASK("z") END FLOW("f1", "s", "a")
				  FLOW("f2", "s", "b") FLOW("f3", "b", "x") FLOW("f4", "a", "j")
					  FLOW_IF("f5", "x", "j", "=false") FLOW("f6", "x", "c")
						  FLOW("f7", "c", "e") FLOW("f8", "j", "z")
							  FLOW("f9", "z", "e") TAIL,
		  NULL,
		  { { "start", "a b" }, { "complete a", "b" }, { "complete b", "c z" } },
		  "running" },
		{ "a boundary event that could still lead to it",
		  PROCESS START TASK("a") TASK("b") BOUNDARY("t", "b", TIMER) G("inclusive", "j")
			  TASK("z") END FLOW("f1", "s", "a") FLOW("f2", "s", "b")
				  FLOW("f3", "b", "e") FLOW("f4", "a", "j") FLOW("f5", "t", "j")
					  FLOW("f6", "j", "z") FLOW("f7", "z", "e") TAIL,
		  NULL,
		  { { "start", "a b timer:t" },
		    { "complete a", "b timer:t" },
		    { "complete b", "z" } },
		  "running" },
		{ "a loop back to before the join",
		  PROCESS START G("inclusive", "j") TASK("a") G_ELSE("exclusive", "x", "f4")
			  END FLOW("f1", "s", "j") FLOW("f2", "j", "a") FLOW("f3", "a", "x")
				  FLOW("f4", "x", "e") FLOW_IF("f5", "x", "j", "=again") TAIL,
		  "{'again': true}",
		  { { "start", "a" },
		    { "complete a", "a" },
		    { "complete a {'again': false}", "" } },
		  "completed" },
		{ "a link that leads to it",
		  PROCESS START TASK("a") TASK("b") NODE("intermediateThrowEvent", "l", LINK("L"))
			  NODE("intermediateCatchEvent", "c", LINK("L")) NODE("inclusiveGateway",
									      "j", "") TASK("z")
				  END FLOW("f1", "s", "a") FLOW("f2", "s", "b") FLOW("f3", "b", "l")
					  FLOW("f4", "a", "j") FLOW("f5", "c", "j")
						  FLOW("f6", "j", "z") FLOW("f7", "z", "e") TAIL,
		  NULL,
		  { { "start", "a b" }, { "complete a", "b" }, { "complete b", "z" } },
		  "running" },
		{ "a sub-process before it",
		  PROCESS START TASK("a") SUB_PROCESS("sub", NODE("startEvent", "s1", "") TASK("b")
								     FLOW("g1", "s1", "b"))
			  G("inclusive", "j") TASK("z") END FLOW("f1", "s", "a")
				  FLOW("f2", "s", "sub") FLOW("f4", "a", "j") FLOW("f5", "sub", "j")
					  FLOW("f6", "j", "z") FLOW("f7", "z", "e") TAIL,
		  NULL,
		  { { "start", "a b" }, { "complete a", "b" }, { "complete b", "z" } },
		  "running" },
		{ 0 },
	};

	story_tell(stories);
}

/* EDR-5: event-based gateways */
static void choices(void **state)
{
	static const struct story stories[] = {
		{ "the first event wins",
		  CHOICE_OF(NODE("intermediateCatchEvent", "m", MESSAGE)
				    NODE("intermediateCatchEvent", "t", TIMER),
			    FLOW("f2", "g", "m") FLOW("f3", "g", "t") FLOW("f4", "m", "x")
				    FLOW("f5", "t", "y")),
		  NULL,
		  { { "start", "message:m timer:t" },
		    { "message m {'n': 1}", "x" },
		    { "complete x", "" } },
		  "completed",
		  "{'n': 1}" },
		{ "the timer wins",
		  CHOICE_OF(NODE("intermediateCatchEvent", "m", MESSAGE)
				    NODE("intermediateCatchEvent", "t", TIMER),
			    FLOW("f2", "g", "m") FLOW("f3", "g", "t") FLOW("f4", "m", "x")
				    FLOW("f5", "t", "y")),
		  NULL,
		  { { "start", "message:m timer:t" }, { "timer t", "y" } },
		  "running" },
		{ "a receive task, a signal and a condition",
		  CHOICE_OF(NODE_AS("receiveTask", "m", "messageRef='M'",
				    "") NODE("intermediateCatchEvent", "t", SIGNAL)
				    NODE("intermediateCatchEvent", "c", CONDITION("=k > 0")),
			    FLOW("f2", "g", "m") FLOW("f3", "g", "t") FLOW("f6", "g", "c")
				    FLOW("f4", "m", "x") FLOW("f5", "t", "y") FLOW("f7", "c", "y")),
		  NULL,
		  { { "start", "message:m signal:t" }, { "message m {'n': 1}", "x" } },
		  "running",
		  "{'n': 1}" },
		{ "the condition wins",
		  CHOICE_OF(NODE("intermediateCatchEvent", "m", MESSAGE)
				    NODE("intermediateCatchEvent", "c", CONDITION("=k > 0")),
			    FLOW("f2", "g", "m") FLOW("f6", "g", "c") FLOW("f4", "m", "x")
				    FLOW("f7", "c", "y")),
		  NULL,
		  { { "start", "message:m" }, { "set {'k': 1}", "y" } },
		  "running" },
		{ "a choice that instantiates",
		  PROCESS NODE_AS("eventBasedGateway", "g", "instantiate='true'",
				  "") NODE("intermediateCatchEvent", "m", MESSAGE)
			  NODE("intermediateCatchEvent", "k", SIGNAL) TASK("x") TASK("y")
				  END FLOW("f2", "g", "m") FLOW("f3", "g", "k") FLOW("f4", "m", "x")
					  FLOW("f5", "k", "y") FLOW("f8", "x", "e")
						  FLOW("f9", "y", "e") TAIL,
		  NULL,
		  { { "start at k {'n': 1}", "y" }, { "complete y", "" } },
		  "completed",
		  "{'n': 1}" },
		{ 0 },
	};

	story_tell(stories);
}

static void flows_out_of_activities_have_conditions(void **state)
{
	static const struct story stories[] = {
		{ "conditional flows",
		  PROCESS START TASK("t") TASK("a") TASK("b") TASK("c") END FLOW("f1", "s", "t")
			  FLOW_IF("f2", "t", "a", "=n > 0") FLOW_IF("f3", "t", "b", "=n > 1")
				  FLOW("f4", "t", "c") FLOW("f5", "a", "e") FLOW("f6", "b", "e")
					  FLOW("f7", "c", "e") TAIL,
		  "{'n': 1}",
		  { { "start", "t" }, { "complete t", "a c" } },
		  "running" },
		{ "default flow of a task",
		  PROCESS START NODE_AS("task", "t", "default='f3'", "") TASK("a") TASK("b")
			  END FLOW("f1", "s", "t") FLOW_IF("f2", "t", "a", "=n > 0") FLOW(
				  "f3", "t", "b") FLOW("f5", "a", "e") FLOW("f6", "b", "e") TAIL,
		  "{'n': 0}",
		  { { "start", "b" } },
		  "running" },
		{ "no flow at all",
		  PROCESS START TASK("t") END FLOW("f1", "s", "t") FLOW_IF("f2", "t", "e", "=n > 0")
			  TAIL,
		  NULL,
		  { { "start", "t" }, { "complete t", "" } },
		  "failed: noFlow" },
		{ 0 },
	};

	story_tell(stories);
}

static void what_cannot_happen_is_refused(void **state)
{
	static const struct story_refusal refusals[] = {
		{ ONE(G("complex", "g"), "g"), "element g: complexGateway is not executable" },
		{ CHOICE_OF(TASK("m"),
			    FLOW("f2", "g", "m") FLOW("f4", "m", "x") FLOW("f3", "m", "y")),
		  "behind an event-based gateway is an event to be caught" },
		{ CHOICE_OF(NODE("intermediateCatchEvent", "m", MESSAGE),
			    FLOW("f2", "g", "m") FLOW("f3", "x", "m") FLOW("f4", "m", "x")
				    FLOW("f5", "m", "y")),
		  "behind an event-based gateway has other incoming flows" },
		{ PROCESS NODE_AS("eventBasedGateway", "g",
				  "instantiate='true' eventGatewayType='Parallel'", "") TAIL,
		  "eventGatewayType=\"Parallel\" is not executable" },
		{ PROCESS START G("parallel", "g") END FLOW("f1", "s", "g")
			  FLOW_IF("f2", "g", "e", "=true") TAIL,
		  "a condition on a flow out of a parallelGateway" },
		{ PROCESS START G_ELSE("parallel", "g", "f2") END FLOW("f1", "s", "g")
			  FLOW("f2", "g", "e") TAIL,
		  "element g: parallelGateway with a default flow" },
		{ 0 },
	};

	story_refuse(refusals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_and_joins),
		cmocka_unit_test(inclusive_joins_look_back),
		cmocka_unit_test(choices),
		cmocka_unit_test(flows_out_of_activities_have_conditions),
		cmocka_unit_test(what_cannot_happen_is_refused),
	};

	return story_main("bpmn gateways", tests);
}
