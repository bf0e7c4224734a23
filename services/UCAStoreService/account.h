/*
 * account.h — users in the store.
 *
 * A user is JSON as check.h describes it; "wrapUpSeconds" and "offerSeconds" are there only if set
 * for this user.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UCASTORE_ACCOUNT_H
#define UCASTORE_ACCOUNT_H

#include "pelago/service.h"

/* account_read returns PL_NOTFOUND if there is none; *userp is a new reference. */
enum pl_err account_read(struct pl_turn *turn, const char *id, json_t **userp);

/*
 * account_list returns a new array of at most limit users in order of their id.
 *   after  id of the last one of the page before, "" for the first page
 *   role   only users who have it, "" for all
 */
json_t *account_list(struct pl_turn *turn, const char *after, const char *role, int64_t limit);

/* account_write stores a user that user_check has found good, in place of one of the same id. */
void account_write(struct pl_turn *turn, const json_t *user);

bool account_any(struct pl_turn *turn);

#endif
