/*
 * leg_fsm.h — a consult leg: another agent who is asked about a contact, or into it.
 *
 * A leg is a contact of its own (its id is the leg's), so that it is matched, offered and answered
 * as any other; this machine says how far the consultation has come.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LEG_FSM_H
#define LEG_FSM_H

#include "contact_fsm.h"

/* Stored: numbers stay. Those up to LEG_CONFERENCE are open. */
enum leg_state {
	LEG_OFFERING = 1, /* an agent is looked for, or rings */
	LEG_JOINED,	  /* the agent sees the chat, and talks with the contact's agent */
	LEG_CONFERENCE,	  /* and with the customer */
	LEG_DECLINED,
	LEG_NO_ANSWER,
	LEG_ENDED,
	LEG_STATES
};

enum leg_event {
	LEG_EV_ACCEPT,
	LEG_EV_DECLINE, /* the agent who was asked for rejected */
	LEG_EV_MISS,	/* didn't answer, or nobody was found in time */
	LEG_EV_CONFERENCE,
	LEG_EV_RELEASE,	  /* by either agent */
	LEG_EV_LOST,	  /* the leg's agent went away */
	LEG_EV_PARENT,	  /* the contact has no agent any more, or is over */
	LEG_EV_HAND_OVER, /* the leg's agent becomes the contact's */
	LEG_EVENTS
};

struct leg {
	char id[ID_SIZE];	  /* of the leg as a contact */
	char contact_id[ID_SIZE]; /* the contact that it is about */
	char offer_id[ID_SIZE];	  /* accepted by the leg's agent, or "" */
	char agent_id[AGENT_SIZE], agent_name[WORD_SIZE * 2]; /* of who joined, or "" */
	enum leg_state state;
	json_t *about; /* {to:{service|user}, from:{id,name}, note} */
};

typedef void leg_action_fn(struct pl_turn *turn, struct leg *leg);

struct leg_rule {
	enum leg_state from;
	enum leg_event event;
	leg_action_fn *action;
	enum leg_state to;
	const char *why;
};

extern const struct leg_rule leg_rules[];
extern const size_t leg_rules_count;

/* leg_rule_find returns the rule, or NULL: refused. */
const struct leg_rule *leg_rule_find(const struct leg *leg, enum leg_event event);

/* leg_state_name returns "noAnswer". */
const char *leg_state_name(enum leg_state state);

/* leg.c; their test has others. */
leg_action_fn tell_leg, tell_and_close_leg;

#endif
