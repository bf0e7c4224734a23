/*
 * link.c — joins what refers to each other: sequence flows, boundary events and their activities,
 * event definitions and what they name, links, compensation handlers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/model.h"

static enum pl_err refuse(const struct bpmn_node *node, const char *reason)
{
	return pl_fail(PL_INVALID, "line %ld: element %s: %s %s", node->line, node->id, node->tag,
		       reason);
}

static bool push(unsigned **listp, unsigned *lenp, unsigned place)
{
	unsigned *grown = realloc(*listp, (*lenp + 1) * sizeof(*grown));

	if (!grown)
		return false;
	*listp = grown;
	grown[(*lenp)++] = place;
	return true;
}

/* ---- sequence flows ---- */

static enum pl_err find_node(unsigned *placep, const struct bpmn_model *model,
			     const struct bpmn_flow *flow, const char *id, const char *which)
{
	int place = bpmn_model_place(model, id);

	if (place < 0)
		return pl_fail(PL_INVALID, "line %ld: sequence flow %s: its %s %s is no flow node",
			       flow->line, flow->id, which, id);
	if (model->nodes[place].scope != flow->scope)
		return pl_fail(PL_INVALID,
			       "line %ld: sequence flow %s: its %s %s is in another sub-process",
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
		struct bpmn_node *source, *target;
		enum pl_err err;

		err = find_node(&flow->source, model, flow, flow->source_id, "source");
		if (!err)
			err = find_node(&flow->target, model, flow, flow->target_id, "target");
		if (err)
			return err;
		source = &model->nodes[flow->source];
		target = &model->nodes[flow->target];
		if (!push(&source->outgoing, &source->outgoing_len, (unsigned)i) ||
		    !push(&target->incoming, &target->incoming_len, (unsigned)i))
			return PL_NOMEM;
		source->has_conditions |= flow->condition != NULL;
	}
	for (size_t i = 0; i < model->nodes_len; i++)
		sort_outgoing(model, &model->nodes[i]);
	return PL_OK;
}

/* ---- events ---- */

static enum pl_err attach(struct bpmn_model *model, unsigned place)
{
	struct bpmn_node *node = &model->nodes[place];
	int to = node->attached_id ? bpmn_model_place(model, node->attached_id) : -1;

	if (node->kind != BPMN_BOUNDARY)
		return PL_OK;
	if (to < 0 || !bpmn_is_activity(&model->nodes[to]) || model->nodes[to].scope != node->scope)
		return refuse(node, "is not attached to an activity beside it");
	node->attached_to = to;
	if (!push(&model->nodes[to].boundaries, &model->nodes[to].boundaries_len, place))
		return PL_NOMEM;
	return PL_OK;
}

static const struct bpmn_declared *find_declared(const struct bpmn_model *model,
						 enum bpmn_event type, const char *id)
{
	for (size_t i = 0; i < model->declared_len; i++)
		if (model->declared[i].type == type && strcmp(model->declared[i].id, id) == 0)
			return &model->declared[i];
	return NULL;
}

static enum pl_err name_event(const struct bpmn_model *model, struct bpmn_node *node)
{
	struct bpmn_event_part *event = &node->event;
	const struct bpmn_declared *declared;

	if (event->type == BPMN_EV_LINK)
		event->name = &event->link;
	if (!event->ref || event->type == BPMN_EV_COMPENSATION)
		return PL_OK;
	declared = find_declared(model, event->type, event->ref);
	if (!declared)
		return pl_fail(PL_INVALID, "line %ld: element %s: %s %s is not in the file",
			       node->line, node->id, bpmn_event_tags[event->type], event->ref);
	if (declared->name.expr || declared->name.literal)
		event->name = &declared->name;
	if (declared->key.expr || declared->key.literal)
		event->key = &declared->key;
	return PL_OK;
}

static enum pl_err join_link(struct bpmn_model *model, struct bpmn_node *node)
{
	if (node->kind != BPMN_THROW || node->event.type != BPMN_EV_LINK)
		return PL_OK;
	for (size_t i = 0; node->event.link.literal && i < model->nodes_len; i++) {
		const struct bpmn_node *other = &model->nodes[i];

		if (other->kind != BPMN_CATCH || other->event.type != BPMN_EV_LINK ||
		    other->scope != node->scope || !other->event.link.literal ||
		    strcmp(other->event.link.literal, node->event.link.literal) != 0)
			continue;
		if (node->target >= 0)
			return refuse(other, "is a second target of a link of that name");
		node->target = (int)i;
	}
	return node->target < 0 ? refuse(node, "has no link to catch it in the same scope") : PL_OK;
}

/* ---- compensation ---- */

static enum pl_err join_handler(struct bpmn_model *model,
				const struct bpmn_association *association)
{
	int from = association->source_id ? bpmn_model_place(model, association->source_id) : -1;
	int to = association->target_id ? bpmn_model_place(model, association->target_id) : -1;
	struct bpmn_node *boundary;

	if (from < 0 || to < 0 || model->nodes[from].kind != BPMN_BOUNDARY ||
	    model->nodes[from].event.type != BPMN_EV_COMPENSATION)
		return PL_OK; /* of an annotation, or of data */
	boundary = &model->nodes[from];
	if (!model->nodes[to].is_handler || model->nodes[to].scope != boundary->scope)
		return refuse(boundary, "is not associated to an activity with isForCompensation "
					"in the same scope");
	if (boundary->target >= 0)
		return refuse(boundary, "has a second handler");
	boundary->target = to;
	if (model->nodes[boundary->attached_to].compensator >= 0)
		return refuse(boundary, "is a second one for its activity");
	model->nodes[boundary->attached_to].compensator = to;
	return PL_OK;
}

static enum pl_err join_compensated(struct bpmn_model *model, struct bpmn_node *node)
{
	if (node->event.type != BPMN_EV_COMPENSATION || !node->event.ref ||
	    node->kind == BPMN_BOUNDARY)
		return PL_OK;
	node->target = bpmn_model_place(model, node->event.ref);
	if (node->target < 0 || !bpmn_is_activity(&model->nodes[node->target]))
		return refuse(node, "has an activityRef that is no activity of the process");
	return PL_OK;
}

/* ---- scopes ---- */

static enum pl_err enlist_start(struct bpmn_model *model, unsigned place)
{
	struct bpmn_node *node = &model->nodes[place];
	struct bpmn_scope *scope = &model->scopes[node->scope];
	const struct bpmn_node *owner = scope->owner < 0 ? NULL : &model->nodes[scope->owner];
	struct bpmn_scope *outer;

	if (node->kind != BPMN_START)
		return PL_OK;
	if (!owner && node->event.type != BPMN_EV_PLAIN)
		return PL_OK;
	if (scope->start >= 0) /* found from the end of the file */
		return refuse(&model->nodes[scope->start], "is a second one in its scope");
	scope->start = (int)place;
	if (!owner || !owner->is_event_sub)
		return PL_OK;
	outer = &model->scopes[owner->scope];
	if (node->event.type == BPMN_EV_COMPENSATION) {
		if (outer->compensator >= 0)
			return refuse(owner, "is a second one for compensation");
		outer->compensator = scope->owner;
		return PL_OK;
	}
	model->next_events[place] = outer->events;
	outer->events = (int)place;
	return PL_OK;
}

static enum pl_err find_default(const struct bpmn_model *model, struct bpmn_node *node)
{
	if (!node->default_id)
		return PL_OK;
	for (unsigned i = 0; i < node->outgoing_len; i++)
		if (strcmp(model->flows[node->outgoing[i]].id, node->default_id) == 0)
			node->default_flow = (int)node->outgoing[i];
	if (node->default_flow < 0)
		return refuse(node, "has a default that is not one of its outgoing flows");
	if (model->flows[node->default_flow].condition)
		return refuse(node, "has a condition on its default flow");
	return PL_OK;
}

enum pl_err bpmn_model_link(struct bpmn_model *model)
{
	enum pl_err err = join_flows(model);

	if (!err && model->nodes_len) {
		model->next_events = calloc(model->nodes_len, sizeof(*model->next_events));
		if (!model->next_events)
			return PL_NOMEM;
	}
	for (size_t i = 0; !err && i < model->nodes_len; i++) {
		struct bpmn_node *node = &model->nodes[i];

		err = find_default(model, node);
		if (!err)
			err = attach(model, (unsigned)i);
		if (!err)
			err = name_event(model, node);
		if (!err)
			err = join_link(model, node);
		if (!err)
			err = join_compensated(model, node);
	}
	/* backwards, so that the events of a scope are in the order of the file */
	for (size_t i = model->nodes_len; !err && i-- > 0;)
		err = enlist_start(model, (unsigned)i);
	for (size_t i = 0; !err && i < model->associations_len; i++)
		err = join_handler(model, &model->associations[i]);
	return err;
}
