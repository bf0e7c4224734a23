/*
 * files.c — files that agents send and fetch, over HTTP: only in contacts that they have.
 *
 * Both pass through to the chat. Who was asked for advice fetches what the chat has, and sends once
 * in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "desk.h"

/* The agent's contact, or a consultation about it. */
static enum pl_err find_own(struct pl_turn *turn, struct desk *desk, const json_t *body)
{
	const char *agent_id = NULL, *contact_id = NULL;
	enum pl_err err = pl_json_text(&agent_id, body, "user.sub", ID_MAX, true);

	if (!err)
		err = pl_json_text(&contact_id, body, "path.contactId", CONTACT_ID_MAX, true);
	if (!err && (!desk_to_say(turn, desk, agent_id, contact_id) ||
		     desk->state == DESK_COMPLETED || desk->state == DESK_ASSIGNED))
		err = pl_fail(PL_NOTFOUND, "you have no such contact");
	return err;
}

static enum pl_err on_answer(struct pl_turn *turn, const struct pl_answer *answer)
{
	if (answer->err)
		pl_reply_error(turn, answer->held, answer->err, answer->message);
	else
		pl_reply(turn, answer->held, json_deep_copy(answer->body));
	return PL_OK;
}

static void set(json_t *to, const json_t *from, const char *name)
{
	json_t *value = json_object_get(from, name);

	if (value)
		json_object_set(to, name, value);
}

enum pl_err op_http_send_file(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct desk desk;
	json_t *request;
	enum pl_err err = find_own(turn, &desk, body);

	if (!err && !may_speak(turn, &desk, NULL))
		err = pl_fail(PL_STATE, "you aren't in the chat yet");
	if (err)
		return err;
	request = json_pack("{s:s, s:s, s:s}", "contactId", desk_chat(&desk), "agentId",
			    desk.agent_id, "name", desk.name);
	set(request, body, "query");
	set(request, body, "blob");
	pl_ask(turn, "CustomerControllerService.send-file", request, on_answer, pl_hold(turn),
	       NULL);
	return PL_OK;
}

enum pl_err op_http_file(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *file_id = NULL;
	struct desk desk;
	enum pl_err err = pl_json_text(&file_id, body, "path.fileId", ID_MAX, true);

	if (!err)
		err = find_own(turn, &desk, body);
	if (err)
		return err;
	pl_ask(turn, "CustomerControllerService.file",
	       json_pack("{s:s, s:s}", "contactId", desk_chat(&desk), "fileId", file_id), on_answer,
	       pl_hold(turn), NULL);
	return PL_OK;
}
