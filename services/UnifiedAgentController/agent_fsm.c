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
	R(LOGGED_OUT, LOGIN, NULL, tell_state, LOGGED_IN, "logged in"),

	R(LOGGED_IN, LOGIN, is_changed, tell_state, LOGGED_IN, "came back with other skills"),
	R(LOGGED_IN, LOGIN, NULL, NULL, LOGGED_IN, "came back"),
	R(LOGGED_IN, START_WORK, wants_ready, show_and_tell_state, READY, "started work, ready"),
	R(LOGGED_IN, START_WORK, NULL, show_and_tell_state, NOT_READY, "started work"),
	R(LOGGED_IN, GO_READY, NULL, show_and_tell_state, READY, "ready"),
	R(LOGGED_IN, GO_NOT_READY, NULL, show_and_tell_state, NOT_READY, "not ready"),
	R(LOGGED_IN, LOGOUT, NULL, tell_gone, LOGGED_OUT, "logged out"),
	R(LOGGED_IN, LOGOUT_NOW, NULL, tell_gone, LOGGED_OUT, "logged out"),
	R(LOGGED_IN, LOST, NULL, tell_gone, LOGGED_OUT, "the browser was lost"),

	R(NOT_READY, LOGIN, is_changed, tell_state, NOT_READY, "came back with other skills"),
	R(NOT_READY, LOGIN, NULL, NULL, NOT_READY, "came back"),
	R(NOT_READY, START_WORK, NULL, show_state, NOT_READY, "works already"),
	R(NOT_READY, GO_READY, NULL, show_and_tell_state, READY, "ready"),
	R(NOT_READY, GO_NOT_READY, NULL, show_and_tell_state, NOT_READY,
	  "not ready for another reason"),
	R(NOT_READY, LOGOUT, NULL, tell_gone, LOGGED_OUT, "logged out"),
	R(NOT_READY, LOGOUT_NOW, NULL, tell_gone, LOGGED_OUT, "logged out"),
	R(NOT_READY, LOST, NULL, tell_gone, LOGGED_OUT, "the browser was lost"),
	R(NOT_READY, CONTACT, NULL, show_and_tell_state, PENDING, "took a last contact"),

	R(READY, LOGIN, is_changed, tell_state, READY, "came back with other skills"),
	R(READY, LOGIN, NULL, NULL, READY, "came back"),
	R(READY, START_WORK, NULL, show_state, READY, "works already"),
	R(READY, GO_READY, NULL, show_state, READY, "ready before"),
	R(READY, GO_NOT_READY, has_contacts, show_and_tell_state, PENDING,
	  "not ready after the last contact"),
	R(READY, GO_NOT_READY, NULL, show_and_tell_state, NOT_READY, "not ready"),
	R(READY, NO_ANSWER, has_contacts, show_and_tell_state, PENDING,
	  "did not answer, not ready after the last contact"),
	R(READY, NO_ANSWER, NULL, show_and_tell_state, NOT_READY, "did not answer"),
	R(READY, LOGOUT, has_contacts, show_and_tell_state, LEAVING,
	  "logs out after the last contact"),
	R(READY, LOGOUT, NULL, tell_gone, LOGGED_OUT, "logged out"),
	R(READY, LOGOUT_NOW, NULL, tell_gone, LOGGED_OUT, "logged out with contacts open"),
	R(READY, LOST, NULL, tell_gone, LOGGED_OUT, "the browser was lost"),

	R(PENDING, LOGIN, is_changed, tell_state, PENDING, "came back with other skills"),
	R(PENDING, LOGIN, NULL, NULL, PENDING, "came back"),
	R(PENDING, START_WORK, NULL, show_state, PENDING, "works already"),
	R(PENDING, GO_READY, NULL, show_and_tell_state, READY, "goes on"),
	R(PENDING, GO_NOT_READY, NULL, show_and_tell_state, PENDING,
	  "not ready for another reason"),
	R(PENDING, LOGOUT, has_contacts, show_and_tell_state, LEAVING,
	  "logs out after the last contact"),
	R(PENDING, LOGOUT, NULL, tell_gone, LOGGED_OUT, "logged out"),
	R(PENDING, LOGOUT_NOW, NULL, tell_gone, LOGGED_OUT, "logged out with contacts open"),
	R(PENDING, LOST, NULL, tell_gone, LOGGED_OUT, "the browser was lost"),
	R(PENDING, LAST_CONTACT, NULL, show_and_tell_state, NOT_READY, "the last contact is done"),

	R(LEAVING, LOGIN, is_changed, tell_state, LEAVING, "came back with other skills"),
	R(LEAVING, LOGIN, NULL, NULL, LEAVING, "came back"),
	R(LEAVING, START_WORK, NULL, show_state, LEAVING, "works already"),
	R(LEAVING, GO_READY, NULL, show_and_tell_state, READY, "stays, ready"),
	R(LEAVING, GO_NOT_READY, has_contacts, show_and_tell_state, PENDING,
	  "stays, not ready after the last contact"),
	R(LEAVING, GO_NOT_READY, NULL, show_and_tell_state, NOT_READY, "stays, not ready"),
	R(LEAVING, LOGOUT, has_contacts, show_state, LEAVING, "logs out after the last contact"),
	R(LEAVING, LOGOUT, NULL, tell_gone, LOGGED_OUT, "logged out"),
	R(LEAVING, LOGOUT_NOW, NULL, tell_gone, LOGGED_OUT, "logged out with contacts open"),
	R(LEAVING, LOST, NULL, tell_gone, LOGGED_OUT, "the browser was lost"),
	R(LEAVING, LAST_CONTACT, NULL, tell_gone, LOGGED_OUT, "logged out after the last contact"),
};
#undef R
const size_t agent_rules_count = sizeof(agent_rules) / sizeof(agent_rules[0]);

static const struct {
	const char *name;
	bool is_working, is_pending, is_leaving;
} shown[AGENT_STATES] = {
	[AGENT_LOGGED_OUT] = { "LoggedOut", false, false, false },
	[AGENT_LOGGED_IN] = { "NotReady", false, false, false },
	[AGENT_NOT_READY] = { "NotReady", true, false, false },
	[AGENT_READY] = { "Ready", true, false, false },
	[AGENT_PENDING] = { "NotReady", true, true, false },
	[AGENT_LEAVING] = { "NotReady", true, false, true },
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
	return state > 0 && state < AGENT_STATES ? shown[state].name : "";
}

void agent_flags(json_t *object, enum agent_state state)
{
	bool is_one = state > 0 && state < AGENT_STATES;

	json_object_set_new(object, "working", json_boolean(is_one && shown[state].is_working));
	json_object_set_new(object, "pending", json_boolean(is_one && shown[state].is_pending));
	json_object_set_new(object, "logoutPending",
			    json_boolean(is_one && shown[state].is_leaving));
}
