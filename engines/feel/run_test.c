/*
 * run_test.c — runs: values kept between evaluations, functions of the host, types, notes, bounds.
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

struct bench { /* what each test works at */
	struct feel_run *run;
	struct feel_names *names;
	struct feel_expr *exprs[16]; /* functions need theirs */
	size_t exprs_len;
};

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	assert_int_equal(feel_run_new(&b->run, NULL), PL_OK);
	assert_int_equal(feel_names_new(&b->names), PL_OK);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	feel_run_free(b->run);
	feel_names_free(b->names);
	for (size_t i = 0; i < b->exprs_len; i++)
		feel_free(b->exprs[i]);
	free(b);
	return 0;
}

static const struct feel_value *eval(struct bench *b, const char *text,
				     const struct feel_value *const *slots)
{
	const struct feel_bindings bindings = { .slots = slots };
	struct feel_expr *expr = NULL;

	if (feel_compile_with(&expr, b->names, text, strlen(text)))
		fail_msg("%s: %s", text, pl_err_detail(PL_INVALID));
	assert_in_range(b->exprs_len, 0, 15);
	b->exprs[b->exprs_len++] = expr;
	return feel_evaluate(b->run, expr, &bindings);
}

static void assert_text(struct bench *b, const struct feel_value *v, const char *text)
{
	const struct feel_value *got = v ? feel_to_json_text(b->run, v) : NULL;

	if (!got)
		fail_msg("no value, but %s wanted", text);
	if (got->string.len != strlen(text) || memcmp(got->string.bytes, text, strlen(text)) != 0)
		fail_msg("%.*s, not %s", (int)got->string.len, got->string.bytes, text);
}

static void add(struct bench *b, const char *name, size_t slot)
{
	size_t got = 99;

	assert_int_equal(feel_names_add(b->names, &got, name, strlen(name)), PL_OK);
	assert_int_equal(got, slot);
}

static void values_stay_values_between_evaluations(void **state)
{
	const struct feel_value *slots[3];
	struct bench *b = *state;

	add(b, "due date", 0);
	slots[0] = eval(b, "date(\"2026-02-27\")", NULL);
	add(b, "add", 1);
	slots[1] = eval(b, "function(days) due date + days", slots);
	assert_text(b, eval(b, "add(@\"P2D\")", slots), "\"2026-03-01\"");
	assert_text(b, eval(b, "(due date - @\"P1M\").month", slots), "1");
	/* a later variable hides an earlier one of its name */
	add(b, "due date", 2);
	slots[2] = &feel_true;
	assert_text(b, eval(b, "due date", slots), "true");
	/* the function keeps the slots that it was made with */
	slots[0] = &feel_null;
	assert_text(b, eval(b, "add(@\"P1D\")", slots), "\"2026-02-28\"");
}

static const struct feel_value *twice(struct feel_run *run, void *arg,
				      const struct feel_value *const *args, size_t len)
{
	int *calls = arg;

	assert_int_equal(len, 1);
	++*calls;
	if (args[0]->kind != FEEL_NUMBER)
		return feel_null_because(run, "twice of nothing");
	return feel_number_of_int(feel_run_arena(run), 2 * *calls);
}

static void the_host_implements_functions(void **state)
{
	struct bench *b = *state;
	struct feel_member params[] = { { { "the n", 5 }, feel_type_named("number", 6) } };
	int calls = 0;
	struct feel_host host = { .name = "twice",
				  .fn = twice,
				  .arg = &calls,
				  .params = params,
				  .params_len = 1,
				  .result = feel_type_named("number", 6) };
	const struct feel_value *slots[1] = { feel_function(b->run, &host) }, *arg;
	const struct feel_note *notes;

	add(b, "twice", 0);
	assert_text(b, eval(b, "twice(5)", slots), "2");
	assert_text(b, eval(b, "twice(the n: [5])", slots), "4");
	assert_text(b, eval(b, "[1, 2, 3][twice(item) > 8]", slots), "[3]");
	assert_int_equal(calls, 5);
	assert_int_equal(feel_run_notes(&notes, b->run), 0);
	assert_text(b, eval(b, "twice(\"x\")", slots), "null");
	assert_int_equal(calls, 5);
	assert_text(b, eval(b, "1 +\n  twice()", slots), "null");
	assert_int_equal(feel_run_notes(&notes, b->run), 3);
	assert_non_null(strstr(notes[0].text, "a string that is not the number asked for"));
	assert_string_equal(notes[1].text, "twice takes 1 arguments, not 0");
	assert_int_equal(notes[1].line, 2);
	assert_int_equal(notes[1].column, 8);
	arg = feel_number_of_int(feel_run_arena(b->run), 1);
	assert_text(b, feel_call(b->run, slots[0], &arg, 1), "12");
	assert_text(b, feel_call(b->run, arg, &arg, 1), "null");
	/* a result of another type */
	host.result = feel_type_named("string", 6);
	slots[0] = feel_function(b->run, &host);
	assert_text(b, eval(b, "twice(1)", slots), "null");
	assert_text(b, eval(b, "twice instance of function<number> -> string", slots), "true");
}

static const struct feel_value *endless(struct feel_run *run, void *arg,
					const struct feel_value *const *args, size_t len)
{
	const struct feel_value *const *self = arg;

	return feel_call(run, *self, args, len);
}

static void a_host_that_calls_itself_is_stopped(void **state)
{
	struct bench *b = *state;
	const struct feel_value *slots[1];
	const struct feel_host host = { .name = "endless", .fn = endless, .arg = slots };

	slots[0] = feel_function(b->run, &host);
	add(b, "endless", 0);
	assert_null(eval(b, "endless()", slots));
	assert_int_equal(feel_run_err(b->run), PL_TOOLARGE);
	assert_null(eval(b, "1", slots)); /* the run is over */
	feel_run_reset(b->run);
	assert_text(b, eval(b, "1", NULL), "1");
}

static const struct feel_value *stop(struct feel_run *run, void *arg,
				     const struct feel_value *const *args, size_t len)
{
	return feel_run_fail(run, PL_NOTFOUND);
}

static void a_host_ends_the_run(void **state)
{
	struct bench *b = *state;
	const struct feel_host host = { .name = "stop", .fn = stop };
	const struct feel_value *slots[1] = { feel_function(b->run, &host) };

	add(b, "stop", 0);
	assert_null(eval(b, "[1, stop(), 2]", slots));
	assert_int_equal(feel_run_err(b->run), PL_NOTFOUND);
}

static bool is_small(struct feel_run *run, const struct feel_value *value, const void *arg)
{
	int64_t i;

	return value->kind == FEEL_NUMBER && feel_decimal_to_int(&i, value->number) && i < 100;
}

/* DMN 1.4 §10.3.2.9.4 */
static void values_are_coerced_to_types(void **state)
{
	static const struct feel_type small = { .kind = FEEL_TYPE_SIMPLE,
						.simple = FEEL_NUMBER,
						.allows = is_small };
	static const struct feel_type smalls = { .kind = FEEL_TYPE_LIST, .element = &small };
	static const struct feel_member members[] = { { { "a", 1 }, &small },
						      { { "b c", 3 }, &smalls } };
	static const struct feel_type context = { .kind = FEEL_TYPE_CONTEXT,
						  .members = members,
						  .len = 2 };
	static const struct feel_type moment = { .kind = FEEL_TYPE_SIMPLE,
						 .simple = FEEL_DATETIME };
	static const struct {
		const struct feel_type *type;
		const char *value, *coerced;
	} rows[] = {
		{ &small, "5", "5" },
		{ &small, "[5]", "5" },
		{ &small, "[5, 6]", "null" },
		{ &small, "500", "null" },
		{ &small, "\"5\"", "null" },
		{ &small, "null", "null" },
		{ &smalls, "[1, 2]", "[1,2]" },
		{ &smalls, "1", "[1]" },
		{ &smalls, "[1, 200]", "null" },
		{ &smalls, "[[1], 2]", "[1,2]" },
		{ &smalls, "[]", "[]" },
		{ &context, "{a: [1], b c: 2, d: 3}", "{\"a\":1,\"b c\":[2],\"d\":3}" },
		{ &context, "{a: 1}", "null" },
		{ &context, "{a: 1, b c: 500}", "null" },
		{ &context, "{a: null, b c: null}", "{\"a\":null,\"b c\":null}" },
		{ &moment, "@\"2026-01-31\"", "\"2026-01-31T00:00:00Z\"" },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct feel_note *notes;
		const struct feel_value *v;

		b->exprs_len ? feel_free(b->exprs[--b->exprs_len]) : (void)0;
		feel_run_reset(b->run);
		v = feel_coerce(b->run, eval(b, rows[i].value, NULL), rows[i].type);
		assert_text(b, v, rows[i].coerced);
		if (v->kind == FEEL_NULL && strcmp(rows[i].value, "null") != 0)
			assert_int_equal(feel_run_notes(&notes, b->run), 1);
	}
	assert_int_equal(feel_names_add_type(b->names, "my type", 7, &context), PL_OK);
	assert_text(b, eval(b, "{a: 1, b c: [1]} instance of my type", NULL), "true");
	assert_text(b, eval(b, "{a: 1000, b c: [1]}.b c", NULL), "[1]");
	assert_text(b, eval(b, "(function(x: my type) x.b c)({a: 1, b c: 7})", NULL), "[7]");
}

static void json_has_all_digits(void **state)
{
	struct bench *b = *state;

	assert_text(b, eval(b, "[0.1 + 0.2, 1/3, 10**33, -0, 1e-7]", NULL),
		    "[0.3,0.3333333333333333333333333333333333,"
		    "1000000000000000000000000000000000,0,0.0000001]");
	assert_text(
		b,
		eval(b, "{\"a\\\"b\": \"\\u0001\\n\\\\\", d: @\"P1D\", r: [1..2), f: abs}", NULL),
		"{\"a\\\"b\":\"\\u0001\\n\\\\\",\"d\":\"P1D\",\"r\":\"[1..2)\",\"f\":\"function\"}");
	assert_text(b, eval(b, "[[], {}, [{}], true, null]", NULL), "[[],{},[{}],true,null]");
}

static void notes_say_where(void **state)
{
	static const struct {
		const char *text, *note;
		unsigned line, column;
	} rows[] = {
		{ "1 + \"a\"", "a number and a string have no such operation", 1, 3 },
		{ "[1,\n 2,\n  3 / 0]", "division by 0", 3, 5 },
		{ "\"Grüße\" + 1", "", 1, 9 },
		{ "{a: {b: 1}}.c.d", "the context has no entry c", 1, 12 },
		{ "nobody", "there is no variable nobody", 1, 1 },
		{ "substring(\"a\", 0)", "start position", 1, 1 },
		{ "if 1 < \"a\" then 1 else 2", "can't be compared", 1, 6 },
		{ "(function(x)\n x + 1)(\"a\")", "", 2, 4 },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct feel_note *notes;

		feel_run_reset(b->run);
		assert_non_null(eval(b, rows[i].text, NULL));
		assert_true(feel_run_notes(&notes, b->run) >= 1);
		if (!strstr(notes[0].text, rows[i].note) || notes[0].line != rows[i].line ||
		    notes[0].column != rows[i].column)
			fail_msg("%s: line %u, column %u: %s", rows[i].text, notes[0].line,
				 notes[0].column, notes[0].text);
	}
	feel_run_reset(b->run);
	assert_text(b, eval(b, "count(for i in 1..1000 return i / 0)", NULL), "1000");
	{
		const struct feel_note *notes;

		assert_int_equal(feel_run_notes(&notes, b->run), 1000);
		assert_non_null(notes[FEEL_NOTES_MAX - 1].text);
	}
}

static void names_are_checked(void **state)
{
	struct bench *b = *state;

	assert_int_equal(feel_names_add(b->names, NULL, "", 0), PL_INVALID);
	assert_int_equal(feel_names_add(b->names, NULL, "  ", 2), PL_INVALID);
	assert_int_equal(feel_names_add(b->names, NULL, "\xff", 1), PL_INVALID);
	assert_int_equal(feel_names_add_key(b->names, "a\0b", 3), PL_INVALID);
	add(b, " spaced   out ", 0);
	assert_text(b, eval(b, "spaced out", (const struct feel_value *const[]){ &feel_true }),
		    "true");
}

static void values_of_json_are_as_the_others(void **state)
{
	json_t *json = json_pack("{s:[i,f,b,n],s:{s:s}}", "l", 1, 2.5, 1, "c", "x", "y");
	struct bench *b = *state;
	const struct feel_value *slots[1];

	assert_non_null(json);
	slots[0] = feel_of_json(b->run, json);
	add(b, "j", 0);
	assert_text(b, eval(b, "j.l[2] * 2", slots), "5");
	assert_text(b, eval(b, "j.c = {x: \"y\"}", slots), "true");
	assert_text(b, eval(b, "j", slots), "{\"l\":[1,2.5,true,null],\"c\":{\"x\":\"y\"}}");
	json_decref(json);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(values_stay_values_between_evaluations),
		TEST(the_host_implements_functions),
		TEST(a_host_that_calls_itself_is_stopped),
		TEST(a_host_ends_the_run),
		TEST(values_are_coerced_to_types),
		TEST(json_has_all_digits),
		TEST(notes_say_where),
		TEST(names_are_checked),
		TEST(values_of_json_are_as_the_others),
	};

	return cmocka_run_group_tests_name("feel-run", tests, NULL, NULL);
}
