/*
 * parse.h — the steps of reading a BPMN file that share a model in the making.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_PARSE_H
#define BPMN_PARSE_H

#include "engines/bpmn/text.h"

enum bpmn_role { NODE, PART, INERT, REFUSED, UNKNOWN };

struct bpmn_element {
	const char *tag;
	enum bpmn_role role;
	enum bpmn_kind kind;
};

/* bpmn_element_of returns the row of an element; role UNKNOWN if there is none. */
const struct bpmn_element *bpmn_element_of(const xmlNode *xml);

/* bpmn_refuse_element refuses an element that stands where it can't be executed: by its own id, or
 * its owner's. */
enum pl_err bpmn_refuse_element(const xmlNode *xml, const char *owner);

/* bpmn_parse_declared reads a message, signal, error or escalation of the file. */
enum pl_err bpmn_parse_declared(struct bpmn_model *model, const xmlNode *xml);

/* bpmn_parse_node reads a flow node, and what is in it, into a scope. */
enum pl_err bpmn_parse_node(struct bpmn_model *model, unsigned scope, const xmlNode *xml);

/* bpmn_parse_within reads a child of a process or sub-process. */
enum pl_err bpmn_parse_within(struct bpmn_model *model, unsigned scope, const xmlNode *xml,
			      const char *owner);

/* bpmn_parse_event reads an event definition of node, if xml is one; else *is_eventp is false. */
enum pl_err bpmn_parse_event(bool *is_eventp, struct bpmn_node *node, const xmlNode *xml);

/* bpmn_parse_loop reads loop characteristics, the zeebe ones among them. */
enum pl_err bpmn_parse_loop(struct bpmn_node *node, const xmlNode *xml);

/* bpmn_parse_extensions reads extensionElements; node NULL: those of the process or a flow. */
enum pl_err bpmn_parse_extensions(struct bpmn_node *node, const xmlNode *extensions,
				  const char *owner);

/* bpmn_note_id refuses an id that is there twice; flows are noted by ~place. */
enum pl_err bpmn_note_id(struct bpmn_model *model, const xmlNode *at, const char *id,
			 json_int_t place);

/* bpmn_new_scope adds the scope of a sub-process (-1: of the process). */
enum pl_err bpmn_new_scope(struct bpmn_model *model, unsigned *scopep, int owner);

#endif
