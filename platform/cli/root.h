/*
 * root.h — what root supervisor and its list of parts share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_ROOT_H
#define PELAGO_CLI_ROOT_H

#include "platform/cli/cli.h"
#include "platform/supervise/supervise.h"

enum { PART_TAG_MAX = 64 };

struct parts {
	const struct setup *setup;
	struct supervisor *supervisor;
	char *nats_server, *bus_url;
};

/* parts_add makes nats-server, manager, nodes and edge known to the supervisor, in the order of
 * their start; on a joined host its node, and its edge if it has one. */
enum pl_err parts_add(const struct parts *parts);

#endif
