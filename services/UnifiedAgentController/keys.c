/*
 * keys.c — AuthorizationService's keys, kept in memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "uac.h"

#include <string.h>

#include "pelago/json.h"
#include "pelago/token.h"

enum { PAUSE_MS = 1000 };

static json_t *keys;
static int64_t taken_ms;

enum pl_err keys_check(json_t **claimsp, const char *token, int64_t now_ms)
{
	bool is_unknown = false;
	enum pl_err err;

	if (!keys)
		return PL_AGAIN;
	err = pl_token_check(claimsp, &is_unknown, token, strlen(token), keys, now_ms / 1000);
	if (err && is_unknown && (now_ms - taken_ms >= PAUSE_MS || now_ms < taken_ms))
		return PL_AGAIN;
	return err;
}

void keys_take(const json_t *jwks, int64_t now_ms)
{
	json_decref(keys);
	keys = json_deep_copy(jwks);
	taken_ms = now_ms;
}
