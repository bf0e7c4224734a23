/*
 * text.h — reading ids, expressions and texts out of a BPMN file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_TEXT_H
#define BPMN_TEXT_H

#include "engines/bpmn/model.h"
#include "engines/xml/xml.h"

#define BPMN_NS "http://www.omg.org/spec/BPMN/20100524/MODEL"

/* xml_id is xml_attr for one that must be there and be fit for an id. */
enum pl_err xml_id(char **valuep, const xmlNode *node, const char *name);

/* xml_ref is xml_attr for an id of this file: without a prefix; NULL if absent or empty. */
enum pl_err xml_ref(char **valuep, const xmlNode *node, const char *name);

/* xml_flag reads true, false, 1 or 0; absent: otherwise. */
enum pl_err xml_flag(bool *flagp, const xmlNode *node, const char *name, bool otherwise);

/* xml_count reads a number up to max; absent or empty: *countp stays. where names what it is. */
enum pl_err xml_count(unsigned *countp, const xmlNode *node, const char *name, unsigned max,
		      const char *where);

/* xml_expression compiles `=expr`; where names what it is, in messages. xml_attr_expression and
 * xml_content_expression take its text from there; absent or empty: *exprp stays NULL. */
enum pl_err xml_expression(struct feel_expr **exprp, const xmlNode *at, const char *text,
			   const char *where);
enum pl_err xml_attr_expression(struct feel_expr **exprp, const xmlNode *at, const char *name,
				const char *where);
enum pl_err xml_content_expression(struct feel_expr **exprp, const xmlNode *at, const char *where);

/* xml_text is an expression or takes text as a literal (copied). */
enum pl_err xml_text(struct bpmn_text *outp, const xmlNode *at, const char *text,
		     const char *where);

/* xml_attr_text is xml_text of an attribute; absent or empty: nothing. */
enum pl_err xml_attr_text(struct bpmn_text *outp, const xmlNode *at, const char *name,
			  const char *where);

#endif
