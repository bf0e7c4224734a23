/*
 * builtins_sort.c — sort(), by a function or by the values' own order: a stable merge sort, since a
 * function may answer anything and may end the run.
 *
 * Source: DMN 1.4 table 80.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/builtins.h"

#include <string.h>

/* Merges two sorted halves of from into to. The right one's item goes first only if it precedes. */
static enum feel_ternary merge(struct feel_run *run, const struct feel_value **to,
			       const struct feel_value *const *from, size_t middle, size_t end,
			       feel_precedes_fn *precedes, const struct feel_value *arg)
{
	size_t left = 0, right = middle;

	for (size_t at = 0; at < end; at++) {
		enum feel_ternary t = FEEL_NO;

		if (left < middle && right < end)
			t = precedes(run, from[right], from[left], arg);
		else if (left == middle)
			t = FEEL_YES;
		if (t != FEEL_YES && t != FEEL_NO)
			return t;
		to[at] = t == FEEL_YES ? from[right++] : from[left++];
	}
	return FEEL_YES;
}

enum feel_ternary feel_sort(struct feel_run *run, const struct feel_value **items, size_t len,
			    feel_precedes_fn *precedes, const struct feel_value *arg)
{
	const struct feel_value **from = items, **to;

	if (!feel_run_alloc_items(run, &to, len))
		return FEEL_OVER;
	for (size_t width = 1; width < len; width *= 2) {
		const struct feel_value **sorted = to;

		if (!feel_run_step(run, len))
			return FEEL_OVER;
		for (size_t at = 0; at < len; at += 2 * width) {
			size_t rest = len - at;
			size_t middle = width < rest ? width : rest;
			size_t end = 2 * width < rest ? 2 * width : rest;
			enum feel_ternary t =
				merge(run, to + at, from + at, middle, end, precedes, arg);

			if (t != FEEL_YES)
				return t;
		}
		to = from;
		from = sorted;
	}
	if (from != items)
		memcpy(items, from, len * sizeof(*items));
	return FEEL_YES;
}

enum feel_ternary feel_precedes(struct feel_run *run, const struct feel_value *a,
				const struct feel_value *b, const struct feel_value *arg)
{
	int order;

	if (feel_run_order(run, &order, a, b))
		return order < 0 ? FEEL_YES : FEEL_NO;
	return feel_null_because(run, "a %s and a %s have no order", feel_kind_text(a->kind),
				 feel_kind_text(b->kind))
		       ? FEEL_UNKNOWN
		       : FEEL_OVER;
}

static enum feel_ternary precedes_by(struct feel_run *run, const struct feel_value *a,
				     const struct feel_value *b, const struct feel_value *function)
{
	const struct feel_value *const pair[] = { a, b };
	const struct feel_value *truth = feel_call(run, function, pair, 2);

	if (truth && truth->kind != FEEL_BOOLEAN)
		truth = feel_null_because(run, "sort(): precedes is a %s, not a boolean",
					  feel_kind_text(truth->kind));
	if (!truth)
		return FEEL_OVER;
	if (truth->kind == FEEL_NULL)
		return FEEL_UNKNOWN;
	return truth->truth ? FEEL_YES : FEEL_NO;
}

FEEL_FN(sort)
{
	const struct feel_value *const *items;
	const struct feel_value **sorted;
	enum feel_ternary t;
	size_t items_len;

	if (!feel_items(run, args[0], &items, &items_len) ||
	    !feel_run_alloc_items(run, &sorted, items_len))
		return NULL;
	if (items_len)
		memcpy(sorted, items, items_len * sizeof(*sorted));
	t = feel_sort(run, sorted, items_len,
		      args[1]->kind == FEEL_FUNCTION ? precedes_by : feel_precedes, args[1]);
	if (t == FEEL_YES)
		return feel_list_of(run, sorted, items_len);
	return t == FEEL_OVER ? NULL : &feel_null;
}
