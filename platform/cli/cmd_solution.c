/*
 * cmd_solution.c — pelago solution status, stop, start, site.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pelago/json.h"
#include "platform/cli/cli.h"
#include "platform/supervise/supervise.h"

enum { WAIT_MS = 120000, LOOK_US = 200000 };

static const struct cli_column columns[] = {
	{ "Cluster", "name", FORM_TEXT },
	{ "State", "state", FORM_TEXT },
	{ 0 },
};

static int print(const struct cli *cli, json_t *body)
{
	int status = EXIT_DONE;

	if (cli->wants_json) {
		json_dumpf(body, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		printf("Solution: %s, site %s\n", pl_json_get_text(body, "state"),
		       pl_json_get_text(body, "site"));
		if (*pl_json_get_text(body, "address"))
			printf("Floating address %s: on %s\n", pl_json_get_text(body, "address"),
			       pl_json_get_text(body, "addressNode"));
		putchar('\n');
		status = cli_print_items(cli, json_object_get(body, "clusters"), columns);
	}
	json_decref(body);
	return status;
}

static int show(struct cli *cli)
{
	json_t *body = NULL;
	enum pl_err err = cli_call(&body, cli, "Manager.solution", NULL);

	return err ? cli_fail(err) : print(cli, body);
}

/* Asks for it, and waits until it is there. */
static int change(struct cli *cli, const char *operation, const char *state)
{
	int64_t deadline_ms = supervisor_now_ms() + WAIT_MS;
	json_t *body = NULL;
	enum pl_err err = cli_send(&body, cli, operation, json_object(), NULL, json_object());

	while (!err && strcmp(pl_json_get_text(body, "state"), state) != 0) {
		if (supervisor_now_ms() >= deadline_ms) {
			err = pl_fail(PL_TIMEOUT, "it is %s after %d s, and goes on",
				      pl_json_get_text(body, "state"), WAIT_MS / 1000);
			break;
		}
		usleep(LOOK_US);
		json_decref(body);
		body = NULL;
		err = cli_call(&body, cli, "Manager.solution", NULL);
	}
	if (!err)
		return print(cli, body);
	json_decref(body);
	return cli_fail(err);
}

static int stop(struct cli *cli)
{
	if (!cli_confirm(cli, "Stop all services of the solution?"))
		return cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	return change(cli, "Manager.stop", "Stopped");
}

static int start(struct cli *cli)
{
	return change(cli, "Manager.start", "Started");
}

static int site(struct cli *cli)
{
	json_t *body = NULL;
	enum pl_err err;

	if (!cli_confirm(cli, "Change the site's mode to %s?", cli->words[0]))
		return cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	err = cli_send(&body, cli, "Manager.site", json_object(), NULL,
		       json_pack("{s:s}", "mode", cli->words[0]));
	return err ? cli_fail(err) : print(cli, body);
}

const struct cli_command solution_commands[] = {
	{ "solution", "status", "", 0, 0, "", show,
	  "Tells whether the whole solution is started or stopped, and the site's mode." },
	{ "solution", "stop", "", 0, 0, "yes", stop,
	  "Stops all services in order, one cluster after the other; bus and manager stay." },
	{ "solution", "start", "", 0, 0, "", start, "Starts them again, as they were." },
	{ "solution", "site", "MODE", 1, 1, "yes", site,
	  "Sets the site's mode: Active, or Standby or Deny, in which no new work is taken." },
	{ 0 },
};
