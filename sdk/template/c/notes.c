/*
 * notes.c — the operations.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notes.h"

#include <pelago/json.h>
#include <pelago/page.h>

static json_t *note_json(const char *id, int64_t at_ms, const char *author, const char *text)
{
	return json_pack("{s:s, s:I, s:s, s:s}", "id", id, "atMs", (json_int_t)at_ms, "author",
			 author, "text", text);
}

enum pl_err op_add(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	int64_t longest = pl_attribute_get(pl_turn_service(turn), "longest");
	const char *author = pl_json_get_text(body, "user.name"), *text = NULL;
	int64_t now_ms = pl_turn_now_ms(turn);
	enum pl_err err = pl_json_text(&text, body, "body.text", 4000, true);
	char id[27];

	if (!err)
		err = text_check(text, longest);
	if (err)
		return err; /* refused before the first write */
	pl_new_key(turn, id);
	pl_exec(turn, "insert into note (id, at_ms, author, text) values ($1, $2, $3, $4)", "siss",
		id, now_ms, author, text);
	pl_emit(turn, "@noun@", "added", id, note_json(id, now_ms, author, text));
	*replyp =
		json_pack("{s:i, s:o}", "status", 201, "body", note_json(id, now_ms, author, text));
	return *replyp ? PL_OK : PL_NOMEM;
}

static json_t *row_json(const struct pl_rows *rows)
{
	return note_json(pl_rows_text(rows, 0), pl_rows_int(rows, 1), pl_rows_text(rows, 2),
			 pl_rows_text(rows, 3));
}

enum pl_err op_list(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_page page;
	struct pl_rows *rows;
	enum pl_err err = pl_page_read(&page, pl_json_get(body, "query"), "notes");

	if (err)
		return err;
	rows = pl_query(
		turn, "select id, at_ms, author, text from note where id > $1 order by id limit $2",
		"si", page.after, page.limit + 1);
	while (pl_rows_next(rows))
		pl_page_add(&page, row_json(rows), "%s", pl_rows_text(rows, 0));
	pl_rows_free(rows);
	*replyp = json_pack("{s:i, s:o}", "status", 200, "body", pl_page_answer(&page));
	return *replyp ? PL_OK : PL_NOMEM;
}

enum pl_err note_keys(struct pl_turn *turn, const char *noun, const char *after, int64_t limit,
		      json_t *list)
{
	struct pl_rows *rows = pl_query(
		turn, "select id from note where id > $1 order by id limit $2", "si", after, limit);

	(void)noun; /* it has one */
	while (pl_rows_next(rows))
		json_array_append_new(list, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return PL_OK;
}

enum pl_err note_state(struct pl_turn *turn, struct pl_snapshot *snapshot)
{
	struct pl_rows *rows = pl_query(
		turn, "select id, at_ms, author, text from note where id = $1", "s", snapshot->key);

	if (pl_rows_next(rows))
		pl_snapshot_add(snapshot, 1, "added", pl_rows_int(rows, 1), row_json(rows));
	pl_rows_free(rows);
	return PL_OK;
}
