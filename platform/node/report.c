/*
 * report.c — tells the manager how this node is: each second, and when something changed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "node.h"

/* Proportional share of a process's memory: pages shared by n processes count 1/n (proc(5)). */
static int64_t memory_bytes(pid_t pid)
{
	char path[64], line[128];
	long long kib = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Pss: %lld kB", &kib) == 1)
			break;
	fclose(f);
	return kib * 1024;
}

static json_t *report_service(struct service *s, int64_t now_ms)
{
	struct process_view view;
	const char *health;

	process_view_get(&view, s->process);
	s->told_serving = service_is_serving(s, &view, now_ms);
	if (view.pid && now_ms - s->memory_ms >= MEMORY_MS) {
		s->memory_bytes = memory_bytes(view.pid);
		s->memory_ms = now_ms;
	}
	health = s->told_serving ? "ok" : view.why;
	return json_pack("{s:s,s:s,s:s,s:i,s:i,s:I,s:I,s:s,s:b,s:b,s:I,s:O*}", "name", s->name,
			 "version", view.tag, "state", process_state_text(view.state), "pid",
			 (int)view.pid, "restarts", (int)view.restarts, "memoryBytes",
			 (json_int_t)(view.pid ? s->memory_bytes : 0), "uptimeSeconds",
			 (json_int_t)(view.uptime_ms / 1000), "health", health, "serving",
			 s->told_serving, "accepting", s->ping_accepting, "settings",
			 (json_int_t)s->ping_settings, "restart", s->ping_restart);
}

void report_send(struct node *node, int64_t now_ms)
{
	static int64_t memory, memory_ms;
	struct statvfs disk = { 0 };
	json_t *services = json_array();
	double load[1] = { 0 };
	char reply[128];

	if (!memory_ms || now_ms - memory_ms >= MEMORY_MS) {
		memory = memory_bytes(getpid());
		memory_ms = now_ms;
	}
	node->report_ms = now_ms;
	node->report_soon = false;
	getloadavg(load, 1);
	statvfs(node->data, &disk);
	for (struct service *s = node->services; s; s = s->next)
		json_array_append_new(services, report_service(s, now_ms));
	snprintf(reply, sizeof(reply), "%s.report", node->inbox);
	node_publish(
		node, "svc.Manager.report", reply,
		json_pack("{s:s,s:s,s:s,s:i,s:I,s:f,s:I,s:I,s:I,s:s,s:s,s:b,s:o,s:o}", "node",
			  node->name, "cluster",
			  json_string_value(json_object_get(node->desired, "cluster"))
				  ? json_string_value(json_object_get(node->desired, "cluster"))
				  : "",
			  "version", PELAGO_VERSION, "pid", (int)getpid(), "uptimeSeconds",
			  (json_int_t)((now_ms - node->started_ms) / 1000), "load", load[0],
			  "memoryBytes", (json_int_t)memory, "diskFreeBytes",
			  (json_int_t)(disk.f_bavail * disk.f_frsize), "desiredVersion",
			  (json_int_t)desired_version(node), "desiredChecksum",
			  node->desired_checksum, "desiredError", node->desired_error, "logReady",
			  node->is_log_ready, "services", services, "alarms", alarm_list(node)));
}
