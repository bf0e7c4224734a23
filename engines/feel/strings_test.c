/*
 * strings_test.c — built-ins of strings.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

static const struct feel_case substrings[] = {
	{ "substring(\"foobar\", 3)", "\"obar\"" },
	{ "substring(\"foobar\", 3, 3)", "\"oba\"" },
	{ "substring(\"foobar\", -2, 1)", "\"a\"" },
	{ "substring(\"foobar\", -6)", "\"foobar\"" },
	{ "substring(\"foobar\", 3, 3.8)", "\"oba\"" },
	{ "substring(\"foobar\", 5, 100)", "\"ar\"" },
	{ "substring(\"foobar\", 7)", "\"\"" },
	{ "substring(\"\\U01F40Eab\", 2)", "\"ab\"" },
	{ "substring(\"Gr\u00fc\u00dfe\", -3, 2)", "\"\u00fc\u00df\"" },
	{ "substring(string: \"foobar\", start position: 3)", "\"obar\"" },
	{ "substring(length: 2, start position: 1, string: \"foobar\")", "\"fo\"" },
	{ "substring(\"foobar\", 1, null)", "\"foobar\"" },
	{ "substring([\"foobar\"], 6)", "\"r\"" },
	{ "substring(\"foobar\", 0)", NULL, "start position" },
	{ "substring(\"foobar\", -7)", NULL, "start position" },
	{ "substring(\"foobar\", 1, 0)", NULL, "length" },
	{ "substring(\"foobar\", 1, -1)", NULL, "length" },
	{ "substring(null, 1)", NULL, "substring(): string is a null, not a string" },
	{ "substring(\"foobar\", \"1\")", NULL, "start position is a string, not a number" },
	{ "substring(12, 1)", NULL },
	{ "substring before(\"foobar\", \"bar\")", "\"foo\"" },
	{ "substring before(\"foobar\", \"xyz\")", "\"\"" },
	{ "substring before(\"foobar\", \"\")", "\"\"" },
	{ "substring before(string: \"abc\", match: \"b\")", "\"a\"" },
	{ "substring before(null, \"a\")", NULL },
	{ "substring after(\"foobar\", \"ob\")", "\"ar\"" },
	{ "substring after(\"foobar\", \"\")", "\"foobar\"" },
	{ "substring after(\"\", \"a\")", "\"\"" },
	{ "substring after(match: \"b\", string: \"abc\")", "\"c\"" },
	{ "substring after(\"a\", 1)", NULL },
};

static const struct feel_case questions[] = {
	{ "string length(\"\")", "0" },
	{ "string length(\"foo\")", "3" },
	{ "string length(\"\\U01F40Eab\")", "3" },
	{ "string length(string: \"\u00fc\")", "1" },
	{ "string length(null)", NULL },
	{ "string length([])", NULL },
	{ "contains(\"foobar\", \"ob\")", "true" },
	{ "contains(\"foobar\", \"of\")", "false" },
	{ "contains(\"foobar\", \"\")", "true" },
	{ "contains(match: \"ob\", string: \"foobar\")", "true" },
	{ "contains(\"foobar\", null)", NULL },
	{ "starts with(\"foobar\", \"fo\")", "true" },
	{ "starts with(\"foobar\", \"oo\")", "false" },
	{ "starts with(\"fo\", \"foo\")", "false" },
	{ "starts with(string: \"a\", match: \"\")", "true" },
	{ "starts with(1, \"\")", NULL },
	{ "ends with(\"foobar\", \"r\")", "true" },
	{ "ends with(\"foobar\", \"f\")", "false" },
	{ "ends with(\"r\", \"ar\")", "false" },
	{ "ends with(string: \"ab\", match: \"b\")", "true" },
	{ "ends with(\"\", true)", NULL },
};

static const struct feel_case changes[] = {
	{ "upper case(\"aBc4\")", "\"ABC4\"" },
	{ "upper case(\"\u00fcz\")", "\"\u00dcZ\"" },
	{ "upper case(string: \"a\")", "\"A\"" },
	{ "upper case(null)", NULL },
	{ "lower case(\"aBc4\")", "\"abc4\"" },
	{ "lower case(\"\u00c4\u03a9\")", "\"\u00e4\u03c9\"" },
	{ "lower case(string: \"A\")", "\"a\"" },
	{ "lower case(1)", NULL },
	{ "trim(\"  a b\\t\\n\")", "\"a b\"" },
	{ "trim(\"   \")", "\"\"" },
	{ "string join([\"a\", \"b\", \"c\"], \"_and_\")", "\"a_and_b_and_c\"" },
	{ "string join([\"a\", \"b\", \"c\"], \"\")", "\"abc\"" },
	{ "string join([\"a\", \"b\", \"c\"], null)", "\"abc\"" },
	{ "string join([\"a\", \"b\", \"c\"])", "\"abc\"" },
	{ "string join([\"a\", null, \"c\"], \"X\")", "\"aXc\"" },
	{ "string join([null], \"X\")", "\"\"" },
	{ "string join([], \"X\")", "\"\"" },
	{ "string join([\"a\"], \"X\")", "\"a\"" },
	{ "string join(\"a\", \"X\")", "\"a\"" },
	{ "string join(delimiter: \"-\", list: [\"a\", \"b\"])", "\"a-b\"" },
	{ "string join([\"a\", 1], \"X\")", NULL, "item 2 is a number" },
	{ "string join(null, \"X\")", NULL },
	{ "string join([\"a\"], 1)", NULL },
};

static void strings_are_cut(void **state)
{
	FEEL_CASES_HOLD(substrings);
}

static void strings_are_looked_into(void **state)
{
	FEEL_CASES_HOLD(questions);
}

static void strings_are_changed_and_joined(void **state)
{
	FEEL_CASES_HOLD(changes);
}

static void memory_may_run_out_anywhere(void **state)
{
	FEEL_CASES_HOLD_WITHOUT_MEMORY(substrings);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(questions);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(changes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_cut),
		cmocka_unit_test(strings_are_looked_into),
		cmocka_unit_test(strings_are_changed_and_joined),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("feel-strings", tests, NULL, NULL);
}
