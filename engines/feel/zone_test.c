/*
 * zone_test.c — offsets of zones, and the calendar.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engines/feel/calendar.h"
#include "engines/feel/zone.h"

static const struct feel_zone *zone(const char *name)
{
	const struct feel_zone *found = feel_zone_find(name, strlen(name));

	if (!found)
		fail_msg("no zone %s", name);
	return found;
}

static int64_t at(int64_t year, int month, int day, int hour, int minute)
{
	return feel_calendar_days(year, month, day) * 86400 + hour * 3600 + minute * 60;
}

static void offsets_are_those_of_the_zone(void **state)
{
	const struct {
		const char *name;
		int64_t at; /* UTC */
		int offset_s;
	} offsets[] = {
		{ "UTC", at(2026, 1, 1, 0, 0), 0 },
		{ "Europe/Berlin", at(2026, 1, 1, 0, 0), 3600 },
		{ "Europe/Berlin", at(2026, 3, 29, 0, 59), 3600 },
		{ "Europe/Berlin", at(2026, 3, 29, 1, 0), 7200 },
		{ "Europe/Berlin", at(2026, 10, 25, 0, 59), 7200 },
		{ "Europe/Berlin", at(2026, 10, 25, 1, 0), 3600 },
		{ "Europe/Berlin", at(1945, 6, 1, 0, 0), 10800 },
		{ "Europe/Berlin", at(1800, 1, 1, 0, 0), 3208 },
		{ "Europe/Berlin", at(-999999999, 1, 1, 0, 0), 3208 },
		/* by the rule, after the last transition of the file */
		{ "Europe/Berlin", at(2126, 3, 31, 0, 59), 3600 },
		{ "Europe/Berlin", at(2126, 3, 31, 1, 0), 7200 },
		{ "Europe/Berlin", at(999999999, 7, 1, 0, 0), 7200 },
		{ "Australia/Melbourne", at(2126, 1, 1, 0, 0), 39600 },
		{ "Australia/Melbourne", at(2126, 7, 1, 0, 0), 36000 },
		{ "America/New_York", at(2126, 7, 1, 0, 0), -14400 },
		{ "America/St_Johns", at(2026, 1, 1, 0, 0), -12600 },
		{ "Asia/Kathmandu", at(2026, 1, 1, 0, 0), 20700 },
		{ "America/Nuuk", at(2126, 7, 1, 0, 0), -3600 },
		{ "Pacific/Apia", at(2011, 12, 30, 9, 59), -36000 },
		{ "Pacific/Apia", at(2011, 12, 30, 10, 0), 50400 },
		{ "Etc/GMT+5", at(2026, 1, 1, 0, 0), -18000 },
		{ "Asia/Dhaka", at(2126, 1, 1, 0, 0), 21600 },
	};

	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		int got = feel_zone_offset_at(zone(offsets[i].name), offsets[i].at);

		if (got != offsets[i].offset_s)
			fail_msg("%s, row %zu: %d, not %d", offsets[i].name, i, got,
				 offsets[i].offset_s);
	}
	assert_string_equal(feel_zone_name(zone("Europe/Berlin")), "Europe/Berlin");
	assert_ptr_equal(zone("Europe/Berlin"), zone("Europe/Berlin"));
	assert_int_equal(feel_zone_standard_offset(zone("Australia/Melbourne")), 36000);
	assert_int_equal(feel_zone_standard_offset(zone("Europe/Berlin")), 3600);
	assert_int_equal(feel_zone_standard_offset(zone("Asia/Kathmandu")), 20700);
}

static void local_times_find_their_offset(void **state)
{
	const struct feel_zone *berlin = zone("Europe/Berlin");

	assert_int_equal(feel_zone_offset_of(berlin, at(2026, 3, 29, 1, 59)), 3600);
	assert_int_equal(feel_zone_offset_of(berlin, at(2026, 3, 29, 2, 30)), 3600); /* none such */
	assert_int_equal(feel_zone_offset_of(berlin, at(2026, 3, 29, 3, 0)), 7200);
	assert_int_equal(feel_zone_offset_of(berlin, at(2026, 10, 25, 1, 59)), 7200);
	assert_int_equal(feel_zone_offset_of(berlin, at(2026, 10, 25, 2, 30)), 7200); /* twice */
	assert_int_equal(feel_zone_offset_of(berlin, at(2026, 10, 25, 3, 0)), 3600);
}

static void *find_zones(void *arg)
{
	static const char *const names[] = { "Asia/Tokyo",     "Asia/Seoul",  "Asia/Dubai",
					     "Asia/Kolkata",   "Asia/Manila", "Asia/Tehran",
					     "Africa/Nairobi", "Africa/Lagos" };
	const struct feel_zone **found = arg;

	for (size_t i = 0; i < 8; i++) {
		found[i] = feel_zone_find(names[i], strlen(names[i]));
		if (!found[i] || feel_zone_offset_at(found[i], 0) == 0)
			return NULL;
	}
	return arg;
}

/* Threads that want a zone for the first time at once get the same one. */
static void threads_share_zones(void **state)
{
	const struct feel_zone *found[4][8] = { { NULL } };
	pthread_t threads[4];
	void *done;

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, find_zones, found[i]), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &done), 0);
		assert_ptr_equal(done, found[i]);
	}
	for (size_t i = 1; i < 4; i++)
		assert_memory_equal(found[i], found[0], sizeof(found[0]));
}

static void other_names_are_no_zones(void **state)
{
	static const char *const names[] = {
		"",
		"/",
		"Europe",
		"Europe/",
		"europe/berlin",
		"Nowhere",
		"/etc/passwd",
		"../zoneinfo/UTC",
		"UTC/../UTC",
		"posix/UTC",
		"right/UTC",
		"localtime",
		"tzdata.zi",
		"zone.tab",
		"Europe/Berlin ",
		"Europe//Berlin/",
		"Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (feel_zone_find(names[i], strlen(names[i])))
			fail_msg("\"%s\" is a zone", names[i]);
	assert_null(feel_zone_find("UTC\0x", 5));
}

static void days_and_dates_are_inverse(void **state)
{
	const struct {
		int64_t year;
		int month, day;
		int64_t days;
		int weekday, week;
	} dates[] = {
		{ 1970, 1, 1, 0, 4, 1 },       { 1969, 12, 31, -1, 3, 1 },
		{ 2000, 2, 29, 11016, 2, 9 },  { 2000, 3, 1, 11017, 3, 9 },
		{ 2005, 1, 1, 12784, 6, 53 },  { 2020, 12, 31, 18627, 4, 53 },
		{ 0, 3, 1, -719468, 3, 9 },    { -1, 12, 31, -719529, 5, 52 },
		{ 2003, 12, 29, 12415, 1, 1 },
	};

	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		int64_t days = feel_calendar_days(dates[i].year, dates[i].month, dates[i].day);

		assert_int_equal(days, dates[i].days);
		assert_int_equal(feel_calendar_weekday(days), dates[i].weekday);
		assert_int_equal(feel_calendar_week(days), dates[i].week);
	}
	for (int64_t days = -366000000000; days < 366000000000; days += 123456789) {
		int64_t year;
		int month, day;

		feel_calendar_date(days, &year, &month, &day);
		assert_int_equal(feel_calendar_days(year, month, day), days);
		assert_in_range(month, 1, 12);
		assert_in_range(day, 1, feel_calendar_month_days(year, month));
		assert_int_equal(feel_calendar_year(days), year);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets_are_those_of_the_zone),
		cmocka_unit_test(local_times_find_their_offset),
		cmocka_unit_test(threads_share_zones),
		cmocka_unit_test(other_names_are_no_zones),
		cmocka_unit_test(days_and_dates_are_inverse),
	};

	return cmocka_run_group_tests_name("feel-zone", tests, NULL, NULL);
}
