/*
 * manager.h — what the files of the manager share.
 *
 *   main.c     the tables: operations, migrations
 *   model.c    what should be: clusters, nodes, services; read from the database, versioned
 *   placement.c what is placed and loaded, of it
 *   report.c   what is: the nodes' reports; each node's desired state
 *   view.c     lists for people: clusters, nodes, services, whether all is ready
 *   admin.c    accept and deny, with their audit
 *   cluster.h  clusters and nodes: joining, draining, restarts, who does the work
 *   routes.c   all manifests' routes for the edges
 *   attribute.h, profile.h  what administrators set of the services, and for whom
 *   bundles.c  what is loaded
 *   delivery.c the bundles that came with the programs
 *   release.h  releases of Pelago; level.h what form is written
 *   install.c  installs and uninstalls, as plans
 *   plans.h, blob.h, inspector.h: see there
 *
 * What should be is in the database; `model` is derived from it and made anew after a rollback.
 * What is lives in memory only: nodes report each second, so a manager that starts knows it a
 * second later.
 *
 * Operations that are HTTP routes answer {"status","body"}; the command line calls the same ones.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_H
#define PELAGO_MANAGER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "pelago/service.h"
#include "platform/setup/checksum.h"

enum { SILENT_MS = 3000 }; /* a node not heard for that long is unreachable */

struct cluster {
	struct cluster *next;
	char *name, *kind;
	char *address; /* where people reach it; "": it has none of its own */
	int place;     /* among the others in lists */
	bool is_accepting;
	bool is_stopped; /* its services don't run (solution.c) */
};

struct node {
	struct node *next;
	char *name;
	struct cluster *cluster;
	int64_t log_ready_ms; /* monotonic: when it last told that the log is there */
	/* replication.c: what it should have, and what it has confirmed; wall clock */
	int64_t resync, checksum_version, checksum_resync;
	char checksum[CHECKSUM_SIZE], confirmed[CHECKSUM_SIZE];
	int64_t confirmed_version, confirmed_ms, stored_ms;
	/* test.c: the run under way, the last one that is over; "" for none */
	char test[27], tested[27], tested_services[CHECKSUM_SIZE];
	int64_t test_asked_ms, tested_ms;
	int tests_failed;	      /* -1: never run */
	bool has_confirmed, is_fresh; /* since the last beat; differs from what is stored */
	bool is_joined;		      /* on a host that came with a token */
	bool is_draining;	      /* other nodes of the cluster do its work */
	int64_t restarts;	      /* that were asked for: the node compares */
	char *restart_why;	      /* the last one failed; "" if it didn't */
};

enum phase {
#define PHASE(name, text, runs) PHASE_##name,
#include "platform/manager/phases.h"
#undef PHASE
	PHASE_COUNT
};

struct placed { /* a service in a cluster */
	struct placed *next;
	char *name, *version, *hash; /* hash: of its bundle */
	struct cluster *cluster;
	char *owner; /* name of the node that shall do its work, or NULL: whoever is first */
	enum phase phase;
	json_t *manifest;
};

struct switched { /* a node that goes before its cluster to another version */
	struct switched *next;
	char *name, *node, *version, *hash;
	json_t *manifest;
};

struct loaded { /* a bundle; those of a name have falling versions */
	struct loaded *next;
	char *name, *version, *hash, *signer;
	int64_t size, loaded_ms, installed_ms; /* installed_ms: first; 0: never */
	bool is_preferred;
	json_t *manifest;
};

struct model {
	int64_t version; /* rises with each change of what nodes get */
	int level;	 /* of the solution (pelago/service.h) */
	struct cluster *clusters;
	struct node *nodes;
	struct placed *services;
	struct switched *switched;
	struct loaded *bundles;
	const char *store;	       /* "SQLite" or "PostgreSQL": of all services' databases */
	bool is_stopped;	       /* the whole solution shall be stopped */
	char floating[64], holder[81]; /* the floating address, and the node that has it; or "" */
	char site[16];		       /* "Active", "Standby" or "Deny" */
	json_t *own;		       /* the manager's own manifest */
	json_t *routes;		       /* the answer of `routes` */
};
extern struct model model;

/* model.c */
enum pl_err model_rebuild(
	struct pl_turn *turn); /* reads manifests, brings the tables up to them, reads the tables */
void model_raise(struct pl_turn *turn); /* a change: new version, nodes are told */
/* model_reread is for changes of what is placed or loaded: reads the tables anew; model_change
 * raises, too. */
enum pl_err model_reread(struct pl_turn *turn);
enum pl_err model_change(struct pl_turn *turn);
/* placement.c */
void placements_clear(void);
enum pl_err placements_read(struct pl_turn *turn);
const char *phase_text(enum phase phase);
bool phase_runs(enum phase phase);		/* its processes shall run */
bool placed_runs(const struct placed *service); /* … and its cluster isn't stopped */
struct placed *placed_in(const char *name, const struct cluster *cluster); /* in any case */
struct loaded *loaded_find(const char *name, const char *version);
/* wanted_on tells version, bundle and manifest of a service that a node shall run. */
struct wanted {
	const char *version, *hash;
	const json_t *manifest;
};
struct wanted wanted_on(const struct placed *service, const char *node);
struct cluster *cluster_find(const char *name); /* in any case */
struct node *node_find(const char *name);
bool is_accepting(
	const struct placed *service); /* it, its cluster, and those it needs downstream */

/* report.c */
struct report {
	struct report *next;
	char *node;
	int64_t heard_ms; /* monotonic */
	json_t *body;
};
enum pl_err op_report(struct pl_turn *turn, const json_t *body, json_t **replyp);
/* desired_of returns what a node should do, as `desired` answers without its checksum, secrets
 * sealed to node_key (NULL: they are left out); NULL without memory. */
json_t *desired_of(const struct node *node, const char *node_key);
enum pl_err op_desired(struct pl_turn *turn, const json_t *body, json_t **replyp);
/* report_get returns a node's last report, or NULL if it is silent; *heard_msp (may be NULL) how
 * long ago, -1 never. */
const json_t *report_get(const char *node, int64_t *agop);
/* report_service returns what a report says of a service, or NULL. */
const json_t *report_service(const json_t *report, const char *service);
/* node_has_newest: a node has applied the newest configuration. */
bool node_has_newest(const json_t *report);
/* is_active: the service does its work on this node, it doesn't just stand by. */
bool is_active(const json_t *report, const struct placed *service);
/* serves tells whether a service on a node is as it should be; accepts: whether it refuses or takes
 * new work as desired. */
bool serves(const json_t *report, const struct placed *service);
/* report_bundle returns what a report says of a bundle that the node shall hold, or NULL. */
const json_t *report_bundle(const json_t *report, const char *hash);
bool accepts_as_desired(const json_t *report, const struct placed *service);

/* view.c */
enum pl_err op_clusters(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_cluster(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_nodes(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_services(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_status(struct pl_turn *turn, const json_t *body, json_t **replyp);
bool node_is_stable(const struct node *node);
json_t *view_cluster(const struct cluster *cluster);
json_t *view_node(const struct node *node);
json_t *view_service(const struct placed *service);
bool is_stable(const struct node *node, const json_t *report);

/* bundles.c */
enum pl_err bundles_open(struct pl_service *service);
enum pl_err op_bundles(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_bundle_load(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_bundle_prefer(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_bundle_delete(struct pl_turn *turn, const json_t *body, json_t **replyp);

/* bundle_load keeps one that was checked: {"manifest","hash","size","signer"}; its bytes are there.
 */
enum pl_err bundle_load(struct pl_turn *turn, const json_t *checked, const json_t *request);

/* delivery.c */
enum pl_err delivery_begin(struct pl_turn *turn); /* looks at the bundles beside the programs */
enum pl_err delivery_tick(struct pl_turn *turn);
/* delivery_state tells why it isn't over, or "". */
const char *delivery_state(void);
enum pl_err op_deliver(struct pl_turn *turn, const json_t *body, json_t **replyp);

/* install.c */
enum pl_err op_install(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_uninstall(struct pl_turn *turn, const json_t *body, json_t **replyp);

/* admin.c */
enum pl_err op_accept(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_deny(struct pl_turn *turn, const json_t *body, json_t **replyp);
const char *asked_by(const json_t *request); /* "" if it isn't known */
/* audit_add notes a change by whoever asks, with what was before and what became of it. */
void audit_add(struct pl_turn *turn, const json_t *request, const char *action, const char *target,
	       const char *was, const char *became);
enum pl_err op_audit(struct pl_turn *turn, const json_t *body, json_t **replyp);

/* routes.c */
json_t *routes_make(const json_t *manifests); /* new reference */
enum pl_err op_routes(struct pl_turn *turn, const json_t *body, json_t **replyp);

int64_t manager_now_ms(void);

#endif
