/*
 * attributes.h — ATTRIBUTE(name, least, most, normal, unit, text): what an administrator may set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
ATTRIBUTE(idle_s, 4, 604800, 1800, "s",
	  "A chat in which the customer writes nothing for so long, or a quarter longer, is closed")
ATTRIBUTE(kept_s, 1, 2592000, 86400, "s",
	  "How long a closed chat can still be resumed and read here")
