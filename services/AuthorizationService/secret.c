/* secret.c — see secret.h. SPDX-License-Identifier: Apache-2.0 */
#include "secret.h"

#include <sodium.h>
#include <string.h>

#define UNRESERVED "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

enum { SECRET_BYTES = 32 };

static void to_base64url(char text[SECRET_CHARS + 1], const unsigned char bytes[SECRET_BYTES])
{
	sodium_bin2base64(text, SECRET_CHARS + 1, bytes, SECRET_BYTES,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void secret_make(char secret[SECRET_CHARS + 1])
{
	unsigned char bytes[SECRET_BYTES];

	randombytes_buf(bytes, sizeof(bytes));
	to_base64url(secret, bytes);
	sodium_memzero(bytes, sizeof(bytes));
}

void secret_digest(char digest[DIGEST_CHARS + 1], const char *secret)
{
	unsigned char bytes[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(bytes, (const unsigned char *)secret, strlen(secret));
	sodium_bin2hex(digest, DIGEST_CHARS + 1, bytes, sizeof(bytes));
}

bool challenge_is_good(const char *challenge)
{
	return strlen(challenge) == SECRET_CHARS && strspn(challenge, UNRESERVED) == SECRET_CHARS;
}

bool verifier_is_good(const char *verifier)
{
	size_t len = strlen(verifier);

	return len >= 43 && len <= 128 && strspn(verifier, UNRESERVED ".~") == len;
}

bool verifier_proves(const char *verifier, const char *challenge)
{
	unsigned char bytes[crypto_hash_sha256_BYTES];
	char text[SECRET_CHARS + 1];

	if (!verifier_is_good(verifier) || !challenge_is_good(challenge))
		return false;
	crypto_hash_sha256(bytes, (const unsigned char *)verifier, strlen(verifier));
	to_base64url(text, bytes);
	return sodium_memcmp(text, challenge, SECRET_CHARS) == 0;
}
