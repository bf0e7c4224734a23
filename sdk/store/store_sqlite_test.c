/*
 * store_sqlite_test.c — the dialect, and what only a file has: its mode, its disk, its memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "store_test.h"

static void address_is_checked(void **state)
{
	struct pl_store *store;

	(void)state;
	fails(pl_store_open(&store, ""), PL_INVALID);
	fails(pl_store_open(&store, "mysql://x"), PL_INVALID);
	fails(pl_store_open(&store, "sqlite:"), PL_INVALID);
	fails(pl_store_open(&store, "sqlite::memory:"), PL_INVALID);
	fails(pl_store_open(&store, "sqlite:/nowhere/at/all.db"), PL_IO);
	fails(pl_store_open(&store, "sqlite:/"), PL_IO);
}

static void shape_of_utf8(void **state)
{
	(void)state;
	assert_true(store_is_utf8("", 0));
	assert_true(store_is_utf8("\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80", 14));
	assert_false(store_is_utf8("\xf0\x8f\xbf\xbf", 4));
	assert_false(store_is_utf8("\xf5\x80\x80\x80", 4));
	assert_false(store_is_utf8("\xe2\x82", 2));
	assert_false(store_is_utf8("\xc3(", 2));
}

static void words_are_rewritten(void **state)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{ "a BLOB, BLOBS, _BLOB, blob", "a <B>, BLOBS, _BLOB, blob" },
		{ "'BLOB''s' \"BLOB\" /* BLOB */ BLOB -- BLOB\nBLOB",
		  "'BLOB''s' \"BLOB\" /* BLOB */ <B> -- BLOB\n<B>" },
		{ "in PL_LIST($1) and b in PL_LIST( $2 )", "<$1> and b < $2 >" },
		{ "PL_LIST", "PL_LIST" },
		{ "PL_LIST(", "PL_LIST(" },
		{ "in PL_LIST(", "<>" },
		{ "min PL_LIST($1)", "min PL_LIST($1)" },
		{ "'open PL_LIST($1)", "'open PL_LIST($1)" },
		{ "/* open BLOB", "/* open BLOB" },
		{ "(a TEXT) PL_BY_KEY; PL_BY_KEYS", "(a TEXT) <K>; PL_BY_KEYS" },
		{ "", "" },
	};
	static const struct store_driver driver = {
		.list_before = "<", .list_after = ">", .blob = "<B>", .by_key = "<K>"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = store_rewrite(&driver, cases[i].from);

		assert_string_equal(text, cases[i].to);
		free(text);
	}
}

static void files_are_private(void **state)
{
	const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	struct stat st;
	int64_t epoch;
	char path[128];

	(void)state;
	ok(pl_store_own(t.store, &epoch));
	ok(insert_one(t.store, "a"));
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(path, sizeof(path), "%s%s", t.path, ends[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	assert_true(pl_store_free_bytes(t.store) > 0);
	assert_int_equal(one(t.store, "pragma synchronous"), 2);
	assert_int_equal(one(t.store, "pragma journal_mode = wal"), 0);
}

static void fill(const char *prefix, enum pl_err *errp)
{
	static char big[20000];
	char id[16];

	memset(big, 'x', sizeof(big));
	for (int i = 0; i < 200; i++) {
		snprintf(id, sizeof(id), "%s%d", prefix, i);
		*errp = pl_store_exec(t.store, insert, "sidb", id, (int64_t)i, 0.0, big,
				      sizeof(big));
		if (*errp)
			return;
	}
}

static void full_then_room(void (*shrink)(void), void (*grow)(void))
{
	enum pl_err err = PL_OK;
	int64_t before;

	ok(insert_one(t.store, "before"));
	shrink();
	ok(pl_store_begin(t.store));
	fill("in", &err);
	if (err)
		assert_int_equal(pl_store_commit(t.store, 1), err);
	else
		err = pl_store_commit(t.store, 1);
	fails(err, PL_FULL);
	assert_int_equal(count(t.store), 1);
	for (int i = 0; i < 3; i++) {
		err = PL_OK;
		fill(i ? "more" : "again", &err); /* a transaction each */
	}
	fails(err, PL_FULL);
	before = count(t.store);
	grow();
	err = PL_OK;
	fill("after", &err);
	ok(err);
	assert_int_equal(count(t.store), before + 200);
	assert_int_equal(one(t.store, "select count(*) from item where id = 'before'"), 1);
	ok(pl_store_script(t.store, "delete from item"));
}

static void pages_few(void)
{
	one(t.store, "pragma max_page_count = 40");
}

static void pages_many(void)
{
	one(t.store, "pragma max_page_count = 1000000");
}

static struct rlimit no_limit;

static void file_size_small(void)
{
	struct rlimit small;

	getrlimit(RLIMIT_FSIZE, &no_limit);
	small = (struct rlimit){ .rlim_cur = 300000, .rlim_max = no_limit.rlim_max };
	setrlimit(RLIMIT_FSIZE, &small);
}

static void file_size_any(void)
{
	setrlimit(RLIMIT_FSIZE, &no_limit);
}

static void a_full_database_rolls_back(void **state)
{
	(void)state;
	full_then_room(pages_few, pages_many);
}

static void a_full_disk_rolls_back(void **state)
{
	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	full_then_room(file_size_small, file_size_any);
	assert_int_equal(one(t.store, "select count(*) from pragma_integrity_check "
				      "where integrity_check = 'ok'"),
			 1);
}

static void sqlite_memory_runs_out(void **state)
{
	size_t len = 4000000;
	char *big = calloc(1, len);
	enum pl_err err;

	(void)state;
	assert_non_null(big);
	ok(insert_one(t.store, "a"));
	sqlite3_hard_heap_limit64(sqlite3_memory_used() + 1000000);
	ok(pl_store_begin(t.store));
	err = pl_store_exec(t.store, insert, "sidb", "big", (int64_t)0, 0.0, big, len);
	fails(err, PL_NOMEM);
	fails(pl_store_commit(t.store, 1), PL_NOMEM);
	sqlite3_hard_heap_limit64(0);
	assert_int_equal(count(t.store), 1);
	ok(pl_store_exec(t.store, insert, "sidb", "big", (int64_t)0, 0.0, big, len));
	assert_int_equal(count(t.store), 2);
	free(big);
}

int store_sqlite_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address_is_checked),  cmocka_unit_test(shape_of_utf8),
		cmocka_unit_test(words_are_rewritten), TEST(files_are_private),
		TEST(a_full_database_rolls_back),      TEST(a_full_disk_rolls_back),
		TEST(sqlite_memory_runs_out),
	};

	return cmocka_run_group_tests_name("store, SQLite only", tests, NULL, NULL);
}
