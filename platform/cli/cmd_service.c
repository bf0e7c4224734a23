/*
 * cmd_service.c — pelago service list, load, install, uninstall, delete, prefer; new is in
 * cmd_service_new.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "platform/cli/plan.h"
#include "platform/cli/send.h"
#include "platform/cli/service_new.h"
#include "platform/setup/file.h"

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
	return cli_print_list(cli, "Manager.services", NULL, columns);
}

static void print(const struct cli *cli, const json_t *view, const char *what)
{
	if (cli->wants_json) {
		json_dumpf(view, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		printf("%s %s %s\n", pl_json_get_text(view, "name"),
		       pl_json_get_text(view, "version"), what);
	}
}

static int load(struct cli *cli)
{
	json_t *view = NULL;
	char *data = NULL;
	size_t len = 0;
	enum pl_err err = file_read(&data, &len, cli->words[0]);

	if (!err)
		err = bundle_send(&view, cli, data, len);
	free(data);
	if (err)
		return cli_fail(err);
	print(cli, view, "is loaded");
	json_decref(view);
	return EXIT_DONE;
}

/* {"name","version","cluster"} of "NAME[@VERSION]". */
static json_t *wish(const struct cli *cli, const char *word)
{
	const char *at = strchr(word, '@');

	return json_pack("{s:s#,s:s*,s:s*}", "name", word,
			 at ? (int)(at - word) : (int)strlen(word), "version", at ? at + 1 : NULL,
			 "cluster", cli->cluster);
}

static json_t *wishes(const struct cli *cli)
{
	json_t *list = json_array();

	for (int i = 0; i < cli->words_len; i++)
		json_array_append_new(list, wish(cli, cli->words[i]));
	return list;
}

static int plan(struct cli *cli, const char *operation, json_t *body)
{
	json_object_set_new(body, "services", wishes(cli));
	return plan_begin(cli, operation, json_object(), body);
}

static int install(struct cli *cli)
{
	return plan(cli, "Manager.install", json_object());
}

static int uninstall(struct cli *cli)
{
	if (!cli->is_dry && !cli_confirm(cli, "Uninstall %s%s%s?", cli->words[0],
					 cli->words_len > 1 ? " and others" : "",
					 cli->drops_data ? ", and delete its database" : ""))
		return cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	return plan(cli, "Manager.uninstall",
		    json_pack("{s:b,s:b}", "force", cli->forces, "dropData", cli->drops_data));
}

/* What is done to one bundle, "NAME@VERSION". */
static int change(struct cli *cli, const char *operation, const char *what)
{
	const char *at = strchr(cli->words[0], '@');
	json_t *view = NULL;
	enum pl_err err;

	if (!at || !at[1])
		return cli_usage("which version? NAME@VERSION; see 'pelago service list'");
	err = cli_call(&view, cli, operation,
		       json_pack("{s:s#,s:s}", "name", cli->words[0], (int)(at - cli->words[0]),
				 "version", at + 1));
	if (err)
		return cli_fail(err);
	print(cli, view, what);
	json_decref(view);
	return EXIT_DONE;
}

static int delete (struct cli *cli)
{
	if (!cli_confirm(cli, "Delete %s?", cli->words[0]))
		return cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	return change(cli, "Manager.bundle-delete", "is deleted");
}

static int prefer(struct cli *cli)
{
	return change(cli, "Manager.bundle-prefer", "is preferred");
}

const struct cli_command service_commands[] = {
	{ "service", "list", "", 0, 0, "", list,
	  "Lists services, their versions, states and nodes." },
	{ "service", "load", "FILE", 1, 1, "", load, "Loads a bundle (.svar)." },
	{ "service", "install", "NAME[@VERSION] …", 1, 8, "cluster dry-run", install,
	  "Installs services in a cluster, or replaces them by other versions." },
	{ "service", "uninstall", "NAME …", 1, 8, "cluster force drop-data dry-run yes", uninstall,
	  "Takes services out of a cluster; their bundles stay loaded." },
	{ "service", "delete", "NAME@VERSION", 1, 1, "yes", delete,
	  "Deletes a bundle that isn't in use." },
	{ "service", "prefer", "NAME@VERSION", 1, 1, "", prefer,
	  "Makes a version the one that is installed if nobody says which." },
	{ "service", "new", "NAME", 1, 1, "dir language", service_new,
	  "Makes a folder of a new service: a template to build, to install and to change." },
	{ 0 },
};
