/*
 * read_boxed.c — boxed expressions, one row a tag.
 *
 * Source: DMN 1.5 §7.3 and §10.2.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engines/dmn/read.h"

typedef enum pl_err boxed_fn(struct dmn_reader *reader, struct dmn_boxed *boxed,
			     const xmlNode *node);

/* Of parts with names, at is the node; of others it is NULL. */
static enum pl_err read_parts(struct dmn_reader *reader, struct dmn_boxed *boxed, size_t len,
			      const xmlNode *at)
{
	boxed->len = len;
	return at ? dmn_named_rows(reader, &boxed->parts, len, sizeof(*boxed->parts), at)
		  : dmn_rows(reader, &boxed->parts, len, sizeof(*boxed->parts));
}

static enum pl_err read_literal(struct dmn_reader *reader, struct dmn_boxed *boxed,
				const xmlNode *node)
{
	return dmn_read_text(reader, &boxed->text, node);
}

/* An entry without a variable is the value of the whole, and the last (§7.3.6). */
static enum pl_err read_context(struct dmn_reader *reader, struct dmn_boxed *boxed,
				const xmlNode *node)
{
	const char *tag = "contextEntry";
	struct dmn_part *part;
	enum pl_err err = read_parts(reader, boxed, dmn_count(reader, node, tag), node);

	part = boxed->parts;
	for (const xmlNode *n = dmn_first(reader, node, tag); !err && n;
	     n = dmn_next(reader, n, tag)) {
		const xmlNode *variable = dmn_first(reader, n, "variable");

		if (variable)
			err = dmn_attr_name(reader, &part->name, variable, "name");
		if (!err && variable)
			err = dmn_attr_type(reader, &part->type, variable);
		if (!err)
			err = dmn_read_boxed(reader, &part->boxed, n);
		for (const struct dmn_part *p = boxed->parts; !err && p < part; p++)
			if (!p->name)
				err = xml_refuse(n,
						 "context: an entry follows the one without name");
			else if (part->name && strcmp(p->name, part->name) == 0)
				err = xml_refuse(n, "context: entry \"%s\" is there twice",
						 part->name);
		part++;
	}
	return err;
}

/* read_expressions makes a part of each expression among node's children. */
static enum pl_err read_expressions(struct dmn_reader *reader, struct dmn_boxed *boxed,
				    const xmlNode *node);

static enum pl_err read_row(struct dmn_reader *reader, struct dmn_boxed **rowp,
			    const struct dmn_part *columns, size_t len, const xmlNode *node)
{
	struct dmn_boxed *row;
	enum pl_err err = dmn_rows(reader, &row, 1, sizeof(*row));

	if (err)
		return err;
	row->kind = DMN_RECORD;
	row->place = dmn_place(reader, node);
	err = read_expressions(reader, row, node);
	if (!err && row->len != len)
		return xml_refuse(node, "relation: a row of %zu values under %zu columns", row->len,
				  len);
	for (size_t i = 0; !err && i < len; i++) {
		row->parts[i].name = columns[i].name;
		row->parts[i].type = columns[i].type;
	}
	*rowp = row;
	return err;
}

static enum pl_err read_relation(struct dmn_reader *reader, struct dmn_boxed *boxed,
				 const xmlNode *node)
{
	struct dmn_part *columns, *part;
	size_t columns_len;
	enum pl_err err = dmn_read_params(reader, &columns, &columns_len, node, "column");

	if (!err)
		err = read_parts(reader, boxed, dmn_count(reader, node, "row"), NULL);
	part = boxed->parts;
	for (const xmlNode *n = dmn_first(reader, node, "row"); !err && n;
	     n = dmn_next(reader, n, "row"))
		err = read_row(reader, &part++->boxed, columns, columns_len, n);
	return err;
}

static enum pl_err read_invocation(struct dmn_reader *reader, struct dmn_boxed *boxed,
				   const xmlNode *node)
{
	const char *tag = "binding";
	struct dmn_part *part;
	enum pl_err err = dmn_read_boxed(reader, &boxed->body, node);

	if (!err)
		err = read_parts(reader, boxed, dmn_count(reader, node, tag), node);
	part = boxed->parts;
	for (const xmlNode *n = dmn_first(reader, node, tag); !err && n;
	     n = dmn_next(reader, n, tag), part++) {
		const xmlNode *parameter = dmn_first(reader, n, "parameter");

		if (!parameter)
			return xml_refuse(n, "binding: the parameter is missing");
		err = dmn_attr_name(reader, &part->name, parameter, "name");
		if (!err)
			err = dmn_attr_type(reader, &part->type, parameter);
		if (!err)
			err = dmn_read_boxed(reader, &part->boxed, n);
	}
	return err;
}

enum pl_err dmn_read_function(struct dmn_reader *reader, struct dmn_boxed *boxed,
			      const xmlNode *node)
{
	const char *kind;
	enum pl_err err = dmn_attr(reader, &kind, node, "kind");

	boxed->kind = DMN_FUNCTION;
	boxed->place = dmn_place(reader, node);
	if (!err && kind && (strcmp(kind, "Java") == 0 || strcmp(kind, "J") == 0))
		boxed->refused = "functions in Java are not run; write it in FEEL";
	else if (!err && kind && (strcmp(kind, "PMML") == 0 || strcmp(kind, "P") == 0))
		boxed->refused = "functions in PMML are not run; write it in FEEL";
	if (!err)
		err = dmn_attr_type(reader, &boxed->type, node);
	if (!err)
		err = dmn_read_params(reader, &boxed->parts, &boxed->len, node, "formalParameter");
	return err ? err : dmn_read_boxed(reader, &boxed->body, node);
}

/* Reads the expression within a child that must be there. */
static enum pl_err read_within(struct dmn_reader *reader, struct dmn_boxed **boxedp,
			       const xmlNode *node, const char *tag)
{
	const xmlNode *child = dmn_first(reader, node, tag);

	if (!child)
		return xml_refuse(node, "%s: %s is missing", xml_tag(node), tag);
	return dmn_read_boxed(reader, boxedp, child);
}

static enum pl_err read_conditional(struct dmn_reader *reader, struct dmn_boxed *boxed,
				    const xmlNode *node)
{
	static const char *const tags[] = { "if", "then", "else" };
	enum pl_err err = read_parts(reader, boxed, 3, NULL);

	for (size_t i = 0; !err && i < 3; i++)
		err = read_within(reader, &boxed->parts[i].boxed, node, tags[i]);
	return err;
}

static enum pl_err read_in(struct dmn_reader *reader, struct dmn_boxed *boxed, const xmlNode *node)
{
	const xmlNode *in = dmn_first(reader, node, "in");
	enum pl_err err = read_parts(reader, boxed, 1, NULL);

	if (!err && in)
		err = dmn_attr_type(reader, &boxed->parts[0].type, in);
	return err ? err : read_within(reader, &boxed->parts[0].boxed, node, "in");
}

static enum pl_err read_iterator(struct dmn_reader *reader, struct dmn_boxed *boxed,
				 const xmlNode *node)
{
	enum pl_err err = read_in(reader, boxed, node);

	if (!err)
		err = dmn_attr_name(reader, &boxed->parts[0].name, node, "iteratorVariable");
	return err ? err
		   : read_within(reader, &boxed->body, node,
				 boxed->kind == DMN_FOR ? "return" : "satisfies");
}

static enum pl_err read_filter(struct dmn_reader *reader, struct dmn_boxed *boxed,
			       const xmlNode *node)
{
	enum pl_err err = read_in(reader, boxed, node);

	return err ? err : read_within(reader, &boxed->body, node, "match");
}

static const struct boxed_row {
	const char *tag;
	enum dmn_boxed_kind kind;
	boxed_fn *read;
} rows[] = {
	{ "literalExpression", DMN_LITERAL, read_literal },
	{ "decisionTable", DMN_TABLE, dmn_read_table },
	{ "context", DMN_CONTEXT, read_context },
	{ "list", DMN_LIST, read_expressions },
	{ "relation", DMN_LIST, read_relation },
	{ "invocation", DMN_INVOCATION, read_invocation },
	{ "functionDefinition", DMN_FUNCTION, dmn_read_function },
	{ "conditional", DMN_CONDITIONAL, read_conditional },
	{ "for", DMN_FOR, read_iterator },
	{ "some", DMN_SOME, read_iterator },
	{ "every", DMN_EVERY, read_iterator },
	{ "filter", DMN_FILTER, read_filter },
};

static const struct boxed_row *row_of(const struct dmn_reader *reader, const xmlNode *node)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (dmn_is(reader, node, rows[i].tag))
			return &rows[i];
	return NULL;
}

static enum pl_err read_one(struct dmn_reader *reader, struct dmn_boxed **boxedp,
			    const xmlNode *node, const struct boxed_row *row)
{
	struct dmn_boxed *boxed;
	enum pl_err err = dmn_rows(reader, &boxed, 1, sizeof(*boxed));

	if (err)
		return err;
	boxed->kind = row->kind;
	boxed->place = dmn_place(reader, node);
	err = dmn_attr_type(reader, &boxed->type, node);
	*boxedp = boxed;
	return err ? err : row->read(reader, boxed, node);
}

static enum pl_err read_expressions(struct dmn_reader *reader, struct dmn_boxed *boxed,
				    const xmlNode *node)
{
	size_t len = 0;
	enum pl_err err;

	for (const xmlNode *n = node->children; n; n = n->next)
		len += row_of(reader, n) != NULL;
	err = read_parts(reader, boxed, len, NULL);
	len = 0;
	for (const xmlNode *n = node->children; !err && n; n = n->next) {
		const struct boxed_row *row = row_of(reader, n);

		if (row)
			err = read_one(reader, &boxed->parts[len++].boxed, n, row);
	}
	return err;
}

enum pl_err dmn_read_boxed(struct dmn_reader *reader, struct dmn_boxed **boxedp,
			   const xmlNode *node)
{
	const xmlNode *found = NULL;
	enum pl_err err;

	for (const xmlNode *n = node->children; n; n = n->next) {
		if (!row_of(reader, n))
			continue;
		if (found)
			return xml_refuse(n, "%s: a second expression; one is allowed",
					  xml_tag(node));
		found = n;
	}
	if (found)
		return read_one(reader, boxedp, found, row_of(reader, found));
	err = dmn_rows(reader, boxedp, 1, sizeof(**boxedp));
	if (!err) {
		(*boxedp)->kind = DMN_ABSENT;
		(*boxedp)->place = dmn_place(reader, node);
	}
	return err;
}
