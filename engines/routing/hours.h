/*
 * hours.h — opening hours of a routing service (RTG-5).
 *
 *   {"zone":"Europe/Berlin",                                 of the tz database; absent: UTC
 *    "week":{"mon":[["08:00","18:00"]], …, "sun":[]},        a day that is absent is closed
 *    "holidays":[{"date":"2026-12-25","name":"Christmas","hours":[]}]}   instead of the weekday's
 *
 * Times are local, on the day's own clock where it changes; an end of "24:00" is midnight.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HOURS_H
#define HOURS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "pelago/err.h"

struct hours_at {
	bool open;
	int64_t opens_ms;    /* when it opens next, 0: not within a year, or it is open */
	int64_t closes_ms;   /* when it closes, 0: not within a year, or it is closed */
	const char *holiday; /* name of today's, borrowed from the hours; NULL: none */
};

/* hours_check judges hours (NULL: always open). PL_INVALID says what is wrong. */
enum pl_err hours_check(const json_t *hours);

/* hours_at tells how it stands at a time. Hours that hours_check would refuse, and NULL, are always
 * open. Sets TZ of the process for its duration: for programs of one thread. */
void hours_at(struct hours_at *at, const json_t *hours, int64_t now_ms);

#endif
