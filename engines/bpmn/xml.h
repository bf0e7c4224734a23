/*
 * xml.h — a BPMN file as a tree, and reading attributes, texts and expressions out of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_XML_H
#define BPMN_XML_H

#include <libxml/tree.h>
#include <libxml/xmlerror.h>

#include "engines/bpmn/model.h"

#define BPMN_NS	 "http://www.omg.org/spec/BPMN/20100524/MODEL"
#define ZEEBE_NS "http://camunda.org/schema/zeebe/1.0"

struct xml_file {
	xmlDoc *doc;
	bool no_memory;		      /* libxml2 missed some, and may have gone on without */
	xmlStructuredErrorFunc outer; /* this thread's handler until xml_close */
	void *outer_arg;
};

/*
 * xml_open parses without network, entities or document types. xml_close follows in any case: it
 * frees the tree and passes err on, or PL_NOMEM if memory was missing while the file was open.
 */
enum pl_err xml_open(struct xml_file *file, const char *xml, size_t xml_len);
enum pl_err xml_close(struct xml_file *file, enum pl_err err);

/* xml_refuse is pl_fail(PL_INVALID) with the element's line in front. */
enum pl_err xml_refuse(const xmlNode *at, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* xml_fail puts a line and a place in front of the last detail; err is passed on. */
enum pl_err xml_fail(enum pl_err err, const xmlNode *at, const char *where);

bool xml_is(const xmlNode *node, const char *ns);
const char *xml_tag(const xmlNode *node);

/* xml_attr sets *valuep to a copy (caller frees), NULL for an absent attribute. */
enum pl_err xml_attr(char **valuep, const xmlNode *node, const char *name);

/* xml_id is xml_attr for one that must be there and be fit for an id. */
enum pl_err xml_id(char **valuep, const xmlNode *node, const char *name);

/* xml_content sets *valuep to a copy of the trimmed text. */
enum pl_err xml_content(char **valuep, const xmlNode *node);

/* xml_expression compiles `=expr`; where names what it is, in messages. */
enum pl_err xml_expression(struct feel_expr **exprp, const xmlNode *at, const char *text,
			   const char *where);

/* xml_text is an expression or takes text as a literal (copied). */
enum pl_err xml_text(struct bpmn_text *outp, const xmlNode *at, const char *text,
		     const char *where);

#endif
