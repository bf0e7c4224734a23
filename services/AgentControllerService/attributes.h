/*
 * attributes.h — ATTRIBUTE(name, least, most, normal, unit, text): what an administrator may set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
ATTRIBUTE(wrapup_s, 0, 3600, 30, "s", "Time for wrap-up after a contact was closed; 0 is none")
ATTRIBUTE(context_wait_s, 1, 60, 3, "s",
	  "How long an agent waits for a contact's context before it is shown without")
