/*
 * files.c — see files.h.
 *
 * The edge asks twice (docs/protocol.md, "Large bodies"): before the body comes, and once it is in
 * the store. Then the store is asked to keep it, and only then the chat gets the frame: a file
 * that is seen is there. A clientId of a sender is one file for ever.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "files.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attachment.h"
#include "text.h"
#include "token.h"

enum { AGENT_ID_MAX = 64, HASH_LEN = 64, LEADING_BYTES = 512, FILE_NAME_BYTES = 4096 };

/* A file that somebody wants to send. */
struct sending {
	struct chat chat;
	const char *from, *agent_id, *agent_name; /* the last two of an agent */
	char sender[AGENT_ID_MAX + 16];		  /* "file customer", "file agent ID" */
	const char *client_id;
	char *name; /* cleaned */
	const struct attachment_kind *kind;
	const char *hash; /* NULL before the body has come */
	int64_t size;
};

static pl_answer_fn on_kept;

/* ---- what there is ---- */

json_t *files_allowed(struct pl_turn *turn)
{
	int64_t most = pl_attribute_get(pl_turn_service(turn), "file_bytes");

	return most ? json_pack("{s:I, s:o}", "maxBytes", (json_int_t)most, "types",
				attachment_endings())
		    : NULL;
}

void files_drop(struct pl_turn *turn, const char *contact_id)
{
	pl_exec(turn, "delete from file where contact_id = $1", "s", contact_id);
}

/* The answer to who sent it before, or NULL. */
static json_t *sent_before(struct pl_turn *turn, const struct sending *sending)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select id, name, size, type, seq from file where "
			 "contact_id = $1 and sender = $2 and client_id = $3",
			 "sss", sending->chat.id, sending->sender, sending->client_id);
	json_t *reply = NULL;

	if (pl_rows_next(rows))
		reply = json_pack("{s:i, s:{s:s, s:s, s:I, s:s, s:I}}", "status", 200, "body", "id",
				  pl_rows_text(rows, 0), "name", pl_rows_text(rows, 1), "size",
				  (json_int_t)pl_rows_int(rows, 2), "type", pl_rows_text(rows, 3),
				  "seq", (json_int_t)pl_rows_int(rows, 4));
	pl_rows_free(rows);
	return reply;
}

static int64_t count_files(struct pl_turn *turn, const struct chat *chat)
{
	struct pl_rows *rows =
		pl_query(turn, "select count(*) from file where contact_id = $1", "s", chat->id);
	int64_t count = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return count;
}

/* ---- what may be sent ---- */

/* Whether the chat takes one more file; asked again when it is there. */
static enum pl_err check_room(struct pl_turn *turn, const struct chat *chat)
{
	int64_t most = pl_attribute_get(pl_turn_service(turn), "files_most");
	struct chat_act act = { .from = "" };

	if (!chat_rule_find(turn, chat, CHAT_EV_FILE, &act))
		return pl_fail(PL_STATE, "the chat is closed");
	if (count_files(turn, chat) >= most)
		return pl_fail(PL_STATE, "a chat has at most %lld files", (long long)most);
	return PL_OK;
}

static enum pl_err check_size(struct pl_turn *turn, int64_t size)
{
	int64_t most = pl_attribute_get(pl_turn_service(turn), "file_bytes");

	if (most == 0)
		return pl_fail(PL_FORBIDDEN, "files aren't taken here");
	if (size > most)
		return pl_fail(PL_TOOLARGE, "a file has at most %lld bytes", (long long)most);
	return PL_OK;
}

static enum pl_err read_name(struct sending *sending, const char *raw)
{
	sending->name = attachment_name(raw);
	if (!sending->name)
		return PL_NOMEM;
	if (!sending->name[0])
		return pl_fail(PL_INVALID, "name: nothing in it can be kept");
	sending->kind = attachment_kind_of(sending->name);
	return sending->kind ? PL_OK
			     : pl_fail(PL_UNSUPPORTED, "name: files with this ending aren't taken");
}

static enum pl_err check_leading(const struct sending *sending, const json_t *body)
{
	unsigned char bytes[LEADING_BYTES];
	const char *text = pl_json_get_text(body, "blob.leading");
	size_t len = 0;

	if (sodium_base642bin(bytes, sizeof(bytes), text, strlen(text), NULL, &len, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0)
		return pl_fail(PL_INVALID, "blob.leading: not base64 of at most %d bytes",
			       LEADING_BYTES);
	if (!attachment_fits(sending->kind, bytes, len))
		return pl_fail(PL_UNSUPPORTED, "the file isn't what its name says");
	return PL_OK;
}

/* ---- sending ---- */

static void keep_body(struct pl_turn *turn, const struct sending *sending)
{
	json_t *context = json_pack(
		"{s:s, s:s, s:s, s:s*, s:s*, s:s, s:{s:s, s:s, s:I, s:s}}", "contactId",
		sending->chat.id, "from", sending->from, "sender", sending->sender, "agentId",
		sending->agent_id, "name", sending->agent_name, "clientId", sending->client_id,
		"file", "hash", sending->hash, "name", sending->name, "size",
		(json_int_t)sending->size, "type", attachment_type(sending->kind));

	pl_ask(turn, "OCPDataServices.blob-keep",
	       json_pack("{s:s, s:s, s:I}", "owner", sending->chat.id, "hash", sending->hash,
			 "size", (json_int_t)sending->size),
	       on_kept, pl_hold(turn), context);
}

/* sending->chat and who sends are known. query: {name, clientId}. */
static enum pl_err send_file(struct pl_turn *turn, struct sending *sending, const json_t *query,
			     const json_t *body, json_t **replyp)
{
	const char *raw = NULL;
	enum pl_err err = pl_json_text(&sending->client_id, query, "clientId", CLIENT_ID_MAX, true);

	if (!err && !sending->client_id[0])
		err = pl_fail(PL_INVALID, "clientId is empty");
	if (!err)
		*replyp = sent_before(turn, sending);
	if (err || *replyp)
		return err;
	err = pl_json_text(&raw, query, "name", FILE_NAME_BYTES, true);
	if (!err)
		err = pl_json_int(&sending->size, body, "blob.size", 1, INT64_MAX, true);
	if (!err)
		err = pl_json_text(&sending->hash, body, "blob.hash", HASH_LEN, false);
	if (!err)
		err = check_size(turn, sending->size);
	if (!err)
		err = check_room(turn, &sending->chat);
	if (!err)
		err = read_name(sending, raw);
	if (!err && sending->hash)
		err = check_leading(sending, body);
	if (!err && sending->hash)
		keep_body(turn, sending);
	else if (!err)
		*replyp = json_pack("{s:b}", "continue", 1);
	free(sending->name);
	return err;
}

/* The store has it: it becomes a frame, unless the chat has ended meanwhile. */
static enum pl_err add(struct pl_turn *turn, const json_t *kept, json_t **replyp)
{
	struct sending sending = { .client_id = pl_json_get_text(kept, "clientId") };
	char id[27];
	json_t *file;
	struct chat_act act = { .from = pl_json_get_text(kept, "from"),
				.sender = sending.sender,
				.client_id = sending.client_id };
	enum pl_err err = chat_load(turn, &sending.chat, pl_json_get_text(kept, "contactId"));

	if (err)
		return err;
	snprintf(sending.sender, sizeof(sending.sender), "%s", pl_json_get_text(kept, "sender"));
	*replyp = sent_before(turn, &sending); /* twice at once */
	if (*replyp)
		return PL_OK;
	err = check_room(turn, &sending.chat);
	if (err)
		return err;
	pl_id(id);
	file = json_deep_copy(json_object_get(kept, "file"));
	json_object_set_new(file, "id", json_string(id));
	act.file = file;
	act.name = json_string_value(json_object_get(kept, "name"));
	act.agent_id = json_string_value(json_object_get(kept, "agentId"));
	err = chat_step(turn, &sending.chat, CHAT_EV_FILE, &act);
	json_decref(file);
	if (!err)
		*replyp = sent_before(turn, &sending);
	if (!err)
		json_object_set_new(*replyp, "status", json_integer(201));
	return err;
}

static enum pl_err on_kept(struct pl_turn *turn, const struct pl_answer *answer)
{
	json_t *reply = NULL;
	enum pl_err err = answer->err;
	const char *message = answer->message;

	if (err == PL_NOTFOUND) {
		err = PL_UNAVAILABLE;
		message = "the file was lost on its way; send it again";
	} else if (!err) {
		err = add(turn, answer->context, &reply);
		message = pl_err_detail(err);
	}
	if (err)
		pl_reply_error(turn, answer->held, err, message);
	else
		pl_reply(turn, answer->held, reply);
	return PL_OK;
}

/* The rule's action. The event tells where the body is, the frame doesn't. As snapshot.c tells it.
 */
void add_file(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)
{
	json_t *shown = json_copy((json_t *)act->file);

	json_object_del(shown, "hash");
	act->seq = chat_append(turn, chat,
			       json_pack("{s:s, s:s, s:s*, s:o, s:s}", "type", "file", "from",
					 act->from, "name", act->name, "file", shown, "clientId",
					 act->client_id));
	pl_exec(turn,
		"insert into file (contact_id, id, sender, client_id, seq, name, size, type, hash) "
		"values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		"ssssisiss", chat->id, pl_json_get_text(act->file, "id"), act->sender,
		act->client_id, act->seq, pl_json_get_text(act->file, "name"),
		(int64_t)json_integer_value(json_object_get(act->file, "size")),
		pl_json_get_text(act->file, "type"), pl_json_get_text(act->file, "hash"));
	act->n = pl_emit(turn, "message", "file", chat->id,
			 json_pack("{s:s, s:I, s:s, s:s*, s:s*, s:s, s:O, s:I}", "contactId",
				   chat->id, "seq", (json_int_t)act->seq, "from", act->from, "name",
				   act->name, "agentId", act->agent_id, "clientId", act->client_id,
				   "file", act->file, "atMs", (json_int_t)pl_turn_now_ms(turn)));
	chat_keep_said(turn, chat, act);
}

/* ---- fetching ---- */

static enum pl_err fetch(struct pl_turn *turn, const struct chat *chat, const char *id,
			 json_t **replyp)
{
	struct pl_rows *rows = pl_query(
		turn, "select hash, size, type, name from file where contact_id = $1 and id = $2",
		"ss", chat->id, id);

	if (pl_rows_next(rows))
		*replyp = json_pack("{s:{s:s, s:I, s:s, s:s}}", "blob", "hash",
				    pl_rows_text(rows, 0), "size", (json_int_t)pl_rows_int(rows, 1),
				    "type", pl_rows_text(rows, 2), "name", pl_rows_text(rows, 3));
	pl_rows_free(rows);
	return *replyp ? PL_OK : pl_fail(PL_NOTFOUND, "the chat has no such file");
}

/* ---- the customer, by the resume token ---- */

static enum pl_err load_by_token(struct pl_turn *turn, struct chat *chat, const json_t *body)
{
	const char *id = NULL, *token = NULL;
	enum pl_err err = pl_json_text(&id, body, "path.contactId", CLIENT_ID_MAX, true);

	if (!err)
		err = pl_json_text(&token, body, "headers.pelago-resume-token", TOKEN_SIZE * 4,
				   false);
	return err ? err : chat_load_by_token(turn, chat, id, token ? token : "");
}

enum pl_err op_http_send_file(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct sending sending = { .from = "customer", .sender = "file customer" };
	enum pl_err err = load_by_token(turn, &sending.chat, body);

	return err ? err : send_file(turn, &sending, json_object_get(body, "query"), body, replyp);
}

enum pl_err op_http_file(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct chat chat;
	enum pl_err err = load_by_token(turn, &chat, body);

	return err ? err : fetch(turn, &chat, pl_json_get_text(body, "path.fileId"), replyp);
}

/* ---- agents, whom AgentControllerService lets in ---- */

/* {contactId, agentId, name, query:{name, clientId}, blob} */
enum pl_err op_send_file(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct sending sending = { .from = "agent" };
	const char *id = NULL;
	enum pl_err err = pl_json_text(&id, body, "contactId", CONTACT_ID_MAX, true);

	if (!err)
		err = pl_json_text(&sending.agent_id, body, "agentId", AGENT_ID_MAX, true);
	if (!err)
		err = pl_json_text(&sending.agent_name, body, "name", NAME_CHARS * 4, false);
	if (!err)
		err = chat_load(turn, &sending.chat, id);
	if (!err)
		err = chat_check_joined(turn, &sending.chat, sending.agent_id);
	if (err)
		return err;
	snprintf(sending.sender, sizeof(sending.sender), "file agent %s", sending.agent_id);
	return send_file(turn, &sending, json_object_get(body, "query"), body, replyp);
}

/* {contactId, fileId} */
enum pl_err op_file(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL, *file_id = NULL;
	struct chat chat;
	enum pl_err err = pl_json_text(&id, body, "contactId", CONTACT_ID_MAX, true);

	if (!err)
		err = pl_json_text(&file_id, body, "fileId", CLIENT_ID_MAX, true);
	if (!err)
		err = chat_load(turn, &chat, id);
	return err ? err : fetch(turn, &chat, file_id, replyp);
}
