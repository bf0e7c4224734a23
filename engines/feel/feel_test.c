/*
 * feel_test.c — values of expressions, refusals, limits, and each allocation failing in turn.
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
#include "engines/test/test_oom.h"

static const char variables[] =
	"{'contact': {'topic': 'billing', 'first name': 'Ann', 'tags': ['vip', 'de'],"
	"             'attributes': {'language': 'en', 'vip': true}},"
	" 'n': 5, 'half': 0.5, 'tenth': 0.1, 'big': 9007199254740993, 'yes': true, 'no': false,"
	" 'nothing': null, 'empty': [], 'list': [1, 2, 3], 'first name': 'Bob',"
	" 'items': [{'name': 'a', 'price': 10}, {'name': 'b', 'price': 20}, {'name': 'c'}],"
	" 'now': '2026-01-31T10:00:00Z', 'uml': 'Grüße', 'if-then': 3}";

/* JSON in the tests is written with ' for " */
static json_t *json_of(const char *text)
{
	char *copy = strdup(text);
	json_error_t error;
	json_t *json;

	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	json = json_loads(copy, JSON_DECODE_ANY, &error);
	if (!json)
		fail_msg("%s: %s", text, error.text);
	free(copy);
	return json;
}

static const struct {
	const char *text, *result;
} values[] = {
	/* literals */
	{ "1", "1" },
	{ "-1", "-1" },
	{ ".5", "0.5" },
	{ "1.50", "1.5" },
	{ "1e3", "1000" },
	{ "9223372036854775807", "9223372036854775807" },
	{ "-9223372036854775808", "-9223372036854775808" },
	{ "\"a\"", "'a'" },
	{ "\"\"", "''" },
	{ "\"a\\nb\\u0041\\\\\"", "'a\\nbA\\\\'" },
	{ "\"\\uD83D\\uDE00\" = \"\\U01F600\"", "true" },
	{ "\"\\q\\d\"", "'\\\\q\\\\d'" },
	{ "true", "true" },
	{ "null", "null" },
	{ "[]", "[]" },
	{ "[1, \"a\", [true]]", "[1, 'a', [true]]" },
	{ "{}", "{}" },
	{ "{a: 1, \"b c\": 2, d e: 3}", "{'a': 1, 'b c': 2, 'd e': 3}" },
	{ "{a: 1, b: a + 1}", "{'a': 1, 'b': 2}" },
	{ "1 // one\n + /* two */ 2", "3" },
	/* names and paths */
	{ "n", "5" },
	{ "unknown", "null" },
	{ "first name", "'Bob'" },
	{ "first   name + \"!\"", "'Bob!'" },
	{ "`if-then`", "3" },
	{ "contact.topic", "'billing'" },
	{ "contact.first name", "'Ann'" },
	{ "contact.attributes.language", "'en'" },
	{ "contact.none.none", "null" },
	{ "n.topic", "null" },
	{ "items.name", "['a', 'b', 'c']" },
	{ "{a: {b: 7}}.a.b", "7" },
	{ "{if: 1}.if", "1" },
	/* arithmetic: 34 digits, half even */
	{ "0.1 + 0.2 = 0.3", "true" },
	{ "tenth + 0.2", "0.3" },
	{ "big + 1", "9007199254740994" },
	{ "2 + 3 * 4", "14" },
	{ "(2 + 3) * 4", "20" },
	{ "10 - 2 - 3", "5" },
	{ "2 ** 10", "1024" },
	{ "2 ** 3 ** 2", "64" },
	{ "2 ** -1", "0.5" },
	{ "4 ** 0.5", "2" },
	{ "-2 ** 2", "4" },
	{ "7 / 2", "3.5" },
	{ "1 / 0", "null" },
	{ "9999999999999999999999999999999999 + 1 = 1e34", "true" },
	{ "string(1/3)", "'0.3333333333333333333333333333333333'" },
	{ "1e6000 * 1e6000", "null" },
	{ "1 + \"a\"", "null" },
	{ "1 + null", "null" },
	{ "-\"a\"", "null" },
	{ "\"a\" + \"b\"", "'ab'" },
	{ "\"a\" - \"b\"", "null" },
	{ "0 * -1", "0" },
	/* comparison */
	{ "1 = 1.0", "true" },
	{ "1 != 2", "true" },
	{ "1 < 2", "true" },
	{ "2 <= 1", "false" },
	{ "\"a\" < \"b\"", "true" },
	{ "1 < \"b\"", "null" },
	{ "1 = \"1\"", "null" },
	{ "null = null", "true" },
	{ "1 = null", "false" },
	{ "1 != null", "true" },
	{ "nothing = null", "true" },
	{ "true < false", "null" },
	{ "[1, 2] = [1, 2]", "true" },
	{ "[1, 2] = [1]", "false" },
	{ "list = [1, 2, 3]", "true" },
	{ "{a: 1, b: [2]} = {b: [2], a: 1}", "true" },
	{ "contact.attributes = {language: \"en\", vip: true}", "true" },
	{ "n between 1 and 5", "true" },
	{ "n between 6 and 9 or yes", "true" },
	{ "n between \"a\" and 5", "null" },
	/* in */
	{ "n in [1..5]", "true" },
	{ "n in [1..5)", "false" },
	{ "n in (5..9]", "false" },
	{ "n in ]4..6[", "true" },
	{ "n in ]5..6[", "false" },
	{ "n in ]-5..-1[", "false" },
	{ "n in (1, 5)", "true" },
	{ "n in (1..6)", "true" },
	{ "n in [1, 2, 3]", "false" },
	{ "2 in list", "true" },
	{ "n in (< 3, > 4)", "true" },
	{ "n in > 5", "false" },
	{ "n in ([1..2], [5..6])", "true" },
	{ "\"vip\" in contact.tags", "true" },
	{ "\"b\" in [\"a\"..\"c\"]", "true" },
	{ "n in \"a\"", "null" },
	{ "[1, 2] in [[1, 2], [3]]", "true" },
	/* three-valued logic */
	{ "true and true", "true" },
	{ "true and null", "null" },
	{ "false and null", "false" },
	{ "null and false", "false" },
	{ "true or null", "true" },
	{ "null or false", "null" },
	{ "1 and true", "null" },
	{ "not(true)", "false" },
	{ "not(null)", "null" },
	{ "yes and not(no) or no", "true" },
	{ "no and no or yes", "true" },
	/* if */
	{ "if yes then 1 else 2", "1" },
	{ "if nothing then 1 else 2", "2" },
	{ "if contact.topic = \"billing\" then \"Billing\" else if contact.topic = \"sales\" "
	  "then \"Sales\" else \"Support\"",
	  "'Billing'" },
	{ "1 + if no then 1 else 2", "3" },
	/* lists and filters */
	{ "list[1]", "1" },
	{ "list[-1]", "3" },
	{ "list[4]", "null" },
	{ "list[0]", "null" },
	{ "list[n - 3]", "2" },
	{ "list[item > 1]", "[2, 3]" },
	{ "items[price > 10].name", "['b']" },
	{ "items[item.price >= 10][1].name", "'a'" },
	{ "items[name = \"c\"].price", "[null]" },
	{ "n[1]", "5" },
	{ "empty[1]", "null" },
	{ "empty[item > 1]", "[]" },
	{ "[[1, 2], [3]][1][2]", "2" },
	/* iteration */
	{ "for x in list return x * 2", "[2, 4, 6]" },
	{ "for i in 1..3 return i", "[1, 2, 3]" },
	{ "for i in 3..1 return i", "[3, 2, 1]" },
	{ "for x in [1, 2], y in [x, 10] return x + y", "[2, 11, 4, 12]" },
	{ "some x in list satisfies x > 2", "true" },
	{ "every x in list satisfies x > 2", "false" },
	{ "every x in empty satisfies x > 2", "true" },
	{ "some x in [null] satisfies x > 2", "null" },
	/* built-ins */
	{ "contains(\"foobar\", \"ob\")", "true" },
	{ "starts with(\"foobar\", \"foo\")", "true" },
	{ "starts with(contact.topic, \"x\")", "false" },
	{ "ends  with(\"foobar\", \"bar\")", "true" },
	{ "starts with(1, \"x\")", "null" },
	{ "starts with(match: \"foo\", string: \"foobar\")", "true" },
	{ "upper case(uml)", "'GRÜßE'" },
	{ "lower case(\"ÄB\")", "'äb'" },
	{ "string length(uml)", "5" },
	{ "substring(uml, 3)", "'üße'" },
	{ "substring(\"foobar\", 3, 2)", "'ob'" },
	{ "substring(\"foobar\", -2)", "'ar'" },
	{ "substring(string: \"foobar\", start position: 3)", "'obar'" },
	{ "substring(\"foobar\", 9)", "''" },
	{ "substring(\"foobar\", 0)", "null" },
	{ "substring before(\"foobar\", \"bar\")", "'foo'" },
	{ "substring after(\"foobar\", \"ob\")", "'ar'" },
	{ "string join([\"a\", null, \"b\"], \", \")", "'a, b'" },
	{ "string join([\"a\", \"b\"])", "'ab'" },
	{ "trim(\"  a b \")", "'a b'" },
	{ "number(\"12.5\")", "12.5" },
	{ "number(\"1 234,5\", \" \", \",\")", "1234.5" },
	{ "number(\"x\")", "null" },
	{ "string(1.10)", "'1.1'" },
	{ "string(-0.00012)", "'-0.00012'" },
	{ "string(1e20)", "'100000000000000000000'" },
	{ "string(1e200)", "'1E+200'" },
	{ "string(true)", "'true'" },
	{ "string(null)", "null" },
	{ "string([1, \"a\", {b: null}])", "'[1, \\\"a\\\", {b: null}]'" },
	{ "string([1..2))", "'[1..2)'" },
	{ "count(list)", "3" },
	{ "sum(list)", "6" },
	{ "sum(1, 2, 3)", "6" },
	{ "sum([])", "null" },
	{ "sum([1, \"a\"])", "null" },
	{ "mean([1, 2, 3, 4])", "2.5" },
	{ "min(list)", "1" },
	{ "max(3, 9, 2)", "9" },
	{ "max([\"a\", \"c\", \"b\"])", "'c'" },
	{ "max([1, \"a\"])", "null" },
	{ "all([true, null])", "null" },
	{ "any([null, true])", "true" },
	{ "floor(-1.5)", "-2" },
	{ "ceiling(1.2)", "2" },
	{ "floor(1.567, 2)", "1.56" },
	{ "decimal(2.5, 0)", "2" },
	{ "decimal(1/3, 2)", "0.33" },
	{ "abs(-3)", "3" },
	{ "modulo(-12, 5)", "3" },
	{ "sqrt(16)", "4" },
	{ "odd(3) and even(4)", "true" },
	{ "is defined(n)", "true" },
	{ "is defined(contact.none)", "false" },
	{ "get or else(contact.none, \"x\")", "'x'" },
	{ "list contains(list, 2)", "true" },
	{ "append(list, 4)", "[1, 2, 3, 4]" },
	{ "concatenate(list, [9])", "[1, 2, 3, 9]" },
	{ "reverse(list)", "[3, 2, 1]" },
	{ "distinct values([1, 2, 1])", "[1, 2]" },
	{ "get value(contact, \"topic\")", "'billing'" },
	/* dates, times, durations */
	{ "date(\"2026-02-28\") + duration(\"P1D\")", "'2026-03-01'" },
	{ "@\"2024-02-28\" + @\"P1D\"", "'2024-02-29'" },
	{ "@\"2026-01-31\" + @\"P1M\"", "'2026-02-28'" },
	{ "date and time(now) + duration(\"PT90M\")", "'2026-01-31T11:30:00Z'" },
	{ "date and time(\"2026-01-01T00:00:00Z\") - date and time(\"2025-12-31T23:59:30.5Z\")",
	  "'PT29.5S'" },
	{ "date and time(\"2026-01-01T01:00:00+01:00\") = date and time(\"2026-01-01T00:00:00Z\")",
	  "true" },
	{ "date and time(\"2026-01-01T01:00:00+01:00\") >= date and time(\"2026-01-01T00:00:00Z\")",
	  "true" },
	{ "@\"10:30:00\" + @\"PT20H\"", "'06:30:00'" },
	{ "duration(\"PT30S\")", "'PT30S'" },
	{ "duration(\"PT90S\") * 2", "'PT3M'" },
	{ "-duration(\"P1DT2H\")", "'-P1DT2H'" },
	{ "duration(\"P1Y\") / 2", "'P6M'" },
	{ "duration(\"P1D\") / duration(\"PT1H\")", "24" },
	{ "duration(\"PT0S\")", "'PT0S'" },
	{ "duration(\"P1Y2M\").months", "2" },
	{ "date(\"2026-11-22\").weekday", "7" },
	{ "date(2026, 2, 30)", "null" },
	{ "date(\"nonsense\")", "null" },
	{ "@\"2026-01-01\" < @\"2026-01-02\"", "true" },
	{ "@\"2026-01-01\" in [@\"2025-12-31\"..@\"2026-01-01\"]", "true" },
	{ "date(now)", "null" },
	{ "time(date and time(now)).hour", "10" },
};

static const struct {
	const char *text, *detail;
} refusals[] = {
	{ "", "column 1: expected a value, found the end" },
	{ "1 +", "column 4: expected a value, found the end" },
	{ "(1", "column 3: expected ), found the end" },
	{ "1 2", "column 3: expected an operator or the end, found a number" },
	{ "if x then 1", "column 12: expected else" },
	{ "\"abc", "column 1: the quote has no end" },
	{ "\"\\u0000\"", "column 2: unknown escape" },
	{ "\"\\uD800\"", "column 2: unknown escape" },
	{ "a # b", "column 3: this character" },
	{ "\"ü\" # b", "column 5: this character" },
	{ "frobnicate(1)", "column 1: unknown function frobnicate" },
	{ "1 + starts with(\"a\")", "column 5: wrong number of arguments for starts with" },
	{ "starts with(string: \"a\", other: \"b\")",
	  "no such parameters, or one twice, of starts with" },
	{ "{a: 1, a: 2}", "column 8: the key is there twice: a" },
	{ "{a 1}", "expected :" },
	{ "/* open", "column 1: the comment has no end" },
	{ "@\"soon\"", "neither a date, nor a time, nor a duration: soon" },
	{ "x in", "expected a value" },
	{ "[1..2", "expected ]" },
	{ "1 between 2", "expected and" },
	{ "function(x) external {java: {}}", "column 1: external functions are not run" },
	{ "1e99999", "the number is too long or too large" },
	{ "a.", "expected a name, found the end" },
	{ "\xff", "not UTF-8" },
	{ "\"\xed\xa0\x80\"", "not UTF-8" },
};

static void expressions_have_their_values(void **state)
{
	json_t *context = json_of(variables);

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		json_t *wanted = json_of(values[i].result), *got = NULL;
		struct feel_expr *expr = NULL;

		if (feel_compile(&expr, values[i].text, strlen(values[i].text)))
			fail_msg("%s: %s", values[i].text, pl_err_detail(PL_INVALID));
		assert_int_equal(feel_eval(&got, expr, context, NULL), PL_OK);
		if (!json_equal(wanted, got))
			fail_msg("%s: %s, not %s", values[i].text, json_dumps(got, JSON_ENCODE_ANY),
				 values[i].result);
		json_decref(wanted);
		json_decref(got);
		feel_free(expr);
	}
	json_decref(context);
}

static void what_is_no_feel_is_refused_with_its_column(void **state)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct feel_expr *expr = NULL;
		enum pl_err err = feel_compile(&expr, refusals[i].text, strlen(refusals[i].text));

		if (err != PL_INVALID || !strstr(pl_err_detail(err), refusals[i].detail))
			fail_msg("%s: %s", refusals[i].text, pl_err_detail(err));
		assert_null(expr);
	}
}

/* Every beginning of every expression is compiled or refused, and never read past its end. */
static void beginnings_are_safe(void **state)
{
	json_t *context = json_of(variables);

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		for (size_t len = 0; len < strlen(values[i].text); len++) {
			char *text = malloc(len + 1);
			struct feel_expr *expr = NULL;
			json_t *got = NULL;

			memcpy(text, values[i].text, len);
			if (feel_compile(&expr, text, len) == PL_OK)
				feel_eval(&got, expr, context, NULL);
			json_decref(got);
			feel_free(expr);
			free(text);
		}
	}
	json_decref(context);
}

static enum pl_err eval_with(const char *text, const char *context,
			     const struct feel_limits *limits)
{
	struct feel_expr *expr = NULL;
	enum pl_err err = feel_compile(&expr, text, strlen(text));
	json_t *variables_json = json_of(context), *got = NULL;

	if (!err)
		err = feel_eval(&got, expr, variables_json, limits);
	json_decref(got);
	json_decref(variables_json);
	feel_free(expr);
	return err;
}

static char *repeated(const char *before, const char *part, size_t n, const char *after)
{
	char *text = malloc(strlen(before) + n * strlen(part) + strlen(after) + 1), *at = text;

	at = stpcpy(at, before);
	while (n--)
		at = stpcpy(at, part);
	stpcpy(at, after);
	return text;
}

static void limits_hold(void **state)
{
	unsigned long spent = 0;
	char *long_text;
	const struct feel_limits few = { .steps = 1000, .spent_steps = &spent };
	const struct feel_limits small = { .memory_bytes = 10000 };
	const char *bomb = "{a: [1,1,1,1,1,1,1,1], b: [a,a,a,a,a,a,a,a], c: [b,b,b,b,b,b,b,b],"
			   " d: [c,c,c,c,c,c,c,c], e: [d,d,d,d,d,d,d,d], f: [e,e,e,e,e,e,e,e],"
			   " g: [f,f,f,f,f,f,f,f], h: [g,g,g,g,g,g,g,g]}.h";
	static const struct {
		const char *before, *part, *after;
	} deep[] = { { "", "(", "" },		{ "", "[", "" },	{ "", "-", "1" },
		     { "a", ".a", "" },		{ "a", "[1]", "" },	{ "", "{a:", "" },
		     { "", "if a then ", "" },	{ "1", " in ((1", "" }, { "", "not(", "" },
		     { "", "function() ", "1" } };

	assert_int_equal(eval_with("for i in 1..1000000000 return i", "{}", &few), PL_TOOLARGE);
	assert_int_equal(spent, 1000);
	assert_int_equal(eval_with("1 + 1", "{}", &few), PL_OK);
	assert_in_range(spent, 1001, 1010);
	assert_int_equal(eval_with("for i in 1..1000000000 return i", "{}", NULL), PL_TOOLARGE);
	assert_int_equal(eval_with("for i in 1..500 return i", "{}", &small), PL_TOOLARGE);
	assert_non_null(strstr(pl_err_detail(PL_TOOLARGE), "10000 bytes"));
	assert_int_equal(eval_with(bomb, "{}", NULL), PL_TOOLARGE);
	for (size_t i = 0; i < sizeof(deep) / sizeof(deep[0]); i++) {
		char *text = repeated(deep[i].before, deep[i].part, 5000, deep[i].after);

		assert_int_equal(eval_with(text, "{}", NULL), PL_TOOLARGE);
		free(text);
	}
	long_text = repeated("\"", "x", FEEL_TEXT_MAX, "\"");
	assert_int_equal(eval_with(long_text, "{}", NULL), PL_TOOLARGE);
	free(long_text);
}

static void a_result_shares_nothing_with_its_context(void **state)
{
	json_t *context = json_of("{'a': {'b': [1]}}"), *got = NULL;
	struct feel_expr *expr = NULL;

	assert_int_equal(feel_compile(&expr, "a", 1), PL_OK);
	assert_int_equal(feel_eval(&got, expr, context, NULL), PL_OK);
	assert_ptr_not_equal(got, json_object_get(context, "a"));
	json_array_append_new(json_object_get(got, "b"), json_integer(2));
	assert_int_equal(json_array_size(json_object_get(json_object_get(context, "a"), "b")), 1);
	json_decref(got);
	got = NULL;
	assert_int_equal(feel_eval(&got, expr, NULL, NULL), PL_OK);
	assert_true(json_is_null(got));
	json_decref(context);
	context = json_array();
	assert_int_equal(feel_eval(&got, expr, context, NULL), PL_INVALID);
	json_decref(context);
	feel_free(expr);
	feel_free(NULL);
}

/* Each allocation fails once: the answer is PL_NOMEM or the right one, and nothing leaks. */
static void memory_may_run_out_anywhere(void **state)
{
	json_t *context = json_of(variables);

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i += 3) {
		json_t *wanted = json_of(values[i].result);
		bool is_done = false;

		for (long n = 1; !is_done; n++) {
			struct feel_expr *expr = NULL;
			json_t *got = NULL;
			enum pl_err err;

			oom_fail_at(n);
			err = feel_compile(&expr, values[i].text, strlen(values[i].text));
			if (!err)
				err = feel_eval(&got, expr, context, NULL);
			is_done = oom_counted() < n;
			oom_fail_at(0);
			if (err ? err != PL_NOMEM : !json_equal(got, wanted))
				fail_msg("%s, allocation %ld: %d", values[i].text, n, (int)err);
			json_decref(got);
			feel_free(expr);
		}
		json_decref(wanted);
	}
	json_decref(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_have_their_values),
		cmocka_unit_test(what_is_no_feel_is_refused_with_its_column),
		cmocka_unit_test(beginnings_are_safe),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(a_result_shares_nothing_with_its_context),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	json_set_alloc_funcs(oom_malloc, free);
	return cmocka_run_group_tests_name("feel", tests, NULL, NULL);
}
