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
#include "platform/setup/setup.h"

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

static void fail(struct node *node, const char *event)
{
	snprintf(node->desired_error, sizeof(node->desired_error), "%s", pl_err_detail(PL_IO));
	alarm_set(node, "replication.failed", "", node->desired_error);
	pl_log(ERROR, event, NULL, "%s", node->desired_error);
	node->report_soon = true;
}

static bool is_killed(const struct node *node, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(node->desired, "killed"), i, item) {
		if (json_is_string(item) && strcmp(json_string_value(item), name) == 0)
			return true;
	}
	return false;
}

static void apply(struct node *node)
{
	json_t *services = json_object_get(node->desired, "services"), *item;
	enum pl_err err;
	size_t i;

	node->desired_error[0] = '\0';
	alarm_drop(node, "replication.failed", "");
	if (json_integer_value(json_object_get(node->desired, "level")) > 0 &&
	    setup_level_set(node->data,
			    (int)json_integer_value(json_object_get(node->desired, "level"))))
		fail(node, "desired.apply");
	err = copies_want(node, json_object_get(node->desired, "bundles"),
			  pl_json_get(node->desired, "platform.hold"));
	if (err)
		fail(node, "desired.apply");
	err = platform_apply(node, json_object_get(node->desired, "platform"));
	if (err)
		fail(node, "desired.apply");
	certificates_wish(node);
	json_array_foreach(services, i, item) {
		err = service_apply(node, item);
		if (err)
			fail(node, "desired.apply");
	}
	for (struct service *s = node->services; s; s = s->next)
		if (!names(services, s->name))
			service_leave(s, is_killed(node, s->name));
	node->report_soon = true;
}

/* What is on the disk is what the next start goes by, so that is told. */
static void look(struct node *node)
{
	char *path = cache_path(node);
	json_t *copy = NULL;

	node->desired_looked_ms = supervisor_now_ms();
	if (!path || file_read_json(&copy, path) != PL_OK ||
	    checksum_of(node->desired_checksum, copy) != PL_OK)
		node->desired_checksum[0] = '\0';
	json_decref(copy);
	free(path);
}

void desired_beat(struct node *node, int64_t now_ms)
{
	if (now_ms - node->desired_looked_ms >= LOOK_MS)
		look(node);
}

static int64_t restarts_of(const json_t *desired)
{
	return json_integer_value(json_object_get(desired, "restarts"));
}

/* A restart is asked for: ends in order, and is started anew by the root supervisor. */
static bool restart(struct node *node)
{
	int64_t restarts = restarts_of(node->desired);

	if (node->restarts < 0) /* a new node: what was asked for before isn't its concern */
		node->restarts = restarts;
	if (restarts <= node->restarts || node->is_stopping)
		return node->is_stopping;
	pl_log(INFO, "node.restart", NULL, "number %lld", (long long)restarts);
	node->is_stopping = true;
	return true;
}

void desired_load(struct node *node)
{
	char *path = cache_path(node);
	enum pl_err err = path ? file_read_json(&node->desired, path) : PL_NOMEM;

	free(path);
	node->restarts = err ? -1 : restarts_of(node->desired);
	if (!err)
		apply(node);
	else if (err != PL_NOTFOUND)
		pl_log(ERROR, "desired.read", NULL, "%s", pl_err_detail(err));
	look(node);
}

void desired_offer(struct node *node, int64_t version, const char *checksum)
{
	char subject[] = "svc.Manager.desired", reply[128];

	if ((version == desired_version(node) &&
	     (!*checksum || strcmp(checksum, node->desired_checksum) == 0)) ||
	    supervisor_now_ms() - node->desired_asked_ms < ASK_MS)
		return;
	node->desired_asked_ms = supervisor_now_ms();
	snprintf(reply, sizeof(reply), "%s.desired", node->inbox);
	node_publish(node, subject, reply,
		     json_pack("{s:s, s:s}", "node", node->name, "sealKey", node->seal_key));
}

static enum pl_err check(const struct node *node, const json_t *desired, int64_t *versionp)
{
	const char *checksum = pl_json_get_text(desired, "checksum");
	const char *seal_key = pl_json_get_text(desired, "sealKey");
	char own[CHECKSUM_SIZE];
	json_t *services = NULL;
	enum pl_err err;

	if ((err = pl_json_int(versionp, desired, "version", 0, INT64_MAX, true)) ||
	    (err = pl_json_array(&services, desired, "services", 1000, true)) ||
	    (err = checksum_of(own, desired)))
		return err;
	if (strcmp(pl_json_get_text(desired, "node"), node->name) != 0)
		return pl_fail(PL_INVALID, "it is another node's");
	if (*seal_key && strcmp(seal_key, node->seal_key) != 0)
		return pl_fail(PL_INVALID, "its secrets are sealed to another key");
	if (*checksum && strcmp(checksum, own) != 0)
		return pl_fail(PL_INVALID, "its checksum doesn't fit");
	return PL_OK;
}

void desired_take(struct node *node, json_t *desired)
{
	char *path = cache_path(node);
	int64_t version = -1;
	enum pl_err err = check(node, desired, &version);

	node->desired_asked_ms = 0;
	if (!err)
		err = path ? file_replace_json(path, desired, 0600) : PL_NOMEM;
	free(path);
	if (err) {
		fail(node, "desired.take");
		return;
	}
	pl_log(INFO, "desired.applied", NULL, "version=%lld", (long long)version);
	json_decref(node->desired);
	node->desired = json_incref(desired);
	if (!restart(node))
		apply(node);
	look(node);
}
