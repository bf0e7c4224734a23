/*
 * pelago/post.h — POSTs to another system by HTTP, one after the other, by a thread beside the
 * turns.
 *
 * Certificates are checked against the machine's authorities, redirects aren't followed, proxies of
 * the environment aren't used, and of an answer at most PL_POST_ANSWER_MAX bytes are read. What
 * isn't answered isn't sent again: whoever put it decides.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_POST_H
#define PELAGO_POST_H

#include "pelago/service.h"

enum { PL_POST_ANSWER_MAX = 1 << 20, PL_POST_CONNECT_MS = 3000 };

struct pl_post; /* opaque */

struct pl_post_job {
	const char *url;	    /* http:// or https:// */
	const char *type;	    /* Content-Type */
	const char *const *headers; /* "Name: value", up to NULL; NULL: none */
	char *body;		    /* gives: free() */
	size_t body_len;
	int64_t timeout_ms;
	json_t *context; /* gives; comes back */
};

/*
 * pl_post_new starts the thread. done is called in a turn, and owns its body, with
 * {"context":…, "status":N (0: no answer), "error":TEXT, "answer":TEXT}: error is "" where there is
 * a status; answer is what is UTF-8 of it, else "".
 */
enum pl_err pl_post_new(struct pl_post **postp, struct pl_service *service, pl_posted_fn *done);
/* pl_post_put never blocks; PL_INVALID for another kind of address, PL_NOMEM. On an error done
 * isn't called. Turn thread. */
enum pl_err pl_post_put(struct pl_post *post, struct pl_post_job *job);
/* pl_post_free cuts short what is under way and drops the rest. Takes NULL. */
void pl_post_free(struct pl_post *post);

/* pl_post_url_check: PL_INVALID says what is wrong with an address. */
enum pl_err pl_post_url_check(const char *url);

#endif
