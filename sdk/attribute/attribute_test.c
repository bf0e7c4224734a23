/*
 * attribute_test.c — rows of manifests are read or refused; wishes become values or are refused in
 * words that say what is allowed. PLT-20.
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

#include "pelago/attribute.h"
#include "pelago/json.h"

/* A row of this JSON, with key, name and text. */
static json_t *row_of(const char *more)
{
	json_t *row = json_loads(more, 0, NULL);

	assert_non_null(row);
	json_object_set_new(row, "key", json_string("a_key"));
	json_object_set_new(row, "name", json_string("A Name"));
	json_object_set_new(row, "text", json_string("What it does"));
	return row;
}

static const char boolean[] = "{\"type\":\"boolean\",\"default\":false}";
static const char integer[] =
	"{\"type\":\"integer\",\"least\":-5,\"most\":900,\"default\":0,\"unit\":\"B\"}";
static const char duration[] =
	"{\"type\":\"duration\",\"least\":4,\"most\":604800,\"default\":1800,\"unit\":\"s\"}";
static const char string[] =
	"{\"type\":\"string\",\"least\":1,\"most\":4,\"default\":\"ab\",\"pattern\":\"a|[a-zü]+\"}";
static const char enumeration[] =
	"{\"type\":\"enumeration\",\"values\":[\"low\",\"high\"],\"default\":\"high\"}";
static const char address[] = "{\"type\":\"address\"}";
static const char secret[] = "{\"type\":\"secret\",\"most\":8}";

/* What a wish becomes, as JSON; "" if it is refused. */
static void assert_becomes(const char *schema, const char *wish, const char *wanted)
{
	json_t *row = row_of(schema), *wished = json_loads(wish, JSON_DECODE_ANY, NULL);
	json_t *value = NULL;
	struct pl_attribute a;
	char *text = NULL;
	enum pl_err err;

	assert_non_null(wished);
	assert_int_equal(pl_attribute_read(&a, row), PL_OK);
	err = pl_attribute_check(&value, &a, wished);
	if (err) {
		assert_int_equal(err, PL_INVALID);
		assert_null(value);
		assert_memory_equal(pl_err_detail(err), "A Name: ", 8);
	} else {
		text = json_dumps(value, JSON_ENCODE_ANY);
	}
	assert_string_equal(text ? text : "", wanted);
	free(text);
	json_decref(value);
	json_decref(wished);
	json_decref(row);
}

/* PLT-20 */
static void wishes_become_values(void **state)
{
	static const struct {
		const char *schema, *wish, *wanted;
	} rows[] = {
		{ boolean, "true", "true" },
		{ boolean, "\"off\"", "false" },
		{ boolean, "\"YES\"", "true" },
		{ boolean, "1", "true" },
		{ boolean, "2", "" },
		{ boolean, "\"perhaps\"", "" },
		{ boolean, "null", "" },
		{ integer, "-5", "-5" },
		{ integer, "\"900\"", "900" },
		{ integer, "\"90 B\"", "90" },
		{ integer, "901", "" },
		{ integer, "-6", "" },
		{ integer, "1.5", "" },
		{ integer, "\"\"", "" },
		{ integer, "\" 7\"", "" },
		{ integer, "\"7 s\"", "" },
		{ integer, "\"99999999999999999999\"", "" },
		{ duration, "\"5 min\"", "300" },
		{ duration, "\"2h\"", "7200" },
		{ duration, "\"7d\"", "604800" },
		{ duration, "\"90\"", "90" },
		{ duration, "\"8d\"", "" },
		{ duration, "\"5500 ms\"", "" },
		{ duration, "\"5000 ms\"", "5" },
		{ duration, "\"9223372036854775807 d\"", "" },
		{ duration, "\"5 parsecs\"", "" },
		{ string, "\"abcd\"", "\"abcd\"" },
		{ string, "\"üüüü\"", "\"üüüü\"" },
		{ string, "\"abcde\"", "" },
		{ string, "\"\"", "" },
		{ string, "\"A\"", "" },
		{ string, "\"a\\n\"", "" },
		{ string, "7", "" },
		{ enumeration, "\"low\"", "\"low\"" },
		{ enumeration, "\"Low\"", "" },
		{ enumeration, "\"\"", "" },
		{ address, "\"\"", "\"\"" },
		{ address, "\"ocp.example.com\"", "\"ocp.example.com\"" },
		{ address, "\"192.0.2.7:8443\"", "\"192.0.2.7:8443\"" },
		{ address, "\"[2001:db8::7]:443\"", "\"[2001:db8::7]:443\"" },
		{ address, "\"host:0\"", "" },
		{ address, "\"host:65536\"", "" },
		{ address, "\"host:\"", "" },
		{ address, "\"-host\"", "" },
		{ address, "\"host-\"", "" },
		{ address, "\"a..b\"", "" },
		{ address, "\"a b\"", "" },
		{ address, "\"[]\"", "" },
		{ address, "\"[::1\"", "" },
		{ address, "\"http://host\"", "" },
		{ secret, "\"geheim\"", "\"geheim\"" },
		{ secret, "\"too long a one\"", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_becomes(rows[i].schema, rows[i].wish, rows[i].wanted);
}

/* PLT-20 */
static void a_refusal_says_what_is_allowed(void **state)
{
	static const struct {
		const char *schema, *wish, *said;
	} rows[] = {
		{ duration, "3", "A Name: 3 s is out of range; allowed is 4 to 604800" },
		{ integer, "\"x\"", "A Name: is a whole number from -5 to 900 B" },
		{ enumeration, "\"none\"", "A Name: is one of low, high" },
		{ string, "\"abcde\"", "A Name: has 5 characters; allowed are 1 to 4" },
		{ secret, "\"hunter2hunter2\"", "A Name: has 14 characters; allowed are 0 to 8" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *row = row_of(rows[i].schema), *value = NULL;
		json_t *wish = json_loads(rows[i].wish, JSON_DECODE_ANY, NULL);
		struct pl_attribute a;
		enum pl_err err;

		assert_int_equal(pl_attribute_read(&a, row), PL_OK);
		err = pl_attribute_check(&value, &a, wish);
		assert_int_equal(err, PL_INVALID);
		assert_string_equal(pl_err_detail(err), rows[i].said);
		json_decref(wish);
		json_decref(row);
	}
}

static void rows_that_make_no_sense_are_refused(void **state)
{
	static const char *const rows[] = {
		"{}",
		"{\"type\":\"text\",\"default\":\"\"}",
		"{\"type\":\"boolean\"}",
		"{\"type\":\"boolean\",\"default\":\"on\"}",
		"{\"type\":\"integer\",\"default\":1}",
		"{\"type\":\"integer\",\"least\":2,\"most\":1,\"default\":1}",
		"{\"type\":\"integer\",\"least\":2,\"most\":5,\"default\":1}",
		"{\"type\":\"duration\",\"least\":0,\"most\":5,\"default\":1}",
		"{\"type\":\"duration\",\"least\":0,\"most\":5,\"default\":1,\"unit\":\"weeks\"}",
		"{\"type\":\"enumeration\",\"default\":\"a\"}",
		"{\"type\":\"enumeration\",\"default\":\"a\",\"values\":[]}",
		"{\"type\":\"enumeration\",\"default\":\"a\",\"values\":[1]}",
		"{\"type\":\"string\",\"default\":\"a\",\"pattern\":\"(\"}",
		"{\"type\":\"string\",\"default\":\"a\",\"most\":4001}",
		"{\"type\":\"secret\",\"default\":\"hunter2\"}",
		"{\"type\":\"secret\",\"restart\":true}",
	};
	struct pl_attribute a;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *row = row_of(rows[i]);

		assert_int_equal(pl_attribute_read(&a, row), PL_INVALID);
		json_decref(row);
	}
	for (const char *const *key = (const char *const[]){ "", "a key", "a.b", NULL }; *key;
	     key++) {
		json_t *row = row_of(boolean);

		json_object_set_new(row, "key", json_string(*key));
		assert_int_equal(pl_attribute_read(&a, row), PL_INVALID);
		json_decref(row);
	}
}

static void values_are_numbers_to_programs(void **state)
{
	static const struct {
		const char *schema, *value;
		int64_t number;
	} rows[] = {
		{ boolean, "true", 1 },		{ boolean, "false", 0 },
		{ duration, "300", 300 },	{ enumeration, "\"low\"", 0 },
		{ enumeration, "\"high\"", 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *row = row_of(rows[i].schema);
		json_t *value = json_loads(rows[i].value, JSON_DECODE_ANY, NULL);
		struct pl_attribute a;

		assert_int_equal(pl_attribute_read(&a, row), PL_OK);
		assert_int_equal(pl_attribute_number(&a, value), rows[i].number);
		json_decref(value);
		json_decref(row);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wishes_become_values),
		cmocka_unit_test(a_refusal_says_what_is_allowed),
		cmocka_unit_test(rows_that_make_no_sense_are_refused),
		cmocka_unit_test(values_are_numbers_to_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
