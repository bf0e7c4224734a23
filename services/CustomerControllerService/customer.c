/*
 * customer.c — the customer's socket: open, resume, message, typing, close, survey, gone.
 *
 * A connection's session is {"contactId"}, kept by the edge; what comes with it was proved by
 * `open` or `resume`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "chat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "opening.h"
#include "shutdown.h"
#include "survey.h"
#include "text.h"
#include "token.h"

enum { OPEN_REPEAT_MS = 600000, TOKEN_BYTES_MOST = 128, CONNECTION_BYTES_MOST = 128 };

static const struct text_rule message_rule = { "text", TEXT_CHARS, true, true };

/* ---- what every frame brings ---- */

static enum pl_err read_frame(json_t **framep, const json_t *body)
{
	return pl_json_object(framep, body, "frame", 64, true);
}

/* The session's chat; PL_UNAUTHORIZED without one. */
static enum pl_err load_own(struct pl_turn *turn, struct chat *chat, const json_t *body)
{
	const char *id = NULL;

	if (pl_json_text(&id, body, "session.contactId", CONTACT_ID_MAX, false) || !id)
		return pl_fail(PL_UNAUTHORIZED, "open or resume a chat first");
	if (chat_load(turn, chat, id))
		return pl_fail(PL_STATE, "the chat ended long ago");
	return PL_OK;
}

static const char *connection_of(const json_t *body)
{
	const char *connection = NULL;

	return pl_json_text(&connection, body, "connection", CONNECTION_BYTES_MOST, false)
		       ? NULL
		       : connection;
}

/* The answer that binds a connection to a chat, whatever it was bound to before. Gives first. */
static json_t *bind(const json_t *body, const char *contact_id, json_t *first, int64_t after)
{
	const char *former = pl_json_get_text(body, "session.contactId");
	char stream[64];
	json_t *reply = json_pack("{s:{s:s}, s:[o], s:[{s:s+, s:s, s:I}]}", "session", "contactId",
				  contact_id, "send", first, "watch", "stream", "contact.",
				  contact_id, "service", CHAT_SERVICE, "after", (json_int_t)after);

	if (former[0] && strlen(former) <= CONTACT_ID_MAX) {
		snprintf(stream, sizeof(stream), "contact.%s", former);
		json_object_set_new(reply, "unwatch", json_pack("[s]", stream));
	}
	return reply;
}

/* The connection's chat of before, if it is another, is left. */
static void note_present(struct pl_turn *turn, struct chat *chat, const json_t *body)
{
	const char *former = pl_json_get_text(body, "session.contactId");
	const char *connection = connection_of(body);

	if (former[0] && strcmp(former, chat->id) != 0 && connection)
		presence_leave(turn, former, connection);
	presence_arrive(turn, chat, connection);
}

/* ---- open ---- */

static json_t *opened(struct pl_turn *turn, const json_t *body, const char *contact_id,
		      const char *token, const char *at)
{
	return bind(body, contact_id,
		    json_pack("{s:s, s:i, s:s, s:s, s:s, s:o*}", "type", "opened", "seq", 1,
			      "contactId", contact_id, "resumeToken", token, "at", at, "files",
			      files_allowed(turn)),
		    1);
}

/* The first answer to the same clientId, if it was opened just now. */
static json_t *open_again(struct pl_turn *turn, const json_t *body, const char *client_id)
{
	char contact_id[27] = "", token[TOKEN_SIZE], at[32] = "";
	int64_t secret_id = 0;
	struct pl_rows *rows;
	struct chat chat;

	if (!client_id)
		return NULL;
	rows = pl_query(turn,
			"select contact_id, secret_id, opened_ms from chat "
			"where client_id = $1 and asked_ms > $2 order by asked_ms desc limit 1",
			"si", client_id, pl_turn_steady_ms(turn) - OPEN_REPEAT_MS);
	if (pl_rows_next(rows)) {
		snprintf(contact_id, sizeof(contact_id), "%s", pl_rows_text(rows, 0));
		secret_id = pl_rows_int(rows, 1);
		chat_time(at, pl_rows_int(rows, 2));
	}
	pl_rows_free(rows);
	if (!contact_id[0] || !token_make(turn, token, contact_id, secret_id))
		return NULL;
	if (chat_load(turn, &chat, contact_id) == PL_OK)
		note_present(turn, &chat, body);
	return opened(turn, body, contact_id, token, at);
}

/* Two statements, as one takes nine parameters. */
static void insert_chat(struct pl_turn *turn, const struct chat *chat,
			const struct opening *opening, int64_t secret_id, const char *token)
{
	unsigned char hash[TOKEN_HASH_LEN];
	char *attributes = pl_json_dump(opening->attributes),
	     *context = pl_json_dump(opening->context);

	token_hash(hash, token);
	pl_exec(turn,
		"insert into chat (contact_id, state, client_id, secret_id, token_hash, name, email, topic,"
		" attributes, context, opened_ms, closed_ms, gone_ms) "
		"values ($1, 1, $2, $3, $4, $5, $6, $7, $8, '{}', $9, 0, 0)",
		"ssibssssi", chat->id, opening->client_id, secret_id, hash, sizeof(hash),
		opening->name, opening->email, opening->topic, attributes ? attributes : "{}",
		pl_turn_now_ms(turn));
	pl_exec(turn, "update chat set context = $2, asked_ms = $3 where contact_id = $1", "ssi",
		chat->id, context ? context : "{}", pl_turn_steady_ms(turn));
	free(attributes);
	free(context);
}

static json_t *open_new(struct pl_turn *turn, const json_t *body, const struct opening *opening)
{
	struct chat chat = { .state = CHAT_OPEN };
	char token[TOKEN_SIZE] = "", at[32];
	int64_t secret_id = token_secret(turn);

	pl_new_key(turn, chat.id);
	snprintf(chat.stream, sizeof(chat.stream), "contact.%s", chat.id);
	(void)token_make(turn, token, chat.id, secret_id);
	insert_chat(turn, &chat, opening, secret_id, token);
	presence_begin(turn, &chat, connection_of(body));
	idle_begin(turn, &chat);
	chat_time(at, pl_turn_now_ms(turn));
	/* The stream is read by agents too: the token isn't in it. */
	pl_stream_append(
		turn, chat.stream,
		json_pack("{s:s, s:s, s:s}", "type", "opened", "contactId", chat.id, "at", at),
		NULL);
	pl_emit(turn, "contact", "opened", chat.id,
		chat_opened(chat.id, opening->name, opening->email, opening->topic,
			    opening->attributes, opening->context));
	pl_log(INFO, "chat.opened", chat.id, "opened");
	return opened(turn, body, chat.id, token, at);
}

/* A connection has one chat at a time; the same `open` again is no second one. */
static enum pl_err check_free(struct pl_turn *turn, const json_t *body)
{
	struct chat chat;

	if (load_own(turn, &chat, body) == PL_OK && !chat_is_over(&chat))
		return pl_fail(PL_STATE, "this connection has an open chat; close it first");
	return PL_OK;
}

enum pl_err op_open(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct opening opening = { 0 };
	json_t *frame = NULL;
	enum pl_err err = read_frame(&frame, body);

	if (!err)
		err = opening_read(&opening, frame);
	if (!err)
		*replyp = open_again(turn, body, opening.client_id);
	if (!err && !*replyp)
		err = check_free(turn, body);
	if (!err && !*replyp && shutdown_is_on(turn))
		err = pl_fail(PL_NOTACCEPTING,
			      "the chat is closed for new customers at the moment");
	if (!err && !*replyp)
		*replyp = open_new(turn, body, &opening);
	opening_fini(&opening);
	return err;
}

/* ---- resume ---- */

static bool token_is_right(struct pl_turn *turn, const char *contact_id, const char *token)
{
	struct pl_rows *rows = pl_query(turn, "select token_hash from chat where contact_id = $1",
					"s", contact_id);
	const void *hash = NULL;
	size_t len = 0;
	bool right;

	if (pl_rows_next(rows))
		hash = pl_rows_blob(rows, 0, &len);
	right = token_fits(token, hash, len);
	pl_rows_free(rows);
	return right;
}

enum pl_err chat_load_by_token(struct pl_turn *turn, struct chat *chat, const char *contact_id,
			       const char *token)
{
	if (!token_is_right(turn, contact_id, token) || chat_load(turn, chat, contact_id))
		return pl_fail(PL_UNAUTHORIZED, "no chat has this contactId and resumeToken");
	return PL_OK;
}

enum pl_err op_resume(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL, *token = NULL;
	json_t *frame = NULL;
	int64_t after = 0, head;
	struct chat chat;
	enum pl_err err = read_frame(&frame, body);

	if (!err)
		err = pl_json_text(&id, frame, "contactId", CLIENT_ID_MAX, true);
	if (!err)
		err = pl_json_text(&token, frame, "resumeToken", TOKEN_BYTES_MOST, true);
	if (!err)
		err = pl_json_int(&after, frame, "after", 0, INT64_MAX / 2, false);
	if (!err)
		err = chat_load_by_token(turn, &chat, id, token);
	if (err)
		return err;
	head = pl_stream_head(turn, chat.stream);
	if (after > head)
		return pl_fail(PL_INVALID, "after: the chat is at %lld", (long long)head);
	note_present(turn, &chat, body);
	*replyp = bind(body, chat.id,
		       json_pack("{s:s, s:s, s:I, s:o*}", "type", "resumed", "contactId", chat.id,
				 "head", (json_int_t)head, "files",
				 chat_is_over(&chat) ? NULL : files_allowed(turn)),
		       after);
	return PL_OK;
}

/* ---- while the chat lasts ---- */

/* A frame with a clientId, of the session's chat. */
struct own {
	struct chat chat;
	json_t *frame;
	const char *client_id;
};

static enum pl_err read_own(struct pl_turn *turn, struct own *own, const json_t *body)
{
	enum pl_err err = read_frame(&own->frame, body);

	if (!err)
		err = load_own(turn, &own->chat, body);
	if (!err)
		err = pl_json_text(&own->client_id, own->frame, "clientId", CLIENT_ID_MAX, true);
	if (!err && !own->client_id[0])
		err = pl_fail(PL_INVALID, "clientId is empty");
	return err;
}

/* The frame that came of this clientId before, or NULL. */
static json_t *again(struct pl_turn *turn, const struct own *own, const char *sender)
{
	int64_t said = chat_said(turn, &own->chat, sender, own->client_id);

	return said ? json_pack("{s:[{s:s, s:o}]}", "again", "stream", own->chat.stream, "frame",
				chat_frame(turn, &own->chat, said))
		    : NULL;
}

enum pl_err op_message(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct chat_act act = { .from = "customer", .sender = "customer" };
	struct own own = { 0 };
	char *text = NULL;
	enum pl_err err = read_own(turn, &own, body);

	if (err)
		return err;
	*replyp = again(turn, &own, act.sender);
	if (*replyp)
		return PL_OK;
	err = text_take(&text, own.frame, &message_rule);
	act.text = text;
	act.client_id = own.client_id;
	if (!err)
		err = chat_step(turn, &own.chat, CHAT_EV_MESSAGE, &act);
	free(text);
	return err;
}

enum pl_err op_survey(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct own own = { 0 };
	enum pl_err err = read_own(turn, &own, body);

	if (err)
		return err;
	*replyp = again(turn, &own, SURVEY_SENDER);
	return *replyp ? PL_OK : survey_answer(turn, &own.chat, own.frame, own.client_id);
}

enum pl_err op_customer_typing(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct chat_act act = { .from = "customer" };
	json_t *frame = NULL;
	struct chat chat;
	enum pl_err err = read_frame(&frame, body);

	if (!err)
		err = load_own(turn, &chat, body);
	if (!err)
		err = pl_json_bool(&act.on, frame, "on", true);
	return err ? err : chat_step(turn, &chat, CHAT_EV_TYPING, &act);
}

enum pl_err op_customer_close(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct chat_act act = { .from = "customer", .reason = "customer" };
	struct chat chat;
	enum pl_err err = load_own(turn, &chat, body);

	return err ? err : chat_step(turn, &chat, CHAT_EV_CLOSE, &act);
}

enum pl_err op_gone(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL, *connection = connection_of(body);

	if (!pl_json_text(&id, body, "session.contactId", CONTACT_ID_MAX, false) && id &&
	    connection)
		presence_leave(turn, id, connection);
	return PL_OK;
}
