/*
 * model.c — models: freed and looked into.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/model.h"

#include <stdlib.h>
#include <string.h>

const struct bpmn_kind_row bpmn_kind_rows[BPMN_KINDS] = {
#define BPMN_KIND(kind, enters, leaves, needs, may, events)                                        \
	[BPMN_##kind] = { BPMN_##enters, BPMN_##leaves, needs, may, events },
#include "engines/bpmn/elements.h"
};

const char *const bpmn_event_tags[BPMN_EVENT_COUNT] = {
#define BPMN_EVENT(name, tag) tag,
	BPMN_EVENTS
#undef BPMN_EVENT
};

static const char *const event_names[BPMN_EVENT_COUNT] = {
	"plain",      "message",      "timer",	   "signal", "condition", "error",
	"escalation", "compensation", "terminate", "link",   "cancel",
};

bool bpmn_grow(void **rowsp, size_t len, size_t *capp, size_t size)
{
	size_t cap = *capp ? *capp * 2 : 4;
	void *grown;

	if (len < *capp)
		return true;
	grown = realloc(*rowsp, cap * size);
	if (!grown)
		return false;
	*rowsp = grown;
	*capp = cap;
	return true;
}

static void text_fini(struct bpmn_text *text)
{
	feel_free(text->expr);
	free(text->literal);
}

static void mappings_fini(struct bpmn_mappings *mappings)
{
	for (size_t i = 0; i < mappings->len; i++) {
		text_fini(&mappings->rows[i].source);
		free(mappings->rows[i].target);
	}
	free(mappings->rows);
}

static void event_fini(struct bpmn_event_part *event)
{
	free(event->ref);
	text_fini(&event->link);
	text_fini(&event->timer.text);
	feel_free(event->condition);
}

static void loop_fini(struct bpmn_loop_part *loop)
{
	feel_free(loop->condition);
	feel_free(loop->cardinality);
	feel_free(loop->collection);
	feel_free(loop->output);
	free(loop->element);
	free(loop->output_collection);
	free(loop->output_name);
}

static void node_fini(struct bpmn_node *node)
{
	free(node->id);
	free(node->name);
	free(node->task_type);
	feel_free(node->script);
	script_free(node->lua);
	free(node->result_variable);
	event_fini(&node->event);
	loop_fini(&node->loop);
	text_fini(&node->call.id);
	free(node->call.binding);
	free(node->call.version_tag);
	mappings_fini(&node->inputs);
	mappings_fini(&node->outputs);
	for (size_t i = 0; i < node->properties_len; i++) {
		free(node->properties[i].name);
		text_fini(&node->properties[i].value);
	}
	free(node->properties);
	free(node->default_id);
	free(node->attached_id);
	json_decref(node->ranks);
	free(node->outgoing);
	free(node->incoming);
	free(node->boundaries);
	free(node->reach);
}

void bpmn_model_free(struct bpmn_model *model)
{
	if (!model)
		return;
	for (size_t i = 0; i < model->nodes_len; i++)
		node_fini(&model->nodes[i]);
	for (size_t i = 0; i < model->flows_len; i++) {
		free(model->flows[i].id);
		free(model->flows[i].source_id);
		free(model->flows[i].target_id);
		feel_free(model->flows[i].condition);
	}
	for (size_t i = 0; i < model->declared_len; i++) {
		free(model->declared[i].id);
		text_fini(&model->declared[i].name);
		text_fini(&model->declared[i].key);
	}
	for (size_t i = 0; i < model->associations_len; i++) {
		free(model->associations[i].source_id);
		free(model->associations[i].target_id);
	}
	free(model->nodes);
	free(model->flows);
	free(model->scopes);
	free(model->declared);
	free(model->associations);
	free(model->next_events);
	free(model->process_id);
	free(model->process_name);
	free(model->version_tag);
	json_decref(model->places);
	free(model);
}

void bpmn_models_free(struct bpmn_model **models, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bpmn_model_free(models[i]);
	free(models);
}

const char *bpmn_model_process_id(const struct bpmn_model *model)
{
	return model->process_id;
}

const char *bpmn_model_process_name(const struct bpmn_model *model)
{
	return model->process_name;
}

const char *bpmn_model_version_tag(const struct bpmn_model *model)
{
	return model->version_tag;
}

size_t bpmn_model_element_count(const struct bpmn_model *model)
{
	return model->nodes_len;
}

const char *bpmn_binding(const struct bpmn_node *node)
{
	if (node->call.binding)
		return node->call.binding;
	return node->call.id.literal || node->call.id.expr ? "latest" : NULL;
}

void bpmn_model_element(const struct bpmn_model *model, size_t i, struct bpmn_element_info *info)
{
	const struct bpmn_node *node = &model->nodes[i];
	int owner = model->scopes[node->scope].owner;

	*info = (struct bpmn_element_info){
		.id = node->id,
		.name = node->name,
		.tag = node->tag,
		.task_type = node->task_type,
		.retries = node->retries,
		.template_version = node->template_version,
		.event = bpmn_kind_rows[node->kind].events ? event_names[node->event.type] : NULL,
		.parent = owner < 0 ? NULL : model->nodes[owner].id,
		.called = node->call.id.literal,
		.binding = bpmn_binding(node),
		.version_tag = node->call.version_tag,
	};
}

bool bpmn_model_find(const struct bpmn_model *model, const char *id, struct bpmn_element_info *info)
{
	int place = bpmn_model_place(model, id);

	if (place >= 0)
		bpmn_model_element(model, (size_t)place, info);
	return place >= 0;
}

int bpmn_model_place(const struct bpmn_model *model, const char *id)
{
	const json_t *place = json_object_get(model->places, id);

	return place && json_integer_value(place) >= 0 ? (int)json_integer_value(place) : -1;
}

int bpmn_model_flow(const struct bpmn_model *model, const char *id)
{
	const json_t *place = json_object_get(model->places, id);

	return place && json_integer_value(place) < 0 ? (int)~json_integer_value(place) : -1;
}

bool bpmn_is_activity(const struct bpmn_node *node)
{
	return bpmn_kind_rows[node->kind].may & BPMN_PART_LOOP;
}
