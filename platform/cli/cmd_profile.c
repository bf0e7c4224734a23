/*
 * cmd_profile.c — pelago profile list, show, create, add, remove, assign, delete.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "pelago/json.h"
#include "platform/cli/cli.h"

static const struct cli_column columns[] = {
	{ "Profile", "name", FORM_TEXT },	   { "Title", "title", FORM_TEXT },
	{ "Services", "services", FORM_LIST },	   { "Users", "users", FORM_NUMBER },
	{ "Endpoints", "endpoints", FORM_NUMBER }, { 0 },
};

static int list(struct cli *cli)
{
	return cli_print_list(cli, "Manager.profiles", NULL, columns);
}

static void print_names(const char *title, const json_t *names)
{
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name) {
		printf("  %s %s\n", title, json_string_value(name));
	}
}

static void print_profile(const json_t *profile)
{
	json_t *service;
	size_t i;

	printf("%s: %s\n", pl_json_get_text(profile, "name"), pl_json_get_text(profile, "title"));
	json_array_foreach(json_object_get(profile, "services"), i, service) {
		printf("  service %s, version %s%s\n", pl_json_get_text(service, "name"),
		       pl_json_get_text(service, "version"),
		       json_is_true(json_object_get(service, "inEffect"))
			       ? ""
			       : ": another one runs, so its settings here aren't in effect");
	}
	if (json_is_array(json_object_get(profile, "users"))) {
		print_names("user", json_object_get(profile, "users"));
		print_names("endpoint", json_object_get(profile, "endpoints"));
	}
}

/* Sends, and prints the profile that comes back; gives path and body. */
static int send(struct cli *cli, const char *operation, json_t *path, json_t *body)
{
	json_t *profile = NULL;
	enum pl_err err = cli_send(&profile, cli, operation, path, NULL, body);

	if (err)
		return cli_fail(err);
	if (cli->wants_json) {
		json_dumpf(profile, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
		putchar('\n');
	} else if (json_is_object(profile)) {
		print_profile(profile);
	}
	json_decref(profile);
	return EXIT_DONE;
}

static int show(struct cli *cli)
{
	return send(cli, "Manager.profile", json_pack("{s:s}", "name", cli->words[0]), NULL);
}

static int create(struct cli *cli)
{
	return send(cli, "Manager.profile-create", NULL,
		    json_pack("{s:s, s:s}", "name", cli->words[0], "title",
			      cli->words_len > 1 ? cli->words[1] : ""));
}

/* SERVICE or SERVICE@VERSION */
static int add(struct cli *cli)
{
	const char *word = cli->words[1], *at = strchr(word, '@');

	return send(cli, "Manager.profile-service",
		    json_pack("{s:s, s:s%}", "name", cli->words[0], "service", word,
			      at ? (size_t)(at - word) : strlen(word)),
		    json_pack("{s:s}", "version", at ? at + 1 : "latest"));
}

static int remove_service(struct cli *cli)
{
	if (!cli_confirm(cli, "Remove %s from service profile %s, with what is set there?",
			 cli->words[1], cli->words[0]))
		return EXIT_USAGE;
	return send(cli, "Manager.profile-service-remove",
		    json_pack("{s:s, s:s}", "name", cli->words[0], "service", cli->words[1]), NULL);
}

static int delete_profile(struct cli *cli)
{
	if (!cli_confirm(cli, "Delete service profile %s, with what is set there?", cli->words[0]))
		return EXIT_USAGE;
	return send(cli, "Manager.profile-delete", json_pack("{s:s}", "name", cli->words[0]), NULL);
}

static int member(struct cli *cli, const char *operation)
{
	if ((cli->words_len > 1) == (cli->endpoint != NULL))
		return cli_usage("name a user, or an endpoint by --endpoint");
	return send(cli, operation,
		    json_pack("{s:s, s:s, s:s}", "name", cli->words[0], "kind",
			      cli->endpoint ? "endpoint" : "user", "id",
			      cli->endpoint ? cli->endpoint : cli->words[1]),
		    NULL);
}

static int assign(struct cli *cli)
{
	return member(cli, "Manager.profile-assign");
}

static int unassign(struct cli *cli)
{
	return member(cli, "Manager.profile-unassign");
}

const struct cli_command profile_commands[] = {
	{ "profile", "list", "", 0, 0, "", list, "Lists service profiles." },
	{ "profile", "show", "PROFILE", 1, 1, "", show,
	  "Shows a service profile, its services and whose it is." },
	{ "profile", "create", "PROFILE [TITLE]", 1, 2, "", create, "Makes a service profile." },
	{ "profile", "add", "PROFILE SERVICE[@VERSION]", 2, 2, "", add,
	  "Adds a service, which follows the latest version or is pinned to one." },
	{ "profile", "remove", "PROFILE SERVICE", 2, 2, "yes", remove_service,
	  "Removes a service, with what is set for it there." },
	{ "profile", "assign", "PROFILE [USER]", 1, 2, "endpoint", assign,
	  "Gives a service profile to a user, or to an endpoint." },
	{ "profile", "unassign", "PROFILE [USER]", 1, 2, "endpoint", unassign,
	  "Takes a service profile from a user, or from an endpoint." },
	{ "profile", "delete", "PROFILE", 1, 1, "yes", delete_profile,
	  "Deletes a service profile that nobody has." },
	{ 0 },
};
