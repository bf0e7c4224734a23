/*
 * map.c — hash table from bytes to nodes that live inside their owners.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "map.h"

#include <stdlib.h>
#include <string.h>

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ (h >> 32);
}

static uint64_t hash_bytes(uint64_t seed, const void *key, size_t len)
{
	const unsigned char *p = key;
	uint64_t h = seed ^ len, v;
	uint32_t half;

	for (; len > 8; p += 8, len -= 8) {
		memcpy(&v, p, 8);
		h = mix(h, v);
	}
	v = 0;
	if (len == 8) {
		memcpy(&v, p, 8);
	} else if (len >= 4) { /* two halves that may overlap */
		memcpy(&half, p, 4);
		memcpy(&v, p + len - 4, 4);
		v |= (uint64_t)half << 32;
	} else {
		for (size_t i = 0; i < len; i++)
			v = v << 8 | p[i];
	}
	h = mix(h, v);
	return mix(h, 0xd6e8feb86659fd93u);
}

static void place(struct map_slot *slots, size_t size, struct map_slot slot)
{
	size_t i = slot.hash & (size - 1);

	while (slots[i].node)
		i = (i + 1) & (size - 1);
	slots[i] = slot;
}

bool as_map_reserve(struct map *map, size_t extra)
{
	size_t size = map->size ? map->size : 16;
	struct map_slot *slots;

	while ((map->count + extra) * 3 > size * 2)
		size *= 2;
	if (size == map->size)
		return true;
	slots = calloc(size, sizeof(*slots));
	if (!slots)
		return false;
	for (size_t i = 0; i < map->size; i++)
		if (map->slots[i].node)
			place(slots, size, map->slots[i]);
	free(map->slots);
	map->slots = slots;
	map->size = size;
	return true;
}

uint64_t as_map_hash(const struct map *map, const void *key, size_t key_len)
{
	uint64_t hash = hash_bytes(map->seed, key, key_len);

	if (map->size)
		__builtin_prefetch(&map->slots[hash & (map->size - 1)]);
	return hash;
}

struct map_node *as_map_find_hashed(const struct map *map, const void *key, size_t key_len,
				    uint64_t hash)
{
	if (map->count == 0)
		return NULL;
	for (size_t i = hash & (map->size - 1); map->slots[i].node; i = (i + 1) & (map->size - 1)) {
		struct map_node *node = map->slots[i].node;

		if (map->slots[i].hash == hash && node->key_len == key_len &&
		    memcmp(node->key, key, key_len) == 0)
			return node;
	}
	return NULL;
}

struct map_node *as_map_find(const struct map *map, const void *key, size_t key_len)
{
	return as_map_find_hashed(map, key, key_len, hash_bytes(map->seed, key, key_len));
}

void as_map_put_hashed(struct map *map, struct map_node *node, uint64_t hash)
{
	node->hash = hash;
	place(map->slots, map->size, (struct map_slot){ hash, node });
	map->count++;
}

void as_map_put(struct map *map, struct map_node *node)
{
	as_map_put_hashed(map, node, hash_bytes(map->seed, node->key, node->key_len));
}

void as_map_remove(struct map *map, struct map_node *node)
{
	size_t mask = map->size - 1;
	size_t hole = node->hash & mask;

	while (map->slots[hole].node != node)
		hole = (hole + 1) & mask;
	for (size_t i = (hole + 1) & mask; map->slots[i].node; i = (i + 1) & mask) {
		size_t home = map->slots[i].hash & mask;

		/* it may move to the hole if that isn't before its home, going round */
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			map->slots[hole] = map->slots[i];
			hole = i;
		}
	}
	map->slots[hole].node = NULL;
	map->count--;
}

void as_map_fini(struct map *map)
{
	free(map->slots);
	*map = (struct map){ 0 };
}
