/*
 * work_fsm.h — a work's states, what may happen in each, and what it does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WORK_FSM_H
#define WORK_FSM_H

#include <stddef.h>

#include "pelago/err.h"
#include "pelago/service.h"

/* Stored: numbers stay. */
enum work_state {
	WORK_NONE = 0,	  /* no row */
	WORK_QUEUED = 1,  /* waits in the engine */
	WORK_OFFERED = 2, /* an agent is reserved for it */
	WORK_ACTIVE = 3,  /* the agent has accepted */
	WORK_LEAVING =
		4, /* closed or cancelled; the agent is still reserved, it isn't queued again */
	WORK_STATES
};

enum work_event {
	WORK_EV_REQUEST,
	WORK_EV_CANCEL,
	WORK_EV_MATCH,
	WORK_EV_ACCEPT,
	WORK_EV_REQUEUE, /* its offer ended, and another agent shall have it */
	WORK_EV_END,	 /* its offer ended for good */
	WORK_EV_CLOSE,	 /* the contact has closed */
	WORK_EVENTS
};

struct work;
struct work_act;
typedef bool work_guard_fn(const struct work *work);
typedef enum pl_err work_action_fn(struct pl_turn *turn, struct work *work,
				   const struct work_act *act);

struct work_rule {
	enum work_state from;
	enum work_event event;
	work_guard_fn *guard; /* NULL: always */
	work_action_fn *action;
	enum work_state to;
	const char *why;
};

extern const struct work_rule work_rules[];
extern const size_t work_rules_count;

/* work_rule_find returns the first rule that fits, or NULL: refused. */
const struct work_rule *work_rule_find(const struct work *work, enum work_state state,
				       enum work_event event);

/* work.c; their test has others. */
work_action_fn enqueue, requeue, dequeue, reserve;

#endif
