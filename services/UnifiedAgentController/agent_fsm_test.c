/*
 * agent_fsm_test.c — every pair of state and event of an agent (WSP-1, RTG-4).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent_fsm.h"

bool is_changed(const struct agent *agent)
{
	return agent->is_changed;
}

bool has_contacts(const struct agent *agent)
{
	return agent->contacts > 0;
}

bool wants_ready(const struct agent *agent)
{
	return agent->auto_ready;
}

/* Only their addresses count here. */
#define ACTION(name)                                                                               \
	void name(struct pl_turn *turn, const struct agent *agent)                                 \
	{                                                                                          \
		fail();                                                                            \
	}
ACTION(show_state)
ACTION(tell_state)
ACTION(show_and_tell_state)
ACTION(tell_gone)

enum { ANY = -1 };

/* What must come of each pair; what has no row is refused. */
static const struct {
	enum agent_state from;
	enum agent_event event;
	int changed, contacts, auto_ready;
	agent_action_fn *action;
	enum agent_state to;
} expected[] = {
	{ AGENT_LOGGED_OUT, AGENT_EV_LOGIN, ANY, ANY, ANY, tell_state, AGENT_LOGGED_IN },
	{ AGENT_LOGGED_IN, AGENT_EV_LOGIN, 1, ANY, ANY, tell_state, AGENT_LOGGED_IN },
	{ AGENT_LOGGED_IN, AGENT_EV_LOGIN, 0, ANY, ANY, NULL, AGENT_LOGGED_IN },
	{ AGENT_LOGGED_IN, AGENT_EV_START_WORK, ANY, ANY, 1, show_and_tell_state, AGENT_READY },
	{ AGENT_LOGGED_IN, AGENT_EV_START_WORK, ANY, ANY, 0, show_and_tell_state, AGENT_NOT_READY },
	{ AGENT_LOGGED_IN, AGENT_EV_GO_READY, ANY, ANY, ANY, show_and_tell_state, AGENT_READY },
	{ AGENT_LOGGED_IN, AGENT_EV_GO_NOT_READY, ANY, ANY, ANY, show_and_tell_state,
	  AGENT_NOT_READY },
	{ AGENT_LOGGED_IN, AGENT_EV_LOGOUT, ANY, ANY, ANY, tell_gone, AGENT_LOGGED_OUT },
	{ AGENT_LOGGED_IN, AGENT_EV_LOGOUT_NOW, ANY, ANY, ANY, tell_gone, AGENT_LOGGED_OUT },
	{ AGENT_LOGGED_IN, AGENT_EV_LOST, ANY, ANY, ANY, tell_gone, AGENT_LOGGED_OUT },
	{ AGENT_NOT_READY, AGENT_EV_LOGIN, 1, ANY, ANY, tell_state, AGENT_NOT_READY },
	{ AGENT_NOT_READY, AGENT_EV_LOGIN, 0, ANY, ANY, NULL, AGENT_NOT_READY },
	{ AGENT_NOT_READY, AGENT_EV_START_WORK, ANY, ANY, ANY, show_state, AGENT_NOT_READY },
	{ AGENT_NOT_READY, AGENT_EV_GO_READY, ANY, ANY, ANY, show_and_tell_state, AGENT_READY },
	{ AGENT_NOT_READY, AGENT_EV_GO_NOT_READY, ANY, ANY, ANY, show_and_tell_state,
	  AGENT_NOT_READY },
	{ AGENT_NOT_READY, AGENT_EV_LOGOUT, ANY, ANY, ANY, tell_gone, AGENT_LOGGED_OUT },
	{ AGENT_NOT_READY, AGENT_EV_LOGOUT_NOW, ANY, ANY, ANY, tell_gone, AGENT_LOGGED_OUT },
	{ AGENT_NOT_READY, AGENT_EV_LOST, ANY, ANY, ANY, tell_gone, AGENT_LOGGED_OUT },
	{ AGENT_NOT_READY, AGENT_EV_CONTACT, ANY, ANY, ANY, show_and_tell_state, AGENT_PENDING },
	{ AGENT_READY, AGENT_EV_LOGIN, 1, ANY, ANY, tell_state, AGENT_READY },
	{ AGENT_READY, AGENT_EV_LOGIN, 0, ANY, ANY, NULL, AGENT_READY },
	{ AGENT_READY, AGENT_EV_START_WORK, ANY, ANY, ANY, show_state, AGENT_READY },
	{ AGENT_READY, AGENT_EV_GO_READY, ANY, ANY, ANY, show_state, AGENT_READY },
	{ AGENT_READY, AGENT_EV_GO_NOT_READY, ANY, 1, ANY, show_and_tell_state, AGENT_PENDING },
	{ AGENT_READY, AGENT_EV_GO_NOT_READY, ANY, 0, ANY, show_and_tell_state, AGENT_NOT_READY },
	{ AGENT_READY, AGENT_EV_NO_ANSWER, ANY, 1, ANY, show_and_tell_state, AGENT_PENDING },
	{ AGENT_READY, AGENT_EV_NO_ANSWER, ANY, 0, ANY, show_and_tell_state, AGENT_NOT_READY },
	{ AGENT_READY, AGENT_EV_LOGOUT, ANY, 1, ANY, show_and_tell_state, AGENT_LEAVING },
	{ AGENT_READY, AGENT_EV_LOGOUT, ANY, 0, ANY, tell_gone, AGENT_LOGGED_OUT },
	{ AGENT_READY, AGENT_EV_LOGOUT_NOW, ANY, ANY, ANY, tell_gone, AGENT_LOGGED_OUT },
	{ AGENT_READY, AGENT_EV_LOST, ANY, ANY, ANY, tell_gone, AGENT_LOGGED_OUT },
	{ AGENT_PENDING, AGENT_EV_LOGIN, 1, ANY, ANY, tell_state, AGENT_PENDING },
	{ AGENT_PENDING, AGENT_EV_LOGIN, 0, ANY, ANY, NULL, AGENT_PENDING },
	{ AGENT_PENDING, AGENT_EV_START_WORK, ANY, ANY, ANY, show_state, AGENT_PENDING },
	{ AGENT_PENDING, AGENT_EV_GO_READY, ANY, ANY, ANY, show_and_tell_state, AGENT_READY },
	{ AGENT_PENDING, AGENT_EV_GO_NOT_READY, ANY, ANY, ANY, show_and_tell_state, AGENT_PENDING },
	{ AGENT_PENDING, AGENT_EV_LOGOUT, ANY, 1, ANY, show_and_tell_state, AGENT_LEAVING },
	{ AGENT_PENDING, AGENT_EV_LOGOUT, ANY, 0, ANY, tell_gone, AGENT_LOGGED_OUT },
	{ AGENT_PENDING, AGENT_EV_LOGOUT_NOW, ANY, ANY, ANY, tell_gone, AGENT_LOGGED_OUT },
	{ AGENT_PENDING, AGENT_EV_LOST, ANY, ANY, ANY, tell_gone, AGENT_LOGGED_OUT },
	{ AGENT_PENDING, AGENT_EV_LAST_CONTACT, ANY, ANY, ANY, show_and_tell_state,
	  AGENT_NOT_READY },
	{ AGENT_LEAVING, AGENT_EV_LOGIN, 1, ANY, ANY, tell_state, AGENT_LEAVING },
	{ AGENT_LEAVING, AGENT_EV_LOGIN, 0, ANY, ANY, NULL, AGENT_LEAVING },
	{ AGENT_LEAVING, AGENT_EV_START_WORK, ANY, ANY, ANY, show_state, AGENT_LEAVING },
	{ AGENT_LEAVING, AGENT_EV_GO_READY, ANY, ANY, ANY, show_and_tell_state, AGENT_READY },
	{ AGENT_LEAVING, AGENT_EV_GO_NOT_READY, ANY, 1, ANY, show_and_tell_state, AGENT_PENDING },
	{ AGENT_LEAVING, AGENT_EV_GO_NOT_READY, ANY, 0, ANY, show_and_tell_state, AGENT_NOT_READY },
	{ AGENT_LEAVING, AGENT_EV_LOGOUT, ANY, 1, ANY, show_state, AGENT_LEAVING },
	{ AGENT_LEAVING, AGENT_EV_LOGOUT, ANY, 0, ANY, tell_gone, AGENT_LOGGED_OUT },
	{ AGENT_LEAVING, AGENT_EV_LOGOUT_NOW, ANY, ANY, ANY, tell_gone, AGENT_LOGGED_OUT },
	{ AGENT_LEAVING, AGENT_EV_LOST, ANY, ANY, ANY, tell_gone, AGENT_LOGGED_OUT },
	{ AGENT_LEAVING, AGENT_EV_LAST_CONTACT, ANY, ANY, ANY, tell_gone, AGENT_LOGGED_OUT },
};

static bool fits(int want, bool have)
{
	return want == ANY || want == (int)have;
}

static void visit(const struct agent *agent, enum agent_event event)
{
	const struct agent_rule *rule = agent_rule_find(agent, event);

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		if (expected[i].from != agent->state || expected[i].event != event ||
		    !fits(expected[i].changed, agent->is_changed) ||
		    !fits(expected[i].contacts, agent->contacts > 0) ||
		    !fits(expected[i].auto_ready, agent->auto_ready))
			continue;
		assert_non_null(rule);
		assert_ptr_equal(rule->action, expected[i].action);
		assert_int_equal(rule->to, expected[i].to);
		assert_non_null(rule->why);
		return;
	}
	assert_null(rule);
}

static void test_every_pair(void **state)
{
	for (unsigned guards = 0; guards < 8; guards++)
		for (int from = AGENT_LOGGED_OUT; from < AGENT_STATES; from++)
			for (int event = 0; event < AGENT_EVENTS; event++) {
				struct agent agent = { .state = (enum agent_state)from,
						       .is_changed = guards & 1,
						       .contacts = guards & 2,
						       .auto_ready = guards & 4 };

				visit(&agent, (enum agent_event)event);
			}
}

/* What is shown of a state: its name, and what tells those of one name apart. */
static void test_what_is_shown(void **state)
{
	static const struct {
		enum agent_state state;
		const char *name;
		bool working, pending, leaving;
	} rows[] = {
		{ AGENT_LOGGED_OUT, "LoggedOut", false, false, false },
		{ AGENT_LOGGED_IN, "NotReady", false, false, false },
		{ AGENT_NOT_READY, "NotReady", true, false, false },
		{ AGENT_READY, "Ready", true, false, false },
		{ AGENT_PENDING, "NotReady", true, true, false },
		{ AGENT_LEAVING, "NotReady", true, false, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *object = json_object();

		agent_flags(object, rows[i].state);
		assert_string_equal(agent_state_name(rows[i].state), rows[i].name);
		assert_int_equal(json_is_true(json_object_get(object, "working")), rows[i].working);
		assert_int_equal(json_is_true(json_object_get(object, "pending")), rows[i].pending);
		assert_int_equal(json_is_true(json_object_get(object, "logoutPending")),
				 rows[i].leaving);
		json_decref(object);
	}
	assert_string_equal(agent_state_name(AGENT_STATES), "");
}

/* A rule behind one without a guard would never be reached. */
static void test_every_rule_is_reached(void **state)
{
	for (size_t i = 0; i < agent_rules_count; i++)
		for (size_t j = 0; j < i; j++)
			if (agent_rules[j].from == agent_rules[i].from &&
			    agent_rules[j].event == agent_rules[i].event)
				assert_non_null(agent_rules[j].guard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_pair),
		cmocka_unit_test(test_what_is_shown),
		cmocka_unit_test(test_every_rule_is_reached),
	};

	return cmocka_run_group_tests_name("agent-fsm", tests, NULL, NULL);
}
