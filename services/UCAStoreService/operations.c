/*
 * operations.c — users to read, list and write; the same three for the bus and for HTTP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "operations.h"

#include "account.h"
#include "check.h"
#include "pelago/json.h"
#include "pelago/page.h"
#include "resource.h"

/* ---- what both sides share ---- */

static enum pl_err read_page(struct pl_turn *turn, const json_t *from, json_t **pagep)
{
	struct pl_page page;
	const char *role = NULL;
	json_t *users, *user;
	size_t i;
	enum pl_err err = pl_page_read(&page, from, "users");

	if (!err)
		err = pl_json_text(&role, from, "role", 40, false);
	if (err)
		return err;
	users = account_list(turn, page.after, role ? role : "", page.limit + 1);
	json_array_foreach(users, i, user)
		pl_page_add(&page, json_incref(user), "%s", pl_json_get_text(user, "id"));
	json_decref(users);
	*pagep = pl_page_answer(&page);
	return *pagep ? PL_OK : PL_NOMEM;
}

/* What isn't given stays; a new user gets the defaults. */
static enum pl_err write_user(struct pl_turn *turn, const char *id, const json_t *given,
			      json_t **userp)
{
	static const char *const members[] = { "name",	       "roles",	    "enabled",
					       "attributes",   "capacity",  "wrapUpSeconds",
					       "offerSeconds", "autoReady", "rank",
					       "workSelection" };
	json_t *user = NULL;
	enum pl_err err;

	if (!user_id_is_good(id))
		return pl_fail(PL_INVALID, "id: letters, digits and . _ - @ only");
	err = account_read(turn, id, &user);
	if (err == PL_NOTFOUND) {
		err = PL_OK;
		user = json_pack("{s:s, s:b, s:[], s:{s:i, s:i}}", "id", id, "enabled", 1,
				 "attributes", "capacity", "total", 5, "chat", 5);
	}
	for (size_t i = 0; !err && i < sizeof(members) / sizeof(members[0]); i++) {
		json_t *value = json_object_get(given, members[i]);

		if (value)
			json_object_set(user, members[i], value);
	}
	if (!err)
		err = user_check(user);
	if (!err)
		account_write(turn, user);
	json_decref(user);
	return err ? err : account_read(turn, id, userp);
}

/* ---- the bus ---- */

/* {user} → {user:{…}, reasons:[code, …]} */
static enum pl_err op_user(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	json_t *user = NULL;
	enum pl_err err = pl_json_text(&id, body, "user", USER_ID_MAX, true);

	if (!err)
		err = account_read(turn, id, &user);
	if (!err)
		*replyp = json_pack("{s:o, s:o}", "user", user, "reasons",
				    resource_codes(turn, "reasons"));
	return err;
}

/* {cursor, limit, role} → {items:[…], cursor} */
static enum pl_err op_users(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return read_page(turn, body, replyp);
}

/* {user:{id, …}} → {user:{…}} */
static enum pl_err op_set_user(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	json_t *given = NULL, *user = NULL;
	enum pl_err err = pl_json_object(&given, body, "user", 20, true);

	if (!err)
		err = pl_json_text(&id, given, "id", USER_ID_MAX, true);
	if (!err)
		err = write_user(turn, id, given, &user);
	if (!err)
		*replyp = json_pack("{s:o}", "user", user);
	return err;
}

/* ---- HTTP ---- */

static enum pl_err http_users(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *page = NULL;
	enum pl_err err = read_page(turn, json_object_get(body, "query"), &page);

	if (!err)
		*replyp = json_pack("{s:i, s:o}", "status", 200, "body", page);
	return err;
}

static enum pl_err http_user(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	json_t *user = NULL;
	enum pl_err err = pl_json_text(&id, body, "path.id", USER_ID_MAX, true);

	if (!err)
		err = account_read(turn, id, &user);
	if (!err)
		*replyp = json_pack("{s:i, s:o}", "status", 200, "body", user);
	return err;
}

static enum pl_err http_set_user(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	json_t *given = NULL, *user = NULL;
	enum pl_err err = pl_json_text(&id, body, "path.id", USER_ID_MAX, true);

	if (!err)
		err = pl_json_object(&given, body, "body", 20, true);
	if (!err)
		err = write_user(turn, id, given, &user);
	if (!err)
		*replyp = json_pack("{s:i, s:o}", "status", 200, "body", user);
	return err;
}

const struct pl_op operations[] = {
	{ "user", op_user, PL_OP_READ },
	{ "users", op_users, PL_OP_READ },
	{ "set-user", op_set_user, 0 },
	{ "http-user", http_user, PL_OP_READ },
	{ "http-users", http_users, PL_OP_READ },
	{ "http-set-user", http_set_user, 0 },
	{ "http-resources", http_resources, PL_OP_READ },
	{ "http-resource", http_resource, PL_OP_READ },
	{ "http-set-resource", http_set_resource, 0 },
	{ "http-delete-resource", http_delete_resource, 0 },
	{ "http-desk", http_desk, PL_OP_READ },
	{ 0 },
};
