/*
 * events.c — what others tell: events, answers to our commands, timers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT_MS = 86400000, SWEEP_ROWS = 500, NAME_CHARS = 200, NAME_BYTES = 65536 };

/* ---- offers ---- */

struct offer {
	const char *offer_id, *contact_id, *agent_id, *channel, *service, *agent_name, *parent_id;
};

static enum pl_err read_offer(struct offer *offer, const json_t *body)
{
	enum pl_err err = pl_json_text(&offer->offer_id, body, "offerId", ID_MAX, true);

	if (!err)
		err = pl_json_text(&offer->contact_id, body, "contactId", CONTACT_ID_MAX, true);
	if (!err)
		err = pl_json_text(&offer->agent_id, body, "agentId", ID_MAX, true);
	if (!err)
		err = pl_json_text(&offer->channel, body, "channel", 32, false);
	if (!err)
		err = pl_json_text(&offer->service, body, "service", 255, false);
	if (!err)
		err = pl_json_text(&offer->agent_name, body, "agentName", NAME_BYTES, false);
	if (!err)
		err = pl_json_text(&offer->parent_id, body, "parentId", CONTACT_ID_MAX, false);
	return err;
}

/* No longer than a chat takes: who accepted must get in. */
static void cut_name(char *name)
{
	size_t chars = 0;

	for (; *name; name++)
		if (((unsigned char)*name & 0xc0) != 0x80 && ++chars > NAME_CHARS) {
			*name = '\0';
			return;
		}
}

/* The name that customers see: the offer's, the agent's own, or the user name. */
static void find_name(struct pl_turn *turn, char name[801], const struct offer *offer)
{
	struct pl_rows *rows;
	const char *known = NULL;

	snprintf(name, 801, "%s", offer->agent_name ? offer->agent_name : offer->agent_id);
	cut_name(name);
	if (offer->agent_name)
		return;
	rows = pl_query(turn, "select name from agent where agent_id = $1", "s", offer->agent_id);
	if (pl_rows_next(rows))
		known = pl_rows_text(rows, 0);
	if (known)
		snprintf(name, 801, "%s", known);
	pl_rows_free(rows);
	cut_name(name);
}

/* What the agent is to be told beside the contact. */
static void keep_brief(struct pl_turn *turn, const struct offer *offer, const json_t *body)
{
	json_t *brief =
		json_pack("{s:O*, s:O*, s:O*, s:O*}", "note", json_object_get(body, "note"), "kind",
			  json_object_get(body, "kind"), "parentId",
			  json_object_get(body, "parentId"), "from", json_object_get(body, "from"));
	char *text = json_object_size(brief) ? pl_json_dump(brief) : NULL;

	if (text)
		pl_exec(turn,
			"update agent_contact set brief = $2, parent_id = $3 where offer_id = $1",
			"sss", offer->offer_id, text, offer->parent_id ? offer->parent_id : "");
	free(text);
	json_decref(brief);
}

/* Into the chat; who is only asked about it, looks at it. */
static void go_there(struct pl_turn *turn, const struct offer *offer, const char *name)
{
	json_t *context = json_pack("{s:s}", "offerId", offer->offer_id);

	if (offer->parent_id)
		pl_command(turn, "CustomerControllerService.transcript", offer->contact_id,
			   json_pack("{s:s}", "contactId", offer->parent_id), context);
	else
		pl_command(turn, "CustomerControllerService.join", offer->contact_id,
			   json_pack("{s:s, s:s, s:s, s:s*, s:{s:s, s:s}}", "contactId",
				     offer->contact_id, "agentId", offer->agent_id, "offerId",
				     offer->offer_id, "service", offer->service, "participant",
				     "role", "agent", "name", name),
			   context);
}

enum pl_err on_accepted(struct pl_turn *turn, const struct pl_event *event)
{
	struct offer offer = { 0 };
	char name[801];
	struct desk desk;
	enum pl_err err = read_offer(&offer, event->body);

	if (err)
		return err;
	if (offer.channel && strcmp(offer.channel, "chat") != 0)
		return PL_OK; /* another channel's service has it */
	if (desk_by_offer(turn, &desk, offer.offer_id))
		return PL_OK;
	find_name(turn, name, &offer);
	pl_exec(turn,
		"insert into agent_contact (offer_id, agent_id, contact_id, state, name, channel, service,"
		" ended_ms) values ($1, $2, $3, $4, $5, 'chat', $6, 0)",
		"sssiss", offer.offer_id, offer.agent_id, offer.contact_id, (int64_t)DESK_ASSIGNED,
		name, offer.service ? offer.service : "");
	keep_brief(turn, &offer, event->body);
	go_there(turn, &offer, name);
	return PL_OK;
}

enum pl_err on_ended(struct pl_turn *turn, const struct pl_event *event)
{
	struct desk_act act = { .reason = pl_json_get_text(event->body, "reason") };
	struct desk desk;

	if (!desk_by_offer(turn, &desk, pl_json_get_text(event->body, "offerId")))
		return PL_OK; /* never accepted, or another channel's */
	return desk_step(turn, &desk, DESK_EV_ENDED, &act);
}

/* ---- chats ---- */

enum pl_err on_closed(struct pl_turn *turn, const struct pl_event *event)
{
	struct desk_act act = { .reason = pl_json_get_text(event->body, "reason") };
	struct pl_rows *rows = pl_query(
		turn, "select offer_id from agent_contact where contact_id = $1 and state < $2",
		"si", event->key, (int64_t)DESK_COMPLETED);
	json_t *offers = json_array(), *offer;
	struct desk desk;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(offers, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	json_array_foreach(offers, i, offer)
		if (desk_by_offer(turn, &desk, json_string_value(offer)))
			(void)desk_step(turn, &desk, DESK_EV_CLOSED,
					&act); /* all states have a rule */
	json_decref(offers);
	return PL_OK;
}

enum pl_err on_joined(struct pl_turn *turn, const struct pl_answer *answer)
{
	struct desk_act act = { .joined = answer->body };
	struct desk desk;

	if (json_object_get(answer->context, "entered"))
		return on_entered(turn, answer);
	if (!desk_by_offer(turn, &desk, pl_json_get_text(answer->context, "offerId")))
		return PL_OK;
	if (answer->err)
		pl_log(WARN, "desk.join", desk.contact_id, "agent=%s: %s", desk.agent_id,
		       answer->message);
	return desk_step(turn, &desk, answer->err ? DESK_EV_REFUSED : DESK_EV_JOINED, &act);
}

/* ---- contexts ---- */

enum pl_err on_context(struct pl_turn *turn, const struct pl_answer *answer)
{
	struct desk_act act = { .context = answer->err ? NULL
						       : json_object_get(answer->body, "data") };
	struct desk desk;

	if (!desk_by_offer(turn, &desk, pl_json_get_text(answer->context, "offerId")))
		return PL_OK;
	return desk_step(turn, &desk, DESK_EV_CONTEXT, &act);
}

enum pl_err on_context_late(struct pl_turn *turn, const char *key, const json_t *body)
{
	struct desk_act act = { 0 };
	struct desk desk;

	if (!desk_by_offer(turn, &desk, key))
		return PL_OK;
	return desk_step(turn, &desk, DESK_EV_CONTEXT, &act);
}

/* ---- wrap-up, agents ---- */

enum pl_err on_wrapped(struct pl_turn *turn, const char *key, const json_t *body)
{
	struct desk_act act = { 0 };
	struct desk desk;

	if (!desk_by_offer(turn, &desk, key))
		return PL_OK;
	return desk_step(turn, &desk, DESK_EV_WRAPPED, &act);
}

enum pl_err on_agent(struct pl_turn *turn, const struct pl_event *event)
{
	const char *name = NULL;
	int64_t wrapup_s = 0;
	enum pl_err err = pl_json_int(&wrapup_s, event->body, "wrapUpSeconds", 0, 86400, false);

	if (err)
		return err;
	if (strcmp(pl_json_get_text(event->body, "state"), "LoggedOut") == 0)
		forget_later(turn, event->key);
	if (pl_json_text(&name, event->body, "name", NAME_BYTES, false) || !name || !name[0] ||
	    strlen(event->key) > ID_MAX)
		return PL_OK;
	pl_exec(turn,
		"insert into agent (agent_id, name, wrapup_s) values ($1, $2, $3) "
		"on conflict (agent_id) do update set name = excluded.name, "
		"wrapup_s = excluded.wrapup_s "
		"where agent.name <> excluded.name or agent.wrapup_s <> excluded.wrapup_s",
		"ssi", event->key, name, wrapup_s);
	return PL_OK;
}

enum pl_err desks_sweep(struct pl_turn *turn)
{
	pl_exec(turn,
		"delete from agent_contact where offer_id in (select offer_id from agent_contact "
		"where ended_ms > 0 and ended_ms < $1 limit $2)",
		"ii", pl_turn_now_ms(turn) - KEPT_MS, (int64_t)SWEEP_ROWS);
	legs_sweep(turn, pl_turn_now_ms(turn) - KEPT_MS);
	return PL_OK;
}
