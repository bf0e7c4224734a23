/*
 * parse.c — a BPMN file to a model. Anything that the element table doesn't know as executable or
 * inert is refused with line, id and reason.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/parts.h"

enum role { NODE, PART, INERT, REFUSED, UNKNOWN };

static const struct element {
	const char *tag;
	enum role role;
	enum bpmn_kind kind;
} elements[] = {
#define BPMN_ELEMENT(tag, role, kind) { #tag, role, BPMN_##kind },
#include "engines/bpmn/elements.h"
};

/* Attributes that change how an element runs, and the value that is as if it weren't there. */
static const struct {
	const char *name, *harmless;
} attributes[] = {
	{ "isForCompensation", "false" }, { "startQuantity", "1" },
	{ "completionQuantity", "1" },	  { "parallelMultiple", "false" },
	{ "triggeredByEvent", "false" },  { "instantiate", "false" },
	{ "operationRef", NULL },	  { "scriptFormat", NULL },
};

static const char *const part_names[] = {
	[BPMN_PART_TASK] = "zeebe:taskDefinition",
	[BPMN_PART_SCRIPT] = "zeebe:script",
	[BPMN_PART_TIMER] = "timerEventDefinition with a timeDuration or timeDate",
};

static const struct element *find_element(const xmlNode *node)
{
	static const struct element unknown = { "", UNKNOWN, BPMN_NONE };

	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (strcmp(elements[i].tag, xml_tag(node)) == 0)
			return &elements[i];
	return &unknown;
}

static bool is_tag(const xmlNode *node, const char *tag)
{
	return strcmp(xml_tag(node), tag) == 0;
}

/* The refusal of an element that stands where it can't be executed; its own id, or its owner's. */
static enum pl_err refuse_element(const xmlNode *node, const struct element *element,
				  const char *owner)
{
	char *id = NULL;
	enum pl_err err = xml_attr(&id, node, "id");

	if (!err)
		err = xml_refuse(node, "element %s: %s is not %s", id && *id ? id : owner,
				 xml_tag(node),
				 element->role == UNKNOWN   ? "known to BPMN 2.0"
				 : element->role == REFUSED ? "executable yet"
							    : "allowed here");
	free(id);
	return err;
}

static enum pl_err note_id(struct bpmn_model *model, const xmlNode *at, const char *id,
			   json_int_t place)
{
	if (json_object_get(model->places, id))
		return xml_refuse(at, "element %s: the id is there twice", id);
	if (json_object_set_new(model->places, id, json_integer(place)) == 0)
		return PL_OK;
	/* the id is UTF-8, for libxml2 checked it: only memory can be missing */
	return PL_NOMEM;
}

static enum pl_err check_attributes(const xmlNode *xml, const struct bpmn_node *node)
{
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		char *value;
		enum pl_err err = xml_attr(&value, xml, attributes[i].name);
		bool is_harmless = !value || (attributes[i].harmless &&
					      strcmp(value, attributes[i].harmless) == 0);

		if (!err && !is_harmless)
			err = xml_refuse(xml, "element %s: %s=\"%.50s\" is not executable yet",
					 node->id, attributes[i].name, value);
		free(value);
		if (err)
			return err;
	}
	return PL_OK;
}

static enum pl_err note_outgoing(struct bpmn_node *node, const xmlNode *child)
{
	char *id = NULL;
	enum pl_err err = xml_content(&id, child);

	if (!err && !node->ranks) {
		node->ranks = json_object();
		err = node->ranks ? PL_OK : PL_NOMEM;
	}
	if (!err && !json_object_get(node->ranks, id) &&
	    json_object_set_new(node->ranks, id,
				json_integer((json_int_t)json_object_size(node->ranks))))
		err = PL_NOMEM;
	free(id);
	return err;
}

static enum pl_err parse_node_child(struct bpmn_node *node, const xmlNode *child)
{
	const struct element *element = find_element(child);

	if (element->role == INERT)
		return PL_OK;
	if (is_tag(child, "extensionElements"))
		return bpmn_parse_extensions(node, child, node->id);
	if (is_tag(child, "outgoing"))
		return note_outgoing(node, child);
	if (is_tag(child, "timerEventDefinition")) {
		if (bpmn_kind_rows[node->kind].may & BPMN_PART_TIMER)
			return bpmn_parse_timer(node, child);
		return xml_refuse(child,
				  "element %s: %s with timerEventDefinition is not executable "
				  "yet",
				  node->id, node->tag);
	}
	return refuse_element(child, element, node->id);
}

static enum pl_err check_parts(const xmlNode *xml, const struct bpmn_node *node)
{
	unsigned missing = bpmn_kind_rows[node->kind].needs & ~node->parts;

	for (unsigned part = 1; part < sizeof(part_names) / sizeof(part_names[0]); part <<= 1)
		if (missing & part)
			return xml_refuse(xml, "element %s: %s without %s is not executable yet",
					  node->id, node->tag, part_names[part]);
	return PL_OK;
}

static enum pl_err parse_node(struct bpmn_model *model, const xmlNode *xml,
			      const struct element *element)
{
	struct bpmn_node *node;
	enum pl_err err;

	if (model->nodes_len == BPMN_NODES_MAX)
		return pl_fail(PL_TOOLARGE, "line %ld: more than %d elements", xmlGetLineNo(xml),
			       BPMN_NODES_MAX);
	if (model->nodes_len == model->nodes_cap) {
		size_t cap = model->nodes_cap ? model->nodes_cap * 2 : 16;
		struct bpmn_node *grown = realloc(model->nodes, cap * sizeof(*grown));

		if (!grown)
			return PL_NOMEM;
		model->nodes = grown;
		model->nodes_cap = cap;
	}
	node = &model->nodes[model->nodes_len++];
	*node = (struct bpmn_node){ .kind = element->kind,
				    .tag = element->tag,
				    .line = xmlGetLineNo(xml),
				    .default_flow = -1 };
	err = xml_id(&node->id, xml, "id");
	if (!err)
		err = note_id(model, xml, node->id, (json_int_t)model->nodes_len - 1);
	if (!err)
		err = xml_attr(&node->name, xml, "name");
	if (!err && !node->name && !(node->name = strdup("")))
		err = PL_NOMEM;
	if (!err)
		err = xml_attr(&node->default_id, xml, "default");
	if (!err)
		err = check_attributes(xml, node);
	for (const xmlNode *child = xml->children; child && !err; child = child->next)
		if (xml_is(child, BPMN_NS))
			err = parse_node_child(node, child);
	return err ? err : check_parts(xml, node);
}

static enum pl_err parse_condition(struct bpmn_flow *flow, const xmlNode *xml)
{
	char *text = NULL, *language = NULL, where[BPMN_ID_MAX + 40];
	enum pl_err err;

	if (flow->condition)
		return xml_refuse(xml, "sequence flow %s: a second condition", flow->id);
	snprintf(where, sizeof(where), "sequence flow %s: condition", flow->id);
	err = xml_attr(&language, xml, "language");
	if (!err && language && !strcasestr(language, "feel"))
		err = xml_refuse(xml, "%s: the language %.60s is not FEEL", where, language);
	free(language);
	if (!err)
		err = xml_content(&text, xml);
	if (!err)
		err = xml_expression(&flow->condition, xml, text, where);
	free(text);
	return err;
}

static enum pl_err parse_flow(struct bpmn_model *model, const xmlNode *xml)
{
	struct bpmn_flow *flow;
	enum pl_err err;

	if (model->flows_len == BPMN_FLOWS_MAX)
		return pl_fail(PL_TOOLARGE, "line %ld: more than %d sequence flows",
			       xmlGetLineNo(xml), BPMN_FLOWS_MAX);
	if (model->flows_len == model->flows_cap) {
		size_t cap = model->flows_cap ? model->flows_cap * 2 : 16;
		struct bpmn_flow *grown = realloc(model->flows, cap * sizeof(*grown));

		if (!grown)
			return PL_NOMEM;
		model->flows = grown;
		model->flows_cap = cap;
	}
	flow = &model->flows[model->flows_len++];
	*flow = (struct bpmn_flow){ .line = xmlGetLineNo(xml) };
	err = xml_id(&flow->id, xml, "id");
	if (!err)
		err = note_id(model, xml, flow->id, -(json_int_t)model->flows_len);
	if (!err)
		err = xml_id(&flow->source_id, xml, "sourceRef");
	if (!err)
		err = xml_id(&flow->target_id, xml, "targetRef");
	for (const xmlNode *child = xml->children; child && !err; child = child->next) {
		const struct element *element;

		if (!xml_is(child, BPMN_NS))
			continue;
		element = find_element(child);
		if (is_tag(child, "conditionExpression"))
			err = parse_condition(flow, child);
		else if (is_tag(child, "extensionElements"))
			err = bpmn_parse_extensions(NULL, child, flow->id);
		else if (element->role != INERT)
			err = refuse_element(child, element, flow->id);
	}
	return err;
}

static enum pl_err parse_process(struct bpmn_model *model, const xmlNode *xml)
{
	char *executable = NULL;
	enum pl_err err = xml_id(&model->process_id, xml, "id");

	if (!err)
		err = xml_attr(&model->process_name, xml, "name");
	if (!err && !model->process_name && !(model->process_name = strdup("")))
		err = PL_NOMEM;
	if (!err)
		err = xml_attr(&executable, xml, "isExecutable");
	if (!err && executable && strcmp(executable, "true") != 0 && strcmp(executable, "1") != 0)
		err = xml_refuse(xml, "process %s: isExecutable is not true", model->process_id);
	free(executable);
	for (const xmlNode *child = xml->children; child && !err; child = child->next) {
		const struct element *element;

		if (!xml_is(child, BPMN_NS))
			continue;
		element = find_element(child);
		if (element->role == NODE)
			err = parse_node(model, child, element);
		else if (is_tag(child, "sequenceFlow"))
			err = parse_flow(model, child);
		else if (is_tag(child, "extensionElements"))
			err = bpmn_parse_extensions(NULL, child, model->process_id);
		else if (element->role != INERT)
			err = refuse_element(child, element, model->process_id);
	}
	return err;
}

static enum pl_err parse_definitions(struct bpmn_model *model, const xmlNode *root)
{
	enum pl_err err = PL_OK;

	if (!xml_is(root, BPMN_NS) || !is_tag(root, "definitions"))
		return xml_refuse(root, "the root is not definitions of BPMN 2.0");
	for (const xmlNode *child = root->children; child && !err; child = child->next) {
		const struct element *element;

		if (!xml_is(child, BPMN_NS))
			continue;
		element = find_element(child);
		if (is_tag(child, "process") && model->process_id)
			err = xml_refuse(child, "a second process is not executable yet");
		else if (is_tag(child, "process"))
			err = parse_process(model, child);
		else if (is_tag(child, "extensionElements"))
			err = bpmn_parse_extensions(NULL, child, "definitions");
		else if (element->role != INERT)
			err = refuse_element(child, element, "definitions");
	}
	if (!err && !model->process_id)
		return xml_refuse(root, "the file has no process");
	return err;
}

static enum pl_err parse_model(struct bpmn_model *model, const char *xml, size_t xml_len)
{
	struct xml_file file;
	enum pl_err err = xml_open(&file, xml, xml_len, BPMN_FILE_MAX);

	if (!err)
		err = parse_definitions(model, xmlDocGetRootElement(file.doc));
	return xml_close(&file, err);
}

enum pl_err bpmn_model_parse(struct bpmn_model **modelp, const char *xml, size_t xml_len)
{
	struct bpmn_model *model = calloc(1, sizeof(*model));
	enum pl_err err = PL_NOMEM;

	if (!model)
		return err;
	model->places = json_object();
	if (model->places)
		err = parse_model(model, xml, xml_len);
	if (!err)
		err = bpmn_model_link(model);
	if (err)
		bpmn_model_free(model);
	else
		*modelp = model;
	return err;
}
