/*
 * check.c — the rules that a process must keep to be executed, beyond what each element says.
 *
 * Source: BPMN 2.0.2 §10.3 (activities), §10.5 (events), §10.6 (gateways), §13.2 (instantiation).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/model.h"

#define EV(name) (1U << BPMN_EV_##name)

static const char user_task_type[] = "io.camunda.zeebe:userTask"; /* as Zeebe names it */

static enum pl_err refuse(const struct bpmn_node *node, const char *reason)
{
	return pl_fail(PL_INVALID, "line %ld: element %s: %s %s", node->line, node->id, node->tag,
		       reason);
}

/* What nothing leads to could never run. */
static bool starts_by_itself(const struct bpmn_node *node)
{
	return node->is_event_sub || node->is_handler || node->starts_process ||
	       (node->kind == BPMN_CATCH && node->event.type == BPMN_EV_LINK);
}

static enum pl_err check_flows(const struct bpmn_node *node)
{
	const struct bpmn_kind_row *row = &bpmn_kind_rows[node->kind];
	bool is_alone = starts_by_itself(node);
	bool is_sink = (node->kind == BPMN_THROW && node->event.type == BPMN_EV_LINK) ||
		       (node->kind == BPMN_BOUNDARY && node->event.type == BPMN_EV_COMPENSATION) ||
		       node->is_event_sub || node->is_handler;

	if ((row->enters == BPMN_NO || is_alone) && node->incoming_len)
		return refuse(node, "has an incoming sequence flow");
	if (row->enters != BPMN_NO && !is_alone && !node->incoming_len)
		return refuse(node, "has no incoming sequence flow");
	if ((row->leaves == BPMN_NO || is_sink) && node->outgoing_len)
		return refuse(node, "has an outgoing sequence flow");
	if (row->leaves == BPMN_MUST && !node->outgoing_len)
		return refuse(node, "has no outgoing sequence flow");
	return PL_OK;
}

static bool decides(const struct bpmn_node *node)
{
	return node->kind == BPMN_EXCLUSIVE || node->kind == BPMN_INCLUSIVE ||
	       bpmn_is_activity(node);
}

static enum pl_err check_conditions(const struct bpmn_model *model, const struct bpmn_node *node)
{
	bool is_gateway = !bpmn_is_activity(node);

	if (node->default_flow >= 0 && !decides(node))
		return refuse(node, "with a default flow is not executable");
	for (unsigned i = 0; i < node->outgoing_len; i++) {
		const struct bpmn_flow *flow = &model->flows[node->outgoing[i]];

		if (flow->condition && !decides(node))
			return pl_fail(PL_INVALID,
				       "line %ld: sequence flow %s: a condition on a flow out of a "
				       "%s is not executable",
				       flow->line, flow->id, node->tag);
		if (!flow->condition && is_gateway && decides(node) && node->outgoing_len > 1 &&
		    node->default_flow != (int)node->outgoing[i])
			return pl_fail(PL_INVALID,
				       "line %ld: sequence flow %s: has no condition and is not "
				       "the default of gateway %s",
				       flow->line, flow->id, node->id);
	}
	return PL_OK;
}

/* ---- events ---- */

static enum pl_err check_start(const struct bpmn_model *model, const struct bpmn_node *node)
{
	int owner = model->scopes[node->scope].owner;
	unsigned type = 1U << node->event.type;

	if (owner >= 0 && model->nodes[owner].is_event_sub) {
		if (type & EV(PLAIN))
			return refuse(node, "of an event sub-process needs an event definition");
		if (!node->is_interrupting && (type & EV(ERROR)))
			return refuse(node, "of an error is always interrupting");
		return PL_OK;
	}
	if (owner >= 0 && !(type & EV(PLAIN)))
		return refuse(node, "of a sub-process has no event definition");
	if (type & (EV(ERROR) | EV(ESCALATION) | EV(COMPENSATION)))
		return refuse(node, "with such an event stands in an event sub-process");
	return PL_OK;
}

static enum pl_err check_boundary(const struct bpmn_model *model, const struct bpmn_node *node)
{
	const struct bpmn_node *to = &model->nodes[node->attached_to];
	unsigned type = 1U << node->event.type;

	if (type & EV(PLAIN))
		return refuse(node, "without an event definition is not executable");
	if (to->is_event_sub || to->is_handler)
		return refuse(node, "can't be attached to an event sub-process or a handler");
	if ((type & EV(CANCEL)) && !to->is_transaction)
		return refuse(node, "of a cancellation is attached to a transaction");
	if ((type & EV(COMPENSATION)) && node->target < 0)
		return refuse(node, "of compensation has no association to its handler");
	if (!node->is_interrupting && (type & (EV(ERROR) | EV(CANCEL))))
		return refuse(node, "of an error or cancellation is always interrupting");
	if (!(type & EV(COMPENSATION)) && !node->outgoing_len)
		return refuse(node, "has no outgoing sequence flow");
	return PL_OK;
}

static bool has_cancel(const struct bpmn_model *model, const struct bpmn_node *transaction)
{
	for (unsigned i = 0; i < transaction->boundaries_len; i++)
		if (model->nodes[transaction->boundaries[i]].event.type == BPMN_EV_CANCEL)
			return true;
	return false;
}

static enum pl_err check_cancel(const struct bpmn_model *model, const struct bpmn_node *node)
{
	int owner = model->scopes[node->scope].owner;

	if (node->kind != BPMN_END || node->event.type != BPMN_EV_CANCEL)
		return PL_OK;
	if (owner < 0 || !model->nodes[owner].is_transaction)
		return refuse(node, "of a cancellation stands in a transaction");
	if (!has_cancel(model, &model->nodes[owner]))
		return refuse(node, "cancels a transaction that has no cancel boundary event");
	return PL_OK;
}

/* Whether an event's name or code must be there: to be waited for or thrown; errors and escalations
 * are caught without, too. */
static bool needs_name(const struct bpmn_node *node)
{
	bool throws = node->kind == BPMN_THROW || node->kind == BPMN_END || node->kind == BPMN_SEND;

	switch (node->event.type) {
	case BPMN_EV_MESSAGE:
		return !(throws && node->task_type);
	case BPMN_EV_SIGNAL:
	case BPMN_EV_LINK:
		return true;
	case BPMN_EV_ERROR:
	case BPMN_EV_ESCALATION:
		return throws;
	default:
		return false;
	}
}

static enum pl_err check_event(const struct bpmn_model *model, const struct bpmn_node *node)
{
	const struct bpmn_event_part *event = &node->event;
	bool raises = event->type == BPMN_EV_ERROR || event->type == BPMN_EV_ESCALATION;

	if (node->kind == BPMN_CATCH && event->type == BPMN_EV_PLAIN)
		return refuse(node,
			      "without timerEventDefinition or another one is not executable");
	if (needs_name(node) && !event->name)
		return pl_fail(
			PL_INVALID, "line %ld: element %s: %s needs %s with a name or code%s",
			node->line, node->id, node->tag,
			event->type == BPMN_EV_LINK ? "a link" : "a reference to one declared",
			node->kind == BPMN_SEND || node->event.type == BPMN_EV_MESSAGE
				? ", or zeebe:taskDefinition where it throws"
				: "");
	if (raises && event->name && event->name->expr &&
	    (node->kind == BPMN_BOUNDARY || node->kind == BPMN_START))
		return refuse(node, "catches a code, not an expression");
	if (event->type == BPMN_EV_TIMER && event->timer.kind == BPMN_CYCLE &&
	    (node->kind == BPMN_CATCH || (node->kind == BPMN_BOUNDARY && node->is_interrupting)))
		return refuse(node,
			      "with timeCycle happens only once: use timeDuration or timeDate");
	if (node->task_type && bpmn_kind_rows[node->kind].events && event->type != BPMN_EV_MESSAGE)
		return refuse(node, "with zeebe:taskDefinition throws a message");
	if (node->kind == BPMN_START)
		return check_start(model, node);
	if (node->kind == BPMN_BOUNDARY)
		return check_boundary(model, node);
	return check_cancel(model, node);
}

/* ---- activities and gateways ---- */

static enum pl_err check_sub(const struct bpmn_model *model, const struct bpmn_node *node)
{
	if (node->kind != BPMN_SUB)
		return PL_OK;
	if (model->scopes[node->inner].start < 0)
		return refuse(node, "has no start event");
	if (!node->is_event_sub)
		return PL_OK;
	if (node->parts || node->loop.kind != BPMN_LOOP_NONE || node->is_transaction)
		return refuse(node, "that an event triggers has no mapping and no loop, and is no "
				    "transaction");
	return PL_OK;
}

static enum pl_err check_choice(const struct bpmn_model *model, const struct bpmn_node *node)
{
	if (node->kind != BPMN_CHOICE)
		return PL_OK;
	if (!node->starts_process && !node->incoming_len)
		return refuse(node, "has no incoming sequence flow");
	for (unsigned i = 0; i < node->outgoing_len; i++) {
		const struct bpmn_node *to = &model->nodes[model->flows[node->outgoing[i]].target];

		if (!(to->kind == BPMN_CATCH && to->event.type != BPMN_EV_LINK) &&
		    !(to->kind == BPMN_RECEIVE && !to->boundaries_len && !to->inputs.len &&
		      to->loop.kind == BPMN_LOOP_NONE))
			return refuse(to, "behind an event-based gateway is an event to be caught, "
					  "or a receive task without boundary events, inputs and "
					  "loop");
		if (to->incoming_len != 1)
			return refuse(to, "behind an event-based gateway has other incoming flows");
	}
	return PL_OK;
}

static enum pl_err check_instantiation(const struct bpmn_model *model, const struct bpmn_node *node)
{
	if (node->starts_process && (node->scope != 0 || node->incoming_len))
		return refuse(node, "with instantiate stands at the beginning of the process");
	if (node->starts_process && (node->loop.kind != BPMN_LOOP_NONE || node->boundaries_len))
		return refuse(node, "with instantiate has no loop and no boundary events");
	return PL_OK;
}

static enum pl_err check_node(const struct bpmn_model *model, struct bpmn_node *node)
{
	enum pl_err err = PL_OK;

	if (node->kind == BPMN_USER && !node->task_type &&
	    !(node->task_type = strdup(user_task_type)))
		return PL_NOMEM;
	if ((node->script || node->lua) && node->task_type)
		return refuse(node, "has both zeebe:script and zeebe:taskDefinition");
	if (node->kind == BPMN_RULE && (node->parts & BPMN_PART_DECISION) && node->task_type)
		return refuse(node, "has both zeebe:calledDecision and zeebe:taskDefinition");
	if (node->is_handler && !bpmn_is_activity(node))
		return refuse(node, "with isForCompensation is not executable");
	if (node->loop.kind != BPMN_LOOP_NONE && node->is_handler && node->boundaries_len)
		return refuse(node, "for compensation has boundary events");
	err = check_event(model, node);
	if (!err)
		err = check_flows(node);
	if (!err)
		err = check_conditions(model, node);
	if (!err)
		err = check_sub(model, node);
	if (!err)
		err = check_choice(model, node);
	if (!err)
		err = check_instantiation(model, node);
	node->needs_frame = bpmn_is_activity(node) &&
			    (node->kind == BPMN_SUB || node->boundaries_len || node->inputs.len ||
			     node->is_handler || node->compensator >= 0);
	return err;
}

static bool starts(const struct bpmn_model *model, const struct bpmn_node *node)
{
	return node->scope == 0 && ((node->kind == BPMN_START) || node->starts_process);
}

/* What nothing would ever start. */
static enum pl_err check_handlers(const struct bpmn_model *model)
{
	bool *is_used = calloc(model->nodes_len, sizeof(*is_used));
	enum pl_err err = PL_OK;

	if (!is_used)
		return PL_NOMEM;
	for (size_t i = 0; i < model->nodes_len; i++)
		if (model->nodes[i].compensator >= 0)
			is_used[model->nodes[i].compensator] = true;
	for (size_t i = 0; !err && i < model->nodes_len; i++)
		if (model->nodes[i].is_handler && !is_used[i])
			err = refuse(&model->nodes[i],
				     "for compensation is no compensation event's handler");
	free(is_used);
	return err;
}

enum pl_err bpmn_model_check(struct bpmn_model *model)
{
	bool has_start = false;
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < model->nodes_len; i++) {
		err = check_node(model, &model->nodes[i]);
		has_start |= starts(model, &model->nodes[i]);
	}
	if (!err && !has_start)
		return pl_fail(PL_INVALID, "process %s: there is no start event",
			       model->process_id);
	return err ? err : check_handlers(model);
}
