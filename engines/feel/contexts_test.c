/*
 * contexts_test.c — built-ins of contexts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

static const struct feel_case contexts[] = {
	{ "get value({a: 1}, \"a\")", "1" },
	{ "get value(key: \"a\", m: {a: 1})", "1" },
	{ "get value(context: {\"b c\": 1}, key: \"b c\")", "1" },
	{ "get value({a: {b: 2}}, [\"a\", \"b\"])", "2" },
	{ "get value({a: 1}, [\"a\"])", "1" },
	{ "get value(context: {a: {b: 2}}, keys: [\"a\", \"b\"])", "2" },
	{ "get value({a: null}, \"a\")", "null" },
	{ "get value({a: 1}, \"b\")", NULL, "no key \"b\"" },
	{ "get value({a: {b: 2}}, [\"a\", \"x\"])", NULL, "no key \"x\"" },
	{ "get value({a: 1}, [\"a\", \"b\"])", NULL },
	{ "get value({a: 1}, [])", NULL, "no key" },
	{ "get value({a: 1}, [\"a\", null])", NULL, "key 2 is a null" },
	{ "get value({a: 1}, 1)", NULL },
	{ "get value(\"a\", \"a\")", NULL },
	{ "get value(null, \"a\")", NULL },
	{ "get entries({a: 1, b: \"x\"})", "[{key: \"a\", value: 1}, {key: \"b\", value: \"x\"}]" },
	{ "get entries({})", "[]" },
	{ "get entries(m: {a: null})", "[{key: \"a\", value: null}]" },
	{ "get entries(null)", NULL },
	{ "get entries(\"a\")", NULL },
	{ "context([{key: \"a\", value: 1}, {key: \"b\", value: 2}])", "{a: 1, b: 2}" },
	{ "context([])", "{}" },
	{ "context({key: \"a\", value: 1})", "{a: 1}" },
	{ "context([{key: \"a\", value: null}])", "{a: null}" },
	{ "context([{key: \"\", value: 1, more: 2}])", "{\"\": 1}" },
	{ "context(entries: [{key: \"a\", value: 1}])", "{a: 1}" },
	{ "context([{key: \"a\", value: 1}, {key: \"a\", value: 2}])", NULL, "twice" },
	{ "context([{key: \"a\"}])", NULL, "not both" },
	{ "context([{value: 1}])", NULL },
	{ "context([{key: 1, value: 1}])", NULL },
	{ "context([1])", NULL },
	{ "context(null)", NULL },
	{ "context put({}, \"a\", 1)", "{a: 1}" },
	{ "context put({a: 1, b: 2, c: 3}, \"b\", null)", "{a: 1, b: null, c: 3}" },
	{ "context put({a: 1}, \"\", 2)", "{a: 1, \"\": 2}" },
	{ "context put(context: {}, key: \"a\", value: 1)", "{a: 1}" },
	{ "context put({x: 1, y: {a: 0}}, [\"y\", \"a\"], 2)", "{x: 1, y: {a: 2}}" },
	{ "context put({y: {a: 0}}, [\"y\", \"b\"], 2)", "{y: {a: 0, b: 2}}" },
	{ "context put({y: {a: {b: {c: 1}}}}, [\"y\", \"a\", \"b\", \"c\"], 2)",
	  "{y: {a: {b: {c: 2}}}}" },
	{ "context put({}, [\"a\"], 1)", "{a: 1}" },
	{ "context put(context: {y: {a: 0}}, keys: [\"y\", \"a\"], value: 2)", "{y: {a: 2}}" },
	{ "{a: {b: 1}, c: context put(a, \"b\", 2)}", "{a: {b: 1}, c: {b: 2}}" },
	{ "context put(context: {y: {a: 0}}, key: [\"y\", \"a\"], value: 2)", NULL,
	  "key is a list" },
	{ "context put({y: {a: 0}}, [\"y\", \"a\", \"b\"], 2)", NULL },
	{ "context put({}, [\"a\", \"b\"], 2)", NULL, "no key" },
	{ "context put({}, [], 2)", NULL },
	{ "context put({}, [null], 2)", NULL },
	{ "context put({}, null, 1)", NULL },
	{ "context put(null, \"a\", 1)", NULL },
	{ "context put({}, 1, 1)", NULL },
	{ "context merge([{a: 1}, {b: 2}])", "{a: 1, b: 2}" },
	{ "context merge([{a: 1, b: 1}, {a: 2}])", "{a: 2, b: 1}" },
	{ "context merge([{a: {x: 1}}, {a: {y: 2}}])", "{a: {y: 2}}" },
	{ "context merge({a: 1})", "{a: 1}" },
	{ "context merge([])", "{}" },
	{ "context merge(contexts: [{a: 1}])", "{a: 1}" },
	{ "context merge([{a: 1}, 2])", NULL, "item 2 is a number" },
	{ "context merge(null)", NULL },
};

static void contexts_are_read_and_made(void **state)
{
	FEEL_CASES_HOLD(contexts);
}

static void memory_may_run_out_anywhere(void **state)
{
	FEEL_CASES_HOLD_WITHOUT_MEMORY(contexts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contexts_are_read_and_made),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("feel-contexts", tests, NULL, NULL);
}
