/*
 * bounds_test.c — no built-in function runs long or grows without the run's steps and memory
 * noticing it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

#include <string.h>

#include "engines/feel/feel.h"

#define LONG_TEXT "string join(for i in 1..1000 return \"0123456789\")"
#define BOMB                                                                                       \
	"{a: [1,1,1,1,1,1,1,1], b: [a,a,a,a,a,a,a,a], c: [b,b,b,b,b,b,b,b], d: [c,c,c,c,c,c,c,c]," \
	" e: [d,d,d,d,d,d,d,d], f: [e,e,e,e,e,e,e,e], g: [f,f,f,f,f,f,f,f]}.g"

/* Each would take far more than what it is given. */
static const char *const steps[] = {
	"flatten(" BOMB ")",
	"count(flatten(" BOMB "))",
	"distinct values(for i in 1..3000 return i)",
	"union(for i in 1..3000 return i, for i in 1..3000 return -i)",
	"for i in 1..3000 return list contains(for k in 1..3000 return k, i)",
	"sort(for i in 1..100000 return -i, function(a, b) a < b)",
	"sort([1, 2, 3], function(a, b) count(for i in 1..1000000 return i) > 0)",
	"list replace(for i in 1..100000 return i, function(a, b) a < b, 1)",
	"{l: for i in 1..1000 return i, r: for i in 1..1000 return reverse(l)}.r",
	"{t: " LONG_TEXT ", r: for i in 1..100000 return contains(t, \"x\")}.r",
	"{t: " LONG_TEXT ", r: for i in 1..100000 return string length(t)}.r",
	"{t: " LONG_TEXT ", r: for i in 1..100000 return upper case(t)}.r",
	"{t: " LONG_TEXT ", r: for i in 1..100000 return matches(t, \"x\")}.r",
	"{t: " LONG_TEXT ", r: for i in 1..100000 return t = substring(t, 1)}.r",
	"for i in 1..1000000 return time(\"10:00:00@No/Zone\")",
	"for i in 1..1000000 return exp(1.5)",
	"for i in 1..1000000 return context put({}, \"a\", i)",
	"context merge(for i in 1..10000 return context([{key: string(i), value: i}]))",
	"for i in 1..1000000 return range(\"[1..2]\")",
	"sum(for i in 1..1000000 return i)",
};

static const char *const memory[] = {
	"{t: " LONG_TEXT ", r: string join(for i in 1..1000 return t)}.r",
	"{t: " LONG_TEXT ", r: replace(t, \"0\", replace(t, \"0\", \"$0$0\"))}.r",
	"{t: " LONG_TEXT ", r: split(replace(t, \"0\", t), \"1\")}.r",
	"{l: for i in 1..10000 return i, r: for i in 1..1000 return append(l, i)}.r",
	"{l: for i in 1..1000 return i, r: for i in 1..1000 return concatenate(l, l)}.r",
	"{l: for i in 1..1000 return i, m: for i in 1..1000 return l, r: flatten(m)}.r",
	"{t: " LONG_TEXT ", r: for i in 1..1000 return lower case(t)}.r",
	"string(" BOMB ")",
};

/* What looks dangerous and isn't. */
static const struct feel_case harmless[] = {
	{ "exp(10 ** 30)", NULL },
	{ "decimal(1, 10 ** 30)", NULL },
	{ "10 ** 10 ** 10", "1e100" },
	{ "substring(\"abc\", 10 ** 30)", NULL },
	{ "substring(\"abc\", 1, 10 ** 30)", NULL },
	{ "sublist([1], -10 ** 30)", NULL },
	{ "remove([1], -9223372036854775808)", NULL },
	{ "sublist([1], -9223372036854775808)", NULL },
	{ "substring(\"abc\", -9223372036854775808)", NULL },
	{ "@\"PT1S\" * 9223372036854775807", NULL },
	{ "@\"2000-01-01T00:00:00\" + @\"P900000000000D\"", NULL },
	{ "@\"2000-01-01\" + @\"P99999999999999999M\"", NULL },
	{ "modulo(1e6000, 1e-6000)", "0" },
	{ "count(get entries(context merge([])))", "0" },
};

static void refused(const char *text, const struct feel_limits *limits)
{
	struct feel_expr *expr = NULL;
	json_t *got = NULL;
	enum pl_err err;

	if (feel_compile(&expr, text, strlen(text)))
		fail_msg("%s: %s", text, pl_err_detail(PL_INVALID));
	err = feel_eval(&got, expr, NULL, limits);
	if (err != PL_TOOLARGE)
		fail_msg("%s: %d", text, (int)err);
	json_decref(got);
	feel_free(expr);
}

static void steps_are_noticed(void **state)
{
	const struct feel_limits limits = { .steps = 50000, .memory_bytes = 1 << 30 };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		refused(steps[i], &limits);
}

static void memory_is_noticed(void **state)
{
	const struct feel_limits limits = { .steps = 1UL << 40, .memory_bytes = 4 << 20 };

	for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]); i++)
		refused(memory[i], &limits);
}

static void large_numbers_do_no_harm(void **state)
{
	FEEL_CASES_HOLD(harmless);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_are_noticed),
		cmocka_unit_test(memory_is_noticed),
		cmocka_unit_test(large_numbers_do_no_harm),
	};

	return cmocka_run_group_tests_name("feel-bounds", tests, NULL, NULL);
}
