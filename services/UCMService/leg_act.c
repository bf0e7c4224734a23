/*
 * leg_act.c — what the rules of legs do, and those of legs' offers.
 *
 * A leg and its own contact end together, whichever ends first: each tells the other, and what has
 * ended already has a rule that does nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "ucm.h"

/* ---- of a leg ---- */

/* To the contact's agent, and to the leg's. */
void tell_leg(struct pl_turn *turn, struct leg *leg)
{
	struct pl_rows *rows = pl_query(turn, "select agent_id from contact where contact_id = $1",
					"s", leg->contact_id);
	json_t *body = leg_view(leg);

	json_object_set_new(body, "contactId", json_string(leg->contact_id));
	json_object_set_new(body, "offerId", json_string(leg->offer_id));
	if (pl_rows_next(rows))
		json_object_set_new(body, "agentId", json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	tell(turn, "leg", "state", leg->contact_id, body);
}

static void close_contact(struct pl_turn *turn, struct contact *contact)
{
	struct offer offer;

	switch (contact->state) {
	case CONTACT_OPENED:
	case CONTACT_QUEUED:
		pl_command(turn, "WorkAssignment.cancel", contact->id,
			   json_pack("{s:s}", "contactId", contact->id), NULL);
		contact_apply(turn, contact, CONTACT_EV_CLOSE, NULL);
		break;
	case CONTACT_OFFERED:
		contact_apply(turn, contact, CONTACT_EV_CLOSE, NULL);
		break;
	case CONTACT_ACTIVE:
		if (offer_load(turn, &offer, contact->offer_id))
			(void)offer_apply(turn, &offer, OFFER_EV_COMPLETE);
		break;
	case CONTACT_WRAPUP: /* no leg is ever there */
	case CONTACT_ENDED:
	case CONTACT_STATES:
		break;
	}
}

void tell_and_close_leg(struct pl_turn *turn, struct leg *leg)
{
	struct contact contact;

	tell_leg(turn, leg);
	if (contact_load(turn, &contact, leg->id))
		close_contact(turn, &contact);
	contact_fini(&contact);
}

/* ---- of its offers ---- */

bool is_leg(const struct offer *offer)
{
	return offer->contact.parent_id[0] != '\0';
}

bool is_named_leg(const struct offer *offer)
{
	return is_leg(offer) && offer->contact.is_named;
}

bool is_handed_over(const struct offer *offer)
{
	return offer->leg != NULL;
}

static void tell_its_leg(struct pl_turn *turn, const struct offer *offer, enum leg_event event)
{
	struct leg leg;

	if (leg_load(turn, &leg, offer->contact.id) && leg_rule_find(&leg, event))
		(void)leg_apply(turn, &leg, event);
	leg_fini(&leg);
}

void join_leg(struct pl_turn *turn, struct offer *offer)
{
	struct leg leg;

	tell_accepted(turn, offer);
	if (leg_load(turn, &leg, offer->contact.id) && leg_rule_find(&leg, LEG_EV_ACCEPT)) {
		snprintf(leg.offer_id, sizeof(leg.offer_id), "%s", offer->id);
		snprintf(leg.agent_id, sizeof(leg.agent_id), "%s", offer->agent_id);
		snprintf(leg.agent_name, sizeof(leg.agent_name), "%s", offer->agent_name);
		(void)leg_apply(turn, &leg, LEG_EV_ACCEPT);
	}
	leg_fini(&leg);
}

static void give_up(struct pl_turn *turn, struct offer *offer, const char *reason,
		    enum leg_event event)
{
	offer_end(turn, offer, reason, false);
	contact_apply(turn, &offer->contact, CONTACT_EV_GIVE_UP, NULL);
	tell_its_leg(turn, offer, event);
}

void leg_pass_over(struct pl_turn *turn, const struct contact *contact, struct offer *offer)
{
	bool waits = contact->state == CONTACT_OPENED || contact->state == CONTACT_QUEUED;

	snprintf(offer->contact.parent_id, sizeof(offer->contact.parent_id), "%s",
		 contact->parent_id);
	offer_insert(turn, offer, OFFER_REJECTED, "rejected");
	offer_end(turn, offer, "rejected", waits);
}

void decline_leg(struct pl_turn *turn, struct offer *offer)
{
	give_up(turn, offer, "rejected", LEG_EV_DECLINE);
}

void miss_leg(struct pl_turn *turn, struct offer *offer)
{
	give_up(turn, offer, offer->state == OFFER_NO_ANSWER ? "noAnswer" : "agentLost",
		LEG_EV_MISS);
}

void lose_leg(struct pl_turn *turn, struct offer *offer)
{
	give_up(turn, offer, "agentLost", LEG_EV_LOST);
}

/* The contact of the leg is ending; it was what asked for this. */
void withdraw_leg(struct pl_turn *turn, struct offer *offer)
{
	offer_end(turn, offer, "withdrawn", false);
}

void complete_leg(struct pl_turn *turn, struct offer *offer)
{
	end_completed(turn, offer);
	tell_its_leg(turn, offer, LEG_EV_RELEASE);
}

/*
 * The leg's agent has the contact by an offer that was never made: told as accepted before the old
 * one ends, so that the contact is never without an agent. Other legs go.
 */
void hand_over(struct pl_turn *turn, struct offer *offer)
{
	struct leg *leg = offer->leg;
	struct offer next = *offer;

	pl_id(next.id);
	snprintf(next.agent_id, sizeof(next.agent_id), "%s", leg->agent_id);
	next.reason[0] = '\0';
	offer_keep_note(turn, offer);
	next.contact.has_note = offer->note != NULL;
	offer_insert(turn, &next, OFFER_ACCEPTED, "");
	pl_exec(turn, "update contact set offer_id = $2, agent_id = $3 where contact_id = $1",
		"sss", offer->contact.id, next.id, next.agent_id);
	offer_tell_accepted(turn, &next);
	offer_end(turn, offer, "transferred", false);
	(void)leg_apply(turn, leg, LEG_EV_HAND_OVER); /* looked at before */
	legs_end(turn, &offer->contact);
}
