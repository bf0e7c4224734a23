/*
 * snapshot.c — matches told again, for whoever has missed events that are too old to be in the log:
 * those whose agent is reserved yet. Of the others UCMService has said that they ended.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "queue.h"

enum pl_err work_keys(struct pl_turn *turn, const char *noun, const char *after, int64_t limit,
		      json_t *list)
{
	struct pl_rows *rows;

	if (strcmp(noun, "work") != 0)
		return PL_OK;
	rows = pl_query(turn,
			"select distinct contact_id from reservation where contact_id > $1 "
			"order by contact_id limit $2",
			"si", after, limit);
	while (pl_rows_next(rows))
		json_array_append_new(list, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return PL_OK;
}

static int64_t waited_ms(const char *explanation)
{
	json_t *why = json_loads(explanation, 0, NULL);
	int64_t ms = json_integer_value(json_object_get(why, "waitedMs"));

	json_decref(why);
	return ms;
}

/* Each match has its row in decision; the oldest are forgotten first, so they count from the end.
 */
enum pl_err work_state(struct pl_turn *turn, struct pl_snapshot *snapshot)
{
	struct pl_rows *rows;
	bool has_room = true;

	if (strcmp(snapshot->noun, "work") != 0)
		return PL_OK;
	rows = pl_query(turn, "select 1 from decision where contact_id = $1 limit 1", "s",
			snapshot->key);
	if (pl_rows_next(rows))
		pl_snapshot_held(snapshot);
	pl_rows_free(rows);
	rows = pl_query(
		turn,
		"select (select count(*) from decision l where l.contact_id = d.contact_id and"
		" l.at_ms > d.at_ms), r.offer_id, r.agent_id, r.channel, r.service, r.at_ms,"
		" d.explanation from reservation r join decision d on d.offer_id = r.offer_id"
		" where r.contact_id = $1 order by r.at_ms",
		"s", snapshot->key);
	while (has_room && pl_rows_next(rows))
		has_room =
			pl_snapshot_add(snapshot, snapshot->n - pl_rows_int(rows, 0), "matched",
					pl_rows_int(rows, 5),
					work_matched(&(struct match_told){
						.offer_id = pl_rows_text(rows, 1),
						.contact_id = snapshot->key,
						.agent_id = pl_rows_text(rows, 2),
						.channel = pl_rows_text(rows, 3),
						.service = pl_rows_text(rows, 4),
						.waited_ms = waited_ms(pl_rows_text(rows, 6)) }));
	pl_rows_free(rows);
	return PL_OK;
}
