/*
 * chat.c — a chat found, stepped, shown.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { VIEW_FRAMES = 200, PRIVATE_SHARE = 8 };

enum pl_err chat_load(struct pl_turn *turn, struct chat *chat, const char *contact_id)
{
	struct pl_rows *rows =
		pl_query(turn, "select state, gone_ms, is_away from chat where contact_id = $1",
			 "s", contact_id);
	bool found = pl_rows_next(rows);

	if (found) {
		snprintf(chat->id, sizeof(chat->id), "%s", contact_id);
		snprintf(chat->stream, sizeof(chat->stream), "contact.%s", contact_id);
		chat->state = (enum chat_state)pl_rows_int(rows, 0);
		chat->is_gone = pl_rows_int(rows, 1) != 0;
		chat->is_away = pl_rows_int(rows, 2) != 0;
	}
	pl_rows_free(rows);
	return found ? PL_OK : pl_fail(PL_NOTFOUND, "no chat has this contactId");
}

static const char *why_not(const struct chat *chat, enum chat_event event)
{
	if (event == CHAT_EV_ANSWER)
		return chat_is_over(chat) ? "the survey was answered before, or is over"
					  : "the survey comes after the end of the chat";
	return chat_is_over(chat) ? "the chat is closed" : "no agent is in the chat";
}

enum pl_err chat_step(struct pl_turn *turn, struct chat *chat, enum chat_event event,
		      struct chat_act *act)
{
	const struct chat_rule *rule = chat_rule_find(turn, chat, event, act);

	if (!rule)
		return pl_fail(PL_STATE, "%s", why_not(chat, event));
	if (rule->action)
		rule->action(turn, chat, act);
	if (rule->to == chat->state)
		return PL_OK;
	pl_exec(turn, "update chat set state = $2 where contact_id = $1", "si", chat->id,
		(int64_t)rule->to);
	chat->state = rule->to;
	pl_log(INFO, "chat.state", chat->id, "%s", rule->why);
	return PL_OK;
}

bool chat_is_over(const struct chat *chat)
{
	return chat->state >= CHAT_CLOSED;
}

int64_t chat_said(struct pl_turn *turn, const struct chat *chat, const char *sender,
		  const char *client_id)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select seq from said where contact_id = $1 and sender = $2 and client_id = $3",
		"sss", chat->id, sender, client_id);
	int64_t seq = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return seq;
}

json_t *chat_frame(struct pl_turn *turn, const struct chat *chat, int64_t seq)
{
	json_t *frames = pl_stream_frames(turn, chat->stream, seq - 1, 1);
	json_t *frame = json_incref(json_object_get(json_array_get(frames, 0), "frame"));

	json_decref(frames);
	return frame;
}

/* The newest frames that fit: counted from the end, then cut. */
static json_t *newest(struct pl_turn *turn, const char *stream, int64_t before, int64_t max_bytes)
{
	int64_t head = pl_stream_head(turn, stream);
	int64_t upto = before > 0 && before <= head ? before - 1 : head;
	int64_t after = upto > VIEW_FRAMES ? upto - VIEW_FRAMES : 0;
	json_t *kept = pl_stream_frames(turn, stream, after, (int)(upto - after));
	size_t from = json_array_size(kept);
	json_t *list = json_array();

	while (from > 0 && max_bytes > 0) {
		json_t *frame = json_object_get(json_array_get(kept, from - 1), "frame");

		max_bytes -= (int64_t)json_dumpb(frame, NULL, 0, JSON_COMPACT) + 1;
		if (max_bytes >= 0)
			from--;
	}
	for (; from < json_array_size(kept); from++)
		json_array_append(list, json_object_get(json_array_get(kept, from), "frame"));
	json_decref(kept);
	return list;
}

static json_t *parsed(const char *text)
{
	json_t *value = text ? json_loads(text, 0, NULL) : NULL;

	return value ? value : json_object();
}

static void add_files_allowed(struct pl_turn *turn, json_t *view)
{
	json_t *allowed = files_allowed(turn);

	if (allowed)
		json_object_set_new(view, "files", allowed);
}

json_t *chat_view(struct pl_turn *turn, const struct chat *chat, int64_t before, int64_t max_bytes)
{
	struct pl_rows *rows;
	json_t *list = newest(turn, chat->stream, before, max_bytes);
	json_t *view = json_pack("{s:o, s:I, s:b}", "transcript", list, "head",
				 (json_int_t)pl_stream_head(turn, chat->stream), "closed",
				 chat_is_over(chat));
	json_t *first = json_object_get(json_array_get(list, 0), "seq");
	char desk[32];

	talk_stream(desk, chat);
	json_object_set_new(view, "private", newest(turn, desk, 0, max_bytes / PRIVATE_SHARE));
	json_object_set_new(view, "privateHead", json_integer(pl_stream_head(turn, desk)));
	if (!chat_is_over(chat))
		add_files_allowed(turn, view);
	if (first)
		json_object_set(view, "first", first);
	rows = pl_query(turn,
			"select name, email, topic, attributes, context, reason, is_away from chat "
			"where contact_id = $1",
			"s", chat->id);
	if (pl_rows_next(rows)) {
		json_object_set_new(view, "customer",
				    json_pack("{s:s, s:s*}", "name", pl_rows_text(rows, 0), "email",
					      pl_rows_text(rows, 1)));
		if (pl_rows_text(rows, 2))
			json_object_set_new(view, "topic", json_string(pl_rows_text(rows, 2)));
		json_object_set_new(view, "attributes", parsed(pl_rows_text(rows, 3)));
		json_object_set_new(view, "context", parsed(pl_rows_text(rows, 4)));
		if (pl_rows_text(rows, 5))
			json_object_set_new(view, "reason", json_string(pl_rows_text(rows, 5)));
		json_object_set_new(view, "presence",
				    json_string(pl_rows_int(rows, 6) ? "away" : "connected"));
	}
	pl_rows_free(rows);
	return view;
}

json_t *chat_opened(const char *contact_id, const char *name, const char *email, const char *topic,
		    json_t *attributes, json_t *context)
{
	return json_pack("{s:s, s:s, s:s, s:{s:s, s:s*}, s:s*, s:O, s:O}", "contactId", contact_id,
			 "channel", "chat", "direction", "inbound", "customer", "name", name,
			 "email", email, "topic", topic, "attributes", attributes, "context",
			 context);
}

int64_t chat_time_ms(const char *text)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	return rest && *rest == '.' ? (int64_t)timegm(&tm) * 1000 + strtol(rest + 1, NULL, 10) : 0;
}

void chat_time(char text[32], int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;
	size_t len;

	gmtime_r(&s, &tm);
	len = strftime(text, 24, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, 32 - len, ".%03dZ", (int)(ms % 1000));
}
