/*
 * parts.c — the zeebe extension elements: task type, script, mappings, what is called, and what is
 * said of a task beside.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/parse.h"

enum {
	MAPPINGS_MAX = 200,
	TARGET_DEPTH_MAX = 16,
	RETRIES_MAX = 1000,
	WHERE_SIZE = BPMN_ID_MAX + 80
};

static const struct {
	const char *tag;
	enum bpmn_part part;
} zeebe_elements[] = {
#define ZEEBE_ELEMENT(tag, part) { #tag, part },
#include "engines/bpmn/elements.h"
};

/* Attributes that become properties of a user task. */
static const struct {
	const char *tag, *names[4];
} user_parts[] = {
	{ "formDefinition", { "formId", "formKey", "externalReference" } },
	{ "assignmentDefinition", { "assignee", "candidateGroups", "candidateUsers" } },
	{ "priorityDefinition", { "priority" } },
	{ "taskSchedule", { "dueDate", "followUpDate" } },
};

static enum pl_err parse_task_definition(struct bpmn_node *node, const xmlNode *element)
{
	char where[WHERE_SIZE];
	enum pl_err err = xml_id(&node->task_type, element, "type");

	if (err)
		return err;
	if (node->task_type[0] == '=')
		return xml_refuse(element, "element %s: a task type is a name, not an expression",
				  node->id);
	snprintf(where, sizeof(where), "element %s", node->id);
	return xml_count(&node->retries, element, "retries", RETRIES_MAX, where);
}

static enum pl_err parse_script(struct bpmn_node *node, const xmlNode *element)
{
	char *text = NULL, where[WHERE_SIZE];
	enum pl_err err = xml_id(&node->result_variable, element, "resultVariable");

	if (!err)
		err = xml_attr(&text, element, "expression");
	snprintf(where, sizeof(where), "element %s: script", node->id);
	if (!err)
		err = xml_expression(&node->script, element, text ? text : "", where);
	free(text);
	return err;
}

static enum pl_err parse_binding(struct bpmn_node *node, const xmlNode *element)
{
	static const char *const bindings[] = { "latest", "deployment", "versionTag" };
	struct bpmn_call_part *call = &node->call;
	enum pl_err err = xml_attr(&call->binding, element, "bindingType");

	if (!err)
		err = xml_attr(&call->version_tag, element, "versionTag");
	if (err || !call->binding)
		return err;
	for (size_t i = 0; i < sizeof(bindings) / sizeof(bindings[0]); i++)
		if (strcmp(call->binding, bindings[i]) == 0)
			return PL_OK;
	return xml_refuse(element, "element %s: bindingType is latest, deployment or versionTag",
			  node->id);
}

static enum pl_err parse_called_element(struct bpmn_node *node, const xmlNode *element)
{
	struct bpmn_call_part *call = &node->call;
	char where[WHERE_SIZE];
	enum pl_err err;

	snprintf(where, sizeof(where), "element %s: processId", node->id);
	free(call->id.literal);
	call->id.literal = NULL;
	err = xml_attr_text(&call->id, element, "processId", where);
	if (!err && !call->id.expr && !call->id.literal)
		err = xml_refuse(element, "%s is missing", where);
	if (!err)
		err = xml_flag(&call->keeps_parent, element, "propagateAllParentVariables", true);
	if (!err)
		err = xml_flag(&call->keeps_child, element, "propagateAllChildVariables", true);
	return err ? err : parse_binding(node, element);
}

static enum pl_err parse_called_decision(struct bpmn_node *node, const xmlNode *element)
{
	char where[WHERE_SIZE];
	enum pl_err err = xml_id(&node->result_variable, element, "resultVariable");

	snprintf(where, sizeof(where), "element %s: decisionId", node->id);
	if (!err)
		err = xml_attr_text(&node->call.id, element, "decisionId", where);
	if (!err && !node->call.id.expr && !node->call.id.literal)
		err = xml_refuse(element, "%s is missing", where);
	return err ? err : parse_binding(node, element);
}

static struct bpmn_property *add_property(struct bpmn_node *node)
{
	struct bpmn_property *grown = NULL;

	if (node->properties_len < MAPPINGS_MAX)
		grown = realloc(node->properties, (node->properties_len + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	node->properties = grown;
	grown += node->properties_len++;
	*grown = (struct bpmn_property){ 0 };
	return grown;
}

static enum pl_err parse_headers(struct bpmn_node *node, const xmlNode *element)
{
	enum pl_err err = PL_OK;

	for (const xmlNode *child = element->children; child && !err; child = child->next) {
		struct bpmn_property *property;

		if (!xml_is(child, ZEEBE_NS))
			continue;
		if (strcmp(xml_tag(child), "header") != 0 || node->properties_len == MAPPINGS_MAX)
			return xml_refuse(child,
					  "element %s: zeebe:%s is not executable here, or "
					  "is one too many",
					  node->id, xml_tag(child));
		property = add_property(node);
		if (!property)
			return PL_NOMEM;
		property->is_header = true;
		err = xml_id(&property->name, child, "key");
		if (!err) /* a header is a text, whatever it begins with */
			err = xml_attr(&property->value.literal, child, "value");
		if (!err && !property->value.literal && !(property->value.literal = strdup("")))
			err = PL_NOMEM;
	}
	return err;
}

static enum pl_err parse_user_property(struct bpmn_node *node, const xmlNode *element,
				       const char *name)
{
	struct bpmn_text value = { 0 };
	struct bpmn_property *property;
	char where[WHERE_SIZE];
	enum pl_err err;

	snprintf(where, sizeof(where), "element %s: %s", node->id, name);
	err = xml_attr_text(&value, element, name, where);
	if (err || (!value.expr && !value.literal))
		return err;
	property = add_property(node);
	if (!property) {
		feel_free(value.expr);
		free(value.literal);
		return PL_NOMEM;
	}
	property->value = value;
	property->name = strdup(name);
	return property->name ? PL_OK : PL_NOMEM;
}

static enum pl_err parse_user(struct bpmn_node *node, const xmlNode *element)
{
	for (size_t i = 0; i < sizeof(user_parts) / sizeof(user_parts[0]); i++) {
		if (strcmp(xml_tag(element), user_parts[i].tag) != 0)
			continue;
		for (const char *const *name = user_parts[i].names; *name; name++) {
			enum pl_err err = parse_user_property(node, element, *name);

			if (err)
				return err;
		}
	}
	return PL_OK;
}

static bool is_target(const char *target)
{
	int depth = 1;

	for (const char *at = target; *at; at++) {
		if ((unsigned char)*at < 0x20)
			return false;
		if (*at == '.' && (at == target || at[1] == '.' || at[1] == '\0'))
			return false;
		depth += *at == '.';
	}
	return depth <= TARGET_DEPTH_MAX;
}

static enum pl_err parse_mapping(struct bpmn_node *node, const xmlNode *element)
{
	bool is_input = strcmp(xml_tag(element), "input") == 0;
	struct bpmn_mappings *mappings = is_input ? &node->inputs : &node->outputs;
	char *source = NULL, where[WHERE_SIZE + 100];
	struct bpmn_mapping *row, *grown;
	enum pl_err err;

	if (mappings->len == MAPPINGS_MAX)
		return xml_refuse(element, "element %s: more than %d mappings", node->id,
				  MAPPINGS_MAX);
	grown = realloc(mappings->rows, (mappings->len + 1) * sizeof(*grown));
	if (!grown)
		return PL_NOMEM;
	mappings->rows = grown;
	row = &mappings->rows[mappings->len++];
	*row = (struct bpmn_mapping){ 0 };
	err = xml_id(&row->target, element, "target");
	if (err)
		return err;
	if (!is_target(row->target))
		return xml_refuse(element, "element %s: %s target \"%.100s\" is no path of names",
				  node->id, xml_tag(element), row->target);
	snprintf(where, sizeof(where), "element %s: %s %.90s", node->id, xml_tag(element),
		 row->target);
	err = xml_attr(&source, element, "source");
	if (!err && !source)
		err = xml_refuse(element, "%s: attribute source is missing", where);
	if (!err)
		err = xml_text(&row->source, element, source, where);
	free(source);
	return err;
}

static enum pl_err parse_io(struct bpmn_node *node, const xmlNode *element)
{
	enum pl_err err = PL_OK;

	for (const xmlNode *child = element->children; child && !err; child = child->next) {
		if (!xml_is(child, ZEEBE_NS))
			continue;
		if (strcmp(xml_tag(child), "input") != 0 && strcmp(xml_tag(child), "output") != 0)
			return xml_refuse(child, "element %s: zeebe:%s is not executable here",
					  node->id, xml_tag(child));
		err = parse_mapping(node, child);
	}
	return err;
}

static enum bpmn_part find_part(const char *tag)
{
	for (size_t i = 0; i < sizeof(zeebe_elements) / sizeof(zeebe_elements[0]); i++)
		if (strcmp(zeebe_elements[i].tag, tag) == 0)
			return zeebe_elements[i].part;
	return BPMN_PART_REFUSED;
}

static enum pl_err parse_extension(struct bpmn_node *node, const xmlNode *child, const char *owner)
{
	enum bpmn_part part = find_part(xml_tag(child));
	const struct bpmn_kind_row *row = node ? &bpmn_kind_rows[node->kind] : NULL;

	if (part == BPMN_PART_INERT)
		return PL_OK;
	if (!row || !((row->may | row->needs) & part) || part == BPMN_PART_LOOP)
		return xml_refuse(child, "element %s: zeebe:%s is not executable here", owner,
				  xml_tag(child));
	if (part == BPMN_PART_CALLED ? node->call.id.expr != NULL
				     : part != BPMN_PART_USER && (node->parts & part))
		return xml_refuse(child, "element %s: a second zeebe:%s", owner, xml_tag(child));
	node->parts |= part;
	switch (part) {
	case BPMN_PART_TASK:
		return parse_task_definition(node, child);
	case BPMN_PART_SCRIPT:
		return parse_script(node, child);
	case BPMN_PART_CALLED:
		return parse_called_element(node, child);
	case BPMN_PART_DECISION:
		return parse_called_decision(node, child);
	case BPMN_PART_PROPERTIES:
		return parse_headers(node, child);
	case BPMN_PART_USER:
		return parse_user(node, child);
	default:
		return parse_io(node, child);
	}
}

enum pl_err bpmn_parse_extensions(struct bpmn_node *node, const xmlNode *extensions,
				  const char *owner)
{
	enum pl_err err = PL_OK;

	for (const xmlNode *child = extensions->children; child && !err; child = child->next)
		if (xml_is(child, ZEEBE_NS))
			err = parse_extension(node, child, owner);
	return err;
}
