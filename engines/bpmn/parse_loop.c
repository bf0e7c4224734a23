/*
 * parse_loop.c — standard loops and multi-instance activities.
 *
 * Source: BPMN 2.0.2 §10.3.6 (loop characteristics).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/parse.h"

enum { WHERE_SIZE = BPMN_ID_MAX + 80, LOOPS_MAX = 1000000 };

/* Attributes of a multi-instance that choose other behaviour, and the value that doesn't. */
static const struct {
	const char *name, *harmless;
} attributes[] = {
	{ "behavior", "All" },
	{ "oneBehaviorEventRef", NULL },
	{ "noneBehaviorEventRef", NULL },
};

static bool is_tag(const xmlNode *node, const char *tag)
{
	return strcmp(xml_tag(node), tag) == 0;
}

static enum pl_err check_attributes(const struct bpmn_node *node, const xmlNode *xml)
{
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		char *value;

		err = xml_attr(&value, xml, attributes[i].name);
		if (!err && value &&
		    (!attributes[i].harmless || strcmp(value, attributes[i].harmless) != 0))
			err = xml_refuse(xml, "element %s: %s=\"%.50s\" is not executable",
					 node->id, attributes[i].name, value);
		free(value);
	}
	return err;
}

static enum pl_err parse_variable(char **namep, const xmlNode *xml, const char *name)
{
	enum pl_err err = xml_attr(namep, xml, name);

	if (!err && *namep && !**namep) {
		free(*namep);
		*namep = NULL;
	}
	return err;
}

/* The output element's name, if it is no more than that. */
static enum pl_err parse_output_name(struct bpmn_loop_part *loop, const xmlNode *xml)
{
	char *text = NULL;
	size_t from, len;
	enum pl_err err = xml_attr(&text, xml, "outputElement");

	if (!err && text) {
		from = 1 + strspn(text + 1, " ");
		len = strspn(text + from, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					  "0123456789_");
		if (len && !text[from + len + strspn(text + from + len, " ")] &&
		    !(text[from] >= '0' && text[from] <= '9')) {
			loop->output_name = strndup(text + from, len);
			err = loop->output_name ? PL_OK : PL_NOMEM;
		}
	}
	free(text);
	return err;
}

static enum pl_err parse_collections(struct bpmn_node *node, const xmlNode *extensions)
{
	struct bpmn_loop_part *loop = &node->loop;
	char where[WHERE_SIZE];
	enum pl_err err = PL_OK;

	for (const xmlNode *child = extensions->children; child && !err; child = child->next) {
		if (!xml_is(child, ZEEBE_NS))
			continue;
		if (!is_tag(child, "loopCharacteristics") || loop->collection)
			return xml_refuse(child, "element %s: zeebe:%s is not executable here",
					  node->id, xml_tag(child));
		snprintf(where, sizeof(where), "element %s: inputCollection", node->id);
		err = xml_attr_expression(&loop->collection, child, "inputCollection", where);
		snprintf(where, sizeof(where), "element %s: outputElement", node->id);
		if (!err)
			err = xml_attr_expression(&loop->output, child, "outputElement", where);
		if (!err && loop->output)
			err = parse_output_name(loop, child);
		if (!err)
			err = parse_variable(&loop->element, child, "inputElement");
		if (!err)
			err = parse_variable(&loop->output_collection, child, "outputCollection");
	}
	return err;
}

static enum pl_err parse_child(struct bpmn_node *node, const xmlNode *child)
{
	struct bpmn_loop_part *loop = &node->loop;
	struct feel_expr **exprp = NULL;
	char where[WHERE_SIZE];

	if (bpmn_element_of(child)->role == INERT)
		return PL_OK;
	if (is_tag(child, "extensionElements"))
		return loop->kind == BPMN_LOOP_STANDARD
			       ? bpmn_parse_extensions(NULL, child, node->id)
			       : parse_collections(node, child);
	if (is_tag(child,
		   loop->kind == BPMN_LOOP_STANDARD ? "loopCondition" : "completionCondition"))
		exprp = &loop->condition;
	else if (loop->kind != BPMN_LOOP_STANDARD && is_tag(child, "loopCardinality"))
		exprp = &loop->cardinality;
	if (!exprp || *exprp)
		return bpmn_refuse_element(child, node->id);
	snprintf(where, sizeof(where), "element %s: %s", node->id, xml_tag(child));
	return xml_content_expression(exprp, child, where);
}

static enum pl_err check(const struct bpmn_node *node, const xmlNode *xml)
{
	const struct bpmn_loop_part *loop = &node->loop;

	if (loop->kind == BPMN_LOOP_STANDARD && !loop->condition && !loop->max)
		return xml_refuse(xml,
				  "element %s: a loop without loopCondition and loopMaximum never "
				  "ends",
				  node->id);
	if (loop->kind != BPMN_LOOP_STANDARD && !loop->collection == !loop->cardinality)
		return xml_refuse(xml,
				  "element %s: a multi-instance has either the inputCollection of "
				  "zeebe:loopCharacteristics or a loopCardinality",
				  node->id);
	if (!loop->output != !loop->output_collection)
		return xml_refuse(xml, "element %s: outputCollection and outputElement go together",
				  node->id);
	return PL_OK;
}

enum pl_err bpmn_parse_loop(struct bpmn_node *node, const xmlNode *xml)
{
	struct bpmn_loop_part *loop = &node->loop;
	char where[WHERE_SIZE];
	bool is_sequential;
	enum pl_err err;

	if (!(bpmn_kind_rows[node->kind].may & BPMN_PART_LOOP))
		return xml_refuse(xml, "element %s: %s with %s is not executable", node->id,
				  node->tag, xml_tag(xml));
	if (loop->kind != BPMN_LOOP_NONE)
		return xml_refuse(xml, "element %s: a second loop", node->id);
	snprintf(where, sizeof(where), "element %s", node->id);
	err = xml_flag(&is_sequential, xml, "isSequential", false);
	if (!err)
		err = xml_flag(&loop->test_before, xml, "testBefore", false);
	if (!err)
		err = xml_count(&loop->max, xml, "loopMaximum", LOOPS_MAX, where);
	if (!err)
		err = check_attributes(node, xml);
	if (err)
		return err;
	loop->kind = is_tag(xml, "standardLoopCharacteristics") ? BPMN_LOOP_STANDARD
		     : is_sequential				? BPMN_LOOP_SEQUENTIAL
								: BPMN_LOOP_PARALLEL;
	for (const xmlNode *child = xml->children; child && !err; child = child->next)
		if (xml_is(child, BPMN_NS))
			err = parse_child(node, child);
	return err ? err : check(node, xml);
}
