/*
 * change.h — what an entry may be, and how a change is laid over it.
 *
 * An entry is {"data":{…}, "groupId", "routingId", "topic", "tenantId", "aliasIds":[…],
 * "persistToEDM":BOOL}, all but data optional.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTEXTSTORE_CHANGE_H
#define CONTEXTSTORE_CHANGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "pelago/err.h"

enum { ID_CHARS = 255, ALIASES_MAX = 3, DATA_MAX = 128 * 1024, LEASE_MOST_S = 31 * 86400 };

/* context_id_is_good: 1 to 255 characters of UTF-8, none of them a control character. */
bool context_id_is_good(const char *id);

/*
 * change_apply lays a change over an entry: members of data are added or replaced, those given as
 * null removed; other members are replaced, or removed by null. Returns PL_INVALID, saying what is
 * wrong, or PL_TOOLARGE, and leaves entry as it was.
 */
enum pl_err change_apply(json_t *entry, const json_t *change);

#endif
