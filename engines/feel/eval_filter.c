/*
 * eval_filter.c — filters: a number takes the item of that place, anything else is asked of each
 * item.
 *
 * Source: DMN 1.4 §10.3.2.5.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/run.h"

static const struct feel_value *by_index(struct feel_run *run, const struct feel_value *list,
					 const struct feel_value *index)
{
	size_t len = feel_list_len(list);
	int64_t i;

	if (!feel_decimal_to_int(&i, index->number))
		return feel_null_because(run, "an index must be a whole number");
	if (i < 0)
		i += (int64_t)len + 1;
	if (i < 1 || (uint64_t)i > len)
		return feel_null_because(run, "there is no such item: the list has %zu", len);
	return feel_run_value(run, feel_list_at(&run->arena, list, (size_t)i - 1));
}

/* A single value is a list of one, null an empty one. */
static const struct feel_value *as_list(struct feel_run *run, const struct feel_value *v)
{
	const struct feel_value **items;

	if (v->kind == FEEL_LIST)
		return v;
	if (!feel_run_alloc_items(run, &items, 1))
		return NULL;
	items[0] = v;
	return feel_run_value(run, feel_list(&run->arena, items, v->kind == FEEL_NULL ? 0 : 1));
}

static const struct feel_value *by_condition(struct feel_run *run, const struct feel_node *node,
					     const struct feel_value *list)
{
	size_t list_len = feel_list_len(list), len = 0;
	const struct feel_value **items;

	if (!feel_run_alloc_items(run, &items, list_len))
		return NULL;
	for (size_t i = 0; i < list_len; i++) {
		const struct feel_value *item =
			feel_run_value(run, feel_list_at(&run->arena, list, i));
		const struct feel_value *match;

		if (!item)
			return NULL;
		run->frame[node->slot] = item;
		match = feel_run_node(run, node->right);
		if (!match)
			return NULL;
		run->at = node;
		if (match->kind == FEEL_NUMBER && i == 0)
			return by_index(run, list, match);
		if (match->kind == FEEL_BOOLEAN && match->truth)
			items[len++] = item;
		else if (match->kind != FEEL_BOOLEAN && match->kind != FEEL_NULL)
			return feel_null_because(run,
						 "a filter must be a boolean or a number, "
						 "not a %s",
						 feel_kind_text(match->kind));
	}
	return feel_run_value(run, feel_list(&run->arena, items, len));
}

const struct feel_value *feel_eval_filter(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *v = feel_run_node(run, node->left);
	const struct feel_value *list = v ? as_list(run, v) : NULL;

	if (!list)
		return NULL;
	run->at = node;
	if (node->is_absolute)
		return by_index(run, list, node->right->value);
	return by_condition(run, node, list);
}
