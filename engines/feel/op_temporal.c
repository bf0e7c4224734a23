/*
 * op_temporal.c — arithmetic of dates, times and durations.
 *
 * Source: DMN 1.4 tables 57 and 58.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/run.h"

enum { NANOS = 1000000000, DAY_S = 86400 };

static const struct feel_value *moment_value(struct feel_run *run, enum feel_kind kind,
					     const struct feel_moment *m)
{
	return feel_run_value(run, feel_moment(&run->arena, kind, m));
}

static const struct feel_value *days_time(struct feel_run *run, int64_t seconds, int64_t nanos)
{
	struct feel_duration d = { .has_time = true };
	int64_t carry = nanos / NANOS - (nanos % NANOS < 0);

	if (__builtin_add_overflow(seconds, carry, &d.seconds) || d.seconds > INT64_MAX / 4 ||
	    d.seconds < INT64_MIN / 4)
		return &feel_null;
	d.nanos = (int32_t)(nanos - carry * NANOS);
	return feel_run_value(run, feel_duration(&run->arena, FEEL_DAYS_TIME, &d));
}

static const struct feel_value *years_months(struct feel_run *run, int64_t months)
{
	struct feel_duration d = { .has_months = true, .months = months };

	if (months > INT64_MAX / 4 || months < INT64_MIN / 4)
		return &feel_null;
	return feel_run_value(run, feel_duration(&run->arena, FEEL_YEARS_MONTHS, &d));
}

static bool is_moment(const struct feel_value *v)
{
	return v->kind == FEEL_DATE || v->kind == FEEL_TIME || v->kind == FEEL_DATETIME;
}

static bool is_duration(const struct feel_value *v)
{
	return v->kind == FEEL_DAYS_TIME || v->kind == FEEL_YEARS_MONTHS;
}

/* moment + sign * duration; a date takes whole days, a time turns around at midnight */
static const struct feel_value *move(struct feel_run *run, const struct feel_value *moment,
				     const struct feel_value *duration, int sign)
{
	const struct feel_moment *m = &moment->moment;
	struct feel_moment moved;
	int64_t seconds, nanos;

	if (duration->kind == FEEL_YEARS_MONTHS) {
		if (moment->kind == FEEL_TIME ||
		    !feel_moment_add_months(&moved, m, sign * duration->duration.months))
			return &feel_null;
		return moment_value(run, moment->kind, &moved);
	}
	nanos = m->nanos + sign * (int64_t)duration->duration.nanos;
	seconds = feel_moment_seconds(m) + (nanos >= NANOS) - (nanos < 0);
	nanos = (nanos + NANOS) % NANOS;
	if (__builtin_add_overflow(seconds, sign * duration->duration.seconds, &seconds))
		return &feel_null;
	if (!feel_moment_from_seconds(&moved, seconds, (int32_t)nanos, m->has_offset, m->offset_s))
		return &feel_null;
	if (moment->kind == FEEL_DATE)
		moved.hour = moved.minute = moved.second = moved.nanos = 0;
	if (moment->kind == FEEL_TIME)
		moved.year = moved.month = moved.day = 0;
	return moment_value(run, moment->kind, &moved);
}

static const struct feel_value *between(struct feel_run *run, const struct feel_value *left,
					const struct feel_value *right)
{
	if (left->kind == FEEL_TIME ? right->kind != FEEL_TIME : right->kind == FEEL_TIME)
		return &feel_null;
	return days_time(run,
			 feel_moment_seconds(&left->moment) - feel_moment_seconds(&right->moment),
			 (int64_t)left->moment.nanos - right->moment.nanos);
}

static const struct feel_value *sum(struct feel_run *run, const struct feel_duration *a,
				    const struct feel_duration *b, int sign, enum feel_kind kind)
{
	if (kind == FEEL_YEARS_MONTHS)
		return years_months(run, a->months + sign * b->months);
	return days_time(run, a->seconds + sign * b->seconds, a->nanos + sign * (int64_t)b->nanos);
}

/* duration * number or duration / number, by way of decimals */
static const struct feel_value *scale(struct feel_run *run, const struct feel_value *duration,
				      enum feel_token_kind op, struct feel_decimal by)
{
	bool is_months = duration->kind == FEEL_YEARS_MONTHS;
	const struct feel_decimal billion = feel_decimal_from_int(NANOS);
	struct feel_decimal size, whole, part;
	int64_t units, nanos = 0;

	size = feel_decimal_from_int(is_months ? duration->duration.months
					       : duration->duration.seconds);
	if (!is_months) {
		part = feel_decimal_from_int(duration->duration.nanos);
		if (!feel_decimal_div(&part, part, billion) || !feel_decimal_add(&size, size, part))
			return &feel_null;
	}
	if (op == FEEL_T_SLASH ? feel_decimal_is_zero(by) || !feel_decimal_div(&size, size, by)
			       : !feel_decimal_mul(&size, size, by))
		return &feel_null;
	whole = feel_decimal_floor(size);
	if (is_months && feel_decimal_compare(size, feel_decimal_from_int(0)) < 0)
		whole = feel_decimal_ceiling(size);
	if (!feel_decimal_to_int(&units, whole))
		return &feel_null;
	if (is_months)
		return years_months(run, units);
	if (!feel_decimal_sub(&part, size, whole) || !feel_decimal_mul(&part, part, billion) ||
	    !feel_decimal_to_int(&nanos, feel_decimal_floor(part)))
		return &feel_null;
	return days_time(run, units, nanos);
}

static const struct feel_value *ratio(struct feel_run *run, const struct feel_value *left,
				      const struct feel_value *right)
{
	bool is_months = left->kind == FEEL_YEARS_MONTHS;
	int64_t a = is_months ? left->duration.months : left->duration.seconds;
	int64_t b = is_months ? right->duration.months : right->duration.seconds;
	struct feel_decimal result;

	if (b == 0 ||
	    !feel_decimal_div(&result, feel_decimal_from_int(a), feel_decimal_from_int(b)))
		return &feel_null;
	return feel_run_value(run, feel_number(&run->arena, result));
}

const struct feel_value *feel_op_temporal(struct feel_run *run, enum feel_token_kind op,
					  const struct feel_value *left,
					  const struct feel_value *right)
{
	if (!left || !right)
		return NULL;
	switch (op) {
	case FEEL_T_PLUS:
		if (is_moment(left) && is_duration(right))
			return move(run, left, right, 1);
		if (is_duration(left) && is_moment(right))
			return move(run, right, left, 1);
		if (is_duration(left) && left->kind == right->kind)
			return sum(run, &left->duration, &right->duration, 1, left->kind);
		break;
	case FEEL_T_MINUS:
		if (is_moment(left) && is_duration(right))
			return move(run, left, right, -1);
		if (is_moment(left) && is_moment(right))
			return between(run, left, right);
		if (is_duration(left) && left->kind == right->kind)
			return sum(run, &left->duration, &right->duration, -1, left->kind);
		break;
	case FEEL_T_TIMES:
		if (is_duration(left) && right->kind == FEEL_NUMBER)
			return scale(run, left, op, right->number);
		if (left->kind == FEEL_NUMBER && is_duration(right))
			return scale(run, right, op, left->number);
		break;
	case FEEL_T_SLASH:
		if (is_duration(left) && right->kind == FEEL_NUMBER)
			return scale(run, left, op, right->number);
		if (is_duration(left) && left->kind == right->kind)
			return ratio(run, left, right);
		break;
	default:
		break;
	}
	return &feel_null;
}
