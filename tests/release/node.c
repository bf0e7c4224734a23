/*
 * node.c — a node of another release: its report says so. Wraps node_publish.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "platform/node/node.h"

enum pl_err __real_node_publish(struct node *node, const char *subject, const char *reply,
				json_t *body);
enum pl_err __wrap_node_publish(struct node *node, const char *subject, const char *reply,
				json_t *body);

enum pl_err __wrap_node_publish(struct node *node, const char *subject, const char *reply,
				json_t *body)
{
	if (strcmp(subject, "svc.Manager.report") == 0)
		json_object_set_new(body, "generation", json_integer(RELEASE));
	return __real_node_publish(node, subject, reply, body);
}
