/*
 * desk_fsm.h — an agent's contact: its states, what may happen in each, and what it does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESK_FSM_H
#define DESK_FSM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pelago/service.h"

/* Stored: numbers stay. */
enum desk_state {
	DESK_ASSIGNED = 1, /* accepted; the agent joins the chat, its context is fetched */
	DESK_ACTIVE = 2,
	DESK_WRAPUP = 3,
	DESK_COMPLETED = 4,
	DESK_STATES
};

enum desk_event {
	DESK_EV_JOINED,	    /* the chat let the agent in, or said that it is closed */
	DESK_EV_REFUSED,    /* there is no such chat */
	DESK_EV_CONTEXT,    /* the context is here, or isn't waited for any more */
	DESK_EV_CLOSED,	    /* the chat was closed */
	DESK_EV_ENDED,	    /* the offer was ended by others */
	DESK_EV_WRAPPED,    /* the time for wrap-up is over */
	DESK_EV_CONFERENCE, /* of a consultation: its agent is asked into the chat */
	DESK_EV_ENTERED,    /* and is in it */
	DESK_EV_MESSAGE,    /* from here on: the agent's frames */
	DESK_EV_TYPING,
	DESK_EV_CLOSE,
	DESK_EV_COMPLETE,
	DESK_EV_PRIVATE,
	DESK_EV_PUSH,
	DESK_EV_EXTEND,
	DESK_EVENTS
};

/* How far the agent of a consultation has come into the chat; stored. */
enum desk_presence { DESK_WATCHES, DESK_ENTERS, DESK_IS_IN };

/* A row of agent_contact. */
struct desk {
	char offer_id[65], agent_id[65], contact_id[27];
	enum desk_state state;
	char name[801], channel[33], service[256];
	char reason[33];       /* "" while the chat is open */
	char disposition[801]; /* "" if none */
	char parent_id[27];    /* of a consultation: the contact that it is about; else "" */
	enum desk_presence presence;
	int64_t extensions; /* of wrap-up, that were taken */
};

/* What an event brings along; all borrowed. */
struct desk_act {
	const json_t *joined, *context; /* answers; context may be NULL */
	const char *reason;
	const json_t *frame;	 /* the agent's */
	const json_t *session;	 /* the agent's, or NULL */
	json_t *reply;		 /* out: to the agent's frame, or NULL; new reference */
	const char *disposition; /* or NULL: as it was */
};

typedef bool desk_guard_fn(struct pl_turn *turn, const struct desk *desk,
			   const struct desk_act *act);
typedef void desk_action_fn(struct pl_turn *turn, struct desk *desk, struct desk_act *act);

struct desk_rule {
	enum desk_state from;
	enum desk_event event;
	desk_guard_fn *guard;
	desk_action_fn *action;
	enum desk_state to;
	const char *why;
};

extern const struct desk_rule desk_rules[];
extern const size_t desk_rules_count;

/* desk_rule_find returns the first rule that fits, or NULL: refused. */
const struct desk_rule *desk_rule_find(struct pl_turn *turn, const struct desk *desk,
				       enum desk_event event, const struct desk_act *act);

/* wrapup.c, leg.c, desk_act.c; their test has others. */
desk_guard_fn wants_wrapup, may_extend;
desk_action_fn start_wrapup, extend;
desk_guard_fn is_leg, may_speak;
desk_action_fn enter_chat, note_entered, end_leg, release_leg, pass_private, pass_push;
desk_guard_fn is_closed, is_closed_with_wrapup;
desk_action_fn fetch_context, note_closed, show, show_then_wrapup, show_then_complete,
	close_and_complete, complete, withdraw, leave, pass_message, pass_typing, pass_close,
	keep_disposition;

#endif
