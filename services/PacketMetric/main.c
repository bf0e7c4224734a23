/*
 * main.c — PacketMetric: figures of hosts' networks and processes, for Prometheus or a receiver.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "packet.h"

enum { TICK_MS = 500 };

static enum pl_err http_metrics(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	char *text = text_of(gather_latest());

	*replyp = text ? json_pack("{s:i, s:s, s:s}", "status", 200, "text", text, "type",
				   "text/plain; version=0.0.4; charset=utf-8")
		       : NULL;
	free(text);
	return *replyp ? PL_OK : PL_NOMEM;
}

static const struct pl_op ops[] = {
	{ "http-metrics", http_metrics, PL_OP_READ },
	{ 0 },
};

int main(int argc, char **argv)
{
	const struct pl_service_def def = { .name = "PacketMetric",
					    .ops = ops,
					    .rebuild = gather_new,
					    .configured = gather_new,
					    .tick = gather_tick,
					    .tick_ms = TICK_MS,
					    .stop = send_stop };

	return pl_service_main(argc, argv, &def);
}
