/*
 * mixture_test.c — UPG-9: a new service with old peers, an old one with new peers, at each level,
 * and what a newer release wrote is read by an older one until the level rises.
 *
 * Ledger and Journal go through the mixtures as an upgrade, its way back, and two upgrades at once
 * do. At each stop all that was ever put must be known to both, the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "pelago/json.h"
#include "test_world.h"

static char services[] = "/tmp/pelago-mixture-XXXXXX";
static struct test_world *world;
static int level, puts_done, orders_done;
static int64_t cents;

/* A release's program at its place, with the manifest beside it. */
static void copy(const char *from, const char *to, mode_t mode)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out;
	struct stat st;

	assert_true(in >= 0 && fstat(in, &st) == 0);
	assert_true(unlink(to) == 0 || errno == ENOENT);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	assert_true(out >= 0);
	for (off_t at = 0; at < st.st_size;)
		assert_true(sendfile(out, in, &at, (size_t)(st.st_size - at)) > 0);
	close(in);
	close(out);
}

static void place(const char *service, const char *lower, int release)
{
	char from[600], to[300];

	snprintf(to, sizeof(to), "%s/%s", services, service);
	assert_true(mkdir(to, 0700) == 0 || errno == EEXIST);
	snprintf(from, sizeof(from), "%s/%s.manifest.json", getenv("RELEASE_SOURCES"), lower);
	snprintf(to, sizeof(to), "%s/%s/manifest.json", services, service);
	copy(from, to, 0600);
	snprintf(from, sizeof(from), "%s/%s-0.%d.0", getenv("RELEASE_PROGRAMS"), lower, release);
	snprintf(to, sizeof(to), "%s/%s/%s", services, service, service);
	copy(from, to, 0700);
}

static void use(const char *service, const char *lower, int release, int *present)
{
	if (*present == release)
		return;
	if (*present)
		test_service_stop(world, service);
	place(service, lower, release);
	test_service_start(world, service, NULL);
	*present = release;
}

static bool is_at_level(struct test_world *w, void *arg)
{
	char ping[64];
	json_t *reply;
	bool is;

	snprintf(ping, sizeof(ping), "%s.ping", (const char *)arg);
	reply = test_request_id(w, ping, json_object(), NULL);
	is = json_integer_value(json_object_get(reply, "level")) == level;
	json_decref(reply);
	return is;
}

static void rise(int to)
{
	static char names[][8] = { "Ledger", "Journal" };

	level = to;
	for (int i = 0; i < 2; i++)
		test_service_configure(world, names[i], json_pack("{s:i}", "level", level));
	for (int i = 0; world && puts_done && i < 2; i++)
		test_until(world, is_at_level, names[i], "the level");
}

static void put(void)
{
	char key[32], amount[32];
	json_t *reply;

	snprintf(key, sizeof(key), "put-%d", puts_done % 5); /* some are put again */
	snprintf(amount, sizeof(amount), "%d.%02d", 10 + puts_done, puts_done % 100);
	reply = test_request(world, "Ledger.put",
			     json_pack("{s:s,s:s}", "key", key, "amount", amount));
	assert_string_equal(test_error(reply), "");
	json_decref(reply);
	if (puts_done >= 5) /* it replaces the one before */
		cents -= 100 * (10 + puts_done - 5) + (puts_done - 5) % 100;
	cents += 100 * (10 + puts_done) + puts_done % 100;
	puts_done++;
}

static void order(void)
{
	char key[32];
	json_t *reply;

	snprintf(key, sizeof(key), "order-%d", orders_done++);
	reply = test_request(world, "Journal.order",
			     json_pack("{s:s,s:s}", "key", key, "amount", "0.07"));
	assert_string_equal(test_error(reply), "");
	json_decref(reply);
	cents += 7;
}

static bool agree(struct test_world *w, void *arg)
{
	json_t *reply = test_request(w, "Journal.compare", json_object());
	int64_t count = (puts_done < 5 ? puts_done : 5) + orders_done;
	bool is = json_integer_value(json_object_get(reply, "count")) == count &&
		  json_integer_value(json_object_get(reply, "cents")) == cents &&
		  json_integer_value(json_object_get(reply, "theirs")) == cents;

	json_decref(reply);
	return is;
}

static void every_mixture_understands_each_other(void **unused)
{
	static const struct {
		int ledger, journal, level;
	} stops[] = {
		{ 1, 1, 1 }, { 2, 1, 1 }, { 2, 2, 1 }, { 1, 2, 1 }, { 1, 1, 1 }, /* up and back */
		{ 3, 1, 1 }, { 3, 3, 1 }, { 1, 3, 1 }, { 2, 3, 1 }, { 3, 2, 1 }, /* two at once */
		{ 2, 2, 1 }, { 2, 2, 2 },					 /* finalized */
		{ 3, 2, 2 }, { 3, 3, 2 }, { 2, 3, 2 }, { 2, 2, 2 }, { 3, 3, 2 }, { 3, 3, 3 },
	};
	int ledger = 0, journal = 0;
	char what[64];

	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
		if (stops[i].level != level)
			rise(stops[i].level);
		use("Ledger", "ledger", stops[i].ledger, &ledger);
		use("Journal", "journal", stops[i].journal, &journal);
		put();
		put();
		order();
		snprintf(what, sizeof(what), "Ledger %d and Journal %d agree at level %d", ledger,
			 journal, level);
		test_until(world, agree, NULL, what);
	}
}

/* Its own words, and its exit status. */
static int start_alone(const char *service, char *said, size_t size)
{
	char program[300], store[512], address[600];
	int pipe_fds[2], status;
	ssize_t len;
	pid_t pid;

	snprintf(program, sizeof(program), "%s/%s/%s", services, service, service);
	test_service_store(world, service, store, sizeof(store));
	snprintf(address, sizeof(address), "%s", store);
	assert_int_equal(pipe(pipe_fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(pipe_fds[1], 2);
		close(pipe_fds[0]);
		close(pipe_fds[1]);
		execl(program, program, "--data", test_world_dir(world), "--node", "local", "--bus",
		      test_world_bus(world), "--store", address, (char *)NULL);
		_exit(99);
	}
	close(pipe_fds[1]);
	for (size_t at = 0; (len = read(pipe_fds[0], said + at, size - 1 - at)) > 0;)
		said[at += (size_t)len] = '\0';
	close(pipe_fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void an_older_program_refuses_what_was_finalized(void **unused)
{
	char said[4096] = "";

	assert_int_equal(level, 3);
	test_service_stop(world, "Ledger");
	place("Ledger", "ledger", 2);
	assert_int_equal(start_alone("Ledger", said, sizeof(said)), 4);
	assert_non_null(strstr(said, "written as of Pelago 0.3, this program is of 0.2.0"));
	place("Ledger", "ledger", 3); /* it was left as it is */
	test_service_start(world, "Ledger", NULL);
	test_until(world, agree, NULL, "nothing was changed by it");
}

static int setup(void **unused)
{
	assert_non_null(getenv("RELEASE_PROGRAMS"));
	assert_non_null(mkdtemp(services));
	setenv("PELAGO_SERVICES", services, 1);
	world = test_world_new();
	return 0;
}

static int teardown(void **unused)
{
	const char *const argv[] = { "rm", "-rf", services, NULL };
	pid_t pid;

	test_world_free(world);
	pid = fork();
	if (pid == 0) {
		execvp(argv[0], (char *const *)argv);
		_exit(99);
	}
	waitpid(pid, NULL, 0);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mixture_understands_each_other),
		cmocka_unit_test(an_older_program_refuses_what_was_finalized),
	};

	return cmocka_run_group_tests_name("release mixtures", tests, setup, teardown);
}
