/*
 * idle.c — chats that the customer doesn't write in any more, and chats closed long ago.
 *
 * No timer is set for a message. Four times in the idle time, and when it is time to warn, it is
 * looked whether the customer wrote since the last look; what was quiet adds up. Numbers of
 * messages are compared, not times: a clock that jumps closes nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "files.h"

enum { LOOKS = 4, SWEEP_CHATS = 500, MINUTE_MS = 60000 };

struct limits {
	int64_t warn_ms, end_ms; /* warn_ms 0: never */
};

static struct limits limits_of(struct pl_turn *turn)
{
	const struct pl_service *service = pl_turn_service(turn);
	struct limits limits = { pl_attribute_get(service, "idle_warn_s") * 1000,
				 pl_attribute_get(service, "idle_s") * 1000 };

	if (limits.warn_ms >= limits.end_ms)
		limits.warn_ms = 0;
	return limits;
}

static void look_later(struct pl_turn *turn, const struct chat *chat, int64_t seen,
		       int64_t quiet_ms)
{
	struct limits limits = limits_of(turn);
	int64_t in_ms = limits.end_ms / LOOKS;

	if (quiet_ms < limits.warn_ms && limits.warn_ms - quiet_ms < in_ms)
		in_ms = limits.warn_ms - quiet_ms;
	if (limits.end_ms - quiet_ms < in_ms)
		in_ms = limits.end_ms - quiet_ms;
	if (in_ms < 0) /* the limit was lowered meanwhile */
		in_ms = 0;
	pl_timer_set(turn, "idle", chat->id, PL_TIMER_HUMAN, in_ms,
		     json_pack("{s:I, s:I, s:I}", "seen", (json_int_t)seen, "quietMs",
			       (json_int_t)quiet_ms, "inMs", (json_int_t)in_ms));
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
	struct pl_rows *rows = pl_query(turn,
					"select max(seq) from said where contact_id = $1 and "
					"sender in ('customer', 'file customer')",
					"s", chat->id);
	int64_t seq = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return seq;
}

static enum pl_err warn(struct pl_turn *turn, struct chat *chat, int64_t left_ms)
{
	struct chat_act act = { .from = "system" };
	char minutes[24];

	snprintf(minutes, sizeof(minutes), "%lld",
		 (long long)((left_ms + MINUTE_MS - 1) / MINUTE_MS));
	act.text = minutes;
	return chat_step(turn, chat, CHAT_EV_WARN, &act);
}

enum pl_err idle_check(struct pl_turn *turn, const char *key, const json_t *body)
{
	struct limits limits = limits_of(turn);
	int64_t seen = json_integer_value(json_object_get(body, "seen"));
	int64_t before_ms = json_integer_value(json_object_get(body, "quietMs")), quiet_ms;
	struct chat_act act = { .from = "system", .reason = "timeout" };
	struct chat chat;
	int64_t said;

	if (chat_load(turn, &chat, key))
		return PL_OK;
	said = last_said(turn, &chat);
	quiet_ms = before_ms + json_integer_value(json_object_get(body, "inMs"));
	if (said != seen)
		before_ms = quiet_ms = 0;
	if (quiet_ms >= limits.end_ms)
		return chat_step(turn, &chat, CHAT_EV_CLOSE, &act);
	look_later(turn, &chat, said, quiet_ms);
	if (before_ms < limits.warn_ms && limits.warn_ms <= quiet_ms)
		return warn(turn, &chat, limits.end_ms - quiet_ms);
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
	files_drop(turn, contact_id);
	pl_exec(turn, "delete from told where contact_id = $1", "s", contact_id);
	pl_exec(turn, "delete from connection where contact_id = $1", "s", contact_id);
	pl_exec(turn, "delete from participant where contact_id = $1", "s", contact_id);
	pl_exec(turn, "delete from chat where contact_id = $1", "s", contact_id);
}

static void drop_old(struct pl_turn *turn)
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
}

enum pl_err chats_sweep(struct pl_turn *turn)
{
	drop_old(turn);
	presence_sweep(turn);
	return PL_OK;
}
