/*
 * elements.h — every element of BPMN 2.0 and of the zeebe extensions that a file may hold, and what
 * becomes of it. What has no row is refused as no BPMN. docs/bpmn.md has a row for each.
 *
 * BPMN_ELEMENT(tag, role, kind)
 *   NODE     a token can be in it; kind says how it runs (BPMN_KIND)
 *   PART     read by the element it stands in
 *   INERT    has no meaning for execution: documentation, drawing, data that is only shown
 *   REFUSED  not executable
 *
 * BPMN_KIND(kind, enters, leaves, needs, may, events)
 *   enters, leaves  whether sequence flows come in and go out: NO, MAY, MUST
 *   needs           parts of which it must have one
 *   may             parts that it may have beside them
 *   events          types of event that it may be
 *
 * ZEEBE_ELEMENT(tag, part): the part that it is, INERT or REFUSED.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_KIND
#define BPMN_KIND(kind, enters, leaves, needs, may, events)
#endif
#ifndef BPMN_ELEMENT
#define BPMN_ELEMENT(tag, role, kind)
#endif
#ifndef ZEEBE_ELEMENT
#define ZEEBE_ELEMENT(tag, part)
#endif

#define EV(name)      (1U << BPMN_EV_##name)
#define HAS(name)     BPMN_PART_##name
#define BPMN_ACTIVITY (HAS(IO) | HAS(LOOP))
#define BPMN_JOB      (HAS(TASK) | HAS(IO) | HAS(PROPERTIES))
#define BPMN_CATCHES  (EV(MESSAGE) | EV(TIMER) | EV(SIGNAL) | EV(CONDITION))
#define BPMN_RAISED   (EV(ERROR) | EV(ESCALATION) | EV(COMPENSATION))

BPMN_KIND(START, NO, MUST, 0, HAS(IO), EV(PLAIN) | BPMN_CATCHES | BPMN_RAISED)
BPMN_KIND(END, MUST, NO, 0, BPMN_JOB,
	  EV(PLAIN) | EV(MESSAGE) | EV(SIGNAL) | BPMN_RAISED | EV(TERMINATE) | EV(CANCEL))
BPMN_KIND(CATCH, MAY, MAY, 0, HAS(IO), BPMN_CATCHES | EV(LINK))
BPMN_KIND(THROW, MUST, MAY, 0, BPMN_JOB,
	  EV(PLAIN) | EV(MESSAGE) | EV(SIGNAL) | EV(ESCALATION) | EV(COMPENSATION) | EV(LINK))
BPMN_KIND(BOUNDARY, NO, MAY, 0, HAS(IO), BPMN_CATCHES | BPMN_RAISED | EV(CANCEL))
BPMN_KIND(PASS, MUST, MAY, 0, BPMN_ACTIVITY, 0)
BPMN_KIND(SERVICE, MUST, MAY, HAS(TASK), BPMN_ACTIVITY | BPMN_JOB, 0)
BPMN_KIND(SEND, MUST, MAY, 0, BPMN_ACTIVITY | BPMN_JOB, 0)
BPMN_KIND(USER, MUST, MAY, 0, BPMN_ACTIVITY | BPMN_JOB | HAS(USER), 0)
BPMN_KIND(RECEIVE, MAY, MAY, 0, BPMN_ACTIVITY, 0)
BPMN_KIND(RULE, MUST, MAY, HAS(DECISION) | HAS(TASK), BPMN_ACTIVITY | BPMN_JOB, 0)
BPMN_KIND(SCRIPT, MUST, MAY, HAS(SCRIPT) | HAS(TASK), BPMN_ACTIVITY | BPMN_JOB, 0)
BPMN_KIND(CALL, MUST, MAY, HAS(CALLED), BPMN_ACTIVITY, 0)
BPMN_KIND(SUB, MAY, MAY, 0, BPMN_ACTIVITY, 0)
BPMN_KIND(EXCLUSIVE, MUST, MUST, 0, 0, 0)
BPMN_KIND(INCLUSIVE, MUST, MUST, 0, 0, 0)
BPMN_KIND(PARALLEL, MUST, MUST, 0, 0, 0)
BPMN_KIND(CHOICE, MAY, MUST, 0, 0, 0) /* event-based gateway */

/* events */
BPMN_ELEMENT(startEvent, NODE, START)
BPMN_ELEMENT(endEvent, NODE, END)
BPMN_ELEMENT(intermediateCatchEvent, NODE, CATCH)
BPMN_ELEMENT(intermediateThrowEvent, NODE, THROW)
BPMN_ELEMENT(boundaryEvent, NODE, BOUNDARY)
BPMN_ELEMENT(timerEventDefinition, PART, NONE)
BPMN_ELEMENT(timeDuration, PART, NONE)
BPMN_ELEMENT(timeDate, PART, NONE)
BPMN_ELEMENT(timeCycle, PART, NONE)
BPMN_ELEMENT(messageEventDefinition, PART, NONE)
BPMN_ELEMENT(signalEventDefinition, PART, NONE)
BPMN_ELEMENT(conditionalEventDefinition, PART, NONE)
BPMN_ELEMENT(errorEventDefinition, PART, NONE)
BPMN_ELEMENT(escalationEventDefinition, PART, NONE)
BPMN_ELEMENT(compensateEventDefinition, PART, NONE)
BPMN_ELEMENT(terminateEventDefinition, PART, NONE)
BPMN_ELEMENT(cancelEventDefinition, PART, NONE)
BPMN_ELEMENT(linkEventDefinition, PART, NONE)
BPMN_ELEMENT(eventDefinitionRef, REFUSED, NONE)
BPMN_ELEMENT(condition, PART, NONE)
BPMN_ELEMENT(source, INERT, NONE) /* links are found by name */
BPMN_ELEMENT(target, INERT, NONE)
/* activities */
BPMN_ELEMENT(serviceTask, NODE, SERVICE)
BPMN_ELEMENT(scriptTask, NODE, SCRIPT)
BPMN_ELEMENT(task, NODE, PASS)
BPMN_ELEMENT(userTask, NODE, USER)
BPMN_ELEMENT(sendTask, NODE, SEND)
BPMN_ELEMENT(receiveTask, NODE, RECEIVE)
BPMN_ELEMENT(businessRuleTask, NODE, RULE)
BPMN_ELEMENT(manualTask, NODE, PASS)
BPMN_ELEMENT(callActivity, NODE, CALL)
BPMN_ELEMENT(subProcess, NODE, SUB)
BPMN_ELEMENT(transaction, NODE, SUB)
BPMN_ELEMENT(adHocSubProcess, REFUSED, NONE)
BPMN_ELEMENT(standardLoopCharacteristics, PART, NONE)
BPMN_ELEMENT(multiInstanceLoopCharacteristics, PART, NONE)
BPMN_ELEMENT(loopCardinality, PART, NONE)
BPMN_ELEMENT(loopCondition, PART, NONE)
BPMN_ELEMENT(completionCondition, PART, NONE)
BPMN_ELEMENT(loopDataInputRef, INERT, NONE) /* the zeebe extension names the collections */
BPMN_ELEMENT(loopDataOutputRef, INERT, NONE)
BPMN_ELEMENT(inputDataItem, INERT, NONE)
BPMN_ELEMENT(outputDataItem, INERT, NONE)
BPMN_ELEMENT(complexBehaviorDefinition, REFUSED, NONE)
BPMN_ELEMENT(implicitThrowEvent, REFUSED, NONE)
BPMN_ELEMENT(event, REFUSED, NONE) /* abstract */
BPMN_ELEMENT(script, PART, NONE)   /* of scriptFormat lua */
/* gateways and flows */
BPMN_ELEMENT(exclusiveGateway, NODE, EXCLUSIVE)
BPMN_ELEMENT(inclusiveGateway, NODE, INCLUSIVE)
BPMN_ELEMENT(parallelGateway, NODE, PARALLEL)
BPMN_ELEMENT(eventBasedGateway, NODE, CHOICE)
BPMN_ELEMENT(complexGateway, REFUSED, NONE)
BPMN_ELEMENT(sequenceFlow, PART, NONE)
BPMN_ELEMENT(conditionExpression, PART, NONE)
BPMN_ELEMENT(incoming, INERT, NONE) /* sequenceFlow says the same */
BPMN_ELEMENT(outgoing, PART, NONE)  /* the order in which a gateway asks */
/* data */
BPMN_ELEMENT(dataObject, INERT, NONE)
BPMN_ELEMENT(dataObjectReference, INERT, NONE)
BPMN_ELEMENT(dataStoreReference, INERT, NONE)
BPMN_ELEMENT(dataInput, INERT, NONE)
BPMN_ELEMENT(dataOutput, INERT, NONE)
BPMN_ELEMENT(dataInputAssociation, INERT, NONE)
BPMN_ELEMENT(dataOutputAssociation, INERT, NONE)
BPMN_ELEMENT(ioSpecification, INERT, NONE)
BPMN_ELEMENT(inputSet, INERT, NONE)
BPMN_ELEMENT(outputSet, INERT, NONE)
BPMN_ELEMENT(ioBinding, INERT, NONE)
BPMN_ELEMENT(rendering, INERT, NONE)
BPMN_ELEMENT(supports, INERT, NONE)
BPMN_ELEMENT(supportedInterfaceRef, INERT, NONE)
BPMN_ELEMENT(property, INERT, NONE)
BPMN_ELEMENT(resourceRole, INERT, NONE)
BPMN_ELEMENT(performer, INERT, NONE)
BPMN_ELEMENT(humanPerformer, INERT, NONE)
BPMN_ELEMENT(potentialOwner, INERT, NONE)
BPMN_ELEMENT(correlationSubscription, REFUSED, NONE)
/* the file as a whole */
BPMN_ELEMENT(definitions, PART, NONE)
BPMN_ELEMENT(process, PART, NONE)
BPMN_ELEMENT(extensionElements, PART, NONE)
BPMN_ELEMENT(collaboration, INERT, NONE)
BPMN_ELEMENT(choreography, REFUSED, NONE)
BPMN_ELEMENT(globalChoreographyTask, REFUSED, NONE)
BPMN_ELEMENT(choreographyTask, REFUSED, NONE)
BPMN_ELEMENT(subChoreography, REFUSED, NONE)
BPMN_ELEMENT(callChoreography, REFUSED, NONE)
BPMN_ELEMENT(globalConversation, INERT, NONE)
BPMN_ELEMENT(globalTask, REFUSED, NONE)
BPMN_ELEMENT(globalUserTask, REFUSED, NONE)
BPMN_ELEMENT(globalScriptTask, REFUSED, NONE)
BPMN_ELEMENT(globalBusinessRuleTask, REFUSED, NONE)
BPMN_ELEMENT(globalManualTask, REFUSED, NONE)
BPMN_ELEMENT(import, INERT, NONE)
/* without meaning for execution */
BPMN_ELEMENT(documentation, INERT, NONE)
BPMN_ELEMENT(extension, INERT, NONE)
BPMN_ELEMENT(relationship, INERT, NONE)
BPMN_ELEMENT(auditing, INERT, NONE)
BPMN_ELEMENT(monitoring, INERT, NONE)
BPMN_ELEMENT(laneSet, INERT, NONE)
BPMN_ELEMENT(textAnnotation, INERT, NONE)
BPMN_ELEMENT(association, PART, NONE)
BPMN_ELEMENT(group, INERT, NONE)
BPMN_ELEMENT(category, INERT, NONE)
BPMN_ELEMENT(categoryValueRef, INERT, NONE)
BPMN_ELEMENT(itemDefinition, INERT, NONE)
BPMN_ELEMENT(interface, INERT, NONE)
BPMN_ELEMENT(resource, INERT, NONE)
BPMN_ELEMENT(endPoint, INERT, NONE)
BPMN_ELEMENT(dataStore, INERT, NONE)
BPMN_ELEMENT(message, PART, NONE)
BPMN_ELEMENT(signal, PART, NONE)
BPMN_ELEMENT(error, PART, NONE)
BPMN_ELEMENT(escalation, PART, NONE)
BPMN_ELEMENT(partnerEntity, INERT, NONE)
BPMN_ELEMENT(partnerRole, INERT, NONE)
BPMN_ELEMENT(correlationProperty, INERT, NONE)

ZEEBE_ELEMENT(taskDefinition, BPMN_PART_TASK)
ZEEBE_ELEMENT(ioMapping, BPMN_PART_IO)
ZEEBE_ELEMENT(script, BPMN_PART_SCRIPT)
ZEEBE_ELEMENT(properties, BPMN_PART_INERT)
ZEEBE_ELEMENT(versionTag, BPMN_PART_INERT)
ZEEBE_ELEMENT(taskHeaders, BPMN_PART_PROPERTIES)
ZEEBE_ELEMENT(userTask, BPMN_PART_USER)
ZEEBE_ELEMENT(userTaskForm, BPMN_PART_INERT) /* what a formDefinition shows */
ZEEBE_ELEMENT(formDefinition, BPMN_PART_USER)
ZEEBE_ELEMENT(assignmentDefinition, BPMN_PART_USER)
ZEEBE_ELEMENT(priorityDefinition, BPMN_PART_USER)
ZEEBE_ELEMENT(taskSchedule, BPMN_PART_USER)
ZEEBE_ELEMENT(calledElement, BPMN_PART_CALLED)
ZEEBE_ELEMENT(calledDecision, BPMN_PART_DECISION)
ZEEBE_ELEMENT(loopCharacteristics, BPMN_PART_LOOP)
ZEEBE_ELEMENT(subscription, BPMN_PART_KEY)
ZEEBE_ELEMENT(executionListeners, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(taskListeners, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(linkedResources, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(adHoc, BPMN_PART_REFUSED)

#undef EV
#undef HAS
#undef BPMN_ACTIVITY
#undef BPMN_JOB
#undef BPMN_CATCHES
#undef BPMN_RAISED
#undef BPMN_KIND
#undef BPMN_ELEMENT
#undef ZEEBE_ELEMENT
