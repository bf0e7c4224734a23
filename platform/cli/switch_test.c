/*
 * switch_test.c — the root supervisor dies between any two steps of a switch, and the next one
 * comes to the same end: whatever is written, and whatever runs.
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

#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pelago/json.h"
#include "pelago/log.h"
#include "platform/cli/switch.h"
#include "platform/setup/file.h"

static char data[64], base[80];
static struct setup setup;
static struct parts parts;
static struct supervisor *supervisor;
static struct switches *switches;

/* Programs whose heartbeats change; an edge's says that it accepts connections. */
static const char node_text[] =
	"#!/bin/sh\n"
	"trap 'exit 0' TERM USR2\n"
	"while :; do date +%N > \"$2/nodes/node-x/heartbeat\"; sleep 0.03; done\n";
static const char edge_text[] =
	"#!/bin/sh\n"
	"trap 'exit 0' TERM\n"
	"slot=; for word; do [ \"$word\" != --instance ] || slot=.2; done\n"
	"while :; do printf '%s\\001\\0\\0\\0\\0\\0\\0\\0' \"$(date +%N | cut -c1-8)\" "
	"> \"$2/procs/edge.heartbeat$slot\"; sleep 0.03; done\n";
static const char falls_text[] = "#!/bin/sh\nexit 7\n";

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	return remove(path);
}

static void put(const char *version, const char *name, const char *text)
{
	char folder[200], path[300];

	snprintf(folder, sizeof(folder), "%s/%s", *version ? data : base,
		 *version ? "platform" : "");
	if (*version)
		snprintf(folder + strlen(folder), sizeof(folder) - strlen(folder), "/%s", version);
	assert_int_equal(folder_make(folder, 0700), PL_OK);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(file_replace(path, text, strlen(text), 0700), PL_OK);
}

static int make_world(void **state)
{
	char path[200];

	snprintf(data, sizeof(data), "/tmp/pelago-switch-XXXXXX");
	if (!mkdtemp(data))
		return -1;
	snprintf(base, sizeof(base), "%s/base", data);
	setup = (struct setup){ .data = data,
				.programs = base,
				.https_port = 1,
				.http_port = 2,
				.store = (char *)(uintptr_t) "sqlite:x",
				.node = (char *)(uintptr_t) "node-x",
				.has_edge = true };
	put("", "pelago-node", node_text);
	put("", "pelago-edge", edge_text);
	put("0.2.0", "pelago-node", node_text);
	put("0.2.0", "pelago-edge", edge_text);
	put("0.3.0", "pelago-node", falls_text);
	put("0.3.0", "pelago-edge", falls_text);
	snprintf(path, sizeof(path), "%s/nodes/node-x", data);
	setenv("PELAGO_TRIAL_MS", "50", 1);
	return folder_make(path, 0700) ? -1 : 0;
}

static void on_change(const struct process_view *view, void *arg)
{
	if (switches)
		switches_note(switches, view);
}

static void begin(void)
{
	struct supervisor_options options = { .data = data, .on_change = on_change, .pause_ms = 5 };

	assert_int_equal(supervisor_new(&supervisor, &options), PL_OK);
	parts = (struct parts){ .setup = &setup,
				.supervisor = supervisor,
				.nats_server = (char *)(uintptr_t) "/bin/false",
				.bus_url = (char *)(uintptr_t) "tls://127.0.0.1:1" };
	assert_int_equal(switches_new(&switches, &parts), PL_OK);
	switches_start(switches);
}

/* As if it had been killed: what it has started lives on. */
static void die(void)
{
	switches_free(switches);
	switches = NULL;
	supervisor_free(supervisor);
}

static void turn(void)
{
	struct pollfd fd = { .fd = supervisor_fd(supervisor), .events = POLLIN };

	poll(&fd, 1, 10);
	supervisor_turn(supervisor);
	supervisor_reap(supervisor);
	switches_beat(switches);
}

static bool runs(const char *name, const char *version)
{
	char tag[80];

	for (struct process *p = NULL; (p = process_next(supervisor, p));) {
		struct process_view view;

		process_view_get(&view, p);
		snprintf(tag, sizeof(tag), "%s", view.tag);
		tag[strcspn(tag, ",")] = '\0';
		if (strncmp(view.name, name, strlen(name)) == 0 && view.is_healthy &&
		    strcmp(tag, version) == 0)
			return true;
	}
	return false;
}

static void until(const char *name, const char *version, const char *state)
{
	int64_t deadline_ms = supervisor_now_ms() + 20000;
	const json_t *entry;

	do {
		assert_true(supervisor_now_ms() < deadline_ms);
		turn();
		entry = programs_get(switches->programs, name);
	} while (!runs(name, version) || strcmp(pl_json_get_text(entry, "state"), state) != 0 ||
		 strcmp(pl_json_get_text(entry, "version"), version) != 0);
}

static void until_runs(const char *name, const char *version)
{
	int64_t deadline_ms = supervisor_now_ms() + 20000;

	while (!runs(name, version)) {
		assert_true(supervisor_now_ms() < deadline_ms);
		turn();
	}
}

static int remove_world(void **state)
{
	int64_t deadline_ms = supervisor_now_ms() + 10000;
	bool all_off = false;

	while (!all_off && supervisor_now_ms() < deadline_ms) {
		struct pollfd fd = { .fd = supervisor_fd(supervisor), .events = POLLIN };

		all_off = true;
		for (struct process *p = NULL; (p = process_next(supervisor, p));) {
			struct process_view view;

			process_stop(p);
			process_signal(p, SIGKILL);
			process_view_get(&view, p);
			all_off &= view.state == PROCESS_OFF;
		}
		poll(&fd, 1, 10);
		supervisor_turn(supervisor);
	}
	die();
	return nftw(data, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void anew(void)
{
	assert_int_equal(remove_world(NULL), 0);
	assert_int_equal(make_world(NULL), 0);
}

static void write_entry(const char *name, const char *version, const char *before,
			const char *state)
{
	json_t *programs = json_pack("{s:{s:s,s:s},s:{s:{s:s,s:s,s:s,s:s,s:i}}}", "base", "version",
				     "0.1.0", "path", base, "programs", name, "version", version,
				     "before", before, "state", state, "detail", "", "n", 1);

	assert_int_equal(programs_write(programs, data), PL_OK);
	json_decref(programs);
}

/* UPG-41: whatever was written and whatever runs of two versions, the end is the same. */
static void every_moment_of_death_has_the_same_end(void **state)
{
	static const char *const names[] = { "node-x", PROGRAM_EDGE };
	static const struct {
		const char *runs;		      /* "": nothing */
		const char *version, *before, *state; /* written */
		const char *end, *end_state;
	} rows[] = {
		{ "0.1.0", "0.2.0", "0.1.0", PROGRAM_TRIAL, "0.2.0", PROGRAM_RUNNING },
		{ "0.2.0", "0.2.0", "0.1.0", PROGRAM_TRIAL, "0.2.0", PROGRAM_RUNNING },
		{ "", "0.2.0", "0.1.0", PROGRAM_TRIAL, "0.2.0", PROGRAM_RUNNING },
		{ "0.2.0", "0.1.0", "0.2.0", PROGRAM_FAILED, "0.1.0", PROGRAM_FAILED },
		{ "0.1.0", "0.1.0", "0.2.0", PROGRAM_FAILED, "0.1.0", PROGRAM_FAILED },
		{ "", "0.1.0", "0.2.0", PROGRAM_FAILED, "0.1.0", PROGRAM_FAILED },
		{ "0.1.0", "0.3.0", "0.1.0", PROGRAM_TRIAL, "0.1.0", PROGRAM_FAILED },
		{ "", "0.3.0", "0.1.0", PROGRAM_TRIAL, "0.1.0", PROGRAM_FAILED },
		{ "0.2.0", "0.3.0", "0.2.0", PROGRAM_TRIAL, "0.2.0", PROGRAM_FAILED },
	};

	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			write_entry(names[k], *rows[i].runs ? rows[i].runs : "0.1.0", "",
				    PROGRAM_RUNNING);
			begin();
			until_runs(names[k], *rows[i].runs ? rows[i].runs : "0.1.0");
			if (*rows[i].runs)
				die();
			else
				anew();
			write_entry(names[k], rows[i].version, rows[i].before, rows[i].state);
			begin();
			until(names[k], rows[i].end, rows[i].end_state);
			anew();
		}
	begin(); /* for the teardown */
}

/* UPG-41: it dies again and again, each time a little later. */
static void it_dies_after_every_turn(void **state)
{
	begin();
	until_runs("node-x", "0.1.0"); /* the version of these programs */
	assert_int_equal(wish_put(data, "node-x", "0.2.0", 5), PL_OK);
	assert_int_equal(wish_put(data, PROGRAM_EDGE, "0.2.0", 6), PL_OK);
	for (int turns = 0; turns < 24; turns++) {
		for (int i = 0; i < turns % 8; i++)
			turn();
		die();
		begin();
	}
	until("node-x", "0.2.0", PROGRAM_RUNNING);
	until(PROGRAM_EDGE, "0.2.0", PROGRAM_RUNNING);
}

/* UPG-40: two wishes at once, one for what isn't there. */
static void what_isnt_there_is_refused_and_the_last_wish_counts(void **state)
{
	begin();
	until_runs("node-x", "0.1.0");
	assert_int_equal(wish_put(data, "node-x", "0.9.0", 5), PL_OK);
	until("node-x", "0.1.0", PROGRAM_FAILED);
	assert_non_null(
		strstr(pl_json_get_text(programs_get(switches->programs, "node-x"), "detail"),
		       "aren't on this host"));
	assert_int_equal(wish_put(data, "node-x", "0.2.0", 6), PL_OK);
	for (int i = 0; i < 30; i++)
		turn();
	assert_int_equal(wish_put(data, "node-x", "0.1.0", 7), PL_OK); /* in the midst of it */
	until("node-x", "0.1.0", PROGRAM_RUNNING);
	assert_int_equal(json_integer_value(
				 json_object_get(programs_get(switches->programs, "node-x"), "n")),
			 7);
}

/* UPG-9: from then on older programs refuse the folder, and there is nothing to go back to. */
static void a_settled_host_has_no_version_before(void **state)
{
	int64_t deadline_ms = supervisor_now_ms() + 20000;
	json_t *settings = NULL;
	char path[200];

	setup.settings = json_pack("{s:s}", "version", "0.1.0");
	begin();
	until_runs("node-x", "0.1.0");
	assert_int_equal(wish_put(data, "node-x", "0.2.0", 5), PL_OK);
	until("node-x", "0.2.0", PROGRAM_RUNNING);
	assert_true(programs_use(switches->programs, "0.1.0"));
	assert_int_equal(wish_put(data, "settled", "0.2.0", 9), PL_OK);
	while (json_integer_value(json_object_get(switches->programs, "settled")) != 9) {
		assert_true(supervisor_now_ms() < deadline_ms);
		turn();
	}
	assert_false(programs_use(switches->programs, "0.1.0"));
	snprintf(path, sizeof(path), "%s/pelago.json", data);
	assert_int_equal(file_read_json(&settings, path), PL_OK);
	assert_string_equal(pl_json_get_text(settings, "version"), "0.2.0");
	json_decref(settings);
	json_decref(setup.settings);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make_world, remove_world)
	const struct CMUnitTest tests[] = {
		T(every_moment_of_death_has_the_same_end),
		T(it_dies_after_every_turn),
		T(what_isnt_there_is_refused_and_the_last_wish_counts),
		T(a_settled_host_has_no_version_before),
	};

	setenv("PELAGO_LOG", "/dev/null", 0);
	pl_log_open("switch");
	return cmocka_run_group_tests_name("switch", tests, NULL, NULL);
}
