/* grant.c — see grant.h. SPDX-License-Identifier: Apache-2.0 */
#include "grant.h"

#include <string.h>

#include "audit.h"
#include "code.h"
#include "issue.h"
#include "pelago/json.h"
#include "reply.h"

enum { TOKEN_TEXT_MAX = 256, REDIRECT_MAX = 512 };

json_t *grant_wrong(void)
{
	return reply_oauth(400, "invalid_grant", "wrong user name or password");
}

json_t *client_wrong(void)
{
	return reply_oauth(401, "invalid_client", "unknown client, or wrong secret");
}

static enum pl_err no_grant(json_t **replyp, const char *description)
{
	*replyp = reply_oauth(400, "invalid_grant", description);
	return PL_OK;
}

/* What the request's form must and may have; a bad one is answered as OAuth wants it. */
struct form {
	const json_t *fields;
	const char *address;
	const char *missing; /* name of a member that is missing or too long */
};

static const char *field(struct form *form, const char *name, size_t max, bool is_needed)
{
	const char *text = NULL;

	if (pl_json_text(&text, form->fields, name, max, is_needed) || (is_needed && !*text)) {
		form->missing = name;
		return "";
	}
	return text ? text : "";
}

static enum pl_err bad_form(json_t **replyp, const struct form *form)
{
	*replyp = reply_body(
		400, json_pack("{s:s, s:o}", "error", "invalid_request", "error_description",
			       json_sprintf("%s is missing or too long", form->missing)));
	return PL_OK;
}

/* ---- with a password ---- */

static enum pl_err grant_password(struct pl_turn *turn, struct form *form, json_t **replyp)
{
	const char *username = field(form, "username", USERNAME_MAX, true);
	const char *password = field(form, "password", PASSWORD_MAX, true);
	const char *client = field(form, "client_id", USERNAME_MAX, false);

	if (form->missing)
		return bad_form(replyp, form);
	return login_begin(turn, "password", username, password, form->address,
			   json_pack("{s:s}", "client", client), replyp);
}

enum pl_err finish_password(struct pl_turn *turn, const json_t *user, const json_t *then,
			    json_t **replyp)
{
	char family[27];
	json_t *body;
	enum pl_err err;

	if (!user) {
		*replyp = grant_wrong();
		return PL_OK;
	}
	family_begin(turn, family, pl_json_get_text(then, "username"),
		     pl_json_get_text(then, "client"));
	body = issue_tokens(turn, user, family, &err);
	*replyp = body ? reply_body(200, body) : NULL;
	return err;
}

/* ---- a service account ---- */

static enum pl_err grant_client(struct pl_turn *turn, struct form *form, json_t **replyp)
{
	const char *client = field(form, "client_id", USERNAME_MAX, true);
	const char *secret = field(form, "client_secret", PASSWORD_MAX, true);

	if (form->missing)
		return bad_form(replyp, form);
	return login_begin(turn, "client_credentials", client, secret, form->address, json_object(),
			   replyp);
}

static bool has_role(const json_t *user, const char *name)
{
	json_t *role;
	size_t i;

	json_array_foreach(json_object_get(user, "roles"), i, role) {
		if (strcmp(json_string_value(role), name) == 0)
			return true;
	}
	return false;
}

/* No refresh token: the secret does as well (RFC 6749 §4.4.3). */
enum pl_err finish_client(struct pl_turn *turn, const json_t *user, const json_t *then,
			  json_t **replyp)
{
	json_t *body;
	enum pl_err err;

	if (!user) {
		*replyp = client_wrong();
		return PL_OK;
	}
	if (!has_role(user, "service")) {
		*replyp = reply_oauth(400, "unauthorized_client", "this is not a service account");
		return PL_OK;
	}
	body = issue_tokens(turn, user, NULL, &err);
	*replyp = body ? reply_body(200, body) : NULL;
	return err;
}

/* ---- a refresh token ---- */

static const char bad_refresh[] = "the refresh token is unknown, used, expired or revoked";

static enum pl_err grant_refresh(struct pl_turn *turn, struct form *form, json_t **replyp)
{
	const char *token = field(form, "refresh_token", TOKEN_TEXT_MAX, true);
	const char *client = field(form, "client_id", USERNAME_MAX, false);
	char digest[DIGEST_CHARS + 1];
	struct refresh refresh;

	if (form->missing)
		return bad_form(replyp, form);
	secret_digest(digest, token);
	if (!refresh_read(turn, &refresh, digest))
		return no_grant(replyp, bad_refresh);
	login_user(turn, "refresh_token", pl_hold(turn),
		   json_pack("{s:s, s:s, s:s, s:s}", "username", refresh.username, "client", client,
			     "digest", digest, "address", form->address));
	return PL_OK;
}

enum pl_err finish_refresh(struct pl_turn *turn, const json_t *user, const json_t *then,
			   json_t **replyp)
{
	const char *digest = pl_json_get_text(then, "digest");
	int64_t now = pl_turn_now_ms(turn);
	int64_t retry_ms = 1000 * pl_attribute_get(pl_turn_service(turn), "refresh_retry");
	struct refresh refresh;
	json_t *body;
	enum pl_err err;

	if (!refresh_read(turn, &refresh, digest) || refresh.is_revoked ||
	    refresh.expires_ms <= now ||
	    strcmp(refresh.client, pl_json_get_text(then, "client")) != 0)
		return no_grant(replyp, bad_refresh);
	if (!user || (refresh.used_ms && now - refresh.used_ms > retry_ms)) {
		family_revoke(turn, refresh.family);
		audit_note(turn, "refresh_token", refresh.username,
			   pl_json_get_text(then, "address"),
			   user ? "used again, family revoked" : "user gone, family revoked");
		return no_grant(replyp, bad_refresh);
	}
	refresh_use(turn, digest);
	body = issue_tokens(turn, user, refresh.family, &err);
	*replyp = body ? reply_body(200, body) : NULL;
	return err;
}

/* ---- a code ---- */

static const char bad_code[] = "the code is unknown, used or expired, or not for this client";

static enum pl_err grant_code(struct pl_turn *turn, struct form *form, json_t **replyp)
{
	const char *text = field(form, "code", TOKEN_TEXT_MAX, true);
	const char *client = field(form, "client_id", USERNAME_MAX, true);
	const char *redirect = field(form, "redirect_uri", REDIRECT_MAX, true);
	const char *verifier = field(form, "code_verifier", 128, true);
	char digest[DIGEST_CHARS + 1];
	struct code code;

	if (form->missing)
		return bad_form(replyp, form);
	secret_digest(digest, text);
	if (!code_read(turn, &code, digest))
		return no_grant(replyp, bad_code);
	login_user(turn, "authorization_code", pl_hold(turn),
		   json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "username", code.username, "client",
			     client, "digest", digest, "redirect", redirect, "verifier", verifier,
			     "address", form->address));
	return PL_OK;
}

/* A code that is tried once more ends what it gave; one that is tried wrongly is spent (RFC 6749
 * §4.1.2). */
enum pl_err finish_code(struct pl_turn *turn, const json_t *user, const json_t *then,
			json_t **replyp)
{
	const char *digest = pl_json_get_text(then, "digest");
	struct code code;
	char family[27];
	json_t *body;
	enum pl_err err;

	if (!code_read(turn, &code, digest))
		return no_grant(replyp, bad_code);
	if (code.is_spent) {
		family_revoke(turn, code.family);
		audit_note(turn, "authorization_code", code.username,
			   pl_json_get_text(then, "address"), "used again, family revoked");
		return no_grant(replyp, bad_code);
	}
	if (!user || code.expires_ms <= pl_turn_now_ms(turn) ||
	    strcmp(code.client, pl_json_get_text(then, "client")) != 0 ||
	    strcmp(code.redirect, pl_json_get_text(then, "redirect")) != 0 ||
	    !verifier_proves(pl_json_get_text(then, "verifier"), code.challenge)) {
		code_spend(turn, digest, "-");
		return no_grant(replyp, bad_code);
	}
	family_begin(turn, family, code.username, code.client);
	code_spend(turn, digest, family);
	body = issue_tokens(turn, user, family, &err);
	*replyp = body ? reply_body(200, body) : NULL;
	return err;
}

/* ---- the end-point ---- */

enum pl_err op_token(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	static const struct {
		const char *type;
		enum pl_err (*begin)(struct pl_turn *turn, struct form *form, json_t **replyp);
	} grants[] = {
		{ "password", grant_password },
		{ "refresh_token", grant_refresh },
		{ "authorization_code", grant_code },
		{ "client_credentials", grant_client },
	};
	struct form form = { .fields = json_object_get(body, "body"),
			     .address = pl_json_get_text(body, "from") };
	const char *type = field(&form, "grant_type", 64, true);

	if (form.missing)
		return bad_form(replyp, &form);
	for (size_t i = 0; i < sizeof(grants) / sizeof(grants[0]); i++)
		if (strcmp(grants[i].type, type) == 0)
			return grants[i].begin(turn, &form, replyp);
	*replyp = reply_oauth(400, "unsupported_grant_type",
			      "password, refresh_token, authorization_code or client_credentials");
	return PL_OK;
}
