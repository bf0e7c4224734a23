/*
 * leg_fsm.c — the rules of a consult leg.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "leg_fsm.h"

#define R(from, event, action, to, why)                                                            \
	{                                                                                          \
		LEG_##from, LEG_EV_##event, action, LEG_##to, why                                  \
	}
const struct leg_rule leg_rules[] = {
	R(OFFERING, ACCEPT, tell_leg, JOINED, "joined"),
	R(OFFERING, DECLINE, tell_and_close_leg, DECLINED, "declined"),
	R(OFFERING, MISS, tell_and_close_leg, NO_ANSWER, "nobody answered"),
	R(OFFERING, RELEASE, tell_and_close_leg, ENDED, "not wanted any more"),
	R(OFFERING, PARENT, tell_and_close_leg, ENDED, "the contact went on without"),
	R(JOINED, CONFERENCE, tell_leg, CONFERENCE, "into the chat"),
	R(JOINED, RELEASE, tell_and_close_leg, ENDED, "released"),
	R(JOINED, LOST, tell_and_close_leg, ENDED, "its agent was lost"),
	R(JOINED, PARENT, tell_and_close_leg, ENDED, "the contact went on without"),
	R(JOINED, HAND_OVER, tell_and_close_leg, ENDED, "its agent has the contact"),
	R(CONFERENCE, CONFERENCE, NULL, CONFERENCE, "in the chat already"),
	R(CONFERENCE, RELEASE, tell_and_close_leg, ENDED, "released"),
	R(CONFERENCE, LOST, tell_and_close_leg, ENDED, "its agent was lost"),
	R(CONFERENCE, PARENT, tell_and_close_leg, ENDED, "the contact went on without"),
	R(CONFERENCE, HAND_OVER, tell_and_close_leg, ENDED, "its agent has the contact"),
	R(DECLINED, RELEASE, NULL, DECLINED, "over before"),
	R(DECLINED, PARENT, NULL, DECLINED, "over before"),
	R(NO_ANSWER, RELEASE, NULL, NO_ANSWER, "over before"),
	R(NO_ANSWER, PARENT, NULL, NO_ANSWER, "over before"),
	R(ENDED, RELEASE, NULL, ENDED, "over before"),
	R(ENDED, PARENT, NULL, ENDED, "over before"),
};
#undef R
const size_t leg_rules_count = sizeof(leg_rules) / sizeof(leg_rules[0]);

static const char *const names[LEG_STATES] = {
	[LEG_OFFERING] = "offering", [LEG_JOINED] = "joined",	   [LEG_CONFERENCE] = "conference",
	[LEG_DECLINED] = "declined", [LEG_NO_ANSWER] = "noAnswer", [LEG_ENDED] = "ended",
};

const struct leg_rule *leg_rule_find(const struct leg *leg, enum leg_event event)
{
	for (size_t i = 0; i < leg_rules_count; i++)
		if (leg_rules[i].from == leg->state && leg_rules[i].event == event)
			return &leg_rules[i];
	return NULL;
}

const char *leg_state_name(enum leg_state state)
{
	return state > 0 && state < LEG_STATES ? names[state] : "";
}
