/*
 * token.h — resume tokens: 256 bits that prove that this is the customer who opened a chat.
 *
 * A token is a keyed hash of the contact's id (BLAKE2b), so that the answer to `open` can be given
 * again for a while without keeping the token: what is kept is its hash, and for half an hour the
 * key.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CHAT_TOKEN_H
#define CHAT_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "pelago/service.h"

enum { TOKEN_SIZE = 44, TOKEN_HASH_LEN = 32 }; /* base64url of 32 bytes, and the end */

/* token_secret returns the number of the key for new tokens; makes one when the last is 10 minutes
 * old. */
int64_t token_secret(struct pl_turn *turn);
/* token_make writes a contact's token; false if its key is no longer kept. */
bool token_make(struct pl_turn *turn, char token[TOKEN_SIZE], const char *contact_id,
		int64_t secret_id);
void token_hash(unsigned char hash[TOKEN_HASH_LEN], const char *token);
/* token_fits compares in constant time. */
bool token_fits(const char *token, const void *hash, size_t hash_len);

#endif
