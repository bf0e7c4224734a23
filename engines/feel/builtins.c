/*
 * builtins.c — the table of built-ins, and those of any value and of conversion.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/builtins.h"

#include <string.h>

static const struct feel_builtin builtins[] = {
#define FEEL_BUILTIN(name, min, max, fn, params) { name, min, max, feel_builtin_##fn, params },
	FEEL_BUILTINS
#undef FEEL_BUILTIN
};

const struct feel_builtin *feel_builtin_find(struct feel_text name)
{
	for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++) {
		const char *text = builtins[i].name;

		if (feel_text_equal(name, (struct feel_text){ text, strlen(text) }))
			return &builtins[i];
	}
	return NULL;
}

const struct feel_value *feel_builtin_string(struct feel_run *run, const struct feel_value **args,
					     size_t len)
{
	return args[0]->kind == FEEL_NULL ? &feel_null : feel_to_text(run, args[0]);
}

/* A separator is a string of one character, or null for none. */
static bool separator(char *chp, const struct feel_value *v, const char *allowed)
{
	*chp = '\0';
	if (v->kind == FEEL_NULL)
		return true;
	if (v->kind != FEEL_STRING || v->string.len != 1 || !strchr(allowed, v->string.bytes[0]))
		return false;
	*chp = v->string.bytes[0];
	return true;
}

const struct feel_value *feel_builtin_number(struct feel_run *run, const struct feel_value **args,
					     size_t len)
{
	char buf[128], grouping = '\0', point = '\0';
	struct feel_decimal number;
	size_t at = 0;

	if (args[0]->kind == FEEL_NUMBER)
		return args[0];
	if (args[0]->kind != FEEL_STRING || args[0]->string.len > sizeof(buf))
		return &feel_null;
	if ((len > 1 && !separator(&grouping, args[1], " ,.")) ||
	    (len > 2 && !separator(&point, args[2], ".,")) || (point && point == grouping))
		return &feel_null;
	for (size_t i = 0; i < args[0]->string.len; i++) {
		char ch = args[0]->string.bytes[i];

		if (grouping && ch == grouping)
			continue;
		buf[at++] = point && ch == point ? '.' : ch;
	}
	if (!feel_decimal_parse(&number, buf, at))
		return &feel_null;
	return feel_number(&run->arena, number);
}

static bool int_of(int64_t *outp, const struct feel_value *v)
{
	return v->kind == FEEL_NUMBER && feel_decimal_to_int(outp, v->number);
}

const struct feel_value *feel_builtin_date(struct feel_run *run, const struct feel_value **args,
					   size_t len)
{
	struct feel_moment m = { 0 };
	int64_t year, month, day;
	char buf[32];
	int n;

	if (len == 3) {
		if (!int_of(&year, args[0]) || !int_of(&month, args[1]) || !int_of(&day, args[2]) ||
		    year < 0 || year > 999999999 || month < 1 || month > 12 || day < 1 || day > 31)
			return &feel_null;
		n = snprintf(buf, sizeof(buf), "%04d-%02d-%02d", (int)year, (int)month, (int)day);
		if (!feel_date_parse(&m, buf, (size_t)n))
			return &feel_null;
	} else if (args[0]->kind == FEEL_STRING) {
		if (!feel_date_parse(&m, args[0]->string.bytes, args[0]->string.len))
			return &feel_null;
	} else if (args[0]->kind == FEEL_DATE || args[0]->kind == FEEL_DATETIME) {
		m.year = args[0]->moment.year;
		m.month = args[0]->moment.month;
		m.day = args[0]->moment.day;
	} else {
		return &feel_null;
	}
	return feel_moment(&run->arena, FEEL_DATE, &m);
}

const struct feel_value *feel_builtin_time(struct feel_run *run, const struct feel_value **args,
					   size_t len)
{
	struct feel_moment m;

	if (args[0]->kind == FEEL_STRING) {
		if (!feel_time_parse(&m, args[0]->string.bytes, args[0]->string.len))
			return &feel_null;
	} else if (args[0]->kind == FEEL_DATETIME || args[0]->kind == FEEL_TIME) {
		m = args[0]->moment;
		m.year = m.month = m.day = 0;
	} else {
		return &feel_null;
	}
	return feel_moment(&run->arena, FEEL_TIME, &m);
}

const struct feel_value *feel_builtin_date_and_time(struct feel_run *run,
						    const struct feel_value **args, size_t len)
{
	struct feel_moment m;

	if (len == 2) {
		if ((args[0]->kind != FEEL_DATE && args[0]->kind != FEEL_DATETIME) ||
		    args[1]->kind != FEEL_TIME)
			return &feel_null;
		m = args[1]->moment;
		m.year = args[0]->moment.year;
		m.month = args[0]->moment.month;
		m.day = args[0]->moment.day;
		return feel_moment(&run->arena, FEEL_DATETIME, &m);
	}
	if (args[0]->kind == FEEL_DATETIME)
		return args[0];
	if (args[0]->kind == FEEL_DATE)
		m = args[0]->moment;
	else if (args[0]->kind != FEEL_STRING ||
		 (!feel_datetime_parse(&m, args[0]->string.bytes, args[0]->string.len) &&
		  !feel_date_parse(&m, args[0]->string.bytes, args[0]->string.len)))
		return &feel_null;
	return feel_moment(&run->arena, FEEL_DATETIME, &m);
}

const struct feel_value *feel_builtin_duration(struct feel_run *run, const struct feel_value **args,
					       size_t len)
{
	struct feel_duration d;

	if (args[0]->kind == FEEL_DAYS_TIME || args[0]->kind == FEEL_YEARS_MONTHS)
		return args[0];
	if (args[0]->kind != FEEL_STRING ||
	    !feel_duration_parse(&d, args[0]->string.bytes, args[0]->string.len) ||
	    d.has_months == d.has_time)
		return &feel_null;
	return feel_duration(&run->arena, d.has_months ? FEEL_YEARS_MONTHS : FEEL_DAYS_TIME, &d);
}

const struct feel_value *feel_builtin_not(struct feel_run *run, const struct feel_value **args,
					  size_t len)
{
	return args[0]->kind == FEEL_BOOLEAN ? feel_boolean(!args[0]->truth) : &feel_null;
}

const struct feel_value *feel_builtin_is_defined(struct feel_run *run,
						 const struct feel_value **args, size_t len)
{
	return feel_boolean(args[0]->kind != FEEL_NULL);
}

const struct feel_value *feel_builtin_get_or_else(struct feel_run *run,
						  const struct feel_value **args, size_t len)
{
	return args[0]->kind != FEEL_NULL ? args[0] : args[1];
}
