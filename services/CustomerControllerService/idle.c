/*
 * idle.c — chats that the customer doesn't write in any more, and chats closed long ago.
 *
 * No timer is set for a message. Four times in the idle time it is looked whether the customer
 * wrote since the last look; four times nothing closes the chat. Numbers of messages are compared,
 * not times: a clock that jumps closes nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "chat.h"

#include <stdio.h>

enum { LOOKS = 4, SWEEP_CHATS = 500 };

static void look_later(struct pl_turn *turn, const struct chat *chat, int64_t seen, int64_t quiet)
{
	pl_timer_set(turn, "idle", chat->id, PL_TIMER_HUMAN,
		     pl_attribute_get(pl_turn_service(turn), "idle_s") * 1000 / LOOKS,
		     json_pack("{s:I, s:I}", "seen", (json_int_t)seen, "quiet", (json_int_t)quiet));
}

void idle_begin(struct pl_turn *turn, const struct chat *chat)
{
	look_later(turn, chat, 0, 0);
}

void idle_end(struct pl_turn *turn, const struct chat *chat)
{
	pl_timer_cancel(turn, "idle", chat->id);
}

static int64_t last_said(struct pl_turn *turn, const struct chat *chat)
{
	struct pl_rows *rows = pl_query(
		turn, "select max(seq) from said where contact_id = $1 and sender = 'customer'",
		"s", chat->id);
	int64_t seq = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return seq;
}

enum pl_err idle_check(struct pl_turn *turn, const char *key, const json_t *body)
{
	int64_t seen = json_integer_value(json_object_get(body, "seen"));
	int64_t quiet = json_integer_value(json_object_get(body, "quiet"));
	struct chat_act act = { .from = "system", .reason = "timeout" };
	struct chat chat;
	int64_t said;

	if (chat_load(turn, &chat, key))
		return PL_OK;
	said = last_said(turn, &chat);
	quiet = said == seen ? quiet + 1 : 0;
	if (quiet >= LOOKS)
		return chat_step(turn, &chat, CHAT_EV_CLOSE, &act);
	look_later(turn, &chat, said, quiet);
	return PL_OK;
}

static void drop(struct pl_turn *turn, const char *contact_id, const char *stream)
{
	struct chat chat = { .id = "" };
	char desk[32];

	snprintf(chat.id, sizeof(chat.id), "%s", contact_id);
	talk_stream(desk, &chat);
	pl_stream_drop(turn, desk);
	pl_stream_drop(turn, stream);
	pl_exec(turn, "delete from said where contact_id = $1", "s", contact_id);
	pl_exec(turn, "delete from participant where contact_id = $1", "s", contact_id);
	pl_exec(turn, "delete from chat where contact_id = $1", "s", contact_id);
}

enum pl_err chats_sweep(struct pl_turn *turn)
{
	int64_t kept_ms = pl_attribute_get(pl_turn_service(turn), "kept_s") * 1000;
	struct pl_rows *rows = pl_query(turn,
					"select contact_id, 'contact.' || contact_id from chat "
					"where closed_ms > 0 and closed_ms < $1 limit $2",
					"ii", pl_turn_now_ms(turn) - kept_ms, (int64_t)SWEEP_CHATS);
	json_t *ids = json_array(), *row;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(
			ids, json_pack("[s, s]", pl_rows_text(rows, 0), pl_rows_text(rows, 1)));
	pl_rows_free(rows);
	json_array_foreach(ids, i, row)
		drop(turn, json_string_value(json_array_get(row, 0)),
		     json_string_value(json_array_get(row, 1)));
	json_decref(ids);
	return PL_OK;
}
