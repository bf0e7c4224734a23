/*
 * story.h — tests of the engine as stories: a process, what the world answers, and what then waits.
 *
 * Between any two steps the instance is written out, thrown away, read in again and asked what it
 * waits for, which must be what it had reported. Each story is told once more for many points at
 * which memory runs out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_STORY_H
#define BPMN_STORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engines/bpmn/bpmn.h"

#define HEAD                                                                                                                          \
	"<?xml version='1.0'?>\n<b:definitions"                                                                                       \
	" xmlns:b='http://www.omg.org/spec/BPMN/20100524/MODEL'"                                                                      \
	" xmlns:z='http://camunda.org/schema/zeebe/1.0' xmlns:o='urn:other'>\n"                                                       \
	"<b:message id='M' name='msg'/><b:message id='MK' name='keyed'>" EXT(                                                         \
		"<z:subscription correlationKey='=order'/>") "</b:message>"                                                           \
							     "<b:signal id='S' name='sig'/><b:error id='E' name='e' errorCode='E1'/>" \
							     "<b:error id='E2' errorCode='E2'/><b:error id='EX' errorCode='=code'/>"  \
							     "<b:escalation id='C' escalationCode='C1'/><b:escalation id='C2' escalationCode='C2'/>\n"
#define PROCESS			   HEAD "<b:process id='p' name='P' isExecutable='true'>\n"
#define TAIL			   "</b:process>\n</b:definitions>"
#define EXT(x)			   "<b:extensionElements>" x "</b:extensionElements>"
#define START			   "<b:startEvent id='s'/>"
#define END			   "<b:endEvent id='e'/>"
#define IO(x)			   "<z:ioMapping>" x "</z:ioMapping>"
#define IN(s, t)		   "<z:input source='" s "' target='" t "'/>"
#define OUT(s, t)		   "<z:output source='" s "' target='" t "'/>"
#define NODE(tag, id, within)	   "<b:" tag " id='" id "'>" within "</b:" tag ">\n"
#define NODE_AS(tag, id, attr, in) "<b:" tag " id='" id "' " attr ">" in "</b:" tag ">\n"
#define TASK_WITH(id, ext, within)                                                                 \
	NODE("serviceTask", id, EXT("<z:taskDefinition type='T'/>" ext) within)
#define TASK(id) TASK_WITH(id, "", "")
#define SCRIPT(id, expression, variable)                                                           \
	NODE("scriptTask", id,                                                                     \
	     EXT("<z:script expression='" expression "' resultVariable='" variable "'/>"))
#define SCRIPT_IN(id, expression, variable, ext, within)                                           \
	NODE("scriptTask", id,                                                                     \
	     EXT("<z:script expression='" expression "' resultVariable='" variable "'/>" ext)      \
		     within)
#define TIMER                                                                                      \
	"<b:timerEventDefinition><b:timeDuration>PT1M</b:timeDuration></b:timerEventDefinition>"
#define CYCLE(r)       "<b:timerEventDefinition><b:timeCycle>" r "</b:timeCycle></b:timerEventDefinition>"
#define MESSAGE	       "<b:messageEventDefinition messageRef='M'/>"
#define KEYED	       "<b:messageEventDefinition messageRef='MK'/>"
#define SIGNAL	       "<b:signalEventDefinition signalRef='S'/>"
#define ERROR	       "<b:errorEventDefinition errorRef='E'/>"
#define ERROR2	       "<b:errorEventDefinition errorRef='E2'/>"
#define ERROR_ANY      "<b:errorEventDefinition/>"
#define ESCALATION     "<b:escalationEventDefinition escalationRef='C'/>"
#define ESCALATION_ANY "<b:escalationEventDefinition/>"
#define COMPENSATE     "<b:compensateEventDefinition/>"
#define TERMINATE      "<b:terminateEventDefinition/>"
#define CANCEL	       "<b:cancelEventDefinition/>"
#define LINK(name)     "<b:linkEventDefinition name='" name "'/>"
#define CONDITION(x)                                                                               \
	"<b:conditionalEventDefinition><b:condition>" x                                            \
	"</b:condition></b:conditionalEventDefinition>"
#define BOUNDARY(id, at, event) NODE_AS("boundaryEvent", id, "attachedToRef='" at "'", event)
#define BESIDE(id, at, event)                                                                      \
	NODE_AS("boundaryEvent", id, "attachedToRef='" at "' cancelActivity='false'", event)
/* Not by NODE: cppcheck expands no macro within its own arguments. */
#define SUB_PROCESS(id, within)	  "<b:subProcess id='" id "'>" within "</b:subProcess>\n"
#define INNER_PROCESS(id, within) "<b:subProcess id='" id "'>" within "</b:subProcess>\n"
#define TRANSACT(id, within)	  "<b:transaction id='" id "'>" within "</b:transaction>\n"
#define EVENT_SUB(id, within)                                                                      \
	"<b:subProcess id='" id "' triggeredByEvent='true'>" within "</b:subProcess>\n"
#define HANDLER(id)                                                                                \
	NODE_AS("serviceTask", id, "isForCompensation='true'", EXT("<z:taskDefinition type='T'/>"))
/* compensation of `at` by handler */
#define UNDO(id, at, handler)                                                                      \
	BOUNDARY(id, at, COMPENSATE)                                                               \
	HANDLER(handler)                                                                           \
	"<b:association id='as_" id "' sourceRef='" id "' targetRef='" handler "'/>"
#define FLOW(id, from, to) "<b:sequenceFlow id='" id "' sourceRef='" from "' targetRef='" to "'/>"
#define FLOW_IF(id, from, to, condition)                                                           \
	"<b:sequenceFlow id='" id "' sourceRef='" from "' targetRef='" to "'>"                     \
	"<b:conditionExpression>" condition "</b:conditionExpression></b:sequenceFlow>\n"
/* start, one thing, end; more beside */
#define ONE(x, id) PROCESS START x END FLOW("f1", "s", id) FLOW("f2", id, "e") TAIL

enum { STORY_STEPS = 14 };

/*
 * A step is what the world does and the elements that wait afterwards, in the order of their ids'
 * report. The world's words, JSON in them with ' for ":
 *
 *   start · start at ELEMENT [JSON] · complete ELEMENT [JSON] · fail ELEMENT CODE
 *   escalate ELEMENT CODE · timer ELEMENT · message ELEMENT [JSON] · signal NAME [JSON]
 *   set JSON · retry|skip|drop ELEMENT · cancel · migrate (to story.to, by story.mapping)
 *
 * An element of several that wait is the first. What waits is `task:` and so on with the element;
 * a task is just the element, an incident `incident:ELEMENT:CODE`. What is thrown stands there,
 * too, as `thrown:EVENT:NAME`, in the step in which it is.
 */
struct story_step {
	const char *does, *waits;
};

struct story {
	const char *name, *xml, *variables; /* NULL: none */
	struct story_step steps[STORY_STEPS];
	const char *end;  /* "completed", "running", "cancelled", "failed: CODE REASON" */
	const char *left; /* variables that there are then, among others; NULL: not asked */
	bool has_incidents;
	const char *to, *mapping;
};

/* story_tell tells all of a table, ended by one without a name. */
void story_tell(const struct story *stories);

/* story_refuse checks a table of files that are refused, and how; ended by one without xml. */
struct story_refusal {
	const char *xml, *detail;
};

void story_refuse(const struct story_refusal *refusals);

/* story_json reads JSON that is written with ' for ". */
json_t *story_json(const char *text, size_t len);

/* story_main runs tests with memory that can run out. */
#define story_main(name, tests)                                                                    \
	(story_setup(), cmocka_run_group_tests_name(name, tests, NULL, NULL))
void story_setup(void);

#endif
