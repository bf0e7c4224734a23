/*
 * builtins_number.c — built-ins of numbers.
 *
 * Source: DMN 1.4 table 77.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/builtins.h"

static const struct feel_value *number_or_null(struct feel_run *run, bool ok,
					       const struct feel_decimal *number)
{
	return ok ? feel_number(&run->arena, *number) : &feel_null;
}

const struct feel_value *feel_builtin_abs(struct feel_run *run, const struct feel_value **args,
					  size_t len)
{
	const struct feel_value *n = args[0];

	if (n->kind == FEEL_NUMBER)
		return feel_number(&run->arena, feel_decimal_abs(n->number));
	if ((n->kind == FEEL_DAYS_TIME && n->duration.seconds < 0) ||
	    (n->kind == FEEL_YEARS_MONTHS && n->duration.months < 0))
		return feel_op_temporal(run, FEEL_T_TIMES, n, feel_number_of_int(&run->arena, -1));
	return n->kind == FEEL_DAYS_TIME || n->kind == FEEL_YEARS_MONTHS ? n : &feel_null;
}

/* floor or ceiling at a place after the point: scaled up, cut, scaled down */
static const struct feel_value *cut(struct feel_run *run, const struct feel_value **args,
				    size_t len, struct feel_decimal (*fn)(struct feel_decimal))
{
	struct feel_decimal result, power;
	int64_t scale;

	if (args[0]->kind != FEEL_NUMBER)
		return &feel_null;
	if (len == 1)
		return feel_number(&run->arena, fn(args[0]->number));
	if (args[1]->kind != FEEL_NUMBER || !feel_decimal_to_int(&scale, args[1]->number) ||
	    scale < -6000 || scale > 6000)
		return &feel_null;
	if (!feel_decimal_pow(&power, feel_decimal_from_int(10), feel_decimal_from_int(scale)) ||
	    !feel_decimal_mul(&result, args[0]->number, power))
		return &feel_null;
	return number_or_null(run, feel_decimal_div(&result, fn(result), power), &result);
}

const struct feel_value *feel_builtin_floor(struct feel_run *run, const struct feel_value **args,
					    size_t len)
{
	return cut(run, args, len, feel_decimal_floor);
}

const struct feel_value *feel_builtin_ceiling(struct feel_run *run, const struct feel_value **args,
					      size_t len)
{
	return cut(run, args, len, feel_decimal_ceiling);
}

const struct feel_value *feel_builtin_decimal(struct feel_run *run, const struct feel_value **args,
					      size_t len)
{
	struct feel_decimal result;
	int64_t scale;

	if (args[0]->kind != FEEL_NUMBER || args[1]->kind != FEEL_NUMBER ||
	    !feel_decimal_to_int(&scale, args[1]->number))
		return &feel_null;
	return number_or_null(run, feel_decimal_round(&result, args[0]->number, scale), &result);
}

static bool modulo(struct feel_decimal *outp, struct feel_decimal a, struct feel_decimal b)
{
	struct feel_decimal q;

	return !feel_decimal_is_zero(b) && feel_decimal_div(&q, a, b) &&
	       feel_decimal_mul(&q, feel_decimal_floor(q), b) && feel_decimal_sub(outp, a, q);
}

const struct feel_value *feel_builtin_modulo(struct feel_run *run, const struct feel_value **args,
					     size_t len)
{
	struct feel_decimal result;

	if (args[0]->kind != FEEL_NUMBER || args[1]->kind != FEEL_NUMBER)
		return &feel_null;
	return number_or_null(run, modulo(&result, args[0]->number, args[1]->number), &result);
}

const struct feel_value *feel_builtin_sqrt(struct feel_run *run, const struct feel_value **args,
					   size_t len)
{
	struct feel_decimal result;

	if (args[0]->kind != FEEL_NUMBER)
		return &feel_null;
	return number_or_null(run, feel_decimal_sqrt(&result, args[0]->number), &result);
}

static const struct feel_value *parity(const struct feel_value *v, int64_t wanted)
{
	struct feel_decimal rest;

	if (v->kind != FEEL_NUMBER || !modulo(&rest, v->number, feel_decimal_from_int(2)))
		return &feel_null;
	return feel_boolean(feel_decimal_compare(rest, feel_decimal_from_int(wanted)) == 0);
}

const struct feel_value *feel_builtin_odd(struct feel_run *run, const struct feel_value **args,
					  size_t len)
{
	return parity(args[0], 1);
}

const struct feel_value *feel_builtin_even(struct feel_run *run, const struct feel_value **args,
					   size_t len)
{
	return parity(args[0], 0);
}
