/*
 * values_test.c — built-ins of any value, of days, and of the clock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

static const struct feel_case values[] = {
	{ "not(true)", "false" },
	{ "not(false)", "true" },
	{ "not(negand: true)", "false" },
	{ "not(null)", "null" },
	{ "not(1)", "null" },
	{ "is(1, 1)", "true" },
	{ "is(1, 2)", "false" },
	{ "is(1, 1.0)", "true" },
	{ "is(\"a\", \"a\")", "true" },
	{ "is(1, \"1\")", "false" },
	{ "is(null, null)", "true" },
	{ "is(null, 0)", "false" },
	{ "is([1], [1])", "true" },
	{ "is({a: 1}, {a: 1})", "true" },
	{ "is(@\"2012-12-25\", @\"2012-12-25T00:00:00\")", "false" },
	{ "is(@\"23:00:50Z\", @\"23:00:50+00:00\")", "true" },
	{ "is(@\"23:00:50Z\", @\"23:00:50\")", "false" },
	{ "is(@\"23:00:50@Etc/GMT\", @\"23:00:50Z\")", "false" },
	{ "is(@\"23:00:50@Australia/Melbourne\", @\"23:00:50+10:00\")", "false" },
	{ "is(@\"23:00:50@Australia/Melbourne\", @\"23:00:50@Australia/Sydney\")", "false" },
	{ "is(@\"20:00:50+00:00\", @\"21:00:50+01:00\")", "false" },
	{ "is(@\"2021-04-02T23:00:00@Australia/Melbourne\", @\"2021-04-02T23:00:00+11:00\")",
	  "false" },
	{ "is(@\"2021-10-02T23:00:00@Australia/Melbourne\", @\"2021-10-02T23:00:00+10:00\")",
	  "false" },
	{ "is(@\"2002-04-02T12:00:00-01:00\", @\"2002-04-02T17:00:00+04:00\")", "false" },
	{ "is(@\"P1D\", @\"PT24H\")", "true" },
	{ "is(@\"P0Y\", @\"P0D\")", "false" },
	{ "is(@\"08:00:00@Europe/Rome\", @\"08:00:00@Europe/Rome\")", "true" },
	{ "is(@\"08:00:00.1\", @\"08:00:00.2\")", "false" },
	{ "is(value1: 1, value2: 1)", "true" },
	{ "is(value1: 1)", "false" },
	{ "is(value2: 1)", "false" },
	{ "is defined(1)", "true" },
	{ "is defined(null)", "false" },
	{ "get or else(null, 1)", "1" },
	{ "get or else(2, 1)", "2" },
};

static const struct feel_case days[] = {
	{ "day of year(@\"2019-09-17\")", "260" },
	{ "day of year(@\"2020-12-31T10:00:00\")", "366" },
	{ "day of year(date: @\"2021-01-01\")", "1" },
	{ "day of year(null)", NULL },
	{ "day of year(\"2021-01-01\")", NULL },
	{ "day of week(@\"2019-09-17\")", "\"Tuesday\"" },
	{ "day of week(@\"2019-09-22T00:00:00@Europe/Paris\")", "\"Sunday\"" },
	{ "day of week(date: @\"1969-12-31\")", "\"Wednesday\"" },
	{ "day of week(@\"-0001-01-01\")", "\"Friday\"" },
	{ "day of week(1)", NULL },
	{ "month of year(@\"2019-09-17\")", "\"September\"" },
	{ "month of year(date: @\"2019-01-01T00:00:00\")", "\"January\"" },
	{ "month of year(null)", NULL },
	{ "week of year(@\"2019-09-17\")", "38" },
	{ "week of year(@\"2003-12-29\")", "1" },
	{ "week of year(@\"2004-01-04\")", "1" },
	{ "week of year(@\"2005-01-01\")", "53" },
	{ "week of year(@\"2005-01-09T00:00:00\")", "1" },
	{ "week of year(date: @\"2020-12-31\")", "53" },
	{ "week of year(null)", NULL },
	{ "string(now())", "\"2026-03-29T01:30:00.123+01:00\"" },
	{ "today()", "@\"2026-03-29\"" },
	{ "now().year", "2026" },
};

static void values_are_compared_and_negated(void **state)
{
	FEEL_CASES_HOLD(values);
}

static void days_have_names_and_numbers(void **state)
{
	FEEL_CASES_HOLD(days);
}

static void memory_may_run_out_anywhere(void **state)
{
	FEEL_CASES_HOLD_WITHOUT_MEMORY(values);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(days);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_compared_and_negated),
		cmocka_unit_test(days_have_names_and_numbers),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("feel-values", tests, NULL, NULL);
}
