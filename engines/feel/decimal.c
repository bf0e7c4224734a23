/*
 * decimal.c — decimal128 arithmetic by the Intel decimal floating-point library (call by value,
 * rounding mode and flags as arguments: its "000" build).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DECIMAL_CALL_BY_REFERENCE      0
#define DECIMAL_GLOBAL_ROUNDING	       0
#define DECIMAL_GLOBAL_EXCEPTION_FLAGS 0
#include <bid_conf.h>
#include <bid_functions.h>

enum {
	DIGITS_MAX = 90,	/* of a literal; more than the library's own buffer is refused */
	POWER_EXACT_MAX = 1000, /* integer exponents up to here by squaring, beyond by logarithm */
};

static BID_UINT128 in(struct feel_decimal a)
{
	BID_UINT128 bid;

	memcpy(&bid, a.word, sizeof(bid));
	return bid;
}

static struct feel_decimal out(BID_UINT128 bid)
{
	struct feel_decimal a;

	memcpy(a.word, &bid, sizeof(bid));
	return a;
}

static bool finite_out(struct feel_decimal *outp, BID_UINT128 bid)
{
	if (!bid128_isFinite(bid))
		return false;
	*outp = out(bid);
	return true;
}

static size_t digits(const char *text, size_t len, size_t at)
{
	size_t n = 0;

	while (at + n < len && text[at + n] >= '0' && text[at + n] <= '9')
		n++;
	return n;
}

static bool is_number(const char *text, size_t len)
{
	size_t at = 0, whole, part = 0, n;

	if (at < len && text[at] == '-')
		at++;
	whole = digits(text, len, at);
	at += whole;
	if (at < len && text[at] == '.') {
		part = digits(text, len, ++at);
		if (part == 0)
			return false;
		at += part;
	}
	if (whole + part == 0 || whole + part > DIGITS_MAX)
		return false;
	if (at < len && (text[at] == 'e' || text[at] == 'E')) {
		at++;
		if (at < len && (text[at] == '+' || text[at] == '-'))
			at++;
		n = digits(text, len, at);
		if (n == 0 || n > 5)
			return false;
		at += n;
	}
	return at == len;
}

bool feel_decimal_parse(struct feel_decimal *outp, const char *text, size_t len)
{
	char buf[DIGITS_MAX + 16];
	_IDEC_flags flags = 0;

	if (len >= sizeof(buf) || !is_number(text, len))
		return false;
	memcpy(buf, text, len);
	buf[len] = '\0';
	return finite_out(outp, bid128_from_string(buf, BID_ROUNDING_TO_NEAREST, &flags));
}

bool feel_decimal_from_double(struct feel_decimal *outp, double d)
{
	char buf[40];

	for (int precision = 15; precision <= 17; precision++) {
		char *comma;

		snprintf(buf, sizeof(buf), "%.*g", precision, d);
		if (strtod(buf, NULL) != d && precision < 17)
			continue;
		comma = strchr(buf, ','); /* a locale's decimal point */
		if (comma)
			*comma = '.';
		break;
	}
	return feel_decimal_parse(outp, buf, strlen(buf));
}

struct feel_decimal feel_decimal_from_int(int64_t i)
{
	return out(bid128_from_int64(i));
}

bool feel_decimal_to_int(int64_t *outp, struct feel_decimal a)
{
	_IDEC_flags flags = 0;
	BID_SINT64 i = bid128_to_int64_xint(in(a), &flags);

	if (flags & (BID_INVALID_EXCEPTION | BID_INEXACT_EXCEPTION))
		return false;
	*outp = i;
	return true;
}

double feel_decimal_to_double(struct feel_decimal a)
{
	_IDEC_flags flags = 0;

	return bid128_to_binary64(in(a), BID_ROUNDING_TO_NEAREST, &flags);
}

size_t feel_decimal_to_text(char buf[FEEL_DECIMAL_TEXT_SIZE], struct feel_decimal a)
{
	char raw[64]; /* "+digitsE±exponent" */
	_IDEC_flags flags = 0;
	const char *sign, *digit = raw + 1;
	size_t n;
	int exponent, point;

	bid128_to_string(raw, in(a), &flags);
	sign = raw[0] == '-' ? "-" : "";
	n = strcspn(digit, "E");
	exponent = digit[n] ? (int)strtol(digit + n + 1, NULL, 10) : 0;
	for (; n > 1 && digit[0] == '0'; n--)
		digit++;
	for (; n > 1 && digit[n - 1] == '0'; n--)
		exponent++;
	if (digit[0] == '0')
		return (size_t)snprintf(buf, FEEL_DECIMAL_TEXT_SIZE, "0");
	point = (int)n + exponent; /* digits before the point */
	if (exponent >= 0 && point <= 40)
		return (size_t)snprintf(buf, FEEL_DECIMAL_TEXT_SIZE, "%s%.*s%.*s", sign, (int)n,
					digit, exponent,
					"0000000000000000000000000000000000000000");
	if (point > 0 && exponent < 0)
		return (size_t)snprintf(buf, FEEL_DECIMAL_TEXT_SIZE, "%s%.*s.%.*s", sign, point,
					digit, (int)n - point, digit + point);
	if (point <= 0 && point > -40)
		return (size_t)snprintf(buf, FEEL_DECIMAL_TEXT_SIZE, "%s0.%.*s%.*s", sign, -point,
					"0000000000000000000000000000000000000000", (int)n, digit);
	return (size_t)snprintf(buf, FEEL_DECIMAL_TEXT_SIZE, "%s%c%s%.*sE%+d", sign, digit[0],
				n > 1 ? "." : "", (int)n - 1, digit + 1, point - 1);
}

/* Numbers with one sign and exponent, and digits that fit 64 bits, differ in the low word alone
 * (IEEE 754-2008 §3.5.2, binary encoding). */
static bool compares_at_once(int *orderp, struct feel_decimal a, struct feel_decimal b)
{
	const uint64_t digits = (1ULL << 49) - 1, sign = 1ULL << 63, special = 3ULL << 61;
	uint64_t high = a.word[1];

	if (high != b.word[1] || (high & digits) || (high & special) == special)
		return false;
	*orderp = (a.word[0] > b.word[0]) - (a.word[0] < b.word[0]);
	if (high & sign)
		*orderp = -*orderp;
	return true;
}

static int compare_slowly(struct feel_decimal a, struct feel_decimal b)
{
	_IDEC_flags flags = 0;

	if (bid128_quiet_less(in(a), in(b), &flags))
		return -1;
	return bid128_quiet_greater(in(a), in(b), &flags) ? 1 : 0;
}

int feel_decimal_compare(struct feel_decimal a, struct feel_decimal b)
{
	int order;

	if (compares_at_once(&order, a, b))
		return order;
	return compare_slowly(a, b);
}

bool feel_decimal_is_zero(struct feel_decimal a)
{
	return bid128_isZero(in(a));
}

bool feel_decimal_add(struct feel_decimal *outp, struct feel_decimal a, struct feel_decimal b)
{
	_IDEC_flags flags = 0;

	return finite_out(outp, bid128_add(in(a), in(b), BID_ROUNDING_TO_NEAREST, &flags));
}

bool feel_decimal_sub(struct feel_decimal *outp, struct feel_decimal a, struct feel_decimal b)
{
	_IDEC_flags flags = 0;

	return finite_out(outp, bid128_sub(in(a), in(b), BID_ROUNDING_TO_NEAREST, &flags));
}

bool feel_decimal_mul(struct feel_decimal *outp, struct feel_decimal a, struct feel_decimal b)
{
	_IDEC_flags flags = 0;

	return finite_out(outp, bid128_mul(in(a), in(b), BID_ROUNDING_TO_NEAREST, &flags));
}

bool feel_decimal_div(struct feel_decimal *outp, struct feel_decimal a, struct feel_decimal b)
{
	_IDEC_flags flags = 0;

	return finite_out(outp, bid128_div(in(a), in(b), BID_ROUNDING_TO_NEAREST, &flags));
}

bool feel_decimal_pow(struct feel_decimal *outp, struct feel_decimal a, struct feel_decimal b)
{
	_IDEC_flags flags = 0;
	struct feel_decimal power = feel_decimal_from_int(1);
	int64_t n;

	if (!feel_decimal_to_int(&n, b) || n > POWER_EXACT_MAX || n < -POWER_EXACT_MAX)
		return finite_out(outp, bid128_pow(in(a), in(b), BID_ROUNDING_TO_NEAREST, &flags));
	for (uint64_t bits = (uint64_t)(n < 0 ? -n : n); bits; bits >>= 1) {
		if ((bits & 1) && !feel_decimal_mul(&power, power, a))
			return false;
		if (bits > 1 && !feel_decimal_mul(&a, a, a))
			return false;
	}
	if (n < 0)
		return feel_decimal_div(outp, feel_decimal_from_int(1), power);
	*outp = power;
	return true;
}

bool feel_decimal_sqrt(struct feel_decimal *outp, struct feel_decimal a)
{
	_IDEC_flags flags = 0;

	return finite_out(outp, bid128_sqrt(in(a), BID_ROUNDING_TO_NEAREST, &flags));
}

struct feel_decimal feel_decimal_neg(struct feel_decimal a)
{
	return out(bid128_negate(in(a)));
}

struct feel_decimal feel_decimal_abs(struct feel_decimal a)
{
	return out(bid128_abs(in(a)));
}

struct feel_decimal feel_decimal_floor(struct feel_decimal a)
{
	_IDEC_flags flags = 0;

	return out(bid128_round_integral_negative(in(a), &flags));
}

struct feel_decimal feel_decimal_ceiling(struct feel_decimal a)
{
	_IDEC_flags flags = 0;

	return out(bid128_round_integral_positive(in(a), &flags));
}

bool feel_decimal_log(struct feel_decimal *outp, struct feel_decimal a)
{
	_IDEC_flags flags = 0;

	return finite_out(outp, bid128_log(in(a), BID_ROUNDING_TO_NEAREST, &flags));
}

bool feel_decimal_exp(struct feel_decimal *outp, struct feel_decimal a)
{
	_IDEC_flags flags = 0;

	return finite_out(outp, bid128_exp(in(a), BID_ROUNDING_TO_NEAREST, &flags));
}

bool feel_decimal_modulo(struct feel_decimal *outp, struct feel_decimal a, struct feel_decimal b)
{
	_IDEC_flags flags = 0;
	BID_UINT128 rest = bid128_fmod(in(a), in(b), &flags);

	if (!bid128_isFinite(rest))
		return false;
	if (bid128_isZero(rest) || bid128_isSigned(rest) == bid128_isSigned(in(b)))
		return finite_out(outp, rest);
	return feel_decimal_add(outp, out(rest), b);
}

/* Half towards 0: cut, and away from 0 if what was cut off is more than half a unit. */
static BID_UINT128 half_down(BID_UINT128 a, BID_UINT128 unit)
{
	_IDEC_flags flags = 0;
	BID_UINT128 cut = bid128_quantize(a, unit, BID_ROUNDING_TO_ZERO, &flags);
	BID_UINT128 rest = bid128_abs(bid128_sub(a, cut, BID_ROUNDING_TO_NEAREST, &flags));
	BID_UINT128 half = bid128_mul(unit,
				      bid128_div(bid128_from_int64(1), bid128_from_int64(2),
						 BID_ROUNDING_TO_NEAREST, &flags),
				      BID_ROUNDING_TO_NEAREST, &flags);

	return bid128_quiet_greater(rest, half, &flags)
		       ? bid128_quantize(a, unit, BID_ROUNDING_TIES_AWAY, &flags)
		       : cut;
}

bool feel_decimal_round(struct feel_decimal *outp, struct feel_decimal a, int64_t scale,
			enum feel_rounding rounding)
{
	static const int modes[] = {
		[FEEL_ROUND_HALF_EVEN] = BID_ROUNDING_TO_NEAREST,
		[FEEL_ROUND_HALF_UP] = BID_ROUNDING_TIES_AWAY,
		[FEEL_ROUND_HALF_DOWN] = BID_ROUNDING_TO_NEAREST,
		[FEEL_ROUND_UP] = BID_ROUNDING_UP,
		[FEEL_ROUND_DOWN] = BID_ROUNDING_TO_ZERO,
		[FEEL_ROUND_FLOOR] = BID_ROUNDING_DOWN,
		[FEEL_ROUND_CEILING] = BID_ROUNDING_UP,
	};
	bool is_negative = bid128_isSigned(in(a));
	int mode = rounding == FEEL_ROUND_UP && is_negative ? BID_ROUNDING_DOWN : modes[rounding];
	_IDEC_flags flags = 0;
	BID_UINT128 rounded, unit;

	if (scale < -6111 || scale > 6176)
		return false;
	unit = bid128_scalbn(bid128_from_int64(1), (int)-scale, BID_ROUNDING_TO_NEAREST, &flags);
	rounded = bid128_quantize(in(a), unit, mode, &flags);
	if (!bid128_isFinite(rounded)) {
		*outp = a; /* more digits than there are: nothing to round */
		return true;
	}
	if (rounding == FEEL_ROUND_HALF_DOWN)
		rounded = half_down(in(a), unit);
	return finite_out(outp, rounded);
}
