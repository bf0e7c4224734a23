/*
 * check.c — a run of maintenance tests.
 *
 * First the loop publishes to itself and asks each service to write to its database; when all have
 * answered, or ASK_FOR_MS are over, a thread does the tests with what is known then. Its results go
 * to the manager each second until it doesn't name the run any more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "node.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "platform/setup/file.h"

enum { ASK_FOR_MS = 5000, TELL_MS = 1000 };

static const struct row {
	const char *key, *title, *alarm;
	check_fn *fn;
} rows[] = {
	{ "bus", "Test Reliable Eventing", "test.failed", check_bus },
	{ "database", "Databases", "test.failed", check_database },
	{ "disk", "Disk space", "test.failed", check_disk },
	{ "clock", "Clock", "clock.apart", check_clock },
	{ "certificates", "Certificates", "certificate.expiring", check_certificates },
	{ "services", "Service health", "test.failed", check_services },
	{ "dns", "DNS", "test.failed", check_dns },
	{ "address", "Cluster's address", "test.failed", check_address },
	{ "reverse-dns", "Reverse DNS", "test.failed", check_reverse_dns },
	{ "ports", "Open ports", "test.failed", check_ports },
	{ "tls", "TLS 1.2 or newer", "test.failed", check_tls },
	{ "replication", "Replication", "test.failed", check_replication },
};

struct check_run {
	char id[27];
	enum { ASKING, WORKING, DONE } phase;
	int64_t began_ms, told_ms;
	bool is_taken; /* the manager has the results */
	int64_t echo_began_us;
	size_t waiting; /* services that haven't answered */
	struct check_facts facts;
	pthread_t thread;
	atomic_bool is_finished;
	json_t *results;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- the thread ---- */

static void *work(void *arg)
{
	struct check_run *run = arg;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char evidence[EVIDENCE] = "";
		bool ok = rows[i].fn(&run->facts, evidence);

		json_array_append_new(run->results,
				      json_pack("{s:s, s:s, s:s, s:s, s:s}", "test", rows[i].key,
						"title", rows[i].title, "alarm", rows[i].alarm,
						"result", ok ? "Success" : "Failure", "evidence",
						evidence));
	}
	atomic_store(&run->is_finished, true);
	return NULL;
}

/* ---- its life ---- */

static void run_free(struct check_run *run)
{
	if (run->phase != ASKING)
		pthread_join(run->thread, NULL);
	free(run->facts.data);
	free(run->facts.bus_url);
	json_decref(run->facts.services);
	json_decref(run->facts.probes);
	json_decref(run->results);
	free(run);
}

bool check_is_asked(const struct node *node)
{
	return node->check && node->check->phase != DONE;
}

void check_stop(struct node *node)
{
	if (node->check)
		run_free(node->check);
	node->check = NULL;
}

static void ask(struct node *node, struct check_run *run)
{
	char subject[128], reply[200];

	run->echo_began_us = now_us();
	snprintf(subject, sizeof(subject), "%s.echo", node->inbox);
	node_publish(node, subject, NULL, json_object());
	for (struct service *s = node->services; s; s = s->next) {
		snprintf(subject, sizeof(subject), "svc.%s.probe", s->name);
		snprintf(reply, sizeof(reply), "%s.probe.%s", node->inbox, s->name);
		json_object_set_new(run->facts.probes, s->name, json_string("it doesn't answer"));
		node_publish(node, subject, reply, json_object());
		run->waiting++;
	}
}

void check_begin(struct node *node, const char *id)
{
	struct check_run *run;

	if (node->check && (node->check->phase != DONE || strcmp(node->check->id, id) == 0))
		return;
	check_stop(node);
	run = calloc(1, sizeof(*run));
	if (!run)
		return; /* it is named again */
	snprintf(run->id, sizeof(run->id), "%s", id);
	run->began_ms = supervisor_now_ms();
	run->facts.echo_us = -1;
	run->facts.data = strdup(node->data);
	run->facts.bus_url = strdup(node->bus_url);
	run->facts.probes = json_object();
	run->facts.services = json_array();
	run->results = json_array();
	if (!run->facts.data || !run->facts.bus_url) {
		run_free(run);
		return;
	}
	node->check = run;
	ask(node, run);
}

/* The ports of an edge that runs beside us. */
static void read_ports(struct check_facts *facts)
{
	char path[600];
	json_t *settings = NULL;

	snprintf(path, sizeof(path), "%s/procs/edge.lock", facts->data); /* each edge was once */
	if (access(path, F_OK) != 0)
		return;
	snprintf(path, sizeof(path), "%s/pelago.json", facts->data);
	if (file_read_json(&settings, path) == PL_OK) {
		facts->http_port = (int)json_integer_value(json_object_get(settings, "httpPort"));
		facts->https_port = (int)json_integer_value(json_object_get(settings, "httpsPort"));
	}
	json_decref(settings);
}

static void go_to_work(struct node *node, struct check_run *run)
{
	struct check_facts *facts = &run->facts;

	for (struct service *s = node->services; s; s = s->next) {
		struct process_view view;

		service_view(&view, s);
		json_array_append_new(facts->services,
				      json_pack("{s:s, s:b, s:s}", "name", s->name, "serving",
						service_is_serving(s, &view, supervisor_now_ms()),
						"health", view.why));
	}
	snprintf(facts->address, sizeof(facts->address), "%s",
		 pl_json_get_text(node->desired, "clusterAddress"));
	snprintf(facts->floating, sizeof(facts->floating), "%s", node->floating);
	facts->is_log_ready = node->is_log_ready;
	facts->has_clock = node->has_clock;
	facts->clock_ms = node->clock_ms;
	memcpy(facts->checksum, node->desired_checksum, sizeof(facts->checksum));
	memcpy(facts->wanted_checksum, node->wanted_checksum, sizeof(facts->wanted_checksum));
	read_ports(facts);
	if (pthread_create(&run->thread, NULL, work, run) != 0) {
		pl_log(WARN, "check.thread", NULL, "no thread for the maintenance tests");
		check_stop(node); /* it is named again */
		return;
	}
	run->phase = WORKING;
}

static void tell(struct node *node, struct check_run *run, int64_t now_ms)
{
	char reply[128];

	run->told_ms = now_ms;
	snprintf(reply, sizeof(reply), "%s.tested", node->inbox);
	node_publish(node, "svc.Manager.tested", reply,
		     json_pack("{s:s, s:s, s:O}", "node", node->name, "run", run->id, "results",
			       run->results));
}

void check_beat(struct node *node, int64_t now_ms)
{
	struct check_run *run = node->check;

	if (!run)
		return;
	if (run->phase == ASKING && ((run->waiting == 0 && run->facts.echo_us >= 0) ||
				     now_ms - run->began_ms >= ASK_FOR_MS))
		go_to_work(node, run);
	else if (run->phase == WORKING && atomic_load(&run->is_finished))
		run->phase = DONE;
	run = node->check;
	if (run && run->phase == DONE && !run->is_taken && now_ms - run->told_ms >= TELL_MS)
		tell(node, run, now_ms);
}

/* ---- answers ---- */

void check_echo(struct node *node)
{
	if (node->check && node->check->phase == ASKING)
		node->check->facts.echo_us = now_us() - node->check->echo_began_us;
}

void check_probed(struct node *node, const char *name, const json_t *answer)
{
	struct check_run *run = node->check;
	const char *error = pl_json_get_text(answer, "error.message");

	if (!run || run->phase != ASKING || !json_object_get(run->facts.probes, name))
		return;
	if (run->waiting > 0 && !json_is_integer(json_object_get(run->facts.probes, name)))
		run->waiting--;
	if (*error && strcmp(pl_json_get_text(answer, "error.name"), "NOTFOUND") != 0)
		json_object_set_new(run->facts.probes, name, json_string(error));
	else /* an older one doesn't know the question */
		json_object_set_new(run->facts.probes, name,
				    json_integer(supervisor_now_ms() - run->began_ms));
}

void check_taken(struct node *node, const json_t *answer)
{
	if (node->check && strcmp(pl_json_get_text(answer, "run"), node->check->id) == 0)
		node->check->is_taken = true;
}
