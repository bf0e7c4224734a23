/*
 * cmd_status.c — pelago status.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "platform/cli/cli.h"
#include "pelago/version.h"

static int print_json(const struct cli *cli, const struct cli_status *status, const char *state)
{
	json_t *value = json_pack(
		"{s:s,s:s,s:s,s:o,s:{s:i,s:i,s:i},s:O,s:O}", "state", state, "version",
		*status->root_version ? status->root_version : pl_version, "data", cli->setup->data,
		"pid", status->root_pid ? json_integer(status->root_pid) : json_null(), "ports",
		"https", cli->setup->https_port, "http", cli->setup->http_port, "bus",
		cli->setup->bus_port, "missing", status->missing, "processes", status->processes);

	if (!value)
		return cli_fail(PL_NOMEM);
	json_dumpf(value, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(value);
	return EXIT_DONE;
}

static void print_text(const struct cli *cli, const struct cli_status *status, const char *state)
{
	json_t *item;
	size_t i;

	if (status->is_ready)
		cli_print_addresses(cli);
	else
		printf("Pelago in %s is %s\n", cli->setup->data, state);
	json_array_foreach(status->missing, i, item) {
		printf("  %s\n", json_string_value(item));
	}
	if (json_array_size(status->processes) > 0)
		puts("\n  Processes:");
	if (status->root_pid)
		printf("    %-28s %-8d %s\n", "pelago", (int)status->root_pid,
		       status->root_version);
	json_array_foreach(status->processes, i, item) {
		printf("    %-28s %-8lld %s\n", json_string_value(json_object_get(item, "name")),
		       (long long)json_integer_value(json_object_get(item, "pid")),
		       json_string_value(json_object_get(item, "version")));
	}
}

static int status_show(struct cli *cli)
{
	enum pl_err err = cli_setup(cli);
	struct cli_status status;
	const char *state;

	if (err == PL_NOTFOUND && cli->wants_json)
		puts("{\"state\": \"not running\"}");
	if (err == PL_NOTFOUND) {
		fprintf(stderr, "pelago: not running: %s\n", pl_err_detail(err));
		return EXIT_UNREACHABLE;
	}
	if (!err)
		err = cli_status_get(&status, cli);
	if (err)
		return cli_fail(err);
	state = status.is_ready			     ? "ready"
		: status.root_pid || status.is_alive ? "not ready"
						     : "not running";
	if (cli->wants_json)
		print_json(cli, &status, state);
	else
		print_text(cli, &status, state);
	cli_status_fini(&status);
	return status.is_ready			    ? EXIT_DONE
	       : status.root_pid || status.is_alive ? EXIT_FAILED
						    : EXIT_UNREACHABLE;
}

const struct cli_command status_commands[] = {
	{ "status", NULL, "", 0, 0, "", status_show,
	  "Tells whether it is ready (exit 0), not ready (1) or not running (3), and what is missing." },
	{ 0 },
};
