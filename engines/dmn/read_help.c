/*
 * read_help.c — children, attributes and texts of a DMN file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/dmn/read.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool dmn_is(const struct dmn_reader *reader, const xmlNode *node, const char *tag)
{
	return xml_is(node, reader->ns) && strcmp(xml_tag(node), tag) == 0;
}

static const xmlNode *find(const struct dmn_reader *reader, const xmlNode *from, const char *tag)
{
	while (from && !dmn_is(reader, from, tag))
		from = from->next;
	return from;
}

const xmlNode *dmn_first(const struct dmn_reader *reader, const xmlNode *parent, const char *tag)
{
	return find(reader, parent->children, tag);
}

const xmlNode *dmn_next(const struct dmn_reader *reader, const xmlNode *node, const char *tag)
{
	return find(reader, node->next, tag);
}

size_t dmn_count(const struct dmn_reader *reader, const xmlNode *parent, const char *tag)
{
	size_t len = 0;

	for (const xmlNode *n = dmn_first(reader, parent, tag); n; n = dmn_next(reader, n, tag))
		len++;
	return len;
}

struct dmn_place dmn_place(const struct dmn_reader *reader, const xmlNode *node)
{
	return (struct dmn_place){ reader->source, reader->owner, xmlGetLineNo(node) };
}

enum pl_err dmn_rows(struct dmn_reader *reader, void *rowsp, size_t len, size_t size)
{
	void *rows = feel_arena_alloc(&reader->model->arena, (len ? len : 1) * size);

	if (!rows)
		return dmn_no_room(reader->model);
	memcpy(rowsp, &rows, sizeof(rows));
	return PL_OK;
}

enum pl_err dmn_named_rows(struct dmn_reader *reader, void *rowsp, size_t len, size_t size,
			   const xmlNode *at)
{
	if (len > DMN_NAMES_MAX)
		return pl_fail(PL_TOOLARGE, "line %ld: \"%s\" has more than %d of one kind",
			       xmlGetLineNo(at), reader->owner, DMN_NAMES_MAX);
	return dmn_rows(reader, rowsp, len, size);
}

/* Moves a malloc'ed text into the model; with is_name each run of blanks is one. */
static enum pl_err take(struct dmn_reader *reader, const char **valuep, char *value, bool is_name)
{
	char *copy = feel_arena_copy(&reader->model->arena, value, strlen(value)), *to = copy;

	free(value);
	if (!copy)
		return dmn_no_room(reader->model);
	for (const char *from = copy; is_name && *from; from++) {
		if (!isspace((unsigned char)*from))
			*to++ = *from;
		else if (to > copy && from[1] && !isspace((unsigned char)from[1]))
			*to++ = ' ';
	}
	if (is_name)
		*to = '\0';
	*valuep = copy;
	return PL_OK;
}

enum pl_err dmn_attr(struct dmn_reader *reader, const char **valuep, const xmlNode *node,
		     const char *name)
{
	char *value;
	enum pl_err err = xml_attr(&value, node, name);

	*valuep = NULL;
	return err || !value ? err : take(reader, valuep, value, false);
}

enum pl_err dmn_attr_name(struct dmn_reader *reader, const char **valuep, const xmlNode *node,
			  const char *name)
{
	char *value;
	enum pl_err err = xml_attr(&value, node, name);

	*valuep = NULL;
	if (!err && value)
		err = take(reader, valuep, value, true);
	if (!err && (!*valuep || !**valuep))
		err = xml_refuse(node, "%s: attribute %s is missing or empty", xml_tag(node), name);
	return err;
}

enum pl_err dmn_attr_type(struct dmn_reader *reader, struct dmn_ref *ref, const xmlNode *node)
{
	char *value;
	enum pl_err err = xml_attr(&value, node, "typeRef");

	return err || !value ? err : take(reader, &ref->name, value, true);
}

/* An expression says its language, or the file does, or it is FEEL (§7.3.1, table 22). */
static const char *refused_language(const char *language)
{
	if (!language || !*language || strcasecmp(language, "feel") == 0 ||
	    strstr(language, "/FEEL"))
		return NULL;
	return "only the expression language FEEL is run";
}

enum pl_err dmn_read_text(struct dmn_reader *reader, struct dmn_text *text, const xmlNode *node)
{
	const xmlNode *child = dmn_first(reader, node, "text");
	const char *language;
	enum pl_err err = dmn_attr(reader, &language, node, "expressionLanguage");
	xmlChar *content;

	if (err)
		return err;
	err = dmn_attr_type(reader, &text->type, node);
	if (err)
		return err;
	text->place = dmn_place(reader, child ? child : node);
	text->refused = refused_language(language ? language : reader->source->language);
	if (dmn_first(reader, node, "importedValues"))
		text->refused = "imported values are not run; write them as FEEL";
	if (!child)
		return PL_OK;
	content = xmlNodeGetContent(child);
	if (!content)
		return PL_NOMEM;
	text->len = strlen((const char *)content);
	text->text = feel_arena_copy(&reader->model->arena, (const char *)content, text->len);
	xmlFree(content);
	return text->text ? PL_OK : dmn_no_room(reader->model);
}

enum pl_err dmn_child_text(struct dmn_reader *reader, struct dmn_text *text, const xmlNode *node,
			   const char *child)
{
	const xmlNode *found = dmn_first(reader, node, child);

	return found ? dmn_read_text(reader, text, found) : PL_OK;
}

enum pl_err dmn_read_params(struct dmn_reader *reader, struct dmn_part **partsp, size_t *lenp,
			    const xmlNode *node, const char *tag)
{
	size_t len = 0;
	enum pl_err err = dmn_rows(reader, partsp, dmn_count(reader, node, tag), sizeof(**partsp));

	for (const xmlNode *n = dmn_first(reader, node, tag); !err && n;
	     n = dmn_next(reader, n, tag)) {
		struct dmn_part *part = &(*partsp)[len++];

		err = dmn_attr_name(reader, &part->name, n, "name");
		if (!err)
			err = dmn_attr_type(reader, &part->type, n);
		for (size_t i = 0; !err && i + 1 < len; i++)
			if (strcmp((*partsp)[i].name, part->name) == 0)
				err = xml_refuse(n, "parameter \"%s\" is there twice", part->name);
	}
	*lenp = len;
	return err;
}
