/* code.c — see code.h. SPDX-License-Identifier: Apache-2.0 */
#include "code.h"

#include <stdio.h>
#include <string.h>

#include "pelago/json.h"
#include "redirect.h"
#include "reply.h"

enum { REDIRECT_MAX = 512, STATE_MAX = 512, URL_MAX = 4096 };

bool code_read(struct pl_turn *turn, struct code *code, const char digest[DIGEST_CHARS + 1])
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select username, client, redirect, challenge, family, expires_ms "
			 "from code where hash = $1",
			 "s", digest);
	bool found = pl_rows_next(rows);

	if (found) {
		snprintf(code->username, sizeof(code->username), "%s", pl_rows_text(rows, 0));
		snprintf(code->client, sizeof(code->client), "%s", pl_rows_text(rows, 1));
		snprintf(code->redirect, sizeof(code->redirect), "%s", pl_rows_text(rows, 2));
		snprintf(code->challenge, sizeof(code->challenge), "%s", pl_rows_text(rows, 3));
		snprintf(code->family, sizeof(code->family), "%s", pl_rows_text(rows, 4));
		code->is_spent = code->family[0] != '\0';
		code->expires_ms = pl_rows_int(rows, 5);
	}
	pl_rows_free(rows);
	return found;
}

void code_spend(struct pl_turn *turn, const char digest[DIGEST_CHARS + 1], const char *family)
{
	pl_exec(turn, "update code set family = $1 where hash = $2", "ss", family, digest);
}

json_t *authorize_wrong(void)
{
	return reply_problem(401, "Unauthorized", "unauthorized", "wrong user name or password");
}

/* The page that asks for the password gets what the request had. */
enum pl_err op_authorize_page(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	static const struct {
		const char *name;
		size_t max;
	} members[] = { { "response_type", 32 },	  { "client_id", USERNAME_MAX },
			{ "redirect_uri", REDIRECT_MAX }, { "state", STATE_MAX },
			{ "code_challenge", 128 },	  { "code_challenge_method", 16 } };
	const json_t *query = json_object_get(body, "query");
	char url[URL_MAX] = "/signin/";

	for (size_t i = 0; query && i < sizeof(members) / sizeof(members[0]); i++) {
		const char *text = NULL;
		enum pl_err err =
			pl_json_text(&text, query, members[i].name, members[i].max, false);

		if (err)
			return err;
		if (text && !url_add(url, sizeof(url), members[i].name, text))
			return pl_fail(PL_INVALID, "the request is too long");
	}
	*replyp = reply_redirect(url);
	return PL_OK;
}

/* ---- a code is asked for ---- */

struct ask {
	const char *username, *password, *client, *redirect, *state, *challenge, *method, *origin;
};

static enum pl_err ask_read(struct ask *ask, const json_t *body)
{
	struct {
		const char **textp;
		const char *name;
		size_t max;
		bool is_needed;
	} members[] = {
		{ &ask->username, "username", USERNAME_MAX, true },
		{ &ask->password, "password", PASSWORD_MAX, true },
		{ &ask->client, "client_id", USERNAME_MAX, true },
		{ &ask->redirect, "redirect_uri", REDIRECT_MAX, true },
		{ &ask->state, "state", STATE_MAX, false },
		{ &ask->challenge, "code_challenge", 128, true },
		{ &ask->method, "code_challenge_method", 16, true },
	};
	const json_t *fields = json_object_get(body, "body");
	enum pl_err err = pl_json_text(&ask->origin, body, "origin", REDIRECT_MAX, false);

	for (size_t i = 0; !err && i < sizeof(members) / sizeof(members[0]); i++)
		err = pl_json_text(members[i].textp, fields, members[i].name, members[i].max,
				   members[i].is_needed);
	if (!err && strcmp(ask->client, "pelago-web") != 0)
		err = pl_fail(PL_INVALID, "client_id is unknown");
	if (!err && (strcmp(ask->method, "S256") != 0 || !challenge_is_good(ask->challenge)))
		err = pl_fail(PL_INVALID,
			      "code_challenge_method must be S256, with a challenge of its kind");
	if (!err && !redirect_is_good(ask->redirect, ask->origin ? ask->origin : ""))
		err = pl_fail(PL_INVALID, "redirect_uri is not a page of this client");
	return err;
}

enum pl_err op_authorize(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct ask ask = { 0 };
	enum pl_err err = ask_read(&ask, body);

	if (err)
		return err;
	return login_begin(turn, "authorize", ask.username, ask.password,
			   pl_json_get_text(body, "from"),
			   json_pack("{s:s, s:s, s:s*, s:s}", "client", ask.client, "redirect",
				     ask.redirect, "state", ask.state, "challenge", ask.challenge),
			   replyp);
}

enum pl_err finish_authorize(struct pl_turn *turn, const json_t *user, const json_t *then,
			     json_t **replyp)
{
	const char *redirect = pl_json_get_text(then, "redirect");
	const char *state = json_string_value(json_object_get(then, "state"));
	char secret[SECRET_CHARS + 1], digest[DIGEST_CHARS + 1], url[URL_MAX];

	if (!user) {
		*replyp = authorize_wrong();
		return PL_OK;
	}
	secret_make(secret);
	secret_digest(digest, secret);
	snprintf(url, sizeof(url), "%s", redirect);
	if (!url_add(url, sizeof(url), "code", secret) ||
	    (state && !url_add(url, sizeof(url), "state", state)))
		return pl_fail(PL_INVALID, "the request is too long");
	pl_exec(turn,
		"insert into code (hash, username, client, redirect, challenge, family, expires_ms) "
		"values ($1, $2, $3, $4, $5, '', $6)",
		"sssssi", digest, pl_json_get_text(then, "username"),
		pl_json_get_text(then, "client"), redirect, pl_json_get_text(then, "challenge"),
		pl_turn_now_ms(turn) + CODE_LIFE_MS);
	*replyp = reply_body(200, json_pack("{s:s}", "redirect", url));
	return PL_OK;
}
