/*
 * builtins_list.c — built-ins of lists; positions count from 1, or from the end when negative.
 *
 * Source: DMN 1.4 table 75.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/builtins.h"

#include <string.h>

FEEL_FN(count)
{
	return feel_int_value(run, (int64_t)feel_list_len(args[0]));
}

/* Sets *placep to where wanted is in items, or to len; false when the run is over. */
static bool find(struct feel_run *run, const struct feel_value *const *items, size_t len,
		 const struct feel_value *wanted, size_t *placep)
{
	size_t i = 0;

	for (; i < len; i++) {
		enum feel_ternary t = feel_equal(run, items[i], wanted);

		if (t == FEEL_OVER)
			return false;
		if (t == FEEL_YES)
			break;
	}
	*placep = i;
	return true;
}

FEEL_FN(list_contains)
{
	const struct feel_value *const *items;
	size_t items_len, place;

	if (!feel_items(run, args[0], &items, &items_len) ||
	    !find(run, items, items_len, args[1], &place))
		return NULL;
	return feel_boolean(place < items_len);
}

FEEL_FN(index_of)
{
	const struct feel_value *const *items;
	const struct feel_value **found;
	size_t items_len, n = 0, place;

	if (!feel_items(run, args[0], &items, &items_len) ||
	    !feel_run_alloc_items(run, &found, items_len))
		return NULL;
	for (size_t at = 0; at < items_len; at += place + 1) {
		if (!find(run, items + at, items_len - at, args[1], &place))
			return NULL;
		if (at + place == items_len)
			break;
		found[n] = feel_int_value(run, (int64_t)(at + place + 1));
		if (!found[n++])
			return NULL;
	}
	return feel_list_of(run, found, n);
}

/* Sets *atp to the index of a position; false with a note for one that the list hasn't. */
static bool index_of(struct feel_run *run, size_t *atp, const struct feel_value *position,
		     size_t len)
{
	int64_t i;

	if (!feel_decimal_to_int(&i, position->number))
		i = 0;
	if (i < 0)
		i = i >= -(int64_t)len ? i + (int64_t)len + 1 : 0;
	if (i < 1 || (uint64_t)i > len) {
		feel_null_because(run, "the list of %zu has no such position", len);
		return false;
	}
	*atp = (size_t)i - 1;
	return true;
}

/* The items before `at`, then item (if any), then those from `from` on, as a new list. */
static const struct feel_value *splice(struct feel_run *run, const struct feel_value *const *items,
				       size_t len, size_t at, const struct feel_value *item,
				       size_t from)
{
	const struct feel_value **spliced;
	size_t n = 0;

	if (!feel_run_alloc_items(run, &spliced, len + 1))
		return NULL;
	for (size_t i = 0; i < at; i++)
		spliced[n++] = items[i];
	if (item)
		spliced[n++] = item;
	for (size_t i = from; i < len; i++)
		spliced[n++] = items[i];
	return feel_list_of(run, spliced, n);
}

/* Splices at a position: takes `taken` items there, puts item in. */
static const struct feel_value *change(struct feel_run *run, const struct feel_value *list,
				       const struct feel_value *position,
				       const struct feel_value *item, size_t taken)
{
	const struct feel_value *const *items;
	size_t len, at;

	if (!feel_items(run, list, &items, &len))
		return NULL;
	if (!index_of(run, &at, position, len))
		return run->err ? NULL : &feel_null;
	return splice(run, items, len, at, item, at + taken);
}

FEEL_FN(insert_before)
{
	return change(run, args[0], args[1], args[2], 0);
}

FEEL_FN(remove)
{
	return change(run, args[0], args[1], NULL, 1);
}

FEEL_FN(list_replace_at)
{
	return change(run, args[0], args[1], args[2], 1);
}

FEEL_FN(list_replace_matches)
{
	const struct feel_value *const *items;
	const struct feel_value **replaced;
	size_t items_len;

	if (!feel_items(run, args[0], &items, &items_len) ||
	    !feel_run_alloc_items(run, &replaced, items_len))
		return NULL;
	for (size_t i = 0; i < items_len; i++) {
		const struct feel_value *const pair[] = { items[i], args[2] };
		const struct feel_value *match = feel_call(run, args[1], pair, 2);

		if (!match)
			return NULL;
		if (match->kind != FEEL_BOOLEAN)
			return feel_null_because(run,
						 "list replace(): match of item %zu is a %s, "
						 "not a boolean",
						 i + 1, feel_kind_text(match->kind));
		replaced[i] = match->truth ? args[2] : items[i];
	}
	return feel_list_of(run, replaced, items_len);
}

FEEL_FN(sublist)
{
	const struct feel_value *const *items;
	int64_t n = INT64_MAX;
	size_t items_len, at;

	if (!feel_items(run, args[0], &items, &items_len))
		return NULL;
	if (!index_of(run, &at, args[1], items_len))
		return run->err ? NULL : &feel_null;
	if (args[2]->kind == FEEL_NULL)
		n = (int64_t)(items_len - at);
	else if (!feel_decimal_to_int(&n, args[2]->number))
		n = -1;
	if (n < 0 || (uint64_t)n > items_len - at)
		return feel_null_because(run, "sublist(): the list of %zu has no such length there",
					 items_len);
	return feel_list_of(run, items + at, (size_t)n);
}

/* The items of each list, and each argument that is none, as one list. */
static const struct feel_value *join(struct feel_run *run, const struct feel_value *const *args,
				     size_t len, bool only_first)
{
	const struct feel_value *const *part;
	const struct feel_value **items;
	size_t total = 0, at = 0, part_len;

	for (size_t i = 0; i < len; i++) {
		bool is_whole = i > 0 && only_first;

		if (args[i]->kind == FEEL_NULL && !is_whole)
			return feel_null_because(run, "list %zu is null", i + 1);
		total += args[i]->kind == FEEL_LIST && !is_whole ? feel_list_len(args[i]) : 1;
	}
	if (!feel_run_alloc_items(run, &items, total))
		return NULL;
	for (size_t i = 0; i < len; i++) {
		if (args[i]->kind != FEEL_LIST || (i > 0 && only_first)) {
			items[at++] = args[i];
			continue;
		}
		if (!feel_items(run, args[i], &part, &part_len))
			return NULL;
		for (size_t k = 0; k < part_len; k++)
			items[at++] = part[k];
	}
	return feel_list_of(run, items, at);
}

FEEL_FN(append)
{
	return join(run, args, len, true);
}

FEEL_FN(concatenate)
{
	return join(run, args, len, false);
}

FEEL_FN(reverse)
{
	const struct feel_value *const *items;
	const struct feel_value **reversed;
	size_t items_len;

	if (!feel_items(run, args[0], &items, &items_len) ||
	    !feel_run_alloc_items(run, &reversed, items_len))
		return NULL;
	for (size_t i = 0; i < items_len; i++)
		reversed[i] = items[items_len - 1 - i];
	return feel_list_of(run, reversed, items_len);
}

FEEL_FN(distinct_values)
{
	const struct feel_value *const *items;
	const struct feel_value **distinct;
	size_t items_len, n = 0, place;

	if (!feel_items(run, args[0], &items, &items_len) ||
	    !feel_run_alloc_items(run, &distinct, items_len))
		return NULL;
	for (size_t i = 0; i < items_len; i++) {
		if (!find(run, distinct, n, items[i], &place))
			return NULL;
		if (place == n)
			distinct[n++] = items[i];
	}
	return feel_list_of(run, distinct, n);
}

FEEL_FN(union)
{
	const struct feel_value *joined = join(run, args, len, false);

	return joined && joined->kind == FEEL_LIST ? feel_builtin_distinct_values(run, &joined, 1)
						   : joined;
}

struct flat { /* counts while items is NULL, then fills */
	const struct feel_value **items;
	size_t len;
};

static bool flatten(struct feel_run *run, struct flat *flat, const struct feel_value *list,
		    unsigned depth)
{
	const struct feel_value *const *items;
	size_t len;

	if (depth > FEEL_CALL_DEPTH) {
		feel_run_fail(run, pl_fail(PL_TOOLARGE, "FEEL: lists nest deeper than %d",
					   FEEL_CALL_DEPTH));
		return false;
	}
	if (!feel_items(run, list, &items, &len) || !feel_run_step(run, 1 + len))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (items[i]->kind == FEEL_LIST) {
			if (!flatten(run, flat, items[i], depth + 1))
				return false;
			continue;
		}
		if (flat->items)
			flat->items[flat->len] = items[i];
		flat->len++;
	}
	return true;
}

FEEL_FN(flatten)
{
	struct flat flat = { 0 };

	if (!flatten(run, &flat, args[0], 1) || !feel_run_alloc_items(run, &flat.items, flat.len))
		return NULL;
	flat.len = 0;
	return flatten(run, &flat, args[0], 1) ? feel_list_of(run, flat.items, flat.len) : NULL;
}

/* One decisive item decides; without it, an item that is no boolean makes the answer unknown. */
static const struct feel_value *decide(struct feel_run *run, const struct feel_value *const *args,
				       size_t len, bool decisive)
{
	const struct feel_value *const *items;
	const struct feel_value *result = feel_boolean(!decisive);
	size_t items_len;

	if (!feel_items_of(run, args, len, &items, &items_len))
		return NULL;
	for (size_t i = 0; i < items_len; i++) {
		if (items[i]->kind != FEEL_BOOLEAN)
			result = &feel_null;
		else if (items[i]->truth == decisive)
			return items[i];
	}
	return result;
}

FEEL_FN(all)
{
	return decide(run, args, len, false);
}

FEEL_FN(any)
{
	return decide(run, args, len, true);
}

static const struct feel_value *extreme(struct feel_run *run, const struct feel_value *const *args,
					size_t len, int sign)
{
	const struct feel_value *const *items;
	const struct feel_value *best;
	size_t items_len;
	int order;

	if (!feel_items_of(run, args, len, &items, &items_len))
		return NULL;
	best = items_len ? items[0] : &feel_null;
	for (size_t i = 0; i < items_len; i++) {
		if (!feel_run_order(run, &order, items[i], best))
			return feel_null_because(run, "a %s and a %s have no order",
						 feel_kind_text(items[i]->kind),
						 feel_kind_text(best->kind));
		if (order * sign > 0)
			best = items[i];
	}
	return best;
}

FEEL_FN(min)
{
	return extreme(run, args, len, -1);
}

FEEL_FN(max)
{
	return extreme(run, args, len, 1);
}
