/*
 * cmd_upgrade.c — pelago upgrade check, plan, run, resume, rollback, finalize, status, report; and
 * what checks want.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engines/spell/spell.h"
#include "pelago/json.h"
#include "platform/cli/release.h"
#include "platform/cli/send.h"
#include "platform/cli/upgrade.h"

enum { LOAD_MS = 10 * 60 * 1000, FIX_WORDS = 16 };

static const char *const upgraded[] = { "upgraded", NULL };
static const char *const undone[] = { "undone", NULL };
static const char *const finalized[] = { "finalized", NULL };
static const char *const resumed[] = { "upgraded", "undone", "finalized", NULL };

/* ---- a release, and what is to be done with it ---- */

struct job {
	struct upgrade_typed typed;
	struct bundle release;
	json_t *options; /* that were proposed and taken, or NULL */
	json_t *names;	 /* of clusters, confirmed */
	bool acknowledges;
	int fd;
};

static int job_open(struct job *job, struct cli *cli)
{
	int status;
	enum pl_err err;

	memset(job, 0, sizeof(*job));
	job->fd = -1;
	status = upgrade_read(&job->typed, cli);
	if (status)
		return status;
	err = release_open(&job->release, &job->fd, cli, job->typed.file);
	return err ? cli_fail(err) : EXIT_DONE;
}

static void job_close(struct job *job)
{
	if (job->fd >= 0)
		close(job->fd);
	bundle_fini(&job->release);
	json_decref(job->options);
	json_decref(job->names);
}

static const char *version_of(const struct job *job)
{
	return pl_json_get_text(job->release.manifest, "version");
}

/* Asks the manager; the release is given by its manifest, or by its version once it is loaded. */
static enum pl_err ask(json_t **bodyp, struct cli *cli, const struct job *job,
		       const char *operation, bool is_loaded)
{
	json_t *body = upgrade_request(&job->typed, cli, job->options);

	if (!body)
		return PL_NOMEM;
	if (is_loaded)
		json_object_set_new(body, "version", json_string(version_of(job)));
	else
		json_object_set(body, "release", job->release.manifest);
	if (job->names)
		json_object_set(body, "clusters", job->names);
	json_object_set_new(body, "acknowledge", json_boolean(job->acknowledges));
	if (cli->minutes)
		json_object_set_new(body, "finalizeAfterMinutes",
				    json_integer(strtol(cli->minutes, NULL, 10)));
	return cli_send(bodyp, cli, operation, json_object(), NULL, body);
}

/* ---- fixes ---- */

/* Runs "pelago WORDS" of this program, for this instance; its exit status. */
static int run_words(const struct cli *cli, const char *words)
{
	char copy[300], *argv[FIX_WORDS + 4] = { (char *)(uintptr_t) "pelago" }, *rest = copy,
					  *word;
	int argc = 1, status = 0;
	pid_t pid;

	snprintf(copy, sizeof(copy), "%s", words);
	while (argc <= FIX_WORDS && (word = strsep(&rest, " ")))
		if (*word)
			argv[argc++] = word;
	argv[argc++] = (char *)(uintptr_t) "--data";
	argv[argc] = cli->setup->data;
	if (!cli->wants_json)
		printf("pelago %s\n", words);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (cli->wants_json)
			dup2(STDERR_FILENO, STDOUT_FILENO);
		execv("/proc/self/exe", argv);
		_exit(EXIT_FAILED);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return EXIT_FAILED;
	return WEXITSTATUS(status);
}

static int fix_one(const struct cli *cli, const json_t *check)
{
	const json_t *commands = json_object_get(check, "commands");
	int status = EXIT_DONE;
	json_t *words;
	size_t i;

	json_array_foreach(commands, i, words) {
		if (!status)
			status = run_words(cli, json_string_value(words));
	}
	return status;
}

static int unknown_key(const char *key, const json_t *items)
{
	const char *keys[64] = { NULL }, *nearest;
	json_t *item;
	size_t i;

	json_array_foreach(items, i, item) {
		if (i < 63)
			keys[i] = pl_json_get_text(item, "key");
	}
	nearest = spell_nearest(key, keys);
	return nearest ? cli_usage("there is no check '%s'; did you mean '%s'?", key, nearest)
		       : cli_usage("there is no check '%s'; 'pelago upgrade check' lists them",
				   key);
}

/* Those that need it; one that was named and that no command mends is refused. */
static int fix(const struct cli *cli, const json_t *items)
{
	bool is_all = strcmp(cli->fix, "all") == 0, is_known = is_all;
	int status = EXIT_DONE;
	json_t *item;
	size_t i;

	json_array_foreach(items, i, item) {
		const char *key = pl_json_get_text(item, "key");

		if (status || (!is_all && strcmp(cli->fix, key) != 0))
			continue;
		is_known = true;
		status = fix_one(cli, item);
		if (!is_all && strcmp(pl_json_get_text(item, "result"), "pass") != 0 &&
		    json_array_size(json_object_get(item, "commands")) == 0) {
			fprintf(stderr, "pelago: %s: no command mends it: %s\n", key,
				pl_json_get_text(item, "fix"));
			status = EXIT_REFUSED;
		}
	}
	return is_known ? status : unknown_key(cli->fix, items);
}

/* ---- commands ---- */

static int check(struct cli *cli)
{
	json_t *answer = NULL;
	struct job job;
	int status = job_open(&job, cli);
	enum pl_err err;

	if (!status) {
		err = ask(&answer, cli, &job, "Manager.upgrade-check", false);
		status = err ? cli_fail(err) : EXIT_DONE;
	}
	if (!status && cli->fix) {
		status = fix(cli, json_object_get(answer, "checks"));
		json_decref(answer);
		answer = NULL;
		if (!status) { /* how it is now */
			err = ask(&answer, cli, &job, "Manager.upgrade-check", false);
			status = err ? cli_fail(err) : EXIT_DONE;
		}
	}
	if (answer) {
		upgrade_report(cli, answer, version_of(&job));
		if (!status && json_integer_value(json_object_get(answer, "inhibits")) > 0)
			status = EXIT_REFUSED;
	}
	json_decref(answer);
	job_close(&job);
	return status;
}

static void print_estimate(const json_t *view)
{
	long long total_ms = 0;
	json_t *step;
	size_t i;

	json_array_foreach(json_object_get(view, "steps"), i, step) {
		long long ms = (long long)json_integer_value(json_object_get(step, "usualMs"));

		total_ms += ms;
		printf("%4zu  %5.1f s  %s\n", i + 1, (double)ms / 1000,
		       pl_json_get_text(step, "title"));
	}
	printf("%zu steps, about %lld s where none goes beside another\n",
	       json_array_size(json_object_get(view, "steps")), total_ms / 1000);
}

static int show_plan(struct cli *cli, const struct job *job)
{
	json_t *view = NULL;
	enum pl_err err = ask(&view, cli, job, "Manager.upgrade-plan", false);

	if (err)
		return cli_fail(err);
	if (cli->wants_json) {
		json_dumpf(view, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		printf("%s\n", pl_json_get_text(view, "title"));
		print_estimate(view);
	}
	json_decref(view);
	return EXIT_DONE;
}

static int plan(struct cli *cli)
{
	struct job job;
	int status = job_open(&job, cli);

	if (!status)
		status = show_plan(cli, &job);
	job_close(&job);
	return status;
}

/* With no option typed, what is installed is proposed (UPG-2). */
static int propose(struct job *job, struct cli *cli, const json_t *answer)
{
	const json_t *options = json_object_get(answer, "options");
	char list[300] = "";
	json_t *name;
	size_t i;

	if (job->typed.has_options)
		return EXIT_DONE;
	json_array_foreach(options, i, name) {
		size_t len = strlen(list);

		snprintf(list + len, sizeof(list) - len, "%s%s", len ? " " : "",
			 json_string_value(name));
	}
	if (!upgrade_yes(cli, NULL, "No option was named. Installed: %s. Upgrade these",
			 *list ? list : "none"))
		return EXIT_USAGE;
	job->options = json_deep_copy(options);
	return EXIT_DONE;
}

static int confirm_names(struct job *job, struct cli *cli)
{
	json_t *clusters = NULL;
	enum pl_err err = cli_list(&clusters, cli, "Manager.clusters");
	int status;

	if (err)
		return cli_fail(err);
	status = upgrade_confirm_names(&job->names, cli, &job->typed, clusters);
	json_decref(clusters);
	return status;
}

static bool is_acknowledged(const json_t *answer)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(answer, "checks"), i, item) {
		if (strcmp(pl_json_get_text(item, "key"), "release-notes") == 0)
			return strcmp(pl_json_get_text(item, "result"), "pass") == 0;
	}
	return false;
}

/* Preflight: all of it is shown before the first thing stops it. */
static int preflight(struct job *job, struct cli *cli)
{
	json_t *answer = NULL;
	enum pl_err err = ask(&answer, cli, job, "Manager.upgrade-check", false);
	int status = err ? cli_fail(err) : propose(job, cli, answer);

	if (!status && !is_acknowledged(answer))
		job->acknowledges = upgrade_yes(cli, NULL, "Have the release notes of %s been read",
						version_of(job));
	if (!status && (job->options || job->acknowledges)) {
		json_decref(answer);
		answer = NULL;
		err = ask(&answer, cli, job, "Manager.upgrade-check", false);
		status = err ? cli_fail(err) : EXIT_DONE;
	}
	if (!status && json_integer_value(json_object_get(answer, "inhibits")) > 0) {
		upgrade_report(cli, answer, version_of(job));
		fputs("pelago: nothing was changed\n", stderr);
		status = EXIT_REFUSED;
	}
	json_decref(answer);
	return status;
}

static int start(struct job *job, struct cli *cli)
{
	json_t *view = NULL;
	enum pl_err err;

	if (!cli->wants_json) {
		printf("Loading %s\n", job->typed.file);
		fflush(stdout);
	}
	cli->wait_ms = LOAD_MS;
	err = file_send(&view, cli, job->fd, "Manager.release-load");
	cli->wait_ms = 0;
	json_decref(view);
	view = NULL;
	if (!err)
		err = ask(&view, cli, job, "Manager.upgrade-run", true);
	if (err)
		return cli_fail(err);
	if (!cli->wants_json)
		printf("%s: plan %s, %zu steps\n", pl_json_get_text(view, "title"),
		       pl_json_get_text(view, "id"),
		       json_array_size(json_object_get(view, "steps")));
	json_decref(view);
	return upgrade_watch(cli, upgraded);
}

static int change(struct cli *cli, const char *operation, const char *const *good)
{
	json_t *view = NULL;
	enum pl_err err = cli_send(&view, cli, operation, json_object(), NULL, json_object());

	json_decref(view);
	return err ? cli_fail(err) : upgrade_watch(cli, good);
}

static int resume(struct cli *cli)
{
	return change(cli, "Manager.upgrade-resume", resumed);
}

/* The same words as at first: they are looked at, but the plan is as it was stored. */
static int resume_typed(struct cli *cli)
{
	struct upgrade_typed typed;
	int status = upgrade_read(&typed, cli);

	return status ? status : resume(cli);
}

static int run(struct cli *cli)
{
	struct job job;
	int status;

	if (cli->wants_resume)
		return resume_typed(cli);
	status = job_open(&job, cli);
	if (!status && cli->wants_plan) {
		status = show_plan(cli, &job);
		job_close(&job);
		return status;
	}
	if (!status)
		status = confirm_names(&job, cli);
	if (!status)
		status = preflight(&job, cli);
	if (!status && !upgrade_yes(cli, NULL, "Upgrade to %s, %s", version_of(&job),
				    cli->wants_rolling ? "rolling" : "in a maintenance window"))
		status = EXIT_USAGE;
	if (!status)
		status = start(&job, cli);
	job_close(&job);
	return status;
}

static int rollback(struct cli *cli)
{
	if (!cli_confirm(cli, "Go back to the version before the upgrade?"))
		return cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	return change(cli, "Manager.upgrade-rollback", undone);
}

static int finalize(struct cli *cli)
{
	if (!cli_confirm(cli, "Make the upgrade final? There is no way back then"))
		return cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	return change(cli, "Manager.upgrade-finalize", finalized);
}

static int show_status(struct cli *cli)
{
	json_t *view = NULL;
	enum pl_err err = cli_call(&view, cli, "Manager.upgrade", NULL);

	if (err)
		return cli_fail(err);
	upgrade_print(cli, view);
	json_decref(view);
	return EXIT_DONE;
}

/* Of the last upgrade, or of a release in a file. */
static int report(struct cli *cli)
{
	struct bundle release = { 0 };
	json_t *view = NULL, *body = NULL;
	int fd = -1;
	enum pl_err err = PL_OK;

	if (cli->words_len > 0) {
		err = release_open(&release, &fd, cli, cli->words[0]);
		body = err ? NULL : json_pack("{s:O}", "release", release.manifest);
	}
	if (!err)
		err = cli_send(&view, cli, "Manager.upgrade-report", NULL, NULL, body);
	if (fd >= 0)
		close(fd);
	bundle_fini(&release);
	if (err)
		return cli_fail(err);
	upgrade_summary(cli, view);
	json_decref(view);
	return EXIT_DONE;
}

/* ---- what checks want ---- */

static int tell(struct cli *cli, const char *operation, json_t *body)
{
	json_t *view = NULL;
	enum pl_err err = cli_send(&view, cli, operation, json_object(), NULL, body);

	if (!err && cli->wants_json) {
		json_dumpf(view, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(view);
	return err ? cli_fail(err) : EXIT_DONE;
}

static int acknowledge(struct cli *cli)
{
	if (!cli_confirm(cli, "Have the release notes of %s been read?", cli->words[0]))
		return cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	return tell(cli, "Manager.upgrade-acknowledge",
		    json_pack("{s:s}", "version", cli->words[0]));
}

static int unprofile(struct cli *cli)
{
	if (!cli_confirm(cli, "Take %s out of %s until the upgrade is over?", cli->words[1],
			 cli->words[0]))
		return cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	return tell(cli, "Manager.upgrade-unprofile",
		    json_pack("{s:s,s:s}", "profile", cli->words[0], "service", cli->words[1]));
}

#define WORDS "FILE -cg N CONFIGURATION [OPTION…]"
const struct cli_command upgrade_commands[] = {
	{ "upgrade", "check", WORDS, 0, 20, "window rolling cluster fix html", check,
	  "Looks at all that matters to an upgrade, and changes nothing." },
	{ "upgrade", "plan", WORDS, 0, 20, "window rolling cluster", plan,
	  "Shows each step that an upgrade would take, and how long it usually does." },
	{ "upgrade", "run", WORDS, 0, 20,
	  "window rolling cluster plan yes resume finalize-after-minutes", run,
	  "Upgrades the whole solution, as upgradeSolution does." },
	{ "upgrade", "resume", "", 0, 0, "", resume,
	  "Goes on with an upgrade that failed, or watches one that runs." },
	{ "upgrade", "rollback", "", 0, 0, "yes", rollback,
	  "Goes back to the version before, with all that came since." },
	{ "upgrade", "finalize", "", 0, 0, "yes", finalize,
	  "Lets the new version write what the old one can't read; there is no way back then." },
	{ "upgrade", "status", "", 0, 0, "", show_status, "Shows the last upgrade and its steps." },
	{ "upgrade", "report", "[FILE]", 0, 1, "html", report,
	  "Tells what came after the services of the last upgrade, and who uses an outside interface "
	  "that it changes; with FILE, of a release beforehand." },
	{ "upgrade", "acknowledge", "VERSION", 1, 1, "yes", acknowledge,
	  "Says that the release notes of a version were read." },
	{ "upgrade", "unprofile", "PROFILE SERVICE", 2, 2, "yes", unprofile,
	  "Takes a service out of a service profile until the upgrade has put it back." },
	{ 0 },
};
