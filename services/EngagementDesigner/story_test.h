/*
 * story_test.h — what the tests of instances share: small workflows, and a world with the real
 * service.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_STORY_TEST_H
#define DESIGNER_STORY_TEST_H

#include <jansson.h>
#include <stdbool.h>

#include "test_world.h"

#define ED "EngagementDesigner"

#define HEAD                                                                                       \
	"<bpmn:definitions xmlns:bpmn='http://www.omg.org/spec/BPMN/20100524/MODEL' "              \
	"xmlns:zeebe='http://camunda.org/schema/zeebe/1.0' id='D' targetNamespace='x'>"            \
	"<bpmn:message id='M_order' name='order'/>"                                                \
	"<bpmn:message id='M_paid' name='paid'><bpmn:extensionElements>"                           \
	"<zeebe:subscription correlationKey='=id'/></bpmn:extensionElements></bpmn:message>"       \
	"<bpmn:signal id='G_storm' name='storm'/><bpmn:error id='X_broke' errorCode='broke'/>"     \
	"<bpmn:escalation id='C_late' escalationCode='late'/>"
#define PROCESS(id) "<bpmn:process id='" id "' isExecutable='true'>"
#define STARTS_BY_ORDER                                                                            \
	"<bpmn:startEvent id='S'><bpmn:messageEventDefinition messageRef='M_order'/>"              \
	"</bpmn:startEvent>"
#define FLOW(from, to)                                                                             \
	"<bpmn:sequenceFlow id='F_" from to "' sourceRef='" from "' targetRef='" to "'/>"
#define CATCH(id, what)                                                                            \
	"<bpmn:intermediateCatchEvent id='" id "'>" what "</bpmn:intermediateCatchEvent>"
#define END(id) "<bpmn:endEvent id='" id "'/>"
#define PAID	"<bpmn:messageEventDefinition messageRef='M_paid'/>"
#define STORM	"<bpmn:signalEventDefinition signalRef='G_storm'/>"
#define CALL(id, process)                                                                          \
	"<bpmn:callActivity id='" id                                                               \
	"'><bpmn:extensionElements><zeebe:calledElement processId='" process                       \
	"' propagateAllChildVariables='true'/></bpmn:extensionElements></bpmn:callActivity>"
#define TAIL "</bpmn:process></bpmn:definitions>"

/* begun by an order, at one catching event, done */
#define ONE(process, what)                                                                         \
	HEAD PROCESS(process)                                                                      \
	STARTS_BY_ORDER CATCH("W", what) END("E") FLOW("S", "W") FLOW("W", "E") TAIL

/* asked asks, and fails the test if it is refused; gives body. */
json_t *asked(struct test_world *w, const char *operation, json_t *body);
void deployed(struct test_world *w, const char *xml);
/* world_of starts the service alone, with incidents that aren't retried by themselves, and deploys.
 */
struct test_world *world_of(const char *xml);
/* order begins an instance by the message order, with the variable id. */
void order(struct test_world *w, const char *name, char id[27]);
/* paid sends the message paid with that key; id: to whom it went, "" if to nobody. */
void paid(struct test_world *w, const char *key, char id[27]);
json_t *shown(struct test_world *w, const char *id); /* the instance */
void status_is(struct test_world *w, const char *id, const char *status);
/* wait_for waits until an instance has a status, and a token at element (NULL: wherever). */
void wait_for(struct test_world *w, const char *id, const char *status, const char *element);
bool none_runs(struct test_world *w, void *arg);
size_t incidents_of(struct test_world *w);
bool is_stuck(struct test_world *w, void *arg); /* there is an incident */

#endif
