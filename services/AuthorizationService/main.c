/*
 * main.c — AuthorizationService: passwords, codes, tokens and the keys that they are signed with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sodium.h>

#include "account.h"
#include "code.h"
#include "grant.h"
#include "keys.h"
#include "login.h"
#include "migrations.h"
#include "pelago/json.h"
#include "reply.h"
#include "revoke.h"

const struct login_flow login_flows[] = {
	{ "password", finish_password, grant_wrong, reply_oauth_locked },
	{ "client_credentials", finish_client, client_wrong, reply_oauth_locked },
	{ "authorize", finish_authorize, authorize_wrong, reply_problem_locked },
	{ "refresh_token", finish_refresh, NULL, NULL },
	{ "authorization_code", finish_code, NULL, NULL },
	{ 0 },
};

static enum pl_err op_jwks(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	*replyp = json_deep_copy(keys_public());
	return PL_OK;
}

static enum pl_err op_http_jwks(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	*replyp = json_pack("{s:i, s:{s:s}, s:O}", "status", 200, "headers", "Cache-Control",
			    "max-age=60", "body", keys_public());
	return PL_OK;
}

static enum pl_err op_set_password(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *username = NULL, *password = NULL;
	enum pl_err err = pl_json_text(&username, body, "username", USERNAME_MAX, true);

	if (!err)
		err = pl_json_text(&password, body, "password", PASSWORD_MAX, true);
	if (!err && (!*username || !*password))
		err = pl_fail(PL_INVALID, "user name or password is empty");
	return err ? err : login_set_password(turn, username, password);
}

static const struct pl_op operations[] = {
	{ "token", op_token, 0 },
	{ "authorize-page", op_authorize_page, PL_OP_READ },
	{ "authorize", op_authorize, 0 },
	{ "revoke", op_revoke, 0 },
	{ "introspect", op_introspect, PL_OP_READ },
	{ "http-introspect", op_http_introspect, PL_OP_READ },
	{ "jwks", op_jwks, PL_OP_READ },
	{ "http-jwks", op_http_jwks, PL_OP_READ },
	{ "set-password", op_set_password, 0 },
	{ 0 },
};

static enum pl_err rebuild(struct pl_turn *turn)
{
	enum pl_err err = keys_load(turn);

	if (!err)
		err = account_import(turn);
	if (!err && account_next())
		pl_service_post(pl_turn_service(turn), login_hash_next, json_object(), NULL);
	return err;
}

/* What can't be used any more is kept a while longer, so that a reuse is still recognized. */
static enum pl_err tick(struct pl_turn *turn)
{
	int64_t now = pl_turn_now_ms(turn), day = 86400000;

	pl_exec(turn, "delete from code where expires_ms < $1", "i", now - day);
	pl_exec(turn, "delete from refresh where expires_ms < $1", "i", now - day);
	pl_exec(turn, "delete from family where expires_ms < $1", "i", now - day);
	pl_exec(turn, "delete from revoked where expires_ms < $1", "i", now);
	pl_exec(turn, "delete from lockout where failed_ms < $1 and until_ms < $1", "i", now - day);
	pl_exec(turn, "delete from audit where at_ms < $1", "i",
		now - day * pl_attribute_get(pl_turn_service(turn), "audit_kept"));
	if (account_next())
		pl_service_post(pl_turn_service(turn), login_hash_next, json_object(), NULL);
	return PL_OK;
}

static enum pl_err start(struct pl_service *service)
{
	if (sodium_init() < 0)
		return pl_fail(PL_INTERNAL, "no source of random numbers");
	return login_start(service);
}

static void stop(struct pl_service *service)
{
	login_stop();
	account_forget();
	keys_forget();
}

int main(int argc, char **argv)
{
	const struct pl_service_def def = {
		.name = "AuthorizationService",
		.migrations = migrations,
		.migrations_count = migrations_count,
		.ops = operations,
		.rebuild = rebuild,
		.tick = tick,
		.tick_ms = 60000,
		.start = start,
		.stop = stop,
	};

	return pl_service_main(argc, argv, &def);
}
