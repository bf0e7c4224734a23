/*
 * attribute.h — what administrators set of the services' attributes (pelago/attribute.h).
 *
 *   attribute_value.c    what is set, by level; which value is in effect and where it comes from
 *   attribute_secret.c   secrets: encrypted at rest, sealed for a node, never shown
 *   attribute_change.c   a wish to change something, checked
 *   attribute_commit.c   a set of changes, at once or not at all; who was too late is told
 *   attribute_history.c  what was committed, and back to any earlier point
 *   attribute_file.c     export and import
 *   attribute_view.c     lists for people
 *   attribute_deliver.c  what a node gets
 *   attribute_watch.c    an alarm for secrets that can't be opened any more
 *   attribute_name.c     services and attributes by the names that people type
 *
 * A value is stored as JSON of the attribute's type; of a secret as {"secret": its encrypted form}.
 * It is kept when its service goes, and counts again when that comes back.
 *
 * Commits are numbered from 1; the last number is the version that a client names when it commits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_ATTRIBUTE_H
#define PELAGO_MANAGER_ATTRIBUTE_H

#include "manager.h"
#include "pelago/attribute.h"

/* The most specific first; `solution` is what SolutionConfiguration sets. */
enum level { LEVEL_PROFILE, LEVEL_CLUSTER, LEVEL_GLOBAL, LEVEL_SOLUTION, LEVEL_DEFAULT };
extern const char *const level_names[LEVEL_DEFAULT + 1];

/* Where something is set. Borrowed texts. */
struct spot {
	enum level level;
	const char *place; /* the profile or cluster, else "" */
	const char *service, *key;
};

/* ---- attribute_value.c ---- */

/* values_read reads the tables; values under former keys of an attribute move to the present one.
 */
enum pl_err values_read(struct pl_turn *turn);
int64_t values_version(void);			/* of the last commit, 0 before the first */
int64_t values_version_of(const char *service); /* of the last one that changed this service */
/* value_get returns the record {"level","place","service","key","value","version","atMs","by"} or
 * NULL. Borrowed. */
const json_t *value_get(const struct spot *spot);
/* values_all returns {SPOT: record} of all that is set. Borrowed. */
json_t *values_all(void);
/* value_put writes a value (borrowed; NULL: none any more) to the tables and to memory. */
void value_put(struct pl_turn *turn, const struct spot *spot, const json_t *value, int64_t version,
	       const char *by);
void values_committed(int64_t version); /* that is the last now */

/* values_move_cluster follows a cluster that got another name, in the history, too. */
void values_move_cluster(struct pl_turn *turn, const char *from, const char *to);

struct effective {
	const json_t *value; /* stored form; NULL: an address or a secret that isn't set */
	enum level level;
	const char *place;
};
/* effective_get tells the value for a cluster, and for a profile (may be NULL). Borrowed. */
void effective_get(struct effective *effective, const char *service,
		   const struct pl_attribute *schema, const char *cluster, const char *profile);

/* ---- attribute_secret.c ---- */

void secret_init(const char *data); /* the manager's folder; borrowed */
enum pl_err secret_encrypt(json_t **storedp, const char *text);
/* secret_seal makes {"sealed": …} of a stored secret for a node's public key (base64). PL_STATE if
 * it was encrypted by another master key, PL_INVALID for what isn't a key, PL_IO. */
enum pl_err secret_seal(json_t **sealedp, const json_t *stored, const char *node_key);
/* secret_check tells whether a stored secret can be opened: PL_STATE, PL_IO. */
enum pl_err secret_check(const json_t *stored);
/* value_shown returns what may be shown of a stored value: a secret as stars. New reference; NULL
 * becomes null. */
json_t *value_shown(const json_t *stored);

/* ---- attribute_watch.c ---- */

void secrets_watch(struct pl_turn *turn); /* at the start, and after a commit */

/* ---- attribute_name.c ---- */

/* name_service finds a placed service by its name or an older spelling, in any case. */
const struct placed *name_service(const char *typed);
/*
 * name_attribute finds an attribute by key or name, in any case; service may be NULL. PL_NOTFOUND,
 * or PL_INVALID naming the services where there is more than one.
 */
enum pl_err name_attribute(const struct placed **servicep, struct pl_attribute *schema,
			   const char *service, const char *attribute);

/* ---- attribute_change.c ---- */

/*
 * change_read checks a wish {"level","place","service","attribute","value"} (null: not set any
 * more) and makes {"level","place","service","key","name","was","became"} in stored form of it;
 * without a value of its own `was` or `became` is null. A value that is in stored form already is
 * taken with is_stored.
 */
enum pl_err change_read(json_t **changep, const json_t *wish, bool is_stored);
bool change_is_none(const json_t *change);
void change_spot(struct spot *spot, const json_t *change);
json_t *change_shown(const json_t *change); /* for people: new reference */

/* ---- attribute_commit.c ---- */

enum { CHANGES_MAX = 2000 };

struct commit {
	const char *kind; /* "commit", "revert", "import" */
	const char *note;
	int64_t expected; /* the version that its author saw; -1: whatever there is */
	json_t *changes;  /* array of change_read's; owned by the caller */
};
/* commit_run makes all of the changes, or answers 409 with what was changed since. */
enum pl_err commit_run(struct pl_turn *turn, const json_t *request, const struct commit *commit,
		       json_t **replyp);
/* commit_fields takes `expected`, which is needed, and `note` from a request's body. */
enum pl_err commit_fields(struct commit *commit, const json_t *body);
pl_op_fn op_attributes_commit, op_own;

/* ---- attribute_history.c ---- */

/* history_changes returns the shown changes of the commits after a version up to another, each with
 * "version", "by" and "atMs". New reference. */
json_t *history_changes(struct pl_turn *turn, int64_t after, int64_t upto);
pl_op_fn op_attributes_history, op_attributes_revert;

/* ---- attribute_file.c, attribute_view.c ---- */

pl_op_fn op_attributes_export, op_attributes_import, op_attributes;

/* ---- attribute_deliver.c ---- */

/* deliver_item adds what a service of a node gets to its desired state. */
void deliver_item(json_t *item, const struct placed *service, const char *node_key);
/* deliver_users returns {PROFILE: [user…]}, of the profiles that say something. */
json_t *deliver_users(void);

#endif
