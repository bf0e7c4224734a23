/*
 * metrics.c — what this node counts, for Prometheus (PLT-33).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "node.h"
#include "pelago/metric.h"

#define GAUGE(name, text) static struct pl_metric name = { #name, text, PL_GAUGE }

GAUGE(node_services, "Services that should run on this node");
GAUGE(node_services_serving, "Services of this node that serve");
GAUGE(node_eventlog_ready, "1: the event log is there");
GAUGE(node_alarms, "What is wrong as this node sees it");
GAUGE(node_disk_free_bytes, "Bytes free on the disk of the data folder");
GAUGE(node_uptime_seconds, "Time since the node was started");
static struct pl_metric restarts = { "node_service_restarts_total",
				     "Starts of services beyond the first of each", PL_COUNTER };

static void look(struct node *node)
{
	int64_t now_ms = supervisor_now_ms();
	unsigned services = 0, serving = 0, again = 0;
	struct statvfs disk = { 0 };
	json_t *alarms = alarm_list(node);

	for (struct service *s = node->services; s; s = s->next) {
		struct process_view view;

		service_view(&view, s);
		services++;
		serving += service_is_serving(s, &view, now_ms);
		again += view.restarts;
	}
	statvfs(node->data, &disk);
	pl_metric_set(&node_services, services);
	pl_metric_set(&node_services_serving, serving);
	pl_metric_set(&restarts, again);
	pl_metric_set(&node_eventlog_ready, node->is_log_ready);
	pl_metric_set(&node_alarms, (double)json_array_size(alarms));
	pl_metric_set(&node_disk_free_bytes, (double)disk.f_bavail * (double)disk.f_frsize);
	pl_metric_set(&node_uptime_seconds, (double)(now_ms - node->started_ms) / 1000);
	json_decref(alarms);
}

void on_metrics(const struct pl_message *m, void *arg)
{
	struct node *node = arg;
	struct pl_message answer = { .subject = m->reply };
	char *text;

	if (!m->reply || m->status)
		return;
	look(node);
	text = pl_metric_text(node->name);
	if (!text)
		return;
	answer.body = text;
	answer.body_len = strlen(text);
	(void)pl_bus_publish(node->bus, &answer);
	free(text);
}
