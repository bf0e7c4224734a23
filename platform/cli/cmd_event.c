/*
 * cmd_event.c — pelago event dashboard, destinations; list, show, register, withdraw of the
 * catalogue.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "pelago/json.h"
#include "platform/cli/designer.h"
#include "platform/setup/file.h"

static const struct cli_column brokers[] = {
	{ "Broker", "name", FORM_TEXT },
	{ "State", "state", FORM_TEXT },
	{ "Host", "host", FORM_TEXT },
	{ "Version", "version", FORM_TEXT },
	{ "Up for", "uptimeSeconds", FORM_SECONDS },
	{ "Connections", "connections", FORM_NUMBER },
	{ "Messages in", "inMessages", FORM_NUMBER },
	{ "Messages out", "outMessages", FORM_NUMBER },
	{ "Slow", "slowConsumers", FORM_NUMBER },
	{ "Memory", "memoryBytes", FORM_BYTES },
	{ "Storage", "storageBytes", FORM_BYTES },
	{ "Storage at most", "storageMostBytes", FORM_ONLY_JSON },
	{ "Bytes in", "inBytes", FORM_ONLY_JSON },
	{ "Bytes out", "outBytes", FORM_ONLY_JSON },
	{ "Subscriptions", "subscriptions", FORM_ONLY_JSON },
	{ "Seen", "seenMs", FORM_ONLY_JSON },
	{ "Id", "id", FORM_ONLY_JSON },
	{ "Port", "port", FORM_ONLY_JSON },
	{ 0 },
};

static const struct cli_column destinations_columns[] = {
	{ "Stream", "stream", FORM_TEXT },
	{ "Kind", "kind", FORM_TEXT },
	{ "Service", "service", FORM_TEXT },
	{ "Subject", "subject", FORM_TEXT },
	{ "Depth", "depth", FORM_NUMBER },
	{ "Size", "bytes", FORM_BYTES },
	{ "Pending", "pending", FORM_NUMBER },
	{ "Redelivered", "redelivered", FORM_NUMBER },
	{ "Oldest", "oldestSeconds", FORM_SECONDS },
	{ "State", "state", FORM_TEXT },
	{ "Target", "target", FORM_TEXT },
	{ "Error", "error", FORM_TEXT },
	{ "Sent", "sentMs", FORM_ONLY_JSON },
	{ "Consumer", "consumer", FORM_ONLY_JSON },
	{ "Delivered", "deliveredSequence", FORM_ONLY_JSON },
	{ "Last", "lastSequence", FORM_ONLY_JSON },
	{ "Consumers", "consumers", FORM_ONLY_JSON },
	{ "Size at most", "mostBytes", FORM_ONLY_JSON },
	{ 0 },
};

static int dashboard(struct cli *cli)
{
	return cli_print_list(cli, "Manager.eventingBrokers", NULL, brokers);
}

static int destinations(struct cli *cli)
{
	return cli_print_list(cli, "Manager.eventingDestinations", NULL, destinations_columns);
}

/* ---- the catalogue ---- */

static const struct cli_column types[] = {
	{ "Event", "name", FORM_TEXT },		 { "Version", "version", FORM_NUMBER },
	{ "Title", "title", FORM_TEXT },	 { "Built in", "builtIn", FORM_TEXT },
	{ "Withdrawn", "withdrawn", FORM_TEXT }, { "Registered", "registeredMs", FORM_TIME },
	{ "By", "registeredBy", FORM_TEXT },	 { "Family", "family", FORM_ONLY_JSON },
	{ "Type", "type", FORM_ONLY_JSON },	 { 0 },
};

static int list_types(struct cli *cli)
{
	return designer_print(cli, "event-types", json_object(), types);
}

static void say_type(const json_t *reply)
{
	json_dumpf(reply, stdout, JSON_INDENT(2));
	putchar('\n');
}

static int show(struct cli *cli)
{
	json_t *body = NULL;
	enum pl_err err = designer_words(&body, cli, "name", "version");

	return err ? cli_fail(err) : designer_do(cli, "event-type", body, say_type);
}

static void say_registered(const json_t *reply)
{
	printf("%s version %lld%s\n", pl_json_get_text(reply, "name"),
	       (long long)json_integer_value(json_object_get(reply, "version")),
	       json_is_true(json_object_get(reply, "created")) ? "" : ", as it was");
}

static int register_type(struct cli *cli)
{
	json_t *type = NULL;
	enum pl_err err = file_read_json(&type, cli->words[0]);

	return err ? cli_fail(err) : designer_do(cli, "register-event", type, say_registered);
}

static void say_withdrawn(const json_t *reply)
{
	printf("%s version %lld is withdrawn; rules that name it: %lld\n",
	       pl_json_get_text(reply, "name"),
	       (long long)json_integer_value(json_object_get(reply, "version")),
	       (long long)json_integer_value(json_object_get(reply, "rules")));
}

static int withdraw(struct cli *cli)
{
	json_t *body = NULL;
	enum pl_err err = designer_words(&body, cli, "name", "version");

	if (err)
		return cli_fail(err);
	if (!cli_confirm(cli, "Withdraw version %s of event %s?", cli->words[1], cli->words[0])) {
		json_decref(body);
		return EXIT_REFUSED;
	}
	return designer_do(cli, "withdraw-event", body, say_withdrawn);
}

const struct cli_command event_commands[] = {
	{ "event", "dashboard", "", 0, 0, "", dashboard,
	  "Lists the brokers, up or down, with figures." },
	{ "event", "destinations", "", 0, 0, "", destinations,
	  "Lists streams, who reads them, and where they go on to: depth, pending, age of the oldest." },
	{ "event", "list", "", 0, 0, "", list_types,
	  "Lists the catalogue of events: Pelago's own, and those that other systems may post." },
	{ "event", "show", "EVENT [VERSION]", 1, 2, "", show,
	  "Shows an event with its schema; the newest version that is taken without VERSION." },
	{ "event", "register", "FILE", 1, 1, "", register_type,
	  "Registers the version of an event that a JSON file describes: family, type, version, title, "
	  "and schema, a JSON Schema of its payload. The same again brings back what was withdrawn." },
	{ "event", "withdraw", "EVENT VERSION", 2, 2, "yes", withdraw,
	  "Takes a version of an event no more; it stays on record." },
	{ 0 },
};
