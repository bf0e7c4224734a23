/*
 * contact_fsm.h — a contact's states, what may happen in each, and what it does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTACT_FSM_H
#define CONTACT_FSM_H

#include <stdbool.h>
#include <stddef.h>

#include "pelago/service.h"

/* Stored: numbers stay. */
enum contact_state {
	CONTACT_OPENED = 1, /* its workflow runs; no agent was found yet */
	CONTACT_QUEUED,	    /* was offered before, and waits again */
	CONTACT_OFFERED,
	CONTACT_ACTIVE,
	CONTACT_WRAPUP, /* the customer has gone, the agent hasn't finished */
	CONTACT_ENDED,
	CONTACT_STATES
};

enum contact_event {
	CONTACT_EV_MATCH,    /* an agent was found */
	CONTACT_EV_ACCEPT,   /* who accepted the offer */
	CONTACT_EV_REQUEUE,  /* the offer, or the agent, came to nothing */
	CONTACT_EV_CLOSE,    /* the conversation is over */
	CONTACT_EV_COMPLETE, /* the agent has finished */
	CONTACT_EV_GIVE_UP,  /* of a leg: nobody else is asked */
	CONTACT_EVENTS
};

enum { ID_SIZE = 64, AGENT_SIZE = 128, WORD_SIZE = 128 };

struct offer;

struct contact {
	char id[ID_SIZE];
	enum contact_state state;
	char offer_id[ID_SIZE];	 /* the present or last one, "" if none */
	bool is_known;		 /* contact.opened was heard */
	char *customer;		 /* JSON */
	char *early;		 /* JSON: the match that waits for contact.opened, or NULL */
	char parent_id[ID_SIZE]; /* of a leg the contact that it is about, else "" */
	bool is_named;		 /* a leg that asks one agent, and nobody else */
	bool has_note;		 /* of who transferred it */
	int64_t legs;		 /* that it ever had */
};

typedef bool contact_guard_fn(const struct contact *contact);
/* offer: the one that a match brings along, else NULL */
typedef void contact_action_fn(struct pl_turn *turn, struct contact *contact, struct offer *offer);

struct contact_rule {
	enum contact_state from;
	enum contact_event event;
	contact_guard_fn *guard;
	contact_action_fn *action;
	enum contact_state to;
	const char *why;
};

extern const struct contact_rule contact_rules[];
extern const size_t contact_rules_count;

/* contact_rule_find returns the first rule that fits, or NULL: refused. */
const struct contact_rule *contact_rule_find(const struct contact *contact,
					     enum contact_event event);

/* contact_state_name returns "queued"; contact_state_parse finds it by name, 0 if there is none. */
const char *contact_state_name(enum contact_state state);
enum contact_state contact_state_parse(const char *name);

/* offer.c; their test has others. */
contact_action_fn make_offer, refuse_left, refuse_taken, withdraw_offer;

#endif
