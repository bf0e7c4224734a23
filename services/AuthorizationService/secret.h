/*
 * secret.h — random secrets, what is kept of them, and proof of a code (RFC 7636).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AUTHORIZATION_SECRET_H
#define AUTHORIZATION_SECRET_H

#include <stdbool.h>

enum { SECRET_CHARS = 43, DIGEST_CHARS = 64 };

/* secret_make writes 256 random bits in base64url. */
void secret_make(char secret[SECRET_CHARS + 1]);

/* secret_digest writes the SHA-256 of a secret in hexadecimal: what the store keeps. */
void secret_digest(char digest[DIGEST_CHARS + 1], const char *secret);

/* challenge_is_good: 43 characters of base64url, as method S256 makes them (RFC 7636 §4.2). */
bool challenge_is_good(const char *challenge);

/* verifier_is_good: 43 to 128 unreserved characters (§4.1). */
bool verifier_is_good(const char *verifier);

/* verifier_proves tells whether a verifier has that challenge. Takes the same time for any verifier
 * of a length. */
bool verifier_proves(const char *verifier, const char *challenge);

#endif
