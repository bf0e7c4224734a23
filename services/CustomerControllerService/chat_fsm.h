/*
 * chat_fsm.h — a chat's states, what may happen in each, and what it does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CHAT_FSM_H
#define CHAT_FSM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pelago/service.h"

/* Stored: numbers stay. */
enum chat_state { CHAT_OPEN = 1, CHAT_SERVED = 2, CHAT_CLOSED = 3, CHAT_STATES };

enum chat_event {
	CHAT_EV_MESSAGE, /* by whomever */
	CHAT_EV_TYPING,
	CHAT_EV_FILE,	 /* sent by whomever; its body is in the blob store */
	CHAT_EV_PUSH,	 /* an agent shows the customer a page */
	CHAT_EV_PRIVATE, /* agents among themselves */
	CHAT_EV_JOIN,
	CHAT_EV_LEAVE,
	CHAT_EV_CLOSE,	 /* by whomever, or nobody wrote for too long */
	CHAT_EV_ANSWER,	 /* to the survey */
	CHAT_EV_AWAY,	 /* the customer's last connection has been gone for a moment */
	CHAT_EV_BACK,	 /* a customer who was away is here again */
	CHAT_EV_ABANDON, /* the customer has been away for as long as one is waited for */
	CHAT_EV_WARN,	 /* the customer writes nothing */
	CHAT_EVENTS
};

struct chat {
	char id[27];
	char stream[40]; /* "contact.ID" */
	enum chat_state state;
	bool is_gone, is_away; /* the customer, as it was read; presence.c */
};

/* What an event brings along; all borrowed. */
struct chat_act {
	const char *from;	      /* role of who acts: "customer", "agent", "bot", "system" */
	const char *sender;	      /* whose clientIds these are: "customer", "agent ID", … */
	const char *name;	      /* of who acts, or NULL */
	const char *client_id, *text; /* of a message */
	const json_t *file;	      /* {id, name, size, type, hash} */
	const char *url, *title;      /* of a page that is shown */
	const char *agent_id, *offer_id; /* who joins or leaves */
	const char *reason;		 /* of a close */
	bool on;			 /* typing */
	const json_t *answers;		 /* to a survey, checked */
	bool abandoned, off_hours;	 /* a close: what else is to be known of it */
	int64_t opens_ms;		 /* off hours: when it is open again; 0: not known */
	int64_t seq;			 /* out: of the frame that was appended, else 0 */
	int64_t n;			 /* number of its event */
};

typedef bool chat_guard_fn(struct pl_turn *turn, const struct chat *chat,
			   const struct chat_act *act);
typedef void chat_action_fn(struct pl_turn *turn, const struct chat *chat, struct chat_act *act);

struct chat_rule {
	enum chat_state from;
	enum chat_event event;
	chat_guard_fn *guard;
	chat_action_fn *action;
	enum chat_state to;
	const char *why;
};

extern const struct chat_rule chat_rules[];
extern const size_t chat_rules_count;

/* chat_rule_find returns the first rule that fits, or NULL: refused. */
const struct chat_rule *chat_rule_find(struct pl_turn *turn, const struct chat *chat,
				       enum chat_event event, const struct chat_act *act);

/* talk.c, and below chat_act.c; their test has others. */
chat_guard_fn is_there_otherwise;
chat_action_fn add_push, add_private, add_quietly, leave_quietly;

/* files.c */
chat_action_fn add_file;
/* chat_act.c */
chat_guard_fn is_last_agent;
/* survey.c */
chat_guard_fn asks_survey, is_asked;
chat_action_fn close_and_ask, add_surveyed;
chat_action_fn add_message, push_typing, add_joined, add_left, add_closed, push_away, push_back,
	add_abandoned, warn_idle;

#endif
