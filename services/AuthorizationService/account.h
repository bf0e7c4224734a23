/*
 * account.h — user names and hashes of passwords; a demo's accounts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AUTHORIZATION_ACCOUNT_H
#define AUTHORIZATION_ACCOUNT_H

#include "pelago/service.h"

/*
 * account_import makes accounts of DIR/demo-users.json when there is none at all, and keeps in
 * memory the passwords of those that have no hash yet. In the rebuild.
 */
enum pl_err account_import(struct pl_turn *turn);
void account_forget(void);

/* account_hash returns a copy of the hash, free(); "" for one not hashed yet, NULL for nobody. */
char *account_hash(struct pl_turn *turn, const char *username);
/* account_plain returns the password of an account that is not hashed yet, or NULL. Borrowed. */
const char *account_plain(const char *username);
/* account_next returns one that is not hashed yet, nor on its way to be, or NULL. Borrowed. */
const char *account_next(void);
/* account_asked notes that a hash is on its way, or that it won't come. */
void account_asked(const char *username, bool is_on_its_way);

void account_set_hash(struct pl_turn *turn, const char *username, const char *hash);
/* account_entered notes a log-in, and the roles that UCAStoreService told. */
void account_entered(struct pl_turn *turn, const char *username, const json_t *roles);

#endif
