/*
 * moment_fuzz.c — any text is read as a date, a time, both, and a duration; what it is has a text
 * that reads back as the same, and seconds that lead back to it.
 *
 * fuzz-sources: engines/feel/calendar.c engines/feel/temporal.c engines/feel/zone.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engines/feel/temporal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef bool parse_fn(struct feel_moment *outp, const char *text, size_t len);
typedef size_t text_fn(char buf[FEEL_TEMPORAL_TEXT_SIZE], const struct feel_moment *m);

static void check_moment(const char *text, size_t len, parse_fn *parse, text_fn *to_text)
{
	struct feel_moment m, again, back;
	char buf[FEEL_TEMPORAL_TEXT_SIZE];
	int64_t seconds;
	size_t n;

	if (!parse(&m, text, len))
		return;
	n = to_text(buf, &m);
	if (n >= sizeof(buf) || strlen(buf) != n || !parse(&again, buf, n) ||
	    !feel_moment_is_same(&m, &again))
		abort();
	seconds = feel_moment_seconds(&m);
	if (!feel_moment_from_seconds(&back, seconds, m.nanos, &m))
		return; /* the first or last day, elsewhere the one before or after */
	if (feel_moment_seconds(&back) != seconds && m.month)
		abort();
	if (!m.zone && m.month && !feel_moment_is_same(&m, &back))
		abort();
}

static void check_duration(const char *text, size_t len)
{
	struct feel_duration d, again;
	char buf[FEEL_TEMPORAL_TEXT_SIZE];
	size_t n;

	if (!feel_duration_parse(&d, text, len) || d.has_months == d.has_time)
		return;
	n = feel_duration_to_text(buf, &d);
	if (n >= sizeof(buf) || strlen(buf) != n || !feel_duration_parse(&again, buf, n) ||
	    again.months != d.months || again.seconds != d.seconds || again.nanos != d.nanos)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	check_moment(text, size, feel_date_parse, feel_date_to_text);
	check_moment(text, size, feel_time_parse, feel_time_to_text);
	check_moment(text, size, feel_datetime_parse, feel_datetime_to_text);
	check_duration(text, size);
	return 0;
}
