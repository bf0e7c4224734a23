/*
 * alarm.c — what this node's report says of alarms: its own, and the root supervisor's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "node.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "platform/setup/file.h"

void alarm_set(struct node *node, const char *key, const char *subject, const char *reason)
{
	alarm_drop(node, key, subject);
	if (!node->alarms)
		node->alarms = json_array();
	json_array_append_new(node->alarms, json_pack("{s:s, s:s, s:s}", "key", key, "subject",
						      subject, "reason", reason));
}

void alarm_drop(struct node *node, const char *key, const char *subject)
{
	json_t *item;
	size_t i;

	json_array_foreach(node->alarms, i, item)
		if (strcmp(pl_json_get_text(item, "key"), key) == 0 &&
		    strcmp(pl_json_get_text(item, "subject"), subject) == 0) {
			json_array_remove(node->alarms, i);
			return;
		}
}

/* The root writes procs/alarms.json whole; it is read when its time changes. */
static void read_roots(struct node *node)
{
	char *path = NULL;
	json_t *file = NULL;
	struct stat st;
	int64_t mtime_ns;

	if (asprintf(&path, "%s/procs/alarms.json", node->data) < 0)
		return;
	if (stat(path, &st) == 0) {
		mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
		if (mtime_ns != node->root_alarms_ns && file_read_json(&file, path) == PL_OK) {
			node->root_alarms_ns = mtime_ns;
			json_decref(node->root_alarms);
			node->root_alarms = json_incref(json_object_get(file, "alarms"));
		}
	}
	json_decref(file);
	free(path);
}

json_t *alarm_list(struct node *node)
{
	json_t *list = json_array();

	read_roots(node);
	if (node->alarms)
		json_array_extend(list, node->alarms);
	if (json_is_array(node->root_alarms))
		json_array_extend(list, node->root_alarms);
	return list;
}
