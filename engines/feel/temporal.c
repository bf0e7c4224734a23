/*
 * temporal.c — ISO 8601 dates, times and durations.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/temporal.h"

#include <stdio.h>
#include <string.h>

#include "engines/feel/calendar.h"
#include "engines/feel/zone.h"

#define DURATION_MAX 100000000000000000LL /* months or seconds: leaves room for sums */

enum { DAY_S = 86400, YEAR_MAX = 999999999, OFFSET_MAX_S = 18 * 3600, NANOS = 1000000000 };

struct cursor {
	const char *at, *end;
};

static bool take(struct cursor *c, char ch)
{
	if (c->at == c->end || *c->at != ch)
		return false;
	c->at++;
	return true;
}

/* Reads at least min and at most max digits; -1 for fewer. */
static int64_t take_digits(struct cursor *c, int min, int max)
{
	int64_t value = 0;
	int n = 0;

	while (n < max && c->at < c->end && *c->at >= '0' && *c->at <= '9') {
		value = value * 10 + (*c->at++ - '0');
		n++;
	}
	return n < min ? -1 : value;
}

static int32_t take_nanos(struct cursor *c)
{
	int32_t nanos = 0, unit = NANOS / 10;
	const char *start = c->at;

	for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++, unit /= 10)
		nanos += (*c->at - '0') * unit; /* beyond nanoseconds: cut */
	return c->at == start ? -1 : nanos;
}

/* The date of days from 1970; false past the last year. */
static bool from_days(struct feel_moment *m, int64_t days)
{
	int64_t year;
	int month, day;

	if (days > 366LL * YEAR_MAX || days < -366LL * YEAR_MAX)
		return false;
	feel_calendar_date(days, &year, &month, &day);
	if (year > YEAR_MAX || year < -YEAR_MAX)
		return false;
	m->year = (int32_t)year;
	m->month = (int8_t)month;
	m->day = (int8_t)day;
	return true;
}

static bool take_date(struct cursor *c, struct feel_moment *m)
{
	bool negative = take(c, '-');
	const char *start = c->at;
	int64_t year = take_digits(c, 4, 9), month, day;

	if (year < 0 || (c->at - start > 4 && *start == '0') || !take(c, '-'))
		return false;
	month = take_digits(c, 2, 2);
	if (month < 1 || month > 12 || !take(c, '-'))
		return false;
	if (negative)
		year = -year;
	day = take_digits(c, 2, 2);
	if (day < 1 || day > feel_calendar_month_days(year, (int)month))
		return false;
	m->year = (int32_t)year;
	m->month = (int8_t)month;
	m->day = (int8_t)day;
	return true;
}

static bool take_offset(struct cursor *c, struct feel_moment *m)
{
	int64_t hours, minutes, seconds = 0, offset;
	int sign;

	if (c->at == c->end)
		return true;
	m->has_offset = true;
	if (take(c, '@')) {
		m->zone = feel_zone_find(c->at, (size_t)(c->end - c->at));
		c->at = c->end;
		return m->zone;
	}
	if (take(c, 'Z') || take(c, 'z'))
		return true;
	sign = take(c, '-') ? -1 : take(c, '+') ? 1 : 0;
	hours = take_digits(c, 2, 2);
	if (!sign || hours < 0 || !take(c, ':'))
		return false;
	minutes = take_digits(c, 2, 2);
	if (take(c, ':'))
		seconds = take_digits(c, 2, 2);
	if (minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59)
		return false;
	offset = hours * 3600 + minutes * 60 + seconds;
	if (offset > OFFSET_MAX_S)
		return false;
	m->offset_s = sign * (int32_t)offset;
	return true;
}

static bool take_time(struct cursor *c, struct feel_moment *m)
{
	int64_t hour, minute, second;
	bool is_midnight; /* 24:00:00 is that of the next day */

	hour = take_digits(c, 2, 2);
	if (hour < 0 || hour > 24 || !take(c, ':'))
		return false;
	minute = take_digits(c, 2, 2);
	if (minute < 0 || minute > 59 || !take(c, ':'))
		return false;
	second = take_digits(c, 2, 2);
	if (second < 0 || second > 59)
		return false;
	is_midnight = hour == 24;
	m->hour = (int8_t)hour;
	m->minute = (int8_t)minute;
	m->second = (int8_t)second;
	if (take(c, '.')) {
		m->nanos = take_nanos(c);
		if (m->nanos < 0)
			return false;
	}
	if (is_midnight && (minute || second || m->nanos))
		return false;
	return take_offset(c, m);
}

bool feel_date_parse(struct feel_moment *outp, const char *text, size_t len)
{
	struct cursor c = { text, text + len };
	struct feel_moment m = { 0 };

	if (!take_date(&c, &m) || c.at != c.end)
		return false;
	*outp = m;
	return true;
}

bool feel_time_parse(struct feel_moment *outp, const char *text, size_t len)
{
	struct cursor c = { text, text + len };
	struct feel_moment m = { 0 };

	if (!take_time(&c, &m) || c.at != c.end)
		return false;
	m.hour %= 24;
	feel_moment_place(&m);
	*outp = m;
	return true;
}

bool feel_datetime_parse(struct feel_moment *outp, const char *text, size_t len)
{
	struct cursor c = { text, text + len };
	struct feel_moment m = { 0 };

	if (!take_date(&c, &m) || !take(&c, 'T') || !take_time(&c, &m) || c.at != c.end)
		return false;
	if (m.hour == 24 &&
	    (!from_days(&m, feel_calendar_days(m.year, m.month, m.day) + 1) || (m.hour = 0)))
		return false;
	feel_moment_place(&m);
	*outp = m;
	return true;
}

/* The designators of a duration, in the order in which they may stand. */
static const struct unit {
	char letter;
	bool after_t;
	bool is_month;
	int64_t size; /* months or seconds */
} units[] = {
	{ 'Y', false, true, 12 },     { 'M', false, true, 1 },	  { 'W', false, false, 7 * DAY_S },
	{ 'D', false, false, DAY_S }, { 'H', true, false, 3600 }, { 'M', true, false, 60 },
	{ 'S', true, false, 1 },
};

enum { UNITS = sizeof(units) / sizeof(units[0]) };

static bool add_scaled(int64_t *sum, int64_t count, int64_t size)
{
	int64_t product;

	return !__builtin_mul_overflow(count, size, &product) &&
	       !__builtin_add_overflow(*sum, product, sum);
}

static void negate_duration(struct feel_duration *d)
{
	d->months = -d->months;
	d->seconds = -d->seconds;
	if (d->nanos) {
		d->seconds--;
		d->nanos = NANOS - d->nanos;
	}
}

bool feel_duration_parse(struct feel_duration *outp, const char *text, size_t len)
{
	struct cursor c = { text, text + len };
	struct feel_duration d = { 0 };
	bool negative = take(&c, '-'), after_t = false;
	size_t next = 0;

	if (!take(&c, 'P') || c.at == c.end)
		return false;
	while (c.at < c.end) {
		int64_t count;
		int32_t nanos = -1;
		const struct unit *unit = NULL;

		if (!after_t && take(&c, 'T'))
			after_t = true;
		count = take_digits(&c, 1, 18);
		if (count < 0)
			return false;
		if (take(&c, '.')) {
			nanos = take_nanos(&c);
			if (nanos < 0)
				nanos = 0; /* "1.S" is one second, too */
		}
		for (; next < UNITS && !unit; next++)
			if (units[next].after_t == after_t && take(&c, units[next].letter))
				unit = &units[next];
		if (!unit || (nanos >= 0 && unit->letter != 'S'))
			return false;
		if (!add_scaled(unit->is_month ? &d.months : &d.seconds, count, unit->size))
			return false;
		if (nanos > 0)
			d.nanos = nanos;
		d.has_months |= unit->is_month;
		d.has_time |= !unit->is_month;
	}
	if (d.months > DURATION_MAX || d.seconds > DURATION_MAX)
		return false;
	if (negative)
		negate_duration(&d);
	*outp = d;
	return true;
}

static size_t put_nanos(char *buf, size_t size, size_t at, int32_t nanos)
{
	int digits = 9;

	if (nanos == 0)
		return at;
	for (; nanos % 10 == 0; digits--)
		nanos /= 10;
	return at + (size_t)snprintf(buf + at, size - at, ".%0*d", digits, (int)nanos);
}

size_t feel_date_to_text(char buf[FEEL_TEMPORAL_TEXT_SIZE], const struct feel_moment *m)
{
	return (size_t)snprintf(buf, FEEL_TEMPORAL_TEXT_SIZE, "%s%04d-%02d-%02d",
				m->year < 0 ? "-" : "", m->year < 0 ? -m->year : m->year, m->month,
				m->day);
}

size_t feel_time_to_text(char buf[FEEL_TEMPORAL_TEXT_SIZE], const struct feel_moment *m)
{
	const size_t size = FEEL_TEMPORAL_TEXT_SIZE;
	int offset = m->offset_s < 0 ? -m->offset_s : m->offset_s;
	size_t at = (size_t)snprintf(buf, size, "%02d:%02d:%02d", m->hour, m->minute, m->second);

	at = put_nanos(buf, size, at, m->nanos);
	if (!m->has_offset)
		return at;
	if (m->zone)
		return at + (size_t)snprintf(buf + at, size - at, "@%s", feel_zone_name(m->zone));
	if (offset == 0)
		return at + (size_t)snprintf(buf + at, size - at, "Z");
	at += (size_t)snprintf(buf + at, size - at, "%c%02d:%02d", m->offset_s < 0 ? '-' : '+',
			       offset / 3600, offset / 60 % 60);
	if (offset % 60)
		at += (size_t)snprintf(buf + at, size - at, ":%02d", offset % 60);
	return at;
}

size_t feel_datetime_to_text(char buf[FEEL_TEMPORAL_TEXT_SIZE], const struct feel_moment *m)
{
	char time[FEEL_TEMPORAL_TEXT_SIZE];
	size_t at = feel_date_to_text(buf, m);

	feel_time_to_text(time, m);
	return at + (size_t)snprintf(buf + at, FEEL_TEMPORAL_TEXT_SIZE - at, "T%.70s", time);
}

static size_t put_count(char *buf, size_t at, int64_t count, char letter)
{
	if (count == 0)
		return at;
	return at + (size_t)snprintf(buf + at, FEEL_TEMPORAL_TEXT_SIZE - at, "%lld%c",
				     (long long)count, letter);
}

size_t feel_duration_to_text(char buf[FEEL_TEMPORAL_TEXT_SIZE],
			     const struct feel_duration *duration)
{
	const size_t size = FEEL_TEMPORAL_TEXT_SIZE;
	struct feel_duration d = *duration;
	size_t at = 0, start;

	if (d.months < 0 || d.seconds < 0) {
		buf[at++] = '-';
		negate_duration(&d);
	}
	buf[at++] = 'P';
	start = at;
	if (d.has_months) {
		at = put_count(buf, at, d.months / 12, 'Y');
		at = put_count(buf, at, d.months % 12, 'M');
		return at > start ? at : at + (size_t)snprintf(buf + at, size - at, "0M");
	}
	at = put_count(buf, at, d.seconds / DAY_S, 'D');
	d.seconds %= DAY_S;
	if (d.seconds || d.nanos)
		buf[at++] = 'T';
	at = put_count(buf, at, d.seconds / 3600, 'H');
	at = put_count(buf, at, d.seconds / 60 % 60, 'M');
	if (d.nanos) {
		at += (size_t)snprintf(buf + at, size - at, "%d", (int)(d.seconds % 60));
		at = put_nanos(buf, size, at, d.nanos);
		at += (size_t)snprintf(buf + at, size - at, "S");
	} else {
		at = put_count(buf, at, d.seconds % 60, 'S');
	}
	return at > start ? at : at + (size_t)snprintf(buf + at, size - at, "T0S");
}

void feel_moment_place(struct feel_moment *m)
{
	if (!m->zone)
		return;
	m->has_offset = true;
	m->offset_s = 0;
	m->offset_s = m->month ? feel_zone_offset_of(m->zone, feel_moment_seconds(m))
			       : feel_zone_standard_offset(m->zone);
}

int64_t feel_moment_seconds(const struct feel_moment *m)
{
	int64_t days = m->month ? feel_calendar_days(m->year, m->month, m->day) : 0;

	return days * DAY_S + m->hour * 3600 + m->minute * 60 + m->second -
	       (m->has_offset ? m->offset_s : 0);
}

bool feel_moment_from_seconds(struct feel_moment *outp, int64_t seconds, int32_t nanos,
			      const struct feel_moment *like)
{
	struct feel_moment m = { .nanos = nanos,
				 .has_offset = like->has_offset,
				 .offset_s = like->offset_s,
				 .zone = like->zone };
	int64_t days, rest;

	if (m.zone && like->month)
		m.offset_s = feel_zone_offset_at(m.zone, seconds);
	if (m.has_offset && __builtin_add_overflow(seconds, m.offset_s, &seconds))
		return false;
	days = feel_calendar_floor(seconds, DAY_S);
	rest = seconds - days * DAY_S;
	if (!from_days(&m, days))
		return false;
	m.hour = (int8_t)(rest / 3600);
	m.minute = (int8_t)(rest / 60 % 60);
	m.second = (int8_t)(rest % 60);
	*outp = m;
	return true;
}

bool feel_moment_add_months(struct feel_moment *outp, const struct feel_moment *m, int64_t months)
{
	int64_t count, year;
	int month, last;

	if (__builtin_add_overflow(m->year * 12LL + m->month - 1, months, &count))
		return false;
	year = count >= 0 ? count / 12 : -((11 - count) / 12);
	month = (int)(count - year * 12) + 1;
	if (year > YEAR_MAX || year < -YEAR_MAX)
		return false;
	last = feel_calendar_month_days(year, month);
	*outp = *m;
	outp->year = (int32_t)year;
	outp->month = (int8_t)month;
	outp->day = (int8_t)(m->day < last ? m->day : last);
	feel_moment_place(outp);
	return true;
}

bool feel_moment_compare(int *orderp, const struct feel_moment *a, const struct feel_moment *b)
{
	int64_t as = feel_moment_seconds(a), bs = feel_moment_seconds(b);

	if (a->has_offset != b->has_offset)
		return false;
	*orderp = as != bs ? (as > bs ? 1 : -1) : (a->nanos > b->nanos) - (a->nanos < b->nanos);
	return true;
}

bool feel_moment_is_same(const struct feel_moment *a, const struct feel_moment *b)
{
	return a->year == b->year && a->month == b->month && a->day == b->day &&
	       a->hour == b->hour && a->minute == b->minute && a->second == b->second &&
	       a->nanos == b->nanos && a->has_offset == b->has_offset && a->zone == b->zone &&
	       (!a->has_offset || a->offset_s == b->offset_s);
}

bool feel_moment_equal(const struct feel_moment *a, const struct feel_moment *b)
{
	return a->has_offset == b->has_offset && feel_moment_seconds(a) == feel_moment_seconds(b) &&
	       (a->month || (a->zone == b->zone && (!a->has_offset || a->offset_s == b->offset_s)));
}

bool feel_moment_unix_ms(int64_t *outp, const struct feel_moment *m)
{
	int64_t ms;

	if (!m->has_offset || __builtin_mul_overflow(feel_moment_seconds(m), 1000, &ms) ||
	    __builtin_add_overflow(ms, m->nanos / 1000000, &ms))
		return false;
	*outp = ms;
	return true;
}

bool feel_duration_ms(int64_t *outp, const struct feel_duration *d)
{
	int64_t ms;

	if (d->months || __builtin_mul_overflow(d->seconds, 1000, &ms) ||
	    __builtin_add_overflow(ms, d->nanos / 1000000, &ms))
		return false;
	*outp = ms;
	return true;
}
