/*
 * floating.c — takes and lets go of the floating address.
 *
 * nodes/NAME/floating says that this node has taken it: a node that was killed knows it again, and
 * lets go of it if it isn't its own any more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "floating.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "platform/setup/file.h"

static char *note_path(const struct node *node)
{
	char *path = NULL;

	return asprintf(&path, "%s/nodes/%s/floating", node->data, node->name) < 0 ? NULL : path;
}

/* The address that this node shall have, or "". */
static const char *wanted(const struct node *node, int64_t now_ms)
{
	if (node->is_stopping || now_ms - node->heard_ms > FLOATING_LEASE_MS)
		return "";
	return pl_json_get_text(node->desired, "floating");
}

static void fail(struct node *node, enum pl_err err)
{
	if (!err) {
		alarm_drop(node, "address.failed", "");
		node->floating_failed = false;
		return;
	}
	alarm_set(node, "address.failed", "", pl_err_detail(err));
	if (!node->floating_failed)
		pl_log(ERROR, "address.failed", NULL, "%s", pl_err_detail(err));
	node->floating_failed = true;
}

static enum pl_err drop(struct node *node)
{
	struct in_addr address = { 0 };
	char *path = note_path(node);
	enum pl_err err = PL_OK;
	int interface;

	inet_pton(AF_INET, node->floating, &address);
	interface = address_interface(address);
	if (address_is_here(address))
		err = address_remove(address, interface);
	if (!err && path)
		unlink(path);
	free(path);
	if (!err) {
		pl_log(INFO, "address.dropped", NULL, "%s", node->floating);
		node->floating[0] = '\0';
	}
	return err;
}

static enum pl_err take(struct node *node, const char *text, int64_t now_ms)
{
	char *path = note_path(node);
	struct in_addr address;
	int interface;
	enum pl_err err;

	if (inet_pton(AF_INET, text, &address) != 1 || !path) {
		free(path);
		return pl_fail(PL_INVALID, "the floating address %s is none", text);
	}
	interface = address_interface(address);
	err = interface ? file_replace(path, text, strlen(text), 0600)
			: pl_fail(PL_STATE, "no network of this host has the address %s", text);
	if (!err)
		err = address_add(address, interface);
	if (!err) {
		snprintf(node->floating, sizeof(node->floating), "%s", text);
		node->announced = 0;
		node->announced_ms = now_ms - 1000;
		pl_log(INFO, "address.taken", NULL, "%s", text);
	}
	free(path);
	return err;
}

static enum pl_err announce(struct node *node, int64_t now_ms)
{
	struct in_addr address = { 0 };

	if (node->announced >= FLOATING_ANNOUNCED || now_ms - node->announced_ms < 1000)
		return PL_OK;
	node->announced++;
	node->announced_ms = now_ms;
	inet_pton(AF_INET, node->floating, &address);
	return address_announce(address, address_interface(address));
}

/* What a node of before, which was killed, has left. */
static void remember(struct node *node)
{
	char *path = note_path(node), *text = NULL;

	node->floating_known = true;
	if (path && file_read(&text, NULL, path) == PL_OK) {
		snprintf(node->floating, sizeof(node->floating), "%s", text);
		node->announced = FLOATING_ANNOUNCED;
	}
	free(text);
	free(path);
}

void floating_beat(struct node *node, int64_t now_ms)
{
	const char *text;
	enum pl_err err = PL_OK;

	if (!node->floating_known)
		remember(node);
	text = wanted(node, now_ms);
	if (!*text && !*node->floating)
		return;
	if (*node->floating && strcmp(node->floating, text) != 0)
		err = drop(node);
	if (!err && *text && !*node->floating)
		err = take(node, text, now_ms);
	if (!err && *node->floating)
		err = announce(node, now_ms);
	fail(node, err);
}

void floating_drop(struct node *node)
{
	if (*node->floating && drop(node))
		pl_log(ERROR, "address.failed", NULL, "%s", pl_err_detail(PL_IO));
}
