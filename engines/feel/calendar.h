/*
 * calendar.h — the proleptic Gregorian calendar: days counted from 1970-01-01.
 *
 * No allocation, no clock, any thread. Years are -999,999,999 to 999,999,999 and some more.
 *
 * Source: ISO 8601; DMN 1.4 §10.3.2.3.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_CALENDAR_H
#define FEEL_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

bool feel_calendar_is_leap(int64_t year);
int feel_calendar_month_days(int64_t year, int month); /* month from 1 */

/* feel_calendar_days counts the days from 1970-01-01 to a date; feel_calendar_date is its inverse
 * and feel_calendar_year the year alone. */
int64_t feel_calendar_days(int64_t year, int month, int day);
void feel_calendar_date(int64_t days, int64_t *yearp, int *monthp, int *dayp);
int64_t feel_calendar_year(int64_t days);

/* feel_calendar_weekday is 1 for Monday to 7 for Sunday. */
int feel_calendar_weekday(int64_t days);

/* feel_calendar_week is the week of the year by ISO 8601, 1 to 53. */
int feel_calendar_week(int64_t days);

/* feel_calendar_floor is a / b rounded down; b is above 0. */
int64_t feel_calendar_floor(int64_t a, int64_t b);

#endif
