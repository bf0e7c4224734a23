/*
 * check.h — what a user may look like.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UCASTORE_CHECK_H
#define UCASTORE_CHECK_H

#include <jansson.h>
#include <stdbool.h>

#include "pelago/err.h"

enum {
	USER_ID_MAX = 64,
	CAPACITY_MOST = 100,
	PROFICIENCY_MOST = 16,
	SECONDS_MOST = 3600,
	RANK_MOST = 1000000
};

/* user_id_is_good: 1 to 64 of letters, digits, and . _ - @. It becomes part of subjects and
 * streams. */
bool user_id_is_good(const char *id);

/*
 * user_check judges a whole user
 * {"id","name","roles":[…],"enabled","attributes":[{"name":"Category.Value",
 * "proficiency":1…16}],"capacity":{"total",channel…}, "wrapUpSeconds", "offerSeconds",
 * "autoReady", "rank", "workSelection":"greatestNeed"｜"skillLevel"}, the last five optional.
 * Returns PL_INVALID, saying what is wrong.
 */
enum pl_err user_check(const json_t *user);

#endif
