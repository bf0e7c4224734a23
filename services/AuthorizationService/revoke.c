/* revoke.c — see revoke.h. SPDX-License-Identifier: Apache-2.0 */
#include "revoke.h"

#include <string.h>

#include "audit.h"
#include "issue.h"
#include "keys.h"
#include "pelago/json.h"
#include "pelago/token.h"
#include "reply.h"

enum { TOKEN_MAX = 8192 };

static json_t *claims_of(struct pl_turn *turn, const char *token)
{
	json_t *claims = NULL;

	if (pl_token_check(&claims, NULL, token, strlen(token), keys_public(),
			   pl_turn_now_ms(turn) / 1000))
		return NULL;
	return claims;
}

/* An unknown token is no error (RFC 7009 §2.2). */
enum pl_err op_revoke(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *token = NULL;
	char digest[DIGEST_CHARS + 1];
	struct refresh refresh;
	json_t *claims;

	if (pl_json_text(&token, json_object_get(body, "body"), "token", TOKEN_MAX, true)) {
		*replyp = reply_oauth(400, "invalid_request", "token is missing or too long");
		return PL_OK;
	}
	*replyp = reply_body(200, json_object());
	secret_digest(digest, token);
	if (refresh_read(turn, &refresh, digest)) {
		family_revoke(turn, refresh.family);
		audit_note(turn, "revoke", refresh.username, pl_json_get_text(body, "from"),
			   "revoked");
		return PL_OK;
	}
	claims = claims_of(turn, token);
	if (claims)
		pl_exec(turn,
			"insert into revoked (jti, expires_ms) values ($1, $2) on conflict (jti) do nothing",
			"si", pl_json_get_text(claims, "jti"),
			(int64_t)json_integer_value(json_object_get(claims, "exp")) * 1000);
	json_decref(claims);
	return PL_OK;
}

static bool is_revoked(struct pl_turn *turn, const json_t *claims)
{
	const char *family = pl_json_get_text(claims, "sid");
	struct pl_rows *rows = pl_query(turn, "select jti from revoked where jti = $1", "s",
					pl_json_get_text(claims, "jti"));
	bool found = pl_rows_next(rows);

	pl_rows_free(rows);
	return found || (*family && family_is_revoked(turn, family));
}

static enum pl_err introspect(struct pl_turn *turn, const json_t *fields, json_t **bodyp)
{
	const char *token = NULL;
	enum pl_err err = pl_json_text(&token, fields, "token", TOKEN_MAX, true);
	json_t *claims;

	if (err)
		return err;
	claims = claims_of(turn, token);
	if (claims && !is_revoked(turn, claims)) {
		json_object_set_new(claims, "active", json_true());
		json_object_set_new(claims, "token_type", json_string("Bearer"));
		*bodyp = json_incref(claims);
	} else {
		*bodyp = json_pack("{s:b}", "active", 0);
	}
	json_decref(claims);
	return PL_OK;
}

enum pl_err op_introspect(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return introspect(turn, body, replyp);
}

enum pl_err op_http_introspect(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *answer = NULL;
	enum pl_err err = introspect(turn, json_object_get(body, "body"), &answer);

	if (!err)
		*replyp = reply_body(200, answer);
	return err;
}
