/*
 * snapshot.c — resources told again, for whoever has missed events that are too old to be in the
 * log: each one's present object, or that it was removed. When that was isn't kept: it is told with
 * the time of the question.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "resource.h"

#include <string.h>

/* Those that were removed are known by their number only. */
enum pl_err resource_keys(struct pl_turn *turn, const char *noun, const char *after, int64_t limit,
			  json_t *list)
{
	struct pl_rows *rows = pl_query(
		turn, "select key from pl_key where noun = $1 and key > $2 order by key limit $3",
		"ssi", noun, after, limit);

	while (pl_rows_next(rows))
		json_array_append_new(list, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return PL_OK;
}

enum pl_err resource_state(struct pl_turn *turn, struct pl_snapshot *snapshot)
{
	const struct resource_kind *kind = resource_kind_of(snapshot->noun);
	int64_t at_ms = pl_turn_now_ms(turn);
	json_t *object = NULL;
	struct pl_rows *rows;

	if (!kind)
		return PL_OK;
	rows = pl_query(turn, "select body, changed_ms from resource where kind = $1 and name = $2",
			"ss", kind->kind, snapshot->key);
	if (pl_rows_next(rows)) {
		object = json_loads(pl_rows_text(rows, 0), 0, NULL);
		at_ms = pl_rows_int(rows, 1);
	}
	pl_rows_free(rows);
	pl_snapshot_add(snapshot, snapshot->n, "set", at_ms, object ? object : resource_removed());
	return PL_OK;
}
