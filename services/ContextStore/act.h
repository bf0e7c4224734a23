/*
 * act.h — what can be done with contexts, the same for the bus and for HTTP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTEXTSTORE_ACT_H
#define CONTEXTSTORE_ACT_H

#include "change.h"
#include "context.h"

enum { ID_BYTES = 4 * ID_CHARS, CHANGE_MEMBERS = 20 };

struct wish {
	const char *id;	      /* NULL: to be made */
	const json_t *change; /* may be NULL */
	const char *touchpoint, *sid;
	const char *key; /* of data, for the calls that concern one */
	int64_t lease_s; /* 0: as it is, or the default */
	int64_t version; /* that the asker knows; 0: any */
	bool wants_short_id, wants_rules;
};

/* Each gives a new object in *toldp: {contextId, version}, but for act_get. */
typedef enum pl_err act_fn(struct pl_turn *turn, const struct wish *wish, json_t **toldp);
act_fn act_create, act_update, act_upsert, act_delete, act_renew;
act_fn act_get; /* the entry; noted in the audit if there is a touch point */

/* Of one member of data: {KEY: value}; PL_NOTFOUND without one. */
act_fn act_get_key, act_delete_key;

/* act_shown returns a new object: the entry with its id, version and lease. */
json_t *act_shown(struct pl_turn *turn, const struct context *context);

#endif
