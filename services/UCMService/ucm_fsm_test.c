/*
 * ucm_fsm_test.c — every pair of state and event of contacts and offers (RTG-4, RTG-8).
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

static bool wraps_up;

bool is_wrapping_up(const struct offer *offer)
{
	return wraps_up;
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
	 *                  COMPLETE */
	[CONTACT_OPENED] = { TO(make_offer, OFFERED), NO, NO, TO(NULL, ENDED), NO },
	[CONTACT_QUEUED] = { TO(make_offer, OFFERED), NO, NO, TO(NULL, ENDED), NO },
	[CONTACT_OFFERED] = { TO(refuse_taken, OFFERED), TO(NULL, ACTIVE), TO(NULL, QUEUED),
			      TO(withdraw_offer, ENDED), NO },
	[CONTACT_ACTIVE] = { TO(refuse_taken, ACTIVE), NO, TO(NULL, QUEUED), TO(NULL, WRAPUP),
			     TO(NULL, ENDED) },
	[CONTACT_WRAPUP] = { TO(refuse_left, WRAPUP), NO, NO, TO(NULL, WRAPUP), TO(NULL, ENDED) },
	[CONTACT_ENDED] = { TO(refuse_left, ENDED), NO, NO, TO(NULL, ENDED), NO },
};
#undef TO

#define TO(action, to)                                                                             \
	{                                                                                          \
		action, OFFER_##to                                                                 \
	}
struct offer_cell {
	offer_action_fn *action;
	enum offer_state to;
};
static const struct offer_cell offers[OFFER_STATES][OFFER_EVENTS] = {
	/* ACCEPT, REJECT, TIMEOUT, CUSTOMER_LEFT, COMPLETE, AGENT_GONE */
	[OFFER_MADE] = { TO(tell_accepted, ACCEPTED), TO(end_rejected, REJECTED),
			 TO(end_no_answer, NO_ANSWER), TO(end_customer_left, WITHDRAWN), NO,
			 TO(end_agent_lost, WITHDRAWN) },
	[OFFER_ACCEPTED] = { TO(NULL, ACCEPTED), NO, NO, NO, TO(end_completed, COMPLETED),
			     TO(end_agent_lost, WITHDRAWN) },
	[OFFER_REJECTED] = { NO, TO(NULL, REJECTED), NO, NO, NO, NO },
	[OFFER_NO_ANSWER] = { NO, NO, NO, NO, NO, NO },
	[OFFER_WITHDRAWN] = { NO, NO, NO, NO, NO, NO },
	[OFFER_COMPLETED] = { NO, NO, NO, NO, TO(NULL, COMPLETED), NO },
};
static const struct offer_cell gone_in_wrapup = TO(end_completed, COMPLETED);

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

static void visit_offer(enum offer_state from, enum offer_event event)
{
	struct offer offer = { .state = from };
	const struct offer_rule *rule = offer_rule_find(&offer, event);
	const struct offer_cell *cell = &offers[from][event];

	if (wraps_up && from == OFFER_ACCEPTED && event == OFFER_EV_AGENT_GONE)
		cell = &gone_in_wrapup;
	if (!cell->to) {
		assert_null(rule);
		return;
	}
	assert_non_null(rule);
	assert_ptr_equal(rule->action, cell->action);
	assert_int_equal(rule->to, cell->to);
	assert_non_null(rule->why);
}

static void test_every_pair_of_an_offer(void **state)
{
	for (int wrapup = 0; wrapup < 2; wrapup++)
		for (int from = OFFER_MADE; from < OFFER_STATES; from++)
			for (int event = 0; event < OFFER_EVENTS; event++) {
				wraps_up = wrapup;
				visit_offer((enum offer_state)from, (enum offer_event)event);
			}
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
		cmocka_unit_test(test_every_rule_is_reached),
		cmocka_unit_test(test_words_and_names),
	};

	return cmocka_run_group_tests_name("contact-fsm", tests, NULL, NULL);
}
