/*
 * keys.h — the members of a context's data as rows, by which contexts are found.
 *
 * Texts, numbers and booleans of the first level, of at most KEY_BYTES each; the first KEYS_MAX of
 * them. What changes in a context is all that is written.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTEXTSTORE_KEYS_H
#define CONTEXTSTORE_KEYS_H

#include "pelago/service.h"

enum { KEY_BYTES = 255, KEYS_MAX = 100 };

/* keys_write makes rows of what differs between was (or NULL) and is. */
void keys_write(struct pl_turn *turn, const char *context, int64_t made_ms, const json_t *was,
		const json_t *is);
void keys_forget(struct pl_turn *turn, const char *context);

#endif
