/*
 * person.h — all contexts of one person, for who exports or erases what is kept on them.
 *
 * Both operations take {contextIds, groupIds, values} (at most 200 each): contexts with one of
 * these ids or aliases, of one of these groups, or with one of these texts as a member of their
 * data.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTEXTSTORE_PERSON_H
#define CONTEXTSTORE_PERSON_H

#include "pelago/service.h"

/* {…, after} → {contexts:[…], after:TEXT|null}: by id, what comes after, as fits 400 KiB. */
pl_op_fn person_kept;

/*
 * {…} → {contexts:N, audits:N, more:BOOL}: removes some of them, with their audit, what waits for
 * subscribers, and their rows in the data mart; again while there are more.
 */
pl_op_fn person_erase;

#endif
