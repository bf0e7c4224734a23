/*
 * chat_fsm_test.c — every pair of state and event of a chat (CHN-1).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "chat_fsm.h"

static bool last, twice, asks;

bool is_last_agent(struct pl_turn *turn, const struct chat *chat, const struct chat_act *act)
{
	return last;
}

bool is_there_otherwise(struct pl_turn *turn, const struct chat *chat, const struct chat_act *act)
{
	return twice;
}

bool asks_survey(struct pl_turn *turn, const struct chat *chat, const struct chat_act *act)
{
	return asks;
}

bool is_asked(struct pl_turn *turn, const struct chat *chat, const struct chat_act *act)
{
	return asks;
}

/* Only their addresses count here. */
#define ACTION(name)                                                                               \
	void name(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)             \
	{                                                                                          \
		fail();                                                                            \
	}
ACTION(add_message)
ACTION(add_file)
ACTION(add_push)
ACTION(add_private)
ACTION(add_quietly)
ACTION(leave_quietly)
ACTION(push_typing)
ACTION(add_joined)
ACTION(add_left)
ACTION(add_closed)
ACTION(push_away)
ACTION(push_back)
ACTION(add_abandoned)
ACTION(warn_idle)
ACTION(close_and_ask)
ACTION(add_surveyed)

/* What must come of each pair; a pair without a row is refused. */
static const struct {
	enum chat_state from;
	enum chat_event event;
	chat_action_fn *action;
	enum chat_state to, to_if_last;
} expected[] = {
	{ CHAT_OPEN, CHAT_EV_MESSAGE, add_message, CHAT_OPEN, CHAT_OPEN },
	{ CHAT_OPEN, CHAT_EV_TYPING, push_typing, CHAT_OPEN, CHAT_OPEN },
	{ CHAT_OPEN, CHAT_EV_FILE, add_file, CHAT_OPEN, CHAT_OPEN },
	{ CHAT_OPEN, CHAT_EV_PRIVATE, add_private, CHAT_OPEN, CHAT_OPEN },
	{ CHAT_OPEN, CHAT_EV_JOIN, add_joined, CHAT_SERVED, CHAT_SERVED },
	{ CHAT_OPEN, CHAT_EV_LEAVE, NULL, CHAT_OPEN, CHAT_OPEN },
	{ CHAT_OPEN, CHAT_EV_CLOSE, add_closed, CHAT_CLOSED, CHAT_CLOSED },
	{ CHAT_OPEN, CHAT_EV_AWAY, NULL, CHAT_OPEN, CHAT_OPEN },
	{ CHAT_OPEN, CHAT_EV_BACK, NULL, CHAT_OPEN, CHAT_OPEN },
	{ CHAT_OPEN, CHAT_EV_ABANDON, add_abandoned, CHAT_CLOSED, CHAT_CLOSED },
	{ CHAT_OPEN, CHAT_EV_WARN, warn_idle, CHAT_OPEN, CHAT_OPEN },
	{ CHAT_SERVED, CHAT_EV_MESSAGE, add_message, CHAT_SERVED, CHAT_SERVED },
	{ CHAT_SERVED, CHAT_EV_TYPING, push_typing, CHAT_SERVED, CHAT_SERVED },
	{ CHAT_SERVED, CHAT_EV_FILE, add_file, CHAT_SERVED, CHAT_SERVED },
	{ CHAT_SERVED, CHAT_EV_PUSH, add_push, CHAT_SERVED, CHAT_SERVED },
	{ CHAT_SERVED, CHAT_EV_PRIVATE, add_private, CHAT_SERVED, CHAT_SERVED },
	{ CHAT_SERVED, CHAT_EV_JOIN, add_joined, CHAT_SERVED, CHAT_SERVED },
	{ CHAT_SERVED, CHAT_EV_LEAVE, add_left, CHAT_SERVED, CHAT_OPEN },
	{ CHAT_SERVED, CHAT_EV_CLOSE, add_closed, CHAT_CLOSED, CHAT_CLOSED },
	{ CHAT_SERVED, CHAT_EV_AWAY, push_away, CHAT_SERVED, CHAT_SERVED },
	{ CHAT_SERVED, CHAT_EV_BACK, push_back, CHAT_SERVED, CHAT_SERVED },
	{ CHAT_SERVED, CHAT_EV_ABANDON, NULL, CHAT_SERVED, CHAT_SERVED },
	{ CHAT_SERVED, CHAT_EV_WARN, warn_idle, CHAT_SERVED, CHAT_SERVED },
	{ CHAT_CLOSED, CHAT_EV_TYPING, NULL, CHAT_CLOSED, CHAT_CLOSED },
	{ CHAT_CLOSED, CHAT_EV_JOIN, NULL, CHAT_CLOSED, CHAT_CLOSED },
	{ CHAT_CLOSED, CHAT_EV_LEAVE, NULL, CHAT_CLOSED, CHAT_CLOSED },
	{ CHAT_CLOSED, CHAT_EV_CLOSE, NULL, CHAT_CLOSED, CHAT_CLOSED },
	{ CHAT_CLOSED, CHAT_EV_AWAY, NULL, CHAT_CLOSED, CHAT_CLOSED },
	{ CHAT_CLOSED, CHAT_EV_BACK, NULL, CHAT_CLOSED, CHAT_CLOSED },
	{ CHAT_CLOSED, CHAT_EV_ABANDON, NULL, CHAT_CLOSED, CHAT_CLOSED },
	{ CHAT_CLOSED, CHAT_EV_WARN, NULL, CHAT_CLOSED, CHAT_CLOSED },
};

/* An agent who is there in two parts comes and goes without a word. */
static bool visit_twice(enum chat_state state, enum chat_event event, const struct chat_rule *rule)
{
	if (!twice || state != CHAT_SERVED || (event != CHAT_EV_JOIN && event != CHAT_EV_LEAVE))
		return false;
	assert_ptr_equal(rule->action, event == CHAT_EV_JOIN ? add_quietly : leave_quietly);
	assert_int_equal(rule->to, CHAT_SERVED);
	return true;
}

/* A survey is asked at the end, where there is one, and answered only while one waits. */
static bool visit_survey(enum chat_state state, enum chat_event event, const struct chat_rule *rule)
{
	if (event == CHAT_EV_ANSWER && (state != CHAT_CLOSED || !asks)) {
		assert_null(rule);
		return true;
	}
	if (!asks || (event != CHAT_EV_ANSWER && event != CHAT_EV_CLOSE) ||
	    (event == CHAT_EV_CLOSE && state == CHAT_CLOSED))
		return false;
	assert_non_null(rule);
	assert_ptr_equal(rule->action, event == CHAT_EV_CLOSE ? close_and_ask : add_surveyed);
	assert_int_equal(rule->to, CHAT_CLOSED);
	return true;
}

static void visit(enum chat_state state, enum chat_event event)
{
	struct chat chat = { .state = state };
	struct chat_act act = { 0 };
	const struct chat_rule *rule = chat_rule_find(NULL, &chat, event, &act);

	if (visit_twice(state, event, rule) || visit_survey(state, event, rule))
		return;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		if (expected[i].from != state || expected[i].event != event)
			continue;
		assert_non_null(rule);
		assert_ptr_equal(rule->action, expected[i].action);
		assert_int_equal(rule->to, last ? expected[i].to_if_last : expected[i].to);
		assert_non_null(rule->why);
		return;
	}
	assert_null(rule);
}

static void test_every_pair(void **state)
{
	for (int guards = 0; guards < 8; guards++)
		for (int from = CHAT_OPEN; from < CHAT_STATES; from++)
			for (int event = 0; event < CHAT_EVENTS; event++) {
				last = guards & 1;
				twice = guards & 2;
				asks = guards & 4;
				visit((enum chat_state)from, (enum chat_event)event);
			}
}

/* A rule behind one without a guard would never be reached. */
static void test_every_rule_is_reached(void **state)
{
	for (size_t i = 0; i < chat_rules_count; i++)
		for (size_t j = 0; j < i; j++)
			if (chat_rules[j].from == chat_rules[i].from &&
			    chat_rules[j].event == chat_rules[i].event)
				assert_non_null(chat_rules[j].guard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_pair),
		cmocka_unit_test(test_every_rule_is_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
