/* context.c — see context.h. SPDX-License-Identifier: Apache-2.0 */
#include "context.h"

#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "export.h"
#include "keys.h"
#include "notify.h"
#include "pelago/json.h"

enum { SWEEP_ROWS = 1000, SWEEP_BYTES = 4 << 20 };

void context_fini(struct context *context)
{
	free(context->id);
	json_decref(context->entry);
	json_decref(context->was_data);
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
		context->made_ms = pl_rows_int(rows, 5);
		context->was_data = json_incref(json_object_get(context->entry, "data"));
	}
	pl_rows_free(rows);
	return found;
}

static struct pl_rows *row_of(struct pl_turn *turn, const char *id)
{
	return pl_query(turn,
			"select id, entry, version, lease_s, expires_ms, made_ms from context "
			"where id = $1",
			"s", id);
}

enum pl_err context_read(struct pl_turn *turn, struct context *context, const char *id)
{
	memset(context, 0, sizeof(*context));
	if (!take_row(context, pl_query(turn,
					"select id, entry, version, lease_s, expires_ms, made_ms "
					"from context where id = $1",
					"s", id)))
		take_row(
			context,
			pl_query(
				turn,
				"select c.id, c.entry, c.version, c.lease_s, c.expires_ms, c.made_ms "
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
	int64_t now = pl_turn_now_ms(turn);

	context->version++;
	context->expires_ms = now + context->lease_s * 1000;
	if (!context->made_ms) { /* one of that id may be there whose lease has run out */
		keys_forget(turn, context->id);
		context->made_ms = now;
	}
	pl_exec(turn,
		"insert into context (id, entry, group_id, topic, tenant_id, version, lease_s, expires_ms, "
		"made_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do update set "
		"entry = excluded.entry, group_id = excluded.group_id, topic = excluded.topic, "
		"tenant_id = excluded.tenant_id, version = excluded.version, lease_s = excluded.lease_s, "
		"expires_ms = excluded.expires_ms, made_ms = excluded.made_ms",
		"sssssiiii", context->id, text, pl_json_get_text(context->entry, "groupId"),
		pl_json_get_text(context->entry, "topic"),
		pl_json_get_text(context->entry, "tenantId"), context->version, context->lease_s,
		context->expires_ms, context->made_ms);
	write_aliases(turn, context);
	keys_write(turn, context->id, context->made_ms, context->was_data,
		   json_object_get(context->entry, "data"));
	audit_note(turn, context->id, context->version, touch);
	notify_change(turn, context, touch);
	export_change(turn, context, touch);
	free(text);
}

static void remove_rows(struct pl_turn *turn, const char *id)
{
	pl_exec(turn, "delete from alias where context = $1", "s", id);
	pl_exec(turn, "delete from context where id = $1", "s", id);
	keys_forget(turn, id);
}

void context_delete(struct pl_turn *turn, const struct context *context, const struct touch *touch)
{
	remove_rows(turn, context->id);
	audit_note(turn, context->id, context->version, touch);
	notify_change(turn, context, touch);
	export_change(turn, context, touch);
}

void context_erase(struct pl_turn *turn, const char *id)
{
	remove_rows(turn, id);
	notify_forget(turn, id);
	export_erase(turn, id);
}

/* Told of what is gone by its last state. */
static size_t expire(struct pl_turn *turn, const char *id)
{
	static const struct touch touch = { .operation = "expire" };
	struct context context = { 0 };
	size_t bytes = 0;

	if (take_row(&context, row_of(turn, id)) && context.id) {
		if (!context.entry)
			context.entry = json_object();
		bytes = json_dumpb(context.entry, NULL, 0, JSON_COMPACT);
		context_delete(turn, &context, &touch);
	}
	context_fini(&context);
	return bytes;
}

void context_sweep(struct pl_turn *turn)
{
	json_t *ids = json_array(), *id;
	struct pl_rows *rows = pl_query(
		turn, "select id from context where expires_ms <= $1 order by expires_ms limit $2",
		"ii", pl_turn_now_ms(turn), (int64_t)SWEEP_ROWS);
	size_t i, bytes = 0;

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	json_array_foreach(ids, i, id)
		if (bytes < SWEEP_BYTES)
			bytes += expire(turn, json_string_value(id));
	json_decref(ids);
}
