/*
 * arena.c — a list of chunks, each twice the last up to 64 KiB.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_MIN = 2048, CHUNK_MAX = 65536, ALIGNMENT = 16 };

struct feel_chunk {
	alignas(16) struct feel_chunk *next;
	size_t size;
	alignas(16) char bytes[];
};

bool feel_arena_charge(struct feel_arena *arena, size_t size)
{
	if (size > arena->limit - arena->total) {
		arena->hit_limit = true;
		return false;
	}
	arena->total += size;
	return true;
}

void *feel_arena_alloc(struct feel_arena *arena, size_t size)
{
	struct feel_chunk *chunk = arena->chunks;
	void *bytes;

	if (size > arena->limit) {
		arena->hit_limit = true;
		return NULL;
	}
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (!feel_arena_charge(arena, size))
		return NULL;
	if (!chunk || size > chunk->size - arena->used) {
		size_t want = chunk ? chunk->size * 2 : CHUNK_MIN;

		if (want > CHUNK_MAX)
			want = CHUNK_MAX;
		if (want < size)
			want = size;
		chunk = calloc(1, sizeof(*chunk) + want);
		if (!chunk) {
			arena->hit_limit = false;
			return NULL;
		}
		chunk->size = want;
		chunk->next = arena->chunks;
		arena->chunks = chunk;
		arena->used = 0;
	}
	bytes = chunk->bytes + arena->used;
	arena->used += size;
	return bytes;
}

char *feel_arena_copy(struct feel_arena *arena, const char *bytes, size_t len)
{
	char *copy = feel_arena_alloc(arena, len + 1);

	if (copy && len)
		memcpy(copy, bytes, len);
	return copy;
}

void feel_arena_fini(struct feel_arena *arena)
{
	struct feel_chunk *next;

	for (struct feel_chunk *chunk = arena->chunks; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	*arena = (struct feel_arena){ 0 };
}
