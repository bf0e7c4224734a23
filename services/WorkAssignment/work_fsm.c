/*
 * work_fsm.c — the rules of a work.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "work_fsm.h"

#define R(from, event, action, to, why) { WORK_##from, WORK_EV_##event, action, WORK_##to, why }
const struct work_rule work_rules[] = {
	R(NONE, REQUEST, enqueue, QUEUED, "queued"),
	R(NONE, CANCEL, NULL, NONE, "wasn't there"),
	R(NONE, CLOSE, NULL, NONE, "closed unqueued"),
	R(QUEUED, REQUEST, NULL, QUEUED, "was queued before"),
	R(QUEUED, CANCEL, dequeue, NONE, "cancelled"),
	R(QUEUED, MATCH, reserve, OFFERED, "matched"),
	R(QUEUED, ACCEPT, dequeue, ACTIVE, "an agent had it already"),
	R(QUEUED, CLOSE, dequeue, NONE, "left the queue"),
	R(OFFERED, REQUEST, NULL, OFFERED, "was matched before"),
	R(OFFERED, CANCEL, NULL, LEAVING, "cancelled while it was offered"),
	R(OFFERED, ACCEPT, NULL, ACTIVE, "accepted"),
	R(OFFERED, REQUEUE, requeue, QUEUED, "queued again"),
	R(OFFERED, END, NULL, NONE, "ended"),
	R(OFFERED, CLOSE, NULL, LEAVING, "closed while it was offered"),
	R(ACTIVE, REQUEST, NULL, ACTIVE, "an agent has it"),
	R(ACTIVE, ACCEPT, NULL, ACTIVE, "was accepted before"),
	R(ACTIVE, REQUEUE, requeue, QUEUED, "queued again"),
	R(ACTIVE, END, NULL, NONE, "ended"),
	R(ACTIVE, CLOSE, NULL, LEAVING, "closed, the agent wraps up"),
	R(LEAVING, REQUEST, NULL, OFFERED, "wanted again while it was offered"),
	R(LEAVING, CANCEL, NULL, LEAVING, "was cancelled before"),
	R(LEAVING, ACCEPT, NULL, LEAVING, "accepted too late"),
	R(LEAVING, REQUEUE, NULL, NONE, "ended"),
	R(LEAVING, END, NULL, NONE, "ended"),
	R(LEAVING, CLOSE, NULL, LEAVING, "closed"),
};
#undef R
const size_t work_rules_count = sizeof(work_rules) / sizeof(work_rules[0]);

const struct work_rule *work_rule_find(enum work_state state, enum work_event event)
{
	for (size_t i = 0; i < work_rules_count; i++)
		if (work_rules[i].from == state && work_rules[i].event == event)
			return &work_rules[i];
	return NULL;
}
