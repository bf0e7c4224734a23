/*
 * queue.h — derived memory: the engine, and who waits.
 *
 * It changes only together with the rows, in the turn that writes them; after a rollback
 * queue_rebuild makes it anew.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef QUEUE_H
#define QUEUE_H

#include <uthash.h>

#include "work.h"

/* A service and channel that somebody asked for or can serve. The figures are filled when asked
 * for. */
struct line {
	UT_hash_handle hh;
	int64_t waiting, offered, active, oldest_ms;
	char channel[CHANNEL_BYTES + 1];
	char service[SERVICE_BYTES + 1];
	char key[CHANNEL_BYTES + SERVICE_BYTES + 2];
};

struct waiting {
	UT_hash_handle hh;
	struct line *line; /* NULL: there are too many */
	int64_t since_ms;
	int64_t widens_ms; /* when what it asks for widens, 0: never */
	bool by_name;	   /* only named agents will do now */
	size_t pushed;	   /* the position that its customer was told, 0: none */
	char id[ID_BYTES + 1];
};

enum pl_err queue_rebuild(struct pl_turn *turn);
struct assign *queue_engine(void);
struct waiting *queue_waiting(void); /* the first; on by hh.next */
struct waiting **queue_walk(void);   /* where a look at all of them goes on; NULL: at the first */
struct line *queue_lines(void);
struct waiting *queue_find(const char *id);
int64_t queue_next_place(int64_t now_ms); /* behind all others */

/* queue_add lets a work wait. PL_INVALID, PL_NOMEM; PL_STATE if it waits. */
enum pl_err queue_add(struct pl_turn *turn, const struct work *work);
/* queue_restate is queue_add of one that waits, whose row or whose wait has changed. */
enum pl_err queue_restate(struct pl_turn *turn, const struct work *work);
/* queue_drop forgets one; the engine may have forgotten it before. */
void queue_drop(const char *id);
/* queue_line finds or makes a line; NULL: there are too many already. */
struct line *queue_line(const char *service, const char *channel);

/* queue_place tells where one stands; *wait_msp is -1 if that isn't known. */
bool queue_place(const char *id, int64_t now_ms, size_t *positionp, int64_t *wait_msp);
json_t *wait_json(int64_t wait_ms); /* whole seconds, or null */
/* queue_push tells the customer, if the position isn't the one told last. Returns whether it did.
 */
bool queue_push(struct pl_turn *turn, struct waiting *waiting);
/* Whether positions may have changed since it was asked last. */
bool queue_has_moved(void);
void queue_move(void); /* they may have */

#endif
