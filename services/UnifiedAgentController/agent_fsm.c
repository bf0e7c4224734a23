/*
 * agent_fsm.c — the rules of an agent's state.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "agent_fsm.h"

#define R(from, event, guard, action, to, why)                                                     \
	{                                                                                          \
		AGENT_##from, AGENT_EV_##event, guard, action, AGENT_##to, why                     \
	}
const struct agent_rule agent_rules[] = {
	/* first match wins */
	R(LOGGED_OUT, LOGIN, NULL, tell_state, NOT_READY, "logged in"),
	R(NOT_READY, LOGIN, is_changed, tell_state, NOT_READY, "came back with other skills"),
	R(NOT_READY, LOGIN, NULL, NULL, NOT_READY, "came back"),
	R(NOT_READY, GO_READY, NULL, show_and_tell_state, READY, "ready"),
	R(NOT_READY, GO_NOT_READY, NULL, show_and_tell_state, NOT_READY,
	  "not ready for another reason"),
	R(NOT_READY, LOGOUT, NULL, tell_gone, LOGGED_OUT, "logged out"),
	R(NOT_READY, LOST, NULL, tell_gone, LOGGED_OUT, "the browser was lost"),
	R(READY, LOGIN, is_changed, tell_state, READY, "came back with other skills"),
	R(READY, LOGIN, NULL, NULL, READY, "came back"),
	R(READY, GO_READY, NULL, show_state, READY, "ready before"),
	R(READY, GO_NOT_READY, NULL, show_and_tell_state, NOT_READY, "not ready"),
	R(READY, NO_ANSWER, NULL, show_and_tell_state, NOT_READY, "did not answer"),
	R(READY, LOGOUT, NULL, tell_gone, LOGGED_OUT, "logged out"),
	R(READY, LOST, NULL, tell_gone, LOGGED_OUT, "the browser was lost"),
};
#undef R
const size_t agent_rules_count = sizeof(agent_rules) / sizeof(agent_rules[0]);

static const char *const names[AGENT_STATES] = {
	[AGENT_LOGGED_OUT] = "LoggedOut",
	[AGENT_NOT_READY] = "NotReady",
	[AGENT_READY] = "Ready",
};

const struct agent_rule *agent_rule_find(const struct agent *agent, enum agent_event event)
{
	for (size_t i = 0; i < agent_rules_count; i++) {
		const struct agent_rule *rule = &agent_rules[i];

		if (rule->from == agent->state && rule->event == event &&
		    (!rule->guard || rule->guard(agent)))
			return rule;
	}
	return NULL;
}

const char *agent_state_name(enum agent_state state)
{
	return state > 0 && state < AGENT_STATES ? names[state] : "";
}
