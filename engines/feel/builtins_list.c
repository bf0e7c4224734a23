/*
 * builtins_list.c — built-ins of lists and contexts. Where one list is asked for, the items may
 * also be given as arguments.
 *
 * Source: DMN 1.4 tables 76 and 80.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/builtins.h"

#include <string.h>

/* The items of args: of the one list, or the arguments themselves. NULL when the run is over. */
static const struct feel_value **items_of(struct feel_run *run, const struct feel_value **args,
					  size_t *lenp)
{
	const struct feel_value **items;
	size_t len;

	if (*lenp != 1 || args[0]->kind != FEEL_LIST)
		return args;
	len = feel_list_len(args[0]);
	if (!feel_run_alloc_items(run, &items, len))
		return NULL;
	for (size_t i = 0; i < len; i++) {
		items[i] = feel_list_at(&run->arena, args[0], i);
		if (!items[i])
			return NULL;
	}
	*lenp = len;
	return items;
}

const struct feel_value *feel_builtin_count(struct feel_run *run, const struct feel_value **args,
					    size_t len)
{
	if (args[0]->kind != FEEL_LIST)
		return args[0]->kind == FEEL_NULL ? &feel_null : feel_number_of_int(&run->arena, 1);
	return feel_number_of_int(&run->arena, (int64_t)feel_list_len(args[0]));
}

const struct feel_value *feel_builtin_sum(struct feel_run *run, const struct feel_value **args,
					  size_t len)
{
	const struct feel_value **items = items_of(run, args, &len), *sum;

	if (!items)
		return NULL;
	sum = len ? items[0] : &feel_null;
	for (size_t i = 1; sum && i < len; i++)
		sum = items[i]->kind == FEEL_STRING ? &feel_null
						    : feel_op(run, FEEL_T_PLUS, sum, items[i]);
	return sum && sum->kind == FEEL_STRING ? &feel_null : sum;
}

const struct feel_value *feel_builtin_mean(struct feel_run *run, const struct feel_value **args,
					   size_t len)
{
	const struct feel_value *sum = feel_builtin_sum(run, args, len), *count;

	if (!sum || sum->kind == FEEL_NULL || !items_of(run, args, &len))
		return sum && sum->kind == FEEL_NULL ? sum : NULL;
	count = feel_number_of_int(&run->arena, (int64_t)len);
	return count ? feel_op(run, FEEL_T_SLASH, sum, count) : NULL;
}

static const struct feel_value *extreme(struct feel_run *run, const struct feel_value **args,
					size_t len, int sign)
{
	const struct feel_value **items = items_of(run, args, &len), *best;
	int order;

	if (!items)
		return NULL;
	best = len ? items[0] : &feel_null;
	if (!feel_order(&order, best, best))
		return &feel_null;
	for (size_t i = 1; i < len; i++) {
		if (!feel_order(&order, items[i], best))
			return &feel_null;
		if (order * sign > 0)
			best = items[i];
	}
	return best;
}

const struct feel_value *feel_builtin_min(struct feel_run *run, const struct feel_value **args,
					  size_t len)
{
	return extreme(run, args, len, -1);
}

const struct feel_value *feel_builtin_max(struct feel_run *run, const struct feel_value **args,
					  size_t len)
{
	return extreme(run, args, len, 1);
}

/* One decisive item decides; without it, an item that is no boolean makes the answer unknown. */
static const struct feel_value *decide(struct feel_run *run, const struct feel_value **args,
				       size_t len, bool decisive)
{
	const struct feel_value **items = items_of(run, args, &len);
	const struct feel_value *result = feel_boolean(!decisive);

	for (size_t i = 0; items && i < len; i++) {
		if (items[i]->kind != FEEL_BOOLEAN)
			result = &feel_null;
		else if (items[i]->truth == decisive)
			return items[i];
	}
	return items ? result : NULL;
}

const struct feel_value *feel_builtin_all(struct feel_run *run, const struct feel_value **args,
					  size_t len)
{
	return decide(run, args, len, false);
}

const struct feel_value *feel_builtin_any(struct feel_run *run, const struct feel_value **args,
					  size_t len)
{
	return decide(run, args, len, true);
}

static enum feel_ternary holds(struct feel_run *run, const struct feel_value **items, size_t len,
			       const struct feel_value *wanted)
{
	for (size_t i = 0; i < len; i++) {
		enum feel_ternary t = feel_equal(run, items[i], wanted);

		if (t == FEEL_YES || t == FEEL_OVER)
			return t;
	}
	return FEEL_NO;
}

const struct feel_value *feel_builtin_list_contains(struct feel_run *run,
						    const struct feel_value **args, size_t len)
{
	size_t one = 1;
	const struct feel_value **items = items_of(run, args, &one);

	if (args[0]->kind == FEEL_NULL)
		return &feel_null;
	return items ? feel_of_ternary(holds(run, items, one, args[1])) : NULL;
}

/* The items of each list, and each argument that is none, as one list. */
static const struct feel_value *join(struct feel_run *run, const struct feel_value **args,
				     size_t len, bool only_first)
{
	const struct feel_value **items;
	size_t total = 0, at = 0;

	for (size_t i = 0; i < len; i++)
		total += args[i]->kind == FEEL_LIST && (i == 0 || !only_first)
				 ? feel_list_len(args[i])
				 : 1;
	if (!feel_run_alloc_items(run, &items, total))
		return NULL;
	for (size_t i = 0; i < len; i++) {
		size_t n;

		if (args[i]->kind != FEEL_LIST || (i > 0 && only_first)) {
			items[at++] = args[i];
			continue;
		}
		n = feel_list_len(args[i]);
		for (size_t k = 0; k < n; k++) {
			items[at] = feel_list_at(&run->arena, args[i], k);
			if (!items[at++])
				return NULL;
		}
	}
	return feel_list(&run->arena, items, at);
}

const struct feel_value *feel_builtin_append(struct feel_run *run, const struct feel_value **args,
					     size_t len)
{
	return args[0]->kind == FEEL_NULL ? &feel_null : join(run, args, len, true);
}

const struct feel_value *feel_builtin_concatenate(struct feel_run *run,
						  const struct feel_value **args, size_t len)
{
	return join(run, args, len, false);
}

const struct feel_value *feel_builtin_reverse(struct feel_run *run, const struct feel_value **args,
					      size_t len)
{
	const struct feel_value **items = items_of(run, args, &len), **reversed;

	if (!items || !feel_run_alloc_items(run, &reversed, len))
		return NULL;
	if (args[0]->kind == FEEL_NULL)
		return &feel_null;
	for (size_t i = 0; i < len; i++)
		reversed[i] = items[len - 1 - i];
	return feel_list(&run->arena, reversed, len);
}

const struct feel_value *feel_builtin_distinct_values(struct feel_run *run,
						      const struct feel_value **args, size_t len)
{
	const struct feel_value **items = items_of(run, args, &len), **distinct;
	size_t n = 0;

	if (!items || !feel_run_alloc_items(run, &distinct, len))
		return NULL;
	if (args[0]->kind == FEEL_NULL)
		return &feel_null;
	for (size_t i = 0; i < len; i++) {
		enum feel_ternary t = holds(run, distinct, n, items[i]);

		if (t == FEEL_OVER)
			return NULL;
		if (t == FEEL_NO)
			distinct[n++] = items[i];
	}
	return feel_list(&run->arena, distinct, n);
}

const struct feel_value *feel_builtin_get_value(struct feel_run *run,
						const struct feel_value **args, size_t len)
{
	if (args[0]->kind != FEEL_CONTEXT || args[1]->kind != FEEL_STRING)
		return &feel_null;
	return feel_path(run, args[0], args[1]->string);
}
