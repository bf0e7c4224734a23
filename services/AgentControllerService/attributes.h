/*
 * attributes.h — ATTRIBUTE(name, least, most, normal, unit, text): what an administrator may set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
ATTRIBUTE(wrapup_s, 0, 3600, 30, "s",
	  "Time for wrap-up after a contact was closed, where its service says none; 0 is none")
ATTRIBUTE(context_wait_s, 1, 60, 3, "s",
	  "How long an agent waits for a contact's context before it is shown without")
ATTRIBUTE(extension_s, 5, 3600, 60, "s", "What an agent gets who asks for more time for wrap-up")
ATTRIBUTE(extensions, 0, 20, 2, "", "How often an agent may ask for more time for a wrap-up")
