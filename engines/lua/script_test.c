/*
 * script_test.c — what scripts compute, how values go in and out, how errors read, and memory that
 * runs out (EDR-4).
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

#include "engines/lua/script.h"
#include "engines/test/test_oom.h"

static enum pl_err eval(json_t **resultp, const char *text, const char *variables)
{
	struct script *script;
	json_t *given = variables ? json_loads(variables, JSON_DECODE_ANY, NULL) : NULL;
	enum pl_err err = script_compile(&script, text, strlen(text));

	if (!err) {
		err = script_run(resultp, script, given, NULL);
		script_free(script);
	}
	json_decref(given);
	return err;
}

static void assert_value(const char *text, const char *variables, const char *expected)
{
	json_t *result = NULL;
	char *seen;
	enum pl_err err = eval(&result, text, variables);

	if (err)
		fail_msg("%s: %s", text, pl_err_detail(err));
	seen = json_dumps(result, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
	if (strcmp(seen, expected) != 0)
		fail_msg("%s: %s, not %s", text, seen, expected);
	free(seen);
	json_decref(result);
}

static void assert_error(const char *text, enum pl_err expected, const char *sentence)
{
	json_t *result = NULL;
	enum pl_err err = eval(&result, text, NULL);

	assert_null(result);
	if (err != expected || !strstr(pl_err_detail(err), sentence))
		fail_msg("%s: %d, %s; not %s", text, (int)err, pl_err_detail(err), sentence);
}

/* EDR-4 */
static void values_go_in_and_out(void **state)
{
	static const struct {
		const char *text, *variables, *value;
	} rows[] = {
		{ "", NULL, "null" },
		{ "return", NULL, "null" },
		{ "return 1", NULL, "1" },
		{ "return 1, 2", NULL, "1" },
		{ "return 7 // 2", NULL, "3" },
		{ "return 7 / 2", NULL, "3.5" },
		{ "return 2^53", NULL, "9007199254740992.0" },
		{ "return math.maxinteger", NULL, "9223372036854775807" },
		{ "return true", NULL, "true" },
		{ "return 'a\\u{20ac}'", NULL, "\"a€\"" },
		{ "return {}", NULL, "{}" },
		{ "return array({})", NULL, "[]" },
		{ "return {1, 2, {3}}", NULL, "[1,2,[3]]" },
		{ "return {a = 1, b = {c = 2}}", NULL, "{\"a\":1,\"b\":{\"c\":2}}" },
		{ "return null", NULL, "null" },
		{ "return {1, null, 3}", NULL, "[1,null,3]" },
		{ "return {a = null}", NULL, "{\"a\":null}" },
		{ "return x", "{\"x\":{\"a\":[1,2.5,\"s\",null,true]}}",
		  "{\"a\":[1,2.5,\"s\",null,true]}" },
		{ "return x", "{\"x\":[]}", "[]" },
		{ "return x", "{\"x\":{}}", "{}" },
		{ "return x == nil", "{\"x\":null}", "true" },
		{ "return x.y == nil", "{\"x\":{\"y\":null}}", "true" },
		{ "return #x, x[2] == null", "{\"x\":[1,null,3]}", "3" },
		{ "return x[2] == null", "{\"x\":[1,null,3]}", "true" },
		{ "x[4] = 9 return x", "{\"x\":[1,null,3]}", "[1,null,3,9]" },
		{ "return x", "{\"x\":9223372036854775807}", "9223372036854775807" },
		{ "y = x + 1 return y", "{\"x\":41}", "42" },
		{ "local sum = 0 for _, i in ipairs(items) do sum = sum + i.price end return sum",
		  "{\"items\":[{\"price\":2},{\"price\":40}]}", "42" },
		{ "return type", "{\"type\":\"gold\"}", "\"gold\"" }, /* variables come first */
		{ "return tostring({}) .. tostring(print) .. tostring(null) .. tostring(1.5)", NULL,
		  "\"tablenilnull1.5\"" },
		{ "return ('a,b,c'):gsub(',', ';')", NULL, "\"a;b;c\"" },
		{ "return string.format('%05.1f|%-4s|%q', 3.14159, 'ab', 'x\"')", NULL,
		  "\"003.1|ab  |\\\"x\\\\\\\"\\\"\"" },
		{ "local ok, why = pcall(error, 'no') return why", NULL, "\"no\"" },
		{ "return select('#', table.unpack({1, 2, 3}))", NULL, "3" },
		{ "local t = {3, 1, 2} table.sort(t) return table.concat(t, '-')", NULL,
		  "\"1-2-3\"" },
		{ "local t = {1, 2} table.insert(t, 1, 0) table.remove(t) return t", NULL,
		  "[0,1]" },
		{ "return table.move({1, 2, 3}, 2, 3, 1)", NULL, "[2,3,3]" },
		{ "return table.pack(1, 2).n", NULL, "2" },
		{ "local n = 0 for _, c in utf8.codes('a€') do n = n + c end return n", NULL,
		  "8461" },
		{ "return utf8.len('a€')", NULL, "2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_value(rows[i].text, rows[i].variables, rows[i].value);
}

/* EDR-4 */
static void errors_name_line_and_reason(void **state)
{
	static const struct {
		const char *text;
		enum pl_err err;
		const char *sentence;
	} rows[] = {
		{ "return 1 +", PL_INVALID, "line 1: unexpected symbol near <eof>" },
		{ "\n\nx = = 2", PL_INVALID, "line 3: unexpected symbol near '='" },
		{ "local a\nreturn a.b", PL_INVALID,
		  "line 2: attempt to index a nil value (local 'a')" },
		{ "return 1 < 'x'", PL_INVALID, "line 1: attempt to compare number with string" },
		{ "return '1' + 1", PL_INVALID,
		  "line 1: attempt to perform arithmetic on a string" },
		{ "error('no such tier')", PL_INVALID, "line 1: no such tier" },
		{ "error('no such tier', 0)", PL_INVALID, "no such tier" },
		{ "error({})", PL_INVALID, "the script's error is a table" },
		{ "error()", PL_INVALID, "the script's error is a nil" },
		{ "assert(false, 'broken')", PL_INVALID, "broken" },
		{ "return 0/0", PL_INVALID, "isn't finite" },
		{ "return {1, 2, x = 3}", PL_INVALID, "neither a list nor an object" },
		{ "return {[1] = 1, [3] = 3}", PL_INVALID, "neither a list nor an object" },
		{ "return {[2.5] = 1}", PL_INVALID, "a key of the result is a number" },
		{ "return {[true] = 1}", PL_INVALID, "a key of the result is a boolean" },
		{ "return print", PL_OK, "" },
		{ "return type", PL_INVALID, "a function can't be part of the result" },
		{ "return '\\xff'", PL_INVALID, "isn't UTF-8" },
		{ "return '\\xed\\xa0\\x80'", PL_INVALID, "isn't UTF-8" },
		{ "return {['\\xc0\\x80'] = 1}", PL_INVALID, "a key of the result isn't UTF-8" },
		{ "return {['a\\0b'] = 1}", PL_INVALID, "a key of the result isn't UTF-8" },
		{ "local t = {} t.t = t return t", PL_INVALID, "within itself" },
		{ "return setmetatable({}, {})", PL_INVALID, "attempt to call a nil value" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].err)
			assert_error(rows[i].text, rows[i].err, rows[i].sentence);
		else
			assert_value(rows[i].text, NULL, "null");
}

static void variables_are_an_object(void **state)
{
	json_t *result = NULL;

	(void)state;
	assert_int_equal(eval(&result, "return 1", "[1]"), PL_INVALID);
	assert_string_equal(pl_err_detail(PL_INVALID), "a script's variables are an object");
}

static void runs_share_nothing(void **state)
{
	static const char text[] = "count = (count or 0) + 1 string.seen = (string.seen or 0) + 1 "
				   "return {count, string.seen}";
	struct script *script;
	json_t *result, *expected = json_pack("[i,i]", 1, 1);

	(void)state;
	assert_int_equal(script_compile(&script, text, strlen(text)), PL_OK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(script_run(&result, script, NULL, NULL), PL_OK);
		assert_true(json_equal(result, expected));
		json_decref(result);
	}
	json_decref(expected);
	script_free(script);
}

static void a_long_text_is_refused(void **state)
{
	char *text = malloc(SCRIPT_TEXT_MAX + 1);
	struct script *script;

	(void)state;
	memset(text, ' ', SCRIPT_TEXT_MAX + 1);
	assert_int_equal(script_compile(&script, text, SCRIPT_TEXT_MAX + 1), PL_TOOLARGE);
	assert_int_equal(script_compile(&script, text, SCRIPT_TEXT_MAX), PL_OK);
	script_free(script);
	free(text);
}

static void memory_may_run_out_anywhere(void **state)
{
	static const char text[] =
		"local t = {} for i = 1, 20 do t[i] = {n = i, s = ('x'):rep(i)} end "
		"return {list = t, given = x, text = ('a b'):gsub('%w', '<%0>')}";
	json_t *given = json_pack("{s:[i,s]}", "x", 1, "two"), *result;
	struct script *script;
	enum pl_err err;
	long all = 1; /* as counted in the first round, in which none fails */

	(void)state;
	for (long n = 0; n <= all; n++) {
		result = NULL;
		oom_fail_at(n);
		err = script_compile(&script, text, strlen(text));
		if (!err) {
			err = script_run(&result, script, given, NULL);
			script_free(script);
		}
		if (n == 0)
			all = oom_counted();
		oom_fail_at(0);
		assert_true(err == PL_NOMEM || (err == PL_OK && json_object_size(result) == 3));
		assert_true((err == PL_OK) == (result != NULL));
		json_decref(result);
	}
	assert_true(all > 100);
	json_decref(given);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_go_in_and_out),
		cmocka_unit_test(errors_name_line_and_reason),
		cmocka_unit_test(variables_are_an_object),
		cmocka_unit_test(runs_share_nothing),
		cmocka_unit_test(a_long_text_is_refused),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
