/*
 * cmd_node.c — pelago node list, join-token, restart, drain, accept, remove.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "platform/cli/node_upgrade.h"
#include "platform/cli/plan.h"

enum { DRAIN_S = 60 };

static const struct cli_column columns[] = {
	{ "Node", "name", FORM_TEXT },
	{ "Cluster", "cluster", FORM_TEXT },
	{ "State", "state", FORM_TEXT },
	{ "Draining", "draining", FORM_TEXT },
	{ "Version", "version", FORM_TEXT },
	{ "Uptime", "uptimeSeconds", FORM_SECONDS },
	{ "Load", "load", FORM_NUMBER },
	{ "Memory", "memoryBytes", FORM_BYTES },
	{ "Disk free", "diskFreeBytes", FORM_BYTES },
	{ "Overload", "overload", FORM_LIST },
	{ "Working", "working", FORM_NUMBER },
	{ "Last heard", "lastHeardSeconds", FORM_SECONDS },
	{ "Restart", "restart", FORM_ONLY_JSON },
	{ "Why", "restartWhy", FORM_ONLY_JSON },
	{ 0 },
};

static int list(struct cli *cli)
{
	return cli_print_list(cli, "Manager.nodes", NULL, columns);
}

static int print(const struct cli *cli, const json_t *body, const char *text)
{
	if (cli->wants_json) {
		json_dumpf(body, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		puts(text);
	}
	return EXIT_DONE;
}

/* ---- join-token ---- */

static int join_token(struct cli *cli)
{
	json_t *wish = json_object(), *body = NULL;
	enum pl_err err;
	int status;

	if (cli->minutes) {
		char *end;
		long minutes = strtol(cli->minutes, &end, 10);

		if (*end || end == cli->minutes) {
			json_decref(wish);
			return cli_usage("--minutes: %s is no number", cli->minutes);
		}
		json_object_set_new(wish, "minutes", json_integer(minutes));
	}
	if (!cli->cluster) {
		json_decref(wish);
		return cli_usage("--cluster CLUSTER is missing; see 'pelago cluster list'");
	}
	err = cli_send(&body, cli, "Manager.join-token", json_pack("{s:s}", "name", cli->cluster),
		       NULL, wish);
	if (err)
		return cli_fail(err);
	status = print(cli, body, pl_json_get_text(body, "token"));
	json_decref(body);
	return status;
}

/* ---- what is done to one ---- */

static int change(struct cli *cli, const char *operation, const char *question)
{
	json_t *body = NULL;
	enum pl_err err;

	if (question && !cli_confirm(cli, question, cli->words[0]))
		return cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	err = cli_send(&body, cli, operation, json_pack("{s:s}", "name", cli->words[0]), NULL,
		       json_object());
	json_decref(body);
	return err ? cli_fail(err) : EXIT_DONE;
}

static int restart(struct cli *cli)
{
	if (!cli->is_dry && !cli_confirm(cli, "Restart node %s?", cli->words[0]))
		return cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	return plan_begin(cli, "Manager.restart-node", json_pack("{s:s}", "name", cli->words[0]),
			  json_object());
}

/* No service of it works any more: all stand by. */
static int has_drained(const json_t *node)
{
	return json_integer_value(json_object_get(node, "working")) == 0;
}

static int drain(struct cli *cli)
{
	int status =
		change(cli, "Manager.drain", "Give the work of node %s to others of its cluster?");
	json_t *node = NULL;
	char text[400];
	enum pl_err err;

	if (status)
		return status;
	err = cli_wait(&node, cli, "Manager.nodes", cli->words[0], has_drained, DRAIN_S);
	if (!err) {
		snprintf(text, sizeof(text), "%s: Draining", cli->words[0]);
		status = print(cli, node, text);
	}
	json_decref(node);
	return err ? cli_fail(err) : status;
}

static int accept_work(struct cli *cli)
{
	int status = change(cli, "Manager.undrain", NULL);

	if (!status && !cli->wants_json)
		printf("%s: Accepting\n", cli->words[0]);
	return status;
}

static int remove_node(struct cli *cli)
{
	int status = change(cli, "Manager.remove", "Remove node %s and revoke its keys?");

	if (!status && !cli->wants_json)
		printf("%s is removed\n", cli->words[0]);
	return status;
}

const struct cli_command node_commands[] = {
	{ "node", "list", "", 0, 0, "", list,
	  "Lists nodes, how they are and when they were last heard." },
	{ "node", "join-token", "", 0, 0, "cluster minutes", join_token,
	  "Prints a token that lets one host join a cluster: pelago up --join TOKEN." },
	{ "node", "restart", "NODE", 1, 1, "yes dry-run", restart,
	  "Restarts a node and its services, and waits until it is stable again." },
	{ "node", "upgrade", "PACKAGE", 1, 1, "node yes dry-run", node_upgrade,
	  "Brings this host, or one node, to a platform package; also called upgradeCE." },
	{ "node", "patch", "PATCH", 1, 1, "node yes dry-run", node_patch,
	  "Applies a patch, one at a time; also called patchCE -i." },
	{ "node", "unpatch", "", 0, 0, "node yes dry-run", node_unpatch,
	  "Takes a patch off, so that the release under it is left; also called patchCE -u." },
	{ "node", "drain", "NODE", 1, 1, "yes", drain,
	  "Gives a node's work to others of its cluster, and waits until it has none." },
	{ "node", "accept", "NODE", 1, 1, "", accept_work, "Lets a drained node work again." },
	{ "node", "remove", "NODE", 1, 1, "yes", remove_node,
	  "Forgets a joined node that has ended, and revokes its keys." },
	{ 0 },
};
