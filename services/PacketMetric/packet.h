/*
 * packet.h — what the files of PacketMetric share.
 *
 *   gather.c  asks the nodes for the figures of their hosts, each interval
 *   text.c    the last of them as Prometheus text
 *   bulk.c    as documents, for the receiver
 *   send.c    a queue of them, to the receiver
 *
 * Figures are no events: nothing is stored, and what the receiver doesn't take within an hour or so
 * is dropped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PACKET_PACKET_H
#define PACKET_PACKET_H

#include "pelago/service.h"

/* gather_tick begins a round if it is time for one. */
enum pl_err gather_tick(struct pl_turn *turn);
/* gather_latest returns {"atMs", "hosts":[{"host","interfaces","protocols","processes"}]} of the
 * last round, NULL before the first. Borrowed. */
const json_t *gather_latest(void);
/* gather_new forgets the round under way: the answers to it may never come. */
enum pl_err gather_new(struct pl_turn *turn);

/* text_of returns a round as Prometheus text (exposition format 0.0.4); free(). NULL without
 * memory. */
char *text_of(const json_t *round);

/* bulk_of returns a round as body of POST _bulk: an action line and a document for each interface,
 * each host's protocols and each name of a process; free(). NULL without memory or documents. */
char *bulk_of(const json_t *round, const char *index, int64_t *countp);
/* bulk_refused returns how many documents an answer to _bulk says were refused; -1: it is none. */
int64_t bulk_refused(const char *answer);

/* send_round queues a round for the receiver, if there is one. */
void send_round(struct pl_turn *turn, const json_t *round);
void send_tick(struct pl_turn *turn);
void send_stop(struct pl_service *service);

#endif
