/*
 * desired.c — what should run on this node.
 *
 * nodes/NAME/desired.json is written whole before it is applied, so a node that dies in between
 * applies it at its next start; applying twice changes nothing.
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

static char *cache_path(const struct node *node)
{
	char *path = NULL;

	return asprintf(&path, "%s/nodes/%s/desired.json", node->data, node->name) < 0 ? NULL
										       : path;
}

int64_t desired_version(const struct node *node)
{
	return json_integer_value(json_object_get(node->desired, "version"));
}

static bool names(const json_t *services, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(services, i, item) {
		if (strcmp(pl_json_get_text(item, "name"), name) == 0)
			return true;
	}
	return false;
}

static void apply(struct node *node)
{
	json_t *services = json_object_get(node->desired, "services"), *item;
	enum pl_err err;
	size_t i;

	json_array_foreach(services, i, item) {
		err = service_apply(node, item);
		if (err)
			pl_log(ERROR, "desired.apply", NULL, "service=%s: %s",
			       pl_json_get_text(item, "name"), pl_err_detail(err));
	}
	for (struct service *s = node->services; s; s = s->next)
		if (!names(services, s->name))
			service_leave(s);
	node->report_soon = true;
}

void desired_load(struct node *node)
{
	char *path = cache_path(node);
	enum pl_err err = path ? file_read_json(&node->desired, path) : PL_NOMEM;

	free(path);
	if (!err)
		apply(node);
	else if (err != PL_NOTFOUND)
		pl_log(ERROR, "desired.read", NULL, "%s", pl_err_detail(err));
}

void desired_offer(struct node *node, int64_t version)
{
	char subject[] = "svc.Manager.desired", reply[128];

	if (version == desired_version(node) ||
	    supervisor_now_ms() - node->desired_asked_ms < ASK_MS)
		return;
	node->desired_asked_ms = supervisor_now_ms();
	snprintf(reply, sizeof(reply), "%s.desired", node->inbox);
	node_publish(node, subject, reply,
		     json_pack("{s:s, s:s}", "node", node->name, "sealKey", node->seal_key));
}

void desired_take(struct node *node, json_t *desired)
{
	json_t *services = NULL;
	char *path = cache_path(node);
	int64_t version = -1;
	enum pl_err err = pl_json_int(&version, desired, "version", 0, INT64_MAX, true);

	node->desired_asked_ms = 0;
	if (!err)
		err = pl_json_array(&services, desired, "services", 1000, true);
	if (!err && strcmp(pl_json_get_text(desired, "node"), node->name) != 0)
		err = pl_fail(PL_INVALID, "it is another node's");
	if (!err && version == desired_version(node))
		goto out;
	if (!err)
		err = path ? file_replace_json(path, desired, 0600) : PL_NOMEM;
	if (err) {
		alarm_set(node, "replication.failed", "", pl_err_detail(err));
		pl_log(ERROR, "desired.take", NULL, "version=%lld: %s", (long long)version,
		       pl_err_detail(err));
		goto out;
	}
	alarm_drop(node, "replication.failed", "");
	pl_log(INFO, "desired.applied", NULL, "version=%lld", (long long)version);
	json_decref(node->desired);
	node->desired = json_incref(desired);
	apply(node);
out:
	free(path);
}
