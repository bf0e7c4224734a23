/*
 * cmd_migrate.c — pelago workflow migrate: running instances go over to another version, or are
 * only looked at; and are taken back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pelago/json.h"
#include "platform/cli/designer.h"
#include "platform/setup/file.h"

enum { LOOK_MS = 50, LOOK_MOST_MS = 1000 };

static const struct cli_column stuck_columns[] = {
	{ "Instance", "instanceId", FORM_TEXT }, { "Contact", "contactId", FORM_TEXT },
	{ "Element", "element", FORM_TEXT },	 { "To", "to", FORM_TEXT },
	{ "Reason", "reason", FORM_TEXT },	 { 0 },
};

static const struct cli_column list_columns[] = {
	{ "Migration", "id", FORM_TEXT },	  { "Workflow", "workflow", FORM_TEXT },
	{ "From", "from", FORM_NUMBER },	  { "To", "to", FORM_NUMBER },
	{ "State", "state", FORM_TEXT },	  { "Looked at", "looked", FORM_NUMBER },
	{ "Moved", "moved", FORM_NUMBER },	  { "Stuck", "stuck", FORM_NUMBER },
	{ "Undone", "undone", FORM_NUMBER },	  { "Began", "createdMs", FORM_TIME },
	{ "Ended", "endedMs", FORM_TIME },	  { "By", "createdBy", FORM_TEXT },
	{ "Mapping", "mapping", FORM_ONLY_JSON }, { 0 },
};

static int list(struct cli *cli)
{
	return designer_print(
		cli, "migrations",
		json_pack("{s:s*}", "workflow", cli->words_len ? cli->words[0] : NULL),
		list_columns);
}

static enum pl_err read_version(int64_t *versionp, const char *text, const char *option)
{
	char *end = NULL;

	if (!text)
		return pl_fail(PL_INVALID, "--%s VERSION is missing", option);
	errno = 0;
	*versionp = strtoll(text, &end, 10);
	if (errno || *end || *versionp < 1)
		return pl_fail(PL_INVALID, "--%s: %s is no whole number above 0", option, text);
	return PL_OK;
}

static enum pl_err read_wish(json_t **bodyp, const struct cli *cli)
{
	const char *user = getenv("USER");
	int64_t from = 0, to = 0;
	json_t *mapping = NULL;
	enum pl_err err = read_version(&from, cli->from, "from");

	if (!err)
		err = read_version(&to, cli->to, "to");
	if (!err && cli->map)
		err = file_read_json(&mapping, cli->map);
	if (!err)
		*bodyp = json_pack("{s:s, s:I, s:I, s:o*, s:s}", "name", cli->words[0], "from",
				   (json_int_t)from, "to", (json_int_t)to, "mapping", mapping, "by",
				   user ? user : "local");
	return err;
}

/* ---- one that has begun ---- */

/* Waits until it is over. */
static enum pl_err wait_for(json_t **migrationp, struct cli *cli, const char *id)
{
	for (long ms = LOOK_MS;; ms = 2 * ms < LOOK_MOST_MS ? 2 * ms : LOOK_MOST_MS) {
		const struct timespec pause = { .tv_sec = ms / 1000,
						.tv_nsec = ms % 1000 * 1000000 };
		enum pl_err err =
			designer_ask(migrationp, cli, "migration", json_pack("{s:s}", "id", id));

		if (err || json_object_get(*migrationp, "endedMs"))
			return err;
		json_decref(*migrationp);
		nanosleep(&pause, NULL);
	}
}

/* body: gives. *migrationp, with those that are stuck as its items, may be set on an error, too. */
static enum pl_err run(json_t **migrationp, struct cli *cli, const char *operation, json_t *body)
{
	json_t *begun = NULL, *items = NULL;
	enum pl_err err = designer_ask(&begun, cli, operation, body);
	const char *id = pl_json_get_text(begun, "id");

	*migrationp = NULL;
	if (!err)
		err = wait_for(migrationp, cli, id);
	if (!err)
		err = designer_list(&items, cli, "migration-instances",
				    json_pack("{s:s}", "id", id));
	if (!err)
		json_object_set_new(*migrationp, "items", items);
	if (!err && strcmp(pl_json_get_text(*migrationp, "state"), "FAILED") == 0)
		err = pl_fail(PL_STATE, "%s", pl_json_get_text(*migrationp, "why"));
	json_decref(begun);
	return err;
}

/* ---- said ---- */

static long long count(const json_t *migration, const char *name)
{
	return (long long)json_integer_value(json_object_get(migration, name));
}

/* A row for each reason. */
static json_t *reasons(const json_t *migration)
{
	json_t *rows = json_array(), *item, *why;
	size_t i, k;

	json_array_foreach(json_object_get(migration, "items"), i, item)
		json_array_foreach(json_object_get(item, "why"), k, why) {
			json_t *row = json_copy(why);

			json_object_set(row, "instanceId", json_object_get(item, "instanceId"));
			json_object_set(row, "contactId", json_object_get(item, "contactId"));
			json_array_append_new(rows, row);
		}
	return rows;
}

static void say(struct cli *cli, const json_t *migration)
{
	const char *state = pl_json_get_text(migration, "state");
	json_t *rows = reasons(migration);

	if (strcmp(state, "UNDONE") == 0)
		printf("%lld of %lld instances are on version %lld again\n",
		       count(migration, "undone"), count(migration, "moved"),
		       count(migration, "from"));
	else
		printf("%lld of %lld instances %s version %lld; %lld would be stuck there\n",
		       count(migration, "looked") - count(migration, "stuck"),
		       count(migration, "looked"),
		       strcmp(state, "LOOKED") == 0 ? "can go over to" : "are on",
		       count(migration, "to"), count(migration, "stuck"));
	if (json_array_size(rows))
		cli_print_items(cli, rows, stuck_columns);
	json_decref(rows);
}

static void print(struct cli *cli, const json_t *migration)
{
	if (!cli->wants_json) {
		say(cli, migration);
		return;
	}
	json_dumpf(migration, stdout, JSON_INDENT(2));
	putchar('\n');
}

/* ---- the command ---- */

/* The last one of the workflow that moved instances, or moves them. */
static enum pl_err find_last(char id[27], struct cli *cli)
{
	json_t *items = NULL, *item;
	enum pl_err err = designer_list(&items, cli, "migrations",
					json_pack("{s:s}", "workflow", cli->words[0]));
	size_t i;

	if (err)
		return err;
	id[0] = '\0';
	json_array_foreach(items, i, item)
		if (!*id && strncmp(pl_json_get_text(item, "state"), "MOV", 3) == 0)
			snprintf(id, 27, "%s", pl_json_get_text(item, "id"));
	json_decref(items);
	return *id ? PL_OK
		   : pl_fail(PL_STATE, "there is no migration of %s to be undone", cli->words[0]);
}

static int undo(struct cli *cli)
{
	json_t *migration = NULL;
	char id[27];
	enum pl_err err = find_last(id, cli);

	if (!err && !cli_confirm(cli, "Take migration %s of %s back?", id, cli->words[0]))
		return EXIT_REFUSED;
	if (!err)
		err = run(&migration, cli, "undo-migration", json_pack("{s:s}", "id", id));
	if (!err)
		print(cli, migration);
	json_decref(migration);
	return err ? cli_fail(err) : EXIT_DONE;
}

/* Looks; *stuckp says how many can't go over. */
static enum pl_err look(long long *stuckp, struct cli *cli, const json_t *body)
{
	json_t *dry = json_copy((json_t *)body), *migration = NULL;
	enum pl_err err;

	json_object_set_new(dry, "dryRun", json_true());
	err = run(&migration, cli, "migrate", dry);
	if (!err)
		print(cli, migration);
	*stuckp = count(migration, "stuck");
	json_decref(migration);
	return err;
}

static int migrate(struct cli *cli)
{
	json_t *body = NULL, *migration = NULL;
	long long stuck = 0;
	enum pl_err err;
	bool goes_on;

	if (cli->wants_undo)
		return undo(cli);
	err = read_wish(&body, cli);
	if (!err && (cli->is_dry || !cli->says_yes))
		err = look(&stuck, cli, body);
	goes_on = !err && !cli->is_dry &&
		  cli_confirm(cli, "Migrate? What would be stuck stays on version %s.", cli->from);
	if (goes_on)
		err = run(&migration, cli, "migrate", json_incref(body));
	if (goes_on && !err)
		print(cli, migration);
	json_decref(migration);
	json_decref(body);
	if (err)
		return cli_fail(err);
	return goes_on || (cli->is_dry && !stuck) ? EXIT_DONE : EXIT_REFUSED;
}

const struct cli_command migration_commands[] = {
	{ "workflow", "migrate", "NAME", 1, 1, "from to map dry-run yes undo", migrate,
	  "Puts the running instances of a version on another one. --dry-run looks at each of them "
	  "and lists who would get stuck, and why; it exits with 4 if any would. What can't go over "
	  "stays and finishes on its version. --undo takes the last migration back: who has not gone "
	  "on since is exactly where it was." },
	{ "workflow", "migrations", "[NAME]", 0, 1, "", list,
	  "Lists migrations, the newest first." },
	{ 0 },
};
