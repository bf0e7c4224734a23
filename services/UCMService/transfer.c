/*
 * transfer.c — an agent hands a contact on: to a service, to another agent, or to the one who was
 * asked about it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "pelago/json.h"
#include "ucm.h"

/* Asked again after it was done: the answer may have been lost. */
static bool is_done(struct pl_turn *turn, const char *contact_id, const char *agent_id)
{
	struct offer offer;

	return offer_latest(turn, &offer, contact_id, agent_id) && offer.state == OFFER_WITHDRAWN &&
	       was_transferred(&offer);
}

static enum pl_err on_judged(struct pl_turn *turn, const struct pl_answer *answer)
{
	const char *contact_id = pl_json_get_text(answer->context, "contactId");
	const char *agent_id = pl_json_get_text(answer->context, "agentId");
	struct offer offer;
	enum pl_err err = target_judge(answer);

	if (!err)
		err = target_mine(turn, &offer, contact_id, agent_id);
	if (err)
		return err;
	offer.to = json_object_get(answer->context, "to");
	offer.note = json_string_value(json_object_get(answer->context, "note"));
	offer.agent_name = pl_json_get_text(answer->context, "name");
	err = offer_apply(turn, &offer, OFFER_EV_TRANSFER);
	if (!err)
		pl_reply(turn, answer->held, json_object());
	return err;
}

static enum pl_err to_leg(struct pl_turn *turn, const struct target *target, const json_t *body,
			  struct offer *offer)
{
	const char *name = pl_json_get_text(body, "session.name");
	struct leg leg;
	enum pl_err err = PL_OK;

	if (!leg_load(turn, &leg, target->leg) || strcmp(leg.contact_id, offer->contact.id) != 0)
		err = pl_fail(PL_INVALID, "to.leg: no consultation of this contact");
	else if (!leg_rule_find(&leg, LEG_EV_HAND_OVER))
		err = leg_apply(turn, &leg, LEG_EV_HAND_OVER); /* says why not */
	if (!err) {
		offer->leg = &leg;
		offer->note = target->note;
		offer->agent_name = name[0] ? name : offer->agent_id;
		err = offer_apply(turn, offer, OFFER_EV_TRANSFER);
	}
	leg_fini(&leg);
	return err;
}

enum pl_err op_transfer(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *contact_id = NULL, *agent_id = NULL;
	struct target target;
	struct offer offer;
	enum pl_err err = frame_read(&contact_id, &agent_id, body);

	if (!err)
		err = target_read(turn, &target, body, true);
	if (err)
		return err;
	if (is_done(turn, contact_id, agent_id))
		return PL_OK;
	err = target_mine(turn, &offer, contact_id, agent_id);
	if (err)
		return err;
	if (target.leg)
		return to_leg(turn, &target, body, &offer);
	target_ask(turn, &target, body, on_judged);
	return PL_OK;
}
