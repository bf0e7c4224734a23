/*
 * elements.h — every element of BPMN 2.0 and of the zeebe extensions that a file may hold, and what
 * becomes of it. What has no row is refused as no BPMN.
 *
 * BPMN_ELEMENT(tag, role, kind)
 *   NODE     a token can be in it; kind says how it runs (BPMN_KIND)
 *   PART     read by the element it stands in
 *   INERT    has no meaning for execution: documentation, drawing, declarations that nothing uses
 *   REFUSED  not executable yet
 *
 * BPMN_KIND(kind, enters, leaves, needs, may)
 *   enters, leaves  whether sequence flows come in and go out
 *   needs, may      parts it must and may have: TASK, SCRIPT, TIMER, IO
 *
 * ZEEBE_ELEMENT(tag, part): the part that it is, INERT or REFUSED.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_KIND
#define BPMN_KIND(kind, enters, leaves, needs, may)
#endif
#ifndef BPMN_ELEMENT
#define BPMN_ELEMENT(tag, role, kind)
#endif
#ifndef ZEEBE_ELEMENT
#define ZEEBE_ELEMENT(tag, part)
#endif

BPMN_KIND(START, false, true, 0, 0)
BPMN_KIND(END, true, false, 0, 0)
BPMN_KIND(SERVICE, true, true, BPMN_PART_TASK, BPMN_PART_IO)
BPMN_KIND(SCRIPT, true, true, BPMN_PART_SCRIPT, BPMN_PART_IO)
BPMN_KIND(EXCLUSIVE, true, true, 0, 0)
BPMN_KIND(CATCH, true, true, BPMN_PART_TIMER, 0)

/* events */
BPMN_ELEMENT(startEvent, NODE, START)
BPMN_ELEMENT(endEvent, NODE, END)
BPMN_ELEMENT(intermediateCatchEvent, NODE, CATCH)
BPMN_ELEMENT(intermediateThrowEvent, REFUSED, NONE)
BPMN_ELEMENT(boundaryEvent, REFUSED, NONE)
BPMN_ELEMENT(timerEventDefinition, PART, NONE)
BPMN_ELEMENT(timeDuration, PART, NONE)
BPMN_ELEMENT(timeDate, PART, NONE)
BPMN_ELEMENT(timeCycle, REFUSED, NONE)
BPMN_ELEMENT(messageEventDefinition, REFUSED, NONE)
BPMN_ELEMENT(signalEventDefinition, REFUSED, NONE)
BPMN_ELEMENT(conditionalEventDefinition, REFUSED, NONE)
BPMN_ELEMENT(errorEventDefinition, REFUSED, NONE)
BPMN_ELEMENT(escalationEventDefinition, REFUSED, NONE)
BPMN_ELEMENT(compensateEventDefinition, REFUSED, NONE)
BPMN_ELEMENT(terminateEventDefinition, REFUSED, NONE)
BPMN_ELEMENT(cancelEventDefinition, REFUSED, NONE)
BPMN_ELEMENT(linkEventDefinition, REFUSED, NONE)
BPMN_ELEMENT(eventDefinitionRef, REFUSED, NONE)
/* activities */
BPMN_ELEMENT(serviceTask, NODE, SERVICE)
BPMN_ELEMENT(scriptTask, NODE, SCRIPT)
BPMN_ELEMENT(task, REFUSED, NONE)
BPMN_ELEMENT(userTask, REFUSED, NONE)
BPMN_ELEMENT(sendTask, REFUSED, NONE)
BPMN_ELEMENT(receiveTask, REFUSED, NONE)
BPMN_ELEMENT(businessRuleTask, REFUSED, NONE)
BPMN_ELEMENT(manualTask, REFUSED, NONE)
BPMN_ELEMENT(callActivity, REFUSED, NONE)
BPMN_ELEMENT(subProcess, REFUSED, NONE)
BPMN_ELEMENT(transaction, REFUSED, NONE)
BPMN_ELEMENT(adHocSubProcess, REFUSED, NONE)
BPMN_ELEMENT(standardLoopCharacteristics, REFUSED, NONE)
BPMN_ELEMENT(multiInstanceLoopCharacteristics, REFUSED, NONE)
BPMN_ELEMENT(script, REFUSED, NONE)
/* gateways and flows */
BPMN_ELEMENT(exclusiveGateway, NODE, EXCLUSIVE)
BPMN_ELEMENT(inclusiveGateway, REFUSED, NONE)
BPMN_ELEMENT(parallelGateway, REFUSED, NONE)
BPMN_ELEMENT(eventBasedGateway, REFUSED, NONE)
BPMN_ELEMENT(complexGateway, REFUSED, NONE)
BPMN_ELEMENT(sequenceFlow, PART, NONE)
BPMN_ELEMENT(conditionExpression, PART, NONE)
BPMN_ELEMENT(incoming, INERT, NONE) /* sequenceFlow says the same */
BPMN_ELEMENT(outgoing, PART, NONE)  /* the order in which a gateway asks */
/* data */
BPMN_ELEMENT(dataObject, REFUSED, NONE)
BPMN_ELEMENT(dataObjectReference, REFUSED, NONE)
BPMN_ELEMENT(dataStoreReference, REFUSED, NONE)
BPMN_ELEMENT(dataInput, REFUSED, NONE)
BPMN_ELEMENT(dataOutput, REFUSED, NONE)
BPMN_ELEMENT(dataInputAssociation, REFUSED, NONE)
BPMN_ELEMENT(dataOutputAssociation, REFUSED, NONE)
BPMN_ELEMENT(ioSpecification, REFUSED, NONE)
BPMN_ELEMENT(property, REFUSED, NONE)
BPMN_ELEMENT(resourceRole, REFUSED, NONE)
BPMN_ELEMENT(performer, REFUSED, NONE)
BPMN_ELEMENT(humanPerformer, REFUSED, NONE)
BPMN_ELEMENT(potentialOwner, REFUSED, NONE)
BPMN_ELEMENT(correlationSubscription, REFUSED, NONE)
/* the file as a whole */
BPMN_ELEMENT(definitions, PART, NONE)
BPMN_ELEMENT(process, PART, NONE)
BPMN_ELEMENT(extensionElements, PART, NONE)
BPMN_ELEMENT(collaboration, REFUSED, NONE)
BPMN_ELEMENT(choreography, REFUSED, NONE)
BPMN_ELEMENT(globalConversation, REFUSED, NONE)
BPMN_ELEMENT(globalTask, REFUSED, NONE)
BPMN_ELEMENT(globalUserTask, REFUSED, NONE)
BPMN_ELEMENT(globalScriptTask, REFUSED, NONE)
BPMN_ELEMENT(globalBusinessRuleTask, REFUSED, NONE)
BPMN_ELEMENT(globalManualTask, REFUSED, NONE)
BPMN_ELEMENT(import, REFUSED, NONE)
/* without meaning for execution */
BPMN_ELEMENT(documentation, INERT, NONE)
BPMN_ELEMENT(extension, INERT, NONE)
BPMN_ELEMENT(relationship, INERT, NONE)
BPMN_ELEMENT(auditing, INERT, NONE)
BPMN_ELEMENT(monitoring, INERT, NONE)
BPMN_ELEMENT(laneSet, INERT, NONE)
BPMN_ELEMENT(textAnnotation, INERT, NONE)
BPMN_ELEMENT(association, INERT, NONE)
BPMN_ELEMENT(group, INERT, NONE)
BPMN_ELEMENT(category, INERT, NONE)
BPMN_ELEMENT(categoryValueRef, INERT, NONE)
BPMN_ELEMENT(itemDefinition, INERT, NONE)
BPMN_ELEMENT(interface, INERT, NONE)
BPMN_ELEMENT(resource, INERT, NONE)
BPMN_ELEMENT(endPoint, INERT, NONE)
BPMN_ELEMENT(dataStore, INERT, NONE)
BPMN_ELEMENT(message, INERT, NONE)
BPMN_ELEMENT(signal, INERT, NONE)
BPMN_ELEMENT(error, INERT, NONE)
BPMN_ELEMENT(escalation, INERT, NONE)
BPMN_ELEMENT(partnerEntity, INERT, NONE)
BPMN_ELEMENT(partnerRole, INERT, NONE)
BPMN_ELEMENT(correlationProperty, INERT, NONE)

ZEEBE_ELEMENT(taskDefinition, BPMN_PART_TASK)
ZEEBE_ELEMENT(ioMapping, BPMN_PART_IO)
ZEEBE_ELEMENT(script, BPMN_PART_SCRIPT)
ZEEBE_ELEMENT(properties, BPMN_PART_INERT)
ZEEBE_ELEMENT(versionTag, BPMN_PART_INERT)
ZEEBE_ELEMENT(taskHeaders, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(userTask, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(userTaskForm, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(formDefinition, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(assignmentDefinition, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(priorityDefinition, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(taskSchedule, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(calledElement, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(calledDecision, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(loopCharacteristics, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(subscription, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(executionListeners, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(taskListeners, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(linkedResources, BPMN_PART_REFUSED)
ZEEBE_ELEMENT(adHoc, BPMN_PART_REFUSED)

#undef BPMN_KIND
#undef BPMN_ELEMENT
#undef ZEEBE_ELEMENT
