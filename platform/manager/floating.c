/*
 * floating.c — which node has the floating address (PLT-9): one whose host has an edge that lives.
 *
 * It stays where it is as long as that node is heard. A node that isn't has let go of it before
 * (platform/node/floating.h). Of the hosts' nodes one is asked: the first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "cluster.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "platform/setup/setup.h"

enum pl_err floating_rebuild(struct pl_turn *turn)
{
	struct setup *setup = NULL;
	enum pl_err err = setup_read(&setup, pl_service_data(pl_turn_service(turn)));

	if (err)
		return err;
	snprintf(model.floating, sizeof(model.floating), "%s",
		 setup->floating ? setup->floating : "");
	setup_free(setup);
	return PL_OK;
}

static bool can_hold(const struct node *node)
{
	if (!node->is_joined)
		for (const struct node *n = model.nodes; n != node; n = n->next)
			if (!n->is_joined)
				return false; /* of the manager's own host that one is asked */
	return json_is_true(json_object_get(report_get(node->name, NULL), "edge"));
}

const char *floating_of(const struct node *node)
{
	return *model.floating && strcmp(model.holder, node->name) == 0 ? model.floating : NULL;
}

static const struct node *next_holder(void)
{
	for (const struct node *n = model.nodes; n; n = n->next)
		if (can_hold(n))
			return n;
	return NULL;
}

void floating_beat(struct pl_turn *turn)
{
	const struct node *node = *model.holder ? node_find(model.holder) : NULL;

	if (!*model.floating || (node && can_hold(node)))
		return;
	node = next_holder();
	if (!node)
		return; /* nobody could: it stays as it is */
	pl_log(INFO, "address.move", NULL, "address=%s from=%s to=%s", model.floating, model.holder,
	       node->name);
	snprintf(model.holder, sizeof(model.holder), "%s", node->name);
	pl_exec(turn, "update desired set holder = $1 where id = 1", "s", model.holder);
	model_raise(turn);
}
