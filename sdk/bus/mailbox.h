/*
 * mailbox.h — carries received messages from the client library's delivery thread to the loop.
 *
 * Why not the library's synchronous subscriptions, which need no second thread: they swallow "no
 * responders" (status 503) without saying of which request, and each must be asked in turn whether
 * anything came.
 *
 * A letter is one message. A feed is one subscription's side: the library holds a reference to it
 * as long as it may call back, and so outlives its owner.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_BUS_MAILBOX_H
#define PELAGO_BUS_MAILBOX_H

#include <stddef.h>
#include <sys/queue.h>

#include <nats/nats.h>

#include "pelago/err.h"

struct mailbox;
struct feed;

struct letter {
	STAILQ_ENTRY(letter) next;
	natsMsg *packed;
	struct feed *feed; /* holds a reference, or NULL */
};
STAILQ_HEAD(letters, letter);

/* mailbox_new makes a mailbox that writes to wake_fd, an eventfd (duplicated), when it was empty.
 */
enum pl_err mailbox_new(struct mailbox **mailboxp, int wake_fd);

/* mailbox_free gives up the loop's side; what comes later is thrown away. Takes NULL. */
void mailbox_free(struct mailbox *mailbox);

/* mailbox_take appends all that has come to letters, which the caller then owns. */
void mailbox_take(struct mailbox *mailbox, struct letters *letters);

size_t mailbox_count(struct mailbox *mailbox);

/* feed_new makes a feed for owner; feed_free ends it for the owner, not yet for the library. */
enum pl_err feed_new(struct feed **feedp, struct mailbox *mailbox, void *owner);
void feed_free(struct feed *feed);

/* feed_listen gives the library's sub a reference, which it gives back when it is done. */
natsStatus feed_listen(struct feed *feed, natsSubscription *sub);

/* feed_on_message is the library's handler; its closure is the feed. */
void feed_on_message(natsConnection *nc, natsSubscription *sub, natsMsg *msg, void *closure);

/* letter_new takes packed over. letter_free frees it and what it holds. */
struct letter *letter_new(natsMsg *packed, struct feed *feed);
void letter_free(struct letter *letter);

/* letter_owner returns the owner of the letter's feed, or NULL if it has freed it. Loop's thread.
 */
void *letter_owner(const struct letter *letter);

#endif
