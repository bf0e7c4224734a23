/*
 * op_temporal.c — arithmetic of dates, times and durations.
 *
 * Source: DMN 1.4 tables 54 to 58.
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

static const struct feel_value *too_long(struct feel_run *run)
{
	return feel_null_because(run, "the duration is too long");
}

static const struct feel_value *days_time(struct feel_run *run, int64_t seconds, int64_t nanos)
{
	struct feel_duration d = { .has_time = true };
	int64_t carry = nanos / NANOS - (nanos % NANOS < 0);

	if (__builtin_add_overflow(seconds, carry, &d.seconds) || d.seconds > INT64_MAX / 4 ||
	    d.seconds < INT64_MIN / 4)
		return too_long(run);
	d.nanos = (int32_t)(nanos - carry * NANOS);
	return feel_run_value(run, feel_duration(&run->arena, FEEL_DAYS_TIME, &d));
}

static const struct feel_value *years_months(struct feel_run *run, int64_t months)
{
	struct feel_duration d = { .has_months = true, .months = months };

	if (months > INT64_MAX / 4 || months < INT64_MIN / 4)
		return too_long(run);
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

static const struct feel_value *past_last_year(struct feel_run *run)
{
	return feel_null_because(run, "the date is not within the years -999999999 to 999999999");
}

/* moment + sign * duration; a date takes whole days, a time turns around at midnight */
static const struct feel_value *move(struct feel_run *run, const struct feel_value *moment,
				     const struct feel_value *duration, int sign)
{
	const struct feel_moment *m = &moment->moment;
	struct feel_moment moved;
	int64_t seconds, nanos;

	if (duration->kind == FEEL_YEARS_MONTHS) {
		if (moment->kind == FEEL_TIME)
			return feel_null_because(run, "a time has no years and months to add to");
		if (!feel_moment_add_months(&moved, m, sign * duration->duration.months))
			return past_last_year(run);
		return moment_value(run, moment->kind, &moved);
	}
	nanos = m->nanos + sign * (int64_t)duration->duration.nanos;
	seconds = feel_moment_seconds(m) + (nanos >= NANOS) - (nanos < 0);
	nanos = (nanos + NANOS) % NANOS;
	if (__builtin_add_overflow(seconds, sign * duration->duration.seconds, &seconds))
		return past_last_year(run);
	if (!feel_moment_from_seconds(&moved, seconds, (int32_t)nanos, m))
		return past_last_year(run);
	if (moment->kind == FEEL_DATE)
		moved.hour = moved.minute = moved.second = moved.nanos = 0;
	if (moment->kind == FEEL_TIME)
		moved.year = moved.month = moved.day = 0;
	return moment_value(run, moment->kind, &moved);
}

/* A date is midnight in UTC where the other side has a time of day. */
static struct feel_moment as_datetime(const struct feel_value *v, const struct feel_value *other)
{
	struct feel_moment m = v->moment;

	m.has_offset |= v->kind == FEEL_DATE && other->kind == FEEL_DATETIME;
	return m;
}

static const struct feel_value *between(struct feel_run *run, const struct feel_value *left,
					const struct feel_value *right)
{
	struct feel_moment a = as_datetime(left, right), b = as_datetime(right, left);

	if ((left->kind == FEEL_TIME) != (right->kind == FEEL_TIME))
		return feel_null_because(run, "a %s can't be subtracted from a %s",
					 feel_kind_text(right->kind), feel_kind_text(left->kind));
	if (a.has_offset != b.has_offset)
		return feel_null_because(run, "only one of the two has a time zone or offset");
	return days_time(run, feel_moment_seconds(&a) - feel_moment_seconds(&b),
			 (int64_t)a.nanos - b.nanos);
}

static const struct feel_value *sum(struct feel_run *run, const struct feel_duration *a,
				    const struct feel_duration *b, int sign, enum feel_kind kind)
{
	if (kind == FEEL_YEARS_MONTHS)
		return years_months(run, a->months + sign * b->months);
	return days_time(run, a->seconds + sign * b->seconds, a->nanos + sign * (int64_t)b->nanos);
}

/* A duration as a number: of months, or of seconds with their fraction. */
static bool size_of(struct feel_decimal *sizep, const struct feel_value *duration)
{
	const struct feel_duration *d = &duration->duration;
	struct feel_decimal part;

	if (duration->kind == FEEL_YEARS_MONTHS) {
		*sizep = feel_decimal_from_int(d->months);
		return true;
	}
	return feel_decimal_div(&part, feel_decimal_from_int(d->nanos),
				feel_decimal_from_int(NANOS)) &&
	       feel_decimal_add(sizep, feel_decimal_from_int(d->seconds), part);
}

static struct feel_decimal cut(struct feel_decimal a)
{
	return feel_decimal_compare(a, feel_decimal_from_int(0)) < 0 ? feel_decimal_ceiling(a)
								     : feel_decimal_floor(a);
}

/* Splits a size into whole units and billionths of the rest, both cut towards 0. */
static bool split(int64_t *unitsp, int64_t *nanosp, struct feel_decimal size)
{
	struct feel_decimal whole = cut(size), part;

	return feel_decimal_to_int(unitsp, whole) && feel_decimal_sub(&part, size, whole) &&
	       feel_decimal_mul(&part, part, feel_decimal_from_int(NANOS)) &&
	       feel_decimal_to_int(nanosp, cut(part));
}

/* duration * number or duration / number */
static const struct feel_value *scale(struct feel_run *run, const struct feel_value *duration,
				      enum feel_token_kind op, struct feel_decimal by)
{
	struct feel_decimal size;
	int64_t units, nanos;

	if (op == FEEL_T_SLASH && feel_decimal_is_zero(by))
		return feel_null_because(run, "division by zero");
	if (!size_of(&size, duration) ||
	    !(op == FEEL_T_SLASH ? feel_decimal_div(&size, size, by)
				 : feel_decimal_mul(&size, size, by)) ||
	    !split(&units, &nanos, size))
		return too_long(run);
	return duration->kind == FEEL_YEARS_MONTHS ? years_months(run, units)
						   : days_time(run, units, nanos);
}

static const struct feel_value *ratio(struct feel_run *run, const struct feel_value *left,
				      const struct feel_value *right)
{
	struct feel_decimal a, b;

	if (!size_of(&a, left) || !size_of(&b, right) || feel_decimal_is_zero(b) ||
	    !feel_decimal_div(&a, a, b))
		return feel_null_because(run, "division by a duration of zero");
	return feel_run_value(run, feel_number(&run->arena, a));
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
	return feel_null_because(run, "a %s and a %s have no such operation",
				 feel_kind_text(left->kind), feel_kind_text(right->kind));
}
