/*
 * limits_test.c — huge, deep and endless texts: taken, or stopped with an error that says by what.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engines/feel/feel.h"

enum { MEGABYTE = 1000000, NESTED = 100000 };

struct shape { /* before, n times part, middle, n times closing; n: 0 for a megabyte of parts */
	const char *before, *part, *middle, *closing;
	size_t n;
	const char *result; /* as JSON, or part of the error */
};

static char *build(const struct shape *s)
{
	const char *closing = s->closing ? s->closing : "";
	size_t n = s->n ? s->n : MEGABYTE / strlen(s->part);
	char *text = malloc(strlen(s->before) + strlen(s->middle) +
			    n * (strlen(s->part) + strlen(closing)) + 1),
	     *at;

	assert_non_null(text);
	at = stpcpy(text, s->before);
	for (size_t i = 0; i < n; i++)
		at = stpcpy(at, s->part);
	at = stpcpy(at, s->middle);
	for (size_t i = 0; i < n; i++)
		at = stpcpy(at, closing);
	return text;
}

static enum pl_err evaluate(json_t **resultp, const char *text)
{
	struct feel_names *names = NULL;
	struct feel_expr *expr = NULL;
	enum pl_err err;

	assert_int_equal(feel_names_new(&names), PL_OK);
	err = feel_compile_with(&expr, names, text, strlen(text));
	if (!err)
		err = feel_eval(resultp, expr, NULL, NULL);
	feel_free(expr);
	feel_names_free(names);
	return err;
}

static void long_texts_are_taken(void **state)
{
	static const struct shape shapes[] = {
		{ "1", "+1", "", NULL, 0, "500001" },
		{ "count([", "1,", "1])", NULL, 0, "500001" },
		{ "string length(\"", "x", "\")", NULL, 0, "1000000" },
		{ "true", " and true", "", NULL, 0, "true" },
		{ "", "if false then 1 else ", "2", NULL, 0, "2" },
		{ "", " ", "7", NULL, 0, "7" },
		{ "/*", "x", "*/8", NULL, 0, "8" },
		{ "5 in (", "1,", "5)", NULL, 0, "true" },
	};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		char *text = build(&shapes[i]), *got;
		json_t *result = NULL;

		assert_int_equal(evaluate(&result, text), PL_OK);
		got = json_dumps(result, JSON_ENCODE_ANY);
		assert_string_equal(got, shapes[i].result);
		free(got);
		json_decref(result);
		free(text);
	}
}

static void assert_refused(const char *text, enum pl_err wanted, const char *detail)
{
	json_t *result = NULL;
	enum pl_err err = evaluate(&result, text);

	if (err != wanted || !strstr(pl_err_detail(err), detail))
		fail_msg("%.40s: %d, %s", text, (int)err, pl_err_detail(err));
	assert_null(result);
}

static void deep_texts_are_refused(void **state)
{
	static const struct shape shapes[] = {
		{ "", "(", "1", ")", NESTED, "within each other" },
		{ "", "[", "", "]", NESTED, "within each other" },
		{ "", "{a:", "1", "}", NESTED, "within each other" },
		{ "", "-", "1", NULL, NESTED, "within each other" },
		{ "", "not(", "true", ")", NESTED, "within each other" },
		{ "a", ".a", "", NULL, NESTED, "within each other" },
		{ "a", "[1]", "", NULL, NESTED, "within each other" },
		{ "a", "()", "", NULL, NESTED, "within each other" },
		{ "", "1 in ", "1", NULL, NESTED, "within each other" },
		{ "", "function() ", "1", NULL, NESTED, "within each other" },
		{ "", "for a in b return ", "1", NULL, NESTED, "within each other" },
		{ "", "if a then ", "1", NULL, NESTED, "within each other" },
		{ "1 instance of ", "list<", "number", ">", NESTED, "within each other" },
		{ "for a in b", ", a in b", " return 1", NULL, NESTED, "iterators" },
		{ "", "1", "", NULL, 0, "the number is too long" },
	};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		bool is_digits = !shapes[i].n || !strcmp(shapes[i].part, ", a in b") ||
				 !strcmp(shapes[i].part, "list<");
		char *text = build(&shapes[i]);

		assert_refused(text, is_digits ? PL_INVALID : PL_TOOLARGE, shapes[i].result);
		free(text);
	}
}

static void endless_evaluations_are_stopped(void **state)
{
	static const struct {
		const char *text, *detail;
	} rows[] = {
		{ "{f: function(n) f(n + 1)}.f(1)", "call each other without an end" },
		{ "{f: function(g) g(g)}.f(function(g) g(g))", "call each other without an end" },
		{ "for i in 1..10**12 return i", "bytes" },
		{ "count(for i in 1..10**12, j in 1..10**12 return 1)", "bytes" },
		{ "some i in 1..10**12 satisfies i < 0", "steps" },
		{ "{f: function(n) if n < 2 then n else f(n - 1) + f(n - 2)}.f(60)", "steps" },
		{ "for d in @\"0001-01-01\"..@\"9999-01-01\" return for i in 1..9 return i",
		  "bytes" },
		{ "{a: \"0123456789abcdef\", b: a+a+a+a+a+a+a+a+a+a, c: b+b+b+b+b+b+b+b+b+b,"
		  " d: c+c+c+c+c+c+c+c+c+c, e: d+d+d+d+d+d+d+d+d+d, f: e+e+e+e+e+e+e+e+e+e,"
		  " g: f+f+f+f+f+f+f+f+f+f, h: g+g+g+g+g+g+g+g+g+g}.h",
		  "bytes" },
		{ "{x: (for i in 1..100000 return [partial[-1]])[-1], r: x = x}.r",
		  "compared nests deeper" },
		{ "{x: (for i in 1..100000 return {a: partial[-1]})[-1], r: [x][item = x]}.r",
		  "compared nests deeper" },
		{ "(for i in 1..100000 return [partial[-1]])[-1]", "result nests deeper" },
		{ "string((for i in 1..100000 return [partial[-1]])[-1])", "result nests deeper" },
		{ "{a: [1,1,1,1,1,1,1,1], b: [a,a,a,a,a,a,a,a], c: [b,b,b,b,b,b,b,b],"
		  " d: [c,c,c,c,c,c,c,c], e: [d,d,d,d,d,d,d,d], f: [e,e,e,e,e,e,e,e],"
		  " g: [f,f,f,f,f,f,f,f], h: [g,g,g,g,g,g,g,g], i: [h,h,h,h,h,h,h,h], r: i = i}.r",
		  "steps" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_refused(rows[i].text, PL_TOOLARGE, rows[i].detail);
}

static void a_recursion_of_a_thousand_is_none(void **state)
{
	json_t *result = NULL;

	assert_int_equal(
		evaluate(&result, "{f: function(n) if n = 0 then 0 else 1 + f(n - 1)}.f(1000)"),
		PL_OK);
	assert_int_equal(json_integer_value(result), 1000);
	json_decref(result);
}

static void what_is_too_long_is_refused(void **state)
{
	const struct shape shape = { "\"", "x", "\"", NULL, FEEL_TEXT_MAX, NULL };
	char *text = build(&shape);

	assert_refused(text, PL_TOOLARGE, "longer than");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_texts_are_taken),
		cmocka_unit_test(deep_texts_are_refused),
		cmocka_unit_test(endless_evaluations_are_stopped),
		cmocka_unit_test(a_recursion_of_a_thousand_is_none),
		cmocka_unit_test(what_is_too_long_is_refused),
	};

	return cmocka_run_group_tests_name("feel-limits", tests, NULL, NULL);
}
