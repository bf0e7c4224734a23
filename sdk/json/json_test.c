/*
 * json_test.c — hostile and honest JSON, member by member.
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

#include "pelago/json.h"

static json_t *parsed(const char *text)
{
	json_t *value = NULL;

	assert_int_equal(pl_json_parse(&value, text, strlen(text)), PL_OK);
	assert_non_null(value);
	return value;
}

/* Each text is refused, *valuep stays as it was, and the sentence says what is wrong. */
static void hostile_text_is_refused(void **state)
{
/* clang-format off */
#define T(text, why) { text, sizeof(text) - 1, why }
	/* clang-format on */
	static const struct {
		const char *text;
		size_t len;
		const char *why;
	} rows[] = {
		T("", "empty"),
		T(" \n\t ", "line"),
		T("{", "line 1"),
		T("{\n\n\"a\":x}", "line 3"),
		T("{} {}", "line 1"),
		T("{}x", "line 1"),
		T("{\"a\":1,\"a\":2}", "duplicate"),
		T("{\"a\":{\"b\":1,\"c\":2,\"b\":1}}", "duplicate"),
		T("{\"a\":1,\"\\u0061\":2}", "duplicate"),
		T("\"a\\u0000b\"", "u0000"),
		T("{\"a\\u0000b\":1}", "NUL"),
		T("\"a\0b\"", "control character"),
		T("{}\0", "line 1"),
		T("\"a\nb\"", "line 1"),
		T("\"\xff\"", "decode"),
		T("\"\xc3\"", "decode"),
		T("\"\xc0\xaf\"", "decode"),	     /* overlong */
		T("\"\xed\xa0\x80\"", "decode"),     /* surrogate */
		T("\"\xf4\x90\x80\x80\"", "decode"), /* over U+10FFFF */
		T("\"\\ud800\"", "line 1"),
		T("\"\\udc00\\ud800\"", "line 1"),
		T("\xef\xbb\xbf{}", "line 1"), /* byte order mark */
		T("9223372036854775808", "too big"),
		T("-9223372036854775809", "too big"),
		T("99999999999999999999999999999999999999999999", "too big"),
		T("1e999", "overflow"),
		T("-1e999", "overflow"),
		T("01", "line 1"),
		T("+1", "line 1"),
		T(".5", "line 1"),
		T("NaN", "line 1"),
		T("Infinity", "line 1"),
		T("nul", "line 1"),
		T("{\"a\":1,}", "line 1"),
		T("[1,]", "line 1"),
		T("{'a':1}", "line 1"),
		T("// c\n{}", "line 1"),
	};
#undef T

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *value = NULL;
		/* a copy of exactly that length: the sanitizer sees a read behind its end */
		char *copy = malloc(rows[i].len ? rows[i].len : 1);

		assert_non_null(copy);
		memcpy(copy, rows[i].text, rows[i].len);
		pl_err_clear();
		if (pl_json_parse(&value, copy, rows[i].len) != PL_INVALID)
			fail_msg("row %zu was taken: %s", i, rows[i].text);
		assert_null(value);
		if (!strstr(pl_err_detail(PL_INVALID), rows[i].why))
			fail_msg("row %zu: %s, not %s", i, pl_err_detail(PL_INVALID), rows[i].why);
		free(copy);
	}
}

static void the_sentence_does_not_repeat_the_text(void **state)
{
	const char *text = "{\"password\":\"hunter2\" oops}";
	json_t *value = NULL;

	assert_int_equal(pl_json_parse(&value, text, strlen(text)), PL_INVALID);
	assert_null(strstr(pl_err_detail(PL_INVALID), "hunter2"));
	assert_null(strstr(pl_err_detail(PL_INVALID), "oops"));
}

static char *nested(char open, char close, size_t levels)
{
	char *text = calloc(1, 2 * levels + 1);

	assert_non_null(text);
	memset(text, open, levels);
	memset(text + levels, close, levels);
	return text;
}

static void depth_has_a_limit(void **state)
{
	json_t *value = NULL;
	char *text = nested('[', ']', 64);

	assert_int_equal(pl_json_parse(&value, text, strlen(text)), PL_OK);
	json_decref(value);
	free(text);
	value = NULL;

	text = nested('[', ']', 65);
	assert_int_equal(pl_json_parse(&value, text, strlen(text)), PL_INVALID);
	assert_non_null(strstr(pl_err_detail(PL_INVALID), "64 levels"));
	free(text);

	text = nested('[', ']', 1000000);
	assert_int_equal(pl_json_parse(&value, text, strlen(text)), PL_INVALID);
	free(text);

	text = nested('[', '}', 65);
	assert_int_equal(pl_json_parse(&value, text, strlen(text)), PL_INVALID);
	free(text);
	assert_null(value);
}

static void brackets_in_texts_have_no_depth(void **state)
{
	char text[600] = "[\"\\\\\",\"\\\"";
	json_t *value;

	memset(text + strlen(text), '[', 200);
	strncat(text, "\"]", sizeof(text) - strlen(text) - 1);
	value = parsed(text);
	assert_int_equal(json_array_size(value), 2);
	json_decref(value);
}

static void honest_text_is_taken(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"null",
		"-0",
		"9223372036854775807",
		"-9223372036854775808",
		"1e-999",
		"\"\"",
		"\"Gr\xc3\xbc\xc3\x9f\xf0\x9f\x98\x80\"",
		"{\"\":{\"\":[]}}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *value = parsed(texts[i]);
		char *dump = pl_json_dump(value);
		json_t *again = parsed(dump);

		assert_true(json_equal(value, again));
		json_decref(again);
		json_decref(value);
		free(dump);
	}
}

/* The same text as the library's. */
static void dumps(void **state)
{
	static const char *const texts[] = {
		"{\"a\":[1,-1,0,9223372036854775807,-9223372036854775808],\"b\":{\"c\":null}}",
		"[1.5,-0.1,1e300,1e-300,2.0,123456789012345678901234567890.0,true,false]",
		"\"\\\" \\\\ \\/ \\b\\f\\n\\r\\t \\u0001\\u001f\\u007f Gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\"",
		"{\"\\n\":\"a\\u0000b\"}",
		"[[],{},\"\"]",
	};
	json_t *inner = json_array(), *outer = json_pack("[o]", inner);
	char *huge = malloc(100001);
	json_t *value;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *ours, *theirs;

		value = json_loads(texts[i], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		assert_non_null(value);
		ours = pl_json_dump(value);
		theirs = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
		assert_string_equal(ours, theirs);
		free(ours);
		free(theirs);
		json_decref(value);
	}
	memset(huge, '\n', 100000);
	huge[100000] = '\0';
	value = json_string(huge);
	free(huge);
	huge = pl_json_dump(value);
	assert_int_equal(strlen(huge), 200002);
	free(huge);
	json_decref(value);
	json_array_append(inner, outer); /* a loop ends */
	assert_null(pl_json_dump(outer));
	json_array_clear(inner);
	json_decref(outer);
}

static void text_members(void **state)
{
	json_t *o = parsed(
		"{\"a\":\"abc\",\"n\":null,\"i\":1,\"c\":{\"name\":\"x\"},\"u\":\"\xc3\xbc\"}");
	const char *text = "before";

	assert_int_equal(pl_json_text(&text, o, "a", 3, true), PL_OK);
	assert_string_equal(text, "abc");
	assert_int_equal(pl_json_text(&text, o, "c.name", 10, true), PL_OK);
	assert_string_equal(text, "x");

	assert_int_equal(pl_json_text(&text, o, "a", 2, true), PL_INVALID);
	assert_string_equal(pl_err_detail(PL_INVALID), "a: longer than 2 bytes");
	assert_int_equal(pl_json_text(&text, o, "u", 1, false), PL_INVALID);
	assert_int_equal(pl_json_text(&text, o, "i", 10, false), PL_INVALID);
	assert_string_equal(pl_err_detail(PL_INVALID), "i: must be a text");
	assert_int_equal(pl_json_text(&text, o, "c.other", 10, true), PL_INVALID);
	assert_string_equal(pl_err_detail(PL_INVALID), "c.other is missing");
	assert_int_equal(pl_json_text(&text, o, "n", 10, true), PL_INVALID);
	assert_int_equal(pl_json_text(&text, o, "a.b", 10, false), PL_INVALID);
	assert_string_equal(pl_err_detail(PL_INVALID), "a: must be an object");
	assert_string_equal(text, "x");

	assert_int_equal(pl_json_text(&text, o, "n", 10, false), PL_OK);
	assert_null(text);
	text = "before";
	assert_int_equal(pl_json_text(&text, o, "d.e.f", 10, false), PL_OK);
	assert_null(text);
	json_decref(o);
}

static void number_members(void **state)
{
	json_t *o = parsed("{\"a\":5,\"r\":5.0,\"e\":1e2,\"s\":\"5\",\"m\":-9223372036854775808,"
			   "\"M\":9223372036854775807,\"t\":true}");
	int64_t n = 77;

	assert_int_equal(pl_json_int(&n, o, "none", 0, 9, false), PL_OK);
	assert_int_equal(n, 77);
	assert_int_equal(pl_json_int(&n, o, "none", 0, 9, true), PL_INVALID);
	assert_int_equal(pl_json_int(&n, o, "a", 6, 9, true), PL_INVALID);
	assert_string_equal(pl_err_detail(PL_INVALID), "a: must be from 6 to 9");
	assert_int_equal(pl_json_int(&n, o, "a", 0, 4, true), PL_INVALID);
	assert_int_equal(pl_json_int(&n, o, "r", 0, 9, true), PL_INVALID);
	assert_int_equal(pl_json_int(&n, o, "e", 0, 999, true), PL_INVALID);
	assert_int_equal(pl_json_int(&n, o, "s", 0, 9, true), PL_INVALID);
	assert_int_equal(pl_json_int(&n, o, "t", 0, 9, true), PL_INVALID);
	assert_int_equal(n, 77);
	assert_int_equal(pl_json_int(&n, o, "a", 5, 5, true), PL_OK);
	assert_int_equal(n, 5);
	assert_int_equal(pl_json_int(&n, o, "m", INT64_MIN, 0, true), PL_OK);
	assert_true(n == INT64_MIN);
	assert_int_equal(pl_json_int(&n, o, "M", 0, INT64_MAX, true), PL_OK);
	assert_true(n == INT64_MAX);
	json_decref(o);
}

static void numbers_in_texts(void **state)
{
	static const struct {
		const char *text;
		int64_t value; /* 0: refused */
	} rows[] = {
		{ "7", 7 },
		{ "-3", -3 },
		{ "0010", 10 },
		{ "99", 99 },
		{ "100", 0 },
		{ "-4", 0 },
		{ "", 0 },
		{ "-", 0 },
		{ "1h", 0 },
		{ " 7", 0 },
		{ "+7", 0 },
		{ "7 ", 0 },
		{ "0x7", 0 },
		{ "7.0", 0 },
		{ "many", 0 },
		{ "--7", 0 },
		{ "9223372036854775808", 0 },
		{ "0000000000000000000000000000007", 0 },
	};
	json_t *object;
	int64_t n = 5;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = 0;
		object = json_pack("{s:{s:s}}", "query", "n", rows[i].text);
		assert_int_equal(pl_json_digits(&n, object, "query.n", -3, 99),
				 rows[i].value ? PL_OK : PL_INVALID);
		assert_int_equal(n, rows[i].value);
		json_decref(object);
	}
	object = json_pack("{s:i}", "m", 7);
	n = 5;
	assert_int_equal(pl_json_digits(&n, object, "n", 0, 9), PL_OK);
	assert_int_equal(n, 5);
	assert_int_equal(pl_json_digits(&n, object, "m", 0, 9), PL_INVALID);
	json_decref(object);
}

static void other_members(void **state)
{
	json_t *o = parsed("{\"t\":true,\"f\":false,\"o\":{\"a\":1,\"b\":2},\"l\":[1,2],\"z\":0}");
	json_t *member = o;
	bool flag = false;

	assert_int_equal(pl_json_bool(&flag, o, "t", true), PL_OK);
	assert_true(flag);
	assert_int_equal(pl_json_bool(&flag, o, "none", false), PL_OK);
	assert_true(flag);
	assert_int_equal(pl_json_bool(&flag, o, "none", true), PL_INVALID);
	assert_int_equal(pl_json_bool(&flag, o, "z", true), PL_INVALID);
	assert_int_equal(pl_json_bool(&flag, o, "f", true), PL_OK);
	assert_false(flag);

	assert_int_equal(pl_json_object(&member, o, "o", 1, true), PL_INVALID);
	assert_int_equal(pl_json_object(&member, o, "l", 9, true), PL_INVALID);
	assert_ptr_equal(member, o);
	assert_int_equal(pl_json_object(&member, o, "o", 2, true), PL_OK);
	assert_int_equal(json_object_size(member), 2);
	assert_int_equal(pl_json_object(&member, o, "none", 2, false), PL_OK);
	assert_null(member);

	assert_int_equal(pl_json_array(&member, o, "l", 1, true), PL_INVALID);
	assert_int_equal(pl_json_array(&member, o, "o", 9, true), PL_INVALID);
	assert_int_equal(pl_json_array(&member, o, "none", 9, true), PL_INVALID);
	assert_int_equal(pl_json_array(&member, o, "l", 2, true), PL_OK);
	assert_int_equal(json_array_size(member), 2);
	json_decref(o);
}

static void members_of_what_is_no_object(void **state)
{
	static const char *const texts[] = { "[]", "1", "\"a\"", "null", "true" };
	const char *text;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *value = parsed(texts[i]);

		assert_int_equal(pl_json_text(&text, value, "a", 9, false), PL_INVALID);
		assert_null(pl_json_get(value, "a"));
		assert_string_equal(pl_json_get_text(value, "a.b"), "");
		json_decref(value);
	}
	assert_int_equal(pl_json_text(&text, NULL, "a", 9, false), PL_INVALID);
	assert_null(pl_json_get(NULL, "a.b"));
	assert_string_equal(pl_json_get_text(NULL, "a"), "");
	assert_null(pl_json_dump(NULL));
}

static void paths(void **state)
{
	json_t *o = parsed("{\"a\":{\"b\":{\"c\":\"deep\"},\"\":\"empty\"},\"a.b\":\"dotted\"}");

	assert_string_equal(pl_json_get_text(o, "a.b.c"), "deep");
	assert_string_equal(pl_json_get_text(o, "a."), "empty");
	assert_string_equal(pl_json_get_text(o, "a.b"), "");
	assert_string_equal(pl_json_get_text(o, ""), "");
	assert_string_equal(pl_json_get_text(o, "a.b.c.d"), "");
	json_decref(o);
}

static long allocations_left;

static void *failing_malloc(size_t size)
{
	return allocations_left-- > 0 ? malloc(size) : NULL;
}

/* The n-th allocation fails, for all n until there is enough: refused, nothing leaks. */
/* What we read ourselves is what the library reads, also where a text is cut off. */
static void reads_as_the_library_does(void **state)
{
	static const char *const texts[] = {
		"{\"a\":1,\"b\":[true,false,null,-1,0,-0],\"c\":{\"d\":\"e\"}}",
		" { \"a\" : [ ] , \"b\" : { } }\r\n\t",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
		"{\"gr\xc3\xbc\xc3\x9f\":\"\xe2\x82\xac \xf0\x9f\x98\x80\"}",
		"\"\\u00e9 \\ud83d\\ude00\"",
		"[999999999999999999,-999999999999999999,1234567890123456789]",
		"[9223372036854775807,-9223372036854775808,1.5,-2e3,0.1,1E2]",
		"[01]",
		"[-]",
		"[1,]",
		"{\"a\":1,}",
		"{\"a\"}",
		"{a:1}",
		"[tru]",
		"[truely]",
		"[[[[[[]]]]]]",
		"\"\\x\"",
		"\"\\",
		"[1 2]",
		"nul",
		"+1",
		"{,}",
		"[,]",
		"{\"a\\n\":\"\\n\",\"a\\u000a\":1}",
	};
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (size_t len = 1; len <= strlen(texts[i]); len++) {
			json_t *ours = NULL, *theirs = json_loadb(texts[i], len, flags, NULL);
			enum pl_err err = pl_json_parse(&ours, texts[i], len);

			assert_int_equal(err == PL_OK, theirs != NULL);
			assert_true(!theirs || json_equal(ours, theirs));
			json_decref(ours);
			json_decref(theirs);
		}
}

static void long_texts_and_names_are_read(void **state)
{
	enum { LEN = 5000 };
	char text[LEN + 8] = "{\"", *at = text + 2;
	json_t *value;
	const char *name;
	json_t *one;

	(void)state;
	for (int i = 0; i < LEN / 2; i++, at += 2)
		memcpy(at, "\\n", 2);
	memcpy(at, "\":1}", 5);
	value = parsed(text);
	json_object_foreach(value, name, one)
		assert_int_equal(strlen(name), LEN / 2);
	json_decref(value);
}

static void out_of_memory(void **state)
{
	static const char text[] = "{\"a\":[1,2.5,\"three\",{\"b\":null}],\"c\":\"d\"}";
	enum pl_err err = PL_NOMEM;
	long n;

	json_set_alloc_funcs(failing_malloc, free);
	for (n = 0; err && n < 1000; n++) {
		json_t *value = NULL;
		char *dump = NULL;

		allocations_left = n;
		err = pl_json_parse(&value, text, sizeof(text) - 1);
		if (!err) {
			dump = pl_json_dump(value);
			err = dump ? PL_OK : PL_NOMEM;
		}
		assert_true(err == PL_OK || err == PL_NOMEM || err == PL_INVALID);
		assert_true(value || err);
		free(dump);
		json_decref(value);
	}
	json_set_alloc_funcs(malloc, free);
	assert_int_equal(err, PL_OK);
	assert_in_range(n, 10, 999);
}

static void items_of_lists(void **state)
{
	json_t *list = json_pack("[{s:s, s:i}, {s:i}, s, i, {s:s, s:i}]", "name", "a", "n", 1,
				 "name", 2, "b", 3, "name", "a", "n", 4);

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(pl_json_find(list, "name", "a"), "n")),
			 1);
	assert_null(pl_json_find(list, "name", "b"));
	assert_null(pl_json_find(NULL, "name", "a"));
	assert_true(pl_json_has(list, "b"));
	assert_false(pl_json_has(list, "a"));
	assert_false(pl_json_has(NULL, "b"));
	json_decref(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_text_is_refused),
		cmocka_unit_test(the_sentence_does_not_repeat_the_text),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(brackets_in_texts_have_no_depth),
		cmocka_unit_test(honest_text_is_taken),
		cmocka_unit_test(dumps),
		cmocka_unit_test(text_members),
		cmocka_unit_test(number_members),
		cmocka_unit_test(numbers_in_texts),
		cmocka_unit_test(other_members),
		cmocka_unit_test(members_of_what_is_no_object),
		cmocka_unit_test(paths),
		cmocka_unit_test(items_of_lists),
		cmocka_unit_test(reads_as_the_library_does),
		cmocka_unit_test(long_texts_and_names_are_read),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
