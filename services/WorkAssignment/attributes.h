/*
 * attributes.h — ATTRIBUTE(name, least, most, normal, unit, text): what an administrator may set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
ATTRIBUTE(selection, 0, 3, 1, "",
	  "Who of several free agents gets a contact: 0 the longest idle, 1 the least "
	  "occupied (then the longest idle), 2 the best proficiency, 3 the lowest rank")
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
