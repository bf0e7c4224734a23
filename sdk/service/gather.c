/*
 * gather.c — how long events wait for others to share their turn.
 *
 * A turn costs a commit however many events it takes. Events that nobody waits for (gather_ms of
 * the service's definition) wait for more, but only while nothing else waits: what else comes is
 * handled at once, behind them, and so sees what they tell.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

enum { LATE_ITEMS = 512 };

static bool has_only_late(const struct pl_service *s)
{
	return s->def->gather_ms > 0 && s->queue.len > 0 && s->queue.events == s->queue.len &&
	       s->queue.len < LATE_ITEMS && !s->stopping;
}

int64_t gather_late_ms(struct pl_service *s)
{
	int64_t now = mono_ms();

	if (!has_only_late(s))
		return 0;
	if (!s->gather_until_ms)
		s->gather_until_ms = now + s->def->gather_ms;
	return s->gather_until_ms > now ? s->gather_until_ms - now : 0;
}
