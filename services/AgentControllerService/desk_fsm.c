/*
 * desk_fsm.c — the rules of an agent's contact.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "desk_fsm.h"

#define R(from, event, guard, action, to, why)                                                     \
	{                                                                                          \
		DESK_##from, DESK_EV_##event, guard, action, DESK_##to, why                        \
	}
const struct desk_rule desk_rules[] = {
	/* first match wins */
	R(ASSIGNED, JOINED, NULL, fetch_context, ASSIGNED, "joined the chat"),
	R(ASSIGNED, REFUSED, NULL, complete, COMPLETED, "there is no chat any more"),
	R(ASSIGNED, CONTEXT, is_closed_with_wrapup, show_then_wrapup, WRAPUP,
	  "closed before it was shown"),
	R(ASSIGNED, CONTEXT, is_closed, show_then_complete, COMPLETED,
	  "closed before it was shown"),
	R(ASSIGNED, CONTEXT, NULL, show, ACTIVE, "shown to the agent"),
	R(ASSIGNED, CLOSED, NULL, note_closed, ASSIGNED, "closed while the agent joined"),
	R(ASSIGNED, CONFERENCE, is_leg, enter_chat, ASSIGNED, "enters the chat"),
	R(ASSIGNED, ENTERED, is_leg, note_entered, ASSIGNED, "is in the chat"),
	R(ASSIGNED, ENDED, is_leg, end_leg, COMPLETED, "the consultation is over"),
	R(ASSIGNED, ENDED, NULL, leave, COMPLETED, "taken from the agent"),

	R(ACTIVE, CONTEXT, NULL, NULL, ACTIVE, "the context came too late"),
	R(ACTIVE, CLOSED, wants_wrapup, start_wrapup, WRAPUP, "closed; wrapping up"),
	R(ACTIVE, CLOSED, NULL, close_and_complete, COMPLETED, "closed"),
	R(ACTIVE, CONFERENCE, is_leg, enter_chat, ACTIVE, "enters the chat"),
	R(ACTIVE, ENTERED, is_leg, note_entered, ACTIVE, "is in the chat"),
	R(ACTIVE, ENDED, is_leg, end_leg, COMPLETED, "the consultation is over"),
	R(ACTIVE, ENDED, NULL, leave, COMPLETED, "taken from the agent"),
	R(ACTIVE, MESSAGE, may_speak, pass_message, ACTIVE, "said"),
	R(ACTIVE, TYPING, may_speak, pass_typing, ACTIVE, "types"),
	R(ACTIVE, TYPING, NULL, NULL, ACTIVE, "types beside the chat"),
	R(ACTIVE, CLOSE, is_leg, release_leg, ACTIVE, "the agent ends the consultation"),
	R(ACTIVE, CLOSE, NULL, pass_close, ACTIVE, "the agent closes"),
	R(ACTIVE, PRIVATE, NULL, pass_private, ACTIVE, "said among agents"),
	R(ACTIVE, PUSH, may_speak, pass_push, ACTIVE, "shows a page"),

	R(WRAPUP, CONTEXT, NULL, NULL, WRAPUP, "the context came too late"),
	R(WRAPUP, CLOSED, NULL, NULL, WRAPUP, "known to be closed"),
	R(WRAPUP, ENDED, NULL, withdraw, COMPLETED, "taken from the agent in wrap-up"),
	R(WRAPUP, WRAPPED, NULL, complete, COMPLETED, "the time for wrap-up is over"),
	R(WRAPUP, MESSAGE, NULL, pass_message, WRAPUP, "said again, or too late: the chat knows"),
	R(WRAPUP, TYPING, NULL, NULL, WRAPUP, "typed on while it was closed"),
	R(WRAPUP, CLOSE, NULL, keep_disposition, WRAPUP, "closed already"),
	R(WRAPUP, PRIVATE, NULL, pass_private, WRAPUP, "said again, or too late: the chat knows"),
	R(WRAPUP, PUSH, NULL, pass_push, WRAPUP, "shown again, or too late: the chat knows"),
	R(WRAPUP, EXTEND, may_extend, extend, WRAPUP, "takes more time"),
	R(WRAPUP, COMPLETE, NULL, complete, COMPLETED, "completed by the agent"),

	R(COMPLETED, JOINED, NULL, NULL, COMPLETED, "joined too late; it leaves behind"),
	R(COMPLETED, REFUSED, NULL, NULL, COMPLETED, "not wanted any more"),
	R(COMPLETED, CONTEXT, NULL, NULL, COMPLETED, "the context came too late"),
	R(COMPLETED, CLOSED, NULL, NULL, COMPLETED, "not this agent's any more"),
	R(COMPLETED, ENDED, NULL, NULL, COMPLETED, "the offer ended too"),
	R(COMPLETED, CONFERENCE, is_leg, NULL, COMPLETED, "over before"),
	R(COMPLETED, ENTERED, is_leg, NULL, COMPLETED, "entered too late; it leaves behind"),
	R(COMPLETED, CLOSE, is_leg, NULL, COMPLETED, "over before"),
	R(COMPLETED, COMPLETE, NULL, NULL, COMPLETED, "completed before"),
};
#undef R
const size_t desk_rules_count = sizeof(desk_rules) / sizeof(desk_rules[0]);

const struct desk_rule *desk_rule_find(struct pl_turn *turn, const struct desk *desk,
				       enum desk_event event, const struct desk_act *act)
{
	for (size_t i = 0; i < desk_rules_count; i++) {
		const struct desk_rule *rule = &desk_rules[i];

		if (rule->from == desk->state && rule->event == event &&
		    (!rule->guard || rule->guard(turn, desk, act)))
			return rule;
	}
	return NULL;
}
