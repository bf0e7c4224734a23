/*
 * operations.c — users to read, list and write; the same three for the bus and for HTTP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "operations.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "check.h"
#include "pelago/json.h"

enum { PAGE = 50, PAGE_MOST = 200 };

static void add_setting(struct pl_turn *turn, json_t *user, const char *member,
			const char *attribute)
{
	if (!json_object_get(user, member))
		json_object_set_new(
			user, member,
			json_integer(pl_attribute_get(pl_turn_service(turn), attribute)));
}

static void add_settings(struct pl_turn *turn, json_t *user)
{
	add_setting(turn, user, "wrapUpSeconds", "wrap_up");
	add_setting(turn, user, "offerSeconds", "offer_time");
}

/* ---- what both sides share ---- */

static enum pl_err read_user(struct pl_turn *turn, const char *id, json_t **userp)
{
	enum pl_err err = account_read(turn, id, userp);

	if (!err)
		add_settings(turn, *userp);
	return err;
}

static json_t *read_page(struct pl_turn *turn, const char *cursor, const char *role, int64_t limit)
{
	json_t *users = account_list(turn, cursor ? cursor : "", role ? role : "", limit + 1);
	json_t *page = json_pack("{s:O}", "users", users), *user;
	size_t i;

	if (json_array_size(users) > (size_t)limit) {
		json_array_remove(users, (size_t)limit);
		json_object_set(page, "cursor",
				json_object_get(json_array_get(users, (size_t)limit - 1), "id"));
	}
	json_array_foreach(users, i, user)
		add_settings(turn, user);
	json_decref(users);
	return page;
}

/* What isn't given stays; a new user gets the defaults. */
static enum pl_err write_user(struct pl_turn *turn, const char *id, const json_t *given,
			      json_t **userp)
{
	static const char *const members[] = { "name",	      "roles",	  "enabled",
					       "attributes",  "capacity", "wrapUpSeconds",
					       "offerSeconds" };
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
	if (err) {
		json_decref(user);
		return err;
	}
	account_write(turn, user);
	add_settings(turn, user);
	*userp = user;
	return PL_OK;
}

/* ---- the bus ---- */

/* {user} → {user:{…}} */
static enum pl_err op_user(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	json_t *user = NULL;
	enum pl_err err = pl_json_text(&id, body, "user", USER_ID_MAX, true);

	if (!err)
		err = read_user(turn, id, &user);
	if (!err)
		*replyp = json_pack("{s:o}", "user", user);
	return err;
}

/* {cursor, limit, role} → {users:[…], cursor} */
static enum pl_err op_users(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *cursor = NULL, *role = NULL;
	int64_t limit = PAGE;
	enum pl_err err = pl_json_text(&cursor, body, "cursor", USER_ID_MAX, false);

	if (!err)
		err = pl_json_text(&role, body, "role", 40, false);
	if (!err)
		err = pl_json_int(&limit, body, "limit", 1, PAGE_MOST, false);
	if (!err)
		*replyp = read_page(turn, cursor, role, limit);
	return err;
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

static enum pl_err read_limit(int64_t *limitp, const json_t *body)
{
	const char *text = NULL;
	char *end = NULL;
	enum pl_err err = pl_json_text(&text, body, "query.limit", 10, false);

	if (err || !text)
		return err;
	errno = 0;
	*limitp = strtol(text, &end, 10);
	if (errno || end == text || *end || *limitp < 1 || *limitp > PAGE_MOST)
		return pl_fail(PL_INVALID, "limit is not a number from 1 to %d", PAGE_MOST);
	return PL_OK;
}

static enum pl_err http_users(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *cursor = NULL, *role = NULL;
	int64_t limit = PAGE;
	enum pl_err err = pl_json_text(&cursor, body, "query.cursor", USER_ID_MAX, false);

	if (!err)
		err = pl_json_text(&role, body, "query.role", 40, false);
	if (!err)
		err = read_limit(&limit, body);
	if (!err)
		*replyp = json_pack("{s:i, s:o}", "status", 200, "body",
				    read_page(turn, cursor, role, limit));
	return err;
}

static enum pl_err http_user(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	json_t *user = NULL;
	enum pl_err err = pl_json_text(&id, body, "path.id", USER_ID_MAX, true);

	if (!err)
		err = read_user(turn, id, &user);
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
	{ 0 },
};
