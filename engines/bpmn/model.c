/*
 * model.c — models: freed and looked into.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/model.h"

#include <stdlib.h>

#include "engines/feel/temporal.h"

const struct bpmn_kind_row bpmn_kind_rows[BPMN_KINDS] = {
#define BPMN_KIND(kind, enters, leaves, needs, may)                                                \
	[BPMN_##kind] = { enters, leaves, needs, (needs) | (may) },
#include "engines/bpmn/elements.h"
};

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

static void node_fini(struct bpmn_node *node)
{
	free(node->id);
	free(node->name);
	free(node->task_type);
	feel_free(node->script);
	free(node->result_variable);
	text_fini(&node->timer.text);
	mappings_fini(&node->inputs);
	mappings_fini(&node->outputs);
	free(node->default_id);
	json_decref(node->ranks);
	free(node->outgoing);
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
	free(model->nodes);
	free(model->flows);
	free(model->process_id);
	free(model->process_name);
	json_decref(model->places);
	free(model);
}

const char *bpmn_model_process_id(const struct bpmn_model *model)
{
	return model->process_id;
}

const char *bpmn_model_process_name(const struct bpmn_model *model)
{
	return model->process_name;
}

size_t bpmn_model_element_count(const struct bpmn_model *model)
{
	return model->nodes_len;
}

void bpmn_model_element(const struct bpmn_model *model, size_t i, struct bpmn_element_info *info)
{
	const struct bpmn_node *node = &model->nodes[i];

	*info = (struct bpmn_element_info){ node->id, node->name, node->tag, node->task_type,
					    node->retries };
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

bool bpmn_timer_resolve(int64_t *due_msp, bool is_date, const char *text, size_t len)
{
	struct feel_duration duration;
	struct feel_moment moment;
	int64_t due_ms;

	if (is_date)
		return feel_datetime_parse(&moment, text, len) &&
		       feel_moment_unix_ms(due_msp, &moment);
	if (!feel_duration_parse(&duration, text, len) || !feel_duration_ms(&due_ms, &duration))
		return false;
	*due_msp = due_ms > 0 ? due_ms : 0;
	return true;
}
