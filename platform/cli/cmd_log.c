/*
 * cmd_log.c — pelago log contact: the way of one contact through all processes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/cli/cli.h"

static const struct cli_column columns[] = {
	{ "At", "at", FORM_TEXT },
	{ "Program", "program", FORM_TEXT },
	{ "Level", "level", FORM_TEXT },
	{ "Event", "event", FORM_TEXT },
	{ "Text", "text", FORM_TEXT },
	{ "Node", "node", FORM_ONLY_JSON },
	{ "Contact", "contact", FORM_ONLY_JSON },
	{ 0 },
};

static int contact(struct cli *cli)
{
	return cli_print_list(cli, "Manager.logs", json_pack("{s:s}", "contact", cli->words[0]),
			      columns);
}

const struct cli_command log_commands[] = {
	{ "log", "contact", "ID", 1, 1, "", contact,
	  "Shows what all processes of all nodes have logged of one contact." },
	{ 0 },
};
