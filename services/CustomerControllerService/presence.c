/*
 * presence.c — whether the customer is there.
 *
 * A customer may have several tabs: who has any connection is here. The edge tells each end with
 * `gone`; a reload is an end and a new connection within a second, so an agent is told `away` only
 * after a moment. A customer who is away while nobody serves the chat has abandoned it after
 * abandon_s. An edge that died tells no ends: a chat in queue that no edge asks for in that time is
 * abandoned too (one that is served is asked for by the agent's page; its idle time ends it).
 *
 * chat.gone_ms: when the last connection ended, 0 while there is one; is_away: an agent was told,
 * or would have been. The timer "gone" goes with it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "chat.h"

#include <string.h>

enum {
	UNASKED_MS = 30000, /* edges ask each 5 s */
	LOOK_AGAIN_MS = 10000,
	STAGE_AWAY = 1,
	STAGE_ABANDON = 2,
	STAGE_SILENT = 3,
};

static void wait_for(struct pl_turn *turn, const char *contact_id, int stage, int64_t in_ms)
{
	pl_timer_set(turn, "gone", contact_id, PL_TIMER_HUMAN, in_ms,
		     json_pack("{s:i}", "stage", stage));
}

static int64_t seconds(struct pl_turn *turn, const char *attribute)
{
	return pl_attribute_get(pl_turn_service(turn), attribute) * 1000;
}

/* ---- connections ---- */

static void add_connection(struct pl_turn *turn, const struct chat *chat, const char *connection)
{
	pl_exec(turn,
		"insert into connection (contact_id, connection, since_ms) values ($1, $2, $3) "
		"on conflict (contact_id, connection) do nothing",
		"ssi", chat->id, connection, pl_turn_now_ms(turn));
}

static bool has_connection(struct pl_turn *turn, const char *contact_id, const char *connection)
{
	struct pl_rows *rows =
		pl_query(turn, "select 1 from connection where contact_id = $1 and connection = $2",
			 "ss", contact_id, connection);
	bool has = pl_rows_next(rows);

	pl_rows_free(rows);
	return has;
}

static bool has_any_connection(struct pl_turn *turn, const char *contact_id)
{
	struct pl_rows *rows = pl_query(
		turn, "select 1 from connection where contact_id = $1 limit 1", "s", contact_id);
	bool has = pl_rows_next(rows);

	pl_rows_free(rows);
	return has;
}

void presence_begin(struct pl_turn *turn, const struct chat *chat, const char *connection)
{
	pl_stream_watch(turn, chat->stream);
	if (connection)
		add_connection(turn, chat, connection);
}

void presence_arrive(struct pl_turn *turn, struct chat *chat, const char *connection)
{
	struct chat_act act = { .from = "customer" };

	if (chat_is_over(chat))
		return;
	pl_stream_watch(turn, chat->stream);
	if (connection)
		add_connection(turn, chat, connection);
	if (!chat->is_gone)
		return;
	pl_exec(turn, "update chat set gone_ms = 0, is_away = 0 where contact_id = $1", "s",
		chat->id);
	pl_timer_cancel(turn, "gone", chat->id);
	if (chat->is_away)
		(void)chat_step(turn, chat, CHAT_EV_BACK, &act); /* every state has a rule */
}

static void note_gone(struct pl_turn *turn, const char *contact_id)
{
	pl_exec(turn, "update chat set gone_ms = $2 where contact_id = $1", "si", contact_id,
		pl_turn_now_ms(turn));
	wait_for(turn, contact_id, STAGE_AWAY, seconds(turn, "away_s"));
}

void presence_leave(struct pl_turn *turn, const char *contact_id, const char *connection)
{
	struct chat chat;

	if (!has_connection(turn, contact_id, connection) || chat_load(turn, &chat, contact_id))
		return;
	pl_exec(turn, "delete from connection where contact_id = $1 and connection = $2", "ss",
		contact_id, connection);
	if (!chat_is_over(&chat) && !has_any_connection(turn, contact_id))
		note_gone(turn, contact_id);
}

void presence_end(struct pl_turn *turn, const struct chat *chat)
{
	pl_timer_cancel(turn, "gone", chat->id);
	pl_exec(turn, "delete from connection where contact_id = $1", "s", chat->id);
}

/* ---- time goes by ---- */

static enum pl_err on_away(struct pl_turn *turn, struct chat *chat)
{
	struct chat_act act = { .from = "customer" };
	int64_t left_ms = seconds(turn, "abandon_s") - seconds(turn, "away_s");

	pl_exec(turn, "update chat set is_away = 1 where contact_id = $1", "s", chat->id);
	wait_for(turn, chat->id, STAGE_ABANDON, left_ms > 0 ? left_ms : 0);
	return chat_step(turn, chat, CHAT_EV_AWAY, &act);
}

static enum pl_err on_abandon(struct pl_turn *turn, struct chat *chat)
{
	struct chat_act act = { .from = "customer" };
	enum pl_err err = chat_step(turn, chat, CHAT_EV_ABANDON, &act);

	if (!err && !chat_is_over(chat)) /* served: the agent may leave it to the queue again */
		wait_for(turn, chat->id, STAGE_ABANDON, seconds(turn, "abandon_s"));
	return err;
}

/* Nobody told the customer's end, but no edge asks for the chat, now and at the look before. */
static bool is_silent(struct pl_turn *turn, const char *stream)
{
	int64_t most_ms = seconds(turn, "abandon_s");

	return pl_stream_unwatched_ms(turn, stream) > (most_ms > UNASKED_MS ? most_ms : UNASKED_MS);
}

static enum pl_err on_silent(struct pl_turn *turn, struct chat *chat)
{
	struct chat_act act = { .from = "customer" };

	return is_silent(turn, chat->stream) ? chat_step(turn, chat, CHAT_EV_ABANDON, &act) : PL_OK;
}

enum pl_err presence_check(struct pl_turn *turn, const char *key, const json_t *body)
{
	int64_t stage = json_integer_value(json_object_get(body, "stage"));
	struct chat chat;

	if (chat_load(turn, &chat, key) || chat_is_over(&chat))
		return PL_OK;
	if (stage == STAGE_SILENT)
		return on_silent(turn, &chat);
	if (!chat.is_gone)
		return PL_OK;
	return stage == STAGE_AWAY ? on_away(turn, &chat) : on_abandon(turn, &chat);
}

void presence_sweep(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn,
					"select contact_id, 'contact.' || contact_id from chat "
					"where state < 3 and state = $1 and gone_ms = 0",
					"i", (int64_t)CHAT_OPEN);
	json_t *ids = json_array(), *id;
	size_t i;

	while (pl_rows_next(rows))
		if (is_silent(turn, pl_rows_text(rows, 1)))
			json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	json_array_foreach(ids, i, id)
		if (pl_timer_left_ms(turn, "gone", json_string_value(id)) < 0)
			wait_for(turn, json_string_value(id), STAGE_SILENT, LOOK_AGAIN_MS);
	json_decref(ids);
}
