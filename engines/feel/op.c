/*
 * op.c — operators on values: equality, order, arithmetic, paths.
 *
 * Source: DMN 1.4 §10.3.2.3 (values), tables 53 to 57 (operators).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/run.h"

#include <string.h>

enum { BYTES_A_STEP = 64 };

const struct feel_value *feel_of_ternary(enum feel_ternary t)
{
	switch (t) {
	case FEEL_YES:
		return &feel_true;
	case FEEL_NO:
		return &feel_false;
	case FEEL_UNKNOWN:
		return &feel_null;
	case FEEL_OVER:
		break;
	}
	return NULL;
}

static enum feel_ternary yes_if(bool truth)
{
	return truth ? FEEL_YES : FEEL_NO;
}

static enum feel_ternary equal_lists(struct feel_run *run, const struct feel_value *a,
				     const struct feel_value *b)
{
	size_t len = feel_list_len(a);

	if (len != feel_list_len(b))
		return FEEL_NO;
	for (size_t i = 0; i < len; i++) {
		const struct feel_value *x = feel_list_at(&run->arena, a, i);
		const struct feel_value *y = feel_list_at(&run->arena, b, i);
		enum feel_ternary t;

		if (!x || !y)
			return feel_run_over(run), FEEL_OVER;
		t = feel_equal(run, x, y);
		if (t != FEEL_YES)
			return t == FEEL_UNKNOWN ? FEEL_NO : t;
	}
	return FEEL_YES;
}

static enum feel_ternary equal_contexts(struct feel_run *run, const struct feel_value *a,
					const struct feel_value *b)
{
	struct feel_entry *entries, *others;
	size_t len, others_len;

	if (!feel_context_entries(&entries, &len, &run->arena, a) ||
	    !feel_context_entries(&others, &others_len, &run->arena, b))
		return feel_run_over(run), FEEL_OVER;
	if (len != others_len)
		return FEEL_NO;
	for (size_t i = 0; i < len; i++) {
		const struct feel_value *other;
		enum feel_ternary t;

		if (!feel_run_step(run, 1 + len / 8))
			return FEEL_OVER;
		if (!feel_context_get(&other, &run->arena, b, entries[i].key))
			return feel_run_over(run), FEEL_OVER;
		t = other ? feel_equal(run, entries[i].value, other) : FEEL_NO;
		if (t != FEEL_YES)
			return t == FEEL_UNKNOWN ? FEEL_NO : t;
	}
	return FEEL_YES;
}

static enum feel_ternary equal_ends(struct feel_run *run, const struct feel_value *a,
				    const struct feel_value *b)
{
	return a && b ? feel_equal(run, a, b) : yes_if(a == b);
}

static enum feel_ternary equal_ranges(struct feel_run *run, const struct feel_value *a,
				      const struct feel_value *b)
{
	enum feel_ternary low;

	if (a->range.low_open != b->range.low_open || a->range.high_open != b->range.high_open ||
	    a->range.form != b->range.form)
		return FEEL_NO;
	low = equal_ends(run, a->range.low, b->range.low);
	return low == FEEL_YES ? equal_ends(run, a->range.high, b->range.high) : low;
}

/* Lists and contexts can be made deeper than a text can nest them. */
static enum feel_ternary
equal_within(struct feel_run *run, const struct feel_value *a, const struct feel_value *b,
	     enum feel_ternary (*fn)(struct feel_run *, const struct feel_value *,
				     const struct feel_value *))
{
	enum feel_ternary t;

	if (run->compared_depth == FEEL_DEPTH_MAX) {
		run->err = pl_fail(PL_TOOLARGE, "FEEL: what is compared nests deeper than %d",
				   FEEL_DEPTH_MAX);
		return FEEL_OVER;
	}
	run->compared_depth++;
	t = fn(run, a, b);
	run->compared_depth--;
	return t;
}

enum feel_ternary feel_equal(struct feel_run *run, const struct feel_value *a,
			     const struct feel_value *b)
{
	int order;

	if (!feel_run_step(run, 1))
		return FEEL_OVER;
	if (a->kind == FEEL_NULL || b->kind == FEEL_NULL)
		return yes_if(a->kind == b->kind);
	if (a->kind != b->kind)
		return FEEL_UNKNOWN;
	switch (a->kind) {
	case FEEL_BOOLEAN:
		return yes_if(a->truth == b->truth);
	case FEEL_LIST:
		return equal_within(run, a, b, equal_lists);
	case FEEL_CONTEXT:
		return equal_within(run, a, b, equal_contexts);
	case FEEL_RANGE:
		return equal_ranges(run, a, b);
	case FEEL_FUNCTION:
		return yes_if(a->function == b->function);
	case FEEL_STRING:
		if (!feel_run_step(run, a->string.len / BYTES_A_STEP))
			return FEEL_OVER;
		return yes_if(feel_text_equal(a->string, b->string));
	case FEEL_DATE:
	case FEEL_TIME:
	case FEEL_DATETIME:
		return yes_if(feel_moment_equal(&a->moment, &b->moment));
	default:
		return yes_if(feel_order(&order, a, b) && order == 0);
	}
}

const struct feel_value *feel_equals(struct feel_run *run, const struct feel_value *a,
				     const struct feel_value *b)
{
	return feel_of_ternary(feel_equal(run, a, b));
}

bool feel_order(int *orderp, const struct feel_value *a, const struct feel_value *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case FEEL_NUMBER:
		*orderp = feel_decimal_compare(a->number, b->number);
		return true;
	case FEEL_STRING:
		*orderp = feel_text_compare(a->string, b->string);
		return true;
	case FEEL_DATE:
	case FEEL_TIME:
	case FEEL_DATETIME:
		return feel_moment_compare(orderp, &a->moment, &b->moment);
	case FEEL_YEARS_MONTHS:
		*orderp = (a->duration.months > b->duration.months) -
			  (a->duration.months < b->duration.months);
		return true;
	case FEEL_DAYS_TIME:
		*orderp = a->duration.seconds != b->duration.seconds
				  ? (a->duration.seconds > b->duration.seconds ? 1 : -1)
				  : (a->duration.nanos > b->duration.nanos) -
					    (a->duration.nanos < b->duration.nanos);
		return true;
	default:
		return false;
	}
}

bool feel_run_order(struct feel_run *run, int *orderp, const struct feel_value *a,
		    const struct feel_value *b)
{
	if (a->kind == FEEL_STRING && b->kind == FEEL_STRING && a != b &&
	    !feel_run_step(run, (a->string.len < b->string.len ? a : b)->string.len / BYTES_A_STEP))
		return false;
	return feel_order(orderp, a, b);
}

enum feel_ternary feel_in_range(struct feel_run *run, const struct feel_value *v,
				const struct feel_value *range)
{
	const struct feel_value *low = range->range.low, *high = range->range.high;
	int order;

	if (!low && !high)
		return FEEL_UNKNOWN;
	if (range->range.form == FEEL_RANGE_UNEQUAL)
		return feel_run_order(run, &order, v, low) ? yes_if(order != 0) : FEEL_UNKNOWN;
	if (low) {
		if (!feel_run_order(run, &order, v, low))
			return FEEL_UNKNOWN;
		if (order < 0 || (order == 0 && range->range.low_open))
			return FEEL_NO;
	}
	if (high) {
		if (!feel_run_order(run, &order, v, high))
			return FEEL_UNKNOWN;
		if (order > 0 || (order == 0 && range->range.high_open))
			return FEEL_NO;
	}
	return FEEL_YES;
}

static const struct feel_value *negate(enum feel_ternary t)
{
	return feel_of_ternary(t == FEEL_YES ? FEEL_NO : t == FEEL_NO ? FEEL_YES : t);
}

static const struct feel_value *not_comparable(struct feel_run *run, const struct feel_value *left,
					       const struct feel_value *right)
{
	return feel_null_because(run, "a %s and a %s can't be compared", feel_kind_text(left->kind),
				 feel_kind_text(right->kind));
}

static const struct feel_value *op_equal(struct feel_run *run, const struct feel_value *left,
					 const struct feel_value *right, bool is_negated)
{
	enum feel_ternary t = feel_equal(run, left, right);

	if (t == FEEL_UNKNOWN)
		return not_comparable(run, left, right);
	return is_negated ? negate(t) : feel_of_ternary(t);
}

static const struct feel_value *op_compare(struct feel_run *run, enum feel_token_kind op,
					   const struct feel_value *left,
					   const struct feel_value *right)
{
	int order;

	if (!feel_run_order(run, &order, left, right))
		return not_comparable(run, left, right);
	switch (op) {
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

static const struct feel_value *op_number(struct feel_run *run, enum feel_token_kind op,
					  struct feel_decimal left, struct feel_decimal right)
{
	struct feel_decimal result;
	bool ok = false;

	switch (op) {
	case FEEL_T_PLUS:
		ok = feel_decimal_add(&result, left, right);
		break;
	case FEEL_T_MINUS:
		ok = feel_decimal_sub(&result, left, right);
		break;
	case FEEL_T_TIMES:
		ok = feel_decimal_mul(&result, left, right);
		break;
	case FEEL_T_SLASH:
		ok = !feel_decimal_is_zero(right) && feel_decimal_div(&result, left, right);
		break;
	case FEEL_T_POWER:
		ok = feel_run_step(run, 20) && feel_decimal_pow(&result, left, right);
		break;
	default:
		break;
	}
	if (run->err)
		return NULL;
	if (!ok)
		return feel_null_because(run, op == FEEL_T_SLASH && feel_decimal_is_zero(right)
						      ? "division by 0"
						      : "the result is too large, or no number");
	return feel_run_value(run, feel_number(&run->arena, result));
}

static const struct feel_value *op_join(struct feel_run *run, struct feel_text left,
					struct feel_text right)
{
	size_t len = left.len + right.len;
	struct feel_value *v = feel_arena_alloc(&run->arena, sizeof(*v));
	char *bytes = v ? feel_arena_alloc(&run->arena, len + 1) : NULL;

	if (!bytes)
		return feel_run_over(run);
	if (!feel_run_step(run, len / BYTES_A_STEP))
		return NULL;
	if (left.len)
		memcpy(bytes, left.bytes, left.len);
	if (right.len)
		memcpy(bytes + left.len, right.bytes, right.len);
	v->kind = FEEL_STRING;
	v->string = (struct feel_text){ bytes, len };
	return v;
}

const struct feel_value *feel_op(struct feel_run *run, enum feel_token_kind op,
				 const struct feel_value *left, const struct feel_value *right)
{
	switch (op) {
	case FEEL_T_EQ:
		return op_equal(run, left, right, false);
	case FEEL_T_NE:
		return op_equal(run, left, right, true);
	case FEEL_T_LT:
	case FEEL_T_LE:
	case FEEL_T_GT:
	case FEEL_T_GE:
		return op_compare(run, op, left, right);
	default:
		break;
	}
	if (left->kind == FEEL_NUMBER && right->kind == FEEL_NUMBER)
		return op_number(run, op, left->number, right->number);
	if (left->kind == FEEL_STRING && right->kind == FEEL_STRING)
		return op == FEEL_T_PLUS ? op_join(run, left->string, right->string)
					 : feel_null_because(run, "strings can only be added");
	return feel_op_temporal(run, op, left, right);
}

static const struct feel_value *path_of_list(struct feel_run *run, const struct feel_value *list,
					     struct feel_text name)
{
	size_t len = feel_list_len(list);
	const struct feel_value **items;

	if (!feel_run_alloc_items(run, &items, len))
		return NULL;
	for (size_t i = 0; i < len; i++) {
		const struct feel_value *item =
			feel_run_value(run, feel_list_at(&run->arena, list, i));

		if (!item)
			return NULL;
		items[i] = item->kind == FEEL_LIST ? &feel_null : feel_path(run, item, name);
		if (!items[i])
			return NULL;
	}
	return feel_run_value(run, feel_list(&run->arena, items, len));
}

const struct feel_value *feel_path(struct feel_run *run, const struct feel_value *value,
				   struct feel_text name)
{
	const struct feel_value *member;

	if (!feel_run_step(run, 1))
		return NULL;
	switch (value->kind) {
	case FEEL_CONTEXT:
		if (!value->json && !feel_run_step(run, value->context.len / 16))
			return NULL;
		if (!feel_context_get(&member, &run->arena, value, name))
			return feel_run_over(run);
		if (member)
			return member;
		return feel_null_because(run, "the context has no entry %.*s", (int)name.len,
					 name.bytes);
	case FEEL_LIST:
		return path_of_list(run, value, name);
	case FEEL_DATE:
	case FEEL_TIME:
	case FEEL_DATETIME:
	case FEEL_DAYS_TIME:
	case FEEL_YEARS_MONTHS:
	case FEEL_RANGE:
		return feel_property(run, value, name);
	default:
		return feel_null_because(run, "a %s has no entry %.*s", feel_kind_text(value->kind),
					 (int)name.len, name.bytes);
	}
}
