/*
 * gather.c — when a turn waits for more work to come.
 *
 * A turn costs a commit, and its messages a wake-up of everybody who gets them, however many they
 * are. So where much comes, a turn that would be small waits for a moment; what comes meanwhile
 * shares all that. Nothing waits where little comes, and where waiting was in vain (whoever asks
 * waits for the answer, and nobody else is there) it is tried more and more seldom.
 *
 * Events that nobody waits for (gather_ms of the service's definition) wait longer, but only while
 * nothing else does: what else comes is handled at once, behind them, and so sees what they tell.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <unistd.h>

enum {
	COUNT_MS = 100,
	BUSY_ITEMS = 50, /* taken in COUNT_MS: much comes */
	ENOUGH = 8,	 /* items that share a turn well enough */
	LOOK_US = 2000,
	LOOKS = 2,
	LATE_ITEMS = 512,
	PASS_MOST = 1024
};

void gather_count(struct pl_service *s, size_t items)
{
	struct gather *g = &s->gather;
	int64_t now = mono_ms();

	if (now - g->counted_ms >= COUNT_MS) {
		g->is_busy = g->count >= BUSY_ITEMS && now - g->counted_ms < 2 * COUNT_MS;
		g->counted_ms = now;
		g->count = 0;
	}
	g->count += (unsigned)items;
	g->late_ms = 0;
}

static bool has_only_late(const struct pl_service *s)
{
	return s->def->gather_ms > 0 && s->queue.len > 0 && s->queue.events == s->queue.len &&
	       s->queue.len < LATE_ITEMS && !s->stopping;
}

int64_t gather_late_ms(struct pl_service *s)
{
	struct gather *g = &s->gather;
	int64_t now = mono_ms();

	if (!has_only_late(s))
		return 0;
	if (!g->late_ms)
		g->late_ms = now + s->def->gather_ms;
	return g->late_ms > now ? g->late_ms - now : 0;
}

void gather_more(struct pl_service *s)
{
	struct gather *g = &s->gather;
	size_t had = s->queue.len;

	if (!g->is_busy || had == 0 || had >= ENOUGH || s->stopping)
		return;
	if (g->passed < g->pass) {
		g->passed++;
		return;
	}
	for (int i = 0; i < LOOKS && s->queue.len < ENOUGH; i++) {
		size_t before = s->queue.len;

		usleep(LOOK_US);
		(void)pl_bus_read(s->bus, TURN_ITEMS);
		if (s->queue.len == before)
			break;
	}
	g->passed = 0;
	if (s->queue.len > had)
		g->pass = 0;
	else
		g->pass = g->pass ? 2 * g->pass : 8;
	if (g->pass > PASS_MOST)
		g->pass = PASS_MOST;
}
