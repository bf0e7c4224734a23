/*
 * store_test.c — the store's promises, on SQLite and, where PELAGO_TEST_POSTGRES holds an address,
 * on PostgreSQL. Each test has a database of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pelago/version.h"
#include "store_test.h"

struct test t;

/* Memory that runs out: the n-th allocation of our own code fails, and all after it. */

static long allocations_left = -1;

static bool is_out_of_memory(void)
{
	if (allocations_left < 0)
		return false;
	if (allocations_left == 0)
		return true;
	allocations_left--;
	return false;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
	return is_out_of_memory() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return is_out_of_memory() ? NULL : __real_calloc(count, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return is_out_of_memory() ? NULL : __real_reallocarray(old, count, size);
}

char *__wrap_strdup(const char *text)
{
	return is_out_of_memory() ? NULL : __real_strdup(text);
}

/* Helpers */

void ok(enum pl_err err)
{
	if (err)
		fail_msg("%s: %s", pl_err_row(err)->name, pl_err_detail(err));
}

void fails(enum pl_err err, enum pl_err wanted)
{
	if (err != wanted)
		fail_msg("%s, not %s: %s", pl_err_row(err)->name, pl_err_row(wanted)->name,
			 pl_err_detail(err));
}

int64_t one(struct pl_store *store, const char *sql)
{
	struct pl_rows *rows;
	int64_t value;

	ok(pl_store_query(&rows, store, sql, ""));
	assert_true(pl_rows_next(rows));
	value = pl_rows_int(rows, 0);
	pl_rows_free(rows);
	return value;
}

static const struct pl_migration first[] = {
	{ 1, "create table item (id text primary key, n bigint, d double precision, b BLOB);"
	     "create table note (id bigint primary key, item text not null references item (id))" },
};

static enum pl_err migrate_to(struct pl_store *store, const char *area,
			      const struct pl_migration *steps, size_t len, int level)
{
	return pl_store_migrate(store, area, steps, len, &level);
}

int set_up(void **state)
{
	(void)state;
	pl_err_clear();
	if (t.postgres) {
		const char *base = getenv("PELAGO_TEST_POSTGRES");

		snprintf(t.url, sizeof(t.url), "%s%cschema=t%d_%u", base,
			 strchr(base, '?') ? '&' : '?', (int)getpid(), ++t.number);
	} else {
		snprintf(t.dir, sizeof(t.dir), "/tmp/pelago-store-XXXXXX");
		if (!mkdtemp(t.dir))
			return -1;
		snprintf(t.path, sizeof(t.path), "%s/s.db", t.dir);
		snprintf(t.url, sizeof(t.url), "sqlite:%s", t.path);
	}
	if (pl_store_open(&t.store, t.url) || migrate_to(t.store, "test", first, 1, 0)) {
		fprintf(stderr, "%s: %s\n", t.url, pl_err_detail(PL_STORE));
		return -1;
	}
	return 0;
}

void schema_drop(const char *name)
{
	struct pl_store *store;
	char sql[128];

	snprintf(sql, sizeof(sql), "drop schema \"%s\" cascade", name);
	ok(pl_store_open(&store, getenv("PELAGO_TEST_POSTGRES")));
	ok(pl_store_script(store, sql));
	pl_store_close(store);
}

int tear_down(void **state)
{
	const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	char path[128];

	(void)state;
	allocations_left = -1;
	pl_store_close(t.store);
	t.store = NULL;
	if (t.postgres) {
		snprintf(path, sizeof(path), "t%d_%u", (int)getpid(), t.number);
		schema_drop(path);
		return 0;
	}
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(path, sizeof(path), "%s%s", t.path, ends[i]);
		unlink(path);
	}
	return rmdir(t.dir);
}

const char insert[] = "insert into item (id, n, d, b) values ($1, $2, $3, $4)";

enum pl_err insert_one(struct pl_store *store, const char *id)
{
	return pl_store_exec(store, insert, "sidb", id, (int64_t)1, 0.5, "x", (size_t)1);
}

int64_t count(struct pl_store *store)
{
	return one(store, "select count(*) from item");
}

/* Other processes */

struct child child_start(void (*fn)(int fd))
{
	struct child child;
	int fds[2];
	char byte;

	assert_int_equal(pipe(fds), 0);
	child.pid = fork();
	assert_true(child.pid >= 0);
	if (child.pid == 0) {
		close(fds[0]);
		fn(fds[1]);
		_exit(0);
	}
	close(fds[1]);
	child.fd = fds[0];
	assert_int_equal(read(child.fd, &byte, 1), 1);
	return child;
}

void child_kill(struct child *child)
{
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
	close(child->fd);
}

int child_wait(struct child *child)
{
	int status;

	waitpid(child->pid, &status, 0);
	close(child->fd);
	return status;
}

enum pl_err own_soon(struct pl_store *store, int64_t *epochp)
{
	enum pl_err err;

	for (int i = 0; i < 500; i++) {
		err = pl_store_own(store, epochp);
		if (err != PL_AGAIN)
			return err;
		usleep(10000);
	}
	return err;
}

static void own_and_hang(int fd)
{
	struct pl_store *store;
	int64_t epoch;

	if (pl_store_open(&store, t.url) || own_soon(store, &epoch))
		_exit(1);
	if (pl_store_begin(store) || insert_one(store, "kept") || pl_store_commit(store, 1))
		_exit(1);
	if (pl_store_begin(store) || insert_one(store, "torn"))
		_exit(1);
	count(store);
	if (write(fd, "x", 1) != 1)
		_exit(1);
	pause();
}

/* Tests */

static void values_come_back(void **state)
{
	static const char blob[] = "a\0b\0\0c\xff";
	struct pl_rows *rows;
	size_t len;

	(void)state;
	ok(pl_store_exec(t.store, insert, "sidb", "é 漢字 😀", INT64_MIN, -1.0 / 3, blob,
			 sizeof(blob)));
	ok(pl_store_query(&rows, t.store, "select id, n, d, b, n + 1 from item", ""));
	assert_true(pl_rows_next(rows));
	assert_string_equal(pl_rows_text(rows, 0), "é 漢字 😀");
	assert_true(pl_rows_int(rows, 1) == INT64_MIN);
	assert_true(pl_rows_double(rows, 2) == -1.0 / 3);
	assert_memory_equal(pl_rows_blob(rows, 3, &len), blob, sizeof(blob));
	assert_int_equal(len, sizeof(blob));
	assert_memory_equal(pl_rows_blob(rows, 3, &len), blob, sizeof(blob));
	assert_true(pl_rows_int(rows, 4) == INT64_MIN + 1);
	assert_string_equal(pl_rows_text(rows, 1), "-9223372036854775808");
	assert_false(pl_rows_next(rows));
	ok(pl_rows_err(rows));
	pl_rows_free(rows);
}

static void nulls_and_empties_differ(void **state)
{
	struct pl_rows *rows;
	size_t len = 7;

	(void)state;
	ok(pl_store_exec(t.store, insert, "sidb", "", (int64_t)0, 0.0, NULL, (size_t)0));
	ok(pl_store_exec(t.store, insert, "sidb", "e", (int64_t)0, 0.0, "", (size_t)0));
	ok(pl_store_query(
		&rows, t.store,
		"select id, b, cast(null as text), cast(null as bigint) from item order by id",
		""));
	assert_true(pl_rows_next(rows));
	assert_string_equal(pl_rows_text(rows, 0), "");
	assert_false(pl_rows_is_null(rows, 0));
	assert_null(pl_rows_blob(rows, 1, &len));
	assert_int_equal(len, 0);
	assert_true(pl_rows_is_null(rows, 1));
	assert_null(pl_rows_text(rows, 2));
	assert_int_equal(pl_rows_int(rows, 3), 0);
	assert_true(pl_rows_double(rows, 3) == 0.0);
	assert_true(pl_rows_next(rows));
	assert_non_null(pl_rows_blob(rows, 1, &len));
	assert_int_equal(len, 0);
	assert_false(pl_rows_is_null(rows, 1));
	pl_rows_free(rows);
	fails(pl_store_exec(t.store, insert, "sidb", NULL, (int64_t)0, 0.0, NULL, (size_t)0),
	      t.postgres ? PL_STORE : PL_OK); /* SQLite's text keys may be null: say `not null` */
}

static void hostile_values_stay_values(void **state)
{
	static const char *const hostile[] = {
		"'; drop table item; --",
		"\"",
		"\\",
		"\\x00",
		"$1",
		"PL_LIST($1)",
		"%s%n",
		"\x01\x7f",
		"{}",
		"\r\n\t",
		"E'\\''",
		"$$",
		"/*",
		"NULL",
		"\xef\xbb\xbf",
		"\xf4\x8f\xbf\xbf",
	};
	static const char *const broken[] = {
		"\xff",	 "\xc0\x80",	 "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"a\xc3", "\xe0\x80\x80", "\x80",
	};
	struct pl_rows *rows;

	(void)state;
	ok(pl_store_begin(t.store));
	for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
		ok(insert_one(t.store, hostile[i]));
		ok(pl_store_query(&rows, t.store, "select id from item where id = $1", "s",
				  hostile[i]));
		assert_true(pl_rows_next(rows));
		assert_string_equal(pl_rows_text(rows, 0), hostile[i]);
		assert_false(pl_rows_next(rows));
		pl_rows_free(rows);
	}
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++)
		fails(insert_one(t.store, broken[i]), PL_INVALID);
	fails(pl_store_exec(t.store, insert, "sidb", "nan", (int64_t)0, __builtin_nan(""), NULL,
			    (size_t)0),
	      PL_INVALID);
	ok(pl_store_commit(t.store, 1)); /* what is refused before it is sent dooms nothing */
	assert_int_equal(count(t.store), sizeof(hostile) / sizeof(*hostile));
}

static void parameters_go_by_name(void **state)
{
	struct pl_rows *rows;

	(void)state;
	ok(pl_store_query(&rows, t.store,
			  "select cast($2 as bigint), cast($1 as text), cast($2 as bigint)", "si",
			  "one", (int64_t)2));
	assert_true(pl_rows_next(rows));
	assert_int_equal(pl_rows_int(rows, 0), 2);
	assert_string_equal(pl_rows_text(rows, 1), "one");
	assert_int_equal(pl_rows_int(rows, 2), 2);
	pl_rows_free(rows);
	fails(pl_store_query(&rows, t.store, "select $1, $2", "s", "one"), PL_STORE);
	fails(pl_store_exec(t.store, "select 1; select 2", ""), PL_STORE);
	fails(pl_store_exec(t.store, "selec 1", ""), PL_STORE);
	fails(pl_store_exec(t.store, "delete from item where id = \"x\"", ""), PL_STORE);
}

static int64_t listed(const char *list)
{
	struct pl_rows *rows;
	int64_t n;

	ok(pl_store_query(&rows, t.store, "select count(*) from item where id in PL_LIST($1)", "s",
			  list));
	assert_true(pl_rows_next(rows));
	n = pl_rows_int(rows, 0);
	pl_rows_free(rows);
	return n;
}

static void lists_select_their_members(void **state)
{
	struct pl_rows *rows;
	size_t len;
	char *big;
	FILE *out = open_memstream(&big, &len);

	(void)state;
	ok(insert_one(t.store, "a"));
	ok(insert_one(t.store, "it's \"b\""));
	ok(insert_one(t.store, "漢"));
	assert_int_equal(listed("[]"), 0);
	assert_int_equal(listed(NULL), 0);
	assert_int_equal(listed("[\"a\",\"a\",\"zz\"]"), 1);
	assert_int_equal(listed("[\"it's \\\"b\\\"\",\"\\u6f22\"]"), 2);
	fputs("[\"a\"", out);
	for (int i = 0; i < 100000; i++)
		fprintf(out, ",\"member %d\"", i);
	fputs("]", out);
	fclose(out);
	assert_int_equal(listed(big), 1);
	free(big);
	fails(pl_store_query(&rows, t.store, "select 1 from item where id in PL_LIST($1)", "s",
			     "[\"a"),
	      PL_STORE);
	assert_int_equal(
		one(t.store, "select 'PL_LIST($1) BLOB' = 'PL_' || 'LIST($1) BL' || 'OB' -- BLOB"),
		1);
}

static void rollback_leaves_nothing(void **state)
{
	(void)state;
	ok(pl_store_begin(t.store));
	ok(insert_one(t.store, "a"));
	assert_int_equal(count(t.store), 1);
	pl_store_rollback(t.store);
	assert_int_equal(count(t.store), 0);
	pl_store_rollback(t.store);
	ok(pl_store_begin(t.store));
	ok(pl_store_commit(t.store, 1));
}

static void an_error_dooms_its_transaction(void **state)
{
	struct pl_rows *rows;
	bool committed = true;

	(void)state;
	ok(pl_store_begin(t.store));
	ok(insert_one(t.store, "a"));
	pl_store_exec(t.store, "insert into note (id, item) values ($1, $2)", "is", (int64_t)1,
		      "none");
	fails(pl_store_query(&rows, t.store, "select 1", ""), PL_STORE);
	fails(insert_one(t.store, "b"), PL_STORE);
	fails(pl_store_commit(t.store, 5), PL_STORE);
	ok(pl_store_settled(t.store, 5, &committed));
	assert_false(committed);
	assert_int_equal(count(t.store), 0);
	ok(pl_store_begin(t.store));
	ok(insert_one(t.store, "a"));
	ok(pl_store_commit(t.store, 6));
	ok(pl_store_settled(t.store, 6, &committed));
	assert_true(committed);
	fails(insert_one(t.store, "a"), PL_STORE);
	assert_int_equal(count(t.store), 1);
}

static void returning_gives_rows(void **state)
{
	struct pl_rows *rows;
	size_t len;

	(void)state;
	for (int inside = 0; inside < 2; inside++) {
		if (inside)
			ok(pl_store_begin(t.store));
		ok(pl_store_query(
			&rows, t.store,
			"insert into item (id, n, b) values ('a', 1, $1), ('b', null, null) "
			"on conflict (id) do update set n = item.n + 1 returning id, n, b, d",
			"b", "x\0y", (size_t)3));
		assert_true(pl_rows_next(rows));
		assert_string_equal(pl_rows_text(rows, 0), "a");
		assert_int_equal(pl_rows_int(rows, 1), 1 + inside);
		assert_true(pl_rows_double(rows, 1) == 1.0 + inside);
		assert_memory_equal(pl_rows_blob(rows, 2, &len), "x\0y", 3);
		assert_int_equal(len, 3);
		assert_true(pl_rows_next(rows));
		assert_true(pl_rows_is_null(rows, 1));
		assert_null(pl_rows_blob(rows, 2, &len));
		assert_false(pl_rows_next(rows));
		ok(pl_rows_err(rows));
		pl_rows_free(rows);
	}
	ok(pl_store_commit(t.store, 1));
	assert_int_equal(count(t.store), 2);
}

static void a_turn_reads_what_it_wrote(void **state)
{
	struct pl_rows *rows;
	char id[16];

	(void)state;
	ok(pl_store_begin(t.store));
	for (int i = 0; i < 3000; i++) {
		snprintf(id, sizeof(id), "%d", i);
		ok(insert_one(t.store, id));
		if (i % 700 == 0)
			assert_int_equal(count(t.store), i + 1);
	}
	ok(pl_store_query(&rows, t.store, "select id from item order by id", ""));
	for (int i = 0; i < 3000; i++)
		assert_true(pl_rows_next(rows));
	assert_false(pl_rows_next(rows));
	assert_false(pl_rows_next(rows));
	pl_rows_free(rows);
	ok(pl_store_query(&rows, t.store, "select id from item order by id", ""));
	pl_rows_free(rows); /* read in part */
	ok(pl_store_commit(t.store, 1));
	assert_int_equal(count(t.store), 3000);
}

static void open_rows_are_protected(void **state)
{
	static const char sql[] = "select 1";
	struct pl_rows *rows, *again;

	(void)state;
	ok(pl_store_query(&rows, t.store, sql, ""));
	fails(pl_store_query(&again, t.store, sql, ""), PL_INTERNAL);
	assert_true(pl_rows_next(rows));
	assert_int_equal(pl_rows_int(rows, 0), 1);
	pl_rows_free(rows);
	pl_rows_free(NULL);
	ok(pl_store_query(&rows, t.store, sql, ""));
	/* closing the store ends them */
}

static void many_statements_are_kept(void **state)
{
	static char texts[400][32];
	struct pl_rows *rows;

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 400; i++) {
			snprintf(texts[i], sizeof(texts[i]), "select %d", i);
			ok(pl_store_query(&rows, t.store, texts[i], ""));
			assert_true(pl_rows_next(rows));
			assert_int_equal(pl_rows_int(rows, 0), i);
			pl_rows_free(rows);
		}
	}
	assert_true(t.store->statement_count >= 400 && t.store->statement_count < 420);
}

static void migrations_go_on_where_they_were(void **state)
{
	static const struct pl_migration second[] = {
		{ 1, "this was done" },
		{ 2, "alter table item add column extra bigint not null default 7" },
		{ 4,
		  "create table more (id text primary key, b BLOB); insert into more values ('x', null)" },
	};
	static const struct pl_migration broken[] = {
		{ 4, "done" },
		{ 5, "create table half (id bigint); create table item (id bigint)" },
	};
	struct pl_store *store;

	(void)state;
	ok(insert_one(t.store, "a"));
	ok(migrate_to(t.store, "test", second, 3, 0));
	ok(migrate_to(t.store, "test", second, 3, 0));
	assert_int_equal(one(t.store, "select extra from item"), 7);
	assert_int_equal(one(t.store, "select count(*) from more"), 1);
	assert_int_equal(one(t.store, "select version from pl_schema where area = 'test'"), 4);
	ok(migrate_to(t.store, "test", first, 1, 0)); /* it only added */
	fails(migrate_to(t.store, "test", broken, 2, 0), PL_STORE);
	assert_int_equal(one(t.store, "select version from pl_schema where area = 'test'"), 4);
	ok(pl_store_exec(t.store, "create table half (id bigint)", ""));
	ok(pl_store_open(&store, t.url));
	ok(migrate_to(store, "test", second, 3, 0));
	ok(migrate_to(store, "other", NULL, 0, 0));
	pl_store_close(store);
}

/* UPG-9: this program is of minor 1, those of before of minor 0. */
static const struct pl_migration rolling[] = {
	{ 1, "create table roll (id bigint primary key, old bigint)" },
	{ 2, "alter table roll add column new bigint" },
	{ 3, "update roll set new = old where new is null; alter table roll drop column old", 1 },
	{ 4, "alter table roll add column more bigint" },
};

static void at_level_0(void)
{
	ok(pl_store_exec(t.store, "insert into pl_level (area, level) values ('roll', 0)", ""));
	ok(migrate_to(t.store, "roll", rolling, 1, 0));
	ok(pl_store_exec(t.store, "insert into roll (id, old) values (1, 7)", ""));
}

static void a_step_that_contracts_waits_for_its_level(void **state)
{
	at_level_0();
	ok(migrate_to(t.store, "roll", rolling, 4, 0));
	ok(migrate_to(t.store, "roll", rolling, 4, 0));
	/* A program of before goes on: what is added stays, what it needs is there. */
	ok(migrate_to(t.store, "roll", rolling, 1, 0));
	ok(pl_store_exec(t.store, "insert into roll (id, old) values (2, 8)", ""));
	assert_int_equal(one(t.store, "select version from pl_schema where area = 'roll'"), 4);
	assert_int_equal(one(t.store, "select count(*) from pl_contract"), 1);
	/* The level rises: what waited is run, and what was written meanwhile comes along. */
	ok(migrate_to(t.store, "roll", rolling, 4, 1));
	ok(migrate_to(t.store, "roll", rolling, 4, 1));
	assert_int_equal(one(t.store, "select count(*) from pl_contract"), 0);
	assert_int_equal(one(t.store, "select sum(new) from roll where more is null"), 15);
	fails(pl_store_exec(t.store, "insert into roll (id, old) values (3, 9)", ""), PL_STORE);
	/* It never falls. */
	ok(migrate_to(t.store, "roll", rolling, 4, 0));
	assert_int_equal(one(t.store, "select level from pl_level where area = 'roll'"), 1);
}

static void a_step_that_fails_waits_on(void **state)
{
	static const struct pl_migration bad[] = {
		{ 1, "done" },
		{ 2, "alter table roll add column new bigint" },
		{ 3, "update roll set new = old; create unique index roll_new on roll (new)", 1 },
	};

	at_level_0();
	ok(migrate_to(t.store, "roll", bad, 3, 0));
	ok(pl_store_exec(t.store, "insert into roll (id, old) values (2, 7)", ""));
	assert_true(migrate_to(t.store, "roll", bad, 3, 1) != PL_OK);
	assert_int_equal(one(t.store, "select count(*) from pl_contract"), 1);
	assert_int_equal(one(t.store, "select count(*) from roll where new is null"), 2);
	ok(pl_store_exec(t.store, "delete from roll where id = 2", ""));
	ok(migrate_to(t.store, "roll", bad, 3, 1)); /* its cause mended */
	assert_int_equal(one(t.store, "select sum(new) from roll"), 7);
}

static void a_newer_level_is_refused_by_name_and_version(void **state)
{
	ok(pl_store_exec(t.store, "insert into pl_level (area, level) values ('roll', 99)", ""));
	fails(migrate_to(t.store, "roll", rolling, 4, 0), PL_NEWER);
	assert_non_null(
		strstr(pl_err_detail(PL_NEWER), "schema roll is written as of Pelago 0.99"));
	assert_non_null(strstr(pl_err_detail(PL_NEWER), pl_version));
	assert_int_equal(one(t.store, "select count(*) from pl_schema where area = 'roll'"), 0);
	fails(migrate_to(t.store, "other", NULL, 0, 98), PL_NEWER);
}

static void migrate_when_told(int fd)
{
	static const struct pl_migration steps[] = {
		{ 1, "x" },
		{ 2, "create table more (id bigint); insert into more values (1)" },
		{ 3, "insert into more values (2)" },
	};
	struct pl_store *store;

	if (pl_store_open(&store, t.url) || write(fd, "x", 1) != 1)
		_exit(1);
	if (migrate_to(store, "test", steps, 3, 0)) {
		fprintf(stderr, "migrate: %s\n", pl_err_detail(PL_STORE));
		_exit(1);
	}
}

static void processes_migrate_at_once(void **state)
{
	struct child children[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		children[i] = child_start(migrate_when_told);
	for (int i = 0; i < 4; i++)
		assert_int_equal(child_wait(&children[i]), 0);
	assert_int_equal(one(t.store, "select count(*) from more"), 2);
}

static void one_process_owns(void **state)
{
	int64_t epoch = -1, again = -1, other = -1;
	struct pl_store *store;

	(void)state;
	ok(pl_store_own(t.store, &epoch));
	assert_int_equal(epoch, 1);
	ok(pl_store_own(t.store, &again));
	assert_int_equal(again, epoch);
	ok(pl_store_open(&store, t.url));
	fails(pl_store_own(store, &other), PL_AGAIN);
	assert_int_equal(other, -1);
	ok(insert_one(t.store, "a"));
	assert_int_equal(count(store), 1);
	pl_store_close(t.store);
	ok(own_soon(store, &other));
	assert_int_equal(other, epoch + 1);
	t.store = store;
}

static void a_killed_owner_is_replaced(void **state)
{
	struct child child = child_start(own_and_hang);
	int64_t epoch = -1;

	(void)state;
	fails(pl_store_own(t.store, &epoch), PL_AGAIN);
	assert_int_equal(count(t.store), 1);
	child_kill(&child);
	ok(own_soon(t.store, &epoch));
	assert_int_equal(epoch, 2);
	assert_int_equal(count(t.store), 1);
	ok(insert_one(t.store, "torn"));
}

/* lose_lock takes the lock from t.store's hands as an accident would. */
static void lose_lock(void)
{
	char path[128];
	struct pl_rows *rows;

	if (t.postgres) {
		ok(pl_store_query(&rows, t.store, "select pg_advisory_unlock_all()", ""));
		pl_rows_free(rows);
		return;
	}
	snprintf(path, sizeof(path), "%s.lock", t.path);
	assert_int_equal(unlink(path), 0);
}

static void a_replaced_owner_is_fenced(void **state)
{
	int64_t epoch, other;
	struct pl_store *store;
	enum pl_err err;

	(void)state;
	ok(pl_store_open(&store, t.url));
	ok(pl_store_own(t.store, &epoch));
	ok(insert_one(t.store, "mine"));
	lose_lock();
	ok(own_soon(store, &other));
	assert_int_equal(other, epoch + 1);
	err = pl_store_begin(t.store);
	if (!err) {
		insert_one(t.store, "stale");
		err = pl_store_commit(t.store, 1);
	}
	fails(err, PL_STATE);
	err = pl_store_begin(t.store);
	if (!err) {
		count(t.store);
		err = pl_store_commit(t.store, 2); /* one that only read */
	}
	fails(err, PL_STATE);
	fails(insert_one(t.store, "stale"), PL_STATE);
	fails(pl_store_script(t.store, "delete from item"), PL_STATE);
	ok(insert_one(store, "theirs"));
	assert_int_equal(count(store), 2);
	pl_store_close(store);
}

static void hold_a_lock(int fd)
{
	struct pl_store *store;

	if (pl_store_open(&store, t.url) || pl_store_begin(store) || insert_one(store, "held"))
		_exit(1);
	if (count(store) != 1 || write(fd, "x", 1) != 1)
		_exit(1);
	usleep(300000);
	if (pl_store_commit(store, 1))
		_exit(1);
	pl_store_close(store);
}

static void migrations_wait_for_a_lock(void **state)
{
	static const struct pl_migration steps[] = {
		{ 2, "alter table item add column extra bigint not null default 7" },
	};
	struct child child = child_start(hold_a_lock);

	(void)state;
	ok(migrate_to(t.store, "test", steps, 1, 0));
	assert_int_equal(child_wait(&child), 0);
	assert_int_equal(one(t.store, "select extra from item"), 7);
}

static void large_values_are_queued(void **state)
{
	size_t len = 1000000;
	char *big = malloc(len), id[8];

	(void)state;
	assert_non_null(big);
	memset(big, 0xa5, len);
	ok(pl_store_begin(t.store));
	for (int i = 0; i < 20; i++) {
		snprintf(id, sizeof(id), "%d", i);
		ok(pl_store_exec(t.store, insert, "sidb", id, (int64_t)i, 0.0, big, len));
		big[i] = 0;
	}
	ok(pl_store_commit(t.store, 1));
	assert_int_equal(one(t.store, "select sum(length(b)) from item"), 20 * (int64_t)len);
	free(big);
}

static enum pl_err whole_life(void)
{
	struct pl_rows *rows = NULL;
	struct pl_store *store;
	int64_t epoch;
	enum pl_err err = pl_store_open(&store, t.url);

	if (err)
		return err;
	err = migrate_to(store, "test", first, 1, 0);
	if (!err)
		err = pl_store_own(store, &epoch);
	if (!err)
		err = pl_store_begin(store);
	if (!err)
		err = insert_one(store, "oom");
	if (!err)
		err = pl_store_query(&rows, store, "update item set n = 2 returning id, b", "");
	if (!err)
		pl_rows_free(rows);
	if (!err)
		err = pl_store_script(store, "delete from item");
	if (!err)
		err = pl_store_commit(store, 1);
	pl_store_close(store);
	return err;
}

static void memory_runs_out(void **state)
{
	enum pl_err err = PL_NOMEM;
	int n;

	(void)state;
	for (n = 0; err && n < 200; n++) {
		allocations_left = n;
		err = whole_life();
		allocations_left = -1;
		if (err)
			fails(err, PL_NOMEM);
		assert_int_equal(count(t.store), 0);
	}
	ok(err);
	assert_true(n > 5);
}

static const struct CMUnitTest both[] = {
	TEST(values_come_back),
	TEST(nulls_and_empties_differ),
	TEST(hostile_values_stay_values),
	TEST(parameters_go_by_name),
	TEST(lists_select_their_members),
	TEST(rollback_leaves_nothing),
	TEST(an_error_dooms_its_transaction),
	TEST(returning_gives_rows),
	TEST(a_turn_reads_what_it_wrote),
	TEST(open_rows_are_protected),
	TEST(many_statements_are_kept),
	TEST(migrations_go_on_where_they_were),
	TEST(a_step_that_contracts_waits_for_its_level),
	TEST(a_step_that_fails_waits_on),
	TEST(a_newer_level_is_refused_by_name_and_version),
	TEST(processes_migrate_at_once),
	TEST(one_process_owns),
	TEST(a_killed_owner_is_replaced),
	TEST(a_replaced_owner_is_fenced),
	TEST(migrations_wait_for_a_lock),
	TEST(large_values_are_queued),
	TEST(memory_runs_out),
};

int main(void)
{
	int failed;

	/* Begun as it is by itself, it counts its memory, so that this can be made to run out. */
	sqlite3_initialize();
	failed = cmocka_run_group_tests_name("store on SQLite", both, NULL, NULL);

	failed += store_sqlite_tests();
	t.postgres = getenv("PELAGO_TEST_POSTGRES") != NULL;
	if (t.postgres) {
		failed += cmocka_run_group_tests_name("store on PostgreSQL", both, NULL, NULL);
		failed += store_postgres_tests();
	}
	return failed;
}
