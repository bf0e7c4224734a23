/*
 * cmd_cluster.c — pelago cluster list, accept, deny, rename, address, restart.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "engines/spell/spell.h"
#include "pelago/json.h"
#include "platform/cli/plan.h"

static const struct cli_column columns[] = {
	{ "Cluster", "name", FORM_TEXT },
	{ "Kind", "kind", FORM_TEXT },
	{ "State", "state", FORM_STATE },
	{ "Arrived", "arrived", FORM_ONLY_JSON },
	{ "Address", "address", FORM_TEXT },
	{ "Alarms", "alarms", FORM_NUMBER },
	{ "Tests pass", "testsPass", FORM_TEXT },
	{ "Nodes", "nodes", FORM_LIST },
	{ "Services", "services", FORM_LIST },
	{ "Database", "database", FORM_ONLY_JSON },
	{ 0 },
};

static int list(struct cli *cli)
{
	return cli_print_list(cli, "Manager.clusters", NULL, columns);
}

/* The cluster that a word means, by name in any case; NULL after a sentence, with *statusp. */
static json_t *find(int *statusp, struct cli *cli, const char *word)
{
	const char *names[64] = { NULL }, *nearest;
	json_t *items = NULL, *item, *found = NULL;
	enum pl_err err = cli_list(&items, cli, "Manager.clusters");
	size_t i, len = 0;

	if (err) {
		*statusp = cli_fail(err);
		return NULL;
	}
	json_array_foreach(items, i, item) {
		const char *name = pl_json_get_text(item, "name");

		if (strcasecmp(name, word) == 0)
			found = json_incref(item);
		if (len < 63)
			names[len++] = name;
	}
	if (!found) {
		nearest = spell_nearest(word, names);
		*statusp =
			nearest ? cli_usage("there is no cluster '%s'; did you mean '%s'?", word,
					    nearest)
				: cli_usage("there is no cluster '%s'; see 'pelago cluster list'",
					    word);
	}
	json_decref(items);
	return found;
}

static int change(struct cli *cli, const char *operation, const char *question)
{
	int status = EXIT_DONE;
	json_t *cluster = find(&status, cli, cli->words[0]), *body = NULL;
	const char *name = pl_json_get_text(cluster, "name");
	enum pl_err err;

	if (!cluster)
		return status;
	if (!cli_confirm(cli, question, name)) {
		json_decref(cluster);
		return cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	}
	err = cli_call(&body, cli, operation, json_pack("{s:s}", "name", name));
	if (err)
		status = cli_fail(err);
	else if (cli->wants_json)
		json_dumpf(body, stdout, JSON_INDENT(2));
	else
		printf("%s: %s\n", name, pl_json_get_text(body, "state"));
	json_decref(body);
	json_decref(cluster);
	return status;
}

static int accept_new(struct cli *cli)
{
	return change(cli, "Manager.accept", "Accept new service on %s?");
}

static int deny_new(struct cli *cli)
{
	return change(cli, "Manager.deny", "Deny new service on %s?");
}

static int rename_to(struct cli *cli)
{
	int status = EXIT_DONE;
	json_t *cluster = find(&status, cli, cli->words[0]), *body = NULL;
	enum pl_err err;

	if (!cluster)
		return status;
	err = cli_send(&body, cli, "Manager.rename",
		       json_pack("{s:s}", "name", pl_json_get_text(cluster, "name")), NULL,
		       json_pack("{s:s}", "name", cli->words[1]));
	if (err)
		status = cli_fail(err);
	else if (cli->wants_json)
		json_dumpf(body, stdout, JSON_INDENT(2));
	else
		printf("%s is now %s\n", pl_json_get_text(cluster, "name"),
		       pl_json_get_text(body, "name"));
	json_decref(body);
	json_decref(cluster);
	return status;
}

/* "none" takes it away. */
static int address(struct cli *cli)
{
	bool is_none = strcmp(cli->words[1], "none") == 0;
	int status = EXIT_DONE;
	json_t *cluster = find(&status, cli, cli->words[0]), *body = NULL;
	enum pl_err err;

	if (!cluster)
		return status;
	err = cli_send(&body, cli, "Manager.address",
		       json_pack("{s:s}", "name", pl_json_get_text(cluster, "name")), NULL,
		       json_pack("{s:s}", "address", is_none ? "" : cli->words[1]));
	if (err)
		status = cli_fail(err);
	else if (cli->wants_json)
		json_dumpf(body, stdout, JSON_INDENT(2));
	else
		printf("%s is at %s\n", pl_json_get_text(cluster, "name"), cli->words[1]);
	json_decref(body);
	json_decref(cluster);
	return status;
}

/* ---- restart ---- */

static int restart(struct cli *cli)
{
	int status = EXIT_DONE;
	json_t *cluster = find(&status, cli, cli->words[0]);
	const char *name = pl_json_get_text(cluster, "name");

	if (!cluster)
		return status;
	if (cli->is_dry || cli_confirm(cli, "Restart all nodes of %s?", name))
		status =
			plan_begin(cli, "Manager.restart-cluster", json_pack("{s:s}", "name", name),
				   json_pack("{s:b}", "together", cli->together));
	else
		status = cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	json_decref(cluster);
	return status;
}

const struct cli_command cluster_commands[] = {
	{ "cluster", "list", "", 0, 0, "", list, "Lists clusters, their states and nodes." },
	{ "cluster", "accept", "CLUSTER", 1, 1, "yes", accept_new,
	  "Lets a cluster take new work." },
	{ "cluster", "deny", "CLUSTER", 1, 1, "yes", deny_new,
	  "Has a cluster refuse new work and finish what it has." },
	{ "cluster", "rename", "CLUSTER NAME", 2, 2, "", rename_to,
	  "Gives a cluster another name." },
	{ "cluster", "address", "CLUSTER ADDRESS", 2, 2, "", address,
	  "Says where people reach a cluster, unlike any node's: a name or a number; none takes it "
	  "away." },
	{ "cluster", "restart", "CLUSTER", 1, 1, "yes together dry-run", restart,
	  "Restarts its nodes one after the other, and waits until they are stable again." },
	{ 0 },
};
