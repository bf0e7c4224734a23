/*
 * ranges_test.c — ranges, `in`, and tests behind it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

static const struct feel_case bounds[] = {
	{ "1 in [1..3]", "true" },
	{ "3 in [1..3]", "true" },
	{ "3 in [1..3)", "false" },
	{ "3 in [1..3[", "false" },
	{ "1 in (1..3]", "false" },
	{ "1 in ]1..3]", "false" },
	{ "2 in ]1..3[", "true" },
	{ "2 in (1..3)", "true" },
	{ "0 in [-1..1]", "true" },
	{ "2 in [1+1..2*2]", "true" },
	{ "\"b\" in [\"a\"..\"c\"]", "true" },
	{ "@\"2026-01-02\" in [@\"2026-01-01\"..@\"2026-01-03\"]", "true" },
	{ "@\"PT2H\" in [@\"PT1H\"..@\"PT3H\"]", "true" },
	{ "5 in < 6", "true" },
	{ "5 in (<= 4)", "false" },
	{ "5 in >= 5", "true" },
	{ "5 in (> 5)", "false" },
	{ "5 in = 5", "true" },
	{ "5 in != 5", "false" },
	{ "\"a\" in [1..3]", NULL, "can't be in this range" },
	{ "null in [1..3]", NULL },
	{ "[1..\"a\"]", NULL, "a range from a number to a string" },
	{ "[null..null]", NULL },
	{ "[true..false]", NULL },
	{ "[{}..{}]", NULL },
	{ "2 in [1..null]", NULL, "can't be in this range" },
	{ "2 in (null..3]", NULL },
	{ "0 in [1..null]", "false" },
	{ "2 in [3..1]", "false" },
};

static const struct feel_case unary[] = {
	{ "(< 5)", "(< 5)" },
	{ "(<5) = (null..5)", "false" },
	{ "(<5) = (< 5)", "true" },
	{ "(>= 5) = [5..null)", "false" },
	{ "[5..null) = [5..null)", "true" },
	{ "(= 5) = [5..5]", "false" },
	{ "(= 5) = (= 5)", "true" },
	{ "(= 5).end included", "true" },
	{ "[5..null].end", "null" },
	{ "[5..null] instance of range<number>", "true" },
	{ "3 in [< 2, > 2]", "true" },
	{ "(!= 5).start", "5" },
	{ "(!= 5).end included", "false" },
	{ "(!= 5) = (!= 5)", "true" },
	{ "(!= 5) = (5..5)", "false" },
	{ "{r: (!= 5), x: 6 in r, y: 5 in r}.x", "true" },
	{ "{r: (!= 5), x: 6 in r, y: 5 in r}.y", "false" },
	{ "includes((!= 5), 6)", NULL },
	{ "for i in (!= 5) return i", NULL },
	{ "(< true)", NULL, "to a boolean" },
	{ "(> {})", NULL, "from a context" },
	{ "(!= null)", NULL, "without ends" },
	{ "{r: (> 1), x: 2 in r}.x", "true" },
	{ "[1..3].start", "1" },
	{ "[1..3).end included", "false" },
};

static const struct feel_case lists[] = {
	{ "2 in (1, 2)", "true" },
	{ "2 in (1, < 0, [5..6])", "false" },
	{ "2 in [1, 2, 3]", "true" },
	{ "[1, 2] in [[1, 2], [3]]", "true" },
	{ "1 in [[2..4], [1..3]]", "true" },
	{ "5 in ([2..4], [1..3])", "false" },
	{ "1 in 1", "true" },
	{ "1 in \"a\"", NULL },
	{ "[1, 2] in ([1, 2])", "true" },
	{ "null in [null]", "true" },
	{ "\"a\" in (\"b\", \"a\")", "true" },
	{ "2 in (? > 1)", "true" },
	{ "2 in (? * 2 = 4, 9)", "true" },
	{ "10 in (1, < 5, >=10)", "true" },
	{ "{x: 2, y: x in [x..x]}.y", "true" },
	{ "[1..2] in [[1..2], [3..4]]", "true" },
	{ "(1 in [1]) in (true)", "true" },
	{ "1 in [1] and 2 in [2]", "true" },
};

/* EDR-4 */
static void every_form_of_bound(void **state)
{
	FEEL_CASES_HOLD(bounds);
}

/* EDR-4 */
static void a_comparison_alone_is_a_range(void **state)
{
	FEEL_CASES_HOLD(unary);
}

/* EDR-4 */
static void in_takes_lists_and_lists_of_tests(void **state)
{
	FEEL_CASES_HOLD(lists);
}

static void memory_may_run_out_anywhere(void **state)
{
	FEEL_CASES_HOLD_WITHOUT_MEMORY(bounds);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(unary);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(lists);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_bound),
		cmocka_unit_test(a_comparison_alone_is_a_range),
		cmocka_unit_test(in_takes_lists_and_lists_of_tests),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("feel-ranges", tests, NULL, NULL);
}
