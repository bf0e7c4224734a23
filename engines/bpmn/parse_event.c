/*
 * parse_event.c — event definitions, and the messages, signals, errors and escalations that they
 * refer to.
 *
 * Source: BPMN 2.0.2 §10.5.5.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/parse.h"

enum { WHERE_SIZE = BPMN_ID_MAX + 80 };

/* What an event definition refers to. */
static const char *const refs[BPMN_EVENT_COUNT] = {
	[BPMN_EV_MESSAGE] = "messageRef",	[BPMN_EV_SIGNAL] = "signalRef",
	[BPMN_EV_ERROR] = "errorRef",		[BPMN_EV_ESCALATION] = "escalationRef",
	[BPMN_EV_COMPENSATION] = "activityRef",
};

static const struct {
	const char *tag;
	enum bpmn_event type;
	const char *name; /* the attribute that events are matched by */
} declarations[] = {
	{ "message", BPMN_EV_MESSAGE, "name" },
	{ "signal", BPMN_EV_SIGNAL, "name" },
	{ "error", BPMN_EV_ERROR, "errorCode" },
	{ "escalation", BPMN_EV_ESCALATION, "escalationCode" },
};

static const struct {
	const char *tag;
	enum bpmn_timer_kind kind;
} timers[] = {
	{ "timeDuration", BPMN_DURATION },
	{ "timeDate", BPMN_DATE },
	{ "timeCycle", BPMN_CYCLE },
};

static bool is_tag(const xmlNode *node, const char *tag)
{
	return strcmp(xml_tag(node), tag) == 0;
}

static enum pl_err parse_key(struct bpmn_declared *declared, const xmlNode *extensions)
{
	char where[WHERE_SIZE];
	enum pl_err err = PL_OK;

	snprintf(where, sizeof(where), "message %s: correlationKey", declared->id);
	for (const xmlNode *child = extensions->children; child && !err; child = child->next) {
		if (!xml_is(child, ZEEBE_NS))
			continue;
		if (!is_tag(child, "subscription") || declared->type != BPMN_EV_MESSAGE ||
		    declared->key.expr || declared->key.literal)
			err = xml_refuse(child, "element %s: zeebe:%s is not executable here",
					 declared->id, xml_tag(child));
		else
			err = xml_attr_text(&declared->key, child, "correlationKey", where);
	}
	return err;
}

enum pl_err bpmn_parse_declared(struct bpmn_model *model, const xmlNode *xml)
{
	struct bpmn_declared *declared;
	char where[WHERE_SIZE];
	size_t row = 0;
	enum pl_err err;

	while (!is_tag(xml, declarations[row].tag))
		row++;
	if (model->declared_len == BPMN_DECLARED_MAX)
		return pl_fail(PL_TOOLARGE,
			       "line %ld: more than %d messages, signals, errors and escalations",
			       xmlGetLineNo(xml), BPMN_DECLARED_MAX);
	if (!bpmn_grow((void **)&model->declared, model->declared_len, &model->declared_cap,
		       sizeof(*declared)))
		return PL_NOMEM;
	declared = &model->declared[model->declared_len++];
	*declared =
		(struct bpmn_declared){ .type = declarations[row].type, .line = xmlGetLineNo(xml) };
	err = xml_id(&declared->id, xml, "id");
	if (err)
		return err;
	snprintf(where, sizeof(where), "element %s: %s", declared->id, declarations[row].name);
	err = xml_attr_text(&declared->name, xml, declarations[row].name, where);
	for (const xmlNode *child = xml->children; child && !err; child = child->next) {
		if (!xml_is(child, BPMN_NS))
			continue;
		if (is_tag(child, "extensionElements"))
			err = parse_key(declared, child);
		else if (bpmn_element_of(child)->role != INERT)
			err = bpmn_refuse_element(child, declared->id);
	}
	return err;
}

static enum pl_err parse_timer_text(struct bpmn_node *node, const xmlNode *child,
				    enum bpmn_timer_kind kind)
{
	struct bpmn_timer *timer = &node->event.timer;
	char *text = NULL, where[WHERE_SIZE];
	enum pl_err err;

	if (timer->text.expr || timer->text.literal)
		return xml_refuse(child, "element %s: a timer has one duration, date or cycle",
				  node->id);
	timer->kind = kind;
	snprintf(where, sizeof(where), "element %s: %s", node->id, xml_tag(child));
	err = xml_content(&text, child);
	if (!err)
		err = xml_text(&timer->text, child, text, where);
	if (!err && timer->text.literal &&
	    !bpmn_timer_resolve(&timer->due, kind, text, strlen(text)))
		err = xml_refuse(child, "%s: \"%.100s\" is not %s", where, text,
				 bpmn_timer_wants(kind));
	free(text);
	return err;
}

static enum pl_err parse_definition_child(struct bpmn_node *node, const xmlNode *child)
{
	struct bpmn_event_part *event = &node->event;
	char where[WHERE_SIZE];

	for (size_t i = 0; event->type == BPMN_EV_TIMER && i < sizeof(timers) / sizeof(timers[0]);
	     i++)
		if (is_tag(child, timers[i].tag))
			return parse_timer_text(node, child, timers[i].kind);
	if (event->type == BPMN_EV_CONDITION && is_tag(child, "condition") && !event->condition) {
		snprintf(where, sizeof(where), "element %s: condition", node->id);
		return xml_content_expression(&event->condition, child, where);
	}
	if (is_tag(child, "extensionElements"))
		return bpmn_parse_extensions(node, child, node->id);
	return bpmn_element_of(child)->role == INERT ? PL_OK : bpmn_refuse_element(child, node->id);
}

/* An event without what it stands for could never happen. */
static enum pl_err check_definition(const struct bpmn_node *node, const xmlNode *xml)
{
	const struct bpmn_event_part *event = &node->event;

	if (event->type == BPMN_EV_TIMER && !event->timer.text.expr && !event->timer.text.literal)
		return xml_refuse(xml, "element %s: %s without timeDuration, timeDate or timeCycle",
				  node->id, xml_tag(xml));
	if (event->type == BPMN_EV_CONDITION && !event->condition)
		return xml_refuse(xml, "element %s: %s without condition", node->id, xml_tag(xml));
	return PL_OK;
}

static enum pl_err parse_definition(struct bpmn_node *node, const xmlNode *xml)
{
	struct bpmn_event_part *event = &node->event;
	bool waits = true;
	enum pl_err err = PL_OK;

	if (refs[event->type])
		err = xml_ref(&event->ref, xml, refs[event->type]);
	if (!err && event->type == BPMN_EV_LINK)
		err = xml_attr_text(&event->link, xml, "name", node->id);
	if (!err && event->type == BPMN_EV_COMPENSATION)
		err = xml_flag(&waits, xml, "waitForCompletion", true);
	if (!err && !waits)
		err = xml_refuse(xml, "element %s: waitForCompletion=\"false\" is not executable",
				 node->id);
	for (const xmlNode *child = xml->children; child && !err; child = child->next)
		if (xml_is(child, BPMN_NS))
			err = parse_definition_child(node, child);
	return err ? err : check_definition(node, xml);
}

enum pl_err bpmn_parse_event(bool *is_eventp, struct bpmn_node *node, const xmlNode *xml)
{
	enum bpmn_event type = BPMN_EV_MESSAGE;

	while (type < BPMN_EVENT_COUNT && !is_tag(xml, bpmn_event_tags[type]))
		type++;
	*is_eventp = type < BPMN_EVENT_COUNT;
	if (!*is_eventp)
		return PL_OK;
	if (!(bpmn_kind_rows[node->kind].events & (1U << type)))
		return xml_refuse(xml, "element %s: %s with %s is not executable", node->id,
				  node->tag, xml_tag(xml));
	if (node->event.type != BPMN_EV_PLAIN)
		return xml_refuse(xml,
				  "element %s: a second event definition, %s, is not executable",
				  node->id, xml_tag(xml));
	node->event.type = type;
	return parse_definition(node, xml);
}
