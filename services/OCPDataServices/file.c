/*
 * file.c — see file.h. The blob store keeps their bodies for the contact: since they were sent.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "file.h"

#include <stdlib.h>
#include <string.h>

#include "blob.h"
#include "contact.h"
#include "pelago/json.h"

/* The body of a line's file, free(), unless another line shows the same; NULL for none. */
static char *only_body(struct pl_turn *turn, const char *contact, int64_t seq)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select hash from contact_file f where contact = $1 and seq = $2 and not exists "
		"(select 1 from contact_file o where o.contact = f.contact and o.hash = f.hash "
		"and o.seq <> f.seq)",
		"si", contact, seq);
	char *hash = pl_rows_next(rows) ? strdup(pl_rows_text(rows, 0)) : NULL;

	pl_rows_free(rows);
	return hash;
}

void files_forget(struct pl_turn *turn, const char *contact, int64_t seq)
{
	char *hash = only_body(turn, contact, seq);

	if (hash)
		blob_let_go(turn, contact, hash);
	free(hash);
	pl_exec(turn, "delete from contact_file where contact = $1 and seq = $2", "si", contact,
		seq);
}

void files_remove(struct pl_turn *turn, const char *contact)
{
	blob_release(turn, contact);
	pl_exec(turn, "delete from contact_file where contact = $1", "s", contact);
}

enum pl_err file_sent(struct pl_turn *turn, const struct pl_event *event)
{
	const json_t *body = event->body;

	pl_exec(turn,
		"insert into contact_file (contact, id, seq, hash, name, size, type) "
		"values ($1, $2, $3, $4, $5, $6, $7) on conflict (contact, id) do nothing",
		"ssissis", event->key, pl_json_get_text(body, "file.id"),
		(int64_t)json_integer_value(json_object_get(body, "seq")),
		pl_json_get_text(body, "file.hash"), pl_json_get_text(body, "file.name"),
		(int64_t)json_integer_value(pl_json_get(body, "file.size")),
		pl_json_get_text(body, "file.type"));
	return PL_OK;
}

enum pl_err http_file(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *contact = NULL, *id = NULL;
	struct pl_rows *rows;
	enum pl_err err = pl_json_text(&contact, body, "path.id", CONTACT_ID_MAX, true);

	if (!err)
		err = pl_json_text(&id, body, "path.fileId", CONTACT_ID_MAX, true);
	if (err)
		return err;
	rows = pl_query(
		turn,
		"select hash, size, type, name from contact_file where contact = $1 and id = $2",
		"ss", contact, id);
	if (pl_rows_next(rows))
		*replyp = json_pack("{s:{s:s, s:I, s:s, s:s}}", "blob", "hash",
				    pl_rows_text(rows, 0), "size", (json_int_t)pl_rows_int(rows, 1),
				    "type", pl_rows_text(rows, 2), "name", pl_rows_text(rows, 3));
	pl_rows_free(rows);
	return *replyp ? PL_OK : pl_fail(PL_NOTFOUND, "the contact has no such file");
}
