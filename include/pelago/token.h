/*
 * pelago/token.h — JSON Web Tokens (RFC 7519, ES256), checked against AuthorizationService's keys.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_TOKEN_H
#define PELAGO_TOKEN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pelago/err.h"

/*
 * pl_token_check verifies signature, algorithm (ES256 only), issuer "pelago" and time of a compact
 * token against a JWK set (RFC 7517).
 *
 *   token    compact serialization, at most 8 KiB are looked at
 *   jwks     {"keys":[…]}
 *   now_s    seconds since 1970; 5 s of difference between clocks are allowed
 *   claimsp  new reference: sub, name, roles, iat, exp, jti
 *
 * Returns PL_UNAUTHORIZED, with the detail, for any token that isn't good. *unknown_keyp (may be
 * NULL) tells that the key id isn't in the set: fetch the set anew, at most once a second, and try
 * again.
 */
enum pl_err pl_token_check(json_t **claimsp, bool *unknown_keyp, const char *token,
			   size_t token_len, const json_t *jwks, int64_t now_s);

/*
 * pl_token_sign makes a compact token of claims, signed with a private ES256 JWK that has a "kid".
 * Claims without "iss" get ours. Returns PL_INVALID for a key that can't sign, PL_NOMEM. Free with
 * free().
 */
enum pl_err pl_token_sign(char **tokenp, const json_t *claims, const json_t *private_jwk);
/* pl_token_key makes a new private ES256 JWK with a random "kid". New reference. */
enum pl_err pl_token_key(json_t **private_jwkp);
/* pl_token_public returns the public part of a private JWK. New reference. */
json_t *pl_token_public(const json_t *private_jwk);

#endif
