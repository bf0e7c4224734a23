/*
 * spell_test.c — the nearest of the valid words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engines/spell/spell.h"

static void edits(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned edits;
	} rows[] = {
		{ "", "", 0 },
		{ "abc", "abc", 0 },
		{ "abc", "ABC", 0 },
		{ "", "abc", 3 },
		{ "abc", "", 3 },
		{ "abc", "abd", 1 },
		{ "abc", "acb", 1 },
		{ "abc", "ab", 1 },
		{ "abc", "xabc", 1 },
		{ "ca", "abc", 3 },
		{ "chat", "caht", 1 },
		{ "kitten", "sitting", 3 },
		{ "DataView", "DatVaiew", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(spell_distance(rows[i].a, rows[i].b), rows[i].edits);
	assert_int_equal(spell_distance("0123456789012345678901234567890123456789x", "x"),
			 2 * SPELL_MOST);
}

static void nearest(void **state)
{
	static const char *const words[] = { "Chat", "SMS", "Social", "Bot", NULL };
	static const char *const none[] = { NULL };

	(void)state;
	assert_string_equal(spell_nearest("Caht", words), "Chat");
	assert_string_equal(spell_nearest("sm", words), "SMS");
	assert_string_equal(spell_nearest("Soziale", words), "Social");
	assert_null(spell_nearest("Telephone", words));
	assert_null(spell_nearest("Chat", none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits),
		cmocka_unit_test(nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
