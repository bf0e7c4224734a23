/*
 * platform.h — versions of Pelago's own programs on the hosts, as the manager wants them.
 *
 *   platform.c          what is wanted, and what nodes say of it
 *   platform_actions.c  steps of plans
 *   platform_upgrade.c  one node is upgraded, patched and unpatched, by a plan
 *
 * Each host has programs of its own: "root" (its supervisor), "edge", and "Manager" where that is.
 * One node of the host speaks for them, as it fetches packages for all of them; any node of a host
 * may be named for it. "node" is the node's supervisor itself.
 *
 * Steps (arguments: "node", "version"; "hash" of platform-fetch):
 *
 *   platform-fetch    the host of a node has the package: fetched, checked, unpacked
 *   platform-node     the node's supervisor is of that version, has been well for 10 s, and its
 *                     services, which went on, are as they should be
 *   platform-edge     … the host's edge: connections go over to it
 *   platform-root     … the host's root supervisor
 *   platform-manager  … the manager itself; "node" may be left out
 *   platform-settle   a pivot: the host's data folder is that version's from now on, older programs
 *                     refuse it; packages that no program needs are removed
 *
 *   platform-test     a node's maintenance tests; fails if more fail than before ("run", "why")
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

extern const char platform_tables[]; /* a migration */

enum pl_err platform_rebuild(struct pl_turn *turn); /* at start, after a rollback and a change */
/* platform_of returns what a node shall do about it, for its desired state: a new reference; NULL:
 * nothing. */
json_t *platform_of(const struct node *node);
/* platform_forget drops what is wanted of a node that is removed. */
void platform_forget(struct pl_turn *turn, const char *node);

/* ---- platform.c, for the steps ---- */

/* platform_speaker returns the node that speaks for the host of a node; NULL: the manager's. */
const struct node *platform_speaker(const struct node *node);

struct platform_wish {
	struct platform_wish *next;
	char *node, *program, *version; /* node: that speaks; program: "node", … or "settled" */
	int64_t n;			/* another one with each wish */
};
/* platform_wish_find returns what is wanted of a node's program, or NULL; borrowed. */
const struct platform_wish *platform_wish_find(const char *node, const char *program);
enum pl_err platform_wish_put(struct pl_turn *turn, const char *node, const char *program,
			      const char *version);
/* platform_hold has a host fetch a package, or, hash NULL, not keep it for the manager's sake. */
enum pl_err platform_hold(struct pl_turn *turn, const char *node, const char *version,
			  const char *hash);
bool platform_holds(const char *node, const char *version);
/* platform_report returns what a node's report says of a program ("root", "edge", "Manager", or the
 * node's name): {"version","state","detail","n"}, or NULL. */
const json_t *platform_report(const json_t *report, const char *program);

/* ---- platform_actions.c ---- */

plan_fn platform_fetch_check, platform_fetch_apply, platform_fetch_verify, platform_fetch_undo;
plan_fn platform_switch_check, platform_switch_apply, platform_switch_verify, platform_switch_undo;
plan_fn platform_settle_apply, platform_settle_verify;

/* ---- platform_upgrade.c ---- */

/*
 * op_node_upgrade: {"path":{"name":NODE},"body":{"version","hash","base","whole","unpatch",
 * "dryRun"}} starts a plan. hash: of a package that is in the blob store; without it the host has
 * the version already. base: of a patch. whole: all of the node's host, as always of one that
 * joined. unpatch: back to the version under the patch.
 */
enum pl_err op_node_upgrade(struct pl_turn *turn, const json_t *body, json_t **replyp);
plan_fn platform_test_check, platform_test_verify;

#endif
