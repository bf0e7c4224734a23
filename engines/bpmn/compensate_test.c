/*
 * compensate_test.c — compensation, and transactions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/story.h"

/* a, then b, both undone by handlers; then `then`, whose last element is c */
#define TWO_DONE(then)                                                                             \
	PROCESS START TASK("a") UNDO("ua", "a", "ha") TASK("b") UNDO("ub", "b", "hb")              \
		then END FLOW("f1", "s", "a") FLOW("f2", "a", "b") FLOW("f3", "b", "c")            \
			FLOW("f4", "c", "e") TAIL
#define THROW(event)	  NODE("intermediateThrowEvent", "c", event)
#define COMPENSATE_OF(id) "<b:compensateEventDefinition activityRef='" id "'/>"
#define SUB(id, within)	  SUB_PROCESS(id, within)
#define IN_SUB                                                                                     \
	NODE("startEvent", "s1", "")                                                               \
	TASK("a")                                                                                  \
	UNDO("ua", "a", "ha")                                                                      \
	TASK("b") UNDO("ub", "b", "hb") FLOW("g1", "s1", "a") FLOW("g2", "a", "b")
#define TRANSACTION(within, boundary)                                                              \
	PROCESS START TRANSACT("tx", within)                                                       \
	boundary TASK("x") END FLOW("f1", "s", "tx") FLOW("f2", "tx", "e") FLOW("f3", "x", "e")    \
		FLOW("f4", "bc", "x") TAIL
#define CANCELLED BOUNDARY("bc", "tx", CANCEL)

/* EDR-5: compensation */
static void compensations(void **state)
{
	static const struct story stories[] = {
		{ "the latest first",
		  TWO_DONE(THROW(COMPENSATE)),
		  NULL,
		  { { "start", "a" },
		    { "complete a", "b" },
		    { "complete b", "hb" },
		    { "complete hb", "ha" },
		    { "complete ha", "" } },
		  "completed" },
		{ "of one activity",
		  TWO_DONE(THROW(COMPENSATE_OF("a"))),
		  NULL,
		  { { "start", "a" },
		    { "complete a", "b" },
		    { "complete b", "ha" },
		    { "complete ha", "" } },
		  "completed" },
		{ "at the end",
		  PROCESS START TASK("a") UNDO("ua", "a", "ha") NODE("endEvent", "c", COMPENSATE)
			  FLOW("f1", "s", "a") FLOW("f2", "a", "c") TAIL,
		  NULL,
		  { { "start", "a" }, { "complete a", "ha" }, { "complete ha", "" } },
		  "completed" },
		{ "nothing was done",
		  PROCESS START TASK("a") UNDO("ua", "a", "ha") NODE("exclusiveGateway", "x", "")
			  THROW(COMPENSATE) END FLOW("f1", "s", "x")
				  FLOW_IF("f2", "x", "a", "=false") FLOW_IF("f3", "x", "c", "=true")
					  FLOW("f4", "a", "e") FLOW("f5", "c", "e") TAIL,
		  NULL,
		  { { "start", "" } },
		  "completed" },
		{ "an activity that was interrupted isn't undone",
		  PROCESS START TASK("a") UNDO("ua", "a", "ha") BOUNDARY("t", "a", TIMER)
			  THROW(COMPENSATE) END FLOW("f1", "s", "a") FLOW("f2", "a", "e")
				  FLOW("f3", "t", "c") FLOW("f4", "c", "e") TAIL,
		  NULL,
		  { { "start", "a timer:t" }, { "timer t", "" } },
		  "completed" },
		{ "a sub-process by what is in it",
		  PROCESS START SUB("sub", IN_SUB) THROW(COMPENSATE) END FLOW("f1", "s", "sub")
			  FLOW("f3", "sub", "c") FLOW("f4", "c", "e") TAIL,
		  NULL,
		  { { "start", "a" },
		    { "complete a", "b" },
		    { "complete b", "hb" },
		    { "complete hb", "ha" },
		    { "complete ha", "" } },
		  "completed" },
		{ "a sub-process by its own handler",
		  PROCESS START SUB("sub", IN_SUB) UNDO("us", "sub", "hs") THROW(COMPENSATE)
			  END FLOW("f1", "s", "sub") FLOW("f3", "sub", "c") FLOW("f4", "c", "e")
				  TAIL,
		  NULL,
		  { { "start", "a" },
		    { "complete a", "b" },
		    { "complete b", "hs" },
		    { "complete hs", "" } },
		  "completed" },
		{ "a sub-process by its event sub-process",
		  PROCESS START SUB(
			  "sub", IN_SUB EVENT_SUB(
					 "es", NODE("startEvent", "s2", COMPENSATE) TASK("u") NODE(
						       "intermediateThrowEvent", "c2", COMPENSATE)
						       FLOW("h1", "s2", "u") FLOW("h2", "u", "c2")))
			  THROW(COMPENSATE) END FLOW("f1", "s", "sub") FLOW("f3", "sub", "c")
				  FLOW("f4", "c", "e") TAIL,
		  NULL,
		  { { "start", "a" },
		    { "complete a", "b" },
		    { "complete b", "u" },
		    { "complete u", "hb" },
		    { "complete hb", "ha" },
		    { "complete ha", "" } },
		  "completed" },
		{ "each instance of a loop",
		  PROCESS START TASK_WITH("a", "",
					  "<b:multiInstanceLoopCharacteristics>"
					  "<b:loopCardinality>=2</b:loopCardinality>"
					  "</b:multiInstanceLoopCharacteristics>")
			  UNDO("ua", "a", "ha") THROW(COMPENSATE) END FLOW("f1", "s", "a")
				  FLOW("f3", "a", "c") FLOW("f4", "c", "e") TAIL,
		  NULL,
		  { { "start", "a a" },
		    { "complete a", "a" },
		    { "complete a", "ha" },
		    { "complete ha", "ha" },
		    { "complete ha", "" } },
		  "completed" },
		{ "handlers see the variables of what they undo",
		  PROCESS START TASK_WITH("a", IO(IN("=n", "was") OUT("=was", "o")),
					  "") BOUNDARY("ua", "a", COMPENSATE)
			  NODE_AS("scriptTask", "ha", "isForCompensation='true'",
				  EXT("<z:script expression='=was * 2' resultVariable='undone'/>" IO(OUT(
					  "=undone",
					  "undone")))) "<b:association id='as' sourceRef='ua' targetRef='ha'/>" TASK("b")
				  THROW(COMPENSATE) END FLOW("f1", "s", "a") FLOW("f2", "a", "b")
					  FLOW("f3", "b", "c") FLOW("f4", "c", "e") TAIL,
		  "{'n': 21}",
		  { { "start", "a" }, { "complete a", "b" }, { "complete b {'n': 1}", "" } },
		  "completed",
		  "{'undone': 42}" },
		{ "from an event sub-process",
		  PROCESS START TASK("a") UNDO("ua", "a", "ha") TASK("b") END EVENT_SUB(
			  "es", NODE("startEvent", "s2", ERROR) THROW(COMPENSATE)
					NODE("endEvent", "e2", "") FLOW("h1", "s2", "c")
						FLOW("h2", "c", "e2")) FLOW("f1", "s", "a")
			  FLOW("f2", "a", "b") FLOW("f3", "b", "e") TAIL,
		  NULL,
		  { { "start", "a" },
		    { "complete a", "b" },
		    { "fail b E1", "ha" },
		    { "complete ha", "" } },
		  "completed" },
		{ "a handler that fails",
		  TWO_DONE(THROW(COMPENSATE)),
		  NULL,
		  { { "start", "a" },
		    { "complete a", "b" },
		    { "complete b", "hb" },
		    { "fail hb E1", "" } },
		  "failed: E1" },
		{ 0 },
	};

	story_tell(stories);
}

/* EDR-5: transactions */
static void transactions(void **state)
{
	static const struct story stories[] = {
		{ "a transaction that succeeds",
		  TRANSACTION(IN_SUB NODE("endEvent", "e1", "") FLOW("g3", "b", "e1"), CANCELLED),
		  NULL,
		  { { "start", "a" }, { "complete a", "b" }, { "complete b", "" } },
		  "completed" },
		{ "a transaction that is cancelled",
		  TRANSACTION(IN_SUB NODE("endEvent", "e1", CANCEL) FLOW("g3", "b", "e1"),
			      CANCELLED),
		  NULL,
		  { { "start", "a" },
		    { "complete a", "b" },
		    { "complete b", "hb" },
		    { "complete hb", "ha" },
		    { "complete ha", "x" },
		    { "complete x", "" } },
		  "completed" },
		{ "what still runs is withdrawn",
		  TRANSACTION(IN_SUB TASK("w") FLOW("g4", "s1", "w") NODE("endEvent", "e1", CANCEL)
				      FLOW("g3", "b", "e1"),
			      CANCELLED),
		  NULL,
		  { { "start", "a w" },
		    { "complete a", "w b" },
		    { "complete b", "hb" },
		    { "complete hb", "ha" },
		    { "complete ha", "x" } },
		  "running" },
		{ "cancelled before anything was done",
		  TRANSACTION(NODE("startEvent", "s1", "") NODE("endEvent", "e1", CANCEL)
				      FLOW("g1", "s1", "e1"),
			      CANCELLED),
		  NULL,
		  { { "start", "x" } },
		  "running" },
		{ "an error is no cancellation",
		  TRANSACTION(IN_SUB NODE("endEvent", "e1", ERROR) FLOW("g3", "b", "e1"),
			      CANCELLED BOUNDARY("be", "tx", ERROR) TASK("y")
				      FLOW("f7", "be", "y")),
		  NULL,
		  { { "start", "a" }, { "complete a", "b" }, { "complete b", "y" } },
		  "running" },
		{ 0 },
	};

	story_tell(stories);
}

static void what_cannot_happen_is_refused(void **state)
{
	static const struct story_refusal refusals[] = {
		{ PROCESS START TASK("a") BOUNDARY("ua", "a", COMPENSATE) END FLOW("f1", "s", "a")
			  FLOW("f2", "a", "e") TAIL,
		  "element ua: boundaryEvent of compensation has no association to its handler" },
		{ PROCESS START TASK("a") HANDLER("h") END FLOW("f1", "s", "a") FLOW("f2", "a", "e")
			  TAIL,
		  "element h: serviceTask for compensation is no compensation event's handler" },
		{ TWO_DONE(THROW(COMPENSATE_OF("nix"))),
		  "element c: intermediateThrowEvent has an activityRef that is no activity" },
		{ PROCESS START TASK("a") UNDO("ua", "a", "ha") TASK("b") END FLOW("f1", "s", "a")
			  FLOW("f2", "a", "b") FLOW("f3", "b", "e") FLOW("f4", "ha", "e") TAIL,
		  "element ha: serviceTask has an outgoing sequence flow" },
		{ TRANSACTION(IN_SUB NODE("endEvent", "e1", CANCEL) FLOW("g3", "b", "e1"),
			      BOUNDARY("bc", "tx", TIMER)),
		  "cancels a transaction that has no cancel boundary event" },
		{ PROCESS START NODE_AS("transaction", "tx", "method='##Store'", "") TAIL,
		  "method=\"##Store\" is not executable" },
		{ 0 },
	};

	story_refuse(refusals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compensations),
		cmocka_unit_test(transactions),
		cmocka_unit_test(what_cannot_happen_is_refused),
	};

	return story_main("bpmn compensation", tests);
}
