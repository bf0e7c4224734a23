/*
 * page_test.c — lists are paged through without a gap or a repeat; hostile limits and cursors are
 * refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pelago/json.h"
#include "pelago/page.h"

/* The next page of names as a store would select it; *cursorp is given and renewed, NULL after the
 * last. */
static json_t *next_page(json_t **cursorp, int limit, const char *const *names)
{
	struct pl_page page;
	json_t *query = json_pack("{s:i, s:o?}", "limit", limit, "cursor", *cursorp), *answer;

	assert_int_equal(pl_page_read(&page, query, "names"), PL_OK);
	for (size_t i = 0; names[i]; i++)
		if (strcmp(names[i], page.after) > 0)
			pl_page_add(&page, json_string(names[i]), "%s", names[i]);
	json_decref(query);
	answer = pl_page_answer(&page);
	assert_non_null(answer);
	assert_int_equal(json_object_size(answer), 2);
	*cursorp = json_is_null(json_object_get(answer, "cursor"))
			   ? NULL
			   : json_incref(json_object_get(answer, "cursor"));
	return answer;
}

static void assert_shown(json_t *answer, const char *wanted)
{
	char shown[200] = "";
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(answer, "items"), i, item)
		snprintf(shown + strlen(shown), sizeof(shown) - strlen(shown), "%s ",
			 json_string_value(item));
	assert_string_equal(shown, wanted);
	json_decref(answer);
}

static void pages_follow_each_other(void **state)
{
	static const char *const names[] = { "a", "b:c", "d", "e", "ü", NULL };
	json_t *cursor = NULL;

	assert_shown(next_page(&cursor, 2, names), "a b:c ");
	assert_string_equal(json_string_value(cursor), "names:Yjpj");
	assert_shown(next_page(&cursor, 2, names), "d e ");
	assert_shown(next_page(&cursor, 2, names), "ü ");
	assert_null(cursor);
	assert_shown(next_page(&cursor, 5, names), "a b:c d e ü "); /* just full: no more */
	assert_null(cursor);
	assert_shown(next_page(&cursor, 5, (const char *[]){ NULL }), "");
	assert_null(cursor);
}

static void pages_go_on_when_rows_come_and_go(void **state)
{
	json_t *cursor = NULL;

	assert_shown(next_page(&cursor, 2, (const char *[]){ "b", "d", "f", NULL }), "b d ");
	/* the last one shown is gone, one before and one behind are new */
	assert_shown(next_page(&cursor, 2, (const char *[]){ "a", "b", "e", "f", NULL }), "e f ");
	assert_null(cursor);
}

static void a_list_in_memory_is_sorted(void **state)
{
	static const char *const names[] = { "d", "a", "e", "c", "b", "ab" };
	static const char *const wanted[] = { "a ab ", "b c ", "d e " };
	json_t *cursor = NULL;

	for (int p = 0; p < 3; p++) {
		json_t *query = json_pack("{s:s, s:o?}", "limit", "2", "cursor", cursor), *answer;
		struct pl_page page;

		assert_int_equal(pl_page_read(&page, query, "l"), PL_OK);
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			pl_page_keep(&page, json_string(names[i]), "%s", names[i]);
		json_decref(query);
		answer = pl_page_answer(&page);
		cursor = json_incref(json_object_get(answer, "cursor"));
		assert_shown(answer, wanted[p]);
	}
	assert_true(json_is_null(cursor));
}

/* Two of a page's rows are looked at, those with a 'x' are skipped. */
static void a_page_may_end_early(void **state)
{
	static const char *const names[] = { "a", "bx", "cx", "dx", "e", NULL };
	static const char *const wanted[] = { "a ", "", "e " };
	json_t *cursor = NULL;

	for (int p = 0; p < 3; p++) {
		json_t *query = json_pack("{s:o?}", "cursor", cursor), *answer;
		const char *last = NULL;
		struct pl_page page;
		int seen = 0;

		assert_int_equal(pl_page_read(&page, query, "l"), PL_OK);
		for (size_t i = 0; names[i]; i++) {
			if (strcmp(names[i], page.after) <= 0)
				continue;
			if (seen++ == 2) {
				pl_page_stop(&page, "%s", last);
				break;
			}
			last = names[i];
			if (!strchr(last, 'x'))
				pl_page_add(&page, json_string(last), "%s", last);
		}
		json_decref(query);
		answer = pl_page_answer(&page);
		cursor = json_incref(json_object_get(answer, "cursor"));
		assert_shown(answer, wanted[p]);
	}
	assert_true(json_is_null(cursor));
}

static void a_full_page_ends_at_its_last_item(void **state)
{
	json_t *query = json_pack("{s:i}", "limit", 1), *answer;
	struct pl_page page;

	assert_int_equal(pl_page_read(&page, query, "names"), PL_OK);
	pl_page_add(&page, json_string("b:c"), "b:c");
	pl_page_add(&page, json_string("d"), "d");
	pl_page_stop(&page, "d");
	pl_page_add(&page, json_string("e"), "e");
	json_decref(query);
	answer = pl_page_answer(&page);
	assert_string_equal(pl_json_get_text(answer, "cursor"), "names:Yjpj");
	assert_shown(answer, "b:c ");
}

static void numbers_and_texts_make_a_key(void **state)
{
	json_t *query = json_pack("{s:s}", "cursor", "l:LTEyOmI6Yw");
	const char *text = "none";
	int64_t number = INT64_MAX;
	struct pl_page page;

	assert_int_equal(pl_page_read(&page, NULL, "l"), PL_OK);
	assert_int_equal(pl_page_split(&page, &number, &text), PL_OK);
	assert_true(number == INT64_MAX);
	assert_string_equal(text, "none");
	assert_int_equal(pl_page_read(&page, query, "l"), PL_OK);
	assert_int_equal(pl_page_split(&page, &number, &text), PL_OK);
	assert_int_equal(number, -12);
	assert_string_equal(text, "b:c");
	for (size_t i = 0; i < 4; i++) {
		snprintf(page.after, sizeof(page.after), "%s",
			 ((const char *[]){ "a", ":b", "1", "99999999999999999999:a" })[i]);
		assert_int_equal(pl_page_split(&page, &number, &text), PL_INVALID);
		assert_string_equal(pl_err_detail(PL_INVALID), "cursor: not one of this list");
	}
	json_decref(query);
}

static void hostile_limits_and_cursors_are_refused(void **state)
{
	static const struct {
		const char *query, *why;
	} rows[] = {
		{ "{\"limit\":\"0\"}", "limit: must be from 1 to 200" },
		{ "{\"limit\":\"201\"}", "limit: must be from 1 to 200" },
		{ "{\"limit\":\"99999999999999999999999999\"}", "limit: must be from 1 to 200" },
		{ "{\"limit\":0}", "limit: must be from 1 to 200" },
		{ "{\"limit\":9223372036854775807}", "limit: must be from 1 to 200" },
		{ "{\"limit\":\"\"}", "limit: must be a whole number" },
		{ "{\"limit\":\"-1\"}", "limit: must be a whole number" },
		{ "{\"limit\":\" 1\"}", "limit: must be a whole number" },
		{ "{\"limit\":\"1x\"}", "limit: must be a whole number" },
		{ "{\"limit\":\"0x10\"}", "limit: must be a whole number" },
		{ "{\"limit\":1.0}", "limit: must be a whole number" },
		{ "{\"limit\":[1]}", "limit: must be a whole number" },
		{ "{\"cursor\":\"b\"}", "cursor: not one of this list" },
		{ "{\"cursor\":\"names\"}", "cursor: not one of this list" },
		{ "{\"cursor\":\"names:\"}", "cursor: not one of this list" },
		{ "{\"cursor\":\"Names:b\"}", "cursor: not one of this list" },
		{ "{\"cursor\":\"others:Yjpj\"}", "cursor: not one of this list" },
		{ "{\"cursor\":\"names:Yjp j\"}", "cursor: not one of this list" },
		{ "{\"cursor\":\"names:Yjpj=\"}", "cursor: not one of this list" },
		{ "{\"cursor\":\"names:Y\"}", "cursor: not one of this list" },
		{ "{\"cursor\":\"names:/+Y\"}", "cursor: not one of this list" },
		{ "{\"cursor\":\"names:YQBi\"}", "cursor: not one of this list" },   /* a NUL */
		{ "{\"cursor\":\"names:_____w\"}", "cursor: not one of this list" }, /* no UTF-8 */
		{ "{\"cursor\":7}", "cursor: must be a text" },
	};
	struct pl_page page;
	char huge[1700];
	json_t *query;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		query = json_loads(rows[i].query, 0, NULL);
		assert_int_equal(pl_page_read(&page, query, "names"), PL_INVALID);
		assert_string_equal(pl_err_detail(PL_INVALID), rows[i].why);
		json_decref(query);
	}
	memcpy(huge, "names:", 6);
	for (size_t i = 6; i < sizeof(huge); i++)
		huge[i] = "YWFh"[(i - 6) % 4]; /* "aaa…" */
	for (size_t bytes = 1092; bytes < 1200; bytes += 3) {
		query = json_pack("{s:s#}", "cursor", huge, (int)(6 + bytes / 3 * 4));
		assert_int_equal(pl_page_read(&page, query, "names"),
				 bytes <= PL_PAGE_KEY_MAX ? PL_OK : PL_INVALID);
		json_decref(query);
	}
	query = json_pack("{s:n, s:n}", "limit", "cursor");
	assert_int_equal(pl_page_read(&page, query, "names"), PL_OK);
	assert_int_equal(page.limit, 50); /* as docs/api has it */
	json_decref(query);
	query = json_pack("{s:s, s:s}", "limit", "007", "cursor", "");
	assert_int_equal(pl_page_read(&page, query, "names"), PL_OK);
	assert_int_equal(page.limit, 7);
	assert_string_equal(page.after, "");
	json_decref(query);
}

/* Nothing is left out in silence. */
static void what_cannot_be_shown_fails(void **state)
{
	struct pl_page page;
	char huge[PL_PAGE_KEY_MAX + 2];

	pl_page_read(&page, NULL, "l");
	pl_page_add(&page, json_integer(1), "a");
	pl_page_add(&page, NULL, "b"); /* no memory */
	pl_page_add(&page, json_integer(3), "c");
	assert_null(pl_page_answer(&page));
	memset(huge, 'x', sizeof(huge));
	huge[sizeof(huge) - 1] = '\0';
	pl_page_read(&page, NULL, "l");
	pl_page_keep(&page, json_integer(1), "%s", huge);
	pl_page_keep(&page, json_integer(2), "a");
	assert_null(pl_page_answer(&page));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_follow_each_other),
		cmocka_unit_test(pages_go_on_when_rows_come_and_go),
		cmocka_unit_test(a_list_in_memory_is_sorted),
		cmocka_unit_test(a_page_may_end_early),
		cmocka_unit_test(a_full_page_ends_at_its_last_item),
		cmocka_unit_test(numbers_and_texts_make_a_key),
		cmocka_unit_test(hostile_limits_and_cursors_are_refused),
		cmocka_unit_test(what_cannot_be_shown_fails),
	};

	return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
