/* export.c — see export.h. SPDX-License-Identifier: Apache-2.0 */
#include "export.h"

#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/mart.h"

enum { FILL_ROWS = 200 };

static struct pl_mart *mart;

static const struct pl_mart_column context_columns[] = {
	{ "context_id", "text" },
	{ "version", "bigint" },
	{ "group_id", "text" },
	{ "topic", "text" },
	{ "tenant_id", "text" },
	{ "routing_id", "text" },
	{ "alias_ids", "jsonb" },
	{ "data", "jsonb" },
	{ "made_at", "timestamptz" },
	{ "changed_at", "timestamptz" },
	{ "expires_at", "timestamptz" },
	{ "ended_at", "timestamptz" },
	{ "ended_by", "text" },
	{ "touchpoint", "text" },
	{ 0 },
};
static const struct pl_mart_column audit_columns[] = {
	{ "audit_id", "text" },	 { "context_id", "text" },
	{ "at", "timestamptz" }, { "operation", "text" },
	{ "version", "bigint" }, { "touchpoint", "text" },
	{ "sid", "text" },	 { 0 },
};
static const struct pl_mart_table tables[] = {
	{ "context", context_columns, NULL },
	{ "context_audit", audit_columns, NULL },
	{ 0 },
};

static bool is_end(const char *operation)
{
	return strcmp(operation, "delete") == 0 || strcmp(operation, "expire") == 0;
}

static json_t *member(const json_t *entry, const char *name)
{
	json_t *value = json_object_get(entry, name);

	return value ? json_incref(value) : json_null();
}

static json_t *row_of(struct pl_turn *turn, const struct context *context,
		      const struct touch *touch)
{
	int64_t now = pl_turn_now_ms(turn), ended_ms = is_end(touch->operation) ? now : 0;
	const json_t *entry = context->entry;

	return json_pack(
		"{s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s?, s:s?}",
		"context_id", context->id, "version", (json_int_t)context->version, "group_id",
		member(entry, "groupId"), "topic", member(entry, "topic"), "tenant_id",
		member(entry, "tenantId"), "routing_id", member(entry, "routingId"), "alias_ids",
		member(entry, "aliasIds"), "data", member(entry, "data"), "made_at",
		pl_mart_time(context->made_ms), "changed_at", pl_mart_time(now), "expires_at",
		pl_mart_time(context->expires_ms), "ended_at", pl_mart_time(ended_ms), "ended_by",
		ended_ms ? touch->operation : NULL, "touchpoint", touch->touchpoint);
}

void export_change(struct pl_turn *turn, const struct context *context, const struct touch *touch)
{
	if (pl_mart_is_on(mart) && !json_is_false(json_object_get(context->entry, "persistToEDM")))
		pl_mart_put(mart, turn, "context", context->id, row_of(turn, context, touch));
}

void export_audit(struct pl_turn *turn, const char *id, const char *context, int64_t version,
		  const struct touch *touch)
{
	if (pl_mart_is_on(mart))
		pl_mart_put(mart, turn, "context_audit", id,
			    json_pack("{s:s, s:s, s:o, s:s, s:I, s:s?, s:s?}", "audit_id", id,
				      "context_id", context, "at",
				      pl_mart_time(pl_turn_now_ms(turn)), "operation",
				      touch->operation, "version", (json_int_t)version,
				      "touchpoint", touch->touchpoint, "sid", touch->sid));
}

void export_erase(struct pl_turn *turn, const char *context)
{
	pl_mart_remove(mart, turn, "context", context);
}

void export_erase_audit(struct pl_turn *turn, const char *id)
{
	pl_mart_remove(mart, turn, "context_audit", id);
}

static json_t *ids_after(struct pl_turn *turn, const char *after)
{
	struct pl_rows *rows =
		pl_query(turn, "select id from context where id > $1 order by id limit $2", "si",
			 after, (int64_t)FILL_ROWS);
	json_t *ids = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return ids;
}

/* Contexts that were there before the mart was; their audit begins with it. */
static void fill(struct pl_turn *turn, struct pl_mart *of, char **afterp)
{
	static const struct touch touch = { .operation = "fill" };
	json_t *ids = ids_after(turn, *afterp), *id;
	size_t i;

	free(*afterp);
	*afterp = NULL;
	json_array_foreach(ids, i, id) {
		struct context context;

		if (context_read(turn, &context, json_string_value(id)))
			continue;
		export_change(turn, &context, &touch);
		context_fini(&context);
	}
	if (json_array_size(ids) == FILL_ROWS)
		*afterp = strdup(json_string_value(json_array_get(ids, FILL_ROWS - 1)));
	json_decref(ids);
}

enum pl_err export_start(struct pl_service *service)
{
	static const struct pl_mart_def def = { tables, fill };

	return pl_mart_new(&mart, service, &def);
}

void export_stop(void)
{
	pl_mart_free(mart);
	mart = NULL;
}

void export_load(struct pl_turn *turn)
{
	pl_mart_load(mart, turn);
}

void export_tick(struct pl_turn *turn)
{
	pl_mart_tick(mart, turn);
}
