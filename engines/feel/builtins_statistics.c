/*
 * builtins_statistics.c — sums, means and such, of one list or of the arguments.
 *
 * Source: DMN 1.4 table 75.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/builtins.h"

#include <string.h>

struct numbers { /* numbers, or durations of one kind where they can be summed, too */
	const struct feel_value *const *items;
	size_t len;
};

enum taking { TAKEN, REFUSED, OVER };

/* Takes what the function was called with; all items must be of one kind, of those given. */
static enum taking take(struct feel_run *run, const struct feel_value *const *args, size_t len,
			unsigned kinds, struct numbers *numbers)
{
	if (!feel_items_of(run, args, len, &numbers->items, &numbers->len))
		return OVER;
	for (size_t i = 0; i < numbers->len; i++) {
		enum feel_kind kind = numbers->items[i]->kind;

		if (!(kinds & 1U << kind) || kind != numbers->items[0]->kind)
			return feel_null_because(run, "item %zu is a %s, not a number", i + 1,
						 feel_kind_text(kind))
				       ? REFUSED
				       : OVER;
	}
	return TAKEN;
}

#define SUMMABLE (FEEL_K(NUMBER) | FEEL_K(DAYS_TIME) | FEEL_K(YEARS_MONTHS))

static const struct feel_value *empty(struct feel_run *run)
{
	return feel_null_because(run, "the list is empty");
}

static const struct feel_value *fold(struct feel_run *run, const struct numbers *numbers,
				     enum feel_token_kind op)
{
	const struct feel_value *v = numbers->len ? numbers->items[0] : empty(run);

	for (size_t i = 1; v && v->kind != FEEL_NULL && i < numbers->len; i++)
		v = feel_run_step(run, 1) ? feel_op(run, op, v, numbers->items[i]) : NULL;
	return v;
}

static const struct feel_value *mean_of(struct feel_run *run, const struct numbers *numbers)
{
	const struct feel_value *sum = fold(run, numbers, FEEL_T_PLUS), *count;

	if (!sum || sum->kind == FEEL_NULL)
		return sum;
	count = feel_int_value(run, (int64_t)numbers->len);
	return count ? feel_op(run, FEEL_T_SLASH, sum, count) : NULL;
}

FEEL_FN(sum)
{
	struct numbers numbers;
	enum taking taking = take(run, args, len, SUMMABLE, &numbers);

	if (taking != TAKEN)
		return taking == OVER ? NULL : &feel_null;
	return fold(run, &numbers, FEEL_T_PLUS);
}

FEEL_FN(product)
{
	struct numbers numbers;
	enum taking taking = take(run, args, len, FEEL_K(NUMBER), &numbers);

	if (taking != TAKEN)
		return taking == OVER ? NULL : &feel_null;
	return fold(run, &numbers, FEEL_T_TIMES);
}

FEEL_FN(mean)
{
	struct numbers numbers;
	enum taking taking = take(run, args, len, SUMMABLE, &numbers);

	if (taking != TAKEN)
		return taking == OVER ? NULL : &feel_null;
	return mean_of(run, &numbers);
}

/* The numbers in their order, as a copy; NULL when the run is over. */
static const struct feel_value **sorted(struct feel_run *run, const struct numbers *numbers)
{
	const struct feel_value **items;

	if (!feel_run_alloc_items(run, &items, numbers->len))
		return NULL;
	if (numbers->len)
		memcpy(items, numbers->items, numbers->len * sizeof(*items));
	return feel_sort(run, items, numbers->len, feel_precedes, NULL) == FEEL_YES ? items : NULL;
}

FEEL_FN(median)
{
	struct numbers numbers;
	const struct feel_value **items;
	enum taking taking = take(run, args, len, FEEL_K(NUMBER), &numbers);
	size_t middle;

	if (taking != TAKEN)
		return taking == OVER ? NULL : &feel_null;
	if (numbers.len == 0)
		return empty(run);
	items = sorted(run, &numbers);
	if (!items)
		return NULL;
	middle = numbers.len / 2;
	if (numbers.len % 2)
		return items[middle];
	return mean_of(run, &(struct numbers){ items + middle - 1, 2 });
}

/* The numbers that come most often, in their order. */
FEEL_FN(mode)
{
	struct numbers numbers;
	const struct feel_value **items;
	enum taking taking = take(run, args, len, FEEL_K(NUMBER), &numbers);
	size_t most = 0, modes = 0, times = 0;

	if (taking != TAKEN)
		return taking == OVER ? NULL : &feel_null;
	items = sorted(run, &numbers);
	if (!items)
		return NULL;
	for (size_t i = 0; i < numbers.len; i++) {
		times = i && feel_decimal_compare(items[i]->number, items[i - 1]->number) == 0
				? times + 1
				: 1;
		if (times > most) {
			most = times;
			modes = 0;
		}
		if (times == most)
			items[modes++] = items[i]; /* modes <= i: what is read is behind it */
	}
	return feel_list_of(run, items, modes);
}

/* The standard deviation of a sample. */
FEEL_FN(stddev)
{
	struct numbers numbers;
	struct feel_decimal sum = feel_decimal_from_int(0), d;
	enum taking taking = take(run, args, len, FEEL_K(NUMBER), &numbers);
	const struct feel_value *mean;
	bool ok = true;

	if (taking != TAKEN)
		return taking == OVER ? NULL : &feel_null;
	if (numbers.len < 2)
		return feel_null_because(run, "stddev() of less than two numbers");
	mean = mean_of(run, &numbers);
	if (!mean || mean->kind == FEEL_NULL || !feel_run_step(run, numbers.len))
		return run->err ? NULL : mean;
	for (size_t i = 0; ok && i < numbers.len; i++)
		ok = feel_decimal_sub(&d, numbers.items[i]->number, mean->number) &&
		     feel_decimal_mul(&d, d, d) && feel_decimal_add(&sum, sum, d);
	ok = ok && feel_decimal_div(&d, sum, feel_decimal_from_int((int64_t)numbers.len - 1)) &&
	     feel_decimal_sqrt(&d, d);
	return feel_decimal_value(run, ok, &d, "stddev(): the numbers are too large");
}
