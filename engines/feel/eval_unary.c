/*
 * eval_unary.c — `in`, and unary tests.
 *
 * Source: DMN 1.4 §10.3.2.7, table 55.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/run.h"

enum feel_ternary feel_in_list(struct feel_run *run, const struct feel_value *v,
			       const struct feel_value *list)
{
	for (size_t i = 0; i < feel_list_len(list); i++) {
		const struct feel_value *item =
			feel_run_value(run, feel_list_at(&run->arena, list, i));
		enum feel_ternary t;

		if (!item || !feel_run_step(run, 1))
			return FEEL_OVER;
		t = item->kind == FEEL_RANGE && v->kind != FEEL_RANGE ? feel_in_range(run, v, item)
								      : feel_equal(run, v, item);
		if (t == FEEL_YES || t == FEEL_OVER)
			return t;
	}
	return FEEL_NO;
}

/* What a test yields is a value to equal, a range or list to be in, or, where it says more than
 * `?`, the answer. */
const struct feel_value *feel_eval_test(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *v = run->frame[node->slot];
	const struct feel_value *right = feel_run_node(run, node->right);
	enum feel_ternary t;

	if (!right)
		return NULL;
	run->at = node;
	if (node->op != FEEL_T_IN)
		return feel_op(run, node->op, v, right);
	if (node->has_tested && node->right->kind != FEEL_N_LOCAL &&
	    (right->kind == FEEL_BOOLEAN || right->kind == FEEL_NULL))
		return right;
	if (right->kind == FEEL_RANGE && v->kind != FEEL_RANGE) {
		t = feel_in_range(run, v, right);
		return t == FEEL_UNKNOWN ? feel_null_because(run, "a %s can't be in this range",
							     feel_kind_text(v->kind))
					 : feel_of_ternary(t);
	}
	t = right->kind == FEEL_LIST ? feel_in_list(run, v, right) : FEEL_NO;
	if (t == FEEL_NO)
		t = feel_equal(run, v, right);
	if (t == FEEL_UNKNOWN && right->kind == FEEL_LIST)
		t = FEEL_NO;
	if (t == FEEL_UNKNOWN)
		return feel_null_because(run, "a %s and a %s can't be compared",
					 feel_kind_text(v->kind), feel_kind_text(right->kind));
	return feel_of_ternary(t);
}

/* One true test is enough; otherwise one that is null leaves it open. */
static const struct feel_value *pass_one(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *result = &feel_false;

	for (unsigned i = 0; i < node->len; i++) {
		const struct feel_value *one = feel_run_node(run, node->items[i]);

		if (!one || (one->kind == FEEL_BOOLEAN && one->truth))
			return one;
		if (one->kind != FEEL_BOOLEAN)
			result = &feel_null;
	}
	return result;
}

const struct feel_value *feel_eval_in(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *v = feel_run_node(run, node->left);

	if (!v)
		return NULL;
	run->frame[node->slot] = v;
	return pass_one(run, node);
}

const struct feel_value *feel_eval_tests(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *result = pass_one(run, node);

	if (!result || !node->is_negated || result->kind != FEEL_BOOLEAN)
		return result;
	return feel_boolean(!result->truth);
}
