/*
 * xml.h — a file from outside as a tree, and reading attributes and texts out of it.
 *
 * What it hides: libxml2's global state, and what of XML a model needs none of: document types,
 * entities of its own, the network. An element is at most 256 levels deep (see xml_open_all).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ENGINES_XML_H
#define ENGINES_XML_H

#include <stdbool.h>
#include <stddef.h>

#include <libxml/tree.h>
#include <libxml/xmlerror.h>

#include "pelago/err.h"

/* Of extension elements that open modellers of BPMN and DMN write. */
#define ZEEBE_NS "http://camunda.org/schema/zeebe/1.0"

enum { XML_ATTRIBUTES_MAX = 1000 }; /* of an element: libxml2 compares each with each */

struct xml_file {
	xmlDoc *doc;
	bool no_memory;		      /* libxml2 missed some, and may have gone on without */
	xmlStructuredErrorFunc outer; /* this thread's handler until xml_close */
	void *outer_arg;
};

/*
 * xml_open parses at most max_bytes, without network, entities or document types. xml_close
 * follows in any case: it frees the tree and passes err on, or PL_NOMEM if memory was missing while
 * the file was open. PL_INVALID has the line and the reason, PL_TOOLARGE the limit.
 *
 * xml_open_all is for who writes the file again: CDATA sections stay what they are, texts may be of
 * any length (pictures), and elements 2,048 levels deep.
 */
enum pl_err xml_open(struct xml_file *file, const char *xml, size_t xml_len, size_t max_bytes);
enum pl_err xml_open_all(struct xml_file *file, const char *xml, size_t xml_len, size_t max_bytes);
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

/* xml_content sets *valuep to a copy of the trimmed text. */
enum pl_err xml_content(char **valuep, const xmlNode *node);

#endif
