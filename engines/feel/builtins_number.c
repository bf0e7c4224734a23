/*
 * builtins_number.c — built-ins of numbers.
 *
 * Source: DMN 1.4 table 76.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/builtins.h"

static const struct feel_value *rounded(struct feel_run *run, const struct feel_value *const *args,
					size_t len, enum feel_rounding rounding)
{
	struct feel_decimal result;
	int64_t scale = 0;

	if (len > 1 && !feel_int_of(&scale, args[1]))
		scale = INT64_MAX;
	return feel_decimal_value(run,
				  feel_decimal_round(&result, args[0]->number, scale, rounding),
				  &result, "the scale is not within -6111 to 6176");
}

#define ROUNDING(name, rounding)                                                                   \
	FEEL_FN(name)                                                                              \
	{                                                                                          \
		return rounded(run, args, len, rounding);                                          \
	}

ROUNDING(decimal, FEEL_ROUND_HALF_EVEN)
ROUNDING(floor, FEEL_ROUND_FLOOR)
ROUNDING(ceiling, FEEL_ROUND_CEILING)
ROUNDING(round_up, FEEL_ROUND_UP)
ROUNDING(round_down, FEEL_ROUND_DOWN)
ROUNDING(round_half_up, FEEL_ROUND_HALF_UP)
ROUNDING(round_half_down, FEEL_ROUND_HALF_DOWN)

FEEL_FN(abs)
{
	return feel_run_value(run, feel_number(&run->arena, feel_decimal_abs(args[0]->number)));
}

FEEL_FN(abs_of_duration)
{
	const struct feel_value *d = args[0], *minus_one;
	bool is_negative =
		d->kind == FEEL_DAYS_TIME ? d->duration.seconds < 0 : d->duration.months < 0;

	if (!is_negative)
		return d;
	minus_one = feel_int_value(run, -1);
	return minus_one ? feel_op_temporal(run, FEEL_T_TIMES, d, minus_one) : NULL;
}

FEEL_FN(modulo)
{
	struct feel_decimal result;

	return feel_decimal_value(run,
				  feel_decimal_modulo(&result, args[0]->number, args[1]->number),
				  &result, "modulo(): the divisor is 0");
}

FEEL_FN(sqrt)
{
	struct feel_decimal result;

	return feel_decimal_value(run, feel_decimal_sqrt(&result, args[0]->number), &result,
				  "sqrt() of a negative number");
}

FEEL_FN(log)
{
	struct feel_decimal result;

	return feel_decimal_value(
		run, feel_run_step(run, 20) && feel_decimal_log(&result, args[0]->number), &result,
		"log() of a number that is not above 0");
}

FEEL_FN(exp)
{
	struct feel_decimal result;

	return feel_decimal_value(
		run, feel_run_step(run, 20) && feel_decimal_exp(&result, args[0]->number), &result,
		"exp(): the result is too large");
}

static const struct feel_value *has_parity(const struct feel_value *v, int64_t wanted)
{
	struct feel_decimal rest;

	return feel_boolean(feel_decimal_modulo(&rest, v->number, feel_decimal_from_int(2)) &&
			    feel_decimal_compare(rest, feel_decimal_from_int(wanted)) == 0);
}

FEEL_FN(odd)
{
	return has_parity(args[0], 1);
}

FEEL_FN(even)
{
	return has_parity(args[0], 0);
}
