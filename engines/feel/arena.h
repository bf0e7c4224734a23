/*
 * arena.h — memory that is freed all at once: of one compiled expression, or of one evaluation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_ARENA_H
#define FEEL_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct feel_arena {
	struct feel_chunk *chunks;
	size_t used;	/* in the newest chunk */
	size_t total;	/* bytes given out */
	size_t limit;	/* of total */
	bool hit_limit; /* the last failure was the limit, not the machine */
};

/* feel_arena_alloc returns size zeroed bytes, aligned to 16; NULL without memory or past the limit.
 */
void *feel_arena_alloc(struct feel_arena *arena, size_t size);

/* feel_arena_copy returns a copy of len bytes with a NUL behind. */
char *feel_arena_copy(struct feel_arena *arena, const char *bytes, size_t len);

/* feel_arena_charge counts bytes that live elsewhere; false past the limit. */
bool feel_arena_charge(struct feel_arena *arena, size_t size);
void feel_arena_fini(struct feel_arena *arena);

#endif
