/*
 * inside.c — what other services do with a chat.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "chat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "survey.h"
#include "text.h"

#define OPENS_MS_MOST (1LL << 52)

enum {
	AGENT_ID_MAX = 64,
	SERVICE_MAX = 255,
	VIEW_BYTES = 128 * 1024,
	VIEW_BYTES_MOST = 512 * 1024
};

static const struct text_rule message_rule = { "text", TEXT_CHARS, true, true };
static const struct text_rule name_rule = { "name", NAME_CHARS, false, false };

/* A word of a short list; required. */
static enum pl_err read_word(const char **wordp, const json_t *body, const char *name,
			     const char *const *words)
{
	enum pl_err err = pl_json_text(wordp, body, name, 32, true);

	for (size_t i = 0; !err && words[i]; i++)
		if (strcmp(words[i], *wordp) == 0)
			return PL_OK;
	return err ? err : pl_fail(PL_INVALID, "%s: not one of the words that are allowed", name);
}

static enum pl_err load_chat(struct pl_turn *turn, struct chat *chat, const json_t *body)
{
	const char *id = NULL;
	enum pl_err err = pl_json_text(&id, body, "contactId", CONTACT_ID_MAX, true);

	return err ? err : chat_load(turn, chat, id);
}

enum pl_err chat_check_joined(struct pl_turn *turn, const struct chat *chat, const char *agent_id)
{
	struct pl_rows *rows = pl_query(turn,
					"select 1 from participant "
					"where contact_id = $1 and agent_id = $2 and left_ms = 0",
					"ss", chat->id, agent_id);
	bool is_joined = pl_rows_next(rows);

	pl_rows_free(rows);
	return is_joined ? PL_OK : pl_fail(PL_UNAUTHORIZED, "this agent isn't in the chat");
}

/* ---- messages ---- */

static enum pl_err read_post(struct chat_act *act, const json_t *body)
{
	static const char *const roles[] = { "agent", "bot", "system", NULL };
	enum pl_err err = read_word(&act->from, body, "from", roles);

	if (!err)
		err = pl_json_text(&act->client_id, body, "clientId", CLIENT_ID_MAX, true);
	if (!err && !act->client_id[0])
		err = pl_fail(PL_INVALID, "clientId is empty");
	if (!err)
		err = pl_json_text(&act->agent_id, body, "agentId", AGENT_ID_MAX,
				   strcmp(act->from, "agent") == 0);
	return err;
}

enum pl_err op_post(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct chat_act act = { 0 };
	char *text = NULL, *name = NULL, sender[AGENT_ID_MAX + 8];
	struct chat chat;
	int64_t said;
	enum pl_err err = load_chat(turn, &chat, body);

	if (!err)
		err = read_post(&act, body);
	if (!err && act.agent_id)
		err = chat_check_joined(turn, &chat, act.agent_id);
	if (err)
		return err;
	snprintf(sender, sizeof(sender), "%s%s%s", act.from, act.agent_id ? " " : "",
		 act.agent_id ? act.agent_id : "");
	act.sender = sender;
	said = chat_said(turn, &chat, sender, act.client_id);
	if (said) {
		*replyp = json_pack("{s:I, s:b, s:o}", "seq", (json_int_t)said, "repeated", 1,
				    "frame", chat_frame(turn, &chat, said));
		return PL_OK;
	}
	err = text_take(&text, body, &message_rule);
	if (!err)
		err = text_take(&name, body, &name_rule);
	act.text = text;
	act.name = name;
	if (!err)
		err = chat_step(turn, &chat, CHAT_EV_MESSAGE, &act);
	if (!err)
		*replyp = json_pack("{s:I}", "seq", (json_int_t)act.seq);
	free(text);
	free(name);
	return err;
}

enum pl_err op_typing(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct chat_act act = { .from = "agent" };
	struct chat chat;
	enum pl_err err = load_chat(turn, &chat, body);

	if (!err)
		err = pl_json_text(&act.agent_id, body, "agentId", AGENT_ID_MAX, true);
	if (!err)
		err = pl_json_bool(&act.on, body, "on", true);
	if (!err && !chat_is_over(&chat))
		err = chat_check_joined(turn, &chat, act.agent_id);
	return err ? err : chat_step(turn, &chat, CHAT_EV_TYPING, &act);
}

/* ---- who is there ---- */

static bool has_offer(struct pl_turn *turn, const struct chat *chat, const char *offer_id)
{
	struct pl_rows *rows =
		pl_query(turn, "select 1 from participant where contact_id = $1 and offer_id = $2",
			 "ss", chat->id, offer_id);
	bool found = pl_rows_next(rows);

	pl_rows_free(rows);
	return found;
}

enum pl_err op_join(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	static const char *const roles[] = { "agent", "supervisor", "bot", NULL };
	struct chat_act act = { 0 };
	const char *service = NULL;
	json_t *participant = NULL;
	char *name = NULL;
	struct chat chat;
	enum pl_err err = load_chat(turn, &chat, body);

	if (!err)
		err = pl_json_text(&act.agent_id, body, "agentId", AGENT_ID_MAX, true);
	if (!err)
		err = pl_json_text(&act.offer_id, body, "offerId", CLIENT_ID_MAX, true);
	if (!err)
		err = pl_json_text(&service, body, "service", SERVICE_MAX, false);
	if (!err)
		err = pl_json_object(&participant, body, "participant", 16, true);
	if (!err)
		err = read_word(&act.from, participant, "role", roles);
	if (!err)
		err = text_take(&name, participant, &name_rule);
	if (err)
		return err;
	act.name = name ? name : act.agent_id;
	if (!has_offer(turn, &chat, act.offer_id)) {
		err = chat_step(turn, &chat, CHAT_EV_JOIN, &act);
		if (!err && service && !chat_is_over(&chat))
			survey_note_service(turn, &chat, service);
	}
	if (!err)
		*replyp = chat_view(turn, &chat, 0, VIEW_BYTES);
	free(name);
	return err;
}

/* Those of an agent who are in the chat: [[offerId, role, name]…]. */
static json_t *joined_as(struct pl_turn *turn, const struct chat *chat, const char *agent_id,
			 const char *offer_id)
{
	json_t *list = json_array();
	struct pl_rows *rows = pl_query(turn,
					"select offer_id, role, name from participant "
					"where contact_id = $1 and agent_id = $2 and left_ms = 0",
					"ss", chat->id, agent_id);

	while (pl_rows_next(rows))
		if (!offer_id || strcmp(offer_id, pl_rows_text(rows, 0)) == 0)
			json_array_append_new(list, json_pack("[s, s, s]", pl_rows_text(rows, 0),
							      pl_rows_text(rows, 1),
							      pl_rows_text(rows, 2)));
	pl_rows_free(rows);
	return list;
}

enum pl_err op_leave(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *agent_id = NULL, *offer_id = NULL;
	json_t *list, *as;
	struct chat chat;
	size_t i;
	enum pl_err err = load_chat(turn, &chat, body);

	if (!err)
		err = pl_json_text(&agent_id, body, "agentId", AGENT_ID_MAX, true);
	if (!err)
		err = pl_json_text(&offer_id, body, "offerId", CLIENT_ID_MAX, false);
	if (err)
		return err;
	list = joined_as(turn, &chat, agent_id, offer_id);
	json_array_foreach(list, i, as) {
		struct chat_act act = { .agent_id = agent_id,
					.offer_id = json_string_value(json_array_get(as, 0)),
					.from = json_string_value(json_array_get(as, 1)),
					.name = json_string_value(json_array_get(as, 2)) };

		(void)chat_step(turn, &chat, CHAT_EV_LEAVE,
				&act); /* every state has a rule for it */
	}
	json_decref(list);
	return PL_OK;
}

/* ---- the end ---- */

enum pl_err op_close(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	static const char *const reasons[] = { "customer", "agent", "timeout", "shutdown", NULL };
	struct chat_act act = { .from = "system" };
	const char *by = NULL;
	struct chat chat;
	enum pl_err err = load_chat(turn, &chat, body);

	if (!err)
		err = read_word(&act.reason, body, "reason", reasons);
	if (!err)
		err = pl_json_bool(&act.off_hours, body, "offHours", false);
	if (!err)
		err = pl_json_int(&act.opens_ms, body, "opensAtMs", 0, OPENS_MS_MOST, false);
	if (!err)
		err = pl_json_text(&by, body, "by", AGENT_ID_MAX, strcmp(act.reason, "agent") == 0);
	if (!err && by && !chat_is_over(&chat))
		err = chat_check_joined(turn, &chat, by);
	return err ? err : chat_step(turn, &chat, CHAT_EV_CLOSE, &act);
}

/* ---- to look at ---- */

enum pl_err op_transcript(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	int64_t before = 0, max_bytes = VIEW_BYTES;
	struct chat chat;
	enum pl_err err = load_chat(turn, &chat, body);

	if (!err)
		err = pl_json_int(&before, body, "before", 0, INT64_MAX / 2, false);
	if (!err)
		err = pl_json_int(&max_bytes, body, "maxBytes", 0, VIEW_BYTES_MOST, false);
	if (!err)
		*replyp = chat_view(turn, &chat, before, max_bytes);
	return err;
}

enum pl_err op_chats(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_rows *rows =
		pl_query(turn, "select state, count(*) from chat group by state", "");
	json_int_t n[CHAT_STATES] = { 0 };

	while (pl_rows_next(rows))
		if (pl_rows_int(rows, 0) > 0 && pl_rows_int(rows, 0) < CHAT_STATES)
			n[pl_rows_int(rows, 0)] = pl_rows_int(rows, 1);
	pl_rows_free(rows);
	*replyp = json_pack("{s:I, s:I, s:I}", "open", n[CHAT_OPEN], "served", n[CHAT_SERVED],
			    "closed", n[CHAT_CLOSED]);
	return PL_OK;
}
