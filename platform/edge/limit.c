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

enum { CONNECTIONS = 2000, CONNECTIONS_DEMO = 20000, TRANSFERS = 8, TRANSFERS_DEMO = 48 };

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
	limits->transfers[0] = TRANSFERS;
	limits->transfers[1] = demo ? TRANSFERS_DEMO : TRANSFERS;
}

static void override_count(unsigned counts[2], const json_t *object, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(object, name));

	if (value > 0 && value <= 1000000)
		counts[0] = counts[1] = (unsigned)value;
}

void limits_override(struct limits *limits, const json_t *object)
{
	for (int c = 0; c < LIMIT_COUNT; c++) {
		const json_t *row = json_object_get(object, table[c].word);
		json_int_t per_minute = json_integer_value(json_object_get(row, "perMinute"));
		json_int_t burst = json_integer_value(json_object_get(row, "burst"));

		if (per_minute <= 0 || per_minute > 100000000 || burst < 0 || burst > 100000000)
			continue;
		limits->rows[0][c] = limits->rows[1][c] =
			limit_of((unsigned)per_minute, (unsigned)(burst ? burst : per_minute));
	}
	override_count(limits->connections, object, "connections");
	override_count(limits->transfers, object, "transfers");
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
