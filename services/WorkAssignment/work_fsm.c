/*
 * work_fsm.c — the rules of a work.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "work_fsm.h"

#define R(from, event, guard, action, to, why)                                                     \
	{                                                                                          \
		WORK_##from, WORK_EV_##event, guard, action, WORK_##to, why                        \
	}
const struct work_rule work_rules[] = {
	/* first match wins */
	R(NONE, REQUEST, NULL, enqueue, QUEUED, "queued"),
	R(NONE, CANCEL, NULL, NULL, NONE, "wasn't there"),
	R(NONE, CLOSE, NULL, NULL, NONE, "closed unqueued"),
	R(QUEUED, REQUEST, NULL, NULL, QUEUED, "was queued before"),
	R(QUEUED, CANCEL, NULL, dequeue, NONE, "cancelled"),
	R(QUEUED, MATCH, NULL, reserve, OFFERED, "matched"),
	R(QUEUED, ACCEPT, NULL, dequeue, ACTIVE, "an agent had it already"),
	R(QUEUED, CLOSE, NULL, dequeue, NONE, "left the queue"),
	R(OFFERED, REQUEST, NULL, NULL, OFFERED, "was matched before"),
	R(OFFERED, CANCEL, NULL, NULL, LEAVING, "cancelled while it was offered"),
	R(OFFERED, ACCEPT, NULL, NULL, ACTIVE, "accepted"),
	R(OFFERED, REQUEUE, NULL, requeue, QUEUED, "queued again"),
	R(OFFERED, END, NULL, NULL, NONE, "ended"),
	R(OFFERED, CLOSE, NULL, NULL, LEAVING, "closed while it was offered"),
	R(ACTIVE, REQUEST, NULL, NULL, ACTIVE, "an agent has it"),
	R(ACTIVE, ACCEPT, NULL, NULL, ACTIVE, "was accepted before"),
	R(ACTIVE, REQUEUE, NULL, requeue, QUEUED, "queued again"),
	R(ACTIVE, END, NULL, NULL, NONE, "ended"),
	R(ACTIVE, CLOSE, NULL, NULL, LEAVING, "closed, the agent wraps up"),
	R(LEAVING, REQUEST, NULL, NULL, OFFERED, "wanted again while it was offered"),
	R(LEAVING, CANCEL, NULL, NULL, LEAVING, "was cancelled before"),
	R(LEAVING, ACCEPT, NULL, NULL, LEAVING, "accepted too late"),
	R(LEAVING, REQUEUE, NULL, NULL, NONE, "ended"),
	R(LEAVING, END, NULL, NULL, NONE, "ended"),
	R(LEAVING, CLOSE, NULL, NULL, LEAVING, "closed"),
};
#undef R
const size_t work_rules_count = sizeof(work_rules) / sizeof(work_rules[0]);

const struct work_rule *work_rule_find(const struct work *work, enum work_state state,
				       enum work_event event)
{
	for (size_t i = 0; i < work_rules_count; i++) {
		const struct work_rule *rule = &work_rules[i];

		if (rule->from == state && rule->event == event &&
		    (!rule->guard || rule->guard(work)))
			return rule;
	}
	return NULL;
}
