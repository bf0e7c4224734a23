/*
 * cmd_rule.c — pelago rule: which workflow a contact meets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "platform/cli/designer.h"
#include "platform/setup/file.h"

static const struct cli_column columns[] = {
	{ "Rule", "id", FORM_TEXT },
	{ "Event", "event", FORM_TEXT },
	{ "Channel", "channel", FORM_TEXT },
	{ "Rank", "rank", FORM_NUMBER },
	{ "Workflow", "workflow", FORM_TEXT },
	{ "Version", "version", FORM_TEXT },
	{ "Enabled", "enabled", FORM_TEXT },
	{ "Default", "default", FORM_TEXT },
	{ "Recreate", "recreate", FORM_TEXT },
	{ "Outdated", "outdated", FORM_TEXT },
	{ "Replaced by", "replacedBy", FORM_ONLY_JSON },
	{ "Filters", "filterText", FORM_TEXT },
	{ "Filters", "filters", FORM_ONLY_JSON },
	{ "Condition", "condition", FORM_TEXT },
	{ 0 },
};

/* "contact.topic oneOf [\"sales\",\"billing\"], contact.vip exists" */
static void add_filter_text(json_t *rule)
{
	json_t *filter;
	char *text = NULL;
	size_t i, len;
	FILE *out = open_memstream(&text, &len);

	json_array_foreach(json_object_get(rule, "filters"), i, filter) {
		char *value = json_dumps(json_object_get(filter, "value"),
					 JSON_COMPACT | JSON_ENCODE_ANY);

		fprintf(out, "%s%s %s%s%s", i ? ", " : "", pl_json_get_text(filter, "path"),
			pl_json_get_text(filter, "is"), value ? " " : "", value ? value : "");
		free(value);
	}
	fclose(out);
	json_object_set_new(rule, "filterText", json_string(text));
	free(text);
}

static int list(struct cli *cli)
{
	json_t *items = NULL, *rule;
	enum pl_err err = designer_list(&items, cli, "rules", json_object());
	size_t i;
	int status;

	if (err)
		return cli_fail(err);
	if (!cli->wants_json)
		json_array_foreach(items, i, rule)
			add_filter_text(rule);
	status = cli_print_items(cli, items, columns);
	json_decref(items);
	return status;
}

static void say_rule(const json_t *reply)
{
	printf("rule %s\n", pl_json_get_text(reply, "rule.id"));
}

static void say_deleted(const json_t *reply)
{
	(void)reply;
	printf("deleted\n");
}

static int set(struct cli *cli, json_t *rule)
{
	return designer_do(cli, "set-rule", json_pack("{s:o}", "rule", rule), say_rule);
}

static int add(struct cli *cli)
{
	json_t *rule = NULL;
	enum pl_err err = file_read_json(&rule, cli->words[0]);

	if (err)
		return cli_fail(err);
	json_object_del(rule, "id");
	return set(cli, rule);
}

static enum pl_err find(json_t **rulep, struct cli *cli, const char *id)
{
	json_t *items = NULL, *item;
	enum pl_err err = designer_list(&items, cli, "rules", json_object());
	size_t i;

	if (err)
		return err;
	err = pl_fail(PL_NOTFOUND, "there is no rule %s", id);
	json_array_foreach(items, i, item)
		if (err && strcmp(pl_json_get_text(item, "id"), id) == 0) {
			*rulep = json_incref(item);
			err = PL_OK;
		}
	json_decref(items);
	return err;
}

static int edit(struct cli *cli)
{
	json_t *rule = NULL, *changes = NULL;
	enum pl_err err = file_read_json(&changes, cli->words[1]);

	if (!err)
		err = find(&rule, cli, cli->words[0]);
	if (!err) {
		json_object_update(rule, changes);
		json_object_set_new(rule, "id", json_string(cli->words[0]));
	}
	json_decref(changes);
	return err ? cli_fail(err) : set(cli, rule);
}

static int turn(struct cli *cli, bool on)
{
	json_t *rule = NULL;
	enum pl_err err = find(&rule, cli, cli->words[0]);

	if (err)
		return cli_fail(err);
	json_object_set_new(rule, "enabled", json_boolean(on));
	return set(cli, rule);
}

static int enable(struct cli *cli)
{
	return turn(cli, true);
}

static int disable(struct cli *cli)
{
	return turn(cli, false);
}

static int delete_rule(struct cli *cli)
{
	if (!cli_confirm(cli, "Delete rule %s?", cli->words[0]))
		return EXIT_REFUSED;
	return designer_do(cli, "delete-rule", json_pack("{s:s}", "id", cli->words[0]),
			   say_deleted);
}

static void say_recreated(const json_t *reply)
{
	printf("%lld rules made anew\n",
	       (long long)json_integer_value(json_object_get(reply, "recreated")));
}

static int recreate(struct cli *cli)
{
	return designer_do(cli, "recreate-rules", json_object(), say_recreated);
}

const struct cli_command rule_commands[] = {
	{ "rule", "list", "", 0, 0, "", list,
	  "Lists the routing rules in the order in which they are asked." },
	{ "rule", "add", "FILE", 1, 1, "", add,
	  "Adds the rule that a JSON file describes: event, channel, filters, condition, rank, "
	  "workflow, version, enabled, default, as 'rule list --json' shows them. A filter is path, is "
	  "and value: {\"path\":\"contact.attributes.Language\",\"is\":\"oneOf\",\"value\":"
	  "[\"German\"]}." },
	{ "rule", "edit", "RULE FILE", 2, 2, "", edit,
	  "Changes a rule's members that a JSON file names; the others stay." },
	{ "rule", "enable", "RULE", 1, 1, "", enable, "Switches a rule on, at once." },
	{ "rule", "disable", "RULE", 1, 1, "", disable,
	  "Switches a rule off, at once; it stays as it is." },
	{ "rule", "delete", "RULE", 1, 1, "yes", delete_rule, "Deletes a rule." },
	{ "rule", "recreate", "", 0, 0, "", recreate,
	  "Makes the rules anew whose event was renamed, for all channels; the old ones stay on "
	  "record, off. The newest versions of their workflows have to be deployed." },
	{ 0 },
};
