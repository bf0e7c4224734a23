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
	json_t *body = NULL;
	enum pl_err err = cli_call(&body, cli, "Manager.services", NULL);
	int status;

	if (err)
		return cli_fail(err);
	status = cli_print_items(cli, json_object_get(body, "items"), columns);
	json_decref(body);
	return status;
}

const struct cli_command service_commands[] = {
	{ "service", "list", "", 0, 0, "", list,
	  "Lists services, their versions, states and nodes." },
	{ 0 },
};
