/*
 * decimal.h — the numbers of FEEL: IEEE 754-2008 decimal128, 34 digits, rounded half to even.
 *
 * What it hides: the decimal library. A result that is not finite is no FEEL number; the functions
 * that could make one return false and leave the result untouched. No allocation, any thread.
 *
 * Source: DMN 1.4 §10.3.2.3.1.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_DECIMAL_H
#define FEEL_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FEEL_DECIMAL_TEXT_SIZE = 96 }; /* holds any number as text, with its NUL */

struct feel_decimal {
	uint64_t word[2];
};

/* feel_decimal_parse reads [-]digits[.digits][e[+-]digits]; false for any other text. */
bool feel_decimal_parse(struct feel_decimal *outp, const char *text, size_t len);

/* feel_decimal_from_double takes the shortest decimal that reads back as d; false if not finite. */
bool feel_decimal_from_double(struct feel_decimal *outp, double d);
struct feel_decimal feel_decimal_from_int(int64_t i);

/* feel_decimal_to_int is exact: false for a fraction or a number out of range. */
bool feel_decimal_to_int(int64_t *outp, struct feel_decimal a);
double feel_decimal_to_double(struct feel_decimal a);

/* feel_decimal_to_text writes the canonical form: no exponent where digits can say it, no -0. */
size_t feel_decimal_to_text(char buf[FEEL_DECIMAL_TEXT_SIZE], struct feel_decimal a);

int feel_decimal_compare(struct feel_decimal a, struct feel_decimal b); /* <0, 0, >0 */
bool feel_decimal_is_zero(struct feel_decimal a);

bool feel_decimal_add(struct feel_decimal *outp, struct feel_decimal a, struct feel_decimal b);
bool feel_decimal_sub(struct feel_decimal *outp, struct feel_decimal a, struct feel_decimal b);
bool feel_decimal_mul(struct feel_decimal *outp, struct feel_decimal a, struct feel_decimal b);
bool feel_decimal_div(struct feel_decimal *outp, struct feel_decimal a, struct feel_decimal b);
bool feel_decimal_pow(struct feel_decimal *outp, struct feel_decimal a, struct feel_decimal b);
bool feel_decimal_sqrt(struct feel_decimal *outp, struct feel_decimal a);
bool feel_decimal_log(struct feel_decimal *outp, struct feel_decimal a); /* to base e */
bool feel_decimal_exp(struct feel_decimal *outp, struct feel_decimal a);

/* feel_decimal_modulo is a - b * floor(a / b), exactly: it has the sign of b. */
bool feel_decimal_modulo(struct feel_decimal *outp, struct feel_decimal a, struct feel_decimal b);

struct feel_decimal feel_decimal_neg(struct feel_decimal a);
struct feel_decimal feel_decimal_abs(struct feel_decimal a);
struct feel_decimal feel_decimal_floor(struct feel_decimal a);
struct feel_decimal feel_decimal_ceiling(struct feel_decimal a);

enum feel_rounding {
	FEEL_ROUND_HALF_EVEN,
	FEEL_ROUND_HALF_UP,   /* half away from 0 */
	FEEL_ROUND_HALF_DOWN, /* half towards 0 */
	FEEL_ROUND_UP,	      /* away from 0 */
	FEEL_ROUND_DOWN,      /* towards 0 */
	FEEL_ROUND_FLOOR,
	FEEL_ROUND_CEILING,
};

/* feel_decimal_round keeps scale digits after the point; false outside -6111..6176. */
bool feel_decimal_round(struct feel_decimal *outp, struct feel_decimal a, int64_t scale,
			enum feel_rounding rounding);

#endif
