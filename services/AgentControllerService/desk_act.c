/*
 * desk_act.c — what the rules of an agent's contact do.
 *
 * Commands to CustomerControllerService and UCMService go in the contact's lane, frames to the
 * agent's page in the agent's stream: each sees them in the order of the rules. What only passes
 * through (the agent's messages) are asks: the agent's request is held until the chat has answered.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The page gets it within messages of others, and every reader refuses more than 64 levels. */
enum { CONTEXT_LEVELS = 32 };

/* Of a stream; forgotten so many at a time. */
enum { FRAMES_KEPT = 256, FRAMES_FORGOTTEN = 64 };

/* ---- guards ---- */

bool is_closed(struct pl_turn *turn, const struct desk *desk, const struct desk_act *act)
{
	return desk->reason[0] != '\0';
}

bool is_closed_with_wrapup(struct pl_turn *turn, const struct desk *desk,
			   const struct desk_act *act)
{
	return is_closed(turn, desk, act) && wants_wrapup(turn, desk, act);
}

/* ---- to the agent's page ---- */

/* A page that comes back gets all anew (restore.c): frames are for one that is there. */
void desk_deliver(struct pl_turn *turn, const char *agent_id, json_t *frame, json_t *directives)
{
	char stream[PL_STREAM_SIZE];
	int64_t seq;

	if (pl_stream_name(stream, DESK_STREAM, agent_id)) { /* nobody can have it */
		json_decref(frame);
		json_decref(directives);
		return;
	}
	seq = pl_stream_append(turn, stream, frame, directives);
	if (seq % FRAMES_FORGOTTEN == 0)
		pl_stream_trim(turn, stream, seq - FRAMES_KEPT);
}

static json_t *streams(const struct desk *desk)
{
	return json_pack("[s+, s+]", "contact.", desk_chat(desk), "desk.", desk_chat(desk));
}

json_t *desk_unwatch(struct pl_turn *turn, const struct desk *desk)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select 1 from agent_contact where agent_id = $1 "
			 "and contact_id = $3 and offer_id <> $2 and state < 4 union all "
			 "select 1 from agent_contact where agent_id = $1 "
			 "and parent_id = $3 and parent_id <> '' "
			 "and offer_id <> $2 and state < 4 limit 1",
			 "sss", desk->agent_id, desk->offer_id, desk_chat(desk));
	bool has_it = pl_rows_next(rows);

	pl_rows_free(rows);
	return has_it ? NULL : json_pack("{s:o}", "unwatch", streams(desk));
}

void desk_deliver_closed(struct pl_turn *turn, const struct desk *desk, int64_t wrapup_s)
{
	desk_deliver(turn, desk->agent_id,
		     json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "type", "closed", "contactId",
			       desk->contact_id, "offerId", desk->offer_id, "reason", desk->reason,
			       "wrapUpSeconds", (json_int_t)wrapup_s, "extensionsLeft",
			       (json_int_t)(wrapup_s ? wrapup_extensions_left(turn, desk) : 0)),
		     desk_unwatch(turn, desk));
}

/* ---- the beginning ---- */

void desk_keep_reason(struct pl_turn *turn, struct desk *desk, const char *reason)
{
	snprintf(desk->reason, sizeof(desk->reason), "%s",
		 reason && reason[0] ? reason : "customer");
	pl_exec(turn, "update agent_contact set reason = $2 where offer_id = $1", "ss",
		desk->offer_id, desk->reason);
}

void note_closed(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	desk_keep_reason(turn, desk, act->reason);
}

void fetch_context(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	char *joined = pl_json_dump(act->joined);

	pl_exec(turn, "update agent_contact set joined = $2 where offer_id = $1", "ss",
		desk->offer_id, joined ? joined : "{}");
	free(joined);
	/* A consultation is ended by UCMService, when it hears of that. */
	if (!desk->parent_id[0] && json_is_true(json_object_get(act->joined, "closed")))
		desk_keep_reason(turn, desk, pl_json_get_text(act->joined, "reason"));
	pl_command(turn, "ContextStore.get", desk->contact_id,
		   json_pack("{s:s}", "contextId", desk_chat(desk)),
		   json_pack("{s:s}", "offerId", desk->offer_id));
	pl_timer_set(turn, "context", desk->offer_id, PL_TIMER_HUMAN,
		     pl_attribute_get(pl_turn_service(turn), "context_wait_s") * 1000, NULL);
}

static json_t *parsed(const char *text)
{
	json_t *value = text ? json_loads(text, 0, NULL) : NULL;

	return value ? value : json_object();
}

/* The chat's answer, and what came with the offer. */
static void read_joined(struct pl_turn *turn, const struct desk *desk, json_t **joinedp,
			json_t **briefp)
{
	struct pl_rows *rows =
		pl_query(turn, "select joined, brief from agent_contact where offer_id = $1", "s",
			 desk->offer_id);
	bool found = pl_rows_next(rows);

	*joinedp = parsed(found ? pl_rows_text(rows, 0) : NULL);
	*briefp = parsed(found ? pl_rows_text(rows, 1) : NULL);
	pl_rows_free(rows);
}

static void take(json_t *to, const json_t *from, const char *name)
{
	json_t *value = json_object_get(from, name);

	if (value)
		json_object_set(to, name, value);
}

static bool is_deeper(const json_t *value, int levels)
{
	const char *name;
	json_t *item;
	size_t i;

	if (!json_is_object(value) && !json_is_array(value))
		return false;
	if (levels == 0)
		return true;
	json_array_foreach(value, i, item)
		if (is_deeper(item, levels - 1))
			return true;
	json_object_foreach((json_t *)value, name, item)
		if (is_deeper(item, levels - 1))
			return true;
	return false;
}

/* What the chat was opened with, under what the store knows. */
static json_t *merge_context(const json_t *joined, const json_t *stored)
{
	json_t *context = json_object(), *opened = json_object_get(joined, "context");

	if (json_is_object(opened))
		json_object_update(context, opened);
	if (json_is_object(stored) && !is_deeper(stored, CONTEXT_LEVELS))
		json_object_update(context, (json_t *)stored);
	return context;
}

/* What is kept for a page that comes back; takes about, that has what came with the offer. */
static json_t *keep_about(struct pl_turn *turn, const struct desk *desk, const json_t *joined,
			  json_t *about, const json_t *context)
{
	char *text;

	take(about, joined, "customer");
	take(about, joined, "topic");
	take(about, joined, "attributes");
	json_object_set_new(about, "context", merge_context(joined, context));
	text = pl_json_dump(about);
	pl_exec(turn, "update agent_contact set about = $2, joined = null where offer_id = $1",
		"ss", desk->offer_id, text ? text : "{}");
	free(text);
	return about;
}

static void show_assigned(struct pl_turn *turn, const struct desk *desk, const struct desk_act *act,
			  bool watches)
{
	json_t *joined, *brief, *frame;

	read_joined(turn, desk, &joined, &brief);
	frame = keep_about(turn, desk, joined, brief, act->context);
	json_object_update_new(frame,
			       json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", "assigned",
					 "contactId", desk->contact_id, "offerId", desk->offer_id,
					 "channel", desk->channel, "service", desk->service));
	take(frame, joined, "transcript");
	take(frame, joined, "first");
	take(frame, joined, "presence");
	take(frame, joined, "private");
	take(frame, joined, "files");
	/* Who followed the chat already gets again what came behind the transcript. */
	desk_deliver(turn, desk->agent_id, frame,
		     watches ? json_pack("{s:o, s:o}", "unwatch", streams(desk), "watch",
					 desk_watch(desk, joined))
			     : NULL);
	json_decref(joined);
	pl_timer_cancel(turn, "context", desk->offer_id);
}

void show(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	show_assigned(turn, desk, act, true);
}

void show_then_wrapup(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	show_assigned(turn, desk, act, false);
	start_wrapup(turn, desk, act);
}

void show_then_complete(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	show_assigned(turn, desk, act, false);
	close_and_complete(turn, desk, act);
}

/* ---- the agent's frames, passed on ---- */

void desk_pass(struct pl_turn *turn, const struct desk *desk, const char *operation, json_t *body)
{
	json_object_set_new(body, "contactId", json_string(desk_chat(desk)));
	pl_ask(turn, operation, body, on_passed, pl_hold(turn), NULL);
}

void pass_message(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	json_t *body = json_pack("{s:s, s:s, s:s}", "from", "agent", "agentId", desk->agent_id,
				 "name", desk->name);

	take(body, act->frame, "text");
	take(body, act->frame, "clientId");
	desk_pass(turn, desk, "CustomerControllerService.post", body);
}

void pass_typing(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	json_t *body = json_pack("{s:s}", "agentId", desk->agent_id);

	take(body, act->frame, "on");
	desk_pass(turn, desk, "CustomerControllerService.typing", body);
}

void keep_disposition(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	if (!act->disposition)
		return;
	snprintf(desk->disposition, sizeof(desk->disposition), "%s", act->disposition);
	pl_exec(turn, "update agent_contact set disposition = $2 where offer_id = $1", "ss",
		desk->offer_id, desk->disposition);
}

void pass_close(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	keep_disposition(turn, desk, act);
	desk_pass(turn, desk, "CustomerControllerService.close",
		  json_pack("{s:s, s:s}", "reason", "agent", "by", desk->agent_id));
}

/* ---- the end ---- */

void complete(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	keep_disposition(turn, desk, act);
	pl_timer_cancel(turn, "wrapup", desk->offer_id);
	pl_command(turn, "UCMService.complete", desk->contact_id,
		   json_pack("{s:s, s:s, s:s, s:s*}", "contactId", desk->contact_id, "offerId",
			     desk->offer_id, "agentId", desk->agent_id, "disposition",
			     desk->disposition[0] ? desk->disposition : NULL),
		   NULL);
}

void close_and_complete(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	if (!desk->reason[0])
		desk_keep_reason(turn, desk, act->reason);
	desk_deliver_closed(turn, desk, 0);
	complete(turn, desk, act);
}

void withdraw(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	pl_timer_cancel(turn, "wrapup", desk->offer_id);
	pl_timer_cancel(turn, "context", desk->offer_id);
	desk_deliver(turn, desk->agent_id,
		     json_pack("{s:s, s:s, s:s, s:s}", "type", "withdrawn", "contactId",
			       desk->contact_id, "offerId", desk->offer_id, "reason", act->reason),
		     desk_unwatch(turn, desk));
}

void leave(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	withdraw(turn, desk, act);
	pl_command(turn, "CustomerControllerService.leave", desk->contact_id,
		   json_pack("{s:s, s:s, s:s}", "contactId", desk->contact_id, "agentId",
			     desk->agent_id, "offerId", desk->offer_id),
		   NULL);
}
