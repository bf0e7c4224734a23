/*
 * value.c — is a wish a value of its attribute?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sdk/attribute/value.h"

#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pelago/attribute.h"

static const struct unit {
	const char *name;
	int64_t ms;
} units[] = { { "ms", 1 }, { "s", 1000 }, { "min", 60000 }, { "h", 3600000 }, { "d", 86400000 } };

int64_t value_unit_ms(const char *unit)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i].name, unit) == 0)
			return units[i].ms;
	return 0;
}

/* "NAME: WHY" */
__attribute__((format(printf, 2, 3))) static enum pl_err refuse(const struct pl_attribute *a,
								const char *fmt, ...)
{
	char why[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return pl_fail(PL_INVALID, "%s: %s", a->name, why);
}

/* ---- boolean ---- */

static enum pl_err check_boolean(json_t **valuep, const struct pl_attribute *a, const json_t *wish)
{
	static const char *const words[][2] = {
		{ "false", "true" }, { "off", "on" }, { "no", "yes" }, { "0", "1" }
	};
	const char *text = json_string_value(wish);

	if (json_is_boolean(wish) || (json_is_integer(wish) && (json_integer_value(wish) == 0 ||
								json_integer_value(wish) == 1))) {
		*valuep = json_boolean(json_is_true(wish) || json_integer_value(wish) == 1);
		return PL_OK;
	}
	for (size_t i = 0; text && i < sizeof(words) / sizeof(words[0]); i++)
		for (int on = 0; on < 2; on++)
			if (strcasecmp(text, words[i][on]) == 0) {
				*valuep = json_boolean(on);
				return PL_OK;
			}
	return refuse(a, "is true or false");
}

/* ---- integer and duration ---- */

/* A number of units, as typed: "90", "5 min". */
static bool read_number(int64_t *numberp, const struct pl_attribute *a, const char *text)
{
	int64_t number, from_ms, to_ms = value_unit_ms(a->unit);
	char *end;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (end == text || errno || isspace((unsigned char)*text))
		return false;
	while (*end == ' ')
		end++;
	if (*end && strcmp(end, a->unit) != 0) {
		from_ms = a->type == PL_ATTRIBUTE_DURATION ? value_unit_ms(end) : 0;
		if (!from_ms || __builtin_mul_overflow(number, from_ms, &number) || number % to_ms)
			return false;
		number /= to_ms;
	}
	*numberp = number;
	return true;
}

static enum pl_err check_number(json_t **valuep, const struct pl_attribute *a, const json_t *wish)
{
	const char *text = json_string_value(wish), *of = *a->unit ? " " : "";
	int64_t number = json_integer_value(wish);

	if (!json_is_integer(wish) && (!text || !read_number(&number, a, text)))
		return refuse(a, "is a whole number from %lld to %lld%s%s", (long long)a->least,
			      (long long)a->most, of, a->unit);
	if (number < a->least || number > a->most)
		return refuse(a, "%lld%s%s is out of range; allowed is %lld to %lld",
			      (long long)number, of, a->unit, (long long)a->least,
			      (long long)a->most);
	*valuep = json_integer(number);
	return PL_OK;
}

/* ---- texts ---- */

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

static int64_t characters(const char *text)
{
	int64_t n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

/* All of the text, as an alternative of the pattern might match a part only. */
static bool matches(const char *pattern, const char *text)
{
	regmatch_t at;
	regex_t regex;
	bool fits;

	if (regcomp(&regex, pattern, REG_EXTENDED))
		return false;
	fits = regexec(&regex, text, 1, &at, 0) == 0 && at.rm_so == 0 && !text[at.rm_eo];
	regfree(&regex);
	return fits;
}

static enum pl_err check_string(const struct pl_attribute *a, const char *text)
{
	int64_t len = characters(text);

	if (len < a->least || len > a->most)
		return refuse(a, "has %lld characters; allowed are %lld to %lld", (long long)len,
			      (long long)a->least, (long long)a->most);
	if (has_control(text))
		return refuse(a, "has a control character");
	if (*a->pattern && !matches(a->pattern, text))
		return refuse(a, "is not of the form %s", a->pattern);
	return PL_OK;
}

static enum pl_err check_word(const struct pl_attribute *a, const char *text)
{
	char allowed[300] = "";
	size_t i, len = 0;
	json_t *word;

	json_array_foreach(a->values, i, word) {
		if (strcmp(json_string_value(word), text) == 0)
			return PL_OK;
		len += (size_t)snprintf(allowed + len, sizeof(allowed) - len, "%s%s", i ? ", " : "",
					json_string_value(word));
		if (len >= sizeof(allowed))
			len = sizeof(allowed) - 1;
	}
	return refuse(a, "is one of %s", allowed);
}

static bool is_port(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= 5 && strspn(text, "0123456789") == len &&
	       strtol(text, NULL, 10) > 0 && strtol(text, NULL, 10) <= 65535;
}

/* A name of letters, digits and "-", parted by dots (RFC 1123 §2.1), which an IPv4 address is too.
 */
static bool is_host(const char *text, size_t len)
{
	size_t label = 0;

	if (len == 0 || len > 253)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool is_end = i + 1 == len || text[i + 1] == '.';

		if (text[i] == '.' && label == 0)
			return false;
		label = text[i] == '.' ? 0 : label + 1;
		if (text[i] != '.' && !isalnum((unsigned char)text[i]) &&
		    (text[i] != '-' || label == 1 || is_end))
			return false;
		if (label > 63)
			return false;
	}
	return label > 0;
}

/* HOST, HOST:PORT, [IPv6] or [IPv6]:PORT (RFC 3986 §3.2.2). */
static bool is_address(const char *text)
{
	const char *end = strchr(text, ']'), *colon;

	if (*text == '[') {
		if (!end || end == text + 1 ||
		    strspn(text + 1, "0123456789abcdefABCDEF:.") != (size_t)(end - text - 1))
			return false;
		return !end[1] || (end[1] == ':' && is_port(end + 2));
	}
	colon = strchr(text, ':');
	return is_host(text, colon ? (size_t)(colon - text) : strlen(text)) &&
	       (!colon || is_port(colon + 1));
}

static enum pl_err check_text(json_t **valuep, const struct pl_attribute *a, const json_t *wish)
{
	const char *text = json_string_value(wish);
	enum pl_err err = PL_OK;

	if (!text || json_string_length(wish) != strlen(text))
		return refuse(a, "is a text");
	if (a->type == PL_ATTRIBUTE_ENUMERATION)
		err = check_word(a, text);
	else if (a->type == PL_ATTRIBUTE_ADDRESS && *text && !is_address(text))
		err = refuse(a, "is a host name or an address, with a port or without: "
				"ocp.example.com, 192.0.2.7:8443, [2001:db8::7]");
	else if (a->type != PL_ATTRIBUTE_ADDRESS)
		err = check_string(a, text);
	if (err)
		return err;
	*valuep = json_string(text);
	return *valuep ? PL_OK : PL_NOMEM;
}

enum pl_err pl_attribute_check(json_t **valuep, const struct pl_attribute *a, const json_t *wish)
{
	switch (a->type) {
	case PL_ATTRIBUTE_BOOLEAN:
		return check_boolean(valuep, a, wish);
	case PL_ATTRIBUTE_INTEGER:
	case PL_ATTRIBUTE_DURATION:
		return check_number(valuep, a, wish);
	default:
		return check_text(valuep, a, wish);
	}
}
