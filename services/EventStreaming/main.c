/*
 * main.c — EventStreaming: events of chosen nouns, sent on to another system, such as a call
 * recorder.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "streaming.h"

enum { TICK_MS = 100 };

static const struct pl_op ops[] = {
	{ "destination", op_destination, PL_OP_READ },
	{ 0 },
};

static const struct pl_on_event events[] = {
	{ "contact.*", queue_add },  { "message.*", queue_add },
	{ "offer.*", queue_add },    { "leg.*", queue_add },
	{ "agent.*", queue_add },    { "work.*", queue_add },
	{ "workflow.*", queue_add }, { "context.*", queue_add },
	{ "service.*", queue_add },  { 0 },
};

int main(int argc, char **argv)
{
	const struct pl_service_def def = { .name = "EventStreaming",
					    .migrations = migrations,
					    .migrations_count = migrations_count,
					    .ops = ops,
					    .events = events,
					    .rebuild = queue_rebuild,
					    .configured = send_begin_anew,
					    .tick = send_tick,
					    .tick_ms = TICK_MS,
					    .stop = send_stop };

	return pl_service_main(argc, argv, &def);
}
