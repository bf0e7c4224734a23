/*
 * map.h — hash table from bytes to nodes that live inside their owners.
 *
 * It owns its slots only. Room is made ahead by as_map_reserve, so that put and remove can't
 * fail. Open addressing with linear probing, at most two thirds full; removal shifts back, so there
 * are no graves. It never shrinks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_ASSIGN_MAP_H
#define PELAGO_ASSIGN_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_node {
	const void *key; /* borrowed; lives as long as the node is in the map */
	size_t key_len;
	uint64_t hash; /* set by put */
};

struct map_slot {
	uint64_t hash;
	struct map_node *node; /* NULL: empty */
};

struct map {
	struct map_slot *slots;
	size_t size; /* a power of two, or 0 */
	size_t count;
	uint64_t seed; /* keeps those who choose ids from choosing their slots */
};

/* as_map_reserve makes room for extra more nodes. Returns false, changing nothing, without
 * memory. */
bool as_map_reserve(struct map *map, size_t extra);

/* as_map_find returns the node of that key, or NULL. */
struct map_node *as_map_find(const struct map *map, const void *key, size_t key_len);

/*
 * as_map_hash returns a key's hash and asks for its slot's memory: in a large map that is the cost
 * of finding, and there may be something else to do meanwhile. as_map_find_hashed and
 * as_map_put_hashed go on from it.
 */
uint64_t as_map_hash(const struct map *map, const void *key, size_t key_len);
struct map_node *as_map_find_hashed(const struct map *map, const void *key, size_t key_len,
				    uint64_t hash);

/* as_map_put adds a node whose key isn't there, into room reserved before. */
void as_map_put(struct map *map, struct map_node *node);
void as_map_put_hashed(struct map *map, struct map_node *node, uint64_t hash);

/* as_map_prefetch asks for the memory of a node's slot, soon to be removed. */
static inline void as_map_prefetch(const struct map *map, const struct map_node *node)
{
	__builtin_prefetch(&map->slots[node->hash & (map->size - 1)]);
}

/* as_map_remove takes out a node that is in the map. */
void as_map_remove(struct map *map, struct map_node *node);

/* as_map_fini frees the slots, not the nodes. */
void as_map_fini(struct map *map);

#endif
