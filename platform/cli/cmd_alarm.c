/*
 * cmd_alarm.c — pelago alarm: what is wrong, and who is told.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "pelago/json.h"
#include "platform/cli/cli.h"

static const struct cli_column columns[] = {
	{ "Id", "id", FORM_TEXT },
	{ "Severity", "severity", FORM_TEXT },
	{ "State", "state", FORM_TEXT },
	{ "Alarm", "key", FORM_TEXT },
	{ "Source", "source", FORM_TEXT },
	{ "Subject", "subject", FORM_TEXT },
	{ "Reason", "reason", FORM_TEXT },
	{ "Times", "count", FORM_NUMBER },
	{ "Raised", "raisedMs", FORM_TIME },
	{ "Acknowledged by", "acknowledgedBy", FORM_TEXT },
	{ "Title", "title", FORM_ONLY_JSON },
	{ "Cause", "cause", FORM_ONLY_JSON },
	{ "Fix", "fix", FORM_ONLY_JSON },
	{ "Last", "lastMs", FORM_ONLY_JSON },
	{ "Cleared", "clearedMs", FORM_ONLY_JSON },
	{ "Acknowledged", "acknowledgedMs", FORM_ONLY_JSON },
	{ 0 },
};

static const struct cli_column receiver_columns[] = {
	{ "Receiver", "name", FORM_TEXT },
	{ "Kind", "kind", FORM_TEXT },
	{ "Enabled", "enabled", FORM_TEXT },
	{ "From", "severity", FORM_TEXT },
	{ "Waiting", "waiting", FORM_NUMBER },
	{ "Last sent", "sentMs", FORM_TIME },
	{ "Error", "error", FORM_TEXT },
	{ "Has secret", "hasSecret", FORM_ONLY_JSON },
	{ "URL", "url", FORM_ONLY_JSON },
	{ "Server", "server", FORM_ONLY_JSON },
	{ "Address", "address", FORM_ONLY_JSON },
	{ "Sender", "from", FORM_ONLY_JSON },
	{ "To", "to", FORM_ONLY_JSON },
	{ "Engine", "engineId", FORM_ONLY_JSON },
	{ 0 },
};

static int list(struct cli *cli)
{
	return cli_print_list(cli, "Manager.alarms",
			      json_pack("{s:s}", "state", cli->wants_all ? "all" : "raised"),
			      columns);
}

static int print_alarm(const struct cli *cli, const json_t *alarm)
{
	static const struct {
		const char *title, *member;
	} rows[] = { { "Alarm", "key" },
		     { "Severity", "severity" },
		     { "State", "state" },
		     { "Source", "source" },
		     { "Subject", "subject" },
		     { "Reason", "reason" },
		     { "Cause", "cause" },
		     { "What to do", "fix" },
		     { "Acknowledged by", "acknowledgedBy" } };

	if (cli->wants_json) {
		json_dumpf(alarm, stdout, JSON_INDENT(2));
		putchar('\n');
		return EXIT_DONE;
	}
	printf("%s\n", pl_json_get_text(alarm, "title"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (*pl_json_get_text(alarm, rows[i].member))
			printf("  %-16s %s\n", rows[i].title,
			       pl_json_get_text(alarm, rows[i].member));
	return EXIT_DONE;
}

static int call(struct cli *cli, const char *operation)
{
	json_t *alarm = NULL;
	enum pl_err err = cli_call(&alarm, cli, operation, json_pack("{s:s}", "id", cli->words[0]));
	int status;

	if (err)
		return cli_fail(err);
	status = print_alarm(cli, alarm);
	json_decref(alarm);
	return status;
}

static int show(struct cli *cli)
{
	return call(cli, "Manager.alarmShow");
}

static int acknowledge(struct cli *cli)
{
	return call(cli, "Manager.alarmAck");
}

/* ---- receivers ---- */

static int receivers(struct cli *cli)
{
	return cli_print_list(cli, "Manager.alarmReceivers", NULL, receiver_columns);
}

static int change(struct cli *cli, const char *operation, json_t *body)
{
	json_t *receiver = NULL, *items;
	enum pl_err err = cli_send(&receiver, cli, operation,
				   json_pack("{s:s}", "name", cli->words[0]), NULL, body);
	int status;

	if (err)
		return cli_fail(err);
	items = json_pack("[O]", receiver);
	status = cli_print_items(cli, items, receiver_columns);
	json_decref(items);
	json_decref(receiver);
	return status;
}

/* Settings come from a file: what is typed as an argument, others can see. */
static int receiver_set(struct cli *cli)
{
	json_error_t error;
	json_t *body;

	if (!cli->file)
		return cli_usage("the settings are missing: --file FILE with a JSON object, as in "
				 "docs/alarms.md");
	body = strcmp(cli->file, "-") == 0
		       ? json_loadf(stdin, JSON_REJECT_DUPLICATES, &error)
		       : json_load_file(cli->file, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(body)) {
		json_decref(body);
		return cli_usage("%s holds no JSON object: line %d: %s", cli->file, error.line,
				 body ? "not an object" : error.text);
	}
	return change(cli, "Manager.alarmReceiverSet", body);
}

static int receiver_test(struct cli *cli)
{
	return change(cli, "Manager.alarmReceiverTest", NULL);
}

static int receiver_remove(struct cli *cli)
{
	if (!cli_confirm(cli, "Remove the receiver %s, and what waits for it?", cli->words[0]))
		return cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	return change(cli, "Manager.alarmReceiverRemove", NULL);
}

const struct cli_command alarm_commands[] = {
	{ "alarm", "list", "", 0, 0, "all", list, "Lists the alarms that are raised." },
	{ "alarm", "show", "ID", 1, 1, "", show, "Shows an alarm, its cause and what to do." },
	{ "alarm", "ack", "ID", 1, 1, "", acknowledge,
	  "Notes that you know of it; of an event, ends it." },
	{ "alarm", "receivers", "", 0, 0, "", receivers,
	  "Lists who is told of alarms: by e-mail, webhook or SNMP." },
	{ "alarm", "receiver-set", "NAME", 1, 1, "file", receiver_set,
	  "Adds or changes a receiver." },
	{ "alarm", "receiver-test", "NAME", 1, 1, "", receiver_test, "Sends it a test." },
	{ "alarm", "receiver-remove", "NAME", 1, 1, "yes", receiver_remove, "Removes a receiver." },
	{ 0 },
};
