/*
 * platform.h — versions of Pelago's own programs on the hosts, as the manager wants them.
 *
 *   platform.c          what is wanted, and what nodes say of it
 *   platform_actions.c  steps of plans
 *   platform_ops.c      packages come and go; one node is upgraded, patched
 *
 * Each host has programs of its own: "root" (its supervisor), "edge", and "Manager" where that is.
 * One node of the host speaks for them, as it fetches packages for all of them; any node of a host
 * may be named for it. "node" is the node's supervisor itself.
 *
 * Steps (arguments: "node", "version"; "hash" and "size" of platform-fetch):
 *
 *   platform-fetch    the host of a node has the package: fetched, checked, unpacked
 *   platform-node     the node's supervisor is of that version, has been well for 10 s, and its
 *                     services, which went on, are as they should be
 *   platform-edge     … the host's edge: connections go over to it
 *   platform-root     … the host's root supervisor
 *   platform-manager  … the manager itself; "node" may be left out
 *
 * One that ends or isn't well in time was taken back by its host before the step fails, and the
 * step says why. Undone, each goes back to the version that it had. A version is one that the host
 * holds: that of a package, or the one that it was started with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_PLATFORM_H
#define PELAGO_MANAGER_PLATFORM_H

#include "engines/plan/plan.h"
#include "platform/manager/manager.h"

extern const char platform_tables[]; /* migration 15 */

enum pl_err platform_rebuild(struct pl_turn *turn);
/* platform_of returns what a node shall do about it, for its desired state: a new reference. */
json_t *platform_of(const struct node *node);

/* Actions; see above. */
plan_fn platform_fetch_check, platform_fetch_apply, platform_fetch_verify, platform_fetch_undo;
plan_fn platform_switch_check, platform_switch_apply, platform_switch_verify, platform_switch_undo;

#endif
