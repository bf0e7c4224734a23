/*
 * offer_fsm.c — the rules of an offer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "offer_fsm.h"

#include <string.h>

#define R(from, event, guard, action, to, why)                                                     \
	{                                                                                          \
		OFFER_##from, OFFER_EV_##event, guard, action, OFFER_##to, why                     \
	}
const struct offer_rule offer_rules[] = {
	/* first match wins */
	R(MADE, ACCEPT, is_leg, join_leg, ACCEPTED, "joined a consultation"),
	R(MADE, ACCEPT, NULL, tell_accepted, ACCEPTED, "accepted"),
	R(MADE, REJECT, is_named_leg, decline_leg, REJECTED, "declined a consultation"),
	R(MADE, REJECT, NULL, end_rejected, REJECTED, "rejected"),
	R(MADE, TIMEOUT, is_named_leg, miss_leg, NO_ANSWER, "did not answer a consultation"),
	R(MADE, TIMEOUT, NULL, end_no_answer, NO_ANSWER, "not answered in time"),
	R(MADE, CUSTOMER_LEFT, is_leg, withdraw_leg, WITHDRAWN, "not asked any more"),
	R(MADE, CUSTOMER_LEFT, NULL, end_customer_left, WITHDRAWN, "the customer left"),
	R(MADE, AGENT_GONE, is_named_leg, miss_leg, WITHDRAWN, "went away"),
	R(MADE, AGENT_GONE, NULL, end_agent_lost, WITHDRAWN, "the agent went away"),
	R(ACCEPTED, ACCEPT, NULL, NULL, ACCEPTED, "accepted before"),
	R(ACCEPTED, COMPLETE, is_leg, complete_leg, COMPLETED, "the consultation is over"),
	R(ACCEPTED, COMPLETE, NULL, end_completed, COMPLETED, "completed"),
	R(ACCEPTED, TRANSFER, is_handed_over, hand_over, WITHDRAWN, "handed over"),
	R(ACCEPTED, TRANSFER, NULL, end_transferred, WITHDRAWN, "transferred"),
	R(ACCEPTED, AGENT_GONE, is_leg, lose_leg, WITHDRAWN, "was lost in a consultation"),
	R(ACCEPTED, AGENT_GONE, is_wrapping_up, end_completed, COMPLETED, "went while wrapping up"),
	R(ACCEPTED, AGENT_GONE, NULL, end_agent_lost, WITHDRAWN, "the agent was lost"),
	R(REJECTED, REJECT, NULL, NULL, REJECTED, "rejected before"),
	R(WITHDRAWN, TRANSFER, was_transferred, NULL, WITHDRAWN, "transferred before"),
	R(COMPLETED, COMPLETE, NULL, NULL, COMPLETED, "completed before"),
};
#undef R
const size_t offer_rules_count = sizeof(offer_rules) / sizeof(offer_rules[0]);

static const struct {
	enum offer_state state;
	const char *reason; /* NULL: any */
	const char *text;
} words[] = {
	{ OFFER_MADE, NULL, "the offer isn't accepted yet" },
	{ OFFER_ACCEPTED, NULL, "the offer was accepted already" },
	{ OFFER_REJECTED, NULL, "the offer was rejected" },
	{ OFFER_NO_ANSWER, NULL, "the offer was not answered in time" },
	{ OFFER_WITHDRAWN, "customerLeft", "the customer left" },
	{ OFFER_WITHDRAWN, "transferred", "the contact was transferred" },
	{ OFFER_WITHDRAWN, NULL, "the offer was taken back" },
	{ OFFER_COMPLETED, NULL, "the contact is completed" },
};

const struct offer_rule *offer_rule_find(const struct offer *offer, enum offer_event event)
{
	for (size_t i = 0; i < offer_rules_count; i++) {
		const struct offer_rule *rule = &offer_rules[i];

		if (rule->from == offer->state && rule->event == event &&
		    (!rule->guard || rule->guard(offer)))
			return rule;
	}
	return NULL;
}

const char *offer_words(const struct offer *offer)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].state == offer->state &&
		    (!words[i].reason || strcmp(words[i].reason, offer->reason) == 0))
			return words[i].text;
	return "there is no such offer";
}
