/*
 * cmd_replication.c — pelago replication status, resync.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "pelago/json.h"
#include "platform/cli/cli.h"

static const struct cli_column columns[] = {
	{ "Node", "node", FORM_TEXT },
	{ "Cluster", "cluster", FORM_TEXT },
	{ "State", "state", FORM_TEXT },
	{ "Version", "version", FORM_NUMBER },
	{ "Checksum", "checksum", FORM_TEXT },
	{ "Confirmed", "confirmedMs", FORM_TIME },
	{ "Error", "error", FORM_TEXT },
	{ "Wanted version", "wantedVersion", FORM_ONLY_JSON },
	{ "Wanted checksum", "wantedChecksum", FORM_ONLY_JSON },
	{ 0 },
};

static int status(struct cli *cli)
{
	return cli_print_list(cli, "Manager.replication", NULL, columns);
}

static int resync(struct cli *cli)
{
	json_t *body = NULL;
	enum pl_err err = cli->words_len == 1 ? cli_call(&body, cli, "Manager.replicationResync",
							 json_pack("{s:s}", "node", cli->words[0]))
					      : cli_call(&body, cli, "Manager.replicationResyncAll",
							 json_object());

	if (err)
		return cli_fail(err);
	if (cli->wants_json) {
		json_dumpf(body, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (cli->words_len == 1) {
		printf("%s: %s\n", cli->words[0], pl_json_get_text(body, "state"));
	} else {
		printf("%lld nodes fetch their configuration anew\n",
		       (long long)json_integer_value(json_object_get(body, "nodes")));
	}
	json_decref(body);
	return EXIT_DONE;
}

const struct cli_command replication_commands[] = {
	{ "replication", "status", "", 0, 0, "", status,
	  "Lists which configuration each node has applied." },
	{ "replication", "resync", "[NODE]", 0, 1, "", resync,
	  "Has a node, or all, fetch the whole configuration anew." },
	{ 0 },
};
