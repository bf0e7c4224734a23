/*
 * contact_fsm.c — the rules of a contact.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "contact_fsm.h"

#include <strings.h>

#define R(from, event, guard, action, to, why)                                                     \
	{                                                                                          \
		CONTACT_##from, CONTACT_EV_##event, guard, action, CONTACT_##to, why               \
	}
const struct contact_rule contact_rules[] = {
	/* first match wins */
	R(OPENED, MATCH, NULL, make_offer, OFFERED, "matched"),
	R(OPENED, CLOSE, NULL, NULL, ENDED, "closed before an agent was found"),
	R(QUEUED, MATCH, NULL, make_offer, OFFERED, "matched again"),
	R(QUEUED, CLOSE, NULL, NULL, ENDED, "closed while it waited again"),
	R(OFFERED, MATCH, NULL, refuse_taken, OFFERED, "matched twice: the first offer stands"),
	R(OFFERED, ACCEPT, NULL, NULL, ACTIVE, "accepted"),
	R(OFFERED, REQUEUE, NULL, NULL, QUEUED, "the offer came to nothing"),
	R(OFFERED, CLOSE, NULL, withdraw_offer, ENDED, "the customer left while it was offered"),
	R(OFFERED, GIVE_UP, NULL, NULL, ENDED, "nobody else is asked"),
	R(ACTIVE, MATCH, NULL, refuse_taken, ACTIVE, "matched though it has an agent"),
	R(ACTIVE, REQUEUE, NULL, NULL, QUEUED, "the agent was lost"),
	R(ACTIVE, CLOSE, NULL, NULL, WRAPUP, "closed, the agent wraps up"),
	R(ACTIVE, COMPLETE, NULL, NULL, ENDED, "completed before its close was heard"),
	R(ACTIVE, GIVE_UP, NULL, NULL, ENDED, "who was asked is lost, nobody else is asked"),
	R(WRAPUP, MATCH, NULL, refuse_left, WRAPUP, "matched too late"),
	R(WRAPUP, COMPLETE, NULL, NULL, ENDED, "wrapped up"),
	R(WRAPUP, CLOSE, NULL, NULL, WRAPUP, "closed before"),
	R(ENDED, MATCH, NULL, refuse_left, ENDED, "matched too late"),
	R(ENDED, CLOSE, NULL, NULL, ENDED, "closed before"),
};
#undef R
const size_t contact_rules_count = sizeof(contact_rules) / sizeof(contact_rules[0]);

static const char *const names[CONTACT_STATES] = {
	[CONTACT_OPENED] = "opened", [CONTACT_QUEUED] = "queued", [CONTACT_OFFERED] = "offered",
	[CONTACT_ACTIVE] = "active", [CONTACT_WRAPUP] = "wrapup", [CONTACT_ENDED] = "ended",
};

const struct contact_rule *contact_rule_find(const struct contact *contact,
					     enum contact_event event)
{
	for (size_t i = 0; i < contact_rules_count; i++) {
		const struct contact_rule *rule = &contact_rules[i];

		if (rule->from == contact->state && rule->event == event &&
		    (!rule->guard || rule->guard(contact)))
			return rule;
	}
	return NULL;
}

const char *contact_state_name(enum contact_state state)
{
	return state > 0 && state < CONTACT_STATES ? names[state] : "";
}

enum contact_state contact_state_parse(const char *name)
{
	for (int i = CONTACT_OPENED; i < CONTACT_STATES; i++)
		if (strcasecmp(names[i], name) == 0)
			return (enum contact_state)i;
	return 0;
}
