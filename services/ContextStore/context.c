/* context.c — see context.h. SPDX-License-Identifier: Apache-2.0 */
#include "context.h"

#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"

enum { SWEEP_ROWS = 200 };

void context_fini(struct context *context)
{
	free(context->id);
	json_decref(context->entry);
	memset(context, 0, sizeof(*context));
}

static bool take_row(struct context *context, struct pl_rows *rows)
{
	bool found = pl_rows_next(rows);

	if (found) {
		context->id = strdup(pl_rows_text(rows, 0));
		context->entry = json_loads(pl_rows_text(rows, 1), 0, NULL);
		context->version = pl_rows_int(rows, 2);
		context->lease_s = pl_rows_int(rows, 3);
		context->expires_ms = pl_rows_int(rows, 4);
	}
	pl_rows_free(rows);
	return found;
}

enum pl_err context_read(struct pl_turn *turn, struct context *context, const char *id)
{
	memset(context, 0, sizeof(*context));
	if (!take_row(context,
		      pl_query(turn,
			       "select id, entry, version, lease_s, expires_ms from context "
			       "where id = $1",
			       "s", id)))
		take_row(
			context,
			pl_query(
				turn,
				"select c.id, c.entry, c.version, c.lease_s, c.expires_ms "
				"from alias a join context c on c.id = a.context where a.alias = $1",
				"s", id));
	if (context->id && context->entry && context->expires_ms > pl_turn_now_ms(turn))
		return PL_OK;
	context_fini(context);
	return pl_fail(PL_NOTFOUND, "there is no such context");
}

enum pl_err context_may_alias(struct pl_turn *turn, const struct context *context)
{
	enum pl_err err = PL_OK;
	json_t *alias;
	size_t i;

	json_array_foreach(json_object_get(context->entry, "aliasIds"), i, alias) {
		struct context other;

		if (err || context_read(turn, &other, json_string_value(alias)))
			continue;
		if (strcmp(other.id, context->id) != 0)
			err = pl_fail(PL_STATE, "aliasIds[%zu] names another context", i);
		context_fini(&other);
	}
	return err;
}

static void audit(struct pl_turn *turn, const char *context, int64_t version,
		  const struct touch *touch)
{
	char id[27];

	pl_id(id);
	pl_exec(turn,
		"insert into context_audit (id, context, at_ms, operation, version, touchpoint) "
		"values ($1, $2, $3, $4, $5, $6)",
		"ssisis", id, context, pl_turn_now_ms(turn), touch->operation, version,
		touch->touchpoint ? touch->touchpoint : "");
}

/* A row whose lease has run out gives its aliases up. */
static void write_aliases(struct pl_turn *turn, const struct context *context)
{
	json_t *alias;
	size_t i;

	pl_exec(turn, "delete from alias where context = $1", "s", context->id);
	json_array_foreach(json_object_get(context->entry, "aliasIds"), i, alias)
		pl_exec(turn,
			"insert into alias (alias, context) values ($1, $2) "
			"on conflict (alias) do update set context = excluded.context",
			"ss", json_string_value(alias), context->id);
}

void context_write(struct pl_turn *turn, struct context *context, const struct touch *touch)
{
	char *text = pl_json_dump(context->entry);

	context->version++;
	context->expires_ms = pl_turn_now_ms(turn) + context->lease_s * 1000;
	pl_exec(turn,
		"insert into context (id, entry, group_id, version, lease_s, expires_ms) "
		"values ($1, $2, $3, $4, $5, $6) on conflict (id) do update set entry = excluded.entry, "
		"group_id = excluded.group_id, version = excluded.version, lease_s = excluded.lease_s, "
		"expires_ms = excluded.expires_ms",
		"sssiii", context->id, text, pl_json_get_text(context->entry, "groupId"),
		context->version, context->lease_s, context->expires_ms);
	write_aliases(turn, context);
	audit(turn, context->id, context->version, touch);
	free(text);
}

void context_delete(struct pl_turn *turn, const struct context *context, const struct touch *touch)
{
	pl_exec(turn, "delete from alias where context = $1", "s", context->id);
	pl_exec(turn, "delete from context where id = $1", "s", context->id);
	audit(turn, context->id, context->version, touch);
}

json_t *context_audit(struct pl_turn *turn, const char *id)
{
	json_t *list = json_array();
	struct pl_rows *rows = pl_query(
		turn,
		"select at_ms, operation, version, touchpoint from context_audit where context = $1 "
		"order by at_ms desc, case when operation in ('delete', 'expire') then 1 else 0 end desc, "
		"version desc limit 100",
		"s", id);

	while (pl_rows_next(rows))
		json_array_insert_new(list, 0,
				      json_pack("{s:I, s:s, s:I, s:s}", "atMs",
						(json_int_t)pl_rows_int(rows, 0), "operation",
						pl_rows_text(rows, 1), "version",
						(json_int_t)pl_rows_int(rows, 2), "touchpoint",
						pl_rows_text(rows, 3)));
	pl_rows_free(rows);
	return list;
}

void context_sweep(struct pl_turn *turn, int64_t kept_ms)
{
	static const struct touch touch = { "expire", NULL };
	json_t *ids = json_array(), *id;
	struct pl_rows *rows = pl_query(
		turn,
		"select id, version from context where expires_ms <= $1 order by expires_ms limit $2",
		"ii", pl_turn_now_ms(turn), (int64_t)SWEEP_ROWS);
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_pack("{s:s, s:I}", "id", pl_rows_text(rows, 0),
						     "version", (json_int_t)pl_rows_int(rows, 1)));
	pl_rows_free(rows);
	json_array_foreach(ids, i, id) {
		struct context context = { .id = (char *)(uintptr_t)pl_json_get_text(id, "id"),
					   .version = json_integer_value(
						   json_object_get(id, "version")) };

		context_delete(turn, &context, &touch);
	}
	json_decref(ids);
	pl_exec(turn, "delete from context_audit where at_ms < $1", "i",
		pl_turn_now_ms(turn) - kept_ms);
}
