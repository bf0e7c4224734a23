/*
 * desk_fsm_test.c — every pair of state and event of an agent's contact.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "desk_fsm.h"

static bool closed, wrapup, leg, speaks, more;

bool is_closed(struct pl_turn *turn, const struct desk *desk, const struct desk_act *act)
{
	return closed;
}

bool wants_wrapup(struct pl_turn *turn, const struct desk *desk, const struct desk_act *act)
{
	return wrapup;
}

bool is_closed_with_wrapup(struct pl_turn *turn, const struct desk *desk,
			   const struct desk_act *act)
{
	return closed && wrapup;
}

bool is_leg(struct pl_turn *turn, const struct desk *desk, const struct desk_act *act)
{
	return leg;
}

bool may_speak(struct pl_turn *turn, const struct desk *desk, const struct desk_act *act)
{
	return speaks;
}

bool may_extend(struct pl_turn *turn, const struct desk *desk, const struct desk_act *act)
{
	return more;
}

/* Only their addresses count here. */
#define ACTION(name)                                                                               \
	void name(struct pl_turn *turn, struct desk *desk, struct desk_act *act)                   \
	{                                                                                          \
		fail();                                                                            \
	}
ACTION(fetch_context)
ACTION(note_closed)
ACTION(show)
ACTION(show_then_wrapup)
ACTION(show_then_complete)
ACTION(start_wrapup)
ACTION(close_and_complete)
ACTION(complete)
ACTION(withdraw)
ACTION(leave)
ACTION(pass_message)
ACTION(pass_typing)
ACTION(pass_close)
ACTION(keep_disposition)
ACTION(extend)
ACTION(enter_chat)
ACTION(note_entered)
ACTION(end_leg)
ACTION(release_leg)
ACTION(pass_private)
ACTION(pass_push)

enum { ANY = -1 };

/* What must come of each pair; what has no row is refused. */
static const struct {
	enum desk_state from;
	enum desk_event event;
	int closed, wrapup, leg;
	int other; /* may_speak and may_extend */
	desk_action_fn *action;
	enum desk_state to;
} expected[] = {
	{ DESK_ASSIGNED, DESK_EV_JOINED, ANY, ANY, ANY, ANY, fetch_context, DESK_ASSIGNED },
	{ DESK_ASSIGNED, DESK_EV_REFUSED, ANY, ANY, ANY, ANY, complete, DESK_COMPLETED },
	{ DESK_ASSIGNED, DESK_EV_CONTEXT, 0, ANY, ANY, ANY, show, DESK_ACTIVE },
	{ DESK_ASSIGNED, DESK_EV_CONTEXT, 1, 0, ANY, ANY, show_then_complete, DESK_COMPLETED },
	{ DESK_ASSIGNED, DESK_EV_CONTEXT, 1, 1, ANY, ANY, show_then_wrapup, DESK_WRAPUP },
	{ DESK_ASSIGNED, DESK_EV_CLOSED, ANY, ANY, ANY, ANY, note_closed, DESK_ASSIGNED },
	{ DESK_ASSIGNED, DESK_EV_ENDED, ANY, ANY, 1, ANY, end_leg, DESK_COMPLETED },
	{ DESK_ASSIGNED, DESK_EV_ENDED, ANY, ANY, 0, ANY, leave, DESK_COMPLETED },
	{ DESK_ASSIGNED, DESK_EV_CONFERENCE, ANY, ANY, 1, ANY, enter_chat, DESK_ASSIGNED },
	{ DESK_ASSIGNED, DESK_EV_ENTERED, ANY, ANY, 1, ANY, note_entered, DESK_ASSIGNED },
	{ DESK_ACTIVE, DESK_EV_CONTEXT, ANY, ANY, ANY, ANY, NULL, DESK_ACTIVE },
	{ DESK_ACTIVE, DESK_EV_CLOSED, ANY, 0, ANY, ANY, close_and_complete, DESK_COMPLETED },
	{ DESK_ACTIVE, DESK_EV_CLOSED, ANY, 1, ANY, ANY, start_wrapup, DESK_WRAPUP },
	{ DESK_ACTIVE, DESK_EV_ENDED, ANY, ANY, 1, ANY, end_leg, DESK_COMPLETED },
	{ DESK_ACTIVE, DESK_EV_ENDED, ANY, ANY, 0, ANY, leave, DESK_COMPLETED },
	{ DESK_ACTIVE, DESK_EV_CONFERENCE, ANY, ANY, 1, ANY, enter_chat, DESK_ACTIVE },
	{ DESK_ACTIVE, DESK_EV_ENTERED, ANY, ANY, 1, ANY, note_entered, DESK_ACTIVE },
	{ DESK_ACTIVE, DESK_EV_MESSAGE, ANY, ANY, ANY, 1, pass_message, DESK_ACTIVE },
	{ DESK_ACTIVE, DESK_EV_TYPING, ANY, ANY, ANY, 1, pass_typing, DESK_ACTIVE },
	{ DESK_ACTIVE, DESK_EV_TYPING, ANY, ANY, ANY, 0, NULL, DESK_ACTIVE },
	{ DESK_ACTIVE, DESK_EV_CLOSE, ANY, ANY, 1, ANY, release_leg, DESK_ACTIVE },
	{ DESK_ACTIVE, DESK_EV_CLOSE, ANY, ANY, 0, ANY, pass_close, DESK_ACTIVE },
	{ DESK_ACTIVE, DESK_EV_PRIVATE, ANY, ANY, ANY, ANY, pass_private, DESK_ACTIVE },
	{ DESK_ACTIVE, DESK_EV_PUSH, ANY, ANY, ANY, 1, pass_push, DESK_ACTIVE },
	{ DESK_WRAPUP, DESK_EV_CONTEXT, ANY, ANY, ANY, ANY, NULL, DESK_WRAPUP },
	{ DESK_WRAPUP, DESK_EV_CLOSED, ANY, ANY, ANY, ANY, NULL, DESK_WRAPUP },
	{ DESK_WRAPUP, DESK_EV_ENDED, ANY, ANY, ANY, ANY, withdraw, DESK_COMPLETED },
	{ DESK_WRAPUP, DESK_EV_WRAPPED, ANY, ANY, ANY, ANY, complete, DESK_COMPLETED },
	{ DESK_WRAPUP, DESK_EV_MESSAGE, ANY, ANY, ANY, ANY, pass_message, DESK_WRAPUP },
	{ DESK_WRAPUP, DESK_EV_TYPING, ANY, ANY, ANY, ANY, NULL, DESK_WRAPUP },
	{ DESK_WRAPUP, DESK_EV_CLOSE, ANY, ANY, ANY, ANY, keep_disposition, DESK_WRAPUP },
	{ DESK_WRAPUP, DESK_EV_COMPLETE, ANY, ANY, ANY, ANY, complete, DESK_COMPLETED },
	{ DESK_COMPLETED, DESK_EV_JOINED, ANY, ANY, ANY, ANY, NULL, DESK_COMPLETED },
	{ DESK_COMPLETED, DESK_EV_REFUSED, ANY, ANY, ANY, ANY, NULL, DESK_COMPLETED },
	{ DESK_COMPLETED, DESK_EV_CONTEXT, ANY, ANY, ANY, ANY, NULL, DESK_COMPLETED },
	{ DESK_COMPLETED, DESK_EV_CLOSED, ANY, ANY, ANY, ANY, NULL, DESK_COMPLETED },
	{ DESK_COMPLETED, DESK_EV_ENDED, ANY, ANY, ANY, ANY, NULL, DESK_COMPLETED },
	{ DESK_COMPLETED, DESK_EV_COMPLETE, ANY, ANY, ANY, ANY, NULL, DESK_COMPLETED },
	{ DESK_WRAPUP, DESK_EV_PRIVATE, ANY, ANY, ANY, ANY, pass_private, DESK_WRAPUP },
	{ DESK_WRAPUP, DESK_EV_PUSH, ANY, ANY, ANY, ANY, pass_push, DESK_WRAPUP },
	{ DESK_WRAPUP, DESK_EV_EXTEND, ANY, ANY, ANY, 1, extend, DESK_WRAPUP },
	{ DESK_COMPLETED, DESK_EV_CONFERENCE, ANY, ANY, 1, ANY, NULL, DESK_COMPLETED },
	{ DESK_COMPLETED, DESK_EV_ENTERED, ANY, ANY, 1, ANY, NULL, DESK_COMPLETED },
	{ DESK_COMPLETED, DESK_EV_CLOSE, ANY, ANY, 1, ANY, NULL, DESK_COMPLETED },
};

static bool fits(int want, bool have)
{
	return want == ANY || want == (int)have;
}

static void visit(enum desk_state state, enum desk_event event)
{
	struct desk desk = { .state = state };
	struct desk_act act = { 0 };
	const struct desk_rule *rule = desk_rule_find(NULL, &desk, event, &act);

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		if (expected[i].from != state || expected[i].event != event ||
		    !fits(expected[i].closed, closed) || !fits(expected[i].wrapup, wrapup) ||
		    !fits(expected[i].leg, leg) || !fits(expected[i].other, speaks))
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
	for (unsigned guards = 0; guards < 16; guards++)
		for (int from = DESK_ASSIGNED; from < DESK_STATES; from++)
			for (int event = 0; event < DESK_EVENTS; event++) {
				closed = guards & 1;
				wrapup = guards & 2;
				leg = guards & 4;
				speaks = more = guards & 8;
				visit((enum desk_state)from, (enum desk_event)event);
			}
}

/* A rule behind one without a guard would never be reached. */
static void test_every_rule_is_reached(void **state)
{
	for (size_t i = 0; i < desk_rules_count; i++)
		for (size_t j = 0; j < i; j++)
			if (desk_rules[j].from == desk_rules[i].from &&
			    desk_rules[j].event == desk_rules[i].event)
				assert_non_null(desk_rules[j].guard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_pair),
		cmocka_unit_test(test_every_rule_is_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
