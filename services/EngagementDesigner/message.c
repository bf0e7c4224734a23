/* message.c — see message.h. SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/page.h"

enum {
	SWEEP = 500, /* messages that are forgotten in a tick */
};

enum pl_err message_until(struct pl_turn *turn, const json_t *body, int64_t *until_msp)
{
	int64_t keep_s = 0;
	char *payload;
	size_t len;
	enum pl_err err = pl_json_int(&keep_s, body, "keepSeconds", 0, MESSAGE_KEEP_MAX, false);

	*until_msp = 0;
	if (err || !keep_s)
		return err;
	payload = pl_json_dump(json_object_get(body, "payload"));
	len = payload ? strlen(payload) : 0;
	free(payload);
	if (len > MESSAGE_BYTES_MAX)
		return pl_fail(PL_TOOLARGE, "a message of more than %d bytes can't be kept",
			       MESSAGE_BYTES_MAX);
	*until_msp = pl_turn_now_ms(turn) + keep_s * 1000;
	return PL_OK;
}

static bool is_full(struct pl_turn *turn)
{
	struct pl_rows *rows =
		pl_query(turn, "select count(*) from (select 1 as one from message limit $1) kept",
			 "i", (int64_t)MESSAGES_MAX);
	bool is = pl_rows_next(rows) && pl_rows_int(rows, 0) == MESSAGES_MAX;

	pl_rows_free(rows);
	return is;
}

bool message_keep(struct pl_turn *turn, const json_t *message)
{
	int64_t until_ms = json_integer_value(json_object_get(message, "untilMs"));
	const char *id = pl_json_get_text(message, "id");
	char *payload, new_id[27];

	if (until_ms <= pl_turn_now_ms(turn))
		return false;
	if (is_full(turn)) {
		pl_log(ERROR, "workflow.messages", NULL,
		       "message=%s: %d messages are kept already, so it is lost",
		       pl_json_get_text(message, "name"), MESSAGES_MAX);
		return false;
	}
	pl_id(new_id);
	payload = pl_json_dump(json_object_get(message, "payload"));
	pl_exec(turn,
		"insert into message (id, name, key, payload, kept_ms, until_ms) "
		"values ($1, $2, $3, $4, $5, $6)",
		"ssssii", *id ? id : new_id, pl_json_get_text(message, "name"),
		pl_json_get_text(message, "key"), payload ? payload : "{}", pl_turn_now_ms(turn),
		until_ms);
	free(payload);
	return true;
}

json_t *message_take(struct pl_turn *turn, const char *name, const char *key)
{
	struct pl_rows *rows = pl_query(turn,
					"select id, payload, until_ms from message where name = $1 "
					"and key = $2 and until_ms > $3 order by id limit 1",
					"ssi", name, key, pl_turn_now_ms(turn));
	json_t *message = NULL, *payload;

	if (pl_rows_next(rows)) {
		payload = json_loads(pl_rows_text(rows, 1), 0, NULL);
		message =
			json_pack("{s:s, s:s, s:s, s:o, s:I}", "id", pl_rows_text(rows, 0), "name",
				  name, "key", key, "payload", payload ? payload : json_object(),
				  "untilMs", (json_int_t)pl_rows_int(rows, 2));
	}
	pl_rows_free(rows);
	if (message)
		pl_exec(turn, "delete from message where id = $1", "s",
			pl_json_get_text(message, "id"));
	return message;
}

void message_sweep(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn, "select id from message where until_ms <= $1 order by until_ms limit $2",
		"ii", pl_turn_now_ms(turn), (int64_t)SWEEP);
	json_t *ids = json_array();
	char *list;

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	list = json_array_size(ids) ? pl_json_dump(ids) : NULL;
	json_decref(ids);
	if (list) /* no write, no sync of the disk */
		pl_exec(turn, "delete from message where id in PL_LIST($1)", "s", list);
	free(list);
}

/* {limit, cursor} → {items:[{id, name, key, payload, keptMs, untilMs}], cursor}, the oldest first
 */
enum pl_err op_messages(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_page page;
	struct pl_rows *rows;
	size_t bytes = 0;
	enum pl_err err = pl_page_read(&page, body, "messages");

	if (err)
		return err;
	rows = pl_query(turn,
			"select id, name, key, payload, kept_ms, until_ms from message "
			"where id > $1 and until_ms > $2 order by id limit $3",
			"sii", page.after, pl_turn_now_ms(turn), page.limit + 1);
	while (pl_rows_next(rows)) {
		pl_page_add(&page,
			    json_pack("{s:s, s:s, s:s, s:o, s:I, s:I}", "id", pl_rows_text(rows, 0),
				      "name", pl_rows_text(rows, 1), "key", pl_rows_text(rows, 2),
				      "payload", json_loads(pl_rows_text(rows, 3), 0, NULL),
				      "keptMs", (json_int_t)pl_rows_int(rows, 4), "untilMs",
				      (json_int_t)pl_rows_int(rows, 5)),
			    "%s", pl_rows_text(rows, 0));
		bytes += strlen(pl_rows_text(rows, 3));
		if (bytes > PAGE_BYTES) {
			pl_page_stop(&page, "%s", pl_rows_text(rows, 0));
			break;
		}
	}
	pl_rows_free(rows);
	*replyp = pl_page_answer(&page);
	return *replyp ? PL_OK : PL_NOMEM;
}

/* {id} → {}: it is kept no longer */
enum pl_err op_drop_message(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	struct pl_rows *rows;
	bool found;
	enum pl_err err = pl_json_text(&id, body, "id", 26, true);

	(void)replyp;
	if (err)
		return err;
	rows = pl_query(turn, "select 1 from message where id = $1", "s", id);
	found = pl_rows_next(rows);
	pl_rows_free(rows);
	if (!found)
		return pl_fail(PL_NOTFOUND, "no message %s is kept", id);
	pl_exec(turn, "delete from message where id = $1", "s", id);
	return PL_OK;
}
