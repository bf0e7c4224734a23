/*
 * read.h — from a DMN file's XML to a model that is not linked yet.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DMN_READ_H
#define DMN_READ_H

#include "engines/dmn/model.h"
#include "engines/xml/xml.h"

struct dmn_reader {
	struct dmn_model *model;
	struct dmn_source *source;
	const char *ns;	   /* of the version that the file is written in */
	const char *owner; /* whose expressions are read now */
};

/* dmn_version returns the namespace of the version of DMN that a root is of, or NULL. */
const char *dmn_version(const xmlNode *root);

/* dmn_read reads a whole file into reader->source. PL_INVALID with line and reason, PL_NOMEM. */
enum pl_err dmn_read(struct dmn_reader *reader, const xmlNode *root);

/* dmn_read_item reads an itemDefinition or itemComponent. */
enum pl_err dmn_read_item(struct dmn_reader *reader, struct dmn_item *item, const xmlNode *node);

/* dmn_read_boxed reads the expression among node's children; DMN_ABSENT if there is none. */
enum pl_err dmn_read_boxed(struct dmn_reader *reader, struct dmn_boxed **boxedp,
			   const xmlNode *node);

/* dmn_read_function reads a functionDefinition or encapsulatedLogic. */
enum pl_err dmn_read_function(struct dmn_reader *reader, struct dmn_boxed *boxed,
			      const xmlNode *node);

enum pl_err dmn_read_table(struct dmn_reader *reader, struct dmn_boxed *boxed, const xmlNode *node);

/* ---- what all of them use ---- */

/* dmn_is tells whether node is an element of DMN with that tag. */
bool dmn_is(const struct dmn_reader *reader, const xmlNode *node, const char *tag);

/* dmn_first and dmn_next walk the children with a tag. */
const xmlNode *dmn_first(const struct dmn_reader *reader, const xmlNode *parent, const char *tag);
const xmlNode *dmn_next(const struct dmn_reader *reader, const xmlNode *node, const char *tag);
size_t dmn_count(const struct dmn_reader *reader, const xmlNode *parent, const char *tag);

struct dmn_place dmn_place(const struct dmn_reader *reader, const xmlNode *node);

/* dmn_rows sets *rowsp to len zeroed rows of the model; size of one. */
enum pl_err dmn_rows(struct dmn_reader *reader, void *rowsp, size_t len, size_t size);

/* dmn_named_rows is dmn_rows of what have names in one place: PL_TOOLARGE past DMN_NAMES_MAX. */
enum pl_err dmn_named_rows(struct dmn_reader *reader, void *rowsp, size_t len, size_t size,
			   const xmlNode *at);

/* dmn_attr sets *valuep to an attribute's copy, NULL if it is absent. */
enum pl_err dmn_attr(struct dmn_reader *reader, const char **valuep, const xmlNode *node,
		     const char *name);

/* dmn_attr_name is dmn_attr with each run of blanks as one; PL_INVALID if it is absent or empty. */
enum pl_err dmn_attr_name(struct dmn_reader *reader, const char **valuep, const xmlNode *node,
			  const char *name);

/* dmn_attr_type is dmn_attr of a typeRef. */
enum pl_err dmn_attr_type(struct dmn_reader *reader, struct dmn_ref *ref, const xmlNode *node);

/* dmn_child_text reads the FEEL in child's text; leaves text empty if there is no such child. */
enum pl_err dmn_child_text(struct dmn_reader *reader, struct dmn_text *text, const xmlNode *node,
			   const char *child);

/* dmn_read_text reads the FEEL in node's `text` child. */
enum pl_err dmn_read_text(struct dmn_reader *reader, struct dmn_text *text, const xmlNode *node);

/* dmn_read_params reads formal parameters. */
enum pl_err dmn_read_params(struct dmn_reader *reader, struct dmn_part **partsp, size_t *lenp,
			    const xmlNode *node, const char *tag);

#endif
