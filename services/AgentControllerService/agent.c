/*
 * agent.c — the agent's frames: message, typing, push, close, extend, complete. Only for contacts
 * that this agent has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "desk.h"

#include <string.h>

typedef bool find_fn(struct pl_turn *turn, struct desk *desk, const char *agent_id,
		     const char *contact_id);

/* The contact that a frame is about; PL_UNAUTHORIZED if it isn't this agent's. */
static enum pl_err find_own(struct pl_turn *turn, struct desk *desk, struct desk_act *act,
			    const json_t *body, find_fn *find)
{
	const char *agent_id = NULL, *contact_id = NULL;
	json_t *frame = NULL;
	enum pl_err err = pl_json_object(&frame, body, "frame", 64, true);

	if (!err && (pl_json_text(&agent_id, body, "session.agentId", ID_MAX, false) || !agent_id))
		err = pl_fail(PL_UNAUTHORIZED, "say hello first");
	if (!err)
		err = pl_json_text(&contact_id, frame, "contactId", ID_MAX, true);
	if (!err && !find(turn, desk, agent_id, contact_id))
		err = pl_fail(PL_UNAUTHORIZED, "this contact isn't yours");
	act->frame = frame;
	act->session = json_object_get(body, "session");
	return err;
}

static size_t count_chars(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static enum pl_err read_disposition(struct desk_act *act)
{
	enum pl_err err = pl_json_text(&act->disposition, act->frame, "disposition",
				       4 * DISPOSITION_CHARS, false);

	if (!err && act->disposition && count_chars(act->disposition) > DISPOSITION_CHARS)
		err = pl_fail(PL_INVALID, "disposition: more than %d characters",
			      DISPOSITION_CHARS);
	return err;
}

static enum pl_err step_own(struct pl_turn *turn, const json_t *body, enum desk_event event,
			    json_t **replyp)
{
	struct desk_act act = { 0 };
	struct desk desk;
	enum pl_err err = find_own(turn, &desk, &act, body,
				   event == DESK_EV_PRIVATE ? desk_to_say : desk_by_agent);

	if (!err && (event == DESK_EV_CLOSE || event == DESK_EV_COMPLETE))
		err = read_disposition(&act);
	if (!err)
		err = desk_step(turn, &desk, event, &act);
	*replyp = act.reply;
	return err;
}

enum pl_err op_message(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	bool is_private = false;
	enum pl_err err = pl_json_bool(&is_private, body, "frame.private", false);

	return err ? err
		   : step_own(turn, body, is_private ? DESK_EV_PRIVATE : DESK_EV_MESSAGE, replyp);
}

enum pl_err op_typing(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return step_own(turn, body, DESK_EV_TYPING, replyp);
}

enum pl_err op_push(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return step_own(turn, body, DESK_EV_PUSH, replyp);
}

enum pl_err op_close(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return step_own(turn, body, DESK_EV_CLOSE, replyp);
}

enum pl_err op_extend(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return step_own(turn, body, DESK_EV_EXTEND, replyp);
}

enum pl_err op_complete(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return step_own(turn, body, DESK_EV_COMPLETE, replyp);
}

/* The chat has answered: so do we. A repeated message comes with the first one's frame. */
enum pl_err on_passed(struct pl_turn *turn, const struct pl_answer *answer)
{
	json_t *frame = json_object_get(answer->body, "frame");
	const char *other = pl_json_get_text(answer->body, "stream");
	char stream[64];

	if (other[0])
		snprintf(stream, sizeof(stream), "%s", other);
	else
		snprintf(stream, sizeof(stream), "contact.%s",
			 pl_json_get_text(frame, "contactId"));
	if (answer->err == PL_NOTFOUND)
		pl_reply_error(turn, answer->held, PL_STATE, "the chat ended long ago");
	else if (answer->err)
		pl_reply_error(turn, answer->held, answer->err, answer->message);
	else
		pl_reply(turn, answer->held,
			 frame ? json_pack("{s:[{s:s, s:O}]}", "again", "stream", stream, "frame",
					   frame)
			       : json_object());
	return PL_OK;
}
