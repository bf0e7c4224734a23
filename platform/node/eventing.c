/*
 * eventing.c — how the bus and the event log are, for the manager (PLT-31).
 *
 * Brokers tell by the system account's VARZ, which the bus lets nodes ask as bus.varz; streams and
 * readers by the server's API. How many brokers there are isn't known, so answers are waited for
 * GATHER_MS; of readers that are behind, the time of the first message that waits is asked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node.h"
#include "pelago/json.h"

enum {
	GATHER_MS = 250,
	GATHER_MOST_MS = 1500, /* when streams and readers don't come */
	BROKERS_MOST = 50,
	CONSUMERS_MOST = 1024,
	BEHIND_MOST = 32, /* of which the oldest is asked for */
};

struct gather {
	char *reply; /* NULL: none is under way */
	unsigned number;
	int64_t began_ms;
	json_t *brokers, *streams, *consumers;
	bool has_streams, has_consumers;
	size_t behind; /* questions for the oldest without an answer */
};

static struct gather gather;

static void gather_end(void)
{
	free(gather.reply);
	json_decref(gather.brokers);
	json_decref(gather.streams);
	json_decref(gather.consumers);
	gather = (struct gather){ .number = gather.number + 1 };
}

static void ask(struct node *node, const char *subject, const char *what, json_t *body)
{
	char reply[160];

	snprintf(reply, sizeof(reply), "%s.eventing.%u.%s", node->inbox, gather.number, what);
	node_publish(node, subject, reply, body);
}

static void ask_consumers(struct node *node, size_t offset)
{
	ask(node, "$JS.API.CONSUMER.LIST.EVT", "consumers",
	    json_pack("{s:I}", "offset", (json_int_t)offset));
}

void eventing_begin(struct node *node, const char *reply)
{
	if (gather.reply) { /* one question at a time; who asked before asks again */
		if (supervisor_now_ms() - gather.began_ms < GATHER_MOST_MS)
			return;
		gather_end();
	}
	gather.reply = strdup(reply);
	gather.brokers = json_array();
	gather.streams = json_array();
	gather.consumers = json_array();
	gather.began_ms = supervisor_now_ms();
	if (!gather.reply || !gather.brokers || !gather.streams || !gather.consumers) {
		gather_end();
		return;
	}
	ask(node, "bus.varz", "brokers", json_object());
	ask(node, "$JS.API.STREAM.LIST", "streams", json_object());
	ask_consumers(node, 0);
}

/* Seconds since a time "2026-01-31T12:00:00.123Z"; -1 if there is none. */
static int64_t seconds_since(const char *text)
{
	struct tm tm = { 0 };
	time_t then;

	if (!strptime(text, "%Y-%m-%dT%H:%M:%S", &tm))
		return -1;
	then = timegm(&tm);
	return then < 0 || then > time(NULL) ? 0 : (int64_t)(time(NULL) - then);
}

static json_t *age(const char *text)
{
	int64_t s = seconds_since(text);

	return s < 0 ? json_null() : json_integer(s);
}

static json_t *number(const json_t *from, const char *path)
{
	const json_t *value = pl_json_get(from, path);

	return json_integer((json_int_t)json_number_value(value));
}

/* ---- answers ---- */

static void take_broker(const json_t *answer)
{
	const json_t *data = json_object_get(answer, "data");

	if (!data || json_array_size(gather.brokers) >= BROKERS_MOST)
		return;
	json_array_append_new(
		gather.brokers,
		json_pack(
			"{s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
			"s:o, s:o}",
			"name", pl_json_get_text(data, "server_name"), "id",
			pl_json_get_text(data, "server_id"), "host", pl_json_get_text(data, "host"),
			"port", number(data, "port"), "version", pl_json_get_text(data, "version"),
			"uptimeSeconds", age(pl_json_get_text(data, "start")), "connections",
			number(data, "connections"), "subscriptions", number(data, "subscriptions"),
			"inMessages", number(data, "in_msgs"), "outMessages",
			number(data, "out_msgs"), "inBytes", number(data, "in_bytes"), "outBytes",
			number(data, "out_bytes"), "slowConsumers", number(data, "slow_consumers"),
			"memoryBytes", number(data, "mem"), "storageBytes",
			number(data, "jetstream.stats.storage"), "storageMostBytes",
			number(data, "jetstream.config.max_storage")));
}

static void take_streams(const json_t *answer)
{
	json_t *item;
	size_t i;

	gather.has_streams = true;
	json_array_foreach(json_object_get(answer, "streams"), i, item)
		json_array_append_new(
			gather.streams,
			json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "stream",
				  pl_json_get_text(item, "config.name"), "subject",
				  json_string_value(
					  json_array_get(pl_json_get(item, "config.subjects"), 0))
					  ? json_string_value(json_array_get(
						    pl_json_get(item, "config.subjects"), 0))
					  : "",
				  "depth", number(item, "state.messages"), "bytes",
				  number(item, "state.bytes"), "mostBytes",
				  number(item, "config.max_bytes"), "lastSequence",
				  number(item, "state.last_seq"), "consumers",
				  number(item, "state.consumer_count"), "oldestSeconds",
				  json_number_value(pl_json_get(item, "state.messages")) > 0
					  ? age(pl_json_get_text(item, "state.first_ts"))
					  : json_null()));
}

/* Whose it is: its messages go to "_IN.PROCESS.…". */
static void process_of(char process[65], const char *deliver)
{
	if (sscanf(deliver, "_IN.%64[^.]", process) != 1)
		snprintf(process, 65, "?");
}

static void ask_oldest(struct node *node, size_t place, const json_t *consumer)
{
	char what[40];

	snprintf(what, sizeof(what), "oldest.%zu", place);
	ask(node, "$JS.API.STREAM.MSG.GET.EVT", what,
	    json_pack("{s:I, s:s}", "seq",
		      json_integer_value(pl_json_get(consumer, "delivered.stream_seq")) + 1,
		      "next_by_subj", pl_json_get_text(consumer, "config.filter_subject")));
	gather.behind++;
}

static void take_consumer(struct node *node, const json_t *item)
{
	size_t place = json_array_size(gather.consumers);
	char process[65];

	process_of(process, pl_json_get_text(item, "config.deliver_subject"));
	json_array_append_new(gather.consumers,
			      json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:n}", "stream",
					pl_json_get_text(item, "stream_name"), "consumer",
					pl_json_get_text(item, "name"), "service", process,
					"subject", pl_json_get_text(item, "config.filter_subject"),
					"deliveredSequence", number(item, "delivered.stream_seq"),
					"pending", number(item, "num_pending"), "redelivered",
					number(item, "num_redelivered"), "oldestSeconds"));
	if (json_integer_value(json_object_get(item, "num_pending")) > 0 &&
	    gather.behind < BEHIND_MOST)
		ask_oldest(node, place, item);
}

static void take_consumers(struct node *node, const json_t *answer)
{
	json_t *list = json_object_get(answer, "consumers"), *item;
	int64_t total = json_integer_value(json_object_get(answer, "total"));
	size_t i, offset;

	json_array_foreach(list, i, item)
		take_consumer(node, item);
	offset = json_array_size(gather.consumers);
	if (json_array_size(list) > 0 && (int64_t)offset < total && offset < CONSUMERS_MOST)
		ask_consumers(node, offset);
	else
		gather.has_consumers = true;
}

static void take_oldest(size_t place, const json_t *answer)
{
	json_t *consumer = json_array_get(gather.consumers, place);
	const char *when = pl_json_get_text(answer, "message.time");

	if (gather.behind > 0)
		gather.behind--;
	if (consumer && *when)
		json_object_set_new(consumer, "oldestSeconds", age(when));
}

void eventing_answered(struct node *node, const char *what, const json_t *answer)
{
	unsigned asked;
	size_t place;
	char part[16];

	if (!gather.reply || sscanf(what, "%u.%15[a-z]", &asked, part) != 2 ||
	    asked != gather.number)
		return;
	if (strcmp(part, "brokers") == 0)
		take_broker(answer);
	else if (strcmp(part, "streams") == 0)
		take_streams(answer);
	else if (strcmp(part, "consumers") == 0)
		take_consumers(node, answer);
	else if (sscanf(what, "%*u.oldest.%zu", &place) == 1)
		take_oldest(place, answer);
}

void eventing_beat(struct node *node, int64_t now_ms)
{
	int64_t ago_ms = now_ms - gather.began_ms;

	if (!gather.reply || ago_ms < GATHER_MS)
		return;
	if (ago_ms < GATHER_MOST_MS &&
	    (!gather.has_streams || !gather.has_consumers || gather.behind > 0))
		return;
	node_publish(node, gather.reply, NULL,
		     json_pack("{s:O, s:O, s:O}", "brokers", gather.brokers, "streams",
			       gather.streams, "consumers", gather.consumers));
	gather_end();
}

bool eventing_is_asked(void)
{
	return gather.reply != NULL;
}

void eventing_stop(void)
{
	gather_end();
}
