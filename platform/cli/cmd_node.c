/*
 * cmd_node.c — pelago node list.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/cli/cli.h"

static const struct cli_column columns[] = {
	{ "Node", "name", FORM_TEXT },
	{ "Cluster", "cluster", FORM_TEXT },
	{ "State", "state", FORM_TEXT },
	{ "Version", "version", FORM_TEXT },
	{ "Uptime", "uptimeSeconds", FORM_SECONDS },
	{ "Load", "load", FORM_NUMBER },
	{ "Memory", "memoryBytes", FORM_BYTES },
	{ "Disk free", "diskFreeBytes", FORM_BYTES },
	{ "Last heard", "lastHeardSeconds", FORM_SECONDS },
	{ 0 },
};

static int list(struct cli *cli)
{
	json_t *items = NULL;
	enum pl_err err = cli_list(&items, cli, "Manager.nodes");
	int status;

	if (err)
		return cli_fail(err);
	status = cli_print_items(cli, items, columns);
	json_decref(items);
	return status;
}

const struct cli_command node_commands[] = {
	{ "node", "list", "", 0, 0, "", list,
	  "Lists nodes, how they are and when they were last heard." },
	{ 0 },
};
