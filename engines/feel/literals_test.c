/*
 * literals_test.c — literals, comments, and what is written around them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

static const struct feel_case literals[] = {
	{ "0.1 + 0.2", "0.3" },
	{ ".5", "0.5" },
	{ "1e3", "1000" },
	{ "1.25E-2", "0.0125" },
	{ "-0 = 0", "true" },
	{ "9999999999999999999999999999999999 + 1", "10000000000000000000000000000000000" },
	{ "1/3", "0.3333333333333333333333333333333333" },
	{ "10 ** 6000 * 10 ** 6000", NULL, "too large" },
	{ "1 / 0", NULL, "division by 0" },
	{ "1 + \"a\"", NULL },
	{ "1 + null", NULL },
	{ "\"a\\nb\"", "\"a\" + \"\\u000A\" + \"b\"" },
	{ "\"\\uD83D\\uDE00\" = \"\\U01F600\"", "true" },
	{ "\"\\\"\\\\\\t\\r\\'\"", "\"\\u0022\\u005C\\u0009\\u000D'\"" },
	{ "\"Gr\u00fc\u00dfe \U0001f600\" = \"Gr\\u00FC\\u00DFe \\U01F600\"", "true" },
	{ "@\"2026-02-28\" + @\"P1D\"", "date(2026, 3, 1)" },
	{ "@\"10:30:00\" instance of time", "true" },
	{ "@\"2026-01-01T10:00:00\" instance of date and time", "true" },
	{ "@\"P1Y\" instance of years and months duration", "true" },
	{ "@\"PT1H\" instance of days and time duration", "true" },
	{ "null", "null" },
	{ "true", "true" },
	{ "[]", "[]" },
	{ "{}", "{}" },
};

static const struct feel_case refusals[] = {
	{ "@\"soon\"", NULL, "neither a date, nor a time, nor a duration: soon", "{a: 1}" },
	{ "@\"soon\" = null", "true", NULL, "{a: 1}" },
	{ "@\"2026-02-30\"", NULL, NULL, "{a: 1}" },
	{ "[@\"P1Y1D\", 1]", "[null, 1]", NULL, "{a: 1}" },
};

static const struct feel_case comments[] = {
	{ "1 // one\n + /* two\n lines */ 2", "3" },
	{ "// first\n1", "1" },
	{ "1 /* last */", "1" },
	{ "/* a *//* b */1", "1" },
	{ "\"//\" + \"/*\"", "\"//\" + \"/\" + \"*\"" },
	{ "\u00a01\u2003+\ufeff2\u3000", "3" },
	{ "for\ti\nin\r\n[1]return(i)", "[1]" },
};

static const struct feel_case conditions[] = {
	{ "if true then 1 else 2", "1" },
	{ "if false then 1 else 2", "2" },
	{ "if null then 1 else 2", "2" },
	{ "if 1 > 2 then \"a\" else if 2 > 1 then \"b\" else \"c\"", "\"b\"" },
	{ "if false then 1 else if false then 2 else 3", "3" },
	{ "if \"x\" then 1 else 2", "2", "no boolean" },
	{ "1 + if true then 2 else 3", "3" },
};

static const struct feel_case logic[] = {
	{ "true and true", "true" },
	{ "true and null", "null" },
	{ "false and null", "false" },
	{ "null and false", "false" },
	{ "true and \"x\"", NULL, "a string is no boolean" },
	{ "false and \"x\"", "false" },
	{ "\"x\" and false", "false" },
	{ "true or null", "true" },
	{ "null or false", "null" },
	{ "0 or true", "true" },
	{ "true and true and true and false", "false" },
	{ "false or false or true", "true" },
	{ "not(null)", "null" },
	{ "true or false and false", "true" },
	{ "(true or false) and false", "false" },
};

static const struct feel_case precedence[] = {
	{ "2 + 3 * 4 - 5", "9" },
	{ "10 - 2 - 3", "5" },
	{ "64 / 4 / 2", "8" },
	{ "2 ** 3 ** 2", "64" },
	{ "-2 ** 2", "4" },
	{ "2 ** -1", "0.5" },
	{ "2 * -3", "-6" },
	{ "1 - -1", "2" },
	{ "1 + 2 = 3 and 4 > 3", "true" },
	{ "5 between 1 + 1 and 9 and true", "true" },
	{ "1 + 1 in [2..3]", "true" },
	{ "1 = 1 = true", "true" },
	{ "- (1 + 2)", "-3" },
	{ "-[1, 2][2]", "-2" },
	{ "2 > 1 or null", "true" },
};

static const struct feel_case equality[] = {
	{ "1 = 1.00", "true" },
	{ "1 = \"1\"", NULL, "a number and a string can't be compared" },
	{ "null = null", "true" },
	{ "1 = null", "false" },
	{ "1 != null", "true" },
	{ "[1, [2, 3]] = [1, [2, 3]]", "true" },
	{ "[1, 2] = [2, 1]", "false" },
	{ "[] = [null]", "false" },
	{ "{a: 1, b: [2]} = {b: [2], a: 1}", "true" },
	{ "{a: 1} = {a: 1, b: 2}", "false" },
	{ "[1..2] = [1..2]", "true" },
	{ "[1..2] = [1..2)", "false" },
	{ "(< 5) = (null..5)", "false" },
	{ "string([(< 5), (>= 5), (= 5), (!= 5), [5..null)])",
	  "\"[(< 5), (>= 5), (= 5), (!= 5), [5..null)]\"" },
	{ "true = \"true\"", NULL },
	{ "{f: function(x) x, r: f = f}.r", "true" },
	{ "{f: function(x) x, g: function(x) x, r: f = g}.r", "false" },
	{ "\"a\" < \"b\"", "true" },
	{ "true < false", NULL },
	{ "1 < null", NULL },
	{ "[1] < [2]", NULL },
	{ "\"\uffff\" < \"\U00010000\"", "true" },
	{ "2 between 1 and 3", "true" },
	{ "0 between 1 and 3", "false" },
	{ "\"b\" between \"a\" and \"c\"", "true" },
	{ "1 between \"a\" and 3", NULL },
};

/* EDR-4 */
static void literals_have_their_values(void **state)
{
	FEEL_CASES_HOLD(literals);
}

/* EDR-4 */
static void literals_that_mean_nothing_are_null(void **state)
{
	FEEL_CASES_HOLD(refusals);
}

/* EDR-4 */
static void comments_and_blanks_mean_nothing(void **state)
{
	FEEL_CASES_HOLD(comments);
}

/* EDR-4 */
static void a_condition_takes_the_first_true_branch(void **state)
{
	FEEL_CASES_HOLD(conditions);
}

/* EDR-4 */
static void logic_has_three_values(void **state)
{
	FEEL_CASES_HOLD(logic);
}

/* EDR-4 */
static void operators_bind_as_the_grammar_says(void **state)
{
	FEEL_CASES_HOLD(precedence);
}

/* EDR-4 */
static void equality_is_of_one_kind(void **state)
{
	FEEL_CASES_HOLD(equality);
}

static void memory_may_run_out_anywhere(void **state)
{
	FEEL_CASES_HOLD_WITHOUT_MEMORY(literals);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(refusals);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(comments);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(conditions);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(logic);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(precedence);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(equality);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals_have_their_values),
		cmocka_unit_test(literals_that_mean_nothing_are_null),
		cmocka_unit_test(comments_and_blanks_mean_nothing),
		cmocka_unit_test(a_condition_takes_the_first_true_branch),
		cmocka_unit_test(logic_has_three_values),
		cmocka_unit_test(operators_bind_as_the_grammar_says),
		cmocka_unit_test(equality_is_of_one_kind),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("feel-literals", tests, NULL, NULL);
}
