/*
 * auth.h — bearer tokens, checked here against the keys of AuthorizationService.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_AUTH_H
#define EDGE_AUTH_H

#include <jansson.h>

#include "edge.h"
#include "pelago/err.h"

struct auth;
struct auth_wait;

/* Called when the keys have come, or can't be had (PL_UNAVAILABLE): check again. */
typedef void auth_keys_fn(enum pl_err err, void *arg);

enum pl_err auth_new(struct auth **authp, struct edge *edge);
void auth_free(struct auth *auth);

/*
 * auth_check checks the value of an Authorization header. Returns PL_OK and the claims (new
 * reference), PL_UNAUTHORIZED, or PL_AGAIN when the keys must be fetched first: then *waitp is a
 * place in the row, fn is called once, and auth_wait_cancel takes the place back before. With waitp
 * NULL nothing is fetched: for the check after fn was called.
 */
enum pl_err auth_check(json_t **claimsp, struct auth *auth, const char *header,
		       struct auth_wait **waitp, auth_keys_fn *fn, void *arg);
/*
 * auth_claimed returns what a token says of itself, unchecked: only good to refuse by, where
 * somebody else checks it afterwards. A new reference, NULL for what is no token.
 */
json_t *auth_claimed(const char *token);
void auth_wait_cancel(struct auth *auth, struct auth_wait *wait); /* takes NULL */

#endif
