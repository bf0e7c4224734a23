/*
 * eval.c — evaluates the small nodes: literals, names, paths, logic, if, lists, contexts, ranges.
 *
 * Source: DMN 1.4 §10.3.2.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/feel/builtins.h"
#include "engines/feel/run.h"

static bool is_true(const struct feel_value *v)
{
	return v->kind == FEEL_BOOLEAN && v->truth;
}

static bool is_false(const struct feel_value *v)
{
	return v->kind == FEEL_BOOLEAN && !v->truth;
}

const struct feel_value *feel_eval_literal(struct feel_run *run, const struct feel_node *node)
{
	return node->value;
}

const struct feel_value *feel_eval_slot(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *v = run->slots ? run->slots[node->slot] : NULL;

	return v ? v : &feel_null;
}

const struct feel_value *feel_eval_local(struct feel_run *run, const struct feel_node *node)
{
	return run->frame[node->slot];
}

const struct feel_value *feel_eval_refused(struct feel_run *run, const struct feel_node *node)
{
	run->at = node;
	return feel_null_because(run, "%.*s", (int)node->name.len, node->name.bytes);
}

/* Sets *vp to the member of a context, or NULL; false when the run is over. */
static bool member(const struct feel_value **vp, struct feel_run *run,
		   const struct feel_value *context, struct feel_text name)
{
	if (!feel_run_step(run, context->json ? 1 : 1 + context->context.len / 16))
		return false;
	if (feel_context_get(vp, &run->arena, context, name))
		return true;
	feel_run_over(run);
	return false;
}

const struct feel_value *feel_eval_name(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_builtin *builtin;
	const struct feel_value *v = NULL;

	for (unsigned i = 0; i < node->len; i++) {
		const struct feel_value *item = run->frame[node->slots[i]];

		if (item->kind != FEEL_CONTEXT)
			continue;
		if (!member(&v, run, item, node->name))
			return NULL;
		if (v)
			return v;
	}
	if (node->left)
		return feel_run_node(run, node->left);
	if (run->root && !member(&v, run, run->root, node->name))
		return NULL;
	if (v)
		return v;
	builtin = feel_builtin_find(node->name);
	if (builtin)
		return feel_builtin_value(run, builtin);
	run->at = node;
	return feel_null_because(run, "there is no variable %.*s", (int)node->name.len,
				 node->name.bytes);
}

const struct feel_value *feel_eval_path(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *left = feel_run_node(run, node->left);

	if (!left)
		return NULL;
	run->at = node;
	return feel_path(run, left, node->name);
}

const struct feel_value *feel_eval_negate(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *v = feel_run_node(run, node->left);

	if (!v)
		return NULL;
	run->at = node;
	if (v->kind == FEEL_NUMBER)
		return feel_run_value(run, feel_number(&run->arena, feel_decimal_neg(v->number)));
	if (v->kind == FEEL_DAYS_TIME || v->kind == FEEL_YEARS_MONTHS)
		return feel_op_temporal(run, FEEL_T_TIMES, v,
					feel_run_value(run, feel_number_of_int(&run->arena, -1)));
	return feel_null_because(run, "- of a %s", feel_kind_text(v->kind));
}

const struct feel_value *feel_eval_arithmetic(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *left = feel_run_node(run, node->left);
	const struct feel_value *right = left ? feel_run_node(run, node->right) : NULL;

	if (!right)
		return NULL;
	run->at = node;
	return feel_op(run, node->op, left, right);
}

/* Numbers and strings are compared here at once; the rest as ever. */
const struct feel_value *feel_eval_compare(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *left = feel_run_node(run, node->left);
	const struct feel_value *right = left ? feel_run_node(run, node->right) : NULL;
	int order;

	if (!right)
		return NULL;
	if (left->kind == FEEL_NUMBER && right->kind == FEEL_NUMBER) {
		order = feel_decimal_compare(left->number, right->number);
	} else if (left->kind == FEEL_STRING && right->kind == FEEL_STRING &&
		   left->string.len < 64 && right->string.len < 64) {
		order = feel_text_compare(left->string, right->string);
	} else {
		run->at = node;
		return feel_op(run, node->op, left, right);
	}
	switch (node->op) {
	case FEEL_T_EQ:
		return feel_boolean(order == 0);
	case FEEL_T_NE:
		return feel_boolean(order != 0);
	case FEEL_T_LT:
		return feel_boolean(order < 0);
	case FEEL_T_LE:
		return feel_boolean(order <= 0);
	case FEEL_T_GT:
		return feel_boolean(order > 0);
	default:
		return feel_boolean(order >= 0);
	}
}

const struct feel_value *feel_eval_chain(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *v = feel_run_node(run, node->items[0]);

	for (unsigned i = 1; v && i < node->len; i++) {
		const struct feel_value *right = feel_run_node(run, node->items[i]);

		if (!right)
			return NULL;
		run->at = node;
		v = feel_op(run, node->ops[i], v, right);
	}
	return v;
}

/* Three-valued: what is no boolean counts as unknown (§10.3.2.11, table 50). */
static const struct feel_value *logic(struct feel_run *run, const struct feel_node *node,
				      bool decisive)
{
	const struct feel_value *result = feel_boolean(!decisive);

	for (unsigned i = 0; i < node->len; i++) {
		const struct feel_value *v = feel_run_node(run, node->items[i]);

		if (!v || (decisive ? is_true(v) : is_false(v)))
			return v;
		if (v->kind == FEEL_BOOLEAN)
			continue;
		run->at = node;
		result = v->kind == FEEL_NULL ? v
					      : feel_null_because(run, "a %s is no boolean",
								  feel_kind_text(v->kind));
	}
	return result;
}

const struct feel_value *feel_eval_and(struct feel_run *run, const struct feel_node *node)
{
	return logic(run, node, false);
}

const struct feel_value *feel_eval_or(struct feel_run *run, const struct feel_node *node)
{
	return logic(run, node, true);
}

const struct feel_value *feel_eval_between(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *v = feel_run_node(run, node->left);
	const struct feel_value *low = v ? feel_run_node(run, node->items[0]) : NULL;
	const struct feel_value *high = low ? feel_run_node(run, node->items[1]) : NULL;
	int above, below;

	if (!high)
		return NULL;
	run->at = node;
	if (!feel_run_order(run, &above, v, low) || !feel_run_order(run, &below, v, high))
		return feel_null_because(run, "a %s can't be between a %s and a %s",
					 feel_kind_text(v->kind), feel_kind_text(low->kind),
					 feel_kind_text(high->kind));
	return feel_boolean(above >= 0 && below <= 0);
}

const struct feel_value *feel_eval_instance(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *v = feel_run_node(run, node->left);
	bool has_type = v && feel_has_type(run, v, node->type);

	return v && !run->err ? feel_boolean(has_type) : NULL;
}

const struct feel_value *feel_eval_if(struct feel_run *run, const struct feel_node *node)
{
	unsigned i = 0;

	for (; i + 1 < node->len; i += 2) {
		const struct feel_value *condition = feel_run_node(run, node->items[i]);

		if (!condition)
			return NULL;
		if (is_true(condition))
			return feel_run_node(run, node->items[i + 1]);
		run->at = node;
		if (condition->kind != FEEL_BOOLEAN && condition->kind != FEEL_NULL &&
		    !feel_null_because(run, "the condition is a %s, no boolean",
				       feel_kind_text(condition->kind)))
			return NULL;
	}
	return feel_run_node(run, node->items[i]);
}

const struct feel_value *feel_eval_list(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value **items;

	if (!feel_run_alloc_items(run, &items, node->len))
		return NULL;
	for (unsigned i = 0; i < node->len; i++) {
		items[i] = feel_run_node(run, node->items[i]);
		if (!items[i])
			return NULL;
	}
	return feel_run_value(run, feel_list(&run->arena, items, node->len));
}

const struct feel_value *feel_eval_context(struct feel_run *run, const struct feel_node *node)
{
	struct feel_entry *entries =
		feel_arena_alloc(&run->arena, (node->len + 1) * sizeof(*entries));

	if (!entries)
		return feel_run_over(run);
	for (unsigned i = 0; i < node->len; i++) {
		entries[i].key = node->names[i];
		entries[i].value = feel_run_node(run, node->items[i]);
		if (!entries[i].value)
			return NULL;
		run->frame[node->slots[i]] = entries[i].value;
	}
	return feel_run_value(run, feel_context(&run->arena, entries, node->len));
}

/* low, high: NULL for an end that there isn't; of those that there are one may be null. */
static const struct feel_value *range_of(struct feel_run *run, const struct feel_node *node,
					 const struct feel_value *low,
					 const struct feel_value *high)
{
	bool has_low = low && low->kind != FEEL_NULL, has_high = high && high->kind != FEEL_NULL;
	int order;

	run->at = node;
	if (!has_low && !has_high)
		return feel_null_because(run, "a range without ends");
	if ((has_low && !feel_run_order(run, &order, low, low)) ||
	    (has_high && !feel_run_order(run, &order, high, high)) ||
	    (has_low && has_high && !feel_run_order(run, &order, low, high)))
		return feel_null_because(run, "a range from a %s to a %s",
					 feel_kind_text(low ? low->kind : FEEL_NULL),
					 feel_kind_text(high ? high->kind : FEEL_NULL));
	return feel_run_value(run, feel_range(&run->arena, low, node->low_open || !has_low, high,
					      node->high_open || !has_high));
}

const struct feel_value *feel_eval_range(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *low = feel_run_node(run, node->left);
	const struct feel_value *high = low ? feel_run_node(run, node->right) : NULL;

	return high ? range_of(run, node, low, high) : NULL;
}

static const struct feel_value *range_of_one(struct feel_run *run, const struct feel_node *node,
					     enum feel_range_form form,
					     const struct feel_value *end)
{
	const struct feel_value *whole = range_of(run, node, end, end);

	if (!whole || whole->kind == FEEL_NULL)
		return whole;
	return feel_run_value(run, feel_range_of_one(&run->arena, form, end));
}

/* `< 5` has no start, `= 5` starts and ends at 5 (DMN 1.5 §10.3.2.7). */
const struct feel_value *feel_eval_unary_range(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *end = feel_run_node(run, node->right);
	struct feel_node shape = { .at = node->at };

	if (!end)
		return NULL;
	shape.low_open = node->op == FEEL_T_GT;
	shape.high_open = node->op == FEEL_T_LT;
	switch (node->op) {
	case FEEL_T_LT:
	case FEEL_T_LE:
		end = range_of(run, &shape, NULL, end);
		break;
	case FEEL_T_GT:
	case FEEL_T_GE:
		end = range_of(run, &shape, end, NULL);
		break;
	default:
		end = range_of_one(run, &shape,
				   node->op == FEEL_T_EQ ? FEEL_RANGE_EQUAL : FEEL_RANGE_UNEQUAL,
				   end);
		break;
	}
	run->at = node;
	return end;
}

/* Only an iteration takes a span, and does so itself. */
const struct feel_value *feel_eval_span(struct feel_run *run, const struct feel_node *node)
{
	return feel_eval_range(run, node);
}
