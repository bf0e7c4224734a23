/*
 * pelago/pool.h — work that blocks, done by a few threads beside the turns.
 *
 * Jobs are taken in the order in which they were put; with more than one thread they may end in
 * another. What comes of a job is told in a turn. Jobs aren't kept: those under way when the
 * process ends are lost, so what must not be is a row that is put again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_POOL_H
#define PELAGO_POOL_H

#include <stdatomic.h>

#include "pelago/service.h"

enum { PL_POOL_THREADS_MOST = 8 };

/* What a pool does; outlives it. */
struct pl_pool_def {
	unsigned threads;
	pl_posted_fn
		*done; /* called in a turn, and owns its body: what run returned, with "context" */
	/* open makes what a thread has for its life, close ends it; NULL: nothing. */
	void *(*open)(void);
	void (*close)(void *own);
	/*
	 * run does a job, in a thread; own: of open, NULL where it failed. It returns a new object,
	 * or NULL: nothing is told. Once *stop is set, it ends soon.
	 */
	json_t *(*run)(void *job, void *own, const atomic_bool *stop);
	void (*free)(void *job);
};

struct pl_pool; /* opaque */

/* pl_pool_new starts the threads. PL_NOMEM, PL_UNAVAILABLE. Turn thread. */
enum pl_err pl_pool_new(struct pl_pool **poolp, struct pl_service *service,
			const struct pl_pool_def *def);
/* pl_pool_put never blocks. Gives job and context, also on an error: PL_NOMEM, as for a NULL of
 * either. Turn thread. */
enum pl_err pl_pool_put(struct pl_pool *pool, void *job, json_t *context);
/* pl_pool_free waits for what is under way, which is told to stop, and drops the rest. Takes NULL.
 */
void pl_pool_free(struct pl_pool *pool);

#endif
