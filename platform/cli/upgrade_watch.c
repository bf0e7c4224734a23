/*
 * upgrade_watch.c — how an upgrade goes, a line a step; Ctrl-C leaves it running.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pelago/json.h"
#include "platform/cli/upgrade.h"
#include "platform/supervise/supervise.h"

enum { LOOK_MS = 200, AWAY_MS = 120 * 1000, SEEN_MOST = 1100 };

static const char not_final[] = "'pelago upgrade finalize' makes it final; until then 'pelago "
				"upgrade rollback' goes back with all that came since.";
static volatile sig_atomic_t was_interrupted;

static void on_interrupt(int signal)
{
	(void)signal;
	was_interrupted = 1;
}

static const char *text(const json_t *item, const char *name)
{
	return pl_json_get_text(item, name);
}

static bool is_over(const char *state)
{
	return strcmp(state, "running") != 0 && strcmp(state, "undoing") != 0 &&
	       strcmp(state, "finalizing") != 0;
}

/* ---- lines ---- */

static bool is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(*list, word) == 0)
			return true;
	return false;
}

/* What is told of: ends, and that something is being tried again. */
static bool is_told(const char *state)
{
	static const char *const told[] = { "applying", "done", "failed", "undone", "left", NULL };

	return is_one_of(state, told);
}

static void print_step(size_t i, size_t of, const json_t *step)
{
	const char *state = text(step, "state"), *detail = text(step, "detail");
	time_t now = time(NULL);
	char moment[16] = "";
	struct tm tm;

	if (localtime_r(&now, &tm))
		strftime(moment, sizeof(moment), "%H:%M:%S", &tm);
	printf("%s  %3zu/%zu  %-9s %s%s%s\n", moment, i + 1, of,
	       strcmp(state, "applying") == 0 ? "begins" : state, text(step, "title"),
	       *detail ? ": " : "", detail);
}

/* seen: the state of each step when it was last told; what was over at the first look isn't. */
static void print_changes(const json_t *steps, json_t *seen)
{
	bool is_first = json_object_size(seen) == 0;
	json_t *step;
	size_t i;

	json_array_foreach(steps, i, step) {
		const char *id = text(step, "id"), *state = text(step, "state");

		const char *was = json_string_value(json_object_get(seen, id));

		if (was && strcmp(was, state) == 0)
			continue;
		if (is_told(state) && !(is_first && json_is_string(json_object_get(step, "ended"))))
			print_step(i, json_array_size(steps), step);
		json_object_set_new(seen, id, json_string(state));
	}
	fflush(stdout);
}

/* The release that it went back to, if that isn't the one of before: past a pivot there is no way
 * back. */
static const char *stays_at(const json_t *status)
{
	static const char pivot[] = "level-raise:";
	const char *version = NULL;
	json_t *step;
	size_t i;

	json_array_foreach(json_object_get(status, "steps"), i, step) {
		const char *id = text(step, "id");

		if (strncmp(id, pivot, strlen(pivot)) == 0 &&
		    strcmp(text(step, "state"), "done") == 0)
			version = id + strlen(pivot);
	}
	return version;
}

/* Three ways on (UPG-7). */
static void print_ways_on(FILE *to, const json_t *status)
{
	static const struct {
		const char *state, *says;
	} rows[] = {
		{ "failed", "three ways on: mend it and 'pelago upgrade resume'; 'pelago upgrade "
			    "rollback' goes back to the state before; or take the remaining steps "
			    "by hand, as 'pelago upgrade status' lists them" },
		{ "stuck", "it couldn't be taken back: mend it, then 'pelago upgrade resume'" },
		{ "undone", "all is as it was before" },
	};

	if (strcmp(text(status, "state"), "undone") == 0 && stays_at(status)) {
		fprintf(to,
			"%sit went back to %s, from where there is no way back: what was written "
			"since, %s can't read\n",
			to == stderr ? "pelago: " : "", stays_at(status), text(status, "from"));
		return;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(text(status, "state"), rows[i].state) == 0)
			fprintf(to, "%s%s\n", to == stderr ? "pelago: " : "", rows[i].says);
}

/* ---- how it is, for whoever looks at night ---- */

static bool is_under_way(const json_t *step)
{
	static const char *const states[] = { "applying", "verifying", "undoing", NULL };

	return is_one_of(text(step, "state"), states);
}

/* Seconds since an RFC 3339 moment of the manager; 0 if it can't be told, or lies ahead. */
static long long since(const json_t *step)
{
	struct tm tm = { 0 };
	long long s;

	if (!strptime(text(step, "started"), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return 0;
	s = (long long)(time(NULL) - timegm(&tm));
	return s > 0 ? s : 0;
}

static long long usual(const json_t *step)
{
	return (long long)json_integer_value(json_object_get(step, "usualMs")) / 1000;
}

/* "95 s", "12 min" */
static void print_duration(const char *before, long long s, const char *after)
{
	if (s < 120)
		printf("%s%lld s%s", before, s, after);
	else
		printf("%s%lld min%s", before, s / 60, after);
}

/* What is left if no step goes beside another. */
static long long left(const json_t *steps)
{
	long long sum = 0;
	json_t *step;
	size_t i;

	json_array_foreach(steps, i, step) {
		long long more = usual(step);

		if (is_under_way(step))
			more = more > since(step) ? more - since(step) : 0;
		if (is_under_way(step) || strcmp(text(step, "state"), "waiting") == 0)
			sum += more;
	}
	return sum;
}

static const char *if_fails(const json_t *status)
{
	if (strcmp(text(status, "state"), "undoing") == 0)
		return "contacts, messages and settings stay; there is nothing to do";
	if (strcmp(text(status, "state"), "finalizing") == 0)
		return "it stays upgraded, and can be finalized again";
	return strcmp(text(status, "mode"), "rolling") == 0
		       ? "it goes back by itself, and says why; there is nothing to do"
		       : "it stops: mend the cause, then 'pelago upgrade resume', or 'pelago "
			 "upgrade rollback'";
}

static void print_now(const json_t *status)
{
	const json_t *steps = json_object_get(status, "steps");
	bool goes_back = strcmp(text(status, "state"), "undoing") == 0, has_next = false;
	json_t *step;
	size_t i;

	json_array_foreach(steps, i, step) {
		if (!is_under_way(step))
			continue;
		printf("Now: %zu/%zu %s", i + 1, json_array_size(steps), text(step, "title"));
		print_duration(", for ", since(step), "");
		print_duration(", usually ", usual(step), "\n");
	}
	json_array_foreach(steps, i, step) {
		if (goes_back || has_next || strcmp(text(step, "state"), "waiting") != 0)
			continue;
		printf("Next: %s\n", text(step, "title"));
		has_next = true;
	}
	if (!goes_back)
		print_duration("Left: about ", left(steps), " at most\n");
	printf("%s: %s\n", goes_back ? "It goes back" : "If a step fails", if_fails(status));
}

void upgrade_print(const struct cli *cli, const json_t *status)
{
	static const char *const members[] = { "state", "from", "to", "mode", "plan", "why", "at" };
	json_t *step, *view;
	size_t i;

	if (cli->wants_json) {
		json_t *steps = json_array();

		view = json_object();
		for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
			json_object_set(view, members[i], json_object_get(status, members[i]));
		json_array_foreach(json_object_get(status, "steps"), i, step) {
			json_array_append_new(steps,
					      json_pack("{s:O,s:O,s:O,s:O,s:O,s:O,s:O}", "id",
							json_object_get(step, "id"), "title",
							json_object_get(step, "title"), "state",
							json_object_get(step, "state"), "attempts",
							json_object_get(step, "attempts"),
							"started", json_object_get(step, "started"),
							"ended", json_object_get(step, "ended"),
							"detail", json_object_get(step, "detail")));
		}
		json_object_set_new(view, "steps", steps);
		json_dumpf(view, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(view);
		return;
	}
	if (strcmp(text(status, "state"), "none") == 0) {
		printf("Pelago %s; nothing was upgraded yet\n", text(status, "from"));
		return;
	}
	printf("%s to %s, %s: %s\n", text(status, "from"), text(status, "to"), text(status, "mode"),
	       text(status, "state"));
	if (*text(status, "why"))
		printf("%s\n", text(status, "why"));
	json_array_foreach(json_object_get(status, "steps"), i, step) {
		printf("  %-9s %s%s%s\n", text(step, "state"), text(step, "title"),
		       *text(step, "detail") ? ": " : "", text(step, "detail"));
	}
	/* Last, as that is what is in sight. */
	if (!is_over(text(status, "state")))
		print_now(status);
	else if (strcmp(text(status, "state"), "upgraded") == 0)
		puts(not_final);
	else
		print_ways_on(stdout, status);
}

/* ---- watching ---- */

static int end(const struct cli *cli, const json_t *status, const char *const *good)
{
	const char *state = text(status, "state");

	if (cli->wants_json)
		upgrade_print(cli, status);
	else
		printf("%s to %s: %s\n", text(status, "from"), text(status, "to"), state);
	if (is_one_of(state, good)) {
		if (strcmp(state, "upgraded") == 0 && !cli->wants_json)
			puts(not_final);
		return EXIT_DONE;
	}
	if (*text(status, "why"))
		fprintf(stderr, "pelago: %s\n", text(status, "why"));
	print_ways_on(stderr, status);
	return EXIT_FAILED;
}

static int leave(void)
{
	fputs("\npelago: the upgrade goes on without you: 'pelago upgrade status' shows it, 'pelago "
	      "upgrade resume' watches it again, 'pelago upgrade rollback' takes it back\n",
	      stderr);
	return EXIT_FAILED;
}

int upgrade_watch(struct cli *cli, const char *const *good)
{
	struct sigaction action = { .sa_handler = on_interrupt }, former;
	json_t *seen = json_object(), *status = NULL;
	int64_t heard_ms = supervisor_now_ms();
	int result = -1;

	sigaction(SIGINT, &action, &former);
	while (result < 0) {
		enum pl_err err = cli_call(&status, cli, "Manager.upgrade", NULL);

		if (was_interrupted) {
			result = leave();
		} else if (err) { /* the manager is being replaced: it comes back */
			if (!pl_err_row(err)->retry || supervisor_now_ms() - heard_ms > AWAY_MS)
				result = cli_fail(err);
		} else {
			heard_ms = supervisor_now_ms();
			if (!cli->wants_json)
				print_changes(json_object_get(status, "steps"), seen);
			if (is_over(text(status, "state")))
				result = end(cli, status, good);
		}
		json_decref(status);
		status = NULL;
		if (result < 0)
			usleep(LOOK_MS * 1000);
	}
	sigaction(SIGINT, &former, NULL);
	json_decref(seen);
	return result;
}
