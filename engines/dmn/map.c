/*
 * map.c — open addressing, at most half full.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/dmn/map.h"

#include <stdint.h>
#include <string.h>

/* FNV-1a; that keys may collide on purpose costs the one who wrote the file, within its limit. */
static size_t hash(const char *key)
{
	uint64_t h = 14695981039346656037u;

	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

static struct dmn_map_row *row_of(const struct dmn_map *map, const char *key)
{
	size_t i = hash(key) & (map->cap - 1);

	while (map->rows[i].key && strcmp(map->rows[i].key, key) != 0)
		i = (i + 1) & (map->cap - 1);
	return &map->rows[i];
}

static bool grow(struct dmn_map *map, struct feel_arena *arena)
{
	struct dmn_map old = *map;

	map->cap = old.cap ? old.cap * 2 : 16;
	map->rows = feel_arena_alloc(arena, map->cap * sizeof(*map->rows));
	if (!map->rows) {
		*map = old;
		return false;
	}
	for (size_t i = 0; i < old.cap; i++)
		if (old.rows[i].key)
			*row_of(map, old.rows[i].key) = old.rows[i];
	return true;
}

void *dmn_map_add(struct dmn_map *map, struct feel_arena *arena, const char *key, void *value)
{
	struct dmn_map_row *row;

	if (map->len >= map->cap / 2 && !grow(map, arena))
		return NULL;
	row = row_of(map, key);
	if (!row->key) {
		*row = (struct dmn_map_row){ key, value };
		map->len++;
	}
	return row->value;
}

void *dmn_map_get(const struct dmn_map *map, const char *key)
{
	return map->cap ? row_of(map, key)->value : NULL;
}
