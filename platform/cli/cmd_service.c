/*
 * cmd_service.c — pelago service list.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/cli/cli.h"

static const struct cli_column columns[] = {
	{ "Service", "name", FORM_TEXT },
	{ "Version", "version", FORM_TEXT },
	{ "State", "state", FORM_TEXT },
	{ "Cluster", "cluster", FORM_TEXT },
	{ "Nodes", "nodes", FORM_LIST },
	{ "Instances", "instances", FORM_ONLY_JSON },
	{ 0 },
};

static int list(struct cli *cli)
{
	json_t *items = NULL;
	enum pl_err err = cli_list(&items, cli, "Manager.services");
	int status;

	if (err)
		return cli_fail(err);
	status = cli_print_items(cli, items, columns);
	json_decref(items);
	return status;
}

const struct cli_command service_commands[] = {
	{ "service", "list", "", 0, 0, "", list,
	  "Lists services, their versions, states and nodes." },
	{ 0 },
};
