/*
 * store_postgres_test.c — what only a server has: connections that break, commits whose outcome is
 * unknown, and other sessions in the way.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "postgres.h"
#include "store_test.h"

static struct pl_store *other; /* a second session on the same schema */

static int set_up_two(void **state)
{
	return set_up(state) || pl_store_open(&other, t.url) ? -1 : 0;
}

static int tear_down_two(void **state)
{
	pl_store_close(other);
	other = NULL;
	return tear_down(state);
}

#define TEST_TWO(fn) cmocka_unit_test_setup_teardown(fn, set_up_two, tear_down_two)

/* terminate ends t.store's backend and waits until it is gone. */
static void terminate(void)
{
	struct pl_rows *rows;
	int64_t pid = one(t.store, "select pg_backend_pid()");

	ok(pl_store_query(&rows, other, "select pg_terminate_backend(cast($1 as int), 5000)", "i",
			  pid));
	assert_true(pl_rows_next(rows));
	assert_int_equal(pl_rows_int(rows, 0), 1);
	pl_rows_free(rows);
}

/* deafen lets t.store send, but never hear an answer again. */
static void deafen(void)
{
	int (*socket_of)(const PGconn *conn);
	void *symbol = dlsym(dlopen("libpq.so.5", RTLD_NOW), "PQsocket");

	assert_non_null(symbol);
	memcpy(&socket_of, &symbol, sizeof(symbol));
	assert_int_equal(shutdown(socket_of(postgres_of(t.store)->conn), SHUT_RD), 0);
}

static void addresses_are_read(void **state)
{
	static const char *const bad[] = {
		"postgresql://[",
		"postgresql://u:secret%zz@h/d",
		"postgresql://h/d?schema=",
		"postgresql://h/d?schema=%00",
		"postgresql://h/d?schema=a%f",
		"postgresql://h/d?nonsense=1",
		"postgresql://h/d?schema=%ff",
		"postgresql://h/d?schema=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	};
	const char *base = getenv("PELAGO_TEST_POSTGRES");
	struct pl_store *store;
	char url[1200];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		fails(pl_store_open(&store, bad[i]), PL_INVALID);
		assert_null(strstr(pl_err_detail(PL_INVALID), "secret"));
	}
	fails(pl_store_open(&store, "postgresql://u:secret@127.0.0.1:1/d"), PL_UNAVAILABLE);
	assert_null(strstr(pl_err_detail(PL_UNAVAILABLE), "secret"));
	snprintf(url, sizeof(url),
		 "%s?schema=it%%27s%%20%%22odd%%22&application_name=x&options=-c%%20geqo%%3Doff",
		 base);
	ok(pl_store_open(&store, url));
	assert_int_equal(one(store, "select current_schema() = 'it''s \"odd\"'"), 1);
	assert_int_equal(one(store, "select current_setting('geqo') = 'off'"), 1);
	pl_store_close(store);
	schema_drop("it's \"\"odd\"\"");
}

static void kinds_of_values_are_read(void **state)
{
	struct pl_rows *rows;

	(void)state;
	ok(pl_store_query(
		&rows, t.store,
		"select 1 = 1, 1 = 2, 1e300::float8, -1e300::float8, sum(n)::numeric + 12, "
		"2.5::float8, null::bytea, ''::bytea from item",
		""));
	assert_int_equal(pl_rows_int(rows, 0), 0); /* before the first row */
	assert_true(pl_rows_next(rows));
	assert_int_equal(pl_rows_int(rows, 0), 1);
	assert_true(pl_rows_double(rows, 0) == 1.0);
	assert_int_equal(pl_rows_int(rows, 1), 0);
	assert_true(pl_rows_int(rows, 2) == INT64_MAX);
	assert_true(pl_rows_int(rows, 3) == INT64_MIN);
	assert_true(pl_rows_is_null(rows, 4));
	assert_int_equal(pl_rows_int(rows, 5), 2);
	assert_null(pl_rows_text(rows, 6));
	assert_string_equal(pl_rows_text(rows, 7), "");
	assert_true(pl_rows_is_null(rows, 99));
	assert_true(pl_rows_is_null(rows, -1));
	pl_rows_free(rows);
}

static void a_lost_connection_is_replaced(void **state)
{
	bool committed = true;
	int64_t epoch, again;

	(void)state;
	ok(pl_store_own(t.store, &epoch));
	ok(insert_one(t.store, "before"));
	terminate();
	fails(insert_one(t.store, "lost"), PL_UNAVAILABLE);
	fails(insert_one(t.store, "lost"), PL_UNAVAILABLE);
	fails(pl_store_begin(t.store), PL_UNAVAILABLE);
	ok(pl_store_reconnect(t.store));
	ok(pl_store_reconnect(t.store));
	ok(pl_store_own(t.store, &again));
	assert_int_equal(again, epoch);
	fails(pl_store_own(other, &again), PL_AGAIN);
	ok(pl_store_begin(t.store));
	ok(insert_one(t.store, "after"));
	terminate();
	fails(insert_one(t.store, "later") ? PL_UNAVAILABLE : pl_store_commit(t.store, 8),
	      PL_UNAVAILABLE);
	pl_store_rollback(t.store);
	ok(pl_store_reconnect(t.store));
	ok(pl_store_settled(t.store, 8, &committed));
	assert_false(committed);
	assert_int_equal(count(t.store), 1);
	ok(insert_one(t.store, "after"));
}

static void a_lost_owner_is_told(void **state)
{
	int64_t epoch, next;

	(void)state;
	ok(pl_store_own(t.store, &epoch));
	terminate();
	ok(own_soon(other, &next));
	assert_int_equal(next, epoch + 1);
	fails(insert_one(t.store, "stale"), PL_UNAVAILABLE);
	fails(pl_store_reconnect(t.store), PL_STATE);
	fails(insert_one(t.store, "stale"), PL_STATE);
	assert_int_equal(count(other), 0);
}

static void an_unheard_commit_is_settled(void **state)
{
	bool committed = false;
	int64_t epoch;

	(void)state;
	ok(pl_store_own(t.store, &epoch));
	ok(pl_store_begin(t.store));
	ok(insert_one(t.store, "first"));
	ok(pl_store_commit(t.store, 40));
	ok(pl_store_begin(t.store));
	ok(insert_one(t.store, "second"));
	deafen();
	fails(pl_store_commit(t.store, 41), PL_UNAVAILABLE);
	fails(pl_store_settled(t.store, 41, &committed), PL_UNAVAILABLE);
	for (int i = 0; i < 500 && count(other) < 2; i++)
		usleep(10000);
	ok(pl_store_reconnect(t.store));
	ok(pl_store_settled(t.store, 41, &committed));
	assert_true(committed);
	assert_int_equal(count(t.store), 2);
}

static void a_commit_under_way_is_settled(void **state)
{
	bool committed = true;
	int64_t epoch;

	(void)state;
	ok(pl_store_own(t.store, &epoch));
	ok(insert_one(t.store, "a"));
	ok(pl_store_begin(other));
	ok(pl_store_exec(other, "update item set n = 2", ""));
	one(other, "select 1");
	ok(pl_store_begin(t.store)); /* the server gets all of it, and waits for the other's lock */
	ok(pl_store_exec(t.store, "update item set n = 3", ""));
	deafen();
	fails(pl_store_commit(t.store, 9), PL_UNAVAILABLE);
	ok(pl_store_reconnect(t.store));
	ok(pl_store_settled(t.store, 9, &committed));
	assert_false(committed);
	ok(pl_store_commit(other, 1));
	usleep(50000);
	assert_int_equal(one(t.store, "select n from item"), 2);
	ok(insert_one(t.store, "b"));
}

/* Whatever became of it, the answer and the data agree. */
static void cut_commits_agree(void **state)
{
	int64_t epoch;
	char id[8];
	int cut = 0;

	(void)state;
	ok(pl_store_own(t.store, &epoch));
	for (int i = 0; i < 20; i++) {
		int64_t before = count(other);
		enum pl_err err;
		bool committed;

		snprintf(id, sizeof(id), "%d", i);
		ok(pl_store_begin(t.store));
		ok(insert_one(t.store, id));
		deafen();
		err = pl_store_commit(t.store, i);
		if (err)
			fails(err, PL_UNAVAILABLE);
		ok(pl_store_reconnect(t.store));
		ok(pl_store_settled(t.store, i, &committed));
		assert_true(err || committed); /* the answer was there before the cut */
		assert_int_equal(count(other), before + committed);
		cut += err != PL_OK;
	}
	assert_true(cut > 0);
}

static void closed_sessions_cannot_commit(void **state)
{
	(void)state;
	ok(pl_store_exec(other,
			 "update pl_turn set closed = 1 "
			 "where session <> current_setting('application_name')",
			 ""));
	ok(pl_store_begin(t.store));
	ok(insert_one(t.store, "late"));
	fails(pl_store_commit(t.store, 1), PL_STATE);
	assert_int_equal(count(t.store), 0);
}

static void conflicts_say_again(void **state)
{
	(void)state;
	ok(insert_one(t.store, "a"));
	ok(pl_store_script(
		t.store,
		"set session characteristics as transaction isolation level serializable"));
	ok(pl_store_begin(t.store));
	assert_int_equal(count(t.store), 1);
	ok(pl_store_exec(other, "update item set n = 2", ""));
	ok(pl_store_exec(t.store, "update item set n = n + 1", ""));
	fails(pl_store_commit(t.store, 1), PL_AGAIN);
	ok(pl_store_begin(t.store));
	ok(pl_store_exec(t.store, "update item set n = n + 1", ""));
	ok(pl_store_commit(t.store, 2));
	assert_int_equal(one(other, "select n from item"), 3);
}

static void lock_a_then_b(int fd)
{
	struct pl_store *store;
	enum pl_err err;

	if (pl_store_open(&store, t.url) || pl_store_begin(store) ||
	    pl_store_exec(store, "update item set n = 5 where id = 'b'", "") || count(store) != 2)
		_exit(1);
	if (write(fd, "x", 1) != 1)
		_exit(1);
	err = pl_store_exec(store, "update item set n = 5 where id = 'a'", "");
	if (!err)
		err = pl_store_commit(store, 1);
	else
		pl_store_rollback(store);
	_exit(err == PL_OK || err == PL_AGAIN ? 0 : 1);
}

static void deadlocks_say_again(void **state)
{
	struct child child;
	enum pl_err err;

	(void)state;
	ok(insert_one(t.store, "a"));
	ok(insert_one(t.store, "b"));
	ok(pl_store_begin(t.store));
	ok(pl_store_exec(t.store, "update item set n = 4 where id = 'a'", ""));
	count(t.store);
	child = child_start(lock_a_then_b);
	usleep(100000);
	ok(pl_store_exec(t.store, "update item set n = 4 where id = 'b'", ""));
	err = pl_store_commit(t.store, 1);
	assert_int_equal(child_wait(&child), 0);
	if (err)
		fails(err, PL_AGAIN);
	assert_int_equal(one(t.store, "select count(distinct n) from item"), 1);
}

static void changed_tables_are_planned_anew(void **state)
{
	static const char all[] = "select * from note";
	struct pl_rows *rows;

	(void)state;
	for (int i = 0; i < 7; i++) {
		ok(pl_store_query(&rows, t.store, all, ""));
		pl_rows_free(rows);
	}
	ok(pl_store_script(other, "alter table note add column more BLOB"));
	fails(pl_store_query(&rows, t.store, all, ""), PL_AGAIN);
	ok(pl_store_query(&rows, t.store, all, ""));
	pl_rows_free(rows);
}

/* Plans made while a table is empty are kept for its life: they must not read all of it. */
static void lists_are_found_by_index(void **state)
{
	struct pl_rows *rows;
	bool by_index = false;

	(void)state;
	ok(pl_store_query(&rows, t.store, "explain select n from item where id in PL_LIST($1)", "s",
			  "[\"a\",\"b\"]"));
	while (pl_rows_next(rows)) {
		const char *line = pl_rows_text(rows, 0);

		by_index = by_index || strstr(line, "Index Cond: (id = ANY");
		assert_null(strstr(line, "Seq Scan"));
		assert_null(strstr(line, "Join"));
	}
	pl_rows_free(rows);
	assert_true(by_index);
}

static void queued_errors_show_at_the_next_read(void **state)
{
	struct pl_rows *rows;

	(void)state;
	ok(pl_store_begin(t.store));
	ok(insert_one(t.store, "a"));
	ok(insert_one(t.store, "a"));
	ok(insert_one(t.store, "b"));
	fails(pl_store_query(&rows, t.store, "select count(*) from item", ""), PL_STORE);
	assert_non_null(strstr(pl_err_detail(PL_STORE), "23505"));
	pl_store_rollback(t.store);
	assert_non_null(strstr(pl_err_detail(PL_STORE), "23505"));
	ok(pl_store_begin(t.store));
	ok(insert_one(t.store, "a"));
	ok(insert_one(t.store, "a"));
	pl_store_rollback(t.store); /* of an error that nobody has seen */
	ok(insert_one(t.store, "a"));
	assert_int_equal(count(t.store), 1);
	assert_int_equal(pl_store_free_bytes(t.store), -1);
}

int store_postgres_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read),
		TEST(lists_are_found_by_index),
		TEST(kinds_of_values_are_read),
		TEST_TWO(a_lost_connection_is_replaced),
		TEST_TWO(a_lost_owner_is_told),
		TEST_TWO(an_unheard_commit_is_settled),
		TEST_TWO(a_commit_under_way_is_settled),
		TEST_TWO(cut_commits_agree),
		TEST_TWO(closed_sessions_cannot_commit),
		TEST_TWO(conflicts_say_again),
		TEST(deadlocks_say_again),
		TEST_TWO(changed_tables_are_planned_anew),
		TEST(queued_errors_show_at_the_next_read),
	};

	return cmocka_run_group_tests_name("store, PostgreSQL only", tests, NULL, NULL);
}
