/*
 * supervise_test.c — processes are started, adopted, restarted, judged and stopped; never two of a
 * name.
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
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/supervise/impl.h"

static char data[64];
static char last_why[256];

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static int make_folder(void **state)
{
	(void)state;
	snprintf(data, sizeof(data), "/tmp/pelago-supervise-XXXXXX");
	return mkdtemp(data) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return nftw(data, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void note_why(const struct process_view *view, void *arg)
{
	(void)arg;
	snprintf(last_why, sizeof(last_why), "%s", view->why);
}

static struct supervisor *make(void)
{
	struct supervisor_options options = { .data = data,
					      .on_change = note_why,
					      .healthy_ms = 10000,
					      .pause_ms = 2,
					      .pause_most_ms = 10,
					      .crash_limit = 4,
					      .failed_ms = 60000,
					      .stale_ms = 200,
					      .young_ms = 1,
					      .log_bytes = 100 };
	struct supervisor *s = NULL;

	assert_int_equal(supervisor_new(&s, &options), PL_OK);
	return s;
}

static struct process *add_command(struct supervisor *s, const char *name, const char *command)
{
	const char *argv[] = { "/bin/sh", "-c", command, NULL };
	struct process_spec spec = { .name = name, .tag = "1.0", .argv = argv, .stop_ms = 50 };
	struct process *p = NULL;

	assert_int_equal(process_add(&p, s, &spec), PL_OK);
	return p;
}

static struct process_view look(const struct process *p)
{
	struct process_view view;

	process_view_get(&view, p);
	return view;
}

/* Lets the supervisor work until the process is in a state, and `other` isn't its pid. */
static void until(struct supervisor *s, const struct process *p, enum process_state state,
		  pid_t other)
{
	int64_t deadline_ms = supervisor_now_ms() + 10000;

	while (look(p).state != state || look(p).pid == other) {
		struct pollfd fd = { .fd = supervisor_fd(s), .events = POLLIN };

		assert_true(supervisor_now_ms() < deadline_ms);
		poll(&fd, 1, supervisor_wait_ms(s));
		supervisor_turn(s);
	}
}

static void end(struct supervisor *s)
{
	for (struct process *p = NULL; (p = process_next(s, p));) {
		process_stop(p);
		until(s, p, PROCESS_OFF, -1);
	}
	supervisor_free(s);
}

static void path_of(char path[128], const char *fmt, const char *name)
{
	snprintf(path, 128, "%s/", data);
	snprintf(path + strlen(path), 128 - strlen(path), fmt, name);
}

/* ---- the lock ---- */

static void lock_lives_as_long_as_the_process(void **state)
{
	struct supervisor *s = make();
	struct process *p = add_command(s, "a", "exec sleep 100");
	struct lock_holder holder;
	char path[128];

	(void)state;
	path_of(path, "procs/%s.lock", "a");
	assert_false(lock_is_held(path));
	assert_int_equal(lock_holder_get(&holder, path), PL_NOTFOUND);
	process_start(p);
	assert_int_equal(look(p).state, PROCESS_RUNNING);
	assert_true(lock_is_held(path));
	assert_int_equal(lock_holder_get(&holder, path), PL_OK);
	assert_int_equal(holder.pid, look(p).pid);
	close(holder.pidfd);
	process_stop(p);
	until(s, p, PROCESS_OFF, -1);
	assert_false(lock_is_held(path));
	end(s);
}

static void holder_is_found_whatever_the_file_says(void **state)
{
	static const char *const texts[] = { "", "1 x\n", "999999999 x\n", "nonsense" };
	struct supervisor *s = make();
	struct process *p = add_command(s, "a", "exec sleep 100");
	struct lock_holder holder;
	char path[128];

	(void)state;
	process_start(p);
	path_of(path, "procs/%s.lock", "a");
	usleep(20000); /* it has written by now */
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		FILE *f = fopen(path, "we");

		assert_non_null(f);
		fputs(texts[i], f);
		fclose(f);
		assert_int_equal(lock_holder_get(&holder, path), PL_OK);
		assert_int_equal(holder.pid, look(p).pid);
		assert_string_equal(holder.tag, "");
		close(holder.pidfd);
	}
	end(s);
}

static void never_a_second(void **state)
{
	struct supervisor *first = make(), *second = make();
	struct process *p = add_command(first, "a", "exec sleep 100");
	struct process *q = add_command(second, "a", "exec sleep 200");

	(void)state;
	process_start(p);
	process_start(q);
	if (look(q).state == PROCESS_WAITING) /* it met the child before its exec */
		until(second, q, PROCESS_RUNNING, -1);
	assert_int_equal(look(q).pid, look(p).pid);
	assert_true(look(q).adopted);
	assert_false(look(p).adopted);
	supervisor_free(second);
	end(first);
}

static void the_successor_adopts_and_looks_after(void **state)
{
	struct supervisor *first = make(), *second;
	struct process *p = add_command(first, "a", "exec sleep 100");
	pid_t pid;

	(void)state;
	process_start(p);
	pid = look(p).pid;
	usleep(20000);
	supervisor_free(first); /* as if it had died */
	assert_int_equal(kill(pid, 0), 0);

	second = make();
	p = add_command(second, "a", "exec sleep 100");
	assert_true(process_adopt(p));
	assert_int_equal(look(p).pid, pid);
	assert_string_equal(look(p).tag, "1.0");
	kill(pid, SIGKILL);
	until(second, p, PROCESS_RUNNING, pid);
	assert_false(look(p).adopted);
	end(second);
}

static void adopting_nothing_starts_nothing(void **state)
{
	struct supervisor *s = make();
	struct process *p = add_command(s, "a", "exec sleep 100");

	(void)state;
	assert_false(process_adopt(p));
	assert_int_equal(look(p).state, PROCESS_OFF);
	end(s);
}

/* ---- restarts (PLT-6) ---- */

static void first_restart_is_immediate(void **state)
{
	struct supervisor *s = make();
	struct process *p = add_command(s, "a", "exec sleep 100");
	pid_t pid;

	(void)state;
	process_start(p);
	pid = look(p).pid;
	kill(pid, SIGKILL);
	until(s, p, PROCESS_RUNNING, pid);
	assert_int_equal(look(p).restarts, 1);
	end(s);
}

static void crashes_back_off_and_fail(void **state)
{
	struct supervisor *s = make();
	struct process *p = add_command(s, "a", "exit 3");
	int64_t begun_ms = supervisor_now_ms();

	(void)state;
	process_start(p);
	until(s, p, PROCESS_FAILED, -1);
	/* crash_limit 4: five runs; pauses 0, 2, 4, 8 ms */
	assert_int_equal(look(p).restarts, 4);
	assert_true(supervisor_now_ms() - begun_ms >= 14);
	assert_non_null(strstr(look(p).why, "exited with status 3"));
	/* tried again, but not soon */
	assert_in_range(p->due_ms - supervisor_now_ms(), 50000, 60000);
	p->due_ms = supervisor_now_ms();
	supervisor_turn(s);
	assert_int_equal(look(p).restarts, 5);
	end(s);
}

static void a_healthy_run_forgets_crashes(void **state)
{
	struct supervisor *s = make();
	struct process *p = add_command(s, "a", "exec sleep 100");

	(void)state;
	process_start(p);
	for (int i = 0; i < 20; i++) {
		pid_t pid = look(p).pid;

		p->started_ms -= 20000;
		kill(pid, SIGKILL);
		until(s, p, PROCESS_RUNNING, pid);
	}
	assert_int_equal(look(p).restarts, 20);
	end(s);
}

static void a_missing_program_is_a_crash(void **state)
{
	const char *argv[] = { "/nonexistent/program", NULL };
	struct process_spec spec = { .name = "a", .argv = argv };
	struct supervisor *s = make();
	struct process *p = NULL;

	(void)state;
	assert_int_equal(process_add(&p, s, &spec), PL_OK);
	process_start(p);
	until(s, p, PROCESS_FAILED, -1);
	assert_non_null(strstr(last_why, "/nonexistent/program: No such file"));
	assert_int_equal(look(p).pid, 0);
	end(s);
}

/* ---- stop ---- */

static void what_ignores_the_signal_is_killed(void **state)
{
	struct supervisor *s = make();
	struct process *p =
		add_command(s, "a", "trap '' TERM; echo ready >&2; while :; do sleep 100; done");
	char log[128], text[16] = "";
	pid_t pid;

	(void)state;
	process_start(p);
	pid = look(p).pid;
	path_of(log, "log/%s.log", "a");
	while (!strstr(text, "ready")) {
		int fd = open(log, O_RDONLY | O_CLOEXEC);

		assert_true(fd >= 0);
		assert_true(read(fd, text, sizeof(text) - 1) >= 0);
		close(fd);
		usleep(1000);
	}
	process_stop(p);
	assert_int_equal(look(p).state, PROCESS_STOPPING);
	assert_int_equal(process_remove(p), PL_STATE);
	until(s, p, PROCESS_OFF, -1);
	assert_true(kill(pid, 0) != 0);
	assert_int_equal(process_remove(p), PL_OK);
	supervisor_free(s);
}

static void start_while_it_stops_means_again(void **state)
{
	struct supervisor *s = make();
	struct process *p = add_command(s, "a", "exec sleep 100");
	pid_t pid;

	(void)state;
	process_start(p);
	pid = look(p).pid;
	process_stop(p);
	process_start(p);
	until(s, p, PROCESS_RUNNING, pid);
	end(s);
}

/* ---- heartbeat ---- */

static void a_stale_heartbeat_is_fatal(void **state)
{
	char heartbeat[128], command[300];
	const char *argv[] = { "/bin/sh", "-c", command, NULL };
	struct process_spec spec = {
		.name = "a", .argv = argv, .heartbeat = heartbeat, .stop_ms = 50
	};
	struct supervisor *s = make();
	struct process *p = NULL;
	pid_t pid;

	(void)state;
	path_of(heartbeat, "%s.heartbeat", "a");
	snprintf(command, sizeof(command), "printf 12345678 >%s; exec sleep 100", heartbeat);
	assert_int_equal(process_add(&p, s, &spec), PL_OK);
	process_start(p);
	pid = look(p).pid;
	until(s, p, PROCESS_RUNNING, pid);
	assert_true(kill(pid, 0) != 0);
	end(s);
}

static void without_heartbeat_nothing_is_judged(void **state)
{
	struct process p = { .supervisor = make(),
			     .heartbeat = (char *)(uintptr_t) "/nonexistent/heartbeat" };

	(void)state;
	for (int64_t now_ms = 1; now_ms < 100000; now_ms += BEAT_MS)
		assert_true(heartbeat_is_fresh(&p, now_ms, true));
	supervisor_free(p.supervisor);
}

static void a_late_supervisor_judges_nobody(void **state)
{
	char heartbeat[128];
	struct process p = { .supervisor = make(), .heartbeat = heartbeat, .pid = getpid() };
	FILE *f;

	(void)state;
	path_of(heartbeat, "%s.heartbeat", "b");
	f = fopen(heartbeat, "we");
	assert_non_null(f);
	fputs("12345678", f);
	fclose(f);
	for (int64_t now_ms = 1; now_ms < 100000; now_ms += 1000)
		assert_true(heartbeat_is_fresh(&p, now_ms, false));
	supervisor_free(p.supervisor);
}

static void turns(struct supervisor *s, int ms)
{
	int64_t until_ms = supervisor_now_ms() + ms;

	while (supervisor_now_ms() < until_ms) {
		struct pollfd fd = { .fd = supervisor_fd(s), .events = POLLIN };

		poll(&fd, 1, 10);
		supervisor_turn(s);
	}
}

/* PLT-6: beats that the owner tells; none, or no more: not judged. */
static void told_beats_are_judged_until_untold(void **state)
{
	struct supervisor *s = make();
	struct process *p = add_command(s, "a", "exec sleep 100");
	pid_t pid;

	(void)state;
	process_start(p);
	pid = look(p).pid;
	assert_true(look(p).is_healthy);
	p->started_ms -= 20000;
	for (int i = 0; i < 28; i++) {
		process_beat(p);
		turns(s, 25);
	}
	assert_int_equal(look(p).pid, pid);
	process_unbeat(p);
	turns(s, 700);
	assert_int_equal(look(p).pid, pid);
	process_beat(p);
	until(s, p, PROCESS_RUNNING, pid);
	assert_non_null(strstr(look(p).why, "started again"));
	end(s);
}

/* A process of many threads is kept waiting if one of them is, though the first one sleeps. */
static void a_thread_that_waits_counts(void **state)
{
	struct process p = { .supervisor = make(), .pid = getpid() };
	int64_t stale_ms = heartbeat_stale_ms(&p);

	(void)state;
	process_beat(&p);
	/* this very thread runs, and used no time between two looks */
	assert_true(heartbeat_is_fresh(&p, 100000, true));
	assert_true(heartbeat_is_fresh(&p, 100000 + stale_ms, true));
	assert_true(heartbeat_is_fresh(&p, 100000 + 9 * stale_ms, true));
	assert_false(heartbeat_is_fresh(&p, 100000 + 10 * stale_ms, true));
	supervisor_free(p.supervisor);
}

/* ---- logs ---- */

static void a_large_log_is_rotated(void **state)
{
	struct supervisor *s = make();
	struct process *p = add_command(s, "a", "exec sleep 100");
	char path[140];
	FILE *f;

	(void)state;
	process_start(p);
	p->started_ms -= 1000;
	path_of(path, "log/%s.log", "a");
	for (int i = 0; i < 6; i++) {
		pid_t pid = look(p).pid;

		f = fopen(path, "we");
		assert_non_null(f);
		fprintf(f, "%d %200s", i, "x");
		fclose(f);
		rotate(p);
		assert_true(access(path, F_OK) != 0);
		/* sleep doesn't know SIGHUP as "open your log anew" */
		until(s, p, PROCESS_RUNNING, pid);
		p->started_ms -= 20000;
	}
	path_of(path, "log/%s.log.3", "a");
	f = fopen(path, "re");
	assert_non_null(f);
	assert_int_equal(fgetc(f), '3');
	fclose(f);
	path_of(path, "log/%s.log.4", "a");
	assert_true(access(path, F_OK) != 0);
	end(s);
}

/* ---- names and states ---- */

static void names_stay_in_their_folder(void **state)
{
	static const char *const bad[] = { "", ".", "..", "../a", "a/b", "a b", "a\n" };
	const char *argv[] = { "/bin/true", NULL };
	struct supervisor *s = make();
	struct process *p = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct process_spec spec = { .name = bad[i], .argv = argv };

		assert_int_equal(process_add(&p, s, &spec), PL_INVALID);
	}
	add_command(s, "a", "true");
	assert_int_equal(process_add(&p, s, &(struct process_spec){ .name = "a", .argv = argv }),
			 PL_STATE);
	end(s);
}

/* UPG-41: as a node that leaves its services ends by a signal of its own. */
static void a_renewed_one_ends_by_the_signal_and_comes_with_another_spec(void **state)
{
	struct supervisor *s = make();
	struct process *p = add_command(
		s, "a", "trap 'exit 0' USR2; trap '' TERM; while :; do sleep 0.01; done");
	const char *argv[] = { "/bin/sh", "-c", "exec sleep 100", NULL };
	struct process_spec spec = { .name = "a", .tag = "2.0", .argv = argv, .stop_ms = 5000 };
	pid_t before;

	(void)state;
	process_start(p);
	before = look(p).pid;
	usleep(100000); /* its traps are set; without them it would be ended all the same */
	assert_int_equal(process_respec(p, &spec), PL_OK);
	assert_string_equal(look(p).tag, "1.0");
	process_renew(p, SIGUSR2);
	until(s, p, PROCESS_RUNNING, before);
	assert_string_equal(look(p).tag, "2.0");
	end(s);
}

/* UPG-41: when several end at once, a child that is being started has the others' descriptors for a
 * moment: what they tell is of processes of before. */
static void a_copy_of_a_descriptor_ends_nobody(void **state)
{
	struct supervisor *s = make();
	struct process *p = add_command(s, "a", "exec sleep 100");
	pid_t before;
	int copy;

	(void)state;
	process_start(p);
	before = look(p).pid;
	copy = dup(p->pidfd);
	process_renew(p, SIGKILL);
	until(s, p, PROCESS_RUNNING, before);
	before = look(p).pid;
	for (int i = 0; i < 10; i++)
		supervisor_turn(s);
	assert_int_equal(look(p).state, PROCESS_RUNNING);
	assert_int_equal(look(p).pid, before);
	close(copy);
	end(s);
}

/* UPG-41: as an edge whose connections go over to another one. */
static void one_that_is_let_go_isnt_started_again_unless_it_shall_stay(void **state)
{
	struct supervisor *s = make();
	struct process *p = add_command(s, "a", "sleep 0.2");
	pid_t before;

	(void)state;
	process_start(p);
	before = look(p).pid;
	process_let(p);
	assert_int_equal(look(p).state, PROCESS_STOPPING);
	process_start(p); /* it stays after all */
	assert_int_equal(look(p).state, PROCESS_RUNNING);
	assert_int_equal(look(p).pid, before);
	process_let(p);
	until(s, p, PROCESS_OFF, -1);
	assert_int_equal(look(p).pid, 0);
	process_start(p);
	process_let(p);
	process_stop(p); /* it needn't come to its end */
	until(s, p, PROCESS_OFF, -1);
	end(s);
}

static bool has_rule(enum process_state from, enum process_event event)
{
	for (unsigned i = 0; i < process_rules_count; i++)
		if (process_rules[i].from == from && process_rules[i].event == event)
			return true;
	return false;
}

static void every_event_has_a_rule_or_changes_nothing(void **state)
{
	struct supervisor *s = make();
	struct process *p = add_command(s, "a", "true"), before;

	(void)state;
	for (int from = 0; from < PROCESS_STATE_COUNT; from++) {
		assert_string_not_equal(process_state_text((enum process_state)from), "?");
		for (int event = 0; event < PROCESS_EVENT_COUNT; event++) {
			if (has_rule((enum process_state)from, (enum process_event)event))
				continue;
			p->state = (enum process_state)from;
			memcpy(&before, p, sizeof(before));
			process_event(p, (enum process_event)event);
			assert_memory_equal(&before, p, sizeof(before));
		}
	}
	for (unsigned i = 0; i < process_rules_count; i++)
		assert_non_null(process_rules[i].why);
	p->state = PROCESS_OFF;
	end(s);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		T(lock_lives_as_long_as_the_process),
		T(holder_is_found_whatever_the_file_says),
		T(never_a_second),
		T(the_successor_adopts_and_looks_after),
		T(adopting_nothing_starts_nothing),
		T(first_restart_is_immediate),
		T(crashes_back_off_and_fail),
		T(a_healthy_run_forgets_crashes),
		T(a_missing_program_is_a_crash),
		T(what_ignores_the_signal_is_killed),
		T(start_while_it_stops_means_again),
		T(a_renewed_one_ends_by_the_signal_and_comes_with_another_spec),
		T(a_copy_of_a_descriptor_ends_nobody),
		T(one_that_is_let_go_isnt_started_again_unless_it_shall_stay),
		T(a_stale_heartbeat_is_fatal),
		T(without_heartbeat_nothing_is_judged),
		T(told_beats_are_judged_until_untold),
		T(a_thread_that_waits_counts),
		T(a_late_supervisor_judges_nobody),
		T(a_large_log_is_rotated),
		T(names_stay_in_their_folder),
		T(every_event_has_a_rule_or_changes_nothing),
	};

	return cmocka_run_group_tests_name("supervise", tests, NULL, NULL);
}
