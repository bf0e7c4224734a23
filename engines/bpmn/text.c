/*
 * text.c — ids, expressions and texts of a BPMN file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/text.h"

#include <stdlib.h>
#include <string.h>

enum pl_err xml_id(char **valuep, const xmlNode *node, const char *name)
{
	enum pl_err err = xml_attr(valuep, node, name);

	if (err)
		return err;
	if (*valuep && **valuep && strlen(*valuep) <= BPMN_ID_MAX)
		return PL_OK;
	free(*valuep);
	*valuep = NULL;
	return xml_refuse(node, "%s: attribute %s is missing, empty or longer than %d bytes",
			  xml_tag(node), name, BPMN_ID_MAX);
}

enum pl_err xml_ref(char **valuep, const xmlNode *node, const char *name)
{
	enum pl_err err = xml_attr(valuep, node, name);
	char *colon = !err && *valuep ? strrchr(*valuep, ':') : NULL;

	if (colon)
		memmove(*valuep, colon + 1, strlen(colon + 1) + 1);
	if (err || !*valuep || **valuep)
		return err;
	free(*valuep);
	*valuep = NULL;
	return PL_OK;
}

enum pl_err xml_flag(bool *flagp, const xmlNode *node, const char *name, bool otherwise)
{
	char *text = NULL;
	enum pl_err err = xml_attr(&text, node, name);

	if (err)
		return err;
	*flagp = otherwise;
	if (text && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0))
		*flagp = true;
	else if (text && (strcmp(text, "false") == 0 || strcmp(text, "0") == 0))
		*flagp = false;
	else if (text)
		err = xml_refuse(node, "%s: %s=\"%.50s\" is neither true nor false", xml_tag(node),
				 name, text);
	free(text);
	return err;
}

enum pl_err xml_count(unsigned *countp, const xmlNode *node, const char *name, unsigned max,
		      const char *where)
{
	char *text = NULL, *end;
	enum pl_err err = xml_attr(&text, node, name);

	if (!err && text && *text) {
		unsigned long count = strtoul(text, &end, 10);

		if (*end || text[0] == '-' || count > max)
			err = xml_refuse(node, "%s: %s are a number up to %u", where, name, max);
		else
			*countp = (unsigned)count;
	}
	free(text);
	return err;
}

enum pl_err xml_expression(struct feel_expr **exprp, const xmlNode *at, const char *text,
			   const char *where)
{
	enum pl_err err;

	if (text[0] != '=')
		return xml_refuse(at, "%s: an expression begins with =", where);
	err = feel_compile(exprp, text + 1, strlen(text + 1));
	return err ? xml_fail(err, at, where) : PL_OK;
}

static enum pl_err expression_give(struct feel_expr **exprp, const xmlNode *at, char *text,
				   const char *where)
{
	enum pl_err err = text && *text ? xml_expression(exprp, at, text, where) : PL_OK;

	free(text);
	return err;
}

enum pl_err xml_attr_expression(struct feel_expr **exprp, const xmlNode *at, const char *name,
				const char *where)
{
	char *text = NULL;
	enum pl_err err = xml_attr(&text, at, name);

	return err ? err : expression_give(exprp, at, text, where);
}

enum pl_err xml_content_expression(struct feel_expr **exprp, const xmlNode *at, const char *where)
{
	char *text = NULL;
	enum pl_err err = xml_content(&text, at);

	return err ? err : expression_give(exprp, at, text, where);
}

enum pl_err xml_text(struct bpmn_text *outp, const xmlNode *at, const char *text, const char *where)
{
	if (text[0] == '=')
		return xml_expression(&outp->expr, at, text, where);
	outp->literal = strdup(text);
	return outp->literal ? PL_OK : PL_NOMEM;
}

enum pl_err xml_attr_text(struct bpmn_text *outp, const xmlNode *at, const char *name,
			  const char *where)
{
	char *text = NULL;
	enum pl_err err = xml_attr(&text, at, name);

	if (!err && text && *text)
		err = xml_text(outp, at, text, where);
	free(text);
	return err;
}
