/*
 * told.c — what was said of a contact's offers and legs, kept as long as the contact: for whoever
 * has missed some of it that is too old to be in the log.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ucm.h"

#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"

enum { PAGE = 201 }; /* one more than a snapshot takes at once */

/* Each noun counts its events by itself. */
#define TOLD(noun, table)                                                                          \
	{                                                                                          \
		noun,                                                                              \
			"insert into " table                                                       \
			" (contact_id, n, verb, at_ms, body) values ($1, $2, $3, $4, $5)",         \
			"select distinct contact_id from " table                                   \
			" where contact_id > $1 order by contact_id limit $2",                     \
			"select 1 from " table " where contact_id = $1 limit 1",                   \
			"select n, verb, at_ms, body from " table                                  \
			" where contact_id = $1 and n > $2 order by n limit $3"                    \
	}
static const struct kind {
	const char *noun, *insert, *keys, *has, *after;
} kinds[] = { TOLD("offer", "told"), TOLD("leg", "told_leg") };

static const struct kind *find_kind(const char *noun)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].noun, noun) == 0)
			return &kinds[i];
	return NULL;
}

void tell(struct pl_turn *turn, const char *noun, const char *verb, const char *contact_id,
	  json_t *body)
{
	char *text = pl_json_dump(body);
	int64_t n = pl_emit(turn, noun, verb, contact_id, body);

	pl_exec(turn, find_kind(noun)->insert, "sisis", contact_id, n, verb, pl_turn_now_ms(turn),
		text ? text : "{}");
	free(text);
}

enum pl_err told_keys(struct pl_turn *turn, const char *noun, const char *after, int64_t limit,
		      json_t *list)
{
	const struct kind *kind = find_kind(noun);
	struct pl_rows *rows;

	if (!kind)
		return PL_OK;
	rows = pl_query(turn, kind->keys, "si", after, limit);
	while (pl_rows_next(rows))
		json_array_append_new(list, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return PL_OK;
}

enum pl_err told_state(struct pl_turn *turn, struct pl_snapshot *snapshot)
{
	const struct kind *kind = find_kind(snapshot->noun);
	struct pl_rows *rows;
	bool has_room = true;

	if (!kind)
		return PL_OK;
	rows = pl_query(turn, kind->has, "s", snapshot->key);
	if (pl_rows_next(rows))
		pl_snapshot_held(snapshot);
	pl_rows_free(rows);
	rows = pl_query(turn, kind->after, "sii", snapshot->key, snapshot->after, (int64_t)PAGE);
	while (has_room && pl_rows_next(rows))
		has_room = pl_snapshot_add(snapshot, pl_rows_int(rows, 0), pl_rows_text(rows, 1),
					   pl_rows_int(rows, 2),
					   json_loads(pl_rows_text(rows, 3), 0, NULL));
	pl_rows_free(rows);
	return PL_OK;
}
