/*
 * sender.h — notifications are sent by a few threads beside the turns.
 *
 * A receiver is a stranger: its address is looked at when the connection is made (a name may
 * resolve to anything, and to something else the next time), redirects are not followed, at most
 * ANSWER_BYTES of its answer are read, and it gets so much time and no more. What counts is its
 * status.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTEXTSTORE_SENDER_H
#define CONTEXTSTORE_SENDER_H

#include "pelago/pool.h"

enum { SENDERS = 4, CONNECT_MS = 3000, ANSWER_BYTES = 16 * 1024 };

/* notify.c: called in a turn with {"context":…, "status":N (0: no answer), "error":TEXT}. */
pl_posted_fn notify_done;

/* sender_new starts threads; pl_pool_free ends them. */
enum pl_err sender_new(struct pl_pool **senderp, struct pl_service *service);

struct sender_job {
	const char *url, *body; /* copied; JSON */
	const char *id;		/* header Pelago-Notice: the same for each try */
	bool may_be_local;
	int64_t timeout_s;
	json_t *context; /* gives; comes back */
};
/* sender_put never blocks; PL_NOMEM. Turn thread. */
enum pl_err sender_put(struct pl_pool *sender, const struct sender_job *job);

#endif
