/*
 * functions_test.c — functions: defined, called, closed over, refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

static const struct feel_case definitions[] = {
	{ "(function(x) x + 1)(2)", "3" },
	{ "{f: function(x, y) x - y, r: f(3, 1)}.r", "2" },
	{ "{f: function(x, y) x - y, r: f(y: 3, x: 1)}.r", "-2" },
	{ "(function() 7)()", "7" },
	{ "{o: {f: function(x) x * 2}, r: o.f(4)}.r", "8" },
	{ "[function(x) x + 1, function(x) x * 2][2](5)", "10" },
	{ "(function(f, x) f(f(x)))(function(n) n * 3, 2)", "18" },
	{ "(function(my arg) my arg + 1)(1)", "2" },
	{ "(function(a-b: number) a-b)(a-b: 4)", "4" },
	{ "{min: function(a) a + 1, r: min(1)}.r", "2" },
	{ "{f: sum, r: f([1, 2])}.r", "3" },
	{ "(function(f) f(\"abc\", \"b\"))(contains)", "true" },
	{ "function(x) x", "function(x) x" },
	{ "(function(x) x) instance of function<Any> -> Any", "true" },
};

static const struct feel_case closures[] = {
	{ "{k: 10, f: function(x) x * k, r: f(2)}.r", "20" },
	{ "(function(a) function(b) function(c) a * 100 + b * 10 + c)(1)(2)(3)", "123" },
	{ "{fs: for i in 1..3 return function(x) x * i, r: fs[2](10)}.r", "20" },
	{ "{add: function(a) function(b) a + b, r: for i in [1, 2] return add(i)(10)}.r",
	  "[11, 12]" },
	{ "(function(a) (function(a, b) a * b)(2, 3))(10)", "6" },
	{ "[1, 2, 3][(function(n) n > 1)(item)]", "[2, 3]" },
	{ "{a: 1, f: function() a, g: function(a) f() + a, r: g(5)}.r", "6" },
};

static const struct feel_case recursions[] = {
	{ "{f: function(n) if n < 2 then 1 else n * f(n - 1)}.f(10)", "3628800" },
	{ "{fib: function(n) if n < 2 then n else fib(n - 1) + fib(n - 2), r: fib(15)}.r", "610" },
	{ "{f: function(n) if n = 0 then 0 else 1 + f(n - 1)}.f(1000)", "1000" },
	{ "{f: function(n) (function(m) if m = 0 then \"end\" else f(m - 1))(n)}.f(5)", "\"end\"" },
};

static const struct feel_case misuses[] = {
	{ "count([7])", "1", NULL, "{x: 1, count: 2, max: null}" },
	{ "count", "2", NULL, "{x: 1, count: 2, max: null}" },
	{ "max(1, count)", "2", NULL, "{x: 1, count: 2, max: null}" },
	{ "count(list: [x])", "1", NULL, "{x: 1, count: 2, max: null}" },
	{ "{min: function(a) a + 1, r: min(1)}.r", "2", NULL, "{x: 1, count: 2, max: null}" },
	{ "x(1)", NULL, "a number can't be called", "{x: 1, count: 2, max: null}" },
	{ "nothing(1)", NULL, "there is no variable nothing", "{x: 1, count: 2, max: null}" },
	{ "(function(a) a)()", NULL, "takes 1 arguments, not 0", "{x: 1, count: 2, max: null}" },
	{ "(function(a) a)(1, 2)", NULL, NULL, "{x: 1, count: 2, max: null}" },
	{ "(function(a) a)(b: 1)", NULL, "no such parameter", "{x: 1, count: 2, max: null}" },
	{ "(function(a, b) a)(a: 1, a: 2)", NULL, "no such parameter, or twice",
	  "{x: 1, count: 2, max: null}" },
	{ "(function(a: number) a)(\"x\")", NULL, "a string that is not the number",
	  "{x: 1, count: 2, max: null}" },
	{ "(function(a: number) a)([5])", "5", NULL, "{x: 1, count: 2, max: null}" },
	{ "(function(a: list<number>) a)(5)", "[5]", NULL, "{x: 1, count: 2, max: null}" },
	{ "(function(a: string) a)(null)", "null", NULL, "{x: 1, count: 2, max: null}" },
	{ "(function(d: date and time) d)(@\"2026-01-31\")", "@\"2026-01-31T00:00:00Z\"", NULL,
	  "{x: 1, count: 2, max: null}" },
	{ "(function(a: context<b: number>) a.b)({b: [1], c: 2})", "1", NULL,
	  "{x: 1, count: 2, max: null}" },
	{ "(function(a: context<b: number>) a)({c: 2})", NULL, NULL,
	  "{x: 1, count: 2, max: null}" },
	{ "(function(a) external {java: {class: \"x\"}})(1)", NULL, NULL,
	  "{x: 1, count: 2, max: null}" },
	{ "abs()", NULL, NULL, "{x: 1, count: 2, max: null}" },
	{ "abs(1, 2)", NULL, NULL, "{x: 1, count: 2, max: null}" },
	{ "abs(m: 1)", NULL, NULL, "{x: 1, count: 2, max: null}" },
};

/* EDR-4 */
static void functions_are_values(void **state)
{
	FEEL_CASES_HOLD(definitions);
}

/* EDR-4 */
static void functions_keep_what_they_use(void **state)
{
	FEEL_CASES_HOLD(closures);
}

/* EDR-4 */
static void functions_call_themselves(void **state)
{
	FEEL_CASES_HOLD(recursions);
}

/* EDR-4 */
static void a_wrong_call_is_null(void **state)
{
	FEEL_CASES_HOLD(misuses);
}

static void memory_may_run_out_anywhere(void **state)
{
	FEEL_CASES_HOLD_WITHOUT_MEMORY(definitions);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(closures);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(recursions);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(misuses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_are_values),
		cmocka_unit_test(functions_keep_what_they_use),
		cmocka_unit_test(functions_call_themselves),
		cmocka_unit_test(a_wrong_call_is_null),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("feel-functions", tests, NULL, NULL);
}
