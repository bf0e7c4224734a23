/*
 * main.c — EventingConnector: other systems post events over HTTP; workflows get them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sodium.h>

#include "connector.h"

static const struct pl_op ops[] = {
	{ "http-post", op_post, PL_OP_OPENS },
	{ "http-event", op_event, PL_OP_READ },
	{ 0 },
};

static const struct pl_on_answer answers[] = { { "EngagementDesigner.take-event", on_taken },
					       { 0 } };

int main(int argc, char **argv)
{
	const struct pl_service_def def = { .name = "EventingConnector",
					    .migrations = migrations,
					    .migrations_count = migrations_count,
					    .ops = ops,
					    .answers = answers,
					    .rebuild = kept_rebuild,
					    .tick = kept_sweep,
					    .tick_ms = 1000 };

	if (sodium_init() < 0)
		return 1;
	return pl_service_main(argc, argv, &def);
}
