/*
 * filters_test.c — filters and paths.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

static const struct feel_case indices[] = {
	{ "[1, 2, 3][1]", "1" },
	{ "[1, 2, 3][-1]", "3" },
	{ "[1, 2, 3][0]", NULL, "no such item" },
	{ "[1, 2, 3][4]", NULL },
	{ "[1, 2, 3][-4]", NULL },
	{ "[1, 2, 3][1.5]", NULL, "whole number" },
	{ "[][1]", NULL },
	{ "[1, 2, 3][1 + 1]", "2" },
	{ "{i: 2, r: [\"a\", \"b\"][i]}.r", "\"b\"" },
	{ "1[1]", "1" },
	{ "\"a\"[1]", "\"a\"" },
	{ "null[1]", NULL },
	{ "{a: 1}[1]", "{a: 1}" },
	{ "[[1, 2], [3]][1][2]", "2" },
	{ "true[true]", "[true]" },
};

static const struct feel_case conditions[] = {
	{ "[1, 2, 3, 4][item > 2]", "[3, 4]" },
	{ "[1, 2, 3, 4][item > 2 and item < 4]", "[3]" },
	{ "[1, 2][item > 9]", "[]" },
	{ "[{a: 1}, {a: 2}, {b: 1}][a < 2]", "[{a: 1}]" },
	{ "[{a: 1}, {a: 2}][item.a = 2]", "[{a: 2}]" },
	{ "[{item: 1}, {item: 2}][item > 1]", "[{item: 2}]" },
	{ "{a: 5, r: [{a: 1}, {a: 2}][a = 1]}.r", "[{a: 1}]" },
	{ "{b: 2, r: [{a: 1}, {a: 2}][a = b]}.r", "[{a: 2}]" },
	{ "[{a: [1, 2]}, {a: [3]}][some x in a satisfies x = 3]", "[{a: [3]}]" },
	{ "[{a: [{b: 1}]}, {a: [{b: 2}]}][count(a[b = 2]) = 1]", "[{a: [{b: 2}]}]" },
	{ "[1, 2][\"x\"]", NULL, "a filter must be" },
	{ "[1, 2][{a: 10}]", NULL },
	{ "[1, 2][null]", "[]" },
	{ "[true, false, null][item]", "[true]" },
	{ "null[item > 1]", "[]" },
	{ "5[item > 1]", "[5]" },
	{ "[{a: false}, {a: null}, {b: 4}, {a: true}][a]", "[{a: true}]" },
	{ "[{x: 1}, {x: 2}][{y: x}.y = 2]", "[{x: 2}]" },
	{ "{f: function(n) [1, 2, 3][item > n], r: f(1)}.r", "[2, 3]" },
	{ "[{n: 1}, {n: 2}][(function(m) n + m)(1) = 3]", "[{n: 2}]" },
};

static const struct feel_case paths[] = {
	{ "{a: {b: {c: 7}}}.a.b.c", "7" },
	{ "[{a: 1}, {a: 2}].a", "[1, 2]" },
	{ "[{a: 1}, {b: 2}].a", "[1, null]" },
	{ "[].a", "[]" },
	{ "null.a", NULL },
	{ "1.a", NULL, "a number has no entry a" },
	{ "[{a: [1, 2]}, {a: 3}].a", "[[1, 2], 3]" },
	{ "{a: [{b: 1}, {b: 2}]}.a.b[2]", "2" },
	{ "date(\"2026-01-31\").month", "1" },
	{ "duration(\"P1Y2M\").months", "2" },
	{ "[{a: {b: 1}}].a.b", "[1]" },
};

/* EDR-4 */
static void a_number_takes_an_item(void **state)
{
	FEEL_CASES_HOLD(indices);
}

/* EDR-4 */
static void a_condition_asks_every_item(void **state)
{
	FEEL_CASES_HOLD(conditions);
}

/* EDR-4 */
static void a_path_goes_into_contexts_and_lists(void **state)
{
	FEEL_CASES_HOLD(paths);
}

static void memory_may_run_out_anywhere(void **state)
{
	FEEL_CASES_HOLD_WITHOUT_MEMORY(indices);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(conditions);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(paths);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_takes_an_item),
		cmocka_unit_test(a_condition_asks_every_item),
		cmocka_unit_test(a_path_goes_into_contexts_and_lists),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("feel-filters", tests, NULL, NULL);
}
