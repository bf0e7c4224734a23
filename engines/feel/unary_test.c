/*
 * unary_test.c — unary tests, as the cells of decision tables have them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engines/feel/feel.h"

static const struct {
	const char *tests, *tested, *passes; /* tested: an expression */
} cells[] = {
	{ "-", "1", "true" },
	{ "-", "null", "true" },
	{ " - ", "\"x\"", "true" },
	{ "5", "5", "true" },
	{ "5", "6", "false" },
	{ "-5", "-5", "true" },
	{ "\"a\", \"b\"", "\"b\"", "true" },
	{ "\"a\", \"b\"", "\"c\"", "false" },
	{ "\"a\"", "1", "null" },
	{ "< 5", "4", "true" },
	{ "< 5, > 10", "11", "true" },
	{ ">= 5", "null", "null" },
	{ "= 5", "5", "true" },
	{ "!= 5", "5", "false" },
	{ "[1..3]", "3", "true" },
	{ "[1..3)", "3", "false" },
	{ "(1..3)", "2", "true" },
	{ "]1..3[, 7", "7", "true" },
	{ "(< 3)", "2", "true" },
	{ "[1, 2, 3]", "2", "true" },
	{ "[1, 2, 3]", "[1, 2, 3]", "true" },
	{ "[[1..2], [5..6]]", "5", "true" },
	{ "null", "null", "true" },
	{ "null", "1", "false" },
	{ "not(1)", "2", "true" },
	{ "not(1, 2)", "2", "false" },
	{ "not([1..3], \"a\")", "4", "null" },
	{ "not (< 5)", "6", "true" },
	{ "not(null)", "1", "true" },
	{ "not(? > 5)", "6", "false" },
	{ "not(true) = false", "true", "true" }, /* no negation: an expression */
	{ "? > 5", "6", "true" },
	{ "? > 5 and ? < 7", "7", "false" },
	{ "? * 2 = 4, 9", "9", "true" },
	{ "starts with(?, \"a\")", "\"abc\"", "true" },
	{ "count(?) > 1", "[1, 2]", "true" },
	{ "? in [1, 2]", "2", "true" },
	{ "[?, 3]", "7", "true" },
	{ "?.a = 1", "{a: 1}", "true" },
	{ "?[1] = 1", "[1]", "true" },
	{ "some x in ? satisfies x = 2", "[1, 2]", "true" },
	{ "(function(n) n = ?)(3)", "3", "true" },
	{ "? + \"x\"", "1", "null" },
	{ "limit", "10", "true" },
	{ "< limit", "9", "true" },
	{ "[limit..limit + 5]", "12", "true" },
	{ "upper limit - 5", "15", "true" },
	{ "limit > 5", "\"anything\"", "null" }, /* a value to equal, without ? */
	{ "limit > 5", "true", "true" },
	{ "?", "false", "true" },
	{ "?", "null", "true" },
	{ "true", "false", "false" },
	{ "true", "\"anything\"", "null" },
	{ "date(\"2026-01-31\")", "@\"2026-01-31\"", "true" },
	{ "< @\"2026-01-31\"", "@\"2026-01-30\"", "true" },
};

static const struct {
	const char *tests, *detail;
} refusals[] = {
	{ "", "expected a value, found the end" },
	{ "1,", "column 3: expected a value, found the end" },
	{ "1 2", "column 3: expected an operator or the end, found a number" },
	{ "not(1", "column 6: expected ), found the end" },
	{ "- 1 -", "expected a value" },
	{ "< < 1", "expected a value, found <" },
};

static const struct feel_value *value_of(struct feel_run *run, struct feel_expr **exprp,
					 const char *text)
{
	const struct feel_value *v;

	assert_int_equal(feel_compile_with(exprp, NULL, text, strlen(text)), PL_OK);
	v = feel_evaluate(run, *exprp, NULL);
	assert_non_null(v);
	return v;
}

static const char *truth_text(const struct feel_value *v)
{
	return v->kind != FEEL_BOOLEAN ? "null" : v->truth ? "true" : "false";
}

/* EDR-4 */
static void cells_pass_or_do_not(void **state)
{
	static const char limit[] = "limit", upper[] = "upper limit";
	struct feel_names *names = NULL;

	assert_int_equal(feel_names_new(&names), PL_OK);
	assert_int_equal(feel_names_add(names, NULL, limit, strlen(limit)), PL_OK);
	assert_int_equal(feel_names_add(names, NULL, upper, strlen(upper)), PL_OK);
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		struct feel_expr *tests = NULL, *tested_expr = NULL;
		const struct feel_value *slots[2], *tested, *passes;
		struct feel_run *run = NULL;

		assert_int_equal(feel_run_new(&run, NULL), PL_OK);
		slots[0] = feel_number_of_int(feel_run_arena(run), 10);
		slots[1] = feel_number_of_int(feel_run_arena(run), 20);
		tested = value_of(run, &tested_expr, cells[i].tested);
		if (feel_compile_tests(&tests, names, cells[i].tests, strlen(cells[i].tests)))
			fail_msg("%s: %s", cells[i].tests, pl_err_detail(PL_INVALID));
		passes = feel_test(run, tests, slots, tested);
		assert_non_null(passes);
		if (strcmp(truth_text(passes), cells[i].passes) != 0)
			fail_msg("%s of %s: %s", cells[i].tests, cells[i].tested,
				 truth_text(passes));
		feel_run_free(run);
		feel_free(tests);
		feel_free(tested_expr);
	}
	feel_names_free(names);
}

static void what_are_no_tests_is_refused(void **state)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct feel_expr *tests = NULL;
		enum pl_err err = feel_compile_tests(&tests, NULL, refusals[i].tests,
						     strlen(refusals[i].tests));

		if (err != PL_INVALID || !strstr(pl_err_detail(err), refusals[i].detail))
			fail_msg("%s: %s", refusals[i].tests, pl_err_detail(err));
		assert_null(tests);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_pass_or_do_not),
		cmocka_unit_test(what_are_no_tests_is_refused),
	};

	return cmocka_run_group_tests_name("feel-unary", tests, NULL, NULL);
}
