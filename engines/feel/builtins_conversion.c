/*
 * builtins_conversion.c — built-ins that make a value of another kind.
 *
 * Source: DMN 1.4 table 71; date and time() of parts and range(): DMN 1.5 table 71.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/builtins.h"

#include <string.h>

#include "engines/feel/calendar.h"
#include "engines/feel/lexer.h"
#include "engines/feel/zone.h"

enum { NANOS = 1000000000, YEAR_MAX = 999999999, OFFSET_MAX_S = 18 * 3600, SHOWN_MAX = 60 };

/* So much of a text as a note shows. */
static int shown(const struct feel_value *text)
{
	return (int)feel_utf8_cut(text->string.bytes, text->string.len, SHOWN_MAX);
}

static const struct feel_value *no_such(struct feel_run *run, const char *what,
					const struct feel_value *text)
{
	return feel_null_because(run, "\"%.*s\" is no %s", shown(text), text->string.bytes, what);
}

FEEL_FN(same)
{
	return args[0];
}

FEEL_FN(string)
{
	return args[0]->kind == FEEL_NULL ? &feel_null : feel_to_text(run, args[0]);
}

/* A separator is one of the characters allowed, or null for none. */
static bool separator(char *chp, const struct feel_value *v, const char *allowed)
{
	*chp = '\0';
	if (v->kind == FEEL_NULL)
		return true;
	if (v->string.len != 1 || !strchr(allowed, v->string.bytes[0]))
		return false;
	*chp = v->string.bytes[0];
	return true;
}

FEEL_FN(number)
{
	char buf[FEEL_DECIMAL_TEXT_SIZE * 2], grouping, point;
	const struct feel_text text = args[0]->string;
	struct feel_decimal number;
	size_t at = 0;

	if (!separator(&grouping, args[1], " ,."))
		return feel_null_because(run, "number(): the grouping separator is \" \", \",\", "
					      "\".\" or null");
	if (!separator(&point, args[2], ".,"))
		return feel_null_because(run, "number(): the decimal separator is \".\", \",\" or "
					      "null");
	if (point && point == grouping)
		return feel_null_because(run, "number(): both separators are the same");
	for (size_t i = 0; i < text.len; i++) {
		char ch = text.bytes[i];

		if (grouping && ch == grouping)
			continue;
		if (at == sizeof(buf) || (ch == '.' && point == ','))
			return no_such(run, "number", args[0]);
		buf[at++] = point && ch == point ? '.' : ch;
	}
	if (!feel_decimal_parse(&number, buf, at))
		return no_such(run, "number", args[0]);
	return feel_run_value(run, feel_number(&run->arena, number));
}

/* ---- dates and times ---- */

static const struct feel_value *moment(struct feel_run *run, enum feel_kind kind,
				       const struct feel_moment *m)
{
	return feel_run_value(run, feel_moment(&run->arena, kind, m));
}

/* Looking for a zone may read a file. */
static bool pay_for_zone(struct feel_run *run, const struct feel_value *text)
{
	return feel_run_step(run, memchr(text->string.bytes, '@', text->string.len) ? 50 : 1);
}

FEEL_FN(date_of_text)
{
	struct feel_moment m;

	if (!feel_date_parse(&m, args[0]->string.bytes, args[0]->string.len))
		return no_such(run, "date", args[0]);
	return moment(run, FEEL_DATE, &m);
}

static struct feel_moment date_part(const struct feel_moment *m)
{
	return (struct feel_moment){ .year = m->year, .month = m->month, .day = m->day };
}

FEEL_FN(date_of_moment)
{
	const struct feel_moment m = date_part(&args[0]->moment);

	return moment(run, FEEL_DATE, &m);
}

/* A whole number of a range. */
static bool whole(int64_t *outp, const struct feel_value *v, int64_t min, int64_t max)
{
	return feel_decimal_to_int(outp, v->number) && *outp >= min && *outp <= max;
}

static bool take_date(struct feel_moment *m, const struct feel_value *const *args)
{
	int64_t year, month, day;

	if (!whole(&year, args[0], -YEAR_MAX, YEAR_MAX) || !whole(&month, args[1], 1, 12) ||
	    !whole(&day, args[2], 1, feel_calendar_month_days(year, (int)month)))
		return false;
	m->year = (int32_t)year;
	m->month = (int8_t)month;
	m->day = (int8_t)day;
	return true;
}

static bool take_time(struct feel_moment *m, const struct feel_value *const *args)
{
	struct feel_decimal part = args[2]->number, second = feel_decimal_floor(part);
	int64_t hour, minute, seconds, nanos;

	if (!whole(&hour, args[0], 0, 23) || !whole(&minute, args[1], 0, 59) ||
	    !feel_decimal_to_int(&seconds, second) || seconds < 0 || seconds > 59 ||
	    !feel_decimal_sub(&part, part, second) ||
	    !feel_decimal_mul(&part, part, feel_decimal_from_int(NANOS)) ||
	    !feel_decimal_to_int(&nanos, feel_decimal_floor(part)))
		return false;
	m->hour = (int8_t)hour;
	m->minute = (int8_t)minute;
	m->second = (int8_t)seconds;
	m->nanos = (int32_t)nanos;
	return true;
}

/* An offset is a duration within 18 hours, or null for none. */
static bool take_offset(struct feel_moment *m, const struct feel_value *offset)
{
	if (offset->kind == FEEL_NULL)
		return true;
	if (offset->duration.nanos || offset->duration.seconds > OFFSET_MAX_S ||
	    offset->duration.seconds < -OFFSET_MAX_S)
		return false;
	m->has_offset = true;
	m->offset_s = (int32_t)offset->duration.seconds;
	return true;
}

FEEL_FN(date_of_parts)
{
	struct feel_moment m = { 0 };

	if (!take_date(&m, args))
		return feel_null_because(run, "date(): there is no such day");
	return moment(run, FEEL_DATE, &m);
}

FEEL_FN(time_of_text)
{
	struct feel_moment m;

	if (!pay_for_zone(run, args[0]))
		return NULL;
	if (!feel_time_parse(&m, args[0]->string.bytes, args[0]->string.len))
		return no_such(run, "time", args[0]);
	return moment(run, FEEL_TIME, &m);
}

/* A date is midnight in UTC. */
FEEL_FN(time_of_moment)
{
	struct feel_moment m = args[0]->moment;

	m.year = m.month = m.day = 0;
	m.has_offset |= args[0]->kind == FEEL_DATE;
	feel_moment_place(&m);
	return moment(run, FEEL_TIME, &m);
}

FEEL_FN(time_of_parts)
{
	struct feel_moment m = { 0 };

	if (!take_time(&m, args) || !take_offset(&m, args[3]))
		return feel_null_because(run, "time(): there is no such time");
	return moment(run, FEEL_TIME, &m);
}

FEEL_FN(datetime_of_text)
{
	const struct feel_text text = args[0]->string;
	struct feel_moment m;

	if (!pay_for_zone(run, args[0]))
		return NULL;
	if (!feel_datetime_parse(&m, text.bytes, text.len) &&
	    !feel_date_parse(&m, text.bytes, text.len))
		return no_such(run, "date and time", args[0]);
	return moment(run, FEEL_DATETIME, &m);
}

FEEL_FN(datetime_of_moment)
{
	return moment(run, FEEL_DATETIME, &args[0]->moment);
}

FEEL_FN(datetime_of_both)
{
	struct feel_moment m = args[1]->moment;

	m.year = args[0]->moment.year;
	m.month = args[0]->moment.month;
	m.day = args[0]->moment.day;
	feel_moment_place(&m);
	return moment(run, FEEL_DATETIME, &m);
}

static const struct feel_zone *zone_of(struct feel_run *run, const struct feel_value *name)
{
	if (!feel_run_step(run, 50))
		return NULL;
	return feel_zone_find(name->string.bytes, name->string.len);
}

/* The same instant by the clock of another zone; without an offset, the same clock there. */
FEEL_FN(datetime_in_zone)
{
	struct feel_moment m = args[0]->moment;
	const struct feel_moment like = { .month = 1,
					  .has_offset = true,
					  .zone = zone_of(run, args[1]) };

	if (!like.zone)
		return run->err ? NULL : no_such(run, "time zone", args[1]);
	if (!m.has_offset) {
		m.zone = like.zone;
		feel_moment_place(&m);
	} else if (!feel_moment_from_seconds(&m, feel_moment_seconds(&m), m.nanos, &like)) {
		return feel_null_because(run, "the date is not within the years -999999999 to "
					      "999999999");
	}
	return moment(run, FEEL_DATETIME, &m);
}

FEEL_FN(datetime_of_parts)
{
	struct feel_moment m = { 0 };
	bool is_zone = args[6]->kind == FEEL_STRING;

	if (!take_date(&m, args) || !take_time(&m, args + 3) ||
	    (!is_zone && !take_offset(&m, args[6])))
		return feel_null_because(run, "date and time(): there is no such date and time");
	if (is_zone) {
		m.zone = zone_of(run, args[6]);
		if (!m.zone)
			return run->err ? NULL : no_such(run, "time zone", args[6]);
		feel_moment_place(&m);
	}
	return moment(run, FEEL_DATETIME, &m);
}

/* ---- durations ---- */

FEEL_FN(duration)
{
	struct feel_duration d;

	if (!feel_duration_parse(&d, args[0]->string.bytes, args[0]->string.len) ||
	    d.has_months == d.has_time)
		return no_such(run, "duration", args[0]);
	return feel_run_value(
		run,
		feel_duration(&run->arena, d.has_months ? FEEL_YEARS_MONTHS : FEEL_DAYS_TIME, &d));
}

/* Whole months from one day to another, by their dates alone. */
FEEL_FN(months_between)
{
	const struct feel_moment *from = &args[0]->moment, *to = &args[1]->moment;
	struct feel_duration d = { .has_months = true };

	d.months = (to->year - (int64_t)from->year) * 12 + to->month - from->month;
	if (d.months > 0 && to->day < from->day)
		d.months--;
	else if (d.months < 0 && to->day > from->day)
		d.months++;
	return feel_run_value(run, feel_duration(&run->arena, FEEL_YEARS_MONTHS, &d));
}

/* ---- ranges: a range literal whose ends are literals ---- */

struct cursor {
	struct feel_run *run;
	const char *at, *end;
};

static void skip_blanks(struct cursor *c)
{
	while (c->at < c->end && strchr(" \t\r\n", *c->at))
		c->at++;
}

static bool skip_text(struct cursor *c, const char *text)
{
	size_t len = strlen(text);

	skip_blanks(c);
	if ((size_t)(c->end - c->at) < len || memcmp(c->at, text, len) != 0)
		return false;
	c->at += len;
	return true;
}

/* "text" with escapes; NULL if there is none or the run is over. */
static const struct feel_value *take_string(struct cursor *c)
{
	struct feel_token token = { .kind = FEEL_T_STRING };
	const char *problem;
	char *bytes;
	size_t len;

	skip_blanks(c);
	token.start = c->at;
	if (!skip_text(c, "\""))
		return NULL;
	while (c->at < c->end && *c->at != '"')
		c->at += *c->at == '\\' && c->end - c->at > 1 ? 2 : 1;
	if (!skip_text(c, "\""))
		return NULL;
	token.len = (size_t)(c->at - token.start);
	bytes = feel_arena_alloc(&c->run->arena, token.len + 1);
	if (!bytes)
		return feel_run_over(c->run);
	if (!feel_unescape(bytes, &len, &token, &problem))
		return NULL;
	return feel_text_value(c->run, bytes, len);
}

static const struct feel_value *take_number(struct cursor *c)
{
	struct feel_decimal number;
	const char *start;

	skip_blanks(c);
	for (start = c->at; c->at < c->end; c->at++) {
		bool is_dot = *c->at == '.' && c->at + 1 < c->end && c->at[1] != '.';

		if (!is_dot && !strchr("0123456789-+eE", *c->at))
			break;
	}
	if (c->at == start || !feel_decimal_parse(&number, start, (size_t)(c->at - start)))
		return NULL;
	return feel_run_value(c->run, feel_number(&c->run->arena, number));
}

static const struct {
	const char *name;
	feel_builtin_fn *fn;
} literals[] = {
	{ "date and time", feel_builtin_datetime_of_text },
	{ "date", feel_builtin_date_of_text },
	{ "time", feel_builtin_time_of_text },
	{ "duration", feel_builtin_duration },
};

enum { LITERALS = sizeof(literals) / sizeof(literals[0]) };

/* @"text": the first kind that the text is of */
static const struct feel_value *take_at_literal(struct cursor *c)
{
	const struct feel_value *text = take_string(c), *v;
	struct feel_moment m;

	if (!text)
		return NULL;
	if (feel_date_parse(&m, text->string.bytes, text->string.len))
		return moment(c->run, FEEL_DATE, &m);
	for (size_t i = 0; i < LITERALS; i++) {
		size_t notes = c->run->notes_len;

		v = literals[i].fn(c->run, &text, 1);
		if (!v || v->kind != FEEL_NULL)
			return v;
		c->run->notes_len = notes; /* it may be of the next kind */
	}
	return NULL;
}

/* An end of a range; *hasp tells whether there is one. False if there is something else. */
static bool take_end(struct cursor *c, const struct feel_value **endp)
{
	const struct feel_value *text;

	skip_blanks(c);
	*endp = NULL;
	if (c->at == c->end || *c->at == '.' || strchr("])[", *c->at))
		return true;
	if (*c->at == '"') {
		*endp = take_string(c);
	} else if (skip_text(c, "@")) {
		*endp = take_at_literal(c);
	} else if (strchr("0123456789-", *c->at)) {
		*endp = take_number(c);
	} else {
		for (size_t i = 0; i < LITERALS && !*endp; i++) {
			if (!skip_text(c, literals[i].name))
				continue;
			text = skip_text(c, "(") ? take_string(c) : NULL;
			if (!text || !skip_text(c, ")"))
				return false;
			*endp = literals[i].fn(c->run, &text, 1);
			break;
		}
	}
	return *endp && (*endp)->kind != FEEL_NULL;
}

static const struct feel_value *take_range(struct cursor *c)
{
	const struct feel_value *low, *high;
	bool low_open, high_open;
	int order;

	low_open = skip_text(c, "(") || skip_text(c, "]");
	if ((!low_open && !skip_text(c, "[")) || !take_end(c, &low) || !skip_text(c, "..") ||
	    !take_end(c, &high))
		return NULL;
	high_open = skip_text(c, ")") || skip_text(c, "[");
	if (!high_open && !skip_text(c, "]"))
		return NULL;
	skip_blanks(c);
	if (c->at != c->end || (!low && !high) || (!low && !low_open) || (!high && !high_open) ||
	    (low && high && (!feel_order(&order, low, high) || order > 0)))
		return NULL;
	return feel_run_value(c->run, feel_range(&c->run->arena, low, low_open, high, high_open));
}

FEEL_FN(range)
{
	struct cursor c = { run, args[0]->string.bytes,
			    args[0]->string.bytes + args[0]->string.len };
	const struct feel_value *range;

	if (!feel_run_step(run, args[0]->string.len / 64))
		return NULL;
	range = take_range(&c);
	if (range || run->err)
		return range;
	return no_such(run, "range of two literals", args[0]);
}
