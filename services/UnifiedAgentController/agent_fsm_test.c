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

struct cell {
	agent_action_fn *action;
	enum agent_state to; /* 0: refused */
};
#define NO                                                                                         \
	{                                                                                          \
		NULL, 0                                                                            \
	}
#define TO(action, to)                                                                             \
	{                                                                                          \
		action, AGENT_##to                                                                 \
	}
static const struct cell cells[AGENT_STATES][AGENT_EVENTS] = {
	/* LOGIN, GO_READY, GO_NOT_READY, NO_ANSWER, LOGOUT, LOST */
	[AGENT_LOGGED_OUT] = { TO(tell_state, NOT_READY), NO, NO, NO, NO, NO },
	[AGENT_NOT_READY] = { TO(NULL, NOT_READY), TO(show_and_tell_state, READY),
			      TO(show_and_tell_state, NOT_READY), NO, TO(tell_gone, LOGGED_OUT),
			      TO(tell_gone, LOGGED_OUT) },
	[AGENT_READY] = { TO(NULL, READY), TO(show_state, READY),
			  TO(show_and_tell_state, NOT_READY), TO(show_and_tell_state, NOT_READY),
			  TO(tell_gone, LOGGED_OUT), TO(tell_gone, LOGGED_OUT) },
};
/* LOGIN of an agent whose skills changed */
static const struct cell changed[AGENT_STATES] = {
	[AGENT_LOGGED_OUT] = TO(tell_state, NOT_READY),
	[AGENT_NOT_READY] = TO(tell_state, NOT_READY),
	[AGENT_READY] = TO(tell_state, READY),
};

static void visit(enum agent_state from, enum agent_event event, bool has_changed)
{
	struct agent agent = { .state = from, .is_changed = has_changed };
	const struct agent_rule *rule = agent_rule_find(&agent, event);
	const struct cell *cell = &cells[from][event];

	if (has_changed && event == AGENT_EV_LOGIN)
		cell = &changed[from];
	if (!cell->to) {
		assert_null(rule);
		return;
	}
	assert_non_null(rule);
	assert_ptr_equal(rule->action, cell->action);
	assert_int_equal(rule->to, cell->to);
	assert_non_null(rule->why);
}

static void test_every_pair(void **state)
{
	for (int has_changed = 0; has_changed < 2; has_changed++)
		for (int from = AGENT_LOGGED_OUT; from < AGENT_STATES; from++)
			for (int event = 0; event < AGENT_EVENTS; event++)
				visit((enum agent_state)from, (enum agent_event)event, has_changed);
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
		cmocka_unit_test(test_every_rule_is_reached),
	};

	return cmocka_run_group_tests_name("agent-fsm", tests, NULL, NULL);
}
