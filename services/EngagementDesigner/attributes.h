/*
 * attributes.h — what an administrator may set.
 *
 * ATTRIBUTE(name, least, most, normal, unit, text): numbers, by the node.
 * SETTING(name, most, normal, text): texts of at most so many bytes, by the operation set-setting.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef ATTRIBUTE
ATTRIBUTE(keep_days, 0, 3650, 30, "d",
	  "How long instances that have ended are kept with their history")
ATTRIBUTE(history_steps, 1, 2000, 200, "",
	  "Steps that the history of an instance keeps; older ones are dropped")
#endif
#ifdef SETTING
SETTING(default_service, 100, "Support",
	"Service that is asked for an agent when no workflow could be run for a contact")
#endif
