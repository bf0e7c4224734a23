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

enum pl_err xml_expression(struct feel_expr **exprp, const xmlNode *at, const char *text,
			   const char *where)
{
	enum pl_err err;

	if (text[0] != '=')
		return xml_refuse(at, "%s: an expression begins with =", where);
	err = feel_compile(exprp, text + 1, strlen(text + 1));
	return err ? xml_fail(err, at, where) : PL_OK;
}

enum pl_err xml_text(struct bpmn_text *outp, const xmlNode *at, const char *text, const char *where)
{
	if (text[0] == '=')
		return xml_expression(&outp->expr, at, text, where);
	outp->literal = strdup(text);
	return outp->literal ? PL_OK : PL_NOMEM;
}
