/*
 * parts.h — what stands within a flow node: event definitions and extension elements.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_PARTS_H
#define BPMN_PARTS_H

#include "engines/bpmn/text.h"

/* bpmn_parse_timer reads a timerEventDefinition. */
enum pl_err bpmn_parse_timer(struct bpmn_node *node, const xmlNode *definition);

/* bpmn_parse_extensions reads extensionElements; node NULL: those of the process or a flow. */
enum pl_err bpmn_parse_extensions(struct bpmn_node *node, const xmlNode *extensions,
				  const char *owner);

#endif
