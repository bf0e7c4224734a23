/*
 * text_test.c — what a note may say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "notes.h"

static void a_note_says_something(void **unused)
{
	(void)unused;
	assert_int_equal(text_check("hello", 200), PL_OK);
	assert_int_equal(text_check("", 200), PL_INVALID);
	assert_int_equal(text_check(" \n", 200), PL_INVALID);
}

static void its_characters_are_counted_not_its_bytes(void **unused)
{
	(void)unused;
	assert_int_equal(text_check("größer", 6), PL_OK);
	assert_int_equal(text_check("größer", 5), PL_INVALID);
	assert_string_equal(pl_err_detail(PL_INVALID),
			    "the note has 6 characters; at most 5 are taken");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_note_says_something),
		cmocka_unit_test(its_characters_are_counted_not_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
