/*
 * retain.h — what is kept for its time only, by kind of data: attributes keep_….
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_RETAIN_H
#define OCPDATA_RETAIN_H

#include "pelago/service.h"

enum { DAYS_MOST = 36500 };

/* For the service's attributes; 0 days: for ever. */
#define RETAIN_ATTRIBUTES                                                                          \
	{ "keep_transcripts", 0, DAYS_MOST, 0, "d", "Messages are kept; 0: for ever." },           \
		{ "keep_contacts",                                                                 \
		  0,                                                                               \
		  DAYS_MOST,                                                                       \
		  0,                                                                               \
		  "d",                                                                             \
		  "Contacts are kept after their beginning, once closed; 0: for ever." },          \
		{ "keep_customers",                                                                \
		  0,                                                                               \
		  DAYS_MOST,                                                                       \
		  0,                                                                               \
		  "d",                                                                             \
		  "Customers are kept after their last contact, once none of theirs is; "          \
		  "0: for ever." },                                                                \
	{                                                                                          \
		"keep_agent_states", 0, DAYS_MOST, 0, "d", "Agents' states are kept; 0: for ever." \
	}

/* retain_some removes some of what is over its time; the mart keeps what it has. */
void retain_some(struct pl_turn *turn);

#endif
