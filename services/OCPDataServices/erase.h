/*
 * erase.h — all that is kept on one customer, erased here and in ContextStore, and looked for
 * afterwards.
 *
 * An erasure is a row that goes on after a crash. It removes the customer's contacts bit by bit,
 * tells ContextStore of each bit, and of the customer at the end; then it searches both for what it
 * has removed. While it runs its row names the customer; at the end it keeps the counts only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_ERASE_H
#define OCPDATA_ERASE_H

#include "pelago/service.h"

/* erase_begin returns PL_STATE while a contact of the customer's goes on; id is the erasure's. */
enum pl_err erase_begin(struct pl_turn *turn, const char *profile, const char *user, char id[27]);

/*
 * erase_shown: {erasureId, state:"running"|"done", madeMs, madeBy, endedMs, contacts, messages,
 * contexts, left}; left is what the search found, 0. PL_NOTFOUND.
 */
enum pl_err erase_shown(struct pl_turn *turn, const char *id, json_t **shownp);

/* erase_some goes on with those that run. */
void erase_some(struct pl_turn *turn);

extern pl_answer_fn erase_answered, erase_searched; /* of ContextStore.erase and .kept */

#endif
