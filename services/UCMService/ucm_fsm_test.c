/*
 * ucm_fsm_test.c — every pair of state and event of contacts, offers and legs (RTG-4, RTG-8).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "offer_fsm.h"

/* Only their addresses count here. */
#define CONTACT_ACTION(name)                                                                       \
	void name(struct pl_turn *turn, struct contact *contact, struct offer *offer)              \
	{                                                                                          \
		fail();                                                                            \
	}
#define OFFER_ACTION(name)                                                                         \
	void name(struct pl_turn *turn, struct offer *offer)                                       \
	{                                                                                          \
		fail();                                                                            \
	}
CONTACT_ACTION(make_offer)
CONTACT_ACTION(refuse_left)
CONTACT_ACTION(refuse_taken)
CONTACT_ACTION(withdraw_offer)
OFFER_ACTION(tell_accepted)
OFFER_ACTION(end_rejected)
OFFER_ACTION(end_no_answer)
OFFER_ACTION(end_customer_left)
OFFER_ACTION(end_agent_lost)
OFFER_ACTION(end_completed)
OFFER_ACTION(end_transferred)
OFFER_ACTION(join_leg)
OFFER_ACTION(decline_leg)
OFFER_ACTION(miss_leg)
OFFER_ACTION(withdraw_leg)
OFFER_ACTION(complete_leg)
OFFER_ACTION(lose_leg)
OFFER_ACTION(hand_over)
#define LEG_ACTION(name)                                                                           \
	void name(struct pl_turn *turn, struct leg *leg)                                           \
	{                                                                                          \
		fail();                                                                            \
	}
LEG_ACTION(tell_leg)
LEG_ACTION(tell_and_close_leg)

static bool wraps_up, leg, named, handed_over, transferred;

bool is_wrapping_up(const struct offer *offer)
{
	return wraps_up;
}

bool is_leg(const struct offer *offer)
{
	return leg;
}

bool is_named_leg(const struct offer *offer)
{
	return leg && named;
}

bool is_handed_over(const struct offer *offer)
{
	return handed_over;
}

bool was_transferred(const struct offer *offer)
{
	return transferred;
}

/* A row a state, a column an event; NULL action and the same state where nothing happens; 0:
 * refused. */
#define NO                                                                                         \
	{                                                                                          \
		NULL, 0                                                                            \
	}
#define TO(action, to)                                                                             \
	{                                                                                          \
		action, CONTACT_##to                                                               \
	}
static const struct {
	contact_action_fn *action;
	enum contact_state to;
} contacts[CONTACT_STATES][CONTACT_EVENTS] = {
	/*                  MATCH                        ACCEPT            REQUEUE           CLOSE
	 *                  COMPLETE  GIVE_UP */
	[CONTACT_OPENED] = { TO(make_offer, OFFERED), NO, NO, TO(NULL, ENDED), NO, NO },
	[CONTACT_QUEUED] = { TO(make_offer, OFFERED), NO, NO, TO(NULL, ENDED), NO, NO },
	[CONTACT_OFFERED] = { TO(refuse_taken, OFFERED), TO(NULL, ACTIVE), TO(NULL, QUEUED),
			      TO(withdraw_offer, ENDED), NO, TO(NULL, ENDED) },
	[CONTACT_ACTIVE] = { TO(refuse_taken, ACTIVE), NO, TO(NULL, QUEUED), TO(NULL, WRAPUP),
			     TO(NULL, ENDED), TO(NULL, ENDED) },
	[CONTACT_WRAPUP] = { TO(refuse_left, WRAPUP), NO, NO, TO(NULL, WRAPUP), TO(NULL, ENDED),
			     NO },
	[CONTACT_ENDED] = { TO(refuse_left, ENDED), NO, NO, TO(NULL, ENDED), NO, NO },
};
#undef TO

enum { ANY = -1 };

/* What must come of each pair of an offer; the first row that fits; without one it is refused. */
static const struct {
	enum offer_state from;
	enum offer_event event;
	int leg, named;
	int other; /* is_wrapping_up, is_handed_over or was_transferred */
	offer_action_fn *action;
	enum offer_state to;
} offers[] = {
	{ OFFER_MADE, OFFER_EV_ACCEPT, 1, ANY, ANY, join_leg, OFFER_ACCEPTED },
	{ OFFER_MADE, OFFER_EV_ACCEPT, 0, ANY, ANY, tell_accepted, OFFER_ACCEPTED },
	{ OFFER_MADE, OFFER_EV_REJECT, 1, 1, ANY, decline_leg, OFFER_REJECTED },
	{ OFFER_MADE, OFFER_EV_REJECT, ANY, ANY, ANY, end_rejected, OFFER_REJECTED },
	{ OFFER_MADE, OFFER_EV_TIMEOUT, 1, 1, ANY, miss_leg, OFFER_NO_ANSWER },
	{ OFFER_MADE, OFFER_EV_TIMEOUT, ANY, ANY, ANY, end_no_answer, OFFER_NO_ANSWER },
	{ OFFER_MADE, OFFER_EV_CUSTOMER_LEFT, 1, ANY, ANY, withdraw_leg, OFFER_WITHDRAWN },
	{ OFFER_MADE, OFFER_EV_CUSTOMER_LEFT, 0, ANY, ANY, end_customer_left, OFFER_WITHDRAWN },
	{ OFFER_MADE, OFFER_EV_AGENT_GONE, 1, 1, ANY, miss_leg, OFFER_WITHDRAWN },
	{ OFFER_MADE, OFFER_EV_AGENT_GONE, ANY, ANY, ANY, end_agent_lost, OFFER_WITHDRAWN },
	{ OFFER_ACCEPTED, OFFER_EV_ACCEPT, ANY, ANY, ANY, NULL, OFFER_ACCEPTED },
	{ OFFER_ACCEPTED, OFFER_EV_COMPLETE, 1, ANY, ANY, complete_leg, OFFER_COMPLETED },
	{ OFFER_ACCEPTED, OFFER_EV_COMPLETE, 0, ANY, ANY, end_completed, OFFER_COMPLETED },
	{ OFFER_ACCEPTED, OFFER_EV_TRANSFER, ANY, ANY, 1, hand_over, OFFER_WITHDRAWN },
	{ OFFER_ACCEPTED, OFFER_EV_TRANSFER, ANY, ANY, 0, end_transferred, OFFER_WITHDRAWN },
	{ OFFER_ACCEPTED, OFFER_EV_AGENT_GONE, 1, ANY, ANY, lose_leg, OFFER_WITHDRAWN },
	{ OFFER_ACCEPTED, OFFER_EV_AGENT_GONE, 0, ANY, 1, end_completed, OFFER_COMPLETED },
	{ OFFER_ACCEPTED, OFFER_EV_AGENT_GONE, 0, ANY, 0, end_agent_lost, OFFER_WITHDRAWN },
	{ OFFER_REJECTED, OFFER_EV_REJECT, ANY, ANY, ANY, NULL, OFFER_REJECTED },
	{ OFFER_WITHDRAWN, OFFER_EV_TRANSFER, ANY, ANY, 1, NULL, OFFER_WITHDRAWN },
	{ OFFER_COMPLETED, OFFER_EV_COMPLETE, ANY, ANY, ANY, NULL, OFFER_COMPLETED },
};

#define LEG_TO(action, to)                                                                         \
	{                                                                                          \
		action, LEG_##to                                                                   \
	}
#define OVER LEG_TO(tell_and_close_leg, ENDED)
static const struct {
	leg_action_fn *action;
	enum leg_state to;
} legs[LEG_STATES][LEG_EVENTS] = {
	/* ACCEPT, DECLINE, MISS, CONFERENCE, RELEASE, LOST, PARENT, HAND_OVER */
	[LEG_OFFERING] = { LEG_TO(tell_leg, JOINED), LEG_TO(tell_and_close_leg, DECLINED),
			   LEG_TO(tell_and_close_leg, NO_ANSWER), NO, OVER, NO, OVER, NO },
	[LEG_JOINED] = { NO, NO, NO, LEG_TO(tell_leg, CONFERENCE), OVER, OVER, OVER, OVER },
	[LEG_CONFERENCE] = { NO, NO, NO, LEG_TO(NULL, CONFERENCE), OVER, OVER, OVER, OVER },
	[LEG_DECLINED] = { NO, NO, NO, NO, LEG_TO(NULL, DECLINED), NO, LEG_TO(NULL, DECLINED), NO },
	[LEG_NO_ANSWER] = { NO, NO, NO, NO, LEG_TO(NULL, NO_ANSWER), NO, LEG_TO(NULL, NO_ANSWER),
			    NO },
	[LEG_ENDED] = { NO, NO, NO, NO, LEG_TO(NULL, ENDED), NO, LEG_TO(NULL, ENDED), NO },
};

static void test_every_pair_of_a_contact(void **state)
{
	for (int from = CONTACT_OPENED; from < CONTACT_STATES; from++)
		for (int event = 0; event < CONTACT_EVENTS; event++) {
			struct contact contact = { .state = (enum contact_state)from };
			const struct contact_rule *rule =
				contact_rule_find(&contact, (enum contact_event)event);

			if (!contacts[from][event].to) {
				assert_null(rule);
				continue;
			}
			assert_non_null(rule);
			assert_ptr_equal(rule->action, contacts[from][event].action);
			assert_int_equal(rule->to, contacts[from][event].to);
			assert_non_null(rule->why);
		}
}

static bool fits(int want, bool have)
{
	return want == ANY || want == (int)have;
}

static void visit_offer(enum offer_state from, enum offer_event event, bool other)
{
	struct offer offer = { .state = from };
	const struct offer_rule *rule = offer_rule_find(&offer, event);

	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		if (offers[i].from != from || offers[i].event != event ||
		    !fits(offers[i].leg, leg) || !fits(offers[i].named, named) ||
		    !fits(offers[i].other, other))
			continue;
		assert_non_null(rule);
		assert_ptr_equal(rule->action, offers[i].action);
		assert_int_equal(rule->to, offers[i].to);
		assert_non_null(rule->why);
		return;
	}
	assert_null(rule);
}

static void test_every_pair_of_an_offer(void **state)
{
	for (unsigned guards = 0; guards < 8; guards++)
		for (int from = OFFER_MADE; from < OFFER_STATES; from++)
			for (int event = 0; event < OFFER_EVENTS; event++) {
				leg = guards & 1;
				named = guards & 2;
				wraps_up = handed_over = transferred = guards & 4;
				visit_offer((enum offer_state)from, (enum offer_event)event,
					    transferred);
			}
}

static void test_every_pair_of_a_leg(void **state)
{
	for (int from = LEG_OFFERING; from < LEG_STATES; from++)
		for (int event = 0; event < LEG_EVENTS; event++) {
			struct leg one = { .state = (enum leg_state)from };
			const struct leg_rule *rule = leg_rule_find(&one, (enum leg_event)event);

			if (!legs[from][event].to) {
				assert_null(rule);
				continue;
			}
			assert_non_null(rule);
			assert_ptr_equal(rule->action, legs[from][event].action);
			assert_int_equal(rule->to, legs[from][event].to);
			assert_non_null(rule->why);
		}
	assert_string_equal(leg_state_name(LEG_NO_ANSWER), "noAnswer");
	assert_string_equal(leg_state_name(LEG_STATES), "");
}

/* A rule behind one without a guard would never be reached. */
static void test_every_rule_is_reached(void **state)
{
	for (size_t i = 0; i < contact_rules_count; i++)
		for (size_t j = 0; j < i; j++)
			if (contact_rules[j].from == contact_rules[i].from &&
			    contact_rules[j].event == contact_rules[i].event)
				assert_non_null(contact_rules[j].guard);
	for (size_t i = 0; i < offer_rules_count; i++)
		for (size_t j = 0; j < i; j++)
			if (offer_rules[j].from == offer_rules[i].from &&
			    offer_rules[j].event == offer_rules[i].event)
				assert_non_null(offer_rules[j].guard);
	for (size_t i = 0; i < leg_rules_count; i++)
		for (size_t j = 0; j < i; j++)
			assert_true(leg_rules[j].from != leg_rules[i].from ||
				    leg_rules[j].event != leg_rules[i].event);
}

static void test_words_and_names(void **state)
{
	for (int s = OFFER_MADE; s < OFFER_STATES; s++) {
		struct offer offer = { .state = (enum offer_state)s };

		assert_string_not_equal(offer_words(&offer), "there is no such offer");
	}
	for (int s = CONTACT_OPENED; s < CONTACT_STATES; s++)
		assert_int_equal(contact_state_parse(contact_state_name((enum contact_state)s)), s);
	assert_int_equal(contact_state_parse(""), 0);
	assert_string_equal(contact_state_name(CONTACT_STATES), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_pair_of_a_contact),
		cmocka_unit_test(test_every_pair_of_an_offer),
		cmocka_unit_test(test_every_pair_of_a_leg),
		cmocka_unit_test(test_every_rule_is_reached),
		cmocka_unit_test(test_words_and_names),
	};

	return cmocka_run_group_tests_name("contact-fsm", tests, NULL, NULL);
}
