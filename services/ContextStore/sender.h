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

#include "pelago/service.h"

enum { SENDERS = 4, CONNECT_MS = 3000, ANSWER_BYTES = 16 * 1024 };

struct sender; /* opaque */

/*
 * sender_new starts threads. done is called in a turn with
 * {"context":…, "status":N (0: no answer), "error":TEXT}.
 */
enum pl_err sender_new(struct sender **senderp, struct pl_service *service, pl_posted_fn *done);

struct sender_job {
	const char *url, *body; /* copied; JSON */
	const char *id;		/* header Pelago-Notice: the same for each try */
	bool may_be_local;
	int64_t timeout_s;
	json_t *context; /* gives; comes back */
};
/* sender_put never blocks; PL_NOMEM. Turn thread. */
enum pl_err sender_put(struct sender *sender, const struct sender_job *job);

/* sender_free waits for the calls under way, which are cut short, and drops the others. Takes NULL.
 */
void sender_free(struct sender *sender);

#endif
