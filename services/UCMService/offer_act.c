/*
 * offer_act.c — what the rules of offers and contacts do: rows, events, and each other's events.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ucm.h"

#include <stdio.h>
#include <string.h>

static json_t *describe(const struct offer *offer)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "offerId", offer->id, "contactId",
			 offer->contact.id, "agentId", offer->agent_id, "channel", offer->channel,
			 "service", offer->service);
}

static void tell_ended(struct pl_turn *turn, const struct offer *offer, const char *reason,
		       bool requeue)
{
	json_t *body = describe(offer);

	json_object_set_new(body, "reason", json_string(reason));
	json_object_set_new(body, "requeue", json_boolean(requeue));
	json_object_set_new(body, "disposition",
			    offer->disposition ? json_string(offer->disposition) : json_null());
	if (offer->lost_ms)
		json_object_set_new(body, "lostMs", json_integer((json_int_t)offer->lost_ms));
	tell(turn, "ended", offer->contact.id, body);
}

static void end(struct pl_turn *turn, struct offer *offer, const char *reason, bool requeue)
{
	pl_exec(turn, "update offer set reason = $2, disposition = $3 where offer_id = $1", "sss",
		offer->id, reason, offer->disposition);
	tell_ended(turn, offer, reason, requeue);
}

static void requeue(struct pl_turn *turn, struct offer *offer, const char *reason)
{
	end(turn, offer, reason, true);
	pl_exec(turn, "update contact set agent_id = '' where contact_id = $1", "s",
		offer->contact.id);
	contact_apply(turn, &offer->contact, CONTACT_EV_REQUEUE, NULL);
}

/* ---- of an offer ---- */

bool is_wrapping_up(const struct offer *offer)
{
	return offer->contact.state == CONTACT_WRAPUP;
}

void tell_accepted(struct pl_turn *turn, struct offer *offer)
{
	tell(turn, "accepted", offer->contact.id, describe(offer));
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

/* The contact has ended by itself. */
void end_customer_left(struct pl_turn *turn, struct offer *offer)
{
	end(turn, offer, "customerLeft", false);
}

void end_completed(struct pl_turn *turn, struct offer *offer)
{
	end(turn, offer, "completed", false);
	contact_apply(turn, &offer->contact, CONTACT_EV_COMPLETE, NULL);
}

/* ---- of a contact ---- */

static void insert(struct pl_turn *turn, const struct offer *offer, enum offer_state state,
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
	int64_t timeout_s = pl_attribute_get(pl_turn_service(turn), "offer_timeout_s");
	json_t *customer = contact->customer ? json_loads(contact->customer, 0, NULL) : NULL;
	json_t *body = describe(offer);

	insert(turn, offer, OFFER_MADE, "");
	pl_exec(turn,
		"update contact set offer_id = $2, agent_id = $3, service = $4 where contact_id = $1",
		"ssss", contact->id, offer->id, offer->agent_id, offer->service);
	snprintf(contact->offer_id, sizeof(contact->offer_id), "%s", offer->id);
	pl_timer_set(turn, "offer", offer->id, PL_TIMER_HUMAN, 1000 * timeout_s, NULL);
	json_object_set_new(body, "customer", customer ? customer : json_object());
	json_object_set_new(body, "expiresInSeconds", json_integer(timeout_s));
	tell(turn, "made", contact->id, body);
}

static void refuse(struct pl_turn *turn, struct offer *offer, const char *reason)
{
	insert(turn, offer, OFFER_WITHDRAWN, reason);
	tell_ended(turn, offer, reason, false);
}

void refuse_left(struct pl_turn *turn, struct contact *contact, struct offer *offer)
{
	refuse(turn, offer, "customerLeft");
}

void refuse_taken(struct pl_turn *turn, struct contact *contact, struct offer *offer)
{
	refuse(turn, offer, "withdrawn");
}

void withdraw_offer(struct pl_turn *turn, struct contact *contact, struct offer *unused)
{
	struct offer offer;

	if (offer_load(turn, &offer, contact->offer_id))
		(void)offer_apply(turn, &offer, OFFER_EV_CUSTOMER_LEFT);
}
