/*
 * types_test.c — `instance of`, with every type.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

static const struct feel_case simple[] = {
	{ "1 instance of number", "true" },
	{ "1 instance of string", "false" },
	{ "\"a\" instance of string", "true" },
	{ "true instance of boolean", "true" },
	{ "@\"2026-01-31\" instance of date", "true" },
	{ "@\"2026-01-31\" instance of date and time", "false" },
	{ "@\"10:00:00\" instance of time", "true" },
	{ "@\"2026-01-31T10:00:00Z\" instance of date and time", "true" },
	{ "@\"P1Y\" instance of years and months duration", "true" },
	{ "@\"P1D\" instance of years and months duration", "false" },
	{ "@\"P1D\" instance of days and time duration", "true" },
	{ "null instance of Any", "false" },
	{ "[null] instance of list<Any>", "true" },
	{ "null instance of Null", "true" },
	{ "null instance of number", "false" },
	{ "1 instance of Any", "true" },
	{ "1 instance of Null", "false" },
	{ "1 + 1 instance of number", "true" },
	{ "not(1 instance of string)", "true" },
	{ "{a: 1 instance of number}.a", "true" },
};

static const struct feel_case composite[] = {
	{ "[1, 2] instance of list<number>", "true" },
	{ "[1, \"a\"] instance of list<number>", "false" },
	{ "[1, null] instance of list<number>", "true" },
	{ "[] instance of list<string>", "true" },
	{ "[[1]] instance of list<list<number>>", "true" },
	{ "[1] instance of list", "true" },
	{ "1 instance of list<number>", "false" },
	{ "[1, \"a\"] instance of list<Any>", "true" },
	{ "{a: 1} instance of context<a: number>", "true" },
	{ "{a: 1, b: 2} instance of context<a: number>", "true" },
	{ "{a: \"x\"} instance of context<a: number>", "false" },
	{ "{} instance of context<a: number>", "false" },
	{ "{a: null} instance of context<a: string>", "true" },
	{ "{a: {b: 1}} instance of context<a: context<b: number>>", "true" },
	{ "{a b: 1} instance of context<a b: number>", "true" },
	{ "{a: 1} instance of context", "true" },
	{ "[1..2] instance of range<number>", "true" },
	{ "[1..2] instance of range<string>", "false" },
	{ "(< 2) instance of range<number>", "true" },
	{ "[\"a\"..\"b\"] instance of range<string>", "true" },
};

static const struct feel_case functions[] = {
	{ "(function() \"a\") instance of function<> -> string", "true" },
	{ "(function() \"a\") instance of function<>->Any", "true" },
	{ "(function() \"a\") instance of function<> -> number", "false" },
	{ "(function(a: string, b: number) \"x\") instance of function<string, number> -> string",
	  "true" },
	{ "(function(a: string) \"x\") instance of function<string, string> -> string", "false" },
	{ "(function(a: context<a: string>) {b: \"b\", c: \"c\"}) instance of function<context<a: string, b: string>> -> context<b: string>",
	  "true" },
	{ "(function(a: context<a: string, b: string>) \"x\") instance of function<context<a: string>> -> string",
	  "false" },
	{ "(function(a: list<number>) {b: \"b\"}) instance of function<list<number>> -> context<b: string, c: string>",
	  "false" },
	{ "(function(n: number) n + 1) instance of function<number> -> number", "true" },
	{ "(function(n: number) n > 1) instance of function<number> -> boolean", "true" },
	{ "(function(n: number) [n]) instance of function<number> -> list<number>", "true" },
	{ "(function(a) function(b: number) b) instance of function<Any> -> function<number> -> number",
	  "true" },
	{ "1 instance of function<> -> Any", "false" },
	{ "[function(a: string, b: number) \"x\", function(c: string, d: number) \"y\"] instance of list<function<string, number> -> string>",
	  "true" },
	{ "[function(a: string, b: number) \"x\", function(c: string, d: string) \"y\"] instance of list<function<string, number> -> string>",
	  "true" },
	{ "[function(a: string) \"x\", function(c: string, d: string) \"y\"] instance of list<function<string> -> string>",
	  "false" },
	{ "[function(a: string) \"x\", function(b: string) 1] instance of list<function<string> -> string>",
	  "false" },
	{ "abs instance of function", "true" },
};

/* EDR-4 */
static void values_have_their_kinds(void **state)
{
	FEEL_CASES_HOLD(simple);
}

/* EDR-4 */
static void lists_contexts_and_ranges_have_parts(void **state)
{
	FEEL_CASES_HOLD(composite);
}

/* EDR-4 */
static void functions_have_parameters_and_yield(void **state)
{
	FEEL_CASES_HOLD(functions);
}

static void memory_may_run_out_anywhere(void **state)
{
	FEEL_CASES_HOLD_WITHOUT_MEMORY(simple);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(composite);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(functions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_have_their_kinds),
		cmocka_unit_test(lists_contexts_and_ranges_have_parts),
		cmocka_unit_test(functions_have_parameters_and_yield),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("feel-types", tests, NULL, NULL);
}
