/*
 * root_metrics.c — see root_metrics.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/cli/root_metrics.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"

enum { SERVERS_MOST = 100, SILENT_MS = 3 * ROOT_METRICS_MS };

struct root_metrics {
	struct pl_bus *bus;
	struct supervisor *supervisor;
	struct pl_subscription *questions, *answers;
	char inbox[96];
	int64_t asked_ms, since_ms;
	json_t *servers; /* {NAME: its VARZ, with the time at which it came as "heardMs"} */
};

/* ---- nats-server ---- */

static const struct {
	const char *member, *name, *type, *text;
} server_rows[] = {
	{ "connections", "nats_connections", "gauge", "Connections to the bus" },
	{ "subscriptions", "nats_subscriptions", "gauge", "Subscriptions of all connections" },
	{ "in_msgs", "nats_in_messages_total", "counter", "Messages that came" },
	{ "out_msgs", "nats_out_messages_total", "counter", "Messages that went out" },
	{ "in_bytes", "nats_in_bytes_total", "counter", "Bytes that came" },
	{ "out_bytes", "nats_out_bytes_total", "counter", "Bytes that went out" },
	{ "slow_consumers", "nats_slow_consumers_total", "counter",
	  "Connections dropped as they read too slowly" },
	{ "mem", "nats_memory_bytes", "gauge", "Memory of nats-server" },
	{ "cpu", "nats_cpu_percent", "gauge", "Processor time of nats-server" },
	{ "jetstream.stats.storage", "nats_storage_bytes", "gauge", "Bytes of all streams" },
	{ "jetstream.config.max_storage", "nats_storage_most_bytes", "gauge",
	  "Bytes that streams may have" },
	{ "jetstream.stats.api.errors", "nats_api_errors_total", "counter",
	  "Requests about streams that were refused" },
};

static void print_head(FILE *out, const char *name, const char *type, const char *text)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, text, name, type);
}

/* A server's name comes from the bus: what would end the label is left out. */
static void print_server(FILE *out, const char *metric, const char *server, double value)
{
	fprintf(out, "%s{service=\"nats-server\",server=\"", metric);
	for (; *server; server++)
		if (*server != '"' && *server != '\\' && (unsigned char)*server >= ' ')
			fputc(*server, out);
	fprintf(out, "\"} %.17g\n", value);
}

static void print_servers(FILE *out, json_t *servers)
{
	const char *name;
	json_t *varz;

	for (size_t i = 0; i < sizeof(server_rows) / sizeof(server_rows[0]); i++) {
		print_head(out, server_rows[i].name, server_rows[i].type, server_rows[i].text);
		json_object_foreach(servers, name, varz) {
			const json_t *value = pl_json_get(varz, server_rows[i].member);

			if (json_is_number(value))
				print_server(out, server_rows[i].name, name,
					     json_number_value(value));
		}
	}
}

static void on_varz(const struct pl_message *m, void *arg)
{
	struct root_metrics *metrics = arg;
	json_t *answer = NULL;
	const char *name;

	if (m->status || pl_json_parse(&answer, m->body, m->body_len))
		return;
	name = pl_json_get_text(answer, "data.server_name");
	if (*name && json_object_size(metrics->servers) < SERVERS_MOST) {
		json_t *data = json_object_get(answer, "data");

		json_object_set_new(data, "heardMs", json_integer(supervisor_now_ms()));
		json_object_set(metrics->servers, name, data);
	}
	json_decref(answer);
}

/* A server that says nothing any more is left out. */
static void forget_silent(json_t *servers, int64_t now_ms)
{
	const char *name;
	json_t *varz;
	void *next;

	json_object_foreach_safe(servers, next, name, varz) {
		if (now_ms - json_integer_value(json_object_get(varz, "heardMs")) > SILENT_MS)
			json_object_del(servers, name);
	}
}

/* ---- what runs on this host ---- */

static double up_of(const struct process_view *view)
{
	return view->state == PROCESS_RUNNING && view->is_healthy;
}

static double restarts_of(const struct process_view *view)
{
	return view->restarts;
}

static double uptime_of(const struct process_view *view)
{
	return (double)view->uptime_ms / 1000;
}

static const struct {
	const char *name, *type, *text;
	double (*value)(const struct process_view *view);
} process_rows[] = {
	{ "root_process_up", "gauge", "1: it runs, and is well", up_of },
	{ "root_process_restarts_total", "counter", "Starts beyond the first", restarts_of },
	{ "root_process_uptime_seconds", "gauge", "Time since it was started", uptime_of },
};

static void print_processes(FILE *out, struct supervisor *supervisor)
{
	struct process_view view;

	for (size_t i = 0; i < sizeof(process_rows) / sizeof(process_rows[0]); i++) {
		print_head(out, process_rows[i].name, process_rows[i].type, process_rows[i].text);
		for (struct process *p = NULL; (p = process_next(supervisor, p));) {
			process_view_get(&view, p);
			fprintf(out, "%s{service=\"root\",process=\"%s\"} %.17g\n",
				process_rows[i].name, view.name, process_rows[i].value(&view));
		}
	}
}

static char *text_of(const struct root_metrics *metrics)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	print_head(out, "root_uptime_seconds", "gauge",
		   "Time since the root supervisor was started");
	fprintf(out, "root_uptime_seconds{service=\"root\"} %.3f\n",
		(double)(supervisor_now_ms() - metrics->since_ms) / 1000);
	print_processes(out, metrics->supervisor);
	print_servers(out, metrics->servers);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static void on_question(const struct pl_message *m, void *arg)
{
	struct root_metrics *metrics = arg;
	struct pl_message answer = { .subject = m->reply };
	char *text = m->reply && !m->status ? text_of(metrics) : NULL;

	if (!text)
		return;
	answer.body = text;
	answer.body_len = strlen(text);
	if (pl_bus_publish(metrics->bus, &answer) == PL_OK)
		pl_bus_flush(metrics->bus);
	free(text);
}

/* ---- */

void root_metrics_free(struct root_metrics *metrics)
{
	if (!metrics)
		return;
	pl_subscription_free(metrics->questions);
	pl_subscription_free(metrics->answers);
	json_decref(metrics->servers);
	free(metrics);
}

enum pl_err root_metrics_new(struct root_metrics **metricsp, struct pl_bus *bus,
			     struct supervisor *supervisor)
{
	struct root_metrics *metrics = calloc(1, sizeof(*metrics));
	enum pl_err err = PL_NOMEM;

	if (!metrics)
		return err;
	metrics->bus = bus;
	metrics->supervisor = supervisor;
	metrics->since_ms = supervisor_now_ms();
	metrics->servers = json_object();
	pl_bus_inbox(bus, metrics->inbox);
	if (metrics->servers)
		err = pl_bus_subscribe(&metrics->answers, bus, metrics->inbox, NULL, on_varz,
				       metrics);
	if (!err)
		err = pl_bus_subscribe(&metrics->questions, bus, "ctl.metrics", NULL, on_question,
				       metrics);
	if (err)
		root_metrics_free(metrics);
	else
		*metricsp = metrics;
	return err;
}

void root_metrics_beat(struct root_metrics *metrics)
{
	const struct pl_message question = {
		.subject = "bus.varz", .reply = metrics->inbox, .body = "{}", .body_len = 2
	};
	int64_t now_ms = supervisor_now_ms();

	if (metrics->asked_ms && now_ms - metrics->asked_ms < ROOT_METRICS_MS)
		return;
	metrics->asked_ms = now_ms;
	forget_silent(metrics->servers, now_ms);
	if (pl_bus_publish(metrics->bus, &question) == PL_OK)
		pl_bus_flush(metrics->bus);
}
