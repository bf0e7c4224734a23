/*
 * cmd_event.c — pelago event dashboard, destinations.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/cli/cli.h"

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

const struct cli_command event_commands[] = {
	{ "event", "dashboard", "", 0, 0, "", dashboard,
	  "Lists the brokers, up or down, with figures." },
	{ "event", "destinations", "", 0, 0, "", destinations,
	  "Lists streams, who reads them, and where they go on to: depth, pending, age of the oldest." },
	{ 0 },
};
