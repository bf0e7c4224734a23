/*
 * start.c — the ways to start a process.
 *
 * Source: BPMN 2.0.2 §13.2.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/bpmn/eval.h"

/* Behind an event-based gateway that instantiates each event starts the process. */
static bool is_behind_choice(const struct bpmn_model *model, const struct bpmn_node *node)
{
	for (unsigned i = 0; i < node->incoming_len; i++) {
		const struct bpmn_node *from =
			&model->nodes[model->flows[node->incoming[i]].source];

		if (from->kind == BPMN_CHOICE && from->starts_process)
			return true;
	}
	return false;
}

bool bpmn_starts_at(const struct bpmn_model *model, unsigned node)
{
	const struct bpmn_node *at = &model->nodes[node];

	if (at->scope != 0)
		return false;
	return at->kind == BPMN_START || (at->kind == BPMN_RECEIVE && at->starts_process) ||
	       is_behind_choice(model, at);
}

static enum pl_err evaluate(json_t **resultp, const struct feel_expr *expr, const json_t *variables,
			    int64_t now_ms)
{
	unsigned long steps = 0;

	return bpmn_evaluate(resultp, &(struct bpmn_evaluation){ .expr = expr,
								 .context = variables,
								 .now_ms = now_ms ? &now_ms : NULL,
								 .feel_steps = &steps });
}

static enum pl_err text_of(json_t **resultp, const struct bpmn_text *text, int64_t now_ms)
{
	if (text->expr)
		return evaluate(resultp, text->expr, NULL, now_ms);
	*resultp = json_string_nocheck(text->literal);
	return *resultp ? PL_OK : PL_NOMEM;
}

static enum pl_err fill_timer(struct bpmn_start *start, const struct bpmn_node *node,
			      int64_t now_ms)
{
	const struct bpmn_timer *timer = &node->event.timer;
	struct bpmn_due due = timer->due;
	json_t *value = NULL;
	bool is_due = true;
	enum pl_err err = PL_OK;

	if (timer->text.expr)
		err = evaluate(&value, timer->text.expr, NULL, now_ms);
	if (!err && value)
		is_due = json_is_string(value) &&
			 bpmn_timer_resolve(&due, timer->kind, json_string_value(value),
					    json_string_length(value));
	json_decref(value);
	if (err)
		return err;
	if (!is_due)
		return pl_fail(PL_INVALID, "element %s: the timer's value is no %s", node->id,
			       bpmn_timer_wants(timer->kind) + 3);
	start->is_date = due.is_date;
	start->due_ms = due.due_ms;
	start->period_ms = due.period_ms;
	start->repeats = due.repeats;
	return PL_OK;
}

static enum pl_err fill(struct bpmn_start *start, const struct bpmn_model *model, unsigned node,
			int64_t now_ms)
{
	const struct bpmn_node *at = &model->nodes[node];
	struct bpmn_element_info info;
	enum pl_err err;

	bpmn_model_element(model, node, &info);
	*start = (struct bpmn_start){ .element_id = at->id,
				      .event = at->kind == BPMN_RECEIVE ? "message" : info.event };
	if (at->event.type == BPMN_EV_TIMER)
		return fill_timer(start, at, now_ms);
	if (!at->event.name)
		return PL_OK;
	err = text_of(&start->name, at->event.name, now_ms);
	if (err || json_string_length(start->name))
		return err;
	bpmn_start_fini(start);
	return pl_fail(PL_INVALID, "element %s: its name is no text", at->id);
}

enum pl_err bpmn_model_start(struct bpmn_start *start, const struct bpmn_model *model, size_t i,
			     int64_t now_ms)
{
	for (unsigned node = 0; node < model->nodes_len; node++)
		if (bpmn_starts_at(model, node) && i-- == 0)
			return fill(start, model, node, now_ms);
	return PL_NOTFOUND;
}

void bpmn_start_fini(struct bpmn_start *start)
{
	json_decref(start->name);
	start->name = NULL;
}

enum pl_err bpmn_model_start_holds(bool *holdsp, const struct bpmn_model *model,
				   const char *element_id, const json_t *variables)
{
	int node = bpmn_model_place(model, element_id);
	json_t *value = NULL;
	enum pl_err err;

	if (node < 0 || !bpmn_starts_at(model, (unsigned)node) ||
	    !model->nodes[node].event.condition)
		return pl_fail(PL_NOTFOUND, "process %s has no condition to start at %s",
			       model->process_id, element_id);
	err = evaluate(&value, model->nodes[node].event.condition, variables, 0);
	*holdsp = json_is_true(value);
	json_decref(value);
	return err;
}
