/*
 * connector.h — EventingConnector: events that other systems post.
 *
 *   posted.c  what was posted: read, and told from others
 *   kept.c    events that were taken, and how it went; those that wait are counted
 *   take.c    an event is looked at by EngagementDesigner, kept, acknowledged, and brought there
 *   main.c    the tables
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNECTOR_CONNECTOR_H
#define CONNECTOR_CONNECTOR_H

#include "pelago/service.h"

enum {
	POSTED_AHEAD_MS = 300000, /* so far may a sender's clock be ahead */
	SENDER_MAX = 200,
	GIVEN_ID_MAX = 200,
	EVENT_KEY_MAX = 255,
	WORD_MAX = 60,
	HASH_ROOM = 65
};

/* ---- what was posted ---- */

struct posted { /* borrowed from the request */
	const char *sender;
	const char *id; /* by which its sender tells it from others */
	const char *family, *type, *key;
	int64_t version; /* 0: the newest */
	int64_t at_ms;	 /* 0: not told */
	int64_t keep_s;	 /* for so long it may wait for an instance that will want it */
	json_t *payload;
};

/* posted_read takes an event from an HTTP request. PL_INVALID with what is wrong. */
enum pl_err posted_read(struct posted *p, const json_t *http);
/* posted_hash is the SHA-256 of all that an event says, in hexadecimal: the same however its
 * members stand. */
enum pl_err posted_hash(char hash[HASH_ROOM], const struct posted *p);
/* posted_check_age refuses what is too old, or not yet. */
enum pl_err posted_check_age(struct pl_turn *turn, const struct posted *p);

/* ---- what was taken ---- */

extern const struct pl_migration migrations[];
extern const size_t migrations_count;

enum pl_err kept_rebuild(struct pl_turn *turn);
/*
 * kept_find looks for the event of a sender with that id. *eventp is a new reference, or NULL if
 * there is none; PL_STATE if that one said something else.
 */
enum pl_err kept_find(struct pl_turn *turn, const struct posted *p, json_t **eventp);
/* kept_mark_repeated says so in the answer to one that came once more, and counts it. */
void kept_mark_repeated(json_t *event);
/* kept_check_room refuses (PL_FULL) what is more than may wait. */
enum pl_err kept_check_room(struct pl_turn *turn);
/* kept_add keeps an event that waits; id tells which. name: "FAMILY.TYPE" */
enum pl_err kept_add(struct pl_turn *turn, const struct posted *p, const char *name,
		     int64_t version, char id[27]);
/* kept_settle notes how it went. */
void kept_settle(struct pl_turn *turn, const char *id, const char *status, const char *instance,
		 const char *why);
enum pl_err kept_sweep(struct pl_turn *turn); /* the tick */

pl_op_fn op_post, op_event;
pl_answer_fn on_taken;

#endif
