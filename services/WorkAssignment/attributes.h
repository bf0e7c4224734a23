/*
 * attributes.h — ATTRIBUTE(name, least, most, normal, unit, text): what an administrator may set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
ATTRIBUTE(selection, 0, 3, 1, "",
	  "Who of several free agents gets a contact: 0 the longest idle, 1 the least "
	  "occupied (then the longest idle), 2 the best proficiency, 3 the lowest rank")
ATTRIBUTE(
	work_selection, 0, 1, 0, "",
	"What an agent gets who becomes free: 0 the contact in greatest need (priority, then age), "
	"1 the one the agent is best at")
ATTRIBUTE(ageing_s, 0, 86400, 0, "s",
	  "With this, a priority isn't a class of its own: each step of it counts as so much less "
	  "waiting")
ATTRIBUTE(
	transfer_user_s, 0, 86400, 120, "s",
	"A contact transferred to an agent waits for that one alone for so long, then for anybody of "
	"its service; 0 is for ever")
ATTRIBUTE(
	requeue_same_agent_s, 0, 3600, 15, "s",
	"A contact that an agent rejected or didn't answer may go to the same one after this long")
ATTRIBUTE(assumed_wait_s, 1, 3600, 30, "s",
	  "Wait a position that customers are told as long as none has been measured")
ATTRIBUTE(orphan_s, 5, 86400, 120, "s",
	  "A match whose offer isn't heard of for this long raises an alarm")
ATTRIBUTE(orphan_closed_s, 60, 604800, 14400, "s",
	  "An agent still reserved for a contact that closed this long ago raises an alarm")
ATTRIBUTE(closed_kept_s, 600, 2592000, 604800, "s",
	  "How long a closed contact's id is kept, so that a late request for it is refused")
ATTRIBUTE(decision_kept_s, 600, 31536000, 604800, "s",
	  "How long the reasons of a decision are kept")
