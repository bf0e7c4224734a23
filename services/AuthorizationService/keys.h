/*
 * keys.h — the keys that tokens are signed with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AUTHORIZATION_KEYS_H
#define AUTHORIZATION_KEYS_H

#include "pelago/service.h"

/* keys_load reads all keys of the store; makes the first one. In the rebuild. */
enum pl_err keys_load(struct pl_turn *turn);
void keys_forget(void);

/* keys_sign signs claims with the newest key; free(). */
enum pl_err keys_sign(char **tokenp, const json_t *claims);

/* keys_public returns {"keys":[…]} of all keys, newest first. Borrowed. */
const json_t *keys_public(void);

#endif
