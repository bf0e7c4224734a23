/*
 * eventlog.c — the event log's stream, and readers of it for this node's services.
 *
 * Nodes alone may use the server's API: whoever may create a reader may deliver into another's
 * subjects. So a service asks its node, which lets it read just the nouns of its manifest, into its
 * own inbox. The server keeps no answer to a question over its restart: all is asked anew then.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "platform/setup/file.h"

enum {
	STREAM_AGAIN_MS = 500, /* while it isn't there */
	STREAM_CHECK_MS = 30000,
	READER_MS = 5000,     /* a server that doesn't answer in that time */
	ERROR_IN_USE = 10058, /* stream name in use with another configuration */
};

static const int64_t second_ns = 1000000000;

static json_t *stream_config(void)
{
	return json_pack("{s:s,s:[s],s:s,s:s,s:s,s:i,s:I,s:I,s:I,s:i}", "name", "EVT", "subjects",
			 "evt.>", "retention", "limits", "storage", "file", "discard", "new",
			 "max_consumers", -1, "max_bytes", (json_int_t)4 << 30, "max_age",
			 (json_int_t)7 * 86400 * second_ns, "duplicate_window",
			 (json_int_t)120 * second_ns, "num_replicas", 1);
}

static void ask_stream(struct node *node, const char *verb)
{
	char subject[64], reply[128];

	node->log_asked_ms = supervisor_now_ms();
	snprintf(subject, sizeof(subject), "$JS.API.STREAM.%s.EVT", verb);
	snprintf(reply, sizeof(reply), "%s.stream", node->inbox);
	node_publish(node, subject, reply, stream_config());
}

static char *state_path(const struct node *node)
{
	char *path = NULL;

	return asprintf(&path, "%s/nodes/%s/log.json", node->data, node->name) < 0 ? NULL : path;
}

/*
 * What was there at the last look, and how often the log was found to be another one since: made
 * anew, or put back to an older copy. Readers look for what they have missed when that rises, also
 * those whose place is in the log all the same.
 */
static void note_log(struct node *node, const json_t *answer)
{
	const char *created = pl_json_get_text(answer, "created");
	int64_t last_seq = json_integer_value(pl_json_get(answer, "state.last_seq"));
	int64_t had_seq;
	char *path = state_path(node);
	json_t *state;
	enum pl_err err;

	if (!node->log_state && path && file_read_json(&node->log_state, path) != PL_OK)
		node->log_state = NULL; /* the first look, or as good as that */
	had_seq = json_integer_value(json_object_get(node->log_state, "lastSeq"));
	node->log_number = json_integer_value(json_object_get(node->log_state, "number"));
	if (!node->log_number) {
		node->log_number = 1;
	} else if (last_seq < had_seq ||
		   strcmp(created, pl_json_get_text(node->log_state, "created")) != 0) {
		node->log_number++;
		pl_log(WARN, "log.replaced", NULL,
		       "the log is another one than before: messages to %lld, were %lld",
		       (long long)last_seq, (long long)had_seq);
	}
	state = json_pack("{s:s, s:I, s:I}", "created", created, "lastSeq", (json_int_t)last_seq,
			  "number", (json_int_t)node->log_number);
	err = path && state ? PL_OK : PL_NOMEM;
	if (!err && !json_equal(state, node->log_state))
		err = file_replace_json(path, state, 0600);
	if (err) {
		pl_log(ERROR, "log.state", NULL, "%s", pl_err_detail(err));
		json_decref(state);
	} else {
		json_decref(node->log_state);
		node->log_state = state;
	}
	free(path);
}

void on_stream_answer(struct node *node, const json_t *answer)
{
	const json_t *error = json_object_get(answer, "error");
	int64_t code = json_integer_value(json_object_get(error, "err_code"));

	if (!error) {
		if (!node->is_log_ready)
			pl_log(INFO, "log.ready", NULL, "messages=%lld",
			       (long long)json_integer_value(
				       pl_json_get(answer, "state.messages")));
		node->report_soon |= !node->is_log_ready;
		node->is_log_ready = true;
		note_log(node, answer);
	} else if (code == ERROR_IN_USE) {
		ask_stream(node, "UPDATE");
	} else {
		pl_log(ERROR, "log.stream", NULL, "%s (%lld)",
		       pl_json_get_text(error, "description"), (long long)code);
		node->report_soon |= node->is_log_ready;
		node->is_log_ready = false;
	}
}

void eventlog_lost(struct node *node)
{
	node->is_log_ready = false;
	node->log_asked_ms = 0;
	for (int i = 0; i < READERS_MAX; i++) {
		free(node->readers[i].reply);
		json_decref(node->readers[i].producers);
		node->readers[i].reply = NULL;
		node->readers[i].producers = NULL;
	}
}

void eventlog_beat(struct node *node, int64_t now_ms)
{
	int64_t pause_ms = node->is_log_ready ? STREAM_CHECK_MS : STREAM_AGAIN_MS;

	if (!node->log_asked_ms || now_ms - node->log_asked_ms >= pause_ms)
		ask_stream(node, "CREATE");
}

/* ---- readers ---- */

void node_refuse(struct node *node, const char *reply, enum pl_err err)
{
	node_publish(node, reply, NULL,
		     json_pack("{s:{s:s,s:s,s:s}}", "error", "code", pl_err_row(err)->wire, "name",
			       pl_err_row(err)->name, "message", pl_err_detail(err)));
}

static bool is_literal(const char *subject)
{
	size_t len = strlen(subject);

	return len > 0 && len < 200 && !strpbrk(subject, "*> \t\r\n") && subject[len - 1] != '.' &&
	       !strstr(subject, "..");
}

/* Whether a filter is evt.PARTITION.NOUN.VERB of a noun that the service may read; * and > as in
 * NATS. */
static bool may_read(const struct service *s, const char *filter)
{
	char partition[8], noun[65], verb[65], rest;
	json_t *item;
	size_t i;

	if (sscanf(filter, "evt.%7[0-9*].%64[A-Za-z0-9_-].%64[A-Za-z0-9_>*-]%c", partition, noun,
		   verb, &rest) != 3)
		return false;
	json_array_foreach(s->reads, i, item) {
		if (strcmp(json_string_value(item), noun) == 0)
			return true;
	}
	return false;
}

/* Who publishes the noun of a filter that may be read; NULL if the manager didn't say. */
static json_t *producers_of(const struct service *s, const char *filter)
{
	char noun[65];

	return sscanf(filter, "evt.%*[^.].%64[^.]", noun) == 1 ? json_object_get(s->producers, noun)
							       : NULL;
}

static enum pl_err check(const struct service *s, const char *process, const char *filter,
			 const char *deliver)
{
	size_t len = strlen(process);

	if (!s)
		return pl_fail(PL_FORBIDDEN, "%s isn't a service of this node", process);
	if (!is_literal(deliver) || strncmp(deliver, "_IN.", 4) != 0 ||
	    strncmp(deliver + 4, process, len) != 0 || deliver[4 + len] != '.')
		return pl_fail(PL_FORBIDDEN, "deliver isn't in the inbox of %s", process);
	if (!may_read(s, filter))
		return pl_fail(PL_FORBIDDEN, "the manifest of %s doesn't let it read %s", process,
			       filter);
	return PL_OK;
}

static json_t *reader_config(const char *filter, const char *deliver, int64_t start)
{
	json_t *config = json_pack("{s:s,s:s,s:s,s:i,s:s,s:b,s:I,s:I,s:b}", "deliver_subject",
				   deliver, "filter_subject", filter, "ack_policy", "none",
				   "max_deliver", 1, "replay_policy", "instant", "mem_storage", 1,
				   "inactive_threshold", (json_int_t)30 * second_ns,
				   "idle_heartbeat", (json_int_t)second_ns / 2, "flow_control", 1);

	json_object_set_new(config, "deliver_policy",
			    json_string(start > 0 ? "by_start_sequence" : "all"));
	if (start > 0)
		json_object_set_new(config, "opt_start_seq", json_integer(start));
	return json_pack("{s:s,s:o}", "stream_name", "EVT", "config", config);
}

void on_reader_request(const struct pl_message *m, void *arg)
{
	const char *process, *filter = NULL, *deliver = NULL;
	struct node *node = arg;
	struct reader_request *request;
	json_t *body = NULL;
	int64_t start = 0;
	char reply[128];
	enum pl_err err;

	if (!m->reply)
		return;
	process = strrchr(m->subject, '.') + 1;
	err = pl_json_parse(&body, m->body, m->body_len);
	if (!err)
		err = pl_json_text(&filter, body, "filter", 200, true);
	if (!err)
		err = pl_json_text(&deliver, body, "deliver", 200, true);
	if (!err)
		err = pl_json_int(&start, body, "start", 0, INT64_MAX, true);
	if (!err)
		err = check(service_find(node, process), process, filter, deliver);
	if (!err && !node->is_log_ready) /* nor is it known whether it is the same as before */
		err = pl_fail(PL_UNAVAILABLE, "the log isn't there yet");
	request = &node->readers[++node->readers_number % READERS_MAX];
	if (!err && request->reply && supervisor_now_ms() - request->at_ms < READER_MS)
		err = pl_fail(PL_RATE, "too many readers are being made");
	if (err) {
		node_refuse(node, m->reply, err);
		json_decref(body);
		return;
	}
	free(request->reply);
	json_decref(request->producers);
	request->reply = strdup(m->reply);
	request->producers = json_incref(producers_of(service_find(node, process), filter));
	request->at_ms = supervisor_now_ms();
	request->number = node->readers_number;
	snprintf(reply, sizeof(reply), "%s.reader.%u", node->inbox, request->number);
	node_publish(node, "$JS.API.CONSUMER.CREATE.EVT", reply,
		     reader_config(filter, deliver, start));
	json_decref(body);
}

void on_reader_answer(struct node *node, unsigned number, const json_t *answer)
{
	struct reader_request *request = &node->readers[number % READERS_MAX];
	const json_t *error = json_object_get(answer, "error");

	if (!request->reply || request->number != number)
		return;
	if (error)
		node_refuse(node, request->reply,
			    pl_fail(PL_UNAVAILABLE, "%s", pl_json_get_text(error, "description")));
	else
		node_publish(
			node, request->reply, NULL,
			json_pack("{s:I, s:I, s:I, s:O*}", "log", (json_int_t)node->log_number,
				  "deliveredSeq",
				  json_integer_value(pl_json_get(answer, "delivered.stream_seq")),
				  "pending",
				  json_integer_value(json_object_get(answer, "num_pending")),
				  "producers", request->producers));
	json_decref(request->producers);
	request->producers = NULL;
	free(request->reply);
	request->reply = NULL;
}
