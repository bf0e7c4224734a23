/*
 * temporal_test.c — arithmetic, order, equality and parts of dates, times and durations.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

static const struct feel_case arithmetic[] = {
	{ "@\"2021-01-31\" + @\"P1M\"", "@\"2021-02-28\"" },
	{ "@\"2020-02-29\" + @\"P1Y\"", "@\"2021-02-28\"" },
	{ "@\"P1M\" + @\"2021-01-01\"", "@\"2021-02-01\"" },
	{ "@\"2021-03-31\" - @\"P1M\"", "@\"2021-02-28\"" },
	{ "@\"2021-01-01\" + @\"PT36H\"", "@\"2021-01-02\"" },
	{ "@\"2021-01-01\" + @\"P1D\"", "@\"2021-01-02\"" },
	{ "@\"2021-01-01\" - @\"P1D\"", "@\"2020-12-31\"" },
	{ "@\"2021-01-01T10:10:10\" + @\"P1DT1H\"", "@\"2021-01-02T11:10:10\"" },
	{ "@\"2021-01-01T00:00:00\" - @\"PT0.000000001S\"", "@\"2020-12-31T23:59:59.999999999\"" },
	{ "@\"2021-01-01T10:10:10@Europe/Berlin\" + @\"P6M\"",
	  "@\"2021-07-01T10:10:10@Europe/Berlin\"" },
	{ "string(@\"2026-03-29T01:30:00@Europe/Berlin\" + @\"PT1H\")",
	  "\"2026-03-29T03:30:00@Europe/Berlin\"" },
	{ "string(@\"2026-10-25T02:30:00@Europe/Berlin\" + @\"PT1H\")",
	  "\"2026-10-25T02:30:00@Europe/Berlin\"" },
	{ "@\"2026-10-25T04:00:00@Europe/Berlin\" - @\"2026-10-25T01:00:00@Europe/Berlin\"",
	  "@\"PT4H\"" },
	{ "@\"2026-03-29T04:00:00@Europe/Berlin\" - @\"2026-03-29T01:00:00@Europe/Berlin\"",
	  "@\"PT2H\"" },
	{ "@\"23:30:00\" + @\"PT1H\"", "@\"00:30:00\"" },
	{ "@\"00:30:00Z\" - @\"PT1H\"", "@\"23:30:00Z\"" },
	{ "string(@\"23:30:00@Europe/Paris\" + @\"PT1H\")", "\"00:30:00@Europe/Paris\"" },
	{ "@\"10:00:00\" + @\"P3D\"", "@\"10:00:00\"" },
	{ "@\"2021-01-02\" - @\"2021-01-01\"", "@\"P1D\"" },
	{ "@\"2021-01-02T00:00:00Z\" - @\"2021-01-01\"", "@\"P1D\"" },
	{ "@\"2021-01-02\" - @\"2020-12-31T23:10:10+01:00\"", "@\"P1DT1H49M50S\"" },
	{ "@\"12:00:00\" - @\"10:30:00\"", "@\"PT1H30M\"" },
	{ "@\"12:00:00Z\" - @\"12:00:00+01:00\"", "@\"PT1H\"" },
	{ "@\"2021-01-01T00:00:00Z\" - @\"2021-01-01T00:00:00+01:00\"", "@\"PT1H\"" },
	{ "@\"2000-03-01\" - @\"2000-02-28\"", "@\"P2D\"" },
	{ "@\"PT1H\" + @\"PT30M\"", "@\"PT1H30M\"" },
	{ "@\"PT1H\" - @\"PT90M\"", "@\"-PT30M\"" },
	{ "@\"P1Y\" + @\"P2M\"", "@\"P1Y2M\"" },
	{ "@\"P1Y\" - @\"P13M\"", "@\"-P1M\"" },
	{ "@\"PT1H\" * 2.5", "@\"PT2H30M\"" },
	{ "2 * @\"P1Y6M\"", "@\"P3Y\"" },
	{ "@\"P1Y\" / 2", "@\"P6M\"" },
	{ "@\"P1D\" / 3", "@\"PT8H\"" },
	{ "@\"PT1S\" / 3", "@\"PT0.333333333S\"" },
	{ "-@\"PT1S\" / 3", "@\"-PT0.333333333S\"" },
	{ "@\"PT1H\" / @\"PT15M\"", "4" },
	{ "@\"P1Y\" / @\"P5M\"", "2.4" },
	{ "@\"PT1.5S\" / @\"PT0.5S\"", "3" },
	{ "-@\"P1Y\"", "@\"-P1Y\"" },
	{ "-@\"PT1.5S\"", "@\"-PT1.5S\"" },
	{ "@\"2021-01-01T10:00:00\" - @\"2021-01-01T10:00:00Z\"", NULL, "only one of the two" },
	{ "@\"2021-01-01T10:00:00\" - @\"2021-01-01\"", NULL, "only one of the two" },
	{ "@\"10:00:00\" - @\"10:00:00Z\"", NULL, "only one" },
	{ "@\"10:00:00\" - @\"2021-01-01\"", NULL, "subtracted from" },
	{ "@\"10:00:00\" + @\"P1Y\"", NULL, "no years and months" },
	{ "@\"999999999-12-31\" + @\"P1D\"", NULL, "years" },
	{ "@\"-999999999-01-01\" - @\"P1M\"", NULL, "years" },
	{ "@\"2021-01-01\" + @\"2021-01-01\"", NULL, "no such operation" },
	{ "@\"2021-01-01\" + 1", NULL },
	{ "@\"PT1H\" + @\"P1Y\"", NULL },
	{ "@\"PT1H\" * @\"PT1H\"", NULL },
	{ "1 / @\"PT1H\"", NULL },
	{ "@\"PT1H\" / 0", NULL, "division by zero" },
	{ "@\"PT1H\" / @\"PT0S\"", NULL, "zero" },
	{ "@\"P1Y\" / @\"PT1H\"", NULL },
	{ "@\"P999999999Y\" * 1e30", NULL, "too long" },
	{ "\"a\" + @\"PT1H\"", NULL },
};

static const struct feel_case order[] = {
	{ "@\"2021-01-01\" < @\"2021-01-02\"", "true" },
	{ "@\"2021-01-01T00:00:00Z\" < @\"2021-01-01T00:30:00+01:00\"", "false" },
	{ "@\"2021-01-01T00:00:00Z\" >= @\"2021-01-01T01:00:00+01:00\"", "true" },
	{ "@\"2021-07-01T12:00:00@Europe/Berlin\" = @\"2021-07-01T12:00:00@Europe/Berlin\"",
	  "true" },
	{ "@\"2021-07-01T12:00:00@Europe/Berlin\" <= @\"2021-07-01T10:00:00Z\"", "true" },
	{ "@\"10:00:00\" < @\"10:00:00.1\"", "true" },
	{ "@\"10:00:00Z\" > @\"10:30:00+01:00\"", "true" },
	{ "@\"PT1H\" < @\"PT61M\"", "true" },
	{ "@\"P1Y\" > @\"P11M\"", "true" },
	{ "@\"2018-12-08T00:00:00\" < @\"2018-12-08T00:00:00Z\"", "null" },
	{ "@\"10:30:00\" = @\"10:30:00.000\"", "true" },
	{ "@\"10:30:00Z\" = @\"10:30:00+00:00\"", "true" },
	{ "@\"10:30:00Z\" = @\"11:30:00+01:00\"", "false" },
	{ "@\"10:30:00@Europe/Paris\" = @\"10:30:00@Europe/Paris\"", "true" },
	{ "@\"10:30:00@Europe/Paris\" = @\"10:30:00\"", "false" },
	{ "@\"10:30:00@Europe/Paris\" = @\"10:30:00@Asia/Dhaka\"", "false" },
	{ "@\"08:15:00.25\" = @\"08:15:00.75\"", "true" },
	{ "@\"08:15:00\" = @\"08:15:01\"", "false" },
	{ "@\"2024-05-06T07:08:09.5\" = @\"2024-05-06T07:08:09\"", "true" },
	{ "@\"2018-12-08T00:00:00+00:00\" = @\"2018-12-08T00:00:00@Etc/UTC\"", "true" },
	{ "@\"2024-01-15T09:00:00@Europe/Rome\" = @\"2024-01-15T09:00:00+01:00\"", "true" },
	{ "@\"2024-07-15T09:00:00@Europe/Rome\" = @\"2024-07-15T09:00:00+01:00\"", "false" },
	{ "@\"2024-07-15T09:00:00@Europe/Rome\" = @\"2024-07-15T08:00:00@Europe/London\"", "true" },
	{ "@\"2024-07-15T09:00:00@Europe/Rome\" = @\"2024-07-15T09:00:00\"", "false" },
	{ "@\"2018-12-08\" = @\"2018-12-08\"", "true" },
	{ "@\"P1D\" = @\"PT24H\"", "true" },
	{ "@\"P1Y\" = @\"P12M\"", "true" },
	{ "@\"P1Y\" = @\"P365D\"", "null" },
	{ "@\"-P0D\" = @\"P0D\"", "true" },
	{ "@\"2021-01-15\" in [@\"2021-01-01\"..@\"2021-02-01\")", "true" },
	{ "@\"2021-01-15\" between @\"2021-01-15\" and @\"2021-01-16\"", "true" },
};

static const struct feel_case parts[] = {
	{ "@\"2018-12-10\".year", "2018" },
	{ "@\"2018-12-10\".month", "12" },
	{ "@\"2018-12-10\".day", "10" },
	{ "@\"2018-12-10\".weekday", "1" },
	{ "@\"2018-12-16\".weekday", "7" },
	{ "@\"2018-12-10T10:30:01\".weekday", "1" },
	{ "@\"2018-12-10T10:30:01\".hour", "10" },
	{ "@\"2018-12-10T10:30:01\".minute", "30" },
	{ "@\"2018-12-10T10:30:01.5\".second", "1" },
	{ "@\"-2018-12-10\".year", "-2018" },
	{ "@\"2018-12-10T10:30:00+05:00\".time offset", "@\"PT5H\"" },
	{ "@\"2018-12-10T10:30:00-05:30\".time offset", "@\"-PT5H30M\"" },
	{ "@\"2018-12-10T10:30:00Z\".time offset", "@\"PT0S\"" },
	{ "@\"2018-07-10T10:30:00@Europe/Berlin\".time offset", "@\"PT2H\"" },
	{ "@\"2018-12-10T10:30:00\".time offset", "null" },
	{ "@\"2018-12-10T10:30:00@Etc/UTC\".timezone", "\"Etc/UTC\"" },
	{ "@\"2018-12-10T10:30:00Z\".timezone", "null" },
	{ "@\"10:30:01\".hour", "10" },
	{ "@\"10:30:00+05:00\".time offset", "@\"PT5H\"" },
	{ "@\"10:30:00@Etc/UTC\".timezone", "\"Etc/UTC\"" },
	{ "@\"10:30:00\".timezone", "null" },
	{ "@\"P1Y2M\".years", "1" },
	{ "@\"P1Y2M\".months", "2" },
	{ "@\"-P1Y2M\".years", "-1" },
	{ "@\"-P1Y2M\".months", "-2" },
	{ "@\"P1DT2H3M4.5S\".days", "1" },
	{ "@\"P1DT2H3M4.5S\".hours", "2" },
	{ "@\"P1DT2H3M4.5S\".minutes", "3" },
	{ "@\"P1DT2H3M4.5S\".seconds", "4" },
	{ "@\"-P1DT2H3M4.5S\".days", "-1" },
	{ "@\"-P1DT2H3M4.5S\".hours", "-2" },
	{ "@\"-P1DT2H3M4.5S\".seconds", "-4" },
	{ "[1..10].start", "1" },
	{ "[1..10).end", "10" },
	{ "[1..10].start included", "true" },
	{ "(1..10].start included", "false" },
	{ "[1..10].end included", "true" },
	{ "[1..10).end included", "false" },
	{ "(>=1).end", "null" },
	{ "(>=1).end included", "false" },
	{ "@\"2018-12-10\".hour", NULL, "no property hour" },
	{ "@\"10:30:01\".year", NULL },
	{ "@\"P1Y\".days", NULL },
	{ "@\"P1D\".years", NULL },
	{ "@\"P1D\".year", NULL },
	{ "[1..2].middle", NULL, "no property middle" },
};

static const struct feel_case texts[] = {
	{ "@\"foo\" = null", "true", NULL, "{}" },
	{ "@\"foo\"", NULL, "neither a date, nor a time, nor a duration: foo", "{}" },
	{ "@\"2021-02-29\"", NULL, "2021-02-29", "{}" },
	{ "string(@\"2018-12-10T10:30:00.120+00:00\")", "\"2018-12-10T10:30:00.12Z\"" },
	{ "string(@\"10:30:00.000000001\")", "\"10:30:00.000000001\"" },
	{ "string(@\"-P1DT0.5S\")", "\"-P1DT0.5S\"" },
	{ "string(@\"P14M\")", "\"P1Y2M\"" },
	{ "string(@\"-PT0.25S\")", "\"-PT0.25S\"" },
	{ "string(@\"0044-03-15\")", "\"0044-03-15\"" },
	{ "string(@\"-0044-03-15\")", "\"-0044-03-15\"" },
	{ "string(@\"12345-01-01\")", "\"12345-01-01\"" },
};

static void dates_and_durations_are_added(void **state)
{
	FEEL_CASES_HOLD(arithmetic);
}

static void dates_and_durations_have_an_order(void **state)
{
	FEEL_CASES_HOLD(order);
}

static void dates_durations_and_ranges_have_parts(void **state)
{
	FEEL_CASES_HOLD(parts);
}

static void dates_and_durations_have_one_text(void **state)
{
	FEEL_CASES_HOLD(texts);
}

static void memory_may_run_out_anywhere(void **state)
{
	FEEL_CASES_HOLD_WITHOUT_MEMORY(arithmetic);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(order);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(parts);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(texts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_and_durations_are_added),
		cmocka_unit_test(dates_and_durations_have_an_order),
		cmocka_unit_test(dates_durations_and_ranges_have_parts),
		cmocka_unit_test(dates_and_durations_have_one_text),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("feel-temporal", tests, NULL, NULL);
}
