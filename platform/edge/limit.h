/*
 * limit.h — token buckets: how much of each class one client may do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_LIMIT_H
#define EDGE_LIMIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum limit_class {
#define LIMIT(name, word, per_minute, burst, demo, text) LIMIT_##name,
#include "limit_table.h"
#undef LIMIT
	LIMIT_COUNT
};

struct limit {
	double per_ms; /* tokens that come back */
	double burst;  /* tokens of a full bucket */
};

struct bucket {
	float tokens;
	int32_t used; /* 0: never, and full */
	int64_t at_ms;
};

/* What is allowed to whom: [0] strangers, [1] clients on this machine. */
struct limits {
	struct limit rows[2][LIMIT_COUNT];
	unsigned connections[2]; /* open at once from one address */
	unsigned transfers[2];	 /* files up and down at once, of one address */
};

/* limit_class_from returns LIMIT_COUNT for an unknown word. */
enum limit_class limit_class_from(const char *word);

/* limits_init takes the table; demo gives this machine's clients more. */
void limits_init(struct limits *limits, bool demo);
/* limits_override reads {"open":{"perMinute":N,"burst":N},…,"connections":N,"transfers":N}, for all
 * clients; NULL does nothing. */
void limits_override(struct limits *limits, const json_t *object);

/* bucket_take takes a token at now_ms; false if there is none. */
bool bucket_take(struct bucket *bucket, const struct limit *limit, int64_t now_ms);
/* bucket_wait_s returns the whole seconds until there is one, at least 1. */
unsigned bucket_wait_s(const struct bucket *bucket, const struct limit *limit);

#endif
