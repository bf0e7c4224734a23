/*
 * boundary_test.c — events at the boundary of activities, and event sub-processes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/story.h"

/* start, task t with an event b at its boundary, tasks behind both */
#define AT(boundary)                                                                               \
	PROCESS START TASK("t") boundary TASK("x") END FLOW("f1", "s", "t") FLOW("f2", "t", "e")   \
		FLOW("f3", "b", "x") FLOW("f4", "x", "e") TAIL
/* a sub-process around task t and what is within, with an event at its boundary */
#define AROUND(within, boundary)                                                                   \
	PROCESS START SUB_PROCESS("sub", NODE("startEvent", "s1", "") TASK("t")                    \
						 within FLOW("g1", "s1", "t")) boundary TASK("x")  \
		END FLOW("f1", "s", "sub") FLOW("f2", "sub", "e") FLOW("f3", "b", "x")             \
			FLOW("f4", "x", "e") TAIL
#define END_IN(event) NODE("endEvent", "e1", event) FLOW("g2", "t", "e1")
/* an event sub-process beside task t; the event starts it with s2, task x is in it */
#define BY_EVENT(start)                                                                            \
	PROCESS START TASK("t") END FLOW("f1", "s", "t") FLOW("f2", "t", "e")                      \
		EVENT_SUB("h", start TASK("x") NODE("endEvent", "e2", "") FLOW("h1", "s2", "x")    \
				       FLOW("h2", "x", "e2")) TAIL
#define S2(event)	 NODE("startEvent", "s2", event)
#define S2_BESIDE(event) NODE_AS("startEvent", "s2", "isInterrupting='false'", event)

/* EDR-5: boundary events that interrupt, and those that don't */
static void boundaries(void **state)
{
	static const struct story stories[] = {
		{ "timer boundary",
		  AT(BOUNDARY("b", "t", TIMER)),
		  NULL,
		  { { "start", "t timer:b" }, { "timer b", "x" }, { "complete x", "" } },
		  "completed" },
		{ "timer boundary that is too late",
		  AT(BOUNDARY("b", "t", TIMER)),
		  NULL,
		  { { "start", "t timer:b" }, { "complete t", "" } },
		  "completed" },
		{ "timer beside",
		  AT(BESIDE("b", "t", TIMER)),
		  NULL,
		  { { "start", "t timer:b" },
		    { "timer b", "t x" },
		    { "complete t", "x" },
		    { "complete x", "" } },
		  "completed" },
		{ "timer cycle beside",
		  AT(BESIDE("b", "t", CYCLE("R2/PT1M"))),
		  NULL,
		  { { "start", "t timer:b" },
		    { "timer b", "t timer:b x" },
		    { "timer b", "t x x" },
		    { "complete t", "x x" },
		    { "complete x", "x" },
		    { "complete x", "" } },
		  "completed" },
		{ "timer cycle without end",
		  AT(BESIDE("b", "t", CYCLE("R/2030-01-01T00:00:00Z/PT1M"))),
		  NULL,
		  { { "start", "t timer:b" },
		    { "timer b", "t timer:b x" },
		    { "timer b", "t x timer:b x" },
		    { "complete t", "x x" } },
		  "running" },
		{ "message boundary",
		  AT(BOUNDARY("b", "t", MESSAGE)),
		  NULL,
		  { { "start", "t message:b" },
		    { "message b {'n': 1}", "x" },
		    { "complete x", "" } },
		  "completed",
		  "{'n': 1}" },
		{ "messages beside",
		  AT(BESIDE("b", "t", MESSAGE)),
		  NULL,
		  { { "start", "t message:b" },
		    { "message b", "t message:b x" },
		    { "message b", "t x message:b x" },
		    { "complete t", "x x" } },
		  "running" },
		{ "signal boundary",
		  AT(BOUNDARY("b", "t", SIGNAL)),
		  NULL,
		  { { "start", "t signal:b" }, { "signal sig", "x" }, { "complete x", "" } },
		  "completed" },
		{ "signal beside",
		  AT(BESIDE("b", "t", SIGNAL)),
		  NULL,
		  { { "start", "t signal:b" }, { "signal sig", "t signal:b x" } },
		  "running" },
		{ "conditional boundary",
		  AT(BOUNDARY("b", "t", CONDITION("=n > 1"))),
		  NULL,
		  { { "start", "t" }, { "set {'n': 2}", "x" }, { "complete x", "" } },
		  "completed" },
		{ "condition beside must become false before",
		  AT(BESIDE("b", "t", CONDITION("=n > 1"))),
		  NULL,
		  { { "start", "t" },
		    { "set {'n': 2}", "t x" },
		    { "set {'n': 3}", "t x" },
		    { "set {'n': 0}", "t x" },
		    { "set {'n': 4}", "t x x" } },
		  "running" },
		{ "error boundary",
		  AT(BOUNDARY("b", "t", ERROR)),
		  NULL,
		  { { "start", "t" }, { "fail t E1", "x" }, { "complete x", "" } },
		  "completed" },
		{ "error of another code",
		  AT(BOUNDARY("b", "t", ERROR)),
		  NULL,
		  { { "start", "t" }, { "fail t E2", "" } },
		  "failed: E2 said so" },
		{ "any error",
		  AT(BOUNDARY("b", "t",
			      EXT(IO(OUT("=errorCode", "c") OUT("=errorMessage", "m"))) ERROR_ANY)),
		  NULL,
		  { { "start", "t" }, { "fail t E2", "x" }, { "complete x", "" } },
		  "completed",
		  "{'c': 'E2', 'm': 'said so'}" },
		{ "the code before any",
		  PROCESS START TASK("t") BOUNDARY("b", "t", ERROR_ANY) BOUNDARY("c", "t", ERROR)
			  TASK("x") TASK("y") END FLOW("f1", "s", "t") FLOW("f2", "t", "e")
				  FLOW("f3", "b", "x") FLOW("f4", "c", "y") FLOW("f5", "x", "e")
					  FLOW("f6", "y", "e") TAIL,
		  NULL,
		  { { "start", "t" }, { "fail t E1", "y" } },
		  "running" },
		{ "escalation boundary",
		  AT(BOUNDARY("b", "t", ESCALATION)),
		  NULL,
		  { { "start", "t" }, { "escalate t C1", "x" }, { "complete x", "" } },
		  "completed" },
		{ "escalation beside",
		  AT(BESIDE("b", "t", ESCALATION_ANY)),
		  NULL,
		  { { "start", "t" },
		    { "escalate t C2 {'n': 1}", "t x" },
		    { "complete t", "x" },
		    { "complete x", "" } },
		  "completed",
		  "{'n': 1}" },
		{ "escalation that nothing catches",
		  AT(BOUNDARY("b", "t", ESCALATION)),
		  NULL,
		  { { "start", "t" },
		    { "escalate t C2", "t thrown:escalation:C2" },
		    { "complete t", "" } },
		  "completed" },
		{ 0 },
	};

	story_tell(stories);
}

static void scripts_fail_at_their_boundary(void **state)
{
	static const struct story stories[] = {
		{ "a script that takes too long is caught",
		  PROCESS START SCRIPT_IN("t", "=count(for i in 1..100000000 return i)", "n", "",
					  "") BOUNDARY("b", "t", ERROR_ANY) TASK("x")
			  END FLOW("f1", "s", "t") FLOW("f2", "t", "e") FLOW("f3", "b", "x")
				  FLOW("f4", "x", "e") TAIL,
		  NULL,
		  { { "start", "x" }, { "complete x", "" } },
		  "completed" },
		{ 0 },
	};

	story_tell(stories);
}

/* EDR-5: at the boundary of a sub-process */
static void boundaries_of_sub_processes(void **state)
{
	static const struct story stories[] = {
		{ "timer around",
		  AROUND(END_IN(""), BOUNDARY("b", "sub", TIMER)),
		  NULL,
		  { { "start", "timer:b t" }, { "timer b", "x" }, { "complete x", "" } },
		  "completed" },
		{ "error out of a sub-process",
		  AROUND(END_IN(ERROR), BOUNDARY("b", "sub", ERROR)),
		  NULL,
		  { { "start", "t" }, { "complete t", "x" }, { "complete x", "" } },
		  "completed" },
		{ "error of a task within",
		  AROUND(END_IN(""), BOUNDARY("b", "sub", ERROR_ANY)),
		  NULL,
		  { { "start", "t" }, { "fail t E7", "x" }, { "complete x", "" } },
		  "completed" },
		{ "escalation out of a sub-process",
		  AROUND(END_IN(ESCALATION), BOUNDARY("b", "sub", ESCALATION)),
		  NULL,
		  { { "start", "t" }, { "complete t", "x" }, { "complete x", "" } },
		  "completed" },
		{ "escalation beside a sub-process",
		  AROUND(NODE("intermediateThrowEvent", "th", ESCALATION) TASK("u")
				 FLOW("g2", "t", "th") FLOW("g3", "th", "u"),
			 BESIDE("b", "sub", ESCALATION)),
		  NULL,
		  { { "start", "t" },
		    { "complete t", "u x" },
		    { "complete u", "x" },
		    { "complete x", "" } },
		  "completed" },
		{ "terminate within",
		  AROUND(END_IN(TERMINATE), BOUNDARY("b", "sub", TIMER)),
		  NULL,
		  { { "start", "timer:b t" }, { "complete t", "" } },
		  "completed" },
		{ 0 },
	};

	story_tell(stories);
}

/* EDR-5: event sub-processes */
static void event_sub_processes(void **state)
{
	static const struct story stories[] = {
		{ "message starts and interrupts",
		  BY_EVENT(S2(MESSAGE)),
		  NULL,
		  { { "start", "message:s2 t" },
		    { "message s2 {'n': 1}", "x" },
		    { "complete x", "" } },
		  "completed",
		  "{'n': 1}" },
		{ "message that never comes",
		  BY_EVENT(S2(MESSAGE)),
		  NULL,
		  { { "start", "message:s2 t" }, { "complete t", "" } },
		  "completed" },
		{ "message beside",
		  BY_EVENT(S2_BESIDE(MESSAGE)),
		  NULL,
		  { { "start", "message:s2 t" },
		    { "message s2", "t message:s2 x" },
		    { "complete t", "message:s2 x" },
		    { "complete x", "" } },
		  "completed" },
		{ "timer starts",
		  BY_EVENT(S2(TIMER)),
		  NULL,
		  { { "start", "timer:s2 t" }, { "timer s2", "x" }, { "complete x", "" } },
		  "completed" },
		{ "timer cycle beside the flow",
		  BY_EVENT(S2_BESIDE(CYCLE("R2/PT1M"))),
		  NULL,
		  { { "start", "timer:s2 t" },
		    { "timer s2", "t timer:s2 x" },
		    { "timer s2", "t x x" } },
		  "running" },
		{ "signal starts",
		  BY_EVENT(S2(SIGNAL)),
		  NULL,
		  { { "start", "signal:s2 t" }, { "signal sig", "x" }, { "complete x", "" } },
		  "completed" },
		{ "condition starts",
		  BY_EVENT(S2(CONDITION("=n > 1"))),
		  NULL,
		  { { "start", "t" }, { "set {'n': 2}", "x" }, { "complete x", "" } },
		  "completed" },
		{ "error starts",
		  BY_EVENT(S2(ERROR)),
		  NULL,
		  { { "start", "t" }, { "fail t E1", "x" }, { "complete x", "" } },
		  "completed" },
		{ "error within its own handler",
		  BY_EVENT(S2(ERROR)),
		  NULL,
		  { { "start", "t" }, { "fail t E1", "x" }, { "fail x E1", "" } },
		  "failed: E1 said so" },
		{ "escalation starts",
		  BY_EVENT(S2(ESCALATION)),
		  NULL,
		  { { "start", "t" }, { "escalate t C1", "x" }, { "complete x", "" } },
		  "completed" },
		{ "escalation beside the flow",
		  BY_EVENT(S2_BESIDE(ESCALATION)),
		  NULL,
		  { { "start", "t" },
		    { "escalate t C1", "t x" },
		    { "complete x", "t" },
		    { "complete t", "" } },
		  "completed" },
		{ "in a sub-process, before its boundary",
		  AROUND(END_IN("") EVENT_SUB("h", S2(ERROR) TASK("u") FLOW("h1", "s2", "u")),
			 BOUNDARY("b", "sub", ERROR)),
		  NULL,
		  { { "start", "t" },
		    { "fail t E1", "u" },
		    { "fail u E1", "x" },
		    { "complete x", "" } },
		  "completed" },
		{ "a boundary goes on being waited for",
		  AROUND(END_IN("") EVENT_SUB("h", S2(MESSAGE) TASK("u") FLOW("h1", "s2", "u")),
			 BOUNDARY("b", "sub", TIMER)),
		  NULL,
		  { { "start", "timer:b message:s2 t" },
		    { "message s2", "timer:b u" },
		    { "timer b", "x" } },
		  "running" },
		{ 0 },
	};

	story_tell(stories);
}

static void what_cannot_happen_is_refused(void **state)
{
	static const struct story_refusal refusals[] = {
		{ AT(BOUNDARY("b", "t", "")),
		  "element b: boundaryEvent without an event definition" },
		{ AT(BOUNDARY("b", "nix", TIMER)), "element b: boundaryEvent is not attached" },
		{ AT(BOUNDARY("b", "t", CANCEL)),
		  "of a cancellation is attached to a transaction" },
		{ AT(BESIDE("b", "t", ERROR)), "is always interrupting" },
		{ AT(BOUNDARY("b", "t", TERMINATE)),
		  "boundaryEvent with terminateEventDefinition is not executable" },
		{ AT(BOUNDARY("b", "t", CYCLE("R2/PT1M"))), "happens only once" },
		{ BY_EVENT(S2("")), "element s2: startEvent of an event sub-process needs" },
		{ BY_EVENT(S2_BESIDE(ERROR)), "element s2: startEvent of an error is always" },
		{ BY_EVENT(""), "sequence flow h1: its source s2 is no flow node" },
		{ AROUND(END_IN("") FLOW("gx", "t", "e"), ""),
		  "sequence flow gx: its target e is in another sub-process" },
		{ 0 },
	};

	story_refuse(refusals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boundaries),
		cmocka_unit_test(scripts_fail_at_their_boundary),
		cmocka_unit_test(boundaries_of_sub_processes),
		cmocka_unit_test(event_sub_processes),
		cmocka_unit_test(what_cannot_happen_is_refused),
	};

	return story_main("bpmn boundary", tests);
}
