/*
 * streaming.h — EventStreaming: a queue of events for one receiver.
 *
 *   queue.c  what waits: numbered, in the order in which it came
 *   send.c   the first of it goes to the receiver until it was taken; alarms; how it is
 *   main.c   the tables
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef STREAMING_STREAMING_H
#define STREAMING_STREAMING_H

#include "pelago/service.h"

/* Mirrored from the database. */
struct queue {
	char id[27];  /* of this stream: another one numbers anew */
	int64_t next; /* number of the next event */
	int64_t waiting, taken, taken_ms;
	int64_t generation; /* of what is in memory */
};
extern struct queue queue;

extern const struct pl_migration migrations[];
extern const size_t migrations_count;

enum pl_err queue_rebuild(struct pl_turn *turn);
/* queue_add keeps an event for the receiver, if it is wanted. */
pl_event_fn queue_add;
/*
 * queue_first returns the lines of the first events, as many as go together, or NULL if there are
 * none; free(). *firstp and *lastp: their numbers. For a turn that has added none: what it has may
 * be taken back.
 */
char *queue_first(struct pl_turn *turn, size_t *lenp, int64_t *firstp, int64_t *lastp);
/* queue_taken drops what the receiver has taken. */
void queue_taken(struct pl_turn *turn, int64_t last);
/* queue_oldest_ms returns when the first that waits was made, 0 if none waits. */
int64_t queue_oldest_ms(struct pl_turn *turn);

enum pl_err send_tick(struct pl_turn *turn);
enum pl_err send_begin_anew(struct pl_turn *turn); /* settings changed */
void send_stop(struct pl_service *service);
pl_op_fn op_destination;

#endif
