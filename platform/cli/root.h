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
	struct setup *setup;
	struct supervisor *supervisor;
	char *nats_server, *bus_url;
	const json_t *programs; /* programs.json: who has which version; borrowed */
};

/* parts_each calls fn for the name of each part of this host, in the order of their start:
 * nats-server, manager, nodes and edge; on a joined host its node, and its edge if it has one. */
typedef enum pl_err part_fn(const char *name, void *arg);
enum pl_err parts_each(const struct setup *setup, part_fn *fn, void *arg);

/*
 * part_put makes a part known to the supervisor (*processp NULL), or has its next start be by
 * another version.
 *
 *   version  PL_NOTFOUND if its programs aren't on this host; nats-server has none
 *   slot     of the edge: 0, or 1 beside another one
 */
enum pl_err part_put(struct process **processp, const struct parts *parts, const char *name,
		     const char *version, int slot);

#endif
