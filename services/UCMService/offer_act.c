/*
 * offer_act.c — what the rules of offers and contacts do: rows, events, and each other's events.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ucm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"

static json_t *describe(const struct offer *offer)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "offerId", offer->id, "contactId",
			 offer->contact.id, "agentId", offer->agent_id, "channel", offer->channel,
			 "service", offer->service);
}

/* What the agent is told beside it: of a leg what it is about, of a contact who transferred it. */
static void add_about(struct pl_turn *turn, const struct contact *contact, json_t *body)
{
	struct pl_rows *rows;
	json_t *note;

	if (contact->parent_id[0]) {
		leg_describe(turn, contact->id, body);
	} else if (contact->has_note) {
		rows = pl_query(turn, "select note from contact where contact_id = $1", "s",
				contact->id);
		note = pl_rows_next(rows) ? json_loads(pl_rows_text(rows, 0), 0, NULL) : NULL;
		pl_rows_free(rows);
		if (note)
			json_object_set_new(body, "note", note);
	}
}

static void tell_ended(struct pl_turn *turn, const struct offer *offer, const char *reason,
		       bool requeue)
{
	json_t *body = describe(offer);

	if (offer->contact.parent_id[0])
		json_object_set_new(body, "parentId", json_string(offer->contact.parent_id));
	if (requeue && offer->to)
		json_object_set_new(body, "to", json_deep_copy(offer->to));
	json_object_set_new(body, "reason", json_string(reason));
	json_object_set_new(body, "requeue", json_boolean(requeue));
	json_object_set_new(body, "disposition",
			    offer->disposition ? json_string(offer->disposition) : json_null());
	if (offer->lost_ms)
		json_object_set_new(body, "lostMs", json_integer((json_int_t)offer->lost_ms));
	tell(turn, "offer", "ended", offer->contact.id, body);
}

void offer_end(struct pl_turn *turn, struct offer *offer, const char *reason, bool requeue)
{
	pl_exec(turn, "update offer set reason = $2, disposition = $3 where offer_id = $1", "sss",
		offer->id, reason, offer->disposition);
	snprintf(offer->reason, sizeof(offer->reason), "%s", reason);
	tell_ended(turn, offer, reason, requeue);
}

static void requeue(struct pl_turn *turn, struct offer *offer, const char *reason)
{
	legs_end(turn, &offer->contact);
	offer_end(turn, offer, reason, true);
	pl_exec(turn, "update contact set agent_id = '' where contact_id = $1", "s",
		offer->contact.id);
	contact_apply(turn, &offer->contact, CONTACT_EV_REQUEUE, NULL);
}

/* ---- of an offer ---- */

bool is_wrapping_up(const struct offer *offer)
{
	return offer->contact.state == CONTACT_WRAPUP;
}

bool was_transferred(const struct offer *offer)
{
	return strcmp(offer->reason, "transferred") == 0;
}

void offer_tell_accepted(struct pl_turn *turn, const struct offer *offer)
{
	json_t *body = describe(offer);

	add_about(turn, &offer->contact, body);
	if (offer->leg)
		json_object_set_new(body, "handedOver", json_true());
	tell(turn, "offer", "accepted", offer->contact.id, body);
}

void tell_accepted(struct pl_turn *turn, struct offer *offer)
{
	offer_tell_accepted(turn, offer);
	contact_apply(turn, &offer->contact, CONTACT_EV_ACCEPT, NULL);
}

void end_rejected(struct pl_turn *turn, struct offer *offer)
{
	requeue(turn, offer, "rejected");
}

void end_no_answer(struct pl_turn *turn, struct offer *offer)
{
	requeue(turn, offer, "noAnswer");
}

void end_agent_lost(struct pl_turn *turn, struct offer *offer)
{
	requeue(turn, offer, "agentLost");
}

void offer_keep_note(struct pl_turn *turn, const struct offer *offer)
{
	json_t *note = offer->note ? json_pack("{s:s, s:{s:s, s:s}}", "text", offer->note, "from",
					       "id", offer->agent_id, "name", offer->agent_name)
				   : NULL;
	char *text = note ? pl_json_dump(note) : NULL;

	pl_exec(turn, "update contact set note = $2 where contact_id = $1", "ss", offer->contact.id,
		text);
	free(text);
	json_decref(note);
}

void end_transferred(struct pl_turn *turn, struct offer *offer)
{
	offer_keep_note(turn, offer);
	requeue(turn, offer, "transferred");
}

/* The contact has ended by itself. */
void end_customer_left(struct pl_turn *turn, struct offer *offer)
{
	offer_end(turn, offer, "customerLeft", false);
}

void end_completed(struct pl_turn *turn, struct offer *offer)
{
	offer_end(turn, offer, "completed", false);
	contact_apply(turn, &offer->contact, CONTACT_EV_COMPLETE, NULL);
}

/* ---- of a contact ---- */

void offer_insert(struct pl_turn *turn, const struct offer *offer, enum offer_state state,
		  const char *reason)
{
	int64_t now_ms = pl_turn_now_ms(turn);

	pl_exec(turn,
		"insert into offer (offer_id, contact_id, agent_id, channel, service, state, reason, "
		"made_ms, since_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		"sssssisii", offer->id, offer->contact.id, offer->agent_id, offer->channel,
		offer->service, (int64_t)state, reason, now_ms, now_ms);
}

void make_offer(struct pl_turn *turn, struct contact *contact, struct offer *offer)
{
	int64_t timeout_s = agent_offer_s(turn, offer->agent_id);
	json_t *customer = contact->customer ? json_loads(contact->customer, 0, NULL) : NULL;
	json_t *body = describe(offer);

	offer_insert(turn, offer, OFFER_MADE, "");
	pl_exec(turn,
		"update contact set offer_id = $2, agent_id = $3, service = $4 where contact_id = $1",
		"ssss", contact->id, offer->id, offer->agent_id, offer->service);
	snprintf(contact->offer_id, sizeof(contact->offer_id), "%s", offer->id);
	pl_timer_set(turn, "offer", offer->id, PL_TIMER_HUMAN, 1000 * timeout_s, NULL);
	json_object_set_new(body, "customer", customer ? customer : json_object());
	json_object_set_new(body, "expiresInSeconds", json_integer(timeout_s));
	add_about(turn, contact, body);
	tell(turn, "offer", "made", contact->id, body);
}

static void refuse(struct pl_turn *turn, const struct contact *contact, struct offer *offer,
		   const char *reason)
{
	offer_insert(turn, offer, OFFER_WITHDRAWN, reason);
	snprintf(offer->contact.parent_id, sizeof(offer->contact.parent_id), "%s",
		 contact->parent_id);
	tell_ended(turn, offer, reason, false);
}

void refuse_left(struct pl_turn *turn, struct contact *contact, struct offer *offer)
{
	refuse(turn, contact, offer, "customerLeft");
}

void refuse_taken(struct pl_turn *turn, struct contact *contact, struct offer *offer)
{
	refuse(turn, contact, offer, "withdrawn");
}

void withdraw_offer(struct pl_turn *turn, struct contact *contact, struct offer *unused)
{
	struct offer offer;

	if (offer_load(turn, &offer, contact->offer_id))
		(void)offer_apply(turn, &offer, OFFER_EV_CUSTOMER_LEFT);
}
