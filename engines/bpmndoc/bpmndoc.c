/*
 * bpmndoc.c — documents are read, counted and written.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmndoc/bpmndoc.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/xmlsave.h>

#include "engines/bpmndoc/impl.h"
#include "engines/xml/xml.h"

static enum pl_err check_root(const xmlNode *root)
{
	if (xml_is(root, BPMNDOC_NS) && strcmp(xml_tag(root), "definitions") == 0)
		return PL_OK;
	return xml_refuse(root,
			  "the file is no BPMN 2.0: its outermost element is %.100s%s, not "
			  "definitions of %s",
			  xml_tag(root), root->ns ? "" : " of no namespace", BPMNDOC_NS);
}

enum pl_err bpmndoc_open(struct bpmndoc **docp, const char *data, size_t len)
{
	struct bpmndoc *doc = calloc(1, sizeof(*doc));
	struct xml_file file;
	enum pl_err err;

	if (!doc)
		return PL_NOMEM;
	err = xml_open_all(&file, data, len, BPMNDOC_BYTES_MAX);
	doc->tree = file.doc;
	file.doc = NULL;
	if (!err)
		err = check_root(xmlDocGetRootElement(doc->tree));
	if (!err)
		bpmndoc_check(doc);
	err = xml_close(&file, doc->no_memory ? PL_NOMEM : err);
	if (err)
		bpmndoc_free(doc);
	else
		*docp = doc;
	return err;
}

void bpmndoc_free(struct bpmndoc *doc)
{
	if (!doc)
		return;
	for (size_t i = 0; i < doc->problems_len; i++)
		free((char *)doc->problems[i].reason);
	free(doc->problems);
	free(doc->ids);
	xmlFreeDoc(doc->tree);
	free(doc);
}

size_t bpmndoc_problems(const struct bpmndoc *doc, const struct bpmndoc_problem **problemsp)
{
	*problemsp = doc->problems;
	return doc->problems_all;
}

void bpmndoc_count(const struct bpmndoc *doc, struct bpmndoc_counts *counts)
{
	*counts = doc->counts;
}

static void say_nothing(void *arg, xmlErrorPtr error)
{
	(void)arg;
	(void)error; /* it is a lack of memory, as the functions say themselves */
}

enum pl_err bpmndoc_write(char **textp, size_t *lenp, const struct bpmndoc *doc)
{
	xmlStructuredErrorFunc outer = xmlStructuredError;
	void *outer_arg = xmlStructuredErrorContext;
	xmlBuffer *buffer;
	xmlSaveCtxt *save;
	enum pl_err err = PL_NOMEM;
	char *text;

	xmlSetStructuredErrorFunc(NULL, say_nothing);
	buffer = xmlBufferCreate();
	save = buffer ? xmlSaveToBuffer(buffer, "UTF-8", XML_SAVE_AS_XML) : NULL;
	if (!save)
		goto out;
	if (xmlSaveDoc(save, doc->tree) < 0 || xmlSaveClose(save) < 0)
		goto out;
	text = malloc((size_t)xmlBufferLength(buffer) + 1);
	if (!text)
		goto out;
	*lenp = (size_t)xmlBufferLength(buffer);
	memcpy(text, xmlBufferContent(buffer), *lenp);
	text[*lenp] = '\0';
	*textp = text;
	err = PL_OK;
out:
	xmlBufferFree(buffer);
	xmlSetStructuredErrorFunc(outer_arg, outer);
	return err;
}
