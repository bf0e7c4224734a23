/*
 * pool.h — passwords are hashed and checked by a few threads beside the turns: Argon2id takes some
 * 30 ms of a processor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AUTHORIZATION_POOL_H
#define AUTHORIZATION_POOL_H

#include <jansson.h>

#include "pelago/service.h"

struct pool; /* opaque */

struct pool_job {
	const char *id;	      /* comes back with the result */
	const char *password; /* copied, and wiped after */
	/*
	 * What the password is checked against; both NULL for a password to be hashed. An unknown
	 * user is checked too, against pool_nobody, so that it takes as long.
	 */
	const char *hash;  /* of crypto_pwhash_str */
	const char *plain; /* the password itself, of an account not hashed yet: if it's right, it
			      is hashed */
};

extern const char pool_nobody[];

/* pool_new starts threads. done is called in a turn with {"id","ok":BOOL,"hash":TEXT|null}. */
enum pl_err pool_new(struct pool **poolp, struct pl_service *service, int threads,
		     pl_posted_fn *done);

/* pool_put returns PL_RATE when too many jobs wait (pool_room.h), PL_NOMEM. Turn thread; doesn't
 * block. */
enum pl_err pool_put(struct pool *pool, const struct pool_job *job);

/* pool_free waits for the jobs that run and drops the others. Takes NULL. */
void pool_free(struct pool *pool);

#endif
