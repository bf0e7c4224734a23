/*
 * offer_fsm.h — an offer's states, what may happen in each, and what it does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OFFER_FSM_H
#define OFFER_FSM_H

#include "leg_fsm.h"

/* Stored: numbers stay. */
enum offer_state {
	OFFER_MADE = 1,
	OFFER_ACCEPTED,
	OFFER_REJECTED,
	OFFER_NO_ANSWER,
	OFFER_WITHDRAWN,
	OFFER_COMPLETED,
	OFFER_STATES
};

enum offer_event {
	OFFER_EV_ACCEPT,
	OFFER_EV_REJECT,
	OFFER_EV_TIMEOUT,
	OFFER_EV_CUSTOMER_LEFT,
	OFFER_EV_COMPLETE,
	OFFER_EV_TRANSFER,   /* to a service, to an agent, or to who was asked about it */
	OFFER_EV_AGENT_GONE, /* the agent's browser, for longer than its grace, or logged out */
	OFFER_EVENTS
};

struct offer {
	char id[ID_SIZE];
	char agent_id[AGENT_SIZE];
	char channel[WORD_SIZE], service[WORD_SIZE];
	char reason[WORD_SIZE];	 /* why it ended, "" before */
	const char *disposition; /* what the agent made of it, or NULL; borrowed */
	const char *agent_name;	 /* of who accepts or transfers, or NULL; borrowed */
	const json_t *to;	 /* of a transfer, or NULL; borrowed */
	const char *note;	 /* of a transfer, or NULL; borrowed */
	struct leg *leg;	 /* to whose agent it is handed over, or NULL */
	int64_t lost_ms;	 /* when its agent was lost, 0: wasn't */
	enum offer_state state;
	struct contact contact; /* its id and state */
};

typedef bool offer_guard_fn(const struct offer *offer);
typedef void offer_action_fn(struct pl_turn *turn, struct offer *offer);

struct offer_rule {
	enum offer_state from;
	enum offer_event event;
	offer_guard_fn *guard;
	offer_action_fn *action;
	enum offer_state to;
	const char *why;
};

extern const struct offer_rule offer_rules[];
extern const size_t offer_rules_count;

/* offer_rule_find returns the first rule that fits, or NULL: refused. */
const struct offer_rule *offer_rule_find(const struct offer *offer, enum offer_event event);

/* offer_words tells why an answer to such an offer comes to nothing. */
const char *offer_words(const struct offer *offer);

/* offer_act.c; their test has others. */
offer_guard_fn is_wrapping_up, is_leg, is_named_leg, is_handed_over, was_transferred;
offer_action_fn tell_accepted, end_rejected, end_no_answer, end_customer_left, end_agent_lost,
	end_completed, end_transferred;
/* leg_act.c */
offer_action_fn join_leg, decline_leg, miss_leg, withdraw_leg, complete_leg, lose_leg, hand_over;

#endif
