/*
 * timer.c — when a timer's text says that it fires.
 *
 * Source: ISO 8601-1 §5.6 (repeating intervals); of a cycle R3/PT1M fires three times, as Zeebe has
 * it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/model.h"
#include "engines/feel/temporal.h"

enum { REPEATS_MAX = 1000000 };
/* 285,000 years: what is longer, or further away, is taken for this, so that nobody who adds to it
 * leaves 64 bits. */
#define FURTHEST_MS (1LL << 53)

static bool resolve_date(struct bpmn_due *duep, const char *text, size_t len)
{
	struct feel_moment moment;

	duep->is_date = true;
	return feel_datetime_parse(&moment, text, len) &&
	       feel_moment_unix_ms(&duep->due_ms, &moment);
}

static bool resolve_duration(int64_t *msp, const char *text, size_t len)
{
	struct feel_duration duration;
	int64_t ms;

	if (!feel_duration_parse(&duration, text, len) || !feel_duration_ms(&ms, &duration))
		return false;
	*msp = ms > 0 ? ms : 0;
	return true;
}

/* R[n]/[start/]period */
static bool resolve_cycle(struct bpmn_due *duep, const char *text, size_t len)
{
	const char *slash = memchr(text, '/', len), *end = text + len, *second;
	unsigned long n = 0;

	if (!slash || text[0] != 'R')
		return false;
	for (const char *at = text + 1; at < slash; at++) {
		if (*at < '0' || *at > '9' || n > REPEATS_MAX)
			return false;
		n = n * 10 + (unsigned long)(*at - '0');
	}
	if (slash > text + 1 && (n == 0 || n > REPEATS_MAX))
		return false;
	duep->repeats = slash == text + 1 ? -1 : (int)n - 1;
	slash++;
	second = memchr(slash, '/', (size_t)(end - slash));
	if (second && !resolve_date(duep, slash, (size_t)(second - slash)))
		return false;
	if (second)
		slash = second + 1;
	if (!resolve_duration(&duep->period_ms, slash, (size_t)(end - slash)) || !duep->period_ms)
		return false;
	if (!second)
		duep->due_ms = duep->period_ms;
	return true;
}

static int64_t within(int64_t ms)
{
	return ms > FURTHEST_MS ? FURTHEST_MS : ms < -FURTHEST_MS ? -FURTHEST_MS : ms;
}

bool bpmn_timer_resolve(struct bpmn_due *duep, enum bpmn_timer_kind kind, const char *text,
			size_t len)
{
	struct bpmn_due due = { 0 };

	if (kind == BPMN_DATE	    ? !resolve_date(&due, text, len)
	    : kind == BPMN_DURATION ? !resolve_duration(&due.due_ms, text, len)
				    : !resolve_cycle(&due, text, len))
		return false;
	due.due_ms = within(due.due_ms);
	due.period_ms = within(due.period_ms);
	*duep = due;
	return true;
}

const char *bpmn_timer_wants(enum bpmn_timer_kind kind)
{
	static const char *const texts[] = {
		[BPMN_DURATION] = "an ISO 8601 duration without years or months",
		[BPMN_DATE] = "an ISO 8601 date and time with a zone",
		[BPMN_CYCLE] = "an ISO 8601 repeating interval as R3/PT10M, with a period above 0 "
			       "and without years or months",
	};

	return texts[kind];
}
