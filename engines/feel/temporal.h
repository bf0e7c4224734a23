/*
 * temporal.h — dates, times and durations: ISO 8601 text in and out, and their arithmetic.
 *
 * The calendar is the proleptic Gregorian one, the years -999,999,999 to 999,999,999. A zone is an
 * offset (+02:00) or a name of tzdata (@Europe/Berlin, zone.h). No allocation, no clock, any
 * thread.
 *
 * Source: DMN 1.4 §10.3.2.3.4–§10.3.2.3.8, ISO 8601, XML Schema 1.1 part 2.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_TEMPORAL_H
#define FEEL_TEMPORAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct feel_zone;

enum { FEEL_TEMPORAL_TEXT_SIZE = 96 };

struct feel_moment { /* a date, a time, or both; what is absent is 0 */
	int32_t year;
	int8_t month, day; /* from 1 */
	int8_t hour, minute, second;
	bool has_offset; /* always where there is a zone */
	int32_t nanos;
	int32_t offset_s;	      /* east of UTC; of a time in a zone: its standard one */
	const struct feel_zone *zone; /* NULL: none by name */
};

struct feel_duration {
	int64_t months;	 /* years and months */
	int64_t seconds; /* days and time, rounded down */
	int32_t nanos;	 /* 0..999999999, added to seconds */
	bool has_months; /* the text named years or months */
	bool has_time;	 /* the text named days, hours, minutes or seconds */
};

/* The parsers read the whole of text, or return false and leave *outp untouched. */
bool feel_date_parse(struct feel_moment *outp, const char *text, size_t len);
bool feel_time_parse(struct feel_moment *outp, const char *text, size_t len);
bool feel_datetime_parse(struct feel_moment *outp, const char *text, size_t len);
bool feel_duration_parse(struct feel_duration *outp, const char *text, size_t len);

/* The texts are ended by a NUL; returned is their length. */
size_t feel_date_to_text(char buf[FEEL_TEMPORAL_TEXT_SIZE], const struct feel_moment *m);
size_t feel_time_to_text(char buf[FEEL_TEMPORAL_TEXT_SIZE], const struct feel_moment *m);
size_t feel_datetime_to_text(char buf[FEEL_TEMPORAL_TEXT_SIZE], const struct feel_moment *m);
size_t feel_duration_to_text(char buf[FEEL_TEMPORAL_TEXT_SIZE], const struct feel_duration *d);

/* feel_moment_place finds the offset anew, after a date, time or zone was put into m. */
void feel_moment_place(struct feel_moment *m);

/* feel_moment_seconds counts from 1970-01-01T00:00:00Z; without an offset, from that hour in m's
 * own place. */
int64_t feel_moment_seconds(const struct feel_moment *m);

/* feel_moment_from_seconds is its inverse, in the offset and zone of like; false past year
 * ±999999999. */
bool feel_moment_from_seconds(struct feel_moment *outp, int64_t seconds, int32_t nanos,
			      const struct feel_moment *like);

/* feel_moment_add_months keeps the day, or takes the month's last one; false past the last year. */
bool feel_moment_add_months(struct feel_moment *outp, const struct feel_moment *m, int64_t months);

/* feel_moment_compare sets *orderp below, to or above 0 by the line of time; false if only one of
 * the two has an offset. */
bool feel_moment_compare(int *orderp, const struct feel_moment *a, const struct feel_moment *b);

/* feel_moment_equal is FEEL's `=`, to the second: of a date and time the same instant, of a time
 * the same clock, offset and zone. What has no offset equals nothing that has one. */
bool feel_moment_equal(const struct feel_moment *a, const struct feel_moment *b);

/* feel_moment_is_same is FEEL's is(): all components, zone and offset among them. */
bool feel_moment_is_same(const struct feel_moment *a, const struct feel_moment *b);

/* feel_moment_unix_ms is the instant in milliseconds; false without an offset. */
bool feel_moment_unix_ms(int64_t *outp, const struct feel_moment *m);

/* feel_duration_ms is the length in milliseconds; false if it has months or doesn't fit. */
bool feel_duration_ms(int64_t *outp, const struct feel_duration *d);

#endif
