/* account.c — see account.h. SPDX-License-Identifier: Apache-2.0 */
#include "account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"

/* Members kept together as JSON: only who asks for them reads them. */
static const char *const routing[] = { "autoReady", "rank", "workSelection" };

/* As from_row reads them. */
#define COLUMNS "id, name, roles, enabled, capacity, wrap_up_s, offer_s, routing"

static json_t *from_row(struct pl_rows *rows)
{
	json_t *more = json_loads(pl_rows_text(rows, 7), 0, NULL);
	json_t *user = json_pack("{s:s, s:s, s:o, s:b, s:o}", "id", pl_rows_text(rows, 0), "name",
				 pl_rows_text(rows, 1), "roles",
				 json_loads(pl_rows_text(rows, 2), 0, NULL), "enabled",
				 (int)pl_rows_int(rows, 3), "capacity",
				 json_loads(pl_rows_text(rows, 4), 0, NULL));

	if (user && pl_rows_int(rows, 5))
		json_object_set_new(user, "wrapUpSeconds", json_integer(pl_rows_int(rows, 5)));
	if (user && pl_rows_int(rows, 6))
		json_object_set_new(user, "offerSeconds", json_integer(pl_rows_int(rows, 6)));
	if (user && more)
		json_object_update(user, more);
	json_decref(more);
	return user;
}

static void add_attributes(struct pl_turn *turn, json_t *user)
{
	json_t *list = json_array();
	struct pl_rows *rows = pl_query(
		turn,
		"select name, proficiency from agent_attribute where account = $1 order by name",
		"s", pl_json_get_text(user, "id"));

	while (pl_rows_next(rows))
		json_array_append_new(list,
				      json_pack("{s:s, s:I}", "name", pl_rows_text(rows, 0),
						"proficiency", (json_int_t)pl_rows_int(rows, 1)));
	pl_rows_free(rows);
	json_object_set_new(user, "attributes", list);
}

enum pl_err account_read(struct pl_turn *turn, const char *id, json_t **userp)
{
	struct pl_rows *rows =
		pl_query(turn, "select " COLUMNS " from account where id = $1", "s", id);
	json_t *user = NULL;

	if (pl_rows_next(rows))
		user = from_row(rows);
	pl_rows_free(rows);
	if (!user)
		return pl_fail(PL_NOTFOUND, "there is no user %.64s", id);
	add_attributes(turn, user);
	*userp = user;
	return PL_OK;
}

json_t *account_list(struct pl_turn *turn, const char *after, const char *role, int64_t limit)
{
	json_t *list = json_array(), *user;
	struct pl_rows *rows;
	char like[80] = "";
	size_t i;

	if (*role)
		snprintf(like, sizeof(like), "%%\"%.64s\"%%", role);
	rows = pl_query(turn,
			"select " COLUMNS " from account "
			"where id > $1 and ($2 = '' or roles like $2) order by id limit $3",
			"ssi", after, like, limit);
	while (pl_rows_next(rows))
		json_array_append_new(list, from_row(rows));
	pl_rows_free(rows);
	json_array_foreach(list, i, user)
		add_attributes(turn, user);
	return list;
}

void account_write(struct pl_turn *turn, const json_t *user)
{
	const char *id = pl_json_get_text(user, "id");
	char *roles = pl_json_dump(json_object_get(user, "roles"));
	char *capacity = pl_json_dump(json_object_get(user, "capacity"));
	json_t *more = json_object(), *attribute;
	char *more_text;
	size_t i;

	for (i = 0; i < sizeof(routing) / sizeof(routing[0]); i++)
		if (json_object_get(user, routing[i]))
			json_object_set(more, routing[i], json_object_get(user, routing[i]));
	more_text = pl_json_dump(more);
	json_decref(more);

	pl_exec(turn,
		"insert into account (id, name, roles, enabled, capacity, wrap_up_s, offer_s, changed_ms, routing) "
		"values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do update set "
		"name = excluded.name, roles = excluded.roles, enabled = excluded.enabled, "
		"capacity = excluded.capacity, wrap_up_s = excluded.wrap_up_s, "
		"offer_s = excluded.offer_s, changed_ms = excluded.changed_ms, "
		"routing = excluded.routing",
		"sssisiiis", id, pl_json_get_text(user, "name"), roles,
		(int64_t)json_is_true(json_object_get(user, "enabled")), capacity,
		(int64_t)json_integer_value(json_object_get(user, "wrapUpSeconds")),
		(int64_t)json_integer_value(json_object_get(user, "offerSeconds")),
		pl_turn_now_ms(turn), more_text);
	pl_exec(turn, "delete from agent_attribute where account = $1", "s", id);
	json_array_foreach(json_object_get(user, "attributes"), i, attribute)
		pl_exec(turn,
			"insert into agent_attribute (account, name, proficiency) values ($1, $2, $3)",
			"ssi", id, pl_json_get_text(attribute, "name"),
			(int64_t)json_integer_value(json_object_get(attribute, "proficiency")));
	free(more_text);
	free(roles);
	free(capacity);
}

bool account_any(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn, "select id from account limit 1", "");
	bool any = pl_rows_next(rows);

	pl_rows_free(rows);
	return any;
}
