/*
 * limit.c — token buckets and the table of their sizes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "limit.h"

#include <string.h>

static const struct {
	const char *word;
	unsigned per_minute, burst, demo_per_minute;
} table[LIMIT_COUNT] = {
#define LIMIT(name, word, per_minute, burst, demo, text) { word, per_minute, burst, demo },
#include "limit_table.h"
#undef LIMIT
};

enum { CONNECTIONS = 2000, CONNECTIONS_DEMO = 20000 };

enum limit_class limit_class_from(const char *word)
{
	int c = 0;

	while (c < LIMIT_COUNT && strcmp(table[c].word, word) != 0)
		c++;
	return (enum limit_class)c;
}

static struct limit limit_of(unsigned per_minute, unsigned burst)
{
	return (struct limit){ per_minute / 60000.0, burst };
}

void limits_init(struct limits *limits, bool demo)
{
	for (int c = 0; c < LIMIT_COUNT; c++) {
		unsigned more = demo ? table[c].demo_per_minute : 0;

		limits->rows[0][c] = limit_of(table[c].per_minute, table[c].burst);
		limits->rows[1][c] = more ? limit_of(more, more) : limits->rows[0][c];
	}
	limits->connections[0] = CONNECTIONS;
	limits->connections[1] = demo ? CONNECTIONS_DEMO : CONNECTIONS;
}

void limits_override(struct limits *limits, const json_t *object)
{
	const json_t *connections = json_object_get(object, "connections");

	for (int c = 0; c < LIMIT_COUNT; c++) {
		const json_t *row = json_object_get(object, table[c].word);
		json_int_t per_minute = json_integer_value(json_object_get(row, "perMinute"));
		json_int_t burst = json_integer_value(json_object_get(row, "burst"));

		if (per_minute <= 0 || per_minute > 100000000 || burst < 0 || burst > 100000000)
			continue;
		limits->rows[0][c] = limits->rows[1][c] =
			limit_of((unsigned)per_minute, (unsigned)(burst ? burst : per_minute));
	}
	if (json_integer_value(connections) > 0 && json_integer_value(connections) <= 1000000)
		limits->connections[0] = limits->connections[1] =
			(unsigned)json_integer_value(connections);
}

bool bucket_take(struct bucket *bucket, const struct limit *limit, int64_t now_ms)
{
	double tokens = limit->burst;

	if (bucket->used)
		tokens = bucket->tokens + (double)(now_ms - bucket->at_ms) * limit->per_ms;
	if (tokens > limit->burst)
		tokens = limit->burst;
	bucket->used = 1;
	bucket->at_ms = now_ms;
	bucket->tokens = (float)(tokens >= 1 ? tokens - 1 : tokens);
	return tokens >= 1;
}

unsigned bucket_wait_s(const struct bucket *bucket, const struct limit *limit)
{
	double ms = (1 - bucket->tokens) / limit->per_ms;

	return ms < 1000 ? 1 : (unsigned)(ms / 1000) + 1;
}
