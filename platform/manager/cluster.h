/*
 * cluster.h — what an administrator does with clusters and nodes.
 *
 *   node.c     nodes: drain, accept, remove; clusters: rename
 *   join.c     tokens, and hosts that come with one; the bus's members
 *   restart.c  restarts of nodes and clusters, one at a time or together
 *   address.c  where people reach a cluster
 *   balance.c  which node of a cluster does a service's work
 *   floating.c which host has the floating address
 *   solution.c stop and start of the whole; the site's mode
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_CLUSTER_H
#define PELAGO_MANAGER_CLUSTER_H

#include "manager.h"

extern const char cluster_tables[]; /* a migration */

/* node.c */
enum pl_err op_drain(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_undrain(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_remove(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_rename(struct pl_turn *turn, const json_t *body, json_t **replyp);
/* node_remove forgets a node that has ended, and revokes its keys. */
enum pl_err node_remove(struct pl_turn *turn, struct node *node);
/* node_asked finds the node of a request's path, whose asker is known. */
enum pl_err node_asked(struct node **nodep, const json_t *body);
enum pl_err cluster_asked(struct cluster **clusterp, const json_t *body);
/* takes_work: the node may do its cluster's work: it is heard, and neither draining nor overloaded.
 */
bool takes_work(const struct node *node);

/* join.c */
enum pl_err op_token(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_authority(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_join(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_certify(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_member(struct pl_turn *turn, const json_t *body, json_t **replyp);
void members_changed(void);		 /* once the turn is committed, they are written */
void members_beat(struct pl_turn *turn); /* writes bus/members.json */

/* restart.c */
enum pl_err op_restart_node(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_restart_cluster(struct pl_turn *turn, const json_t *body, json_t **replyp);
/* restart_of returns "waiting", "running", "failed" or "", and why it failed, or "". */
const char *restart_of(const struct node *node, const char **whyp);
/* is_restarting: it is, shall be, or didn't come back. */
bool is_restarting(const struct node *node);

/* address.c */
extern const char address_tables[]; /* a migration */
enum pl_err op_address(struct pl_turn *turn, const json_t *body, json_t **replyp);

/* balance.c */
void balance_beat(struct pl_turn *turn);
/* wants_standby: another node shall do the service's work, so this one's instance stands by. */
bool wants_standby(const struct placed *service, const struct node *node);

/* floating.c */
enum pl_err floating_rebuild(struct pl_turn *turn);
void floating_beat(struct pl_turn *turn);
/* floating_of returns the floating address if the node shall have it, or NULL. */
const char *floating_of(const struct node *node);

/* solution.c */
enum pl_err op_solution(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_stop(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_start(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_site(struct pl_turn *turn, const json_t *body, json_t **replyp);
void solution_beat(struct pl_turn *turn);

#endif
