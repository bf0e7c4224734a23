/*
 * chat_act.c — what the rules of a chat do: durable frames in its stream, and events.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "chat.h"

#include <stdlib.h>

bool is_last_agent(struct pl_turn *turn, const struct chat *chat, const struct chat_act *act)
{
	struct pl_rows *rows = pl_query(turn,
					"select count(*) from participant "
					"where contact_id = $1 and left_ms = 0 and offer_id <> $2",
					"ss", chat->id, act->offer_id);
	bool is_last = pl_rows_next(rows) && pl_rows_int(rows, 0) == 0;

	pl_rows_free(rows);
	return is_last;
}

int64_t chat_append(struct pl_turn *turn, const struct chat *chat, json_t *frame)
{
	char at[32];

	chat_time(at, pl_turn_now_ms(turn));
	json_object_set_new(frame, "contactId", json_string(chat->id));
	json_object_set_new(frame, "at", json_string(at));
	return pl_stream_append(turn, chat->stream, frame, NULL);
}

void chat_tell(struct pl_turn *turn, const struct chat *chat, const char *verb, json_t *body)
{
	char *text = pl_json_dump(body);
	int64_t n = pl_emit(turn, "contact", verb, chat->id, body);

	/* without memory there is no text, which the table refuses, and the turn is rolled back */
	pl_exec(turn,
		"insert into told (contact_id, n, verb, at_ms, body) values ($1, $2, $3, $4, $5)",
		"sisis", chat->id, n, verb, pl_turn_now_ms(turn), text);
	free(text);
}

void chat_keep_said(struct pl_turn *turn, const struct chat *chat, const struct chat_act *act)
{
	pl_exec(turn,
		"insert into said (contact_id, sender, client_id, seq, n) "
		"values ($1, $2, $3, $4, $5)",
		"sssii", chat->id, act->sender, act->client_id, act->seq, act->n);
}

void add_message(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)
{
	act->seq = chat_append(turn, chat,
			       json_pack("{s:s, s:s, s:s*, s:s, s:s}", "type", "message", "from",
					 act->from, "name", act->name, "text", act->text,
					 "clientId", act->client_id));
	act->n = pl_emit(turn, "message", "said", chat->id,
			 json_pack("{s:s, s:I, s:s, s:s*, s:s, s:I, s:s}", "contactId", chat->id,
				   "seq", (json_int_t)act->seq, "from", act->from, "name",
				   act->name, "text", act->text, "atMs",
				   (json_int_t)pl_turn_now_ms(turn), "clientId", act->client_id));
	chat_keep_said(turn, chat, act);
}

void push_typing(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)
{
	pl_push(turn, chat->stream,
		json_pack("{s:s, s:s, s:s, s:b}", "type", "typing", "contactId", chat->id, "from",
			  act->from, "on", act->on));
}

static json_t *participant(const char *type, const struct chat_act *act)
{
	return json_pack("{s:s, s:{s:s, s:s}}", "type", type, "participant", "role", act->from,
			 "name", act->name);
}

void add_joined(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)
{
	act->seq = chat_append(turn, chat, participant("joined", act));
	pl_exec(turn,
		"insert into participant (contact_id, offer_id, agent_id, role, name, joined_ms, left_ms) "
		"values ($1, $2, $3, $4, $5, $6, 0)",
		"sssssi", chat->id, act->offer_id, act->agent_id, act->from, act->name,
		pl_turn_now_ms(turn));
}

void add_left(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)
{
	act->seq = chat_append(turn, chat, participant("left", act));
	pl_exec(turn, "update participant set left_ms = $3 where contact_id = $1 and offer_id = $2",
		"ssi", chat->id, act->offer_id, pl_turn_now_ms(turn));
}

/* ---- the end ---- */

void add_closed(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)
{
	json_t *frame = json_pack("{s:s, s:s}", "type", "closed", "reason", act->reason);
	json_t *event = json_pack("{s:s, s:s}", "contactId", chat->id, "reason", act->reason);

	if (act->off_hours) {
		json_object_set_new(frame, "offHours", json_true());
		json_object_set_new(event, "offHours", json_true());
	}
	if (act->opens_ms)
		json_object_set_new(frame, "opensAtMs", json_integer(act->opens_ms));
	if (act->abandoned)
		json_object_set_new(event, "abandoned", json_true());
	act->seq = chat_append(turn, chat, frame);
	idle_end(turn, chat);
	presence_end(turn, chat);
	pl_exec(turn, "update chat set closed_ms = $2, reason = $3 where contact_id = $1", "sis",
		chat->id, pl_turn_now_ms(turn), act->reason);
	chat_tell(turn, chat, "closed", event);
}

void add_abandoned(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)
{
	act->reason = "timeout";
	act->abandoned = true;
	add_closed(turn, chat, act);
}

/* ---- who is there, who writes ---- */

static void push_presence(struct pl_turn *turn, const struct chat *chat, const char *what)
{
	pl_push(turn, chat->stream,
		json_pack("{s:s, s:s, s:s}", "type", "presence", "contactId", chat->id, "customer",
			  what));
}

void push_away(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)
{
	push_presence(turn, chat, "away");
}

void push_back(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)
{
	push_presence(turn, chat, "connected");
}

/* The text is AutomationController's; what it says comes back as any other message. */
void warn_idle(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)
{
	pl_command(turn, "AutomationController.say", chat->id,
		   json_pack("{s:s, s:s, s:s, s:{s:s}}", "contactId", chat->id, "from", "system",
			     "template", "idle", "values", "minutes", act->text),
		   json_pack("{s:s}", "contactId", chat->id));
}
