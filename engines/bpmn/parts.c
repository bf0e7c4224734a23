/*
 * parts.c — timers, and the zeebe extension elements: task type, script, input and output mapping.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAPPINGS_MAX = 200, TARGET_DEPTH_MAX = 16, WHERE_SIZE = BPMN_ID_MAX + 80 };

static const struct {
	const char *tag;
	enum bpmn_part part;
} zeebe_elements[] = {
#define ZEEBE_ELEMENT(tag, part) { #tag, part },
#include "engines/bpmn/elements.h"
};

static enum pl_err parse_timer_text(struct bpmn_node *node, const xmlNode *child)
{
	struct bpmn_timer *timer = &node->timer;
	char *text = NULL, where[WHERE_SIZE];
	enum pl_err err;

	if (node->parts & BPMN_PART_TIMER)
		return xml_refuse(child, "element %s: a timer has one duration or date", node->id);
	node->parts |= BPMN_PART_TIMER;
	timer->is_date = strcmp(xml_tag(child), "timeDate") == 0;
	snprintf(where, sizeof(where), "element %s: %s", node->id, xml_tag(child));
	err = xml_content(&text, child);
	if (!err)
		err = xml_text(&timer->text, child, text, where);
	if (!err && timer->text.literal &&
	    !bpmn_timer_resolve(&timer->due_ms, timer->is_date, text, strlen(text)))
		err = xml_refuse(child, "%s: \"%.100s\" is not %s", where, text,
				 timer->is_date ? "an ISO 8601 date and time with a zone"
						: "an ISO 8601 duration without years or months");
	free(text);
	return err;
}

enum pl_err bpmn_parse_timer(struct bpmn_node *node, const xmlNode *definition)
{
	enum pl_err err = PL_OK;

	for (const xmlNode *child = definition->children; child && !err; child = child->next) {
		if (!xml_is(child, BPMN_NS))
			continue;
		if (strcmp(xml_tag(child), "timeDuration") == 0 ||
		    strcmp(xml_tag(child), "timeDate") == 0)
			err = parse_timer_text(node, child);
		else if (strcmp(xml_tag(child), "documentation") != 0)
			err = xml_refuse(child, "element %s: %s is not executable yet", node->id,
					 xml_tag(child));
	}
	return err;
}

static enum pl_err parse_task_definition(struct bpmn_node *node, const xmlNode *element)
{
	char *retries = NULL, *end;
	unsigned long count = 3;
	enum pl_err err = xml_id(&node->task_type, element, "type");

	if (err)
		return err;
	if (node->task_type[0] == '=')
		return xml_refuse(element, "element %s: a task type is a name, not an expression",
				  node->id);
	err = xml_attr(&retries, element, "retries");
	if (!err && retries && *retries) {
		count = strtoul(retries, &end, 10);
		if (*end || retries[0] == '-' || count > 1000)
			err = xml_refuse(element, "element %s: retries are a number up to 1000",
					 node->id);
	}
	free(retries);
	node->retries = (unsigned)count;
	return err;
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
			return xml_refuse(child, "element %s: zeebe:%s is not executable yet",
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

	if (part == BPMN_PART_INERT)
		return PL_OK;
	if (part == BPMN_PART_REFUSED || !node || !(bpmn_kind_rows[node->kind].may & part))
		return xml_refuse(child, "element %s: zeebe:%s is not executable here yet", owner,
				  xml_tag(child));
	if (node->parts & part)
		return xml_refuse(child, "element %s: a second zeebe:%s", owner, xml_tag(child));
	node->parts |= part;
	switch (part) {
	case BPMN_PART_TASK:
		return parse_task_definition(node, child);
	case BPMN_PART_SCRIPT:
		return parse_script(node, child);
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
