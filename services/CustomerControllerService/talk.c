/*
 * talk.c — what agents say beside the talk: pages that they show the customer, and what they say
 * among themselves.
 *
 * The latter has a stream of its own, "desk.ID", which no customer's connection ever watches. An
 * agent may be in a chat twice: who is asked into it, and then takes it over. Customers see one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "chat.h"
#include "text.h"

enum { AGENT_ID_MAX = 64, URL_BYTES = 2000, TITLE_CHARS = 200 };

static const struct text_rule text_rule = { "text", TEXT_CHARS, true, true };
static const struct text_rule name_rule = { "name", NAME_CHARS, false, true };
static const struct text_rule title_rule = { "title", TITLE_CHARS, false, false };

void talk_stream(char stream[32], const struct chat *chat)
{
	snprintf(stream, 32, "desk.%s", chat->id);
}

/* ---- what the rules do ---- */

bool is_there_otherwise(struct pl_turn *turn, const struct chat *chat, const struct chat_act *act)
{
	struct pl_rows *rows = pl_query(turn,
					"select 1 from participant where contact_id = $1 "
					"and agent_id = $2 and offer_id <> $3 and left_ms = 0",
					"sss", chat->id, act->agent_id, act->offer_id);
	bool is = pl_rows_next(rows);

	pl_rows_free(rows);
	return is;
}

void add_quietly(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)
{
	pl_exec(turn,
		"insert into participant (contact_id, offer_id, agent_id, role, name, joined_ms, left_ms) "
		"values ($1, $2, $3, $4, $5, $6, 0)",
		"sssssi", chat->id, act->offer_id, act->agent_id, act->from, act->name,
		pl_turn_now_ms(turn));
}

void leave_quietly(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)
{
	pl_exec(turn, "update participant set left_ms = $3 where contact_id = $1 and offer_id = $2",
		"ssi", chat->id, act->offer_id, pl_turn_now_ms(turn));
}

/* What both kinds tell the omnichannel database: the frame, with its sender. As snapshot.c tells
 * it. */
static void tell(struct pl_turn *turn, const struct chat *chat, struct chat_act *act,
		 const char *verb)
{
	act->n = pl_emit(turn, "message", verb, chat->id,
			 json_pack("{s:s, s:I, s:s, s:s, s:s, s:s*, s:s*, s:s*, s:I}", "contactId",
				   chat->id, "seq", (json_int_t)act->seq, "agentId", act->agent_id,
				   "name", act->name, "clientId", act->client_id, "text", act->text,
				   "url", act->url, "title", act->title, "atMs",
				   (json_int_t)pl_turn_now_ms(turn)));
	chat_keep_said(turn, chat, act);
}

void add_push(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)
{
	char at[32];

	chat_time(at, pl_turn_now_ms(turn));
	act->seq = pl_stream_append(
		turn, chat->stream,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "type", "push", "contactId",
			  chat->id, "from", act->from, "name", act->name, "url", act->url, "title",
			  act->title ? act->title : act->url, "clientId", act->client_id, "at", at),
		NULL);
	tell(turn, chat, act, "pushed");
}

void add_private(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)
{
	char at[32], stream[32];

	chat_time(at, pl_turn_now_ms(turn));
	talk_stream(stream, chat);
	act->seq =
		pl_stream_append(turn, stream,
				 json_pack("{s:s, s:b, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "type",
					   "message", "private", 1, "contactId", chat->id, "from",
					   act->from, "agentId", act->agent_id, "name", act->name,
					   "text", act->text, "clientId", act->client_id, "at", at),
				 NULL);
	tell(turn, chat, act, "private");
}

/* ---- what may be asked ---- */

struct talk {
	struct chat chat;
	struct chat_act act;
	char sender[AGENT_ID_MAX + 16]; /* "push agent1": clientIds of each kind are its own */
	char stream[40];		/* where it goes */
	char *name, *text, *title;
};

static void talk_fini(struct talk *talk)
{
	free(talk->name);
	free(talk->text);
	free(talk->title);
}

/* {contactId, agentId, name, clientId}: what both kinds bring. */
static enum pl_err talk_read(struct pl_turn *turn, struct talk *talk, const json_t *body,
			     const char *kind)
{
	const char *id = NULL;
	enum pl_err err = pl_json_text(&id, body, "contactId", CONTACT_ID_MAX, true);

	memset(talk, 0, sizeof(*talk));
	talk->act.from = "agent";
	talk->act.sender = talk->sender;
	if (!err)
		err = chat_load(turn, &talk->chat, id);
	if (!err)
		err = pl_json_text(&talk->act.agent_id, body, "agentId", AGENT_ID_MAX, true);
	if (!err)
		err = pl_json_text(&talk->act.client_id, body, "clientId", CLIENT_ID_MAX, true);
	if (!err && !talk->act.client_id[0])
		err = pl_fail(PL_INVALID, "clientId is empty");
	if (!err)
		err = text_take(&talk->name, body, &name_rule);
	if (err)
		return err;
	talk->act.name = talk->name;
	snprintf(talk->sender, sizeof(talk->sender), "%s %s", kind, talk->act.agent_id);
	return PL_OK;
}

/* The first answer, if this was said before. */
static json_t *talk_again(struct pl_turn *turn, const struct talk *talk)
{
	int64_t seq = chat_said(turn, &talk->chat, talk->sender, talk->act.client_id);
	json_t *frames, *reply;

	if (!seq)
		return NULL;
	frames = pl_stream_frames(turn, talk->stream, seq - 1, 1);
	reply = json_pack("{s:I, s:b, s:O*, s:s}", "seq", (json_int_t)seq, "repeated", 1, "frame",
			  json_object_get(json_array_get(frames, 0), "frame"), "stream",
			  talk->stream);
	json_decref(frames);
	return reply;
}

enum pl_err op_private(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct talk talk;
	enum pl_err err = talk_read(turn, &talk, body, "private");

	if (err)
		goto out;
	talk_stream(talk.stream, &talk.chat);
	*replyp = talk_again(turn, &talk);
	if (*replyp)
		goto out;
	err = text_take(&talk.text, body, &text_rule);
	talk.act.text = talk.text;
	if (!err)
		err = chat_step(turn, &talk.chat, CHAT_EV_PRIVATE, &talk.act);
	if (!err)
		*replyp = json_pack("{s:I}", "seq", (json_int_t)talk.act.seq);
out:
	talk_fini(&talk);
	return err;
}

/* Only what a browser can open without doing anything else: no javascript:, data:, user names. */
static enum pl_err read_url(const char **urlp, const json_t *body)
{
	const char *url = NULL, *host;
	size_t host_len;
	enum pl_err err = pl_json_text(&url, body, "url", URL_BYTES, true);

	if (err)
		return err;
	if (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0)
		return pl_fail(PL_INVALID, "url: an http or https address is wanted");
	host = strstr(url, "://") + 3;
	host_len = strcspn(host, "/?#");
	if (!host_len || host[0] == ':' || memchr(host, '@', host_len) ||
	    memchr(host, '\\', host_len))
		return pl_fail(PL_INVALID, "url: no host, or a user's name in it");
	for (const char *c = url; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return pl_fail(PL_INVALID, "url: white space or control characters in it");
	*urlp = url;
	return PL_OK;
}

static enum pl_err check_there(struct pl_turn *turn, struct talk *talk)
{
	talk->act.offer_id = "";
	return is_there_otherwise(turn, &talk->chat, &talk->act)
		       ? PL_OK
		       : pl_fail(PL_UNAUTHORIZED, "this agent isn't in the chat");
}

enum pl_err op_push(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct talk talk;
	enum pl_err err = talk_read(turn, &talk, body, "push");

	if (!err)
		err = check_there(turn, &talk);
	if (err)
		goto out;
	snprintf(talk.stream, sizeof(talk.stream), "%s", talk.chat.stream);
	*replyp = talk_again(turn, &talk);
	if (*replyp)
		goto out;
	err = read_url(&talk.act.url, body);
	if (!err)
		err = text_take(&talk.title, body, &title_rule);
	talk.act.title = talk.title;
	if (!err)
		err = chat_step(turn, &talk.chat, CHAT_EV_PUSH, &talk.act);
	if (!err)
		*replyp = json_pack("{s:I}", "seq", (json_int_t)talk.act.seq);
out:
	talk_fini(&talk);
	return err;
}
