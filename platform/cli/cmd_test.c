/*
 * cmd_test.c — pelago test run, list, runs, schedule: maintenance tests.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pelago/json.h"
#include "platform/cli/plan.h"

enum { LOOK_US = 200000, WAIT_S = 180 };

static const struct cli_column columns[] = {
	{ "Node", "node", FORM_TEXT },
	{ "Test", "title", FORM_TEXT },
	{ "Result", "result", FORM_TEXT },
	{ "Evidence", "evidence", FORM_TEXT },
	{ "At", "atMs", FORM_TIME },
	{ "Key", "test", FORM_ONLY_JSON },
	{ "Cluster", "cluster", FORM_ONLY_JSON },
	{ "Run", "run", FORM_ONLY_JSON },
	{ 0 },
};

static const struct cli_column run_columns[] = {
	{ "Run", "id", FORM_TEXT },	     { "Node", "node", FORM_TEXT },
	{ "Why", "why", FORM_TEXT },	     { "State", "state", FORM_TEXT },
	{ "Failed", "failed", FORM_NUMBER }, { "Asked", "askedMs", FORM_TIME },
	{ "Done", "doneMs", FORM_TIME },     { 0 },
};

static json_t *query_of(const struct cli *cli)
{
	return cli->node ? json_pack("{s:s}", "node", cli->node) : json_object();
}

static int print_list(struct cli *cli, const char *operation, const struct cli_column *shown)
{
	return cli_print_list(cli, operation, query_of(cli), shown);
}

static int list(struct cli *cli)
{
	return print_list(cli, "Manager.tests", columns);
}

static int runs(struct cli *cli)
{
	return print_list(cli, "Manager.testRuns", run_columns);
}

static bool is_of(const json_t *ids, const json_t *run)
{
	json_t *id;
	size_t i;

	json_array_foreach(ids, i, id)
		if (strcmp(json_string_value(id), pl_json_get_text(run, "id")) == 0)
			return true;
	return false;
}

/* How many of the runs aren't over; *failedp of those that are. */
static enum pl_err count_open(int *openp, int *failedp, struct cli *cli, const json_t *ids)
{
	json_t *items = NULL, *run;
	enum pl_err err = cli_list_query(&items, cli, "Manager.testRuns", query_of(cli));
	size_t i;

	*openp = *failedp = 0;
	json_array_foreach(items, i, run)
		if (is_of(ids, run)) {
			*openp += strcmp(pl_json_get_text(run, "state"), "Running") == 0;
			*failedp += strcmp(pl_json_get_text(run, "state"), "Failure") == 0;
		}
	json_decref(items);
	return err;
}

static int run(struct cli *cli)
{
	json_t *asked = NULL, *ids;
	int open = 1, failed = 0, status;
	enum pl_err err;

	if (cli->is_dry)
		return plan_begin(cli, "Manager.testRun", json_object(), query_of(cli));
	err = cli_send(&asked, cli, "Manager.testRun", json_object(), NULL, query_of(cli));

	if (err)
		return cli_fail(err);
	ids = json_object_get(asked, "runs");
	for (int i = 0; !err && open && i < WAIT_S * 1000000 / LOOK_US; i++) {
		usleep(LOOK_US);
		err = count_open(&open, &failed, cli, ids);
	}
	json_decref(asked);
	if (err)
		return cli_fail(err);
	if (open)
		return cli_fail(pl_fail(PL_TIMEOUT,
					"%d nodes have given no results; see 'pelago "
					"test runs'",
					open));
	status = list(cli);
	return status ? status : failed ? EXIT_FAILED : EXIT_DONE;
}

static int schedule(struct cli *cli)
{
	json_t *body = NULL;
	enum pl_err err;
	char *end = NULL;
	long hours;

	if (cli->words_len == 0) {
		err = cli_call(&body, cli, "Manager.testSchedule", NULL);
	} else {
		hours = strtol(cli->words[0], &end, 10);
		if (*end || end == cli->words[0])
			return cli_usage("'%s' is not a number of hours", cli->words[0]);
		err = cli_send(&body, cli, "Manager.testScheduleSet", json_object(), NULL,
			       json_pack("{s:I}", "hours", (json_int_t)hours));
	}
	if (err)
		return cli_fail(err);
	hours = (long)json_integer_value(json_object_get(body, "hours"));
	if (cli->wants_json) {
		json_dumpf(body, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (hours) {
		printf("each %ld hours, and after each install\n", hours);
	} else {
		puts("after each install only");
	}
	json_decref(body);
	return EXIT_DONE;
}

const struct cli_command test_commands[] = {
	{ "test", "run", "", 0, 0, "node dry-run", run,
	  "Runs the maintenance tests of a node, or all, and shows the results; 1 if one failed." },
	{ "test", "list", "", 0, 0, "node", list, "Lists the results of each node's last run." },
	{ "test", "runs", "", 0, 0, "node", runs, "Lists runs, the newest first." },
	{ "test", "schedule", "[HOURS]", 0, 1, "", schedule,
	  "Shows or sets how often they run by themselves; 0 is never." },
	{ 0 },
};
