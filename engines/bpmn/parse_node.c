/*
 * parse_node.c — a flow node, its attributes and children.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/parse.h"

enum { TEMPLATE_VERSION_MAX = 1000000 };

/* Attributes that change how an element runs, and the value that is as if it weren't there. */
static const struct {
	const char *name, *harmless;
} attributes[] = {
	{ "startQuantity", "1" },	 { "completionQuantity", "1" },
	{ "parallelMultiple", "false" }, { "operationRef", NULL },

	{ "method", "##Compensate" },	 { "eventGatewayType", "Exclusive" },
};

static const struct {
	enum bpmn_part part;
	const char *name;
} part_names[] = {
	{ BPMN_PART_SCRIPT, "zeebe:script" },
	{ BPMN_PART_DECISION, "zeebe:calledDecision" },
	{ BPMN_PART_TASK, "zeebe:taskDefinition" },
	{ BPMN_PART_CALLED, "zeebe:calledElement" },
};

static bool is_tag(const xmlNode *node, const char *tag)
{
	return strcmp(xml_tag(node), tag) == 0;
}

static enum pl_err check_attributes(const xmlNode *xml, const struct bpmn_node *node)
{
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		char *value;
		enum pl_err err = xml_attr(&value, xml, attributes[i].name);
		bool is_harmless = !value || (attributes[i].harmless &&
					      strcmp(value, attributes[i].harmless) == 0);

		if (!err && !is_harmless)
			err = xml_refuse(xml, "element %s: %s=\"%.50s\" is not executable",
					 node->id, attributes[i].name, value);
		free(value);
		if (err)
			return err;
	}
	return PL_OK;
}

/* calledElement as BPMN itself has it; the zeebe extension says more. */
static enum pl_err read_called(struct bpmn_node *node, const xmlNode *xml)
{
	enum pl_err err = xml_ref(&node->call.id.literal, xml, "calledElement");

	if (!err && node->call.id.literal)
		node->parts |= BPMN_PART_CALLED;
	node->call.keeps_parent = node->call.keeps_child = true;
	return err;
}

/* A script is FEEL, as an attribute of zeebe:script has it, or Lua, as BPMN's own script. */
static enum pl_err read_format(struct bpmn_node *node, const xmlNode *xml)
{
	char *format = NULL;
	enum pl_err err = xml_attr(&format, xml, "scriptFormat");

	node->is_lua = format && strcasestr(format, "lua");
	if (!err && format && !node->is_lua && !strcasestr(format, "feel"))
		err = xml_refuse(xml,
				 "element %s: scriptFormat=\"%.50s\" is not executable: feel "
				 "and lua are",
				 node->id, format);
	free(format);
	return err;
}

static enum pl_err read_script(struct bpmn_node *node, const xmlNode *xml)
{
	char *text = NULL, where[BPMN_ID_MAX + 40];
	enum pl_err err;

	if (node->kind != BPMN_SCRIPT || node->lua)
		return bpmn_refuse_element(xml, node->id);
	if (!node->is_lua)
		return xml_refuse(xml,
				  "element %s: script without scriptFormat=\"lua\" is not "
				  "executable",
				  node->id);
	err = xml_content(&text, xml);
	if (!err)
		err = script_compile(&node->lua, text, strlen(text));
	free(text);
	snprintf(where, sizeof(where), "element %s: script", node->id);
	node->parts |= BPMN_PART_SCRIPT;
	return err ? xml_fail(err, xml, where) : PL_OK;
}

/* The version of the template that a modeller drew the element by. */
static enum pl_err read_template(struct bpmn_node *node, const xmlNode *xml)
{
	xmlChar *text =
		xmlGetNsProp((xmlNode *)xml, BAD_CAST "modelerTemplateVersion", BAD_CAST ZEEBE_NS);
	enum pl_err err = PL_OK;
	unsigned long version;
	char *end;

	if (!text)
		return PL_OK;
	version = strtoul((const char *)text, &end, 10);
	if (*end || end == (char *)text || text[0] == '-' || version > TEMPLATE_VERSION_MAX)
		err = xml_refuse(xml, "element %s: modelerTemplateVersion is a number up to %d",
				 node->id, TEMPLATE_VERSION_MAX);
	else
		node->template_version = (unsigned)version;
	xmlFree(text);
	return err;
}

static enum pl_err read_attributes(struct bpmn_node *node, const xmlNode *xml)
{
	enum pl_err err = xml_attr(&node->name, xml, "name");

	if (!err)
		err = read_template(node, xml);

	if (!err && !node->name && !(node->name = strdup("")))
		err = PL_NOMEM;
	if (!err)
		err = xml_ref(&node->default_id, xml, "default");
	if (!err)
		err = xml_flag(&node->is_handler, xml, "isForCompensation", false);
	if (!err && node->kind == BPMN_BOUNDARY) {
		err = xml_ref(&node->attached_id, xml, "attachedToRef");
		if (!err)
			err = xml_flag(&node->is_interrupting, xml, "cancelActivity", true);
	} else if (!err && node->kind == BPMN_START) {
		err = xml_flag(&node->is_interrupting, xml, "isInterrupting", true);
	} else if (!err && node->kind == BPMN_SUB) {
		node->is_transaction = is_tag(xml, "transaction");
		err = xml_flag(&node->is_event_sub, xml, "triggeredByEvent", false);
	} else if (!err && node->kind == BPMN_CALL) {
		err = read_called(node, xml);
	} else if (!err && (node->kind == BPMN_RECEIVE || node->kind == BPMN_CHOICE)) {
		err = xml_flag(&node->starts_process, xml, "instantiate", false);
	}
	if (!err)
		err = read_format(node, xml);
	if (!err && (node->kind == BPMN_RECEIVE || node->kind == BPMN_SEND)) {
		node->event.type = BPMN_EV_MESSAGE;
		err = xml_ref(&node->event.ref, xml, "messageRef");
	}
	return err ? err : check_attributes(xml, node);
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

static enum pl_err parse_child(struct bpmn_node *node, const xmlNode *child)
{
	bool is_event;
	enum pl_err err;

	if (bpmn_element_of(child)->role == INERT)
		return PL_OK;
	if (is_tag(child, "extensionElements"))
		return bpmn_parse_extensions(node, child, node->id);
	if (is_tag(child, "outgoing"))
		return note_outgoing(node, child);
	if (is_tag(child, "standardLoopCharacteristics") ||
	    is_tag(child, "multiInstanceLoopCharacteristics"))
		return bpmn_parse_loop(node, child);
	if (is_tag(child, "script"))
		return read_script(node, child);
	err = bpmn_parse_event(&is_event, node, child);
	return err || is_event ? err : bpmn_refuse_element(child, node->id);
}

static enum pl_err check_parts(const xmlNode *xml, const struct bpmn_node *node)
{
	const struct bpmn_kind_row *row = &bpmn_kind_rows[node->kind];

	if (!row->needs || (row->needs & node->parts))
		return PL_OK;
	for (size_t i = 0; i < sizeof(part_names) / sizeof(part_names[0]); i++)
		if (row->needs & part_names[i].part)
			return xml_refuse(xml, "element %s: %s without %s is not executable",
					  node->id, node->tag, part_names[i].name);
	return PL_OK;
}

static unsigned depth_of(const struct bpmn_model *model, unsigned scope)
{
	unsigned depth = 0;

	for (int owner; (owner = model->scopes[scope].owner) >= 0; depth++)
		scope = model->nodes[owner].scope;
	return depth;
}

/* Nodes move as more come in, so that what is within a sub-process is read by places. */
static enum pl_err parse_sub(struct bpmn_model *model, unsigned place, const xmlNode *xml)
{
	unsigned scope;
	enum pl_err err = bpmn_new_scope(model, &scope, (int)place);

	if (err)
		return err;
	model->nodes[place].inner = (int)scope;
	if (depth_of(model, scope) > BPMN_DEPTH_MAX)
		return xml_refuse(xml, "element %s: more than %d sub-processes in each other",
				  model->nodes[place].id, BPMN_DEPTH_MAX);
	for (const xmlNode *child = xml->children; child && !err; child = child->next) {
		if (!xml_is(child, BPMN_NS))
			continue;
		if (bpmn_element_of(child)->role == NODE || is_tag(child, "sequenceFlow") ||
		    is_tag(child, "association"))
			err = bpmn_parse_within(model, scope, child, model->nodes[place].id);
		else
			err = parse_child(&model->nodes[place], child);
	}
	return err;
}

enum pl_err bpmn_parse_node(struct bpmn_model *model, unsigned scope, const xmlNode *xml)
{
	const struct bpmn_element *element = bpmn_element_of(xml);
	unsigned place = (unsigned)model->nodes_len;
	struct bpmn_node *node;
	enum pl_err err;

	if (model->nodes_len == BPMN_NODES_MAX)
		return pl_fail(PL_TOOLARGE, "line %ld: more than %d elements", xmlGetLineNo(xml),
			       BPMN_NODES_MAX);
	if (!bpmn_grow((void **)&model->nodes, model->nodes_len, &model->nodes_cap, sizeof(*node)))
		return PL_NOMEM;
	node = &model->nodes[model->nodes_len++];
	*node = (struct bpmn_node){ .kind = element->kind,
				    .tag = element->tag,
				    .line = xmlGetLineNo(xml),
				    .scope = scope,
				    .inner = -1,
				    .retries = 3,
				    .default_flow = -1,
				    .attached_to = -1,
				    .target = -1,
				    .compensator = -1 };
	err = xml_id(&node->id, xml, "id");
	if (!err)
		err = bpmn_note_id(model, xml, node->id, (json_int_t)place);
	if (!err)
		err = read_attributes(node, xml);
	if (!err && node->kind == BPMN_SUB)
		err = parse_sub(model, place, xml);
	else
		for (const xmlNode *child = xml->children; child && !err; child = child->next)
			if (xml_is(child, BPMN_NS))
				err = parse_child(node, child);
	return err ? err : check_parts(xml, &model->nodes[place]);
}
