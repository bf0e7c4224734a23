/*
 * agent_fsm.h — an agent's states, what may happen in each, and what it does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AGENT_FSM_H
#define AGENT_FSM_H

#include <stdbool.h>
#include <stddef.h>

#include "pelago/service.h"

/* Stored: numbers stay. */
enum agent_state {
	AGENT_LOGGED_OUT = 1,
	AGENT_NOT_READY,
	AGENT_READY,
	AGENT_LOGGED_IN, /* work hasn't started */
	AGENT_PENDING,	 /* not ready, as soon as the last contact is completed; no new ones */
	AGENT_LEAVING,	 /* logged out, as soon as the last contact is completed; no new ones */
	AGENT_STATES
};

enum agent_event {
	AGENT_EV_LOGIN, /* a page said hello */
	AGENT_EV_START_WORK,
	AGENT_EV_GO_READY,
	AGENT_EV_GO_NOT_READY,
	AGENT_EV_NO_ANSWER, /* an offer ran out of time */
	AGENT_EV_LOGOUT,
	AGENT_EV_LOGOUT_NOW,   /* whatever is open goes back */
	AGENT_EV_LOST,	       /* no page for longer than the grace */
	AGENT_EV_CONTACT,      /* the agent has a contact more */
	AGENT_EV_LAST_CONTACT, /* the agent has none any more */
	AGENT_EVENTS
};

enum { AGENT_SIZE = 128, ID_SIZE = 64, NAME_SIZE = 256 };

struct agent {
	char id[AGENT_SIZE];
	char name[NAME_SIZE];
	enum agent_state state;
	char reason[ID_SIZE];
	char session_id[ID_SIZE]; /* of the page that is connected, or "" */
	json_t *attributes;	  /* [{name, proficiency}] */
	json_t *capacity;	  /* {total, chat, …} */
	json_t *routing;  /* rank, workSelection, offerSeconds, wrapUpSeconds: what the user has of
			     them */
	json_t *reasons;  /* codes that the agent may choose, ["Break"] */
	bool auto_ready;  /* ready with the start of work */
	int64_t since_ms; /* of the state that is shown, and its reason */
	int64_t contacts; /* accepted ones that aren't completed */
	bool is_changed;  /* name, attributes, capacity or routing, at a login */
};

typedef bool agent_guard_fn(const struct agent *agent);
typedef void agent_action_fn(struct pl_turn *turn, const struct agent *agent);

struct agent_rule {
	enum agent_state from;
	enum agent_event event;
	agent_guard_fn *guard;
	agent_action_fn *action;
	enum agent_state to;
	const char *why;
};

extern const struct agent_rule agent_rules[];
extern const size_t agent_rules_count;

/* agent_rule_find returns the first rule that fits, or NULL: refused. */
const struct agent_rule *agent_rule_find(const struct agent *agent, enum agent_event event);

/*
 * agent_state_name returns "Ready", as in frames and events: there AGENT_LOGGED_IN, AGENT_PENDING
 * and AGENT_LEAVING are "NotReady", and the members that agent_flags adds tell them apart.
 */
const char *agent_state_name(enum agent_state state);
/* agent_flags adds "working", "pending" and "logoutPending" to a frame or an event. */
void agent_flags(json_t *object, enum agent_state state);

/* agent_act.c; their test has others. */
agent_guard_fn is_changed, has_contacts, wants_ready;
agent_action_fn show_state, tell_state, show_and_tell_state, tell_gone;

#endif
