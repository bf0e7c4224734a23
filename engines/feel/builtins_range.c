/*
 * builtins_range.c — how points and ranges lie to each other.
 *
 * A point is a range that starts and ends at it. An end is compared by its value, and of equal
 * values by its side: the start of an open range lies just behind its value, the end just before.
 * With that each function is a condition on how the four ends compare.
 *
 * Source: DMN 1.4 table 78.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/builtins.h"

struct end {
	const struct feel_value *value; /* NULL: there is none on this side */
	int side; /* -1 just before value (or before everything), 0 at it, 1 just behind it */
};

struct ends {
	struct end low, high;
};

static struct ends ends_of(const struct feel_value *v)
{
	struct ends ends = { { v, 0 }, { v, 0 } };

	if (v->kind == FEEL_RANGE) {
		ends.low.value = v->range.low;
		ends.low.side = !v->range.low ? -1 : v->range.low_open ? 1 : 0;
		ends.high.value = v->range.high;
		ends.high.side = !v->range.high ? 1 : v->range.high_open ? -1 : 0;
	}
	return ends;
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

/* Sets *orderp to -1, 0 or 1; false for values that have no order. */
static bool compare(struct feel_run *run, int *orderp, struct end a, struct end b)
{
	int order = 0;

	if (!a.value || !b.value)
		order = (a.value ? 0 : a.side) - (b.value ? 0 : b.side);
	else if (!feel_run_order(run, &order, a.value, b.value))
		return false;
	else if (order == 0)
		order = a.side - b.side;
	*orderp = sign(order);
	return true;
}

struct orders { /* of the first argument's ends to the second's */
	int low_low, high_high, high_low, low_high;
	bool is_closed_high_low, is_closed_low_high; /* both ends are at their values */
};

static bool is_at(struct end a, struct end b)
{
	return a.value && b.value && a.side == 0 && b.side == 0;
}

/* `!= 1` is two stretches. */
static bool is_whole(const struct feel_value *v)
{
	return v->kind != FEEL_RANGE || v->range.form != FEEL_RANGE_UNEQUAL;
}

static bool orders_of(struct feel_run *run, struct orders *o, const struct feel_value *first,
		      const struct feel_value *second)
{
	struct ends a = ends_of(first), b = ends_of(second);

	if (!is_whole(first) || !is_whole(second))
		return false;
	o->is_closed_high_low = is_at(a.high, b.low);
	o->is_closed_low_high = is_at(a.low, b.high);
	return compare(run, &o->low_low, a.low, b.low) &&
	       compare(run, &o->high_high, a.high, b.high) &&
	       compare(run, &o->high_low, a.high, b.low) &&
	       compare(run, &o->low_high, a.low, b.high);
}

/* RELATION(name, a, b, condition): name(a, b) is the condition on their orders. */
#define RELATION(name, a, b, condition)                                                            \
	FEEL_FN(name)                                                                              \
	{                                                                                          \
		struct orders o;                                                                   \
                                                                                                   \
		if (!orders_of(run, &o, a, b))                                                     \
			return feel_null_because(run, "a %s and a %s have no order",               \
						 feel_kind_text((a)->kind),                        \
						 feel_kind_text((b)->kind));                       \
		return feel_boolean(condition);                                                    \
	}

RELATION(before, args[0], args[1], o.high_low < 0)
RELATION(after, args[0], args[1], o.low_high > 0)
RELATION(meets, args[0], args[1], o.high_low == 0 && o.is_closed_high_low)
RELATION(met_by, args[0], args[1], o.low_high == 0 && o.is_closed_low_high)
RELATION(overlaps, args[0], args[1], o.high_low >= 0 && o.low_high <= 0)
RELATION(overlaps_before, args[0], args[1], o.low_low < 0 && o.high_low >= 0 && o.high_high <= 0)
RELATION(overlaps_after, args[1], args[0], o.low_low < 0 && o.high_low >= 0 && o.high_high <= 0)
RELATION(finishes, args[0], args[1], o.high_high == 0 && o.low_low >= 0)
RELATION(finished_by, args[1], args[0], o.high_high == 0 && o.low_low >= 0)
RELATION(includes, args[0], args[1], o.low_low <= 0 && o.high_high >= 0)
RELATION(during, args[1], args[0], o.low_low <= 0 && o.high_high >= 0)
RELATION(starts, args[0], args[1], o.low_low == 0 && o.high_high <= 0)
RELATION(started_by, args[1], args[0], o.low_low == 0 && o.high_high <= 0)
RELATION(coincides, args[0], args[1], o.low_low == 0 && o.high_high == 0)
