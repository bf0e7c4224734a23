/*
 * link.c — joins the sequence flows to their nodes and checks a process as a whole.
 *
 * Source: BPMN 2.0.2 §10.5 (events), §10.6 (gateways), §13.2 (instantiation).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/model.h"

static enum pl_err find_node(unsigned *placep, const struct bpmn_model *model,
			     const struct bpmn_flow *flow, const char *id, const char *which)
{
	int place = bpmn_model_place(model, id);

	if (place < 0)
		return pl_fail(PL_INVALID, "line %ld: sequence flow %s: its %s %s is no flow node",
			       flow->line, flow->id, which, id);
	*placep = (unsigned)place;
	return PL_OK;
}

struct order {
	const struct bpmn_model *model;
	const json_t *ranks;
};

/* A flow's place among those that leave its source: by the node's own list, then by the file. */
static json_int_t rank(const struct order *order, unsigned place)
{
	const json_t *given = json_object_get(order->ranks, order->model->flows[place].id);

	return given ? json_integer_value(given) : (json_int_t)BPMN_FILE_MAX + place;
}

static int compare(const void *a, const void *b, void *arg)
{
	json_int_t x = rank(arg, *(const unsigned *)a), y = rank(arg, *(const unsigned *)b);

	return (x > y) - (x < y);
}

static void sort_outgoing(const struct bpmn_model *model, struct bpmn_node *node)
{
	struct order order = { model, node->ranks };

	if (node->outgoing_len > 1)
		qsort_r(node->outgoing, node->outgoing_len, sizeof(*node->outgoing), compare,
			&order);
}

static enum pl_err join_flows(struct bpmn_model *model)
{
	for (size_t i = 0; i < model->flows_len; i++) {
		struct bpmn_flow *flow = &model->flows[i];
		struct bpmn_node *source;
		enum pl_err err;
		unsigned *grown;

		err = find_node(&flow->source, model, flow, flow->source_id, "source");
		if (err)
			return err;
		err = find_node(&flow->target, model, flow, flow->target_id, "target");
		if (err)
			return err;
		source = &model->nodes[flow->source];
		grown = realloc(source->outgoing, (source->outgoing_len + 1) * sizeof(*grown));
		if (!grown)
			return PL_NOMEM;
		source->outgoing = grown;
		source->outgoing[source->outgoing_len++] = (unsigned)i;
		model->nodes[flow->target].incoming_len++;
	}
	return PL_OK;
}

static enum pl_err refuse(const struct bpmn_node *node, const char *reason)
{
	return pl_fail(PL_INVALID, "line %ld: element %s: %s %s", node->line, node->id, node->tag,
		       reason);
}

static enum pl_err check_default(const struct bpmn_model *model, struct bpmn_node *node)
{
	node->default_flow = -1;
	if (!node->default_id)
		return PL_OK;
	if (node->kind != BPMN_EXCLUSIVE)
		return refuse(node, "with a default flow is not executable yet");
	for (unsigned i = 0; i < node->outgoing_len; i++)
		if (strcmp(model->flows[node->outgoing[i]].id, node->default_id) == 0)
			node->default_flow = (int)node->outgoing[i];
	if (node->default_flow < 0)
		return refuse(node, "has a default that is not one of its outgoing flows");
	if (model->flows[node->default_flow].condition)
		return refuse(node, "has a condition on its default flow");
	return PL_OK;
}

static enum pl_err check_conditions(const struct bpmn_model *model, const struct bpmn_node *node)
{
	for (unsigned i = 0; i < node->outgoing_len; i++) {
		const struct bpmn_flow *flow = &model->flows[node->outgoing[i]];

		if (flow->condition && node->kind != BPMN_EXCLUSIVE)
			return pl_fail(PL_INVALID,
				       "line %ld: sequence flow %s: a condition on a flow out of a "
				       "%s is not executable yet",
				       flow->line, flow->id, node->tag);
		if (!flow->condition && node->kind == BPMN_EXCLUSIVE && node->outgoing_len > 1 &&
		    node->default_flow != (int)node->outgoing[i])
			return pl_fail(PL_INVALID,
				       "line %ld: sequence flow %s: has no condition and is not "
				       "the default of gateway %s",
				       flow->line, flow->id, node->id);
	}
	return PL_OK;
}

static enum pl_err check_node(struct bpmn_model *model, struct bpmn_node *node)
{
	const struct bpmn_kind_row *row = &bpmn_kind_rows[node->kind];
	enum pl_err err;

	if (!row->enters && node->incoming_len)
		return refuse(node, "has an incoming sequence flow");
	if (row->enters && !node->incoming_len)
		return refuse(node, "has no incoming sequence flow");
	if (!row->leaves && node->outgoing_len)
		return refuse(node, "has an outgoing sequence flow");
	if (row->leaves && !node->outgoing_len)
		return refuse(node, "has no outgoing sequence flow");
	sort_outgoing(model, node);
	err = check_default(model, node);
	return err ? err : check_conditions(model, node);
}

enum pl_err bpmn_model_link(struct bpmn_model *model)
{
	size_t starts = 0;
	enum pl_err err = join_flows(model);

	for (size_t i = 0; !err && i < model->nodes_len; i++) {
		struct bpmn_node *node = &model->nodes[i];

		if (node->kind == BPMN_START) {
			model->start = (unsigned)i;
			if (++starts > 1)
				return refuse(node, "is a second one, which is not executable yet");
		}
		err = check_node(model, node);
	}
	if (!err && !starts)
		return pl_fail(PL_INVALID, "process %s: there is no start event",
			       model->process_id);
	return err;
}
