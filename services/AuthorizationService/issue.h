/*
 * issue.h — access tokens and families of refresh tokens.
 *
 * All refresh tokens that follow from one log-in are a family. Each is good once; used again later
 * than the attribute refresh_retry allows, somebody has a copy, and the whole family ends. A page
 * that lost the answer repeats sooner.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AUTHORIZATION_ISSUE_H
#define AUTHORIZATION_ISSUE_H

#include "pelago/service.h"
#include "secret.h"

/* family_begin makes a family of a log-in; it ends after the attribute refresh_life. */
void family_begin(struct pl_turn *turn, char family[27], const char *username, const char *client);
void family_revoke(struct pl_turn *turn, const char *family);
bool family_is_revoked(struct pl_turn *turn, const char *family);

/*
 * issue_tokens makes the body of a token answer (RFC 6749 §5.1) for a user of UCAStoreService.
 *   family  NULL: no refresh token
 * Returns NULL and what is wrong in *errp if it can't be signed; before any write.
 */
json_t *issue_tokens(struct pl_turn *turn, const json_t *user, const char *family,
		     enum pl_err *errp);

struct refresh {
	char family[27], username[65], client[65];
	int64_t used_ms, expires_ms;
	bool is_revoked;
};
/* refresh_read returns false if there is no such token. */
bool refresh_read(struct pl_turn *turn, struct refresh *refresh,
		  const char digest[DIGEST_CHARS + 1]);
void refresh_use(struct pl_turn *turn, const char digest[DIGEST_CHARS + 1]);

#endif
