/*
 * conversions_test.c — built-ins that make a value of another kind.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

static const struct feel_case numbers_and_strings[] = {
	{ "string(1.50)", "\"1.5\"" },
	{ "string(true)", "\"true\"" },
	{ "string(\"a\")", "\"a\"" },
	{ "string(@\"2020-01-01\")", "\"2020-01-01\"" },
	{ "string(@\"PT90M\")", "\"PT1H30M\"" },
	{ "string([1, \"a\", null])", "\"[1, \\\"a\\\", null]\"" },
	{ "string({a: 1, b: \"x\"})", "\"{a: 1, b: \\\"x\\\"}\"" },
	{ "string([1..3))", "\"[1..3)\"" },
	{ "string(null)", "null" },
	{ "string(from: 1)", "\"1\"" },
	{ "number(\"1\")", "1" },
	{ "number(\"1.5\")", "1.5" },
	{ "number(\"-0.5\")", "-0.5" },
	{ "number(\"1e3\")", "1000" },
	{ "number(\"1 000\", \" \", null)", "1000" },
	{ "number(\"1,000.5\", \",\", \".\")", "1000.5" },
	{ "number(\"1.000,5\", \".\", \",\")", "1000.5" },
	{ "number(\"1.000.000,01\", \".\", \",\")", "1000000.01" },
	{ "number(\"1,5\", null, \",\")", "1.5" },
	{ "number(\"12\", null, null)", "12" },
	{ "number(from: \"1,000\", grouping separator: \",\", decimal separator: \".\")", "1000" },
	{ "number(7)", "7" },
	{ "number(\"1 000\")", NULL, "no number" },
	{ "number(\"1,5\")", NULL },
	{ "number(\"1.5\", null, \",\")", NULL },
	{ "number(\"a\")", NULL, "\"a\" is no number" },
	{ "number(\"\")", NULL },
	{ "number(\"1\", \"x\", \".\")", NULL, "grouping separator" },
	{ "number(\"1\", \",\", \"x\")", NULL, "decimal separator" },
	{ "number(\"1\", \",\", \",\")", NULL, "the same" },
	{ "number(null)", NULL },
	{ "number(true)", NULL },
};

static const struct feel_case dates[] = {
	{ "date(\"2017-12-31\")", "@\"2017-12-31\"" },
	{ "string(date(\"-2017-01-01\"))", "\"-2017-01-01\"" },
	{ "string(date(\"999999999-12-31\"))", "\"999999999-12-31\"" },
	{ "string(date(\"-999999999-12-31\"))", "\"-999999999-12-31\"" },
	{ "date(\"2016-02-29\")", "@\"2016-02-29\"" },
	{ "date(2017, 12, 31)", "@\"2017-12-31\"" },
	{ "string(date(-2017, 1, 1))", "\"-2017-01-01\"" },
	{ "date(year: 2017, month: 8, day: 30)", "@\"2017-08-30\"" },
	{ "date(from: \"2012-12-25\")", "@\"2012-12-25\"" },
	{ "date(@\"2017-08-14T14:25:00@Europe/Paris\")", "@\"2017-08-14\"" },
	{ "date(@\"2017-08-14\")", "@\"2017-08-14\"" },
	{ "date(\"2017-02-29\")", NULL, "no date" },
	{ "date(\"2017-13-10\")", NULL },
	{ "date(\"2017-12-32\")", NULL },
	{ "date(\"998-12-31\")", NULL },
	{ "date(\"01211-12-31\")", NULL },
	{ "date(\"+2012-12-02\")", NULL },
	{ "date(\"9999999999-12-25\")", NULL },
	{ "date(\"2012-12-25T\")", NULL },
	{ "date(\"2017-08-25T11:00:00\")", NULL },
	{ "date(\"\")", NULL },
	{ "date(2017, 13, 1)", NULL, "no such day" },
	{ "date(2017, 2, 29)", NULL },
	{ "date(2017, 1, 1.5)", NULL },
	{ "date(1000000000, 1, 1)", NULL },
	{ "date(2017, null, 1)", NULL },
	{ "date(\"1234567890123456789012345678901234567890123456789012345678901234567890\")", NULL,
	  "\"123456789012345678901234567890123456789012345678901234567890\" is no date" },
	{ "date(\"ü1234567890123456789012345678901234567890123456789012345678ü\")", NULL,
	  "\"ü1234567890123456789012345678901234567890123456789012345678\" is no date" },
	{ "date(null)", NULL },
	{ "date(1)", NULL },
	{ "time(\"11:22:33.444\")", "@\"11:22:33.444\"" },
	{ "string(time(\"00:01:00@Etc/UTC\"))", "\"00:01:00@Etc/UTC\"" },
	{ "time(\"11:22:33-00:00\")", "@\"11:22:33Z\"" },
	{ "time(\"24:00:00\")", "@\"00:00:00\"" },
	{ "string(time(\"11:22:33+02:45:55\"))", "\"11:22:33+02:45:55\"" },
	{ "time(@\"2017-08-10T10:20:00+01:00\")", "@\"10:20:00+01:00\"" },
	{ "string(time(@\"2017-09-04T11:20:00@Asia/Dhaka\"))", "\"11:20:00@Asia/Dhaka\"" },
	{ "time(@\"2017-08-10\")", "@\"00:00:00Z\"" },
	{ "time(@\"10:20:00\")", "@\"10:20:00\"" },
	{ "time(11, 59, 45, null)", "@\"11:59:45\"" },
	{ "time(11, 59, 45)", "@\"11:59:45\"" },
	{ "time(11, 59, 45.25, @\"-PT2H\")", "@\"11:59:45.25-02:00\"" },
	{ "string(time(11, 59, 45, @\"PT2H45M55S\"))", "\"11:59:45+02:45:55\"" },
	{ "time(hour: 11, minute: 59, second: 0, offset: @\"PT2H1M\")", "@\"11:59:00+02:01\"" },
	{ "time(\"24:00:01\")", NULL, "no time" },
	{ "time(\"25:00:00\")", NULL },
	{ "time(\"00:60:00\")", NULL },
	{ "time(\"7:00:00\")", NULL },
	{ "time(\"07:1:00\")", NULL },
	{ "time(\"07:01\")", NULL },
	{ "time(\"13:20:00@xyz/abc\")", NULL },
	{ "time(\"13:20:00@../../etc/passwd\")", NULL },
	{ "time(\"13:20:00@\")", NULL },
	{ "time(\"13:20:00@localtime\")", NULL },
	{ "time(\"13:20:00@right/Europe/Paris\")", NULL },
	{ "time(\"13:20:00+19:00\")", NULL },
	{ "time(\"13:20:00+5:00\")", NULL },
	{ "time(\"13:20:00+02:00@Europe/Paris\")", NULL },
	{ "time(24, 0, 0)", NULL, "no such time" },
	{ "time(-1, 0, 0)", NULL },
	{ "time(23, 60, 0)", NULL },
	{ "time(23, 59, 60)", NULL },
	{ "time(12, 0, 0, @\"PT19H\")", NULL },
	{ "time(12, null, 0)", NULL },
	{ "time(null)", NULL },
	{ "time(1)", NULL },
	{ "date and time(\"2012-12-24\")", "@\"2012-12-24T00:00:00\"" },
	{ "string(date and time(\"99999-12-31T11:22:33\"))", "\"99999-12-31T11:22:33\"" },
	{ "string(date and time(\"999999999-12-31T23:59:59.999999999@Europe/Paris\"))",
	  "\"999999999-12-31T23:59:59.999999999@Europe/Paris\"" },
	{ "date and time(\"2017-12-31T24:00:00\")", "@\"2018-01-01T00:00:00\"" },
	{ "date and time(@\"2017-01-01\", @\"23:59:01+02:00\")", "@\"2017-01-01T23:59:01+02:00\"" },
	{ "date and time(@\"2017-08-10T10:20:00+02:00\", @\"23:59:01\")",
	  "@\"2017-08-10T23:59:01\"" },
	{ "string(date and time(@\"2017-09-05\", @\"09:15:30@Europe/Paris\"))",
	  "\"2017-09-05T09:15:30@Europe/Paris\"" },
	{ "date and time(date: @\"2017-01-01\", time: @\"00:00:00\")", "@\"2017-01-01T00:00:00\"" },
	{ "date and time(@\"2017-01-01\")", "@\"2017-01-01T00:00:00\"" },
	{ "date and time(2017, 1, 2, 3, 4, 5.5)", "@\"2017-01-02T03:04:05.5\"" },
	{ "date and time(2017, 1, 2, 3, 4, 5, @\"PT1H\")", "@\"2017-01-02T03:04:05+01:00\"" },
	{ "string(date and time(2017, 1, 2, 3, 4, 5, \"Europe/Berlin\"))",
	  "\"2017-01-02T03:04:05@Europe/Berlin\"" },
	{ "date and time(year: 2017, month: 1, day: 2, hour: 3, minute: 4, second: 5)",
	  "@\"2017-01-02T03:04:05\"" },
	{ "string(date and time(@\"2026-07-01T12:00:00Z\", \"Europe/Berlin\"))",
	  "\"2026-07-01T14:00:00@Europe/Berlin\"" },
	{ "string(date and time(@\"2026-07-01T12:00:00\", \"Europe/Berlin\"))",
	  "\"2026-07-01T12:00:00@Europe/Berlin\"" },
	{ "date and time(\"2017-12-31T7:00:00\")", NULL, "no date and time" },
	{ "date and time(\"2017-12-31T13:20:00+02:00@Europe/Paris\")", NULL },
	{ "date and time(\"11:00:00\")", NULL },
	{ "date and time(\"2011-12-0310:15:30\")", NULL },
	{ "date and time(\"999999999-12-31T24:00:00\")", NULL },
	{ "date and time(@\"2017-01-01\", null)", NULL },
	{ "date and time(null)", NULL },
	{ "date and time(2017, 2, 30, 0, 0, 0)", NULL },
	{ "date and time(2017, 1, 1, 0, 0, 0, \"Nowhere\")", NULL, "no time zone" },
	{ "date and time(@\"2017-01-01T00:00:00\", \"Nowhere\")", NULL, "no time zone" },
};

static const struct feel_case durations[] = {
	{ "duration(\"P1DT2H3M4.123456789S\")", "@\"P1DT2H3M4.123456789S\"" },
	{ "string(duration(\"PT0.S\"))", "\"PT0S\"" },
	{ "string(duration(\"P0D\"))", "\"PT0S\"" },
	{ "string(duration(\"PT1000M\"))", "\"PT16H40M\"" },
	{ "string(duration(\"-PT1H2M\"))", "\"-PT1H2M\"" },
	{ "string(duration(\"P100M\"))", "\"P8Y4M\"" },
	{ "string(duration(\"-P100M\"))", "\"-P8Y4M\"" },
	{ "string(duration(\"P0Y\"))", "\"P0M\"" },
	{ "string(duration(\"P999999999M\"))", "\"P83333333Y3M\"" },
	{ "duration(from: \"P1Y\")", "@\"P1Y\"" },
	{ "duration(@\"P1Y\")", "@\"P1Y\"" },
	{ "duration(\"\")", NULL, "no duration" },
	{ "duration(\"P\")", NULL },
	{ "duration(\"P0\")", NULL },
	{ "duration(\"PT\")", NULL },
	{ "duration(\"P1DT\")", NULL },
	{ "duration(\"1D\")", NULL },
	{ "duration(\"P1H\")", NULL },
	{ "duration(\"P1S\")", NULL },
	{ "duration(\"P1Y1D\")", NULL },
	{ "duration(\"P1.5D\")", NULL },
	{ "duration(\"P99999999999999999999D\")", NULL },
	{ "duration(null)", NULL },
	{ "duration(1)", NULL },
	{ "years and months duration(@\"2011-12-22\", @\"2013-08-24\")", "@\"P1Y8M\"" },
	{ "years and months duration(@\"2013-08-24\", @\"2011-12-22\")", "@\"-P1Y8M\"" },
	{ "years and months duration(@\"2016-01-01\", @\"2016-01-01\")", "@\"P0M\"" },
	{ "years and months duration(@\"2014-12-31T23:59:59\", @\"2019-10-01T12:32:59\")",
	  "@\"P4Y9M\"" },
	{ "years and months duration(@\"-2016-01-30T09:05:00\", @\"-2017-02-28T02:02:02\")",
	  "@\"-P11M\"" },
	{ "years and months duration(from: @\"2014-12-31T23:59:59\", to: @\"2016-12-31T00:00:01\")",
	  "@\"P2Y\"" },
	{ "years and months duration(@\"2016-01-31\", @\"2016-02-29\")", "@\"P0M\"" },
	{ "years and months duration(@\"-999999999-01-01\", @\"999999999-12-31\")",
	  "@\"P1999999998Y11M\"" },
	{ "years and months duration(@\"2013-08-24\", @\"2017-12-15T00:59:59\")", "@\"P4Y3M\"" },
	{ "years and months duration(@\"2017-02-28T23:59:59\", @\"2019-07-23\")", "@\"P2Y4M\"" },
	{ "years and months duration(null, @\"2017-12-15\")", NULL },
	{ "years and months duration(@\"2017-12-15\", null)", NULL },
	{ "years and months duration(\"2017-12-15\", @\"2017-12-15\")", NULL },
};

static const struct feel_case ranges[] = {
	{ "range(\"[1..3]\")", "[1..3]" },
	{ "range(\"(1..3)\")", "(1..3)" },
	{ "range(\"]1..3[\")", "(1..3)" },
	{ "range(\" [ 1 .. 3 ) \")", "[1..3)" },
	{ "range(\"[-1.5..2e3]\")", "[-1.5..2000]" },
	{ "range(\"[\\\"a\\\"..\\\"c\\\"]\")", "[\"a\"..\"c\"]" },
	{ "range(\"[@\\\"1970-01-01\\\"..@\\\"1970-01-02\\\"]\")",
	  "[@\"1970-01-01\"..@\"1970-01-02\"]" },
	{ "range(\"[@\\\"PT1H\\\"..@\\\"PT2H\\\"]\")", "[@\"PT1H\"..@\"PT2H\"]" },
	{ "range(\"[@\\\"00:00:00\\\"..@\\\"00:00:01\\\"]\")", "[@\"00:00:00\"..@\"00:00:01\"]" },
	{ "range(\"[date(\\\"1970-01-01\\\")..date(\\\"1970-01-02\\\")]\")",
	  "[@\"1970-01-01\"..@\"1970-01-02\"]" },
	{ "range(\"[date and time(\\\"1970-01-01T00:00:00\\\")..@\\\"1970-01-02T00:00:00\\\"]\")",
	  "[@\"1970-01-01T00:00:00\"..@\"1970-01-02T00:00:00\"]" },
	{ "range(\"[duration(\\\"P1Y\\\")..@\\\"P2Y\\\"]\")", "[@\"P1Y\"..@\"P2Y\"]" },
	{ "range(\"[time(\\\"00:00:00\\\")..@\\\"00:00:01\\\"]\")",
	  "[@\"00:00:00\"..@\"00:00:01\"]" },
	{ "range(\"[2..)\") = (>=2)", "true" },
	{ "range(\"(2..)\") = (>2)", "true" },
	{ "range(\"(..2]\") = (<=2)", "true" },
	{ "range(\"(..2)\") = (<2)", "true" },
	{ "range(\"[2..)\") = >=2", "true" },
	{ "range(\"(..2)\") != <2 and true", "false" },
	{ "range(from: \"[1..3]\")", "[1..3]" },
	{ "range(\"[..2]\")", NULL, "no range" },
	{ "range(\"[1..]\")", NULL },
	{ "range(\"(..)\")", NULL },
	{ "range(\"\")", NULL },
	{ "range(\"  \")", NULL },
	{ "range(\"1..3\")", NULL },
	{ "range(\"[1..3\")", NULL },
	{ "range(\"[1..3]]\")", NULL },
	{ "range(\"[1..\\\"a\\\"]\")", NULL },
	{ "range(\"[3..1]\")", NULL, "no range" },
	{ "range(\"[1..1]\")", "[1..1]" },
	{ "range(\"[a..b]\")", NULL },
	{ "range(\"[1+1..3]\")", NULL },
	{ "range(\"[date(string(\\\"1970-01-01\\\"))..date(\\\"1970-01-02\\\")]\")", NULL },
	{ "range(\"[date(\\\"x\\\")..date(\\\"y\\\")]\")", NULL },
	{ "range(\"[@\\\"x\\\"..@\\\"y\\\"]\")", NULL },
	{ "range(null)", NULL },
	{ "range(1)", NULL },
};

static void numbers_and_strings_are_read(void **state)
{
	FEEL_CASES_HOLD(numbers_and_strings);
}

static void dates_and_times_are_made(void **state)
{
	FEEL_CASES_HOLD(dates);
}

static void durations_are_made(void **state)
{
	FEEL_CASES_HOLD(durations);
}

static void ranges_are_read(void **state)
{
	FEEL_CASES_HOLD(ranges);
}

static void memory_may_run_out_anywhere(void **state)
{
	FEEL_CASES_HOLD_WITHOUT_MEMORY(numbers_and_strings);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(dates);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(durations);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(ranges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_and_strings_are_read),
		cmocka_unit_test(dates_and_times_are_made),
		cmocka_unit_test(durations_are_made),
		cmocka_unit_test(ranges_are_read),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("feel-conversions", tests, NULL, NULL);
}
