/*
 * template_test.c — places of a template.
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

#include "template.h"

static void test_fills(void **state)
{
	static const struct {
		const char *text, *filled;
	} rows[] = {
		{ "plain", "plain" },
		{ "Hello {name}.", "Hello Ada." },
		{ "Hello {name|you}.", "Hello Ada." },
		{ "Hello {nobody|you}.", "Hello you." },
		{ "Hello {nobody}.", "Hello ." },
		{ "{empty|x}{number|y}", "x1" },
		{ "{{name}", "{name}" },
		{ "{trick}", "{name}" }, /* what a customer wrote isn't filled in */
		{ "a}b", "a}b" },
		{ "{name}{name}", "AdaAda" },
		{ "", "" },
	};
	json_t *values = json_pack("{s:s, s:s, s:i, s:s}", "name", "Ada", "trick", "{name}",
				   "number", 1, "empty", "");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *filled = NULL;

		assert_int_equal(template_check(rows[i].text), PL_OK);
		assert_int_equal(template_fill(&filled, rows[i].text, values), PL_OK);
		assert_string_equal(filled, rows[i].filled);
		free(filled);
	}
	json_decref(values);
}

static void test_refuses(void **state)
{
	static const char *const rows[] = {
		"{",	 "{}",
		"{1a}",	 "{a b}",
		"{name", "x {na-me} y",
		"{|x}",	 "{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}"
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(template_check(rows[i]), PL_INVALID);
}

/* A value is cut between characters, many of them are refused. */
static void test_long_values(void **state)
{
	char value[2 * TEMPLATE_VALUE_BYTES], text[TEMPLATE_BYTES] = "", *filled = NULL;
	json_t *values;

	memset(value, 0, sizeof(value));
	value[0] = 'x';
	for (size_t i = 1; i + 2 < sizeof(value); i += 2)
		memcpy(value + i, "\xc3\xa9", 2);
	values = json_pack("{s:s}", "v", value);
	assert_non_null(values);
	assert_int_equal(template_fill(&filled, "{v}", values), PL_OK);
	assert_int_equal(strlen(filled), TEMPLATE_VALUE_BYTES - 1);
	free(filled);
	for (size_t i = 0; i + 4 < sizeof(text); i += 3)
		memcpy(text + i, "{v}", 3);
	assert_int_equal(template_fill(&filled, text, values), PL_TOOLARGE);
	json_decref(values);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fills),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_long_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
