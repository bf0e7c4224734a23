/*
 * attributes.h — ATTRIBUTE(name, least, most, normal, unit, text): what an administrator may set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
ATTRIBUTE(
	offer_timeout_s, 1, 3600, 20, "s",
	"An offer that isn't answered for this long is withdrawn, and the contact queued again; users "
	"may have a time of their own")
ATTRIBUTE(
	opened_wait_ms, 10, 60000, 2000, "ms",
	"How long a matched contact waits for the news of its opening, before it is offered without")
ATTRIBUTE(kept_s, 60, 2592000, 86400, "s", "How long ended contacts and their offers are kept here")
ATTRIBUTE(consult_s, 5, 3600, 60, "s",
	  "How long an agent is looked for who can be consulted, before nobody has answered")
ATTRIBUTE(consults, 1, 10, 3, "", "How many consultations a contact may have open at once")
