/*
 * map.h — texts to pointers, in the arena of a model; filled once, then only read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DMN_MAP_H
#define DMN_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "engines/feel/arena.h"

struct dmn_map {
	struct dmn_map_row {
		const char *key; /* borrowed */
		void *value;
	} * rows;
	size_t len, cap;
};

/*
 * dmn_map_add returns what the map has for key afterwards: value, or the earlier one that it keeps;
 * NULL where the arena gives no more. value isn't NULL.
 */
void *dmn_map_add(struct dmn_map *map, struct feel_arena *arena, const char *key, void *value);

/* dmn_map_get returns NULL for an unknown key. */
void *dmn_map_get(const struct dmn_map *map, const char *key);

#endif
