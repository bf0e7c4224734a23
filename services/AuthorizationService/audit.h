/*
 * audit.h — who tried to log in, from where, and what came of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AUTHORIZATION_AUDIT_H
#define AUTHORIZATION_AUDIT_H

#include "pelago/service.h"

/*
 * audit_begin writes a row with the outcome "begun" and its new id; audit_end writes what came of
 * it. The row is also the sign that the turn which began an attempt was committed.
 */
void audit_begin(struct pl_turn *turn, char id[27], const char *event, const char *username,
		 const char *address);
void audit_end(struct pl_turn *turn, const char *id, const char *outcome);
bool audit_has(struct pl_turn *turn, const char *id);

/* audit_note writes a row that is complete. */
void audit_note(struct pl_turn *turn, const char *event, const char *username, const char *address,
		const char *outcome);

#endif
