/*
 * err_test.c — the error table is whole and the sentence survives.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pelago/err.h"

static void every_row_is_filled(void **state)
{
	(void)state;
	for (int i = 0; i < PL_ERR_COUNT; i++) {
		const struct pl_err_row *row = pl_err_row((enum pl_err)i);

		assert_true(row->name[0] && row->wire[0] && row->text[0]);
		assert_in_range(row->http, 200, 599);
		assert_in_range(row->exit, 0, 4);
	}
	assert_string_equal(pl_err_row((enum pl_err)999)->name, "INTERNAL");
}

static void wire_names_come_back(void **state)
{
	(void)state;
	assert_int_equal(pl_err_from_wire("badRequest"), PL_INVALID);
	assert_int_equal(pl_err_from_wire("unavailable"), PL_UNAVAILABLE);
	assert_int_equal(pl_err_from_wire("nonsense"), PL_INTERNAL);
	assert_int_equal(pl_err_from_wire(NULL), PL_INTERNAL);
}

static void detail_is_kept_and_cut(void **state)
{
	char big[2000];

	(void)state;
	pl_err_clear();
	assert_string_equal(pl_err_detail(PL_STATE), pl_err_row(PL_STATE)->text);
	assert_int_equal(pl_fail(PL_INVALID, "max_wait: %d s", 0), PL_INVALID);
	assert_string_equal(pl_err_detail(PL_INVALID), "max_wait: 0 s");
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	pl_fail(PL_INVALID, "%s", big);
	assert_int_equal(strlen(pl_err_detail(PL_INVALID)), 511);
}

static void a_sentence_may_contain_the_one_of_before(void **state)
{
	(void)state;
	pl_fail(PL_INVALID, "name: is missing");
	pl_fail(PL_STATE, "the list is malformed: %s", pl_err_detail(PL_INVALID));
	assert_string_equal(pl_err_detail(PL_STATE), "the list is malformed: name: is missing");
}

static void detail_stays_utf8(void **state)
{
	static const struct {
		const char *given, *kept;
	} rows[] = {
		{ "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
		  "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "a\xe2\x82 b", "a?? b" },
		{ "a\xf0\x9f\x98", "a???" },
		{ "\x80\xc0\xaf\xff", "????" },
		{ "\xed\xa0\x80\xe0\x80\x80", "??????" },
		{ "\xf4\x90\x80\x80", "????" },
	};
	char big[700];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pl_fail(PL_INVALID, "%s", rows[i].given);
		assert_string_equal(pl_err_detail(PL_INVALID), rows[i].kept);
	}
	for (size_t i = 0; i + 3 < sizeof(big); i += 3)
		memcpy(big + i, "\xe2\x82\xac", 4);
	pl_fail(PL_INVALID, "%s", big); /* 511 bytes: 170 characters and a byte */
	assert_string_equal(pl_err_detail(PL_INVALID) + 507, "\xe2\x82\xac?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_filled),
		cmocka_unit_test(wire_names_come_back),
		cmocka_unit_test(detail_is_kept_and_cut),
		cmocka_unit_test(a_sentence_may_contain_the_one_of_before),
		cmocka_unit_test(detail_stays_utf8),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
