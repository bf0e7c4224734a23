/*
 * main.c — OCPDataServices: the omnichannel database, written from events.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sodium.h>

#include "blob.h"
#include "complete.h"
#include "migrations.h"
#include "operations.h"
#include "take.h"

static const struct pl_attribute attributes[] = {
	BLOB_ATTRIBUTES,
	{ 0 },
};

static enum pl_err tick(struct pl_turn *turn)
{
	blob_sweep(turn);
	complete_some(turn);
	return PL_OK;
}

int main(int argc, char **argv)
{
	const struct pl_service_def def = {
		.name = "OCPDataServices",
		.migrations = migrations,
		.migrations_count = migrations_count,
		.ops = operations,
		.events = take_events,
		.attributes = attributes,
		.tick = tick,
		.tick_ms = 1000,
	};

	if (sodium_init() < 0)
		return 1;
	return pl_service_main(argc, argv, &def);
}
