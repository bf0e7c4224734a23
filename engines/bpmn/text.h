/*
 * text.h — reading ids, expressions and texts out of a BPMN file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_TEXT_H
#define BPMN_TEXT_H

#include "engines/bpmn/model.h"
#include "engines/xml/xml.h"

#define BPMN_NS	 "http://www.omg.org/spec/BPMN/20100524/MODEL"
#define ZEEBE_NS "http://camunda.org/schema/zeebe/1.0"

/* xml_id is xml_attr for one that must be there and be fit for an id. */
enum pl_err xml_id(char **valuep, const xmlNode *node, const char *name);

/* xml_expression compiles `=expr`; where names what it is, in messages. */
enum pl_err xml_expression(struct feel_expr **exprp, const xmlNode *at, const char *text,
			   const char *where);

/* xml_text is an expression or takes text as a literal (copied). */
enum pl_err xml_text(struct bpmn_text *outp, const xmlNode *at, const char *text,
		     const char *where);

#endif
