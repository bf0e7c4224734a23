/*
 * cmd_attribute.c — pelago attribute list, get, set, reset, history, revert.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/cli/cmd_attribute.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engines/spell/spell.h"
#include "pelago/json.h"

static const struct cli_column columns[] = {
	{ "Service", "service", FORM_TEXT },
	{ "Attribute", "name", FORM_TEXT },
	{ "Effective Value", "effective", FORM_TEXT },
	{ "Unit", "unit", FORM_TEXT },
	{ "From", "origin", FORM_TEXT },
	{ "Restart", "restartNodes", FORM_LIST },
	{ "Key", "key", FORM_ONLY_JSON },
	{ "Type", "type", FORM_ONLY_JSON },
	{ "Area", "area", FORM_ONLY_JSON },
	{ "Cluster", "cluster", FORM_ONLY_JSON },
	{ "Overrides", "overrides", FORM_ONLY_JSON },
	{ "Place", "originPlace", FORM_ONLY_JSON },
	{ "Default", "default", FORM_ONLY_JSON },
	{ "Least", "least", FORM_ONLY_JSON },
	{ "Most", "most", FORM_ONLY_JSON },
	{ "Values", "values", FORM_ONLY_JSON },
	{ "Pattern", "pattern", FORM_ONLY_JSON },
	{ "Text", "text", FORM_ONLY_JSON },
	{ "Outside", "setOutside", FORM_ONLY_JSON },
	{ "Needs", "restart", FORM_ONLY_JSON },
	{ "Nodes", "nodes", FORM_ONLY_JSON },
	{ "Arrived", "arrived", FORM_ONLY_JSON },
	{ 0 },
};

static json_t *query_of(const struct cli *cli, const char *attribute)
{
	return json_pack("{s:s*, s:s*, s:s*, s:s*, s:s*}", "service", cli->service, "cluster",
			 cli->cluster, "profile", cli->profile, "area", cli->area, "attribute",
			 attribute);
}

static int list(struct cli *cli)
{
	return cli_print_list(cli, "Manager.attributes", query_of(cli, NULL), columns);
}

/* ---- the one that is meant ---- */

static int unknown(struct cli *cli, const char *word)
{
	const char *names[256] = { NULL }, *nearest;
	json_t *items = NULL, *item;
	enum pl_err err = cli_list_query(&items, cli, "Manager.attributes", query_of(cli, NULL));
	size_t i, len = 0;
	int status;

	if (err)
		return cli_fail(err);
	json_array_foreach(items, i, item) {
		if (len < 255)
			names[len++] = pl_json_get_text(item, "name");
	}
	nearest = spell_nearest(word, names);
	status =
		nearest ? cli_usage("there is no attribute '%s'; did you mean '%s'?", word, nearest)
			: cli_usage("there is no attribute '%s'; see 'pelago attribute list'",
				    word);
	json_decref(items);
	return status;
}

static int ambiguous(const char *word, const json_t *items)
{
	char names[256] = "";
	size_t i, len = 0;
	json_t *item;

	json_array_foreach(items, i, item) {
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", i ? ", " : "",
					pl_json_get_text(item, "service"));
		if (len >= sizeof(names))
			len = sizeof(names) - 1;
	}
	return cli_usage("'%s' is an attribute of %s: add --service", word, names);
}

/* *itemp is a new reference; *versionp the version of all attributes. */
static int find(json_t **itemp, int64_t *versionp, struct cli *cli, const char *word)
{
	json_t *page = NULL, *items;
	enum pl_err err =
		cli_send(&page, cli, "Manager.attributes", NULL, query_of(cli, word), NULL);
	int status = EXIT_DONE;

	if (err)
		return cli_fail(err);
	items = json_object_get(page, "items");
	*versionp = json_integer_value(json_object_get(page, "version"));
	if (json_array_size(items) == 0)
		status = unknown(cli, word);
	else if (json_array_size(items) > 1 && !cli->area)
		status = ambiguous(word, items);
	else
		*itemp =
			cli->area ? json_incref(items) : json_pack("[O]", json_array_get(items, 0));
	json_decref(page);
	return status;
}

/* ---- get ---- */

static void print_value(const char *title, const json_t *value, const char *unit)
{
	char *text = json_is_string(value) ? strdup(json_string_value(value))
					   : json_dumps(value, JSON_ENCODE_ANY);

	printf("%s%s%s%s\n", title, !text || !*text ? "-" : text, *unit ? " " : "", unit);
	free(text);
}

static void print_attribute(const json_t *item)
{
	const char *place = pl_json_get_text(item, "originPlace"),
		   *unit = pl_json_get_text(item, "unit"), *level;
	json_t *value;

	printf("%s of %s: %s\n", pl_json_get_text(item, "name"), pl_json_get_text(item, "service"),
	       pl_json_get_text(item, "text"));
	print_value("  effective: ", json_object_get(item, "effective"), unit);
	printf("  from:      %s%s%s\n", pl_json_get_text(item, "origin"), *place ? " " : "", place);
	print_value("  default:   ", json_object_get(item, "default"), unit);
	json_object_foreach(json_object_get(item, "overrides"), level, value) {
		printf("  set for %s", level);
		print_value(": ", value, unit);
	}
	if (json_is_true(json_object_get(item, "setOutside")))
		puts("  set outside SolutionConfiguration");
	if (json_array_size(json_object_get(item, "restartNodes")))
		puts("  in effect once its service was started again");
}

static int get(struct cli *cli)
{
	json_t *items = NULL, *item;
	int64_t version = 0;
	int status = find(&items, &version, cli, cli->words[0]);
	size_t i;

	if (status)
		return status;
	if (cli->wants_json) {
		json_dumpf(cli->area ? items : json_array_get(items, 0), stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		json_array_foreach(items, i, item) {
			print_attribute(item);
		}
	}
	json_decref(items);
	return EXIT_DONE;
}

/* ---- set and reset ---- */

int attribute_expected(int64_t *versionp, const struct cli *cli)
{
	char *end;

	if (!cli->expected)
		return EXIT_DONE;
	*versionp = strtoll(cli->expected, &end, 10);
	return *end || end == cli->expected || *versionp < 0
		       ? cli_usage("--expected: %s is not a version", cli->expected)
		       : EXIT_DONE;
}

/* The level that the options mean; NULL after a sentence. */
static const char *level_of(const struct cli *cli)
{
	if ((cli->profile != NULL) + (cli->cluster != NULL) + (cli->area != NULL) > 1) {
		cli_usage("one of --profile, --cluster, --area says where; without, everywhere");
		return NULL;
	}
	return cli->profile   ? "profile"
	       : cli->cluster ? "cluster"
	       : cli->area    ? "solution"
			      : "global";
}

/* A value from the input isn't seen in lists of processes. */
static json_t *typed_value(const char *word)
{
	char line[4096];

	if (strcmp(word, "-") != 0)
		return json_string(word);
	if (!fgets(line, sizeof(line), stdin))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return json_string(line);
}

static void add_changes(json_t *changes, const struct cli *cli, const json_t *items,
			const char *level, json_t *value)
{
	json_t *item;
	size_t i;

	json_array_foreach(items, i, item) {
		json_array_append_new(
			changes, json_pack("{s:s, s:s, s:O, s:O, s:O}", "level", level, "place",
					   cli->profile	  ? cli->profile
					   : cli->cluster ? cli->cluster
							  : "",
					   "service", json_object_get(item, "service"), "attribute",
					   json_object_get(item, "key"), "value", value));
	}
	json_decref(value);
}

static void print_changes(const json_t *changes)
{
	json_t *change;
	size_t i;

	json_array_foreach(changes, i, change) {
		char *was = json_dumps(json_object_get(change, "was"), JSON_ENCODE_ANY);
		char *became = json_dumps(json_object_get(change, "became"), JSON_ENCODE_ANY);
		const char *place = pl_json_get_text(change, "place");

		printf("%s of %s (%s%s%s): %s -> %s\n", pl_json_get_text(change, "name"),
		       pl_json_get_text(change, "service"), pl_json_get_text(change, "level"),
		       *place ? " " : "", place, was ? was : "", became ? became : "");
		free(was);
		free(became);
	}
}

int attribute_print(const struct cli *cli, const json_t *answer)
{
	if (cli->wants_json) {
		json_dumpf(answer, stdout, JSON_INDENT(2));
		putchar('\n');
		return EXIT_DONE;
	}
	print_changes(json_object_get(answer, "changes"));
	printf("version %lld\n", (long long)json_integer_value(json_object_get(answer, "version")));
	return EXIT_DONE;
}

/* Commits; gives changes. */
static int commit(struct cli *cli, int64_t version, json_t *changes)
{
	json_t *answer = NULL;
	enum pl_err err;
	int status = attribute_expected(&version, cli);

	if (status) {
		json_decref(changes);
		return status;
	}
	err = cli_send(&answer, cli, "Manager.attributes-commit", NULL, NULL,
		       json_pack("{s:I, s:s, s:o}", "expected", (json_int_t)version, "note",
				 cli->note ? cli->note : "", "changes", changes));
	if (err)
		return cli_fail(err);
	attribute_print(cli, answer);
	json_decref(answer);
	return EXIT_DONE;
}

/* Each word, or with has_values each pair, is an attribute. */
static int change(struct cli *cli, bool has_values)
{
	const char *level = level_of(cli);
	json_t *changes = json_array();
	int64_t version = 0, first = -1;
	int step = has_values ? 2 : 1, status = level ? EXIT_DONE : EXIT_USAGE;

	if (!status && cli->words_len % step)
		status = cli_usage("%s has no value; see 'pelago help attribute'",
				   cli->words[cli->words_len - 1]);
	for (int i = 0; !status && i < cli->words_len; i += step) {
		json_t *items = NULL;

		status = find(&items, &version, cli, cli->words[i]);
		if (!status)
			add_changes(changes, cli, items, level,
				    has_values ? typed_value(cli->words[i + 1]) : json_null());
		first = first < 0 ? version : first;
		json_decref(items);
	}
	if (!status)
		return commit(cli, first, changes);
	json_decref(changes);
	return status;
}

static int set(struct cli *cli)
{
	return change(cli, true);
}

static int reset(struct cli *cli)
{
	return change(cli, false);
}

/* ---- history and revert ---- */

static void print_commit(const json_t *item)
{
	time_t at = (time_t)(json_integer_value(json_object_get(item, "atMs")) / 1000);
	const char *note = pl_json_get_text(item, "note");
	char text[32];
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%SZ", &tm);
	printf("version %lld, %s, %s by %s%s%s\n",
	       (long long)json_integer_value(json_object_get(item, "version")), text,
	       pl_json_get_text(item, "kind"), pl_json_get_text(item, "by"), *note ? ": " : "",
	       note);
	print_changes(json_object_get(item, "changes"));
}

static int history(struct cli *cli)
{
	json_t *items = NULL, *item;
	enum pl_err err = cli_list_query(&items, cli, "Manager.attributes-history",
					 query_of(cli, cli->words_len ? cli->words[0] : NULL));
	size_t i;

	if (err)
		return cli_fail(err);
	if (cli->wants_json) {
		json_dumpf(items, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		json_array_foreach(items, i, item) {
			print_commit(item);
		}
	}
	json_decref(items);
	return EXIT_DONE;
}

static void print_skipped(const json_t *skipped)
{
	json_t *item;
	size_t i;

	json_array_foreach(skipped, i, item) {
		fprintf(stderr, "left as it is: %s of %s: %s\n", pl_json_get_text(item, "name"),
			pl_json_get_text(item, "service"), pl_json_get_text(item, "why"));
	}
}

static int revert(struct cli *cli)
{
	json_t *page = NULL, *answer = NULL;
	char *end;
	long long to = strtoll(cli->words[0], &end, 10);
	int64_t version;
	enum pl_err err;
	int status;

	if (*end || end == cli->words[0] || to < 0)
		return cli_usage("'%s' is not a version; see 'pelago attribute history'",
				 cli->words[0]);
	if (!cli_confirm(cli, "Make all attributes what they were at version %lld?", to))
		return EXIT_USAGE;
	err = cli_send(&page, cli, "Manager.attributes", NULL, NULL, NULL);
	if (err)
		return cli_fail(err);
	version = json_integer_value(json_object_get(page, "version"));
	json_decref(page);
	status = attribute_expected(&version, cli);
	if (status)
		return status;
	err = cli_send(&answer, cli, "Manager.attributes-revert", NULL, NULL,
		       json_pack("{s:I, s:I, s:s}", "to", (json_int_t)to, "expected",
				 (json_int_t)version, "note", cli->note ? cli->note : ""));
	if (err)
		return cli_fail(err);
	attribute_print(cli, answer);
	print_skipped(json_object_get(answer, "skipped"));
	json_decref(answer);
	return EXIT_DONE;
}

const struct cli_command attribute_commands[] = {
	{ "attribute", "list", "", 0, 0, "service cluster profile area", list,
	  "Lists attributes of services, what is in effect and where it comes from." },
	{ "attribute", "get", "NAME", 1, 1, "service cluster profile area", get,
	  "Shows one attribute, by its name or key." },
	{ "attribute", "set", "NAME VALUE …", 2, 8, "service cluster profile area expected note",
	  set,
	  "Sets attributes at once or not at all: for a service profile, for a cluster, or through "
	  "an area of SolutionConfiguration; without, everywhere. A value - is read from the "
	  "input." },
	{ "attribute", "reset", "NAME …", 1, 8, "service cluster profile area expected note", reset,
	  "Takes back what was set there." },
	{ "attribute", "history", "[NAME]", 0, 1, "service", history,
	  "Lists what was changed, by whom, the newest first." },
	{ "attribute", "revert", "VERSION", 1, 1, "expected note yes", revert,
	  "Makes all attributes what they were at a version." },
	{ "attribute", "export", "[FILE]", 0, 1, "level service", attribute_export,
	  "Writes what is set to a file, secrets left out." },
	{ "attribute", "import", "FILE", 1, 1, "expected note yes", attribute_import,
	  "Shows what a file would change, and changes it." },
	{ 0 },
};
