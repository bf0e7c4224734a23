/*
 * cmd_plan.c — pelago plan list, show, resume, undo; and how a plan is watched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pelago/json.h"
#include "platform/cli/cli.h"
#include "platform/cli/plan.h"
#include "platform/supervise/supervise.h"

enum { WATCH_MS = 50, LOSSES_MOST = 5 };

static const struct cli_column columns[] = {
	{ "Plan", "id", FORM_TEXT },
	{ "State", "state", FORM_TEXT },
	{ "What", "title", FORM_TEXT },
	{ "By", "who", FORM_TEXT },
	{ "Why", "why", FORM_ONLY_JSON },
	{ "Kind", "kind", FORM_ONLY_JSON },
	{ "At", "atMs", FORM_ONLY_JSON },
	{ "Ended", "endedMs", FORM_ONLY_JSON },
	{ 0 },
};

static const struct cli_column step_columns[] = {
	{ "State", "state", FORM_TEXT }, { "Step", "title", FORM_TEXT },
	{ "Kind", "kind", FORM_TEXT },	 { "Attempts", "attempts", FORM_NUMBER },
	{ "", "detail", FORM_TEXT },	 { 0 },
};

static int list(struct cli *cli)
{
	return cli_print_list(cli, "Manager.plans", json_pack("{s:s*}", "kind", cli->kind),
			      columns);
}

int plan_print(const struct cli *cli, const json_t *plan)
{
	if (cli->wants_json) {
		json_dumpf(plan, stdout, JSON_INDENT(2));
		putchar('\n');
		return EXIT_DONE;
	}
	printf("%s: %s, %s\n", pl_json_get_text(plan, "title"), pl_json_get_text(plan, "state"),
	       pl_json_get_text(plan, "id"));
	return cli_print_items(cli, json_object_get(plan, "steps"), step_columns);
}

static enum pl_err get(json_t **planp, struct cli *cli, const char *id)
{
	return cli_call(planp, cli, "Manager.plan", json_pack("{s:s}", "id", id));
}

static int show(struct cli *cli)
{
	json_t *plan = NULL;
	enum pl_err err = get(&plan, cli, cli->words[0]);
	int status;

	if (err)
		return cli_fail(err);
	status = plan_print(cli, plan);
	json_decref(plan);
	return status;
}

static bool is_over(const char *state)
{
	return strcmp(state, "running") != 0 && strcmp(state, "undoing") != 0;
}

/* One line, written anew, on a terminal. */
static void print_progress(const struct cli *cli, const json_t *plan)
{
	if (!cli->wants_json && isatty(STDOUT_FILENO))
		printf("\r\033[K%s: %s, %lld of %lld", pl_json_get_text(plan, "title"),
		       pl_json_get_text(plan, "state"),
		       (long long)json_integer_value(json_object_get(plan, "done")),
		       (long long)json_integer_value(json_object_get(plan, "of")));
	fflush(stdout);
}

int plan_watch(struct cli *cli, const char *id, const char *good)
{
	json_t *plan = NULL;
	int status, losses = 0; /* a manager that is started anew goes on with it */
	const char *state;
	enum pl_err err;

	for (;;) {
		err = get(&plan, cli, id);
		losses = err ? losses + 1 : 0;
		if (err && (!pl_err_row(err)->retry || losses > LOSSES_MOST))
			return cli_fail(err);
		state = pl_json_get_text(plan, "state");
		if (!err && is_over(state))
			break;
		if (!err)
			print_progress(cli, plan);
		json_decref(plan);
		plan = NULL;
		usleep(WATCH_MS * 1000);
	}
	if (!cli->wants_json && isatty(STDOUT_FILENO))
		fputs("\r\033[K", stdout);
	status = strcmp(state, good) == 0 ? EXIT_DONE : EXIT_FAILED;
	if (cli->wants_json)
		plan_print(cli, plan);
	else
		printf("%s: %s\n", pl_json_get_text(plan, "title"), state);
	if (*pl_json_get_text(plan, "why"))
		fprintf(stderr, "pelago: %s\n", pl_json_get_text(plan, "why"));
	if (strcmp(state, "failed") == 0 || strcmp(state, "stuck") == 0)
		fprintf(stderr,
			"pelago: 'pelago plan resume %s' goes on, 'pelago plan undo %s' takes it back\n",
			id, id);
	json_decref(plan);
	return status;
}

int plan_begin(struct cli *cli, const char *operation, json_t *path, json_t *body)
{
	json_t *view = NULL;
	enum pl_err err;
	int status;

	json_object_set_new(body, "dryRun", json_boolean(cli->is_dry));
	err = cli_send(&view, cli, operation, path, NULL, body);
	if (err)
		return cli_fail(err);
	status = cli->is_dry ? plan_print(cli, view)
			     : plan_watch(cli, pl_json_get_text(view, "id"), "done");
	json_decref(view);
	return status;
}

static int change(struct cli *cli, const char *operation, const char *good)
{
	json_t *plan = NULL;
	enum pl_err err = cli_call(&plan, cli, operation, json_pack("{s:s}", "id", cli->words[0]));

	if (err)
		return cli_fail(err);
	if (strcmp(pl_json_get_text(plan, "state"), "undoing") == 0)
		good = "undone"; /* a stuck one is undone further */
	json_decref(plan);
	return plan_watch(cli, cli->words[0], good);
}

static int resume(struct cli *cli)
{
	return change(cli, "Manager.plan-resume", "done");
}

static int undo(struct cli *cli)
{
	if (!cli_confirm(cli, "Take back plan %s?", cli->words[0]))
		return cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	return change(cli, "Manager.plan-undo", "undone");
}

const struct cli_command plan_commands[] = {
	{ "plan", "list", "", 0, 0, "kind", list,
	  "Lists plans, or those of a kind, the newest first." },
	{ "plan", "show", "PLAN", 1, 1, "", show,
	  "Shows the steps of a plan, and with --json its journal." },
	{ "plan", "resume", "PLAN", 1, 1, "", resume, "Goes on with a plan that failed." },
	{ "plan", "undo", "PLAN", 1, 1, "yes", undo,
	  "Takes a plan back, as far as its last step that can't be." },
	{ 0 },
};
