/*
 * chat_fsm.c — the rules of a chat.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "chat_fsm.h"

#define R(from, event, guard, action, to, why)                                                     \
	{                                                                                          \
		CHAT_##from, CHAT_EV_##event, guard, action, CHAT_##to, why                        \
	}
const struct chat_rule chat_rules[] = {
	/* first match wins */
	R(OPEN, MESSAGE, NULL, add_message, OPEN, "said"),
	R(OPEN, TYPING, NULL, push_typing, OPEN, "types"),
	R(OPEN, FILE, NULL, add_file, OPEN, "sent a file"),
	R(OPEN, PRIVATE, NULL, add_private, OPEN, "said among agents"),
	R(OPEN, JOIN, NULL, add_joined, SERVED, "joined"),
	R(OPEN, LEAVE, NULL, NULL, OPEN, "wasn't there"),
	R(OPEN, CLOSE, asks_survey, close_and_ask, CLOSED, "closed, the customer is asked"),
	R(OPEN, CLOSE, NULL, add_closed, CLOSED, "closed unserved"),
	R(OPEN, AWAY, NULL, NULL, OPEN, "away; nobody is there to be told"),
	R(OPEN, BACK, NULL, NULL, OPEN, "here again"),
	R(OPEN, ABANDON, NULL, add_abandoned, CLOSED, "abandoned in the queue"),
	R(OPEN, WARN, NULL, warn_idle, OPEN, "warned"),
	R(SERVED, MESSAGE, NULL, add_message, SERVED, "said"),
	R(SERVED, TYPING, NULL, push_typing, SERVED, "types"),
	R(SERVED, FILE, NULL, add_file, SERVED, "sent a file"),
	R(SERVED, PUSH, NULL, add_push, SERVED, "showed a page"),
	R(SERVED, PRIVATE, NULL, add_private, SERVED, "said among agents"),
	R(SERVED, JOIN, is_there_otherwise, add_quietly, SERVED, "there already"),
	R(SERVED, LEAVE, is_there_otherwise, leave_quietly, SERVED, "stays in another part"),
	R(SERVED, JOIN, NULL, add_joined, SERVED, "one more joined"),
	R(SERVED, LEAVE, is_last_agent, add_left, OPEN, "the last agent left"),
	R(SERVED, LEAVE, NULL, add_left, SERVED, "one of several left"),
	R(SERVED, CLOSE, asks_survey, close_and_ask, CLOSED, "closed, the customer is asked"),
	R(SERVED, CLOSE, NULL, add_closed, CLOSED, "closed"),
	R(SERVED, AWAY, NULL, push_away, SERVED, "away"),
	R(SERVED, BACK, NULL, push_back, SERVED, "here again"),
	R(SERVED, ABANDON, NULL, NULL, SERVED, "who serves the customer decides"),
	R(SERVED, WARN, NULL, warn_idle, SERVED, "warned"),
	R(CLOSED, TYPING, NULL, NULL, CLOSED, "typed on while it was closed"),
	R(CLOSED, JOIN, NULL, NULL, CLOSED, "joined too late"),
	R(CLOSED, LEAVE, NULL, NULL, CLOSED, "nobody is there"),
	R(CLOSED, CLOSE, NULL, NULL, CLOSED, "closed before"),
	R(CLOSED, ANSWER, is_asked, add_surveyed, CLOSED, "the survey was answered"),
	R(CLOSED, AWAY, NULL, NULL, CLOSED, "away after the end"),
	R(CLOSED, BACK, NULL, NULL, CLOSED, "here after the end"),
	R(CLOSED, ABANDON, NULL, NULL, CLOSED, "closed before"),
	R(CLOSED, WARN, NULL, NULL, CLOSED, "closed before"),
};
#undef R
const size_t chat_rules_count = sizeof(chat_rules) / sizeof(chat_rules[0]);

const struct chat_rule *chat_rule_find(struct pl_turn *turn, const struct chat *chat,
				       enum chat_event event, const struct chat_act *act)
{
	for (size_t i = 0; i < chat_rules_count; i++) {
		const struct chat_rule *rule = &chat_rules[i];

		if (rule->from == chat->state && rule->event == event &&
		    (!rule->guard || rule->guard(turn, chat, act)))
			return rule;
	}
	return NULL;
}
