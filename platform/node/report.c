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

#include "host.h"
#include "node.h"
#include "pelago/version.h"
#include "platform/supervise/lock.h"
#include "proc.h"

enum { EDGE_AWAY_MS = 2000 };

static json_t *report_service(struct service *s, int64_t now_ms)
{
	const char *health, *build;
	struct process_view view;
	json_t *item;

	if (!s->process) /* its bundle isn't there yet */
		return json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:b,s:s}", "name", s->name, "version",
				 s->version, "hash", s->hash, "state", "Waiting", "health",
				 "waits for its bundle", "serving", 0, "accepting", 0, "key",
				 s->key);
	process_view_get(&view, s->process);
	s->told_serving = service_is_serving(s, &view, now_ms);
	s->told_waits = service_waits(s, &view);
	if (view.pid && now_ms - s->memory_ms >= MEMORY_MS) {
		s->memory_bytes = proc_memory_bytes(view.pid);
		s->memory_ms = now_ms;
	}
	health = s->told_serving ? "ok" : view.why;
	build = strchr(view.tag, ',');
	build = build ? build + 1 : "";
	item = json_pack(
		"{s:s,s:s#,s:s,s:s,s:i,s:i,s:I,s:I,s:s,s:b,s:b,s:b,s:I,s:O*,s:I,s:s,s:i,s:s,s:s,s:I}",
		"name", s->name, "version", view.tag, (int)strcspn(view.tag, ","), "hash",
		strncmp(s->hash, build, 8) == 0 ? s->hash : build, "state",
		process_state_text(view.state), "pid", (int)view.pid, "restarts",
		(int)view.restarts, "memoryBytes", (json_int_t)(view.pid ? s->memory_bytes : 0),
		"uptimeSeconds", (json_int_t)(view.uptime_ms / 1000), "health", health, "serving",
		s->told_serving, "standby", s->told_waits, "accepting", s->ping_accepting,
		"settings", (json_int_t)s->ping_settings, "restart", s->ping_restart, "outbox",
		(json_int_t)s->ping_outbox, "key", s->key, "level", s->ping_level, "levelWhy",
		s->ping_level_why, "release", s->ping_release, "defects",
		(json_int_t)s->ping_defects);
	if (s->heir) { /* would take over */
		process_view_get(&view, s->heir);
		json_object_set_new(item, "next",
				    json_pack("{s:s#,s:s,s:s,s:i,s:s}", "version", view.tag,
					      (int)strcspn(view.tag, ","), "hash",
					      s->heir_hash ? s->heir_hash : "", "state",
					      process_state_text(view.state), "restarts",
					      (int)view.restarts, "health", view.why));
	}
	return item;
}

/* An edge that is being started anew is one. */
static bool has_edge(struct node *node, int64_t now_ms)
{
	static const char *const locks[] = { "edge.lock", "edge.2.lock" };

	for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
		char *path = NULL;

		if (asprintf(&path, "%s/procs/%s", node->data, locks[i]) < 0)
			continue;
		if (lock_is_held(path))
			node->edge_ms = now_ms;
		free(path);
	}
	return node->edge_ms && now_ms - node->edge_ms < EDGE_AWAY_MS;
}

/* Names of what this host has too much of; measured anew each OVERLOAD_LOOK_MS. */
static json_t *overload_list(struct node *node, int64_t now_ms)
{
	struct overload *o = &node->overload;
	json_t *list = json_array();
	char reason[120];

	if (!o->measured_ms || now_ms - o->measured_ms >= OVERLOAD_LOOK_MS) {
		overload_measure(o, node->data, now_ms);
		o->percent[OVERLOAD_lag] = (double)node->lag_ms / 10; /* of a second */
		node->lag_ms = 0;
		overload_judge(o, now_ms);
	}
	for (int i = 0; i < OVERLOAD_COUNT; i++) {
		const char *name = overload_name((enum overload_kind)i);

		if (!o->is_over[i]) {
			alarm_drop(node, "node.overloaded", name);
			continue;
		}
		json_array_append_new(list, json_string(name));
		snprintf(reason, sizeof(reason), "%.0f %% %s", o->percent[i],
			 overload_what((enum overload_kind)i));
		alarm_set(node, "node.overloaded", name, reason);
	}
	return list;
}

void report_send(struct node *node, int64_t now_ms)
{
	static int64_t memory, memory_ms;
	struct statvfs disk = { 0 };
	json_t *services = json_array(), *overload = overload_list(node, now_ms);
	double load[1] = { 0 };
	char reply[128];

	if (!memory_ms || now_ms - memory_ms >= MEMORY_MS) {
		memory = proc_memory_bytes(getpid());
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
		json_pack(
			"{s:s,s:s,s:s,s:i,s:I,s:f,s:I,s:I,s:I,s:s,s:s,s:I,s:b,s:b,s:o,s:o,s:o,s:o,s:o,s:o,s:o}",
			"node", node->name, "cluster",
			json_string_value(json_object_get(node->desired, "cluster"))
				? json_string_value(json_object_get(node->desired, "cluster"))
				: "",
			"version", pl_version, "pid", (int)getpid(), "uptimeSeconds",
			(json_int_t)((now_ms - node->started_ms) / 1000), "load", load[0],
			"memoryBytes", (json_int_t)memory, "diskFreeBytes",
			(json_int_t)(disk.f_bavail * disk.f_frsize), "desiredVersion",
			(json_int_t)desired_version(node), "desiredChecksum",
			node->desired_checksum, "desiredError", node->desired_error, "restarts",
			(json_int_t)node->restarts, "logReady", node->is_log_ready, "edge",
			has_edge(node, now_ms), "overload", overload, "services", services,
			"alarms", alarm_list(node), "bundles", copies_report(node), "platform",
			platform_report(node), "certificates", certificates_report(node), "host",
			host_report(node->data, now_ms)));
}
