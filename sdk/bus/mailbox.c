/*
 * mailbox.c — see mailbox.h. mu guards arrived, n and is_closed; references are atomic; a feed's
 * owner is touched by the loop's thread only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mailbox.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "pelago/log.h"

struct mailbox {
	atomic_uint refs; /* the bus's and each feed's */
	pthread_mutex_t mu;
	struct letters arrived;
	size_t n;
	bool is_closed;
	int wake_fd;
};

struct feed {
	atomic_uint refs; /* the owner's, each letter's, each of the library's */
	struct mailbox *mailbox;
	void *owner;
};

static void mailbox_release(struct mailbox *mailbox)
{
	if (atomic_fetch_sub(&mailbox->refs, 1) > 1)
		return;
	close(mailbox->wake_fd);
	pthread_mutex_destroy(&mailbox->mu);
	free(mailbox);
}

static void feed_release(struct feed *feed)
{
	if (atomic_fetch_sub(&feed->refs, 1) > 1)
		return;
	mailbox_release(feed->mailbox);
	free(feed);
}

enum pl_err mailbox_new(struct mailbox **mailboxp, int wake_fd)
{
	struct mailbox *mailbox = calloc(1, sizeof(*mailbox));

	if (!mailbox)
		return PL_NOMEM;
	mailbox->wake_fd = fcntl(wake_fd, F_DUPFD_CLOEXEC, 0);
	if (mailbox->wake_fd < 0) {
		free(mailbox);
		return pl_fail(PL_UNAVAILABLE, "descriptors for the bus: %m");
	}
	atomic_init(&mailbox->refs, 1);
	pthread_mutex_init(&mailbox->mu, NULL);
	STAILQ_INIT(&mailbox->arrived);
	*mailboxp = mailbox;
	return PL_OK;
}

void mailbox_free(struct mailbox *mailbox)
{
	struct letters letters = STAILQ_HEAD_INITIALIZER(letters);
	struct letter *letter;

	if (!mailbox)
		return;
	pthread_mutex_lock(&mailbox->mu);
	mailbox->is_closed = true;
	STAILQ_CONCAT(&letters, &mailbox->arrived);
	pthread_mutex_unlock(&mailbox->mu);
	while ((letter = STAILQ_FIRST(&letters))) {
		STAILQ_REMOVE_HEAD(&letters, next);
		letter_free(letter);
	}
	mailbox_release(mailbox);
}

void mailbox_take(struct mailbox *mailbox, struct letters *letters)
{
	pthread_mutex_lock(&mailbox->mu);
	STAILQ_CONCAT(letters, &mailbox->arrived);
	mailbox->n = 0;
	pthread_mutex_unlock(&mailbox->mu);
}

size_t mailbox_count(struct mailbox *mailbox)
{
	size_t n;

	pthread_mutex_lock(&mailbox->mu);
	n = mailbox->n;
	pthread_mutex_unlock(&mailbox->mu);
	return n;
}

enum pl_err feed_new(struct feed **feedp, struct mailbox *mailbox, void *owner)
{
	struct feed *feed = calloc(1, sizeof(*feed));

	if (!feed)
		return PL_NOMEM;
	atomic_init(&feed->refs, 1);
	atomic_fetch_add(&mailbox->refs, 1);
	feed->mailbox = mailbox;
	feed->owner = owner;
	*feedp = feed;
	return PL_OK;
}

void feed_free(struct feed *feed)
{
	feed->owner = NULL;
	feed_release(feed);
}

static void on_complete(void *closure)
{
	feed_release(closure);
}

natsStatus feed_listen(struct feed *feed, natsSubscription *sub)
{
	natsStatus s;

	atomic_fetch_add(&feed->refs, 1);
	s = natsSubscription_SetOnCompleteCB(sub, on_complete, feed);
	if (s != NATS_OK)
		atomic_fetch_sub(&feed->refs, 1);
	return s;
}

void feed_on_message(natsConnection *nc, natsSubscription *sub, natsMsg *msg, void *closure)
{
	struct feed *feed = closure;
	struct mailbox *mailbox = feed->mailbox;
	struct letter *letter = letter_new(msg, feed);
	uint64_t one = 1;
	bool was_empty, is_closed;

	if (!letter) {
		pl_log(ERROR, "bus.dropped", NULL, "%s: dropped: out of memory",
		       natsMsg_GetSubject(msg));
		natsMsg_Destroy(msg);
		return;
	}
	pthread_mutex_lock(&mailbox->mu);
	is_closed = mailbox->is_closed;
	was_empty = STAILQ_EMPTY(&mailbox->arrived);
	if (!is_closed) {
		STAILQ_INSERT_TAIL(&mailbox->arrived, letter, next);
		mailbox->n++;
	}
	pthread_mutex_unlock(&mailbox->mu);
	if (is_closed)
		letter_free(letter);
	else if (was_empty && write(mailbox->wake_fd, &one, sizeof(one)) < 0)
		pl_log(ERROR, "bus.wake", NULL, "eventfd: %m");
}

struct letter *letter_new(natsMsg *packed, struct feed *feed)
{
	struct letter *letter = malloc(sizeof(*letter));

	if (!letter)
		return NULL;
	letter->packed = packed;
	letter->feed = feed;
	if (feed)
		atomic_fetch_add(&feed->refs, 1);
	return letter;
}

void letter_free(struct letter *letter)
{
	natsMsg_Destroy(letter->packed);
	if (letter->feed)
		feed_release(letter->feed);
	free(letter);
}

void *letter_owner(const struct letter *letter)
{
	return letter->feed->owner;
}
