/*
 * blob_sweep.c — blobs that nobody keeps any more, and uploads that nobody goes on with.
 *
 * Their names go at once, and with them they are gone; the chunks go a few in each turn, so that
 * no turn gets long.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "blob.h"

#include "pelago/log.h"

enum { NAMES = 50, PARTS = 64 };

/* Of the first column of rows, which are freed. */
static json_t *texts(struct pl_rows *rows)
{
	json_t *list = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(list, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return list;
}

static void forget_blob(struct pl_turn *turn, const char *hash)
{
	pl_exec(turn,
		"insert into blob_trash (source) select source from blob where hash = $1 "
		"on conflict (source) do nothing",
		"s", hash);
	pl_exec(turn, "delete from blob where hash = $1", "s", hash);
}

void blob_let_go(struct pl_turn *turn, const char *owner, const char *hash)
{
	struct pl_rows *rows;
	bool is_kept;

	pl_exec(turn, "delete from blob_owner where owner = $1 and hash = $2", "ss", owner, hash);
	rows = pl_query(turn, "select 1 from blob_owner where hash = $1 limit 1", "s", hash);
	is_kept = pl_rows_next(rows);
	pl_rows_free(rows);
	if (!is_kept)
		forget_blob(turn, hash);
}

void blob_release(struct pl_turn *turn, const char *owner)
{
	json_t *hashes = texts(
		pl_query(turn,
			 "select hash from blob_owner o where owner = $1 and not exists "
			 "(select 1 from blob_owner p where p.hash = o.hash and p.owner <> $1)",
			 "s", owner));
	json_t *hash;
	size_t i;

	json_array_foreach(hashes, i, hash)
		forget_blob(turn, json_string_value(hash));
	json_decref(hashes);
	pl_exec(turn, "delete from blob_owner where owner = $1", "s", owner);
}

static void end_leases(struct pl_turn *turn)
{
	json_t *hashes =
		texts(pl_query(turn,
			       "select hash from blob where lease_ms > 0 and lease_ms < $1 "
			       "order by lease_ms limit $2",
			       "ii", pl_turn_now_ms(turn), (int64_t)NAMES));
	json_t *hash;
	size_t i;

	json_array_foreach(hashes, i, hash)
		forget_blob(turn, json_string_value(hash));
	if (i > 0)
		pl_log(INFO, "blob.unclaimed", NULL, "count=%zu", i);
	json_decref(hashes);
}

static void end_uploads(struct pl_turn *turn)
{
	int64_t idle_ms = 1000 * pl_attribute_get(pl_turn_service(turn), "upload_idle_s");
	json_t *ids = texts(pl_query(
		turn, "select id from upload where touched_ms < $1 order by touched_ms limit $2",
		"ii", pl_turn_now_ms(turn) - idle_ms, (int64_t)NAMES));
	json_t *id;
	size_t i;

	json_array_foreach(ids, i, id) {
		pl_exec(turn,
			"insert into blob_trash (source) values ($1) on conflict (source) do nothing",
			"s", json_string_value(id));
		pl_exec(turn, "delete from upload where id = $1", "s", json_string_value(id));
	}
	if (i > 0)
		pl_log(INFO, "blob.idle", NULL, "uploads=%zu", i);
	json_decref(ids);
}

/* A chunk goes with the last part that is made of it. */
static void empty_trash(struct pl_turn *turn)
{
	json_t *sources = texts(pl_query(turn, "select source from blob_trash limit 1", ""));
	const char *source = json_string_value(json_array_get(sources, 0));
	json_t *chunks, *chunk;
	size_t i;

	if (source) {
		chunks = texts(
			pl_query(turn,
				 "delete from part where source = $1 and n in (select n from "
				 "part where source = $1 order by n limit $2) returning chunk",
				 "si", source, (int64_t)PARTS));
		json_array_foreach(chunks, i, chunk)
			pl_exec(turn,
				"delete from chunk where hash = $1 and not exists "
				"(select 1 from part where chunk = $1)",
				"s", json_string_value(chunk));
		if (i < PARTS)
			pl_exec(turn, "delete from blob_trash where source = $1", "s", source);
		json_decref(chunks);
	}
	json_decref(sources);
}

void blob_sweep(struct pl_turn *turn)
{
	end_leases(turn);
	end_uploads(turn);
	empty_trash(turn);
}
