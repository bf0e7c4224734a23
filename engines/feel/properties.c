/*
 * properties.c — what dates, times, durations and ranges have behind a dot.
 *
 * Source: DMN 1.4 §10.3.2.15, table 65; DMN 1.5 for the weekday of a date and time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/feel/calendar.h"
#include "engines/feel/lexer.h"
#include "engines/feel/run.h"
#include "engines/feel/zone.h"

enum { DAY_S = 86400 };

#define KIND(name) (1U << FEEL_##name)
#define DATES	   (KIND(DATE) | KIND(DATETIME))
#define TIMES	   (KIND(TIME) | KIND(DATETIME))

typedef const struct feel_value *property_fn(struct feel_run *run, const struct feel_value *v);

static const struct feel_value *number(struct feel_run *run, int64_t n)
{
	return feel_run_value(run, feel_number_of_int(&run->arena, n));
}

#define NUMBER(name, of)                                                                           \
	static const struct feel_value *name(struct feel_run *run, const struct feel_value *v)     \
	{                                                                                          \
		return number(run, of);                                                            \
	}

/* Seconds of a duration, cut towards 0: with nanoseconds they are kept rounded down. */
static int64_t whole_seconds(const struct feel_value *v)
{
	return v->duration.seconds + (v->duration.seconds < 0 && v->duration.nanos > 0);
}

static int64_t weekday_of(const struct feel_moment *m)
{
	return feel_calendar_weekday(feel_calendar_days(m->year, m->month, m->day));
}

NUMBER(year, v->moment.year)
NUMBER(month, v->moment.month)
NUMBER(day, v->moment.day)
NUMBER(weekday, weekday_of(&v->moment))
NUMBER(hour, v->moment.hour)
NUMBER(minute, v->moment.minute)
NUMBER(second, v->moment.second)
NUMBER(years, v->duration.months / 12)
NUMBER(months, v->duration.months % 12)
NUMBER(days, whole_seconds(v) / DAY_S)
NUMBER(hours, whole_seconds(v) / 3600 % 24)
NUMBER(minutes, whole_seconds(v) / 60 % 60)
NUMBER(seconds, whole_seconds(v) % 60)

/* A time in a zone has no offset of its own: that depends on the day. */
static const struct feel_value *time_offset(struct feel_run *run, const struct feel_value *v)
{
	struct feel_duration d = { .has_time = true, .seconds = v->moment.offset_s };

	if (!v->moment.has_offset || (v->kind == FEEL_TIME && v->moment.zone))
		return &feel_null;
	return feel_run_value(run, feel_duration(&run->arena, FEEL_DAYS_TIME, &d));
}

static const struct feel_value *timezone_name(struct feel_run *run, const struct feel_value *v)
{
	const char *name = v->moment.zone ? feel_zone_name(v->moment.zone) : NULL;

	return name ? feel_run_value(run, feel_string(&run->arena, name, strlen(name)))
		    : &feel_null;
}

static const struct feel_value *start(struct feel_run *run, const struct feel_value *v)
{
	return v->range.low ? v->range.low : &feel_null;
}

static const struct feel_value *end(struct feel_run *run, const struct feel_value *v)
{
	return v->range.high ? v->range.high : &feel_null;
}

static const struct feel_value *start_included(struct feel_run *run, const struct feel_value *v)
{
	return feel_boolean(v->range.low && !v->range.low_open);
}

static const struct feel_value *end_included(struct feel_run *run, const struct feel_value *v)
{
	return feel_boolean(v->range.high && !v->range.high_open);
}

static const struct property {
	const char *name;
	unsigned kinds;
	property_fn *fn;
} properties[] = {
	{ "year", DATES, year },
	{ "month", DATES, month },
	{ "day", DATES, day },
	{ "weekday", DATES, weekday },
	{ "hour", TIMES, hour },
	{ "minute", TIMES, minute },
	{ "second", TIMES, second },
	{ "time offset", TIMES, time_offset },
	{ "timezone", TIMES, timezone_name },
	{ "years", KIND(YEARS_MONTHS), years },
	{ "months", KIND(YEARS_MONTHS), months },
	{ "days", KIND(DAYS_TIME), days },
	{ "hours", KIND(DAYS_TIME), hours },
	{ "minutes", KIND(DAYS_TIME), minutes },
	{ "seconds", KIND(DAYS_TIME), seconds },
	{ "start", KIND(RANGE), start },
	{ "end", KIND(RANGE), end },
	{ "start included", KIND(RANGE), start_included },
	{ "end included", KIND(RANGE), end_included },
};

const struct feel_value *feel_property(struct feel_run *run, const struct feel_value *value,
				       struct feel_text name)
{
	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
		const struct property *p = &properties[i];

		if ((p->kinds & 1U << value->kind) &&
		    feel_text_equal(name, (struct feel_text){ p->name, strlen(p->name) }))
			return p->fn(run, value);
	}
	return feel_null_because(run, "a %s has no property %.*s", feel_kind_text(value->kind),
				 (int)feel_utf8_cut(name.bytes, name.len, 100), name.bytes);
}
