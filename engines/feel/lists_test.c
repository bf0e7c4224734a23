/*
 * lists_test.c — built-ins of lists, sort() among them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

static const struct feel_case members[] = {
	{ "list contains([1, 2, 3], 2)", "true" },
	{ "list contains([1, 2], 3)", "false" },
	{ "list contains([1, null], null)", "true" },
	{ "list contains([], null)", "false" },
	{ "list contains([[1], 2], [1])", "true" },
	{ "list contains([1, \"a\"], \"a\")", "true" },
	{ "list contains(element: 1, list: [1])", "true" },
	{ "list contains(1, 1)", "true" },
	{ "list contains(null, 1)", NULL, "list is a null" },
	{ "count([1, 2, 3])", "3" },
	{ "count([])", "0" },
	{ "count([1, [2, 3]])", "2" },
	{ "count(list: [null])", "1" },
	{ "count(5)", "1" },
	{ "count(null)", NULL },
	{ "index of([1, 2, 3, 2], 2)", "[2, 4]" },
	{ "index of([1], 2)", "[]" },
	{ "index of([null, 1, null], null)", "[1, 3]" },
	{ "index of(list: [\"a\"], match: \"a\")", "[1]" },
	{ "index of(null, 1)", NULL },
	{ "all([true, true])", "true" },
	{ "all([true, false, null])", "false" },
	{ "all([])", "true" },
	{ "all(true)", "true" },
	{ "all(true, false)", "false" },
	{ "all([true, null])", "null" },
	{ "all([\"a\"])", "null" },
	{ "all(list: [false])", "false" },
	{ "all(null)", "null" },
	{ "any([false, true])", "true" },
	{ "any([false, true, null])", "true" },
	{ "any([])", "false" },
	{ "any(false)", "false" },
	{ "any(false, true)", "true" },
	{ "any([false, null])", "null" },
	{ "any(list: [true])", "true" },
	{ "any(null)", "null" },
	{ "min([3, 1, 2])", "1" },
	{ "min(3, 1, 2)", "1" },
	{ "min([])", "null" },
	{ "min(\"b\", \"a\")", "\"a\"" },
	{ "min(list: [1])", "1" },
	{ "min(@\"2020-01-02\", @\"2020-01-01\")", "@\"2020-01-01\"" },
	{ "min([@\"PT2H\", @\"PT90M\"])", "@\"PT90M\"" },
	{ "min(1, \"a\")", NULL, "have no order" },
	{ "min(null)", NULL },
	{ "max([3, 1, 2])", "3" },
	{ "max(3, 1, 2)", "3" },
	{ "max(\"b\", \"a\")", "\"b\"" },
	{ "max([])", "null" },
	{ "max(list: [1, 5])", "5" },
	{ "max([1, null])", NULL },
};

static const struct feel_case changes[] = {
	{ "sublist([1, 2, 3, 4, 5], 3)", "[3, 4, 5]" },
	{ "sublist([1, 2, 3], 1, 2)", "[1, 2]" },
	{ "sublist([1, 2, 3], -1, 1)", "[3]" },
	{ "sublist([1, 2, 3], -3)", "[1, 2, 3]" },
	{ "sublist(list: [1, 2], start position: 2)", "[2]" },
	{ "sublist(list: [1, 2], start position: 1, length: 1)", "[1]" },
	{ "sublist([1, 2], 1, 0)", "[]" },
	{ "sublist([1, 2], 0)", NULL, "no such position" },
	{ "sublist([1, 2], 3)", NULL, "no such position" },
	{ "sublist([1, 2], 1, 3)", NULL, "length" },
	{ "sublist([1, 2], 1.5)", NULL },
	{ "sublist(null, 1)", NULL },
	{ "append([1], 2, 3)", "[1, 2, 3]" },
	{ "append([], null)", "[null]" },
	{ "append([1], [2])", "[1, [2]]" },
	{ "append(1, 2)", "[1, 2]" },
	{ "append(null, 1)", NULL },
	{ "concatenate([1, 2], [3])", "[1, 2, 3]" },
	{ "concatenate([1], 2, [])", "[1, 2]" },
	{ "concatenate([[1]])", "[[1]]" },
	{ "concatenate([1], null)", NULL, "list 2 is null" },
	{ "insert before([1, 3], 1, 2)", "[2, 1, 3]" },
	{ "insert before([1, 3], 2, 2)", "[1, 2, 3]" },
	{ "insert before([1, 3], -1, 2)", "[1, 2, 3]" },
	{ "insert before(list: [1], position: 1, newItem: null)", "[null, 1]" },
	{ "insert before([1], 2, 2)", NULL, "no such position" },
	{ "insert before([1], 0, 2)", NULL },
	{ "insert before(null, 1, 2)", NULL },
	{ "remove([1, 2, 3], 2)", "[1, 3]" },
	{ "remove([1, 2, 3], -1)", "[1, 2]" },
	{ "remove(list: [1], position: 1)", "[]" },
	{ "remove([1], 2)", NULL },
	{ "remove([1], \"1\")", NULL },
	{ "reverse([1, 2, 3])", "[3, 2, 1]" },
	{ "reverse([])", "[]" },
	{ "reverse(list: [1, 2])", "[2, 1]" },
	{ "reverse(null)", NULL },
	{ "union([1, 2], [2, 3])", "[1, 2, 3]" },
	{ "union([1, 1], [])", "[1]" },
	{ "union([1, null], [null])", "[1, null]" },
	{ "union([1], null)", NULL },
	{ "distinct values([1, 2, 3, 2, 1])", "[1, 2, 3]" },
	{ "distinct values([1, null, null, \"1\"])", "[1, null, \"1\"]" },
	{ "distinct values([[1], [1]])", "[[1]]" },
	{ "distinct values(list: [])", "[]" },
	{ "distinct values(null)", NULL },
	{ "flatten([[1, 2], [[3]], 4])", "[1, 2, 3, 4]" },
	{ "flatten([])", "[]" },
	{ "flatten([[[]]])", "[]" },
	{ "flatten(list: [1, [null]])", "[1, null]" },
	{ "flatten(1)", "[1]" },
	{ "flatten(null)", NULL },
	{ "list replace([2, 4, 7, 8], 3, 6)", "[2, 4, 6, 8]" },
	{ "list replace([1, 2], -1, 5)", "[1, 5]" },
	{ "list replace([1, 2], 1, null)", "[null, 2]" },
	{ "list replace(1, 1, 5)", "[5]" },
	{ "list replace(position: 2, newItem: 4, list: [1, 2, 3])", "[1, 4, 3]" },
	{ "list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5)", "[5, 5, 7, 8]" },
	{ "list replace(match: function(item, newItem) item = 2, newItem: 4, list: [1, 2])",
	  "[1, 4]" },
	{ "list replace([1], 0, 4)", NULL, "no such position" },
	{ "list replace([1], 2, 4)", NULL },
	{ "list replace([1, 2, 3], 2.5, 4)", NULL },
	{ "list replace([1], \"1\", 4)", NULL },
	{ "list replace([1], null, 4)", NULL },
	{ "list replace([2], function(item) true, 5)", NULL },
	{ "list replace([2], function(item, newItem) item, 5)", NULL,
	  "match of item 1 is a number" },
};

static const struct feel_case orders[] = {
	{ "sort([3, 1, 4, 5, 2], function(x, y) x < y)", "[1, 2, 3, 4, 5]" },
	{ "sort([3, 1, 2], function(x, y) x > y)", "[3, 2, 1]" },
	{ "sort([\"b\", \"a\"], function(x, y) x < y)", "[\"a\", \"b\"]" },
	{ "sort([], function(x, y) x < y)", "[]" },
	{ "sort([1], function(x, y) x < y)", "[1]" },
	{ "sort(precedes: function(x, y) x.k < y.k, list: [{k: 2, v: 1}, {k: 1, v: 2}, {k: 2, v: 3}, {k: 1, v: 4}]).v",
	  "[2, 4, 1, 3]" },
	{ "sort([3, 1, 2])", "[1, 2, 3]" },
	{ "sort([2, 1], function(x, y) false)", "[2, 1]" },
	{ "sort([2, 1], function(x, y) x)", NULL, "precedes is a number" },
	{ "sort([2, 1], function(x) true)", NULL },
	{ "sort([2, \"a\"])", NULL, "no order" },
	{ "sort(null, function(x, y) x < y)", NULL },
	{ "sort([2, 1], \"a\")", NULL },
	{ "sort([@\"2020-01-02\", @\"2020-01-01\"], function(a, b) a < b)",
	  "[@\"2020-01-01\", @\"2020-01-02\"]" },
};

static void items_are_looked_for(void **state)
{
	FEEL_CASES_HOLD(members);
}

static void lists_are_made_of_lists(void **state)
{
	FEEL_CASES_HOLD(changes);
}

static void lists_are_sorted(void **state)
{
	FEEL_CASES_HOLD(orders);
}

static void memory_may_run_out_anywhere(void **state)
{
	FEEL_CASES_HOLD_WITHOUT_MEMORY(members);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(changes);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(orders);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_looked_for),
		cmocka_unit_test(lists_are_made_of_lists),
		cmocka_unit_test(lists_are_sorted),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("feel-lists", tests, NULL, NULL);
}
