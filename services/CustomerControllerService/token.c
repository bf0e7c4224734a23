/*
 * token.c — resume tokens.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "token.h"

#include <sodium.h>
#include <string.h>

enum { SECRET_LEN = 32, SECRET_USED_MS = 600000, SECRET_KEPT_MS = 1800000 };

static int64_t make_secret(struct pl_turn *turn, int64_t id)
{
	unsigned char secret[SECRET_LEN];
	int64_t now_ms = pl_turn_now_ms(turn);

	randombytes_buf(secret, sizeof(secret));
	pl_exec(turn, "insert into chat_secret (id, made_ms, secret) values ($1, $2, $3)", "iib",
		id, now_ms, secret, sizeof(secret));
	pl_exec(turn, "delete from chat_secret where made_ms < $1", "i", now_ms - SECRET_KEPT_MS);
	sodium_memzero(secret, sizeof(secret));
	return id;
}

int64_t token_secret(struct pl_turn *turn)
{
	struct pl_rows *rows =
		pl_query(turn, "select id, made_ms from chat_secret order by id desc limit 1", "");
	int64_t id = 0, age_ms = SECRET_USED_MS;

	if (pl_rows_next(rows)) {
		id = pl_rows_int(rows, 0);
		age_ms = pl_turn_now_ms(turn) - pl_rows_int(rows, 1);
	}
	pl_rows_free(rows);
	return age_ms >= 0 && age_ms < SECRET_USED_MS ? id : make_secret(turn, id + 1);
}

bool token_make(struct pl_turn *turn, char token[TOKEN_SIZE], const char *contact_id,
		int64_t secret_id)
{
	struct pl_rows *rows =
		pl_query(turn, "select secret from chat_secret where id = $1", "i", secret_id);
	unsigned char raw[32];
	const void *secret;
	bool found = false;
	size_t len = 0;

	if (pl_rows_next(rows)) {
		secret = pl_rows_blob(rows, 0, &len);
		found = secret && len == SECRET_LEN &&
			crypto_generichash(raw, sizeof(raw), (const unsigned char *)contact_id,
					   strlen(contact_id), secret, len) == 0;
	}
	pl_rows_free(rows);
	if (found)
		sodium_bin2base64(token, TOKEN_SIZE, raw, sizeof(raw),
				  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return found;
}

void token_hash(unsigned char hash[TOKEN_HASH_LEN], const char *token)
{
	crypto_generichash(hash, TOKEN_HASH_LEN, (const unsigned char *)token, strlen(token), NULL,
			   0);
}

bool token_fits(const char *token, const void *hash, size_t hash_len)
{
	unsigned char own[TOKEN_HASH_LEN];

	token_hash(own, token);
	return hash && hash_len == sizeof(own) && sodium_memcmp(own, hash, sizeof(own)) == 0;
}
