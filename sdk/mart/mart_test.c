/*
 * mart_test.c — addresses, times and statements of the data mart. What it does with a database is
 * told in tests/scenario/mart.test.mjs.
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
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pelago/mart.h"
#include "sql.h"
#include "url.h"

static char dir[] = "/tmp/pelago-mart-XXXXXX", path[64];

static int make_dir(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/datamart.url", dir);
	return freopen("/dev/null", "w", stderr) ? 0 : -1; /* refusals are logged */
}

static int remove_dir(void **state)
{
	unlink(path);
	return rmdir(dir);
}

static void write_file(const char *text, mode_t mode)
{
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void addresses_are_read(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		const char *place; /* NULL: bad */
	} rows[] = {
		{ "postgresql://u:p@h:5432/db?sslmode=require\n", 0600, "h:5432/db" },
		{ "postgres://h/db", 0400, "h/db" },
		{ "postgresql://u:p@ss@h/db?password=x@y", 0600, "y" },
		{ "postgresql://u:p@h/db", 0640, NULL },
		{ "postgresql://u:p@h/db", 0604, NULL },
		{ "mysql://h/db", 0600, NULL },
		{ "", 0600, NULL },
		{ "\npostgresql://h/db", 0600, NULL },
	};
	struct url url = { 0 };

	url_read(&url, dir);
	assert_false(url.is_there);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		write_file(rows[i].text, rows[i].mode);
		url.changed_ns = 0;
		url_read(&url, dir);
		assert_true(url.is_there);
		assert_int_equal(url.is_good, rows[i].place != NULL);
		assert_null(strstr(url.place, "p@"));
		if (i < 2 && rows[i].place)
			assert_string_equal(url.place, rows[i].place);
	}
	unlink(path);
	assert_int_equal(symlink("/etc/hostname", path), 0);
	url_read(&url, dir);
	assert_true(url.is_there && !url.is_good);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	url_read(&url, dir);
	assert_true(url.is_there && !url.is_good);
	unlink(path);
	url_read(&url, dir);
	assert_false(url.is_there);
	url_fini(&url);
}

static void times_are_those_of_people(void **state)
{
	static const struct {
		int64_t ms;
		const char *text; /* NULL: null */
	} rows[] = {
		{ 1, "1970-01-01T00:00:00.001Z" },
		{ 1767225600999, "2026-01-01T00:00:00.999Z" },
		{ 253402300799999, "9999-12-31T23:59:59.999Z" },
		{ 253402300800000, NULL },
		{ INT64_MAX, NULL },
		{ 0, NULL },
		{ -1, NULL },
		{ INT64_MIN, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *time = pl_mart_time(rows[i].ms);

		if (rows[i].text)
			assert_string_equal(json_string_value(time), rows[i].text);
		else
			assert_true(json_is_null(time));
		json_decref(time);
	}
}

static void statements_name_all_columns(void **state)
{
	static const struct pl_mart_column columns[] = { { "id", "text" },
							 { "n", "bigint" },
							 { 0 } };
	static const struct pl_mart_table table = { "thing", columns, NULL };
	char *put = sql_put(&table), *gone = sql_remove(&table), *create = sql_create(&table);

	assert_string_equal(
		put, "insert into pelago.thing as t (id, n, stamp) select r.id, r.n, r.stamp from "
		     "jsonb_to_recordset($1::text::jsonb) as r(id text, n bigint, stamp bigint) "
		     "on conflict (id) do update set n = excluded.n, stamp = excluded.stamp "
		     "where t.stamp is null or t.stamp < excluded.stamp");
	assert_string_equal(gone, "delete from pelago.thing where id in "
				  "(select jsonb_array_elements_text($1::text::jsonb))");
	assert_non_null(strstr(create, "id text primary key, n bigint, stamp bigint not null"));
	free(put);
	free(gone);
	free(create);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(times_are_those_of_people),
		cmocka_unit_test(statements_name_all_columns),
	};

	return cmocka_run_group_tests_name("mart", tests, make_dir, remove_dir);
}
