/*
 * snapshot.c — a contact's instances told again, for whoever has missed events that are too old to
 * be in the log: that they started, and that they ended.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "step.h"

enum pl_err designer_keys(struct pl_turn *turn, const char *noun, const char *after, int64_t limit,
			  json_t *list)
{
	struct pl_rows *rows;

	if (strcmp(noun, "workflow") != 0)
		return PL_OK;
	rows = pl_query(
		turn,
		"select distinct contact from instance where contact > $1 order by contact limit $2",
		"si", after, limit);
	while (pl_rows_next(rows))
		json_array_append_new(list, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return PL_OK;
}

static json_t *row(const struct pl_snapshot *snapshot, const struct pl_rows *rows)
{
	return json_pack("{s:s, s:s, s:I, s:s, s:s}", "instanceId", pl_rows_text(rows, 1),
			 "workflow", pl_rows_text(rows, 3), "version",
			 (json_int_t)pl_rows_int(rows, 4), "contactId", snapshot->key, "status",
			 pl_rows_text(rows, 5));
}

/* Both events of each instance in order; as the oldest are forgotten first, the last one has the
 * key's last number. */
enum pl_err designer_state(struct pl_turn *turn, struct pl_snapshot *snapshot)
{
	struct pl_rows *rows;
	json_t *list, *item;
	size_t i;

	if (strcmp(snapshot->noun, "workflow") != 0)
		return PL_OK;
	list = json_array();
	rows = pl_query(turn,
			"select started_ms as at_ms, id, 0 as is_end, workflow, version, 'RUNNING' "
			"from instance where contact = $1 union all "
			"select ended_ms, id, 1, workflow, version, status "
			"from instance where contact = $1 and ended_ms > 0 order by 1, 2, 3",
			"s", snapshot->key);
	while (pl_rows_next(rows))
		json_array_append_new(list, json_pack("{s:I, s:b, s:o}", "atMs",
						      (json_int_t)pl_rows_int(rows, 0), "end",
						      pl_rows_int(rows, 2) != 0, "body",
						      row(snapshot, rows)));
	pl_rows_free(rows);
	json_array_foreach(list, i, item)
		if (!pl_snapshot_add(
			    snapshot, snapshot->n - (int64_t)(json_array_size(list) - 1 - i),
			    json_is_true(json_object_get(item, "end")) ? "ended" : "started",
			    json_integer_value(json_object_get(item, "atMs")),
			    json_incref(json_object_get(item, "body"))))
			break;
	json_decref(list);
	return PL_OK;
}
