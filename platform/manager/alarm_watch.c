/*
 * alarm_watch.c — alarms that follow from what nodes report, and from their silence.
 *
 * Each second the conditions are looked at anew: what is so is raised, what isn't any more is
 * cleared. So nothing is lost with a manager or a node that is killed. A node that isn't heard
 * tells nothing: its alarms stay as they are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "alarm.h"
#include "pelago/json.h"

enum {
	GRACE_MS = 15000,      /* after the manager's start: nodes need time to be heard */
	UNHEARD_MS = 10000,    /* longer than a node's restart takes */
	LOG_AWAY_MS = 15000,   /* longer than a bus's restart takes */
	DISK_LOW = 256 << 20,  /* bytes free */
	DISK_ROOM = 320 << 20, /* bytes free from which on it isn't low any more */
};

static int64_t started_ms;

/* The condition holds. Raising what is open already would only count seconds. */
static void hold(struct pl_turn *turn, const char *key, const char *source, const char *subject,
		 const char *reason)
{
	const struct alarm_name name = { key, source, subject, true };
	struct alarm *a = alarm_find(&name);

	if (!a) {
		alarm_raise(turn, &name, reason);
		a = alarm_find(&name);
	}
	if (a)
		a->is_seen = true;
}

static bool is_open(const char *key, const char *source)
{
	const struct alarm_name name = { key, source, "", true };

	return alarm_find(&name) != NULL;
}

/* ---- conditions ---- */

static void watch_services(struct pl_turn *turn, const struct node *node, const json_t *report)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(report, "services"), i, item)
		if (strcmp(pl_json_get_text(item, "state"), "Failed") == 0)
			hold(turn, "service.failed", node->name, pl_json_get_text(item, "name"),
			     pl_json_get_text(item, "health"));
}

static void watch_disk(struct pl_turn *turn, const struct node *node, const json_t *report)
{
	const json_t *item = json_object_get(report, "diskFreeBytes");
	int64_t left = json_integer_value(item);
	char reason[80];

	if (!item || left >= (is_open("disk.low", node->name) ? DISK_ROOM : DISK_LOW))
		return;
	snprintf(reason, sizeof(reason), "%lld MB are left", (long long)left / 1000000);
	hold(turn, "disk.low", node->name, "", reason);
}

static void watch_log(struct pl_turn *turn, struct node *node, const json_t *report)
{
	int64_t now_ms = manager_now_ms();

	if (json_is_true(json_object_get(report, "logReady")))
		node->log_ready_ms = now_ms;
	else if (!node->log_ready_ms)
		node->log_ready_ms = now_ms; /* the first look */
	else if (now_ms - node->log_ready_ms > LOG_AWAY_MS)
		hold(turn, "eventlog.away", node->name, "", "its node can't reach the event log");
}

/* What the node itself, or the root supervisor of its machine, raises: [{key, subject, reason}]. */
static void watch_told(struct pl_turn *turn, const struct node *node, const json_t *report)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(report, "alarms"), i, item) {
		const char *key = pl_json_get_text(item, "key");
		const char *subject = pl_json_get_text(item, "subject");

		if (*key && strlen(key) <= 64 && strlen(subject) <= 200)
			hold(turn, key, node->name, subject, pl_json_get_text(item, "reason"));
	}
}

static void watch_node(struct pl_turn *turn, struct node *node)
{
	int64_t ago_ms = -1;
	const json_t *report = report_get(node->name, &ago_ms);
	char reason[80];

	if (report) {
		watch_services(turn, node, report);
		watch_disk(turn, node, report);
		watch_log(turn, node, report);
		watch_told(turn, node, report);
		return;
	}
	for (struct alarm *a = open_alarms; a; a = a->next)
		if (strcmp(a->source, node->name) == 0 && strcmp(a->key, "node.unreachable") != 0)
			a->is_seen = true;
	if (!is_open("node.unreachable", node->name) &&
	    (ago_ms < 0 ? manager_now_ms() - started_ms < GRACE_MS : ago_ms <= UNHEARD_MS))
		return;
	if (ago_ms < 0)
		snprintf(reason, sizeof(reason), "it wasn't heard since the manager started");
	else
		snprintf(reason, sizeof(reason), "it wasn't heard for %d s", UNHEARD_MS / 1000);
	hold(turn, "node.unreachable", node->name, "", reason);
}

/* Also of a node that was removed. */
static bool is_over(const struct alarm *a)
{
	return a->is_watched && !a->is_seen && alarm_kind_get(a->key)->ends_itself;
}

void alarm_watch(struct pl_turn *turn)
{
	struct alarm *next;

	if (!started_ms)
		started_ms = manager_now_ms();
	for (struct alarm *a = open_alarms; a; a = a->next)
		a->is_seen = false;
	for (struct node *n = model.nodes; n; n = n->next)
		watch_node(turn, n);
	for (struct alarm *a = open_alarms; a; a = next) {
		next = a->next;
		if (is_over(a)) {
			const struct alarm_name name = { a->key, a->source, a->subject, true };

			alarm_clear(turn, &name);
		}
	}
}
