/* issue.c — see issue.h. SPDX-License-Identifier: Apache-2.0 */
#include "issue.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "pelago/json.h"

void family_begin(struct pl_turn *turn, char family[27], const char *username, const char *client)
{
	int64_t now = pl_turn_now_ms(turn);

	pl_id(family);
	pl_exec(turn,
		"insert into family (id, username, client, began_ms, expires_ms, revoked_ms) "
		"values ($1, $2, $3, $4, $5, 0)",
		"sssii", family, username, client, now,
		now + pl_attribute_get(pl_turn_service(turn), "refresh_life") * 1000);
}

void family_revoke(struct pl_turn *turn, const char *family)
{
	pl_exec(turn, "update family set revoked_ms = $1 where id = $2 and revoked_ms = 0", "is",
		pl_turn_now_ms(turn), family);
}

bool family_is_revoked(struct pl_turn *turn, const char *family)
{
	struct pl_rows *rows =
		pl_query(turn, "select revoked_ms from family where id = $1", "s", family);
	bool is_revoked = !pl_rows_next(rows) || pl_rows_int(rows, 0) > 0;

	pl_rows_free(rows);
	return is_revoked;
}

static enum pl_err sign(char **tokenp, struct pl_turn *turn, const json_t *user, const char *family,
			int64_t life_s)
{
	json_int_t now_s = pl_turn_now_ms(turn) / 1000;
	json_t *claims;
	char jti[27];
	enum pl_err err;

	pl_id(jti);
	claims = json_pack("{s:s, s:O, s:O, s:O, s:I, s:I, s:s, s:s*}", "iss", "pelago", "sub",
			   json_object_get(user, "id"), "name", json_object_get(user, "name"),
			   "roles", json_object_get(user, "roles"), "iat", now_s, "exp",
			   now_s + life_s, "jti", jti, "sid", family);
	if (!claims)
		return pl_fail(PL_UNAVAILABLE, "the user store's answer is not understood");
	err = keys_sign(tokenp, claims);
	json_decref(claims);
	return err;
}

static void add_refresh(struct pl_turn *turn, json_t *body, const char *family)
{
	char secret[SECRET_CHARS + 1], digest[DIGEST_CHARS + 1];

	secret_make(secret);
	secret_digest(digest, secret);
	pl_exec(turn,
		"insert into refresh (hash, family, used_ms, expires_ms) "
		"select $1, id, 0, expires_ms from family where id = $2",
		"ss", digest, family);
	json_object_set_new(body, "refresh_token", json_string(secret));
	sodium_memzero(secret, sizeof(secret));
}

json_t *issue_tokens(struct pl_turn *turn, const json_t *user, const char *family,
		     enum pl_err *errp)
{
	int64_t life_s = pl_attribute_get(pl_turn_service(turn), "token_life");
	char *token = NULL;
	json_t *body;

	*errp = sign(&token, turn, user, family, life_s);
	if (*errp)
		return NULL;
	body = json_pack("{s:s, s:s, s:I}", "access_token", token, "token_type", "Bearer",
			 "expires_in", (json_int_t)life_s);
	free(token);
	if (family)
		add_refresh(turn, body, family);
	return body;
}

bool refresh_read(struct pl_turn *turn, struct refresh *refresh,
		  const char digest[DIGEST_CHARS + 1])
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select f.id, f.username, f.client, f.revoked_ms, f.expires_ms, r.used_ms "
			 "from refresh r join family f on f.id = r.family where r.hash = $1",
			 "s", digest);
	bool found = pl_rows_next(rows);

	if (found) {
		snprintf(refresh->family, sizeof(refresh->family), "%s", pl_rows_text(rows, 0));
		snprintf(refresh->username, sizeof(refresh->username), "%s", pl_rows_text(rows, 1));
		snprintf(refresh->client, sizeof(refresh->client), "%s", pl_rows_text(rows, 2));
		refresh->is_revoked = pl_rows_int(rows, 3) > 0;
		refresh->expires_ms = pl_rows_int(rows, 4);
		refresh->used_ms = pl_rows_int(rows, 5);
	}
	pl_rows_free(rows);
	return found;
}

void refresh_use(struct pl_turn *turn, const char digest[DIGEST_CHARS + 1])
{
	pl_exec(turn, "update refresh set used_ms = $1 where hash = $2 and used_ms = 0", "is",
		pl_turn_now_ms(turn), digest);
}
