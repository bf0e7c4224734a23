/*
 * pack_test.c — texts packed and opened, and what isn't packed.
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

#include "engines/pack/pack.h"

enum { MAX = 1000000 };

static void texts_come_back(void **state)
{
	static const size_t lens[] = { 0, 1, 100, 65535, 65536, 65537, MAX };
	char *text = malloc(MAX), *packed = NULL, *again = NULL;
	size_t len;

	(void)state;
	for (size_t i = 0; i < MAX; i++)
		text[i] = (char)(' ' + i * i % 91);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		assert_int_equal(pack_text(&packed, text, lens[i]), PL_OK);
		assert_int_equal(pack_open(&again, &len, packed, strlen(packed), MAX), PL_OK);
		assert_int_equal(len, lens[i]);
		assert_memory_equal(again, text, len);
		assert_int_equal(again[len], 0);
		free(again);
		free(packed);
	}
	free(text);
}

/* A bomb is not unpacked; what is broken is told. */
static void what_is_not_packed_is_refused(void **state)
{
	/* gzip of "ab", and of "" twice */
	static const char good[] = "H4sIAAAAAAAAA0tMAgBtSIOeAgAAAA==";
	static const struct {
		const char *packed;
		enum pl_err err;
	} rows[] = {
		{ good, PL_OK },
		{ "", PL_INVALID },
		{ "!", PL_INVALID },
		{ "YWJj", PL_INVALID },
		{ "H4sIAAAAAAAAA0tMAgBtSIOeAgAA", PL_INVALID },
		{ "H4sIAAAAAAAAA0tMAgBtSIOeAwAAAA==", PL_INVALID },
		{ "H4sIAAAAAAAAA0tMAgBtSIOeAgAAAAAA", PL_INVALID },
	};
	char *text = calloc(1, MAX), *packed = NULL, *again = NULL;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum pl_err err =
			pack_open(&again, &len, rows[i].packed, strlen(rows[i].packed), MAX);

		if (err != rows[i].err)
			fail_msg("row %zu: %d", i, (int)err);
		if (!err)
			assert_string_equal(again, "ab");
		free(again);
		again = NULL;
	}
	assert_int_equal(pack_text(&packed, text, MAX), PL_OK);
	assert_true(strlen(packed) < 2000);
	assert_int_equal(pack_open(&again, &len, packed, strlen(packed), MAX - 1), PL_TOOLARGE);
	assert_int_equal(pack_open(&again, &len, packed, strlen(packed), 10), PL_TOOLARGE);
	assert_int_equal(pack_open(&again, &len, packed, strlen(packed), MAX), PL_OK);
	free(again);
	free(packed);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_back),
		cmocka_unit_test(what_is_not_packed_is_refused),
	};

	return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
