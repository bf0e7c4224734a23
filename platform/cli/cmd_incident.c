/*
 * cmd_incident.c — pelago workflow, where instances can't go on: what is shown, and done about it;
 * and what they wait for from outside.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "pelago/json.h"
#include "platform/cli/designer.h"

static const struct cli_column incidents_columns[] = {
	{ "Instance", "instanceId", FORM_TEXT }, { "Token", "token", FORM_NUMBER },
	{ "Workflow", "workflow", FORM_TEXT },	 { "Version", "version", FORM_NUMBER },
	{ "Element", "element", FORM_TEXT },	 { "Code", "code", FORM_TEXT },
	{ "Attempts", "attempts", FORM_NUMBER }, { "Since", "atMs", FORM_TIME },
	{ "Reason", "reason", FORM_TEXT },	 { 0 },
};

static const struct cli_column messages_columns[] = {
	{ "Message", "id", FORM_TEXT },
	{ "Name", "name", FORM_TEXT },
	{ "Key", "key", FORM_TEXT },
	{ "Since", "keptMs", FORM_TIME },
	{ "Until", "untilMs", FORM_TIME },
	{ "Payload", "payload", FORM_ONLY_JSON },
	{ 0 },
};

static int incidents(struct cli *cli)
{
	return designer_print(
		cli, "incidents",
		json_pack("{s:s*}", "instanceId", cli->words_len ? cli->words[0] : NULL),
		incidents_columns);
}

static void say_instance(const json_t *reply)
{
	const json_t *item;
	size_t i;

	printf("%s version %lld: %s\n", pl_json_get_text(reply, "workflow"),
	       (long long)json_integer_value(json_object_get(reply, "version")),
	       pl_json_get_text(reply, "status"));
	if (json_object_get(reply, "failure"))
		printf("  failed at %s, %s: %s\n", pl_json_get_text(reply, "failure.element"),
		       pl_json_get_text(reply, "failure.code"),
		       pl_json_get_text(reply, "failure.reason"));
	json_array_foreach(json_object_get(reply, "tokens"), i, item)
		printf("  token %lld is at %s, %s\n",
		       (long long)json_integer_value(json_object_get(item, "id")),
		       pl_json_get_text(item, "element"), pl_json_get_text(item, "waits"));
	json_array_foreach(json_object_get(reply, "incidents"), i, item)
		printf("  token %lld can't go on at %s, %lld times tried, %s: %s\n",
		       (long long)json_integer_value(json_object_get(item, "token")),
		       pl_json_get_text(item, "element"),
		       (long long)json_integer_value(json_object_get(item, "attempts")),
		       pl_json_get_text(item, "code"), pl_json_get_text(item, "reason"));
}

static int show(struct cli *cli)
{
	return designer_do(cli, "instance", json_pack("{s:s}", "id", cli->words[0]), say_instance);
}

static void say_moved(const json_t *reply)
{
	printf("%lld incidents moved on\n",
	       (long long)json_integer_value(json_object_get(reply, "moved")));
}

static int retry(struct cli *cli)
{
	return designer_with_words(cli, "retry", "id", "token", say_moved);
}

static int skip(struct cli *cli)
{
	return designer_with_words(cli, "skip", "id", "token", say_moved);
}

static int drop(struct cli *cli)
{
	if (!cli_confirm(cli, "Drop what can't go on of instance %s?", cli->words[0]))
		return EXIT_REFUSED;
	return designer_with_words(cli, "drop", "id", "token", say_moved);
}

static void say_cancelled(const json_t *reply)
{
	(void)reply;
	printf("cancelled\n");
}

static int cancel(struct cli *cli)
{
	if (!cli_confirm(cli, "Cancel instance %s?", cli->words[0]))
		return EXIT_REFUSED;
	return designer_with_words(cli, "cancel", "id", "token", say_cancelled);
}

static int messages(struct cli *cli)
{
	return designer_print(cli, "messages", json_object(), messages_columns);
}

static void say_dropped(const json_t *reply)
{
	(void)reply;
	printf("dropped\n");
}

static int drop_message(struct cli *cli)
{
	return designer_do(cli, "drop-message", json_pack("{s:s}", "id", cli->words[0]),
			   say_dropped);
}

static void say_environment(const json_t *reply)
{
	const char *name;
	json_t *value;

	json_object_foreach(json_object_get(reply, "variables"), name, value) {
		printf("%s = ", name);
		json_dumpf(value, stdout, JSON_ENCODE_ANY);
		putchar('\n');
	}
}

static void say_started(const json_t *reply)
{
	printf("%zu instances started\n", json_array_size(json_object_get(reply, "started")));
}

static int environment(struct cli *cli)
{
	json_t *value;

	if (cli->words_len == 0)
		return designer_do(cli, "environment", json_object(), say_environment);
	if (cli->words_len == 1)
		return cli_usage("a value is missing behind %s; null takes it out", cli->words[0]);
	value = json_loads(cli->words[1], JSON_DECODE_ANY, NULL);
	return designer_do(cli, "set-environment",
			   json_pack("{s:{s:o}}", "variables", cli->words[0],
				     value ? value : json_string(cli->words[1])),
			   say_started);
}

const struct cli_command incident_commands[] = {
	{ "workflow", "show", "INSTANCE", 1, 1, "", show,
	  "Shows an instance: where it is, and what can't go on; with --json its variables and "
	  "history, too." },
	{ "workflow", "incidents", "[INSTANCE]", 0, 1, "", incidents,
	  "Lists what can't go on: which instance, at which element, why." },
	{ "workflow", "retry", "INSTANCE [TOKEN]", 1, 2, "", retry,
	  "Does again what is an incident, all of the instance unless one is said." },
	{ "workflow", "skip", "INSTANCE [TOKEN]", 1, 2, "", skip,
	  "Goes on behind an incident as if it had been done." },
	{ "workflow", "drop", "INSTANCE [TOKEN]", 1, 2, "yes", drop,
	  "Ends the path of an incident there; the others of the instance go on." },
	{ "workflow", "cancel", "INSTANCE", 1, 1, "yes", cancel, "Ends an instance." },
	{ "workflow", "messages", "", 0, 0, "", messages,
	  "Lists the messages that nobody waited for and that are kept for who waits later." },
	{ "workflow", "drop-message", "MESSAGE", 1, 1, "", drop_message,
	  "Keeps such a message no longer." },
	{ "workflow", "environment", "[NAME VALUE]", 0, 2, "", environment,
	  "Shows the values that conditions of starts are asked over, or sets one: JSON, or else a "
	  "text. A workflow whose condition becomes true is started." },
	{ 0 },
};
