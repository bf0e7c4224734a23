/*
 * lockout.h — after some wrong passwords in a row a user name is locked for a time.
 *
 * Names of nobody are counted and locked all the same, so that nothing tells who exists.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AUTHORIZATION_LOCKOUT_H
#define AUTHORIZATION_LOCKOUT_H

#include "pelago/service.h"

/* lockout_left_s returns the whole seconds that a name is still locked, 0 if it isn't. */
int64_t lockout_left_s(struct pl_turn *turn, const char *username);
/* lockout_failed counts a wrong password; returns whether the name is locked by it. */
bool lockout_failed(struct pl_turn *turn, const char *username);
void lockout_clear(struct pl_turn *turn, const char *username);

#endif
