/*
 * builtins_value.c — built-ins of any value, of dates, and of the clock.
 *
 * Source: DMN 1.4 tables 72, 79 and 82; is defined() and get or else() are of the workflow world
 * (docs/decisions/0003).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/builtins.h"

#include "engines/feel/calendar.h"

FEEL_FN(not )
{
	return args[0]->kind == FEEL_BOOLEAN ? feel_boolean(!args[0]->truth) : &feel_null;
}

/* The same element of the same domain: another kind is another value, not an error. */
FEEL_FN(is)
{
	const struct feel_value *a = args[0], *b = args[1];

	if (a->kind != b->kind)
		return &feel_false;
	if (FEEL_K_MOMENTS & 1U << a->kind)
		return feel_boolean(feel_moment_is_same(&a->moment, &b->moment));
	return feel_of_ternary(feel_equal(run, a, b));
}

FEEL_FN(is_defined)
{
	return feel_boolean(args[0]->kind != FEEL_NULL);
}

FEEL_FN(get_or_else)
{
	return args[0]->kind != FEEL_NULL ? args[0] : args[1];
}

static int64_t days_of(const struct feel_value *v)
{
	return feel_calendar_days(v->moment.year, v->moment.month, v->moment.day);
}

FEEL_FN(day_of_year)
{
	return feel_int_value(run, days_of(args[0]) -
					   feel_calendar_days(args[0]->moment.year, 1, 1) + 1);
}

FEEL_FN(week_of_year)
{
	return feel_int_value(run, feel_calendar_week(days_of(args[0])));
}

static const struct feel_value *name_of(struct feel_run *run, const char *const *names, int i)
{
	const char *end = names[i];

	while (*end)
		end++;
	return feel_text_value(run, names[i], (size_t)(end - names[i]));
}

FEEL_FN(day_of_week)
{
	static const char *const names[] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
					     "Friday", "Saturday", "Sunday" };

	return name_of(run, names, feel_calendar_weekday(days_of(args[0])) - 1);
}

FEEL_FN(month_of_year)
{
	static const char *const names[] = { "January",	  "February", "March",	  "April",
					     "May",	  "June",     "July",	  "August",
					     "September", "October",  "November", "December" };

	return name_of(run, names, args[0]->moment.month - 1);
}

static bool clock_now(struct feel_run *run, struct feel_moment *m)
{
	const struct feel_moment like = { .has_offset = true, .offset_s = run->clock_offset_s };
	int64_t seconds = feel_calendar_floor(run->clock_unix_ms, 1000);
	int32_t nanos = (int32_t)(run->clock_unix_ms - seconds * 1000) * 1000000;

	return run->has_clock && feel_moment_from_seconds(m, seconds, nanos, &like);
}

FEEL_FN(now)
{
	struct feel_moment m;

	if (!clock_now(run, &m))
		return feel_null_because(run, "now(): this evaluation has no clock");
	return feel_run_value(run, feel_moment(&run->arena, FEEL_DATETIME, &m));
}

FEEL_FN(today)
{
	struct feel_moment m, day = { 0 };

	if (!clock_now(run, &m))
		return feel_null_because(run, "today(): this evaluation has no clock");
	day.year = m.year;
	day.month = m.month;
	day.day = m.day;
	return feel_run_value(run, feel_moment(&run->arena, FEEL_DATE, &day));
}
