/*
 * read.c — definitions: imports, item definitions, and the elements of requirement graphs.
 *
 * Source: DMN 1.5 chapter 6 and §7.3.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/dmn/read.h"

#include <string.h>

/* The namespaces of DMN's versions. */
static const char *const versions[] = {
	"http://www.omg.org/spec/DMN/20151101/dmn.xsd", /* 1.1 */
	"http://www.omg.org/spec/DMN/20180521/MODEL/",	/* 1.2 */
	"https://www.omg.org/spec/DMN/20191111/MODEL/", /* 1.3 */
	"https://www.omg.org/spec/DMN/20211108/MODEL/", /* 1.4 */
	"https://www.omg.org/spec/DMN/20230324/MODEL/", /* 1.5 */
	NULL,
};

static enum pl_err read_imports(struct dmn_reader *reader, const xmlNode *root)
{
	struct dmn_source *source = reader->source;
	enum pl_err err = dmn_rows(reader, &source->imports, dmn_count(reader, root, "import"),
				   sizeof(*source->imports));

	for (const xmlNode *n = dmn_first(reader, root, "import"); !err && n;
	     n = dmn_next(reader, n, "import")) {
		struct dmn_import *import = &source->imports[source->imports_len++];

		import->line = xmlGetLineNo(n);
		err = dmn_attr(reader, &import->name, n, "name");
		if (!err && !import->name)
			import->name = "";
		if (!err)
			err = dmn_attr_name(reader, &import->namespace, n, "namespace");
		if (!err)
			err = dmn_attr(reader, &import->location, n, "locationURI");
		if (!err)
			err = dmn_attr(reader, &import->type, n, "importType");
	}
	return err;
}

static enum pl_err read_items(struct dmn_reader *reader, const xmlNode *root)
{
	const char *tag = "itemDefinition";
	struct dmn_source *source = reader->source;
	enum pl_err err = dmn_rows(reader, &source->items, dmn_count(reader, root, tag),
				   sizeof(*source->items));

	for (const xmlNode *n = dmn_first(reader, root, tag); !err && n;
	     n = dmn_next(reader, n, tag)) {
		struct dmn_item *item = &source->items[source->items_len++];

		err = dmn_attr_name(reader, &reader->owner, n, "name");
		if (!err)
			err = dmn_read_item(reader, item, n);
	}
	return err;
}

/* Adds the references in node's children `tag`, or in those children's `inner`. */
static enum pl_err read_links(struct dmn_reader *reader, struct dmn_link *links, size_t *lenp,
			      const xmlNode *node, const char *tag)
{
	enum pl_err err = PL_OK;

	for (const xmlNode *n = dmn_first(reader, node, tag); !err && n;
	     n = dmn_next(reader, n, tag)) {
		struct dmn_link *link = &links[(*lenp)++];

		link->line = xmlGetLineNo(n);
		err = dmn_attr_name(reader, &link->href, n, "href");
	}
	return err;
}

/* What a decision or knowledge needs; an authority has nothing to say when it is run. */
static enum pl_err read_needs(struct dmn_reader *reader, struct dmn_element *element,
			      const xmlNode *node)
{
	static const char *const tags[][2] = {
		{ "informationRequirement", "requiredInput" },
		{ "informationRequirement", "requiredDecision" },
		{ "knowledgeRequirement", "requiredKnowledge" },
	};
	size_t len = 0;
	enum pl_err err;

	for (size_t i = 0; i < 3; i++)
		for (const xmlNode *n = dmn_first(reader, node, tags[i][0]); n;
		     n = dmn_next(reader, n, tags[i][0]))
			len += dmn_count(reader, n, tags[i][1]);
	err = dmn_named_rows(reader, &element->needs, len, sizeof(*element->needs), node);
	for (size_t i = 0; i < 3; i++)
		for (const xmlNode *n = dmn_first(reader, node, tags[i][0]); !err && n;
		     n = dmn_next(reader, n, tags[i][0]))
			err = read_links(reader, element->needs, &element->needs_len, n,
					 tags[i][1]);
	return err;
}

static enum pl_err read_variable(struct dmn_reader *reader, struct dmn_element *element,
				 const xmlNode *node)
{
	const xmlNode *variable = dmn_first(reader, node, "variable");
	const char *name = NULL;
	enum pl_err err = PL_OK;

	element->variable = element->name;
	if (!variable)
		return PL_OK;
	if (xmlHasProp(variable, (const xmlChar *)"name"))
		err = dmn_attr_name(reader, &name, variable, "name");
	if (name)
		element->variable = name;
	return err ? err : dmn_attr_type(reader, &element->type, variable);
}

static enum pl_err read_input_data(struct dmn_reader *reader, struct dmn_element *element,
				   const xmlNode *node)
{
	return PL_OK;
}

static enum pl_err read_decision(struct dmn_reader *reader, struct dmn_element *element,
				 const xmlNode *node)
{
	enum pl_err err = read_needs(reader, element, node);

	return err ? err : dmn_read_boxed(reader, &element->logic, node);
}

static enum pl_err read_knowledge(struct dmn_reader *reader, struct dmn_element *element,
				  const xmlNode *node)
{
	const xmlNode *logic = dmn_first(reader, node, "encapsulatedLogic");
	enum pl_err err = read_needs(reader, element, node);

	if (!err)
		err = dmn_rows(reader, &element->logic, 1, sizeof(*element->logic));
	if (err)
		return err;
	if (logic)
		return dmn_read_function(reader, element->logic, logic);
	element->logic->kind = DMN_ABSENT;
	element->logic->place = dmn_place(reader, node);
	return PL_OK;
}

static enum pl_err read_service(struct dmn_reader *reader, struct dmn_element *element,
				const xmlNode *node)
{
	size_t params =
		dmn_count(reader, node, "inputData") + dmn_count(reader, node, "inputDecision");
	enum pl_err err =
		dmn_rows(reader, &element->outputs, dmn_count(reader, node, "outputDecision"),
			 sizeof(*element->outputs));

	if (!err)
		err = dmn_rows(reader, &element->needs,
			       dmn_count(reader, node, "encapsulatedDecision"),
			       sizeof(*element->needs));
	if (!err)
		err = dmn_rows(reader, &element->params, params, sizeof(*element->params));
	if (!err)
		err = read_links(reader, element->outputs, &element->outputs_len, node,
				 "outputDecision");
	if (!err)
		err = read_links(reader, element->needs, &element->needs_len, node,
				 "encapsulatedDecision");
	if (!err)
		err = read_links(reader, element->params, &element->params_len, node, "inputData");
	if (!err)
		err = read_links(reader, element->params, &element->params_len, node,
				 "inputDecision");
	return err;
}

static const struct element_row {
	const char *tag;
	enum dmn_element_kind kind;
	enum pl_err (*read)(struct dmn_reader *reader, struct dmn_element *element,
			    const xmlNode *node);
} rows[] = {
	{ "inputData", DMN_INPUT_DATA, read_input_data },
	{ "decision", DMN_DECISION, read_decision },
	{ "businessKnowledgeModel", DMN_KNOWLEDGE, read_knowledge },
	{ "decisionService", DMN_SERVICE, read_service },
};

static const struct element_row *row_of(const struct dmn_reader *reader, const xmlNode *node)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (dmn_is(reader, node, rows[i].tag))
			return &rows[i];
	return NULL;
}

/* What modellers write beside a decision: its version's tag. */
static enum pl_err read_extensions(struct dmn_reader *reader, struct dmn_element *element,
				   const xmlNode *node)
{
	const xmlNode *list = dmn_first(reader, node, "extensionElements");
	enum pl_err err = PL_OK;

	for (const xmlNode *n = list ? list->children : NULL; !err && n; n = n->next)
		if (!element->version_tag && xml_is(n, ZEEBE_NS) &&
		    strcmp(xml_tag(n), "versionTag") == 0)
			err = dmn_attr(reader, &element->version_tag, n, "value");
	return err;
}

static enum pl_err read_element(struct dmn_reader *reader, struct dmn_element *element,
				const xmlNode *node, const struct element_row *row)
{
	enum pl_err err = dmn_attr_name(reader, &element->name, node, "name");

	if (err)
		return err;
	reader->owner = element->name;
	element->kind = row->kind;
	element->place = dmn_place(reader, node);
	err = dmn_attr(reader, &element->id, node, "id");
	if (!err)
		err = read_extensions(reader, element, node);
	if (!err)
		err = read_variable(reader, element, node);
	return err ? err : row->read(reader, element, node);
}

static enum pl_err read_elements(struct dmn_reader *reader, const xmlNode *root)
{
	struct dmn_source *source = reader->source;
	size_t len = 0;
	enum pl_err err;

	for (const xmlNode *n = root->children; n; n = n->next)
		len += row_of(reader, n) != NULL;
	err = dmn_rows(reader, &source->elements, len, sizeof(*source->elements));
	for (const xmlNode *n = root->children; !err && n; n = n->next) {
		const struct element_row *row = row_of(reader, n);

		if (row)
			err = read_element(reader, &source->elements[source->elements_len++], n,
					   row);
	}
	return err;
}

const char *dmn_version(const xmlNode *root)
{
	for (size_t i = 0; versions[i]; i++)
		if (xml_is(root, versions[i]) && strcmp(xml_tag(root), "definitions") == 0)
			return versions[i];
	return NULL;
}

enum pl_err dmn_read(struct dmn_reader *reader, const xmlNode *root)
{
	struct dmn_source *source = reader->source;
	enum pl_err err;

	reader->ns = dmn_version(root);
	if (!reader->ns)
		return xml_refuse(root, "the root is not <definitions> of DMN 1.1 to 1.5");
	err = dmn_attr_name(reader, &source->name, root, "name");
	reader->owner = source->name;
	if (!err)
		err = dmn_attr_name(reader, &source->namespace, root, "namespace");
	if (!err)
		err = dmn_attr(reader, &source->language, root, "expressionLanguage");
	if (!err)
		err = read_imports(reader, root);
	if (!err)
		err = read_items(reader, root);
	return err ? err : read_elements(reader, root);
}
