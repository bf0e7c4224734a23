/*
 * calendar.c — days and dates. Both ways go by eras of 400 years that begin on the first of March,
 * so the leap day is the last of its year.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/calendar.h"

enum {
	ERA_YEARS = 400,
	ERA_DAYS = 146097,
	EPOCH_DAYS = 719468, /* from 0000-03-01 to 1970-01-01 */
};

int64_t feel_calendar_floor(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

bool feel_calendar_is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int feel_calendar_month_days(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && feel_calendar_is_leap(year) ? 29 : days[month - 1];
}

int64_t feel_calendar_days(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = feel_calendar_floor(y, ERA_YEARS);
	int64_t year_of_era = y - era * ERA_YEARS;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - EPOCH_DAYS;
}

void feel_calendar_date(int64_t days, int64_t *yearp, int *monthp, int *dayp)
{
	int64_t shifted = days + EPOCH_DAYS;
	int64_t era = feel_calendar_floor(shifted, ERA_DAYS);
	int64_t day_of_era = shifted - era * ERA_DAYS;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted_month = (5 * day_of_year + 2) / 153;
	int month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);

	*yearp = year_of_era + era * ERA_YEARS + (month <= 2);
	*monthp = month;
	*dayp = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
}

int64_t feel_calendar_year(int64_t days)
{
	int64_t year;
	int month, day;

	feel_calendar_date(days, &year, &month, &day);
	return year;
}

int feel_calendar_weekday(int64_t days)
{
	return (int)(days + 3 - feel_calendar_floor(days + 3, 7) * 7) + 1;
}

int feel_calendar_week(int64_t days)
{
	int64_t thursday = days - feel_calendar_weekday(days) + 4; /* its year is the week's */
	int64_t year = feel_calendar_year(thursday);

	return (int)((thursday - feel_calendar_days(year, 1, 1)) / 7) + 1;
}
