/*
 * hours.c — see hours.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "hours.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pelago/json.h"

enum { HOLIDAYS_MAX = 400, SPANS_MAX = 8, ZONE_MAX = 60, DAYS_AHEAD = 370, DAY_MINUTES = 1440 };

static const char *const weekdays[7] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

/* ---- what hours may look like ---- */

static bool two_digits(const char *text, int *valuep)
{
	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return false;
	*valuep = (text[0] - '0') * 10 + text[1] - '0';
	return true;
}

/* "HH:MM" in minutes, or -1 */
static int minutes_of(const json_t *text)
{
	const char *s = json_string_value(text);
	int hours, minutes;

	if (json_string_length(text) != 5 || s[2] != ':' || !two_digits(s, &hours) ||
	    !two_digits(s + 3, &minutes) || hours > 24 || minutes > 59 ||
	    (hours == 24 && minutes > 0))
		return -1;
	return hours * 60 + minutes;
}

static enum pl_err spans_check(const json_t *spans, const char *where)
{
	int last = 0;
	json_t *span;
	size_t i;

	if (!json_is_array(spans) || json_array_size(spans) > SPANS_MAX)
		return pl_fail(PL_INVALID, "hours: %s is not an array of at most %d spans", where,
			       SPANS_MAX);
	json_array_foreach(spans, i, span) {
		int from = minutes_of(json_array_get(span, 0));
		int to = minutes_of(json_array_get(span, 1));

		if (json_array_size(span) != 2 || from < 0 || to < 0)
			return pl_fail(PL_INVALID, "hours: %s[%zu] is not [\"HH:MM\",\"HH:MM\"]",
				       where, i);
		if (from < last || to <= from)
			return pl_fail(PL_INVALID,
				       "hours: %s[%zu] ends before it begins, or begins before the "
				       "one ahead of it ends",
				       where, i);
		last = to;
	}
	return PL_OK;
}

static bool is_date(const char *text)
{
	struct tm tm = { 0 };
	const char *end = strlen(text) == 10 ? strptime(text, "%Y-%m-%d", &tm) : NULL;
	int day = tm.tm_mday;

	return end && !*end && timegm(&tm) != -1 && tm.tm_mday == day; /* no 30 February */
}

static enum pl_err holidays_check(const json_t *hours)
{
	json_t *list = NULL, *day;
	enum pl_err err = pl_json_array(&list, hours, "holidays", HOLIDAYS_MAX, false);
	size_t i;

	json_array_foreach(list, i, day) {
		const char *date = NULL, *name = NULL;
		char where[48];

		snprintf(where, sizeof(where), "holidays[%zu].hours", i);
		if (!err)
			err = pl_json_text(&date, day, "date", 10, true);
		if (!err && !is_date(date))
			err = pl_fail(PL_INVALID,
				      "hours: holidays[%zu].date is not a date such as "
				      "2026-12-25",
				      i);
		if (!err)
			err = pl_json_text(&name, day, "name", 100, false);
		if (!err && json_object_get(day, "hours"))
			err = spans_check(json_object_get(day, "hours"), where);
	}
	return err;
}

/* A zone that the C library doesn't know would silently be UTC. */
static bool is_zone(const char *zone)
{
	char path[128];

	if (!*zone || zone[0] == '/' || strstr(zone, "..") ||
	    zone[strspn(zone,
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-")])
		return false;
	if (strcmp(zone, "UTC") == 0)
		return true;
	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", zone);
	return access(path, R_OK) == 0;
}

static bool is_weekday(const char *name)
{
	for (int i = 0; i < 7; i++)
		if (strcmp(weekdays[i], name) == 0)
			return true;
	return false;
}

enum pl_err hours_check(const json_t *hours)
{
	const char *zone = NULL, *name;
	json_t *week = NULL, *spans;
	enum pl_err err = PL_OK;

	if (!hours || json_is_null(hours))
		return PL_OK;
	if (!json_is_object(hours))
		return pl_fail(PL_INVALID, "hours is not an object");
	err = pl_json_text(&zone, hours, "zone", ZONE_MAX, false);
	if (!err && zone && !is_zone(zone))
		err = pl_fail(PL_INVALID, "hours: zone is not a time zone such as Europe/Berlin");
	if (!err)
		err = pl_json_object(&week, hours, "week", 7, true);
	json_object_foreach(week, name, spans) {
		if (!err && !is_weekday(name))
			err = pl_fail(PL_INVALID, "hours: week has %.20s, days are mon to sun",
				      name);
		if (!err)
			err = spans_check(spans, name);
	}
	return err ? err : holidays_check(hours);
}

/* ---- how it stands ---- */

static const json_t *holiday_of(const json_t *hours, const struct tm *day)
{
	char date[40];
	json_t *one;
	size_t i;

	snprintf(date, sizeof(date), "%04d-%02d-%02d", day->tm_year + 1900, day->tm_mon + 1,
		 day->tm_mday);
	json_array_foreach(json_object_get(hours, "holidays"), i, one)
		if (strcmp(pl_json_get_text(one, "date"), date) == 0)
			return one;
	return NULL;
}

static int64_t at_minute(struct tm day, int minute)
{
	day.tm_hour = minute / 60;
	day.tm_min = minute % 60;
	day.tm_sec = 0;
	day.tm_isdst = -1;
	return (int64_t)mktime(&day) * 1000;
}

/* One day's spans, in order: false once the answer is found. */
static bool go_on(struct hours_at *at, const json_t *hours, const struct tm *day, int64_t now_ms)
{
	const json_t *holiday = holiday_of(hours, day), *spans, *span;
	size_t i;

	spans = holiday ? json_object_get(holiday, "hours")
			: json_object_get(json_object_get(hours, "week"), weekdays[day->tm_wday]);
	json_array_foreach(spans, i, span) {
		int64_t from = at_minute(*day, minutes_of(json_array_get(span, 0)));
		int64_t to = at_minute(*day, minutes_of(json_array_get(span, 1)));

		if (at->open && from > at->closes_ms)
			return false; /* open until then */
		if (to <= now_ms)
			continue;
		if (!at->open && from > now_ms) {
			at->opens_ms = from;
			return false;
		}
		at->open = true;
		at->closes_ms = to; /* perhaps the next one follows without a break */
	}
	return !at->open || at->closes_ms >= at_minute(*day, DAY_MINUTES);
}

static void find(struct hours_at *at, const json_t *hours, int64_t now_ms)
{
	time_t now = (time_t)(now_ms / 1000);
	struct tm day;
	int i = 0;

	tzset();
	localtime_r(&now, &day);
	at->holiday = json_string_value(json_object_get(holiday_of(hours, &day), "name"));
	while (i < DAYS_AHEAD && go_on(at, hours, &day, now_ms)) {
		i++;
		day.tm_mday++;
		day.tm_hour = 12; /* exists on each day */
		day.tm_isdst = -1;
		(void)mktime(&day);
	}
	if (i == DAYS_AHEAD)
		at->opens_ms = at->closes_ms = 0;
}

void hours_at(struct hours_at *at, const json_t *hours, int64_t now_ms)
{
	const char *zone = pl_json_get_text(hours, "zone");
	char *had = getenv("TZ");

	*at = (struct hours_at){ 0 };
	if (!json_is_object(hours) || hours_check(hours)) {
		at->open = true;
		return;
	}
	had = had ? strdup(had) : NULL;
	setenv("TZ", *zone ? zone : "UTC", 1);
	find(at, hours, now_ms);
	if (had)
		setenv("TZ", had, 1);
	else
		unsetenv("TZ");
	free(had);
	tzset();
}
