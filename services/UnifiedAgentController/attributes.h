/*
 * attributes.h — ATTRIBUTE(name, least, most, normal, unit, text): what an administrator may set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
ATTRIBUTE(grace_s, 1, 3600, 30, "s",
	  "An agent whose browser is lost for this long is logged out, and loses the contacts")
ATTRIBUTE(silence_s, 10, 3600, 20, "s",
	  "How long no edge has asked for a session before its connection is taken for lost")
ATTRIBUTE(renew_s, 0, 3600, 60, "s", "How long a session outlives its token, before it is closed")
ATTRIBUTE(frames_kept_s, 3600, 604800, 86400, "s", "How long frames to an agent's page are kept")
