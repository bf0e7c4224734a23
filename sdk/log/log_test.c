/*
 * log_test.c — what a line holds, however odd its text (PLT-33).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "pelago/log.h"

static char folder[] = "/tmp/pelago-log-XXXXXX";
static char path[64], moved[64];
static int real_stderr;

static int set_up(void **state)
{
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/log", folder);
	snprintf(moved, sizeof(moved), "%s/log.1", folder);
	real_stderr = dup(STDERR_FILENO);
	return real_stderr < 0;
}

static int tear_down(void **state)
{
	unsetenv("PELAGO_LOG");
	unsetenv("PELAGO_DEBUG");
	pl_log_open("");
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	unlink(path);
	unlink(moved);
	return rmdir(folder);
}

/* begin sends the log to an empty file. */
static void begin(const char *program)
{
	unlink(path);
	unlink(moved);
	setenv("PELAGO_LOG", path, 1);
	pl_log_open(program);
}

/* lines returns what is in a file as a list of objects; each line must be one. */
static json_t *lines(const char *file)
{
	static char line[20000];
	json_t *list = json_array();
	FILE *f = fopen(file, "r");

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		json_error_t error;
		json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);

		if (!object)
			fail_msg("not JSON: %s: %.200s", error.text, line);
		assert_true(strlen(line) <= 8192);
		assert_int_equal(line[strlen(line) - 1], '\n');
		json_array_append_new(list, object);
	}
	fclose(f);
	return list;
}

static const char *member(const json_t *list, size_t i, const char *name)
{
	return json_string_value(json_object_get(json_array_get(list, i), name));
}

static void a_line_has_its_members(void **state)
{
	json_t *list;
	const char *at;

	begin("UCMService");
	pl_log(INFO, "offer.made", "01J", "agent=%s n=%d", "agent1", 3);
	pl_log(WARN, "bus.lost", NULL, "%s", "");
	list = lines(path);
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(member(list, 0, "level"), "INFO");
	assert_string_equal(member(list, 0, "program"), "UCMService");
	assert_string_equal(member(list, 0, "event"), "offer.made");
	assert_string_equal(member(list, 0, "contact"), "01J");
	assert_string_equal(member(list, 0, "text"), "agent=agent1 n=3");
	at = member(list, 0, "at");
	assert_int_equal(strlen(at), strlen("2026-01-31T12:00:00.123Z"));
	assert_int_equal(at[10], 'T');
	assert_int_equal(at[19], '.');
	assert_int_equal(at[23], 'Z');
	assert_string_equal(member(list, 1, "level"), "WARN");
	assert_null(member(list, 1, "contact"));
	assert_string_equal(member(list, 1, "text"), "");
	json_decref(list);
}

static void odd_texts_are_escaped(void **state)
{
	static const struct {
		const char *text, *seen;
	} rows[] = {
		{ "a\nb\r\t\x01\x1f\x7f", "a\nb\r\t\x01\x1f\x7f" },
		{ "\"}\\", "\"}\\" },
		{ "Gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", "Gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80" },
		{ "a\xff", "a\xef\xbf\xbd" },
		{ "a\xc3", "a\xef\xbf\xbd" },
		{ "\xc3(", "\xef\xbf\xbd(" },
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "%s%n", "%s%n" },
	};
	const size_t count = sizeof(rows) / sizeof(rows[0]);
	json_t *list;

	begin("p\"\n\xff");
	for (size_t i = 0; i < count; i++)
		pl_log(ERROR, rows[i].text, rows[i].text, "%s", rows[i].text);
	list = lines(path);
	assert_int_equal(json_array_size(list), count);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(member(list, i, "text"), rows[i].seen);
		assert_string_equal(member(list, i, "event"), rows[i].seen);
		assert_string_equal(member(list, i, "contact"), rows[i].seen);
		assert_string_equal(member(list, i, "program"), "p\"\n\xef\xbf\xbd");
	}
	json_decref(list);
}

/* Whatever the character and wherever the cut falls, the line is JSON and says that it was cut. */
static void long_lines_are_cut(void **state)
{
	static const char *const chars[] = { "x",   "\x01", "\"", "\xc3\xbc", "\xf0\x9f\x98\x80",
					     "\xff" };
	static char text[40000];
	json_t *list;

	begin("test");
	for (size_t c = 0; c < sizeof(chars) / sizeof(chars[0]); c++) {
		for (size_t shift = 0; shift < 8; shift++) {
			memset(text, 'y', shift);
			text[shift] = '\0';
			for (size_t n = shift; n < 12000; n += strlen(chars[c]))
				memcpy(text + n, chars[c], strlen(chars[c]) + 1);
			pl_log(INFO, "e", NULL, "%s", text);
			pl_log(INFO, text, text, "%s", text);
		}
	}
	list = lines(path);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *seen = member(list, i, "text");

		assert_non_null(seen);
		assert_in_range(strlen(seen), 1000, 8192);
		assert_string_equal(seen + strlen(seen) - 3, "\xe2\x80\xa6");
	}
	json_decref(list);

	/* up to the limit nothing is cut */
	begin("test");
	memset(text, 'x', 8000);
	text[8000] = '\0';
	pl_log(INFO, "e", NULL, "%s", text);
	list = lines(path);
	assert_string_equal(member(list, 0, "text"), text);
	json_decref(list);
}

static void debug_is_off_unless_wanted(void **state)
{
	json_t *list;

	begin("test");
	pl_log(DEBUG, "e", NULL, "off");
	setenv("PELAGO_DEBUG", "1", 1);
	pl_log_open("test");
	pl_log(DEBUG, "e", NULL, "on");
	unsetenv("PELAGO_DEBUG");
	list = lines(path);
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(member(list, 0, "text"), "on");
	json_decref(list);
}

static void errno_survives(void **state)
{
	begin("test");
	errno = ENOSPC;
	pl_log(INFO, "e", NULL, "%m");
	assert_int_equal(errno, ENOSPC);
	errno = ENOSPC;
	pl_log_reopen();
	assert_int_equal(errno, ENOSPC);
}

static void reopened_on_hangup(void **state)
{
	json_t *list;

	begin("test");
	pl_log(INFO, "e", NULL, "one");
	assert_int_equal(rename(path, moved), 0);
	pl_log(INFO, "e", NULL, "two");
	raise(SIGHUP);
	pl_log(INFO, "e", NULL, "three");
	list = lines(moved);
	assert_int_equal(json_array_size(list), 2);
	json_decref(list);
	list = lines(path);
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(member(list, 0, "text"), "three");
	json_decref(list);
}

static void a_file_that_cannot_be_opened(void **state)
{
	json_t *list;

	begin("test");
	setenv("PELAGO_LOG", "/nowhere/log", 1);
	pl_log_open("test");
	pl_log(INFO, "e", NULL, "still here");
	list = lines(path);
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(member(list, 0, "event"), "log.open");
	assert_string_equal(member(list, 1, "text"), "still here");
	json_decref(list);
}

enum { THREADS = 4, LINES_EACH = 500 };

static void *write_lines(void *arg)
{
	char text[3000];

	memset(text, 'a' + (int)(intptr_t)arg, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < LINES_EACH; i++)
		pl_log(INFO, "e", NULL, "%.*s", i * 5, text);
	return NULL;
}

static void threads_do_not_mix(void **state)
{
	pthread_t threads[THREADS];
	json_t *list;
	size_t seen = 0;

	begin("test");
	for (intptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_lines, (void *)i), 0);
	rename(path, moved);
	for (int i = 0; i < 20; i++)
		pl_log_reopen();
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 2; i++) {
		list = lines(i ? path : moved);
		seen += json_array_size(list);
		for (size_t n = 0; n < json_array_size(list); n++) {
			const char *text = member(list, n, "text");
			char first[2] = { text[0], '\0' };

			assert_int_equal(strspn(text, first), strlen(text));
		}
		json_decref(list);
	}
	assert_int_equal(seen, THREADS * LINES_EACH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_its_members),
		cmocka_unit_test(odd_texts_are_escaped),
		cmocka_unit_test(long_lines_are_cut),
		cmocka_unit_test(debug_is_off_unless_wanted),
		cmocka_unit_test(errno_survives),
		cmocka_unit_test(reopened_on_hangup),
		cmocka_unit_test(a_file_that_cannot_be_opened),
		cmocka_unit_test(threads_do_not_mix),
	};

	return cmocka_run_group_tests_name("log", tests, set_up, tear_down);
}
