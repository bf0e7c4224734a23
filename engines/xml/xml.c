/*
 * xml.c — libxml2, held to what the file of a model needs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/xml/xml.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

/* A document type declares entities: the parse ends where one begins. */
static void refuse_document_type(void *arg, const xmlChar *name, const xmlChar *external_id,
				 const xmlChar *system_id)
{
	xmlParserCtxt *ctxt = arg;

	*(bool *)ctxt->_private = true;
	xmlStopParser(ctxt);
}

/* Nothing is printed; a syntax error is read from its context, a lack of memory may have none. */
static void note_error(void *arg, xmlErrorPtr error)
{
	struct xml_file *file = arg;

	if (error->code == XML_ERR_NO_MEMORY)
		file->no_memory = true;
}

static enum pl_err parse_failure(xmlParserCtxt *ctxt)
{
	const xmlError *error = xmlCtxtGetLastError(ctxt);
	int len;

	if (!error)
		return PL_NOMEM;
	len = error->message ? (int)strcspn(error->message, "\r\n") : 0;
	return pl_fail(PL_INVALID, "line %d: %.*s", error->line, len,
		       error->message ? error->message : "");
}

static enum pl_err parse(struct xml_file *file, const char *xml, size_t xml_len, int options)
{
	xmlParserCtxt *ctxt = xmlNewParserCtxt();
	bool has_document_type = false;
	enum pl_err err = PL_OK;

	if (!ctxt)
		return PL_NOMEM;
	ctxt->_private = &has_document_type;
	ctxt->sax->internalSubset = refuse_document_type;
	file->doc = xmlCtxtReadMemory(ctxt, xml, (int)xml_len, NULL, NULL,
				      options | XML_PARSE_NONET | XML_PARSE_BIG_LINES);
	if (has_document_type)
		err = pl_fail(PL_INVALID, "a document type declaration is not allowed");
	else if (!file->doc || !xmlDocGetRootElement(file->doc))
		err = parse_failure(ctxt);
	xmlFreeParserCtxt(ctxt);
	return err;
}

/* skip_past returns where text ends in what is left of a file; its end if it isn't there. */
static const char *skip_past(const char *p, const char *end, const char *text)
{
	const char *found = memmem(p, (size_t)(end - p), text, strlen(text));

	return found ? found + strlen(text) : end;
}

/* past_tag goes past a start tag and counts the attributes in it. */
static const char *past_tag(const char *p, const char *end, size_t *countp)
{
	*countp = 0;
	for (; p < end && *p != '>'; p++) {
		if (*p == '"' || *p == '\'') {
			p = memchr(p + 1, *p, (size_t)(end - p - 1));
			if (!p)
				return end;
		} else {
			*countp += *p == '=';
		}
	}
	return p;
}

static bool has_room_for_attributes(const char *p, size_t len)
{
	const char *end = p + len;
	size_t count;

	while (p < end && (p = memchr(p, '<', (size_t)(end - p)))) {
		count = 0;
		if (end - p > 9 && !strncmp(p, "<![CDATA[", 9))
			p = skip_past(p, end, "]]>");
		else if (end - p > 4 && !strncmp(p, "<!--", 4))
			p = skip_past(p + 4, end, "-->");
		else if (end - p > 2 && p[1] == '?')
			p = skip_past(p, end, "?>");
		else
			p = past_tag(p, end, &count);
		if (count > XML_ATTRIBUTES_MAX)
			return false;
	}
	return true;
}

/* In UTF-16 the bytes of markup stand between zeroes; without them, as in any other encoding. */
static enum pl_err check_attributes(const char *xml, size_t xml_len)
{
	bool is_wide = memchr(xml, 0, xml_len < 4 ? xml_len : 4), fits;
	char *narrow = NULL;
	size_t len = 0;

	if (is_wide) {
		narrow = malloc(xml_len);
		if (!narrow)
			return PL_NOMEM;
		for (size_t i = 0; i < xml_len; i++)
			if (xml[i])
				narrow[len++] = xml[i];
	}
	fits = is_wide ? has_room_for_attributes(narrow, len)
		       : has_room_for_attributes(xml, xml_len);
	free(narrow);
	return fits ? PL_OK
		    : pl_fail(PL_TOOLARGE, "an element has more than %d attributes",
			      XML_ATTRIBUTES_MAX);
}

static enum pl_err open_with(struct xml_file *file, const char *xml, size_t xml_len,
			     size_t max_bytes, int options)
{
	enum pl_err err;

	*file = (struct xml_file){ .outer = xmlStructuredError,
				   .outer_arg = xmlStructuredErrorContext };
	xmlSetStructuredErrorFunc(file, note_error);
	if (xml_len > max_bytes || xml_len > INT_MAX)
		return pl_fail(PL_TOOLARGE, "the file is larger than %zu bytes", max_bytes);
	if (xml_len == 0)
		return pl_fail(PL_INVALID, "the file is empty");
	err = check_attributes(xml, xml_len);
	return err ? err : parse(file, xml, xml_len, options);
}

enum pl_err xml_open(struct xml_file *file, const char *xml, size_t xml_len, size_t max_bytes)
{
	return open_with(file, xml, xml_len, max_bytes, XML_PARSE_NOCDATA);
}

enum pl_err xml_open_all(struct xml_file *file, const char *xml, size_t xml_len, size_t max_bytes)
{
	return open_with(file, xml, xml_len, max_bytes, XML_PARSE_HUGE);
}

enum pl_err xml_close(struct xml_file *file, enum pl_err err)
{
	xmlFreeDoc(file->doc);
	xmlSetStructuredErrorFunc(file->outer_arg, file->outer);
	return file->no_memory ? PL_NOMEM : err;
}

enum pl_err xml_refuse(const xmlNode *at, const char *fmt, ...)
{
	char reason[480];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	return pl_fail(PL_INVALID, "line %ld: %s", xmlGetLineNo(at), reason);
}

enum pl_err xml_fail(enum pl_err err, const xmlNode *at, const char *where)
{
	char reason[400];

	if (err == PL_NOMEM)
		return err;
	snprintf(reason, sizeof(reason), "%s", pl_err_detail(err));
	return pl_fail(err, "line %ld: %s: %s", xmlGetLineNo(at), where, reason);
}

bool xml_is(const xmlNode *node, const char *ns)
{
	return node->type == XML_ELEMENT_NODE && node->ns && node->ns->href &&
	       strcmp((const char *)node->ns->href, ns) == 0;
}

const char *xml_tag(const xmlNode *node)
{
	return (const char *)node->name;
}

/* Copies into memory of ours; libxml2's own is freed by its own function. */
static enum pl_err own(char **valuep, xmlChar *value)
{
	*valuep = value ? strdup((const char *)value) : NULL;
	xmlFree(value);
	return *valuep ? PL_OK : PL_NOMEM;
}

enum pl_err xml_attr(char **valuep, const xmlNode *node, const char *name)
{
	*valuep = NULL;
	if (!xmlHasNsProp(node, (const xmlChar *)name, NULL))
		return PL_OK;
	return own(valuep, xmlGetNoNsProp(node, (const xmlChar *)name));
}

enum pl_err xml_content(char **valuep, const xmlNode *node)
{
	enum pl_err err = own(valuep, xmlNodeGetContent(node));
	size_t from, len;

	if (err)
		return err;
	from = strspn(*valuep, " \t\r\n");
	len = strlen(*valuep + from);
	while (len && strchr(" \t\r\n", (*valuep)[from + len - 1]))
		len--;
	memmove(*valuep, *valuep + from, len);
	(*valuep)[len] = '\0';
	return PL_OK;
}
