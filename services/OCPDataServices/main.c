/*
 * main.c — OCPDataServices: the omnichannel database, written from events.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sodium.h>

#include "blob.h"
#include "complete.h"
#include "erase.h"
#include "export.h"
#include "migrations.h"
#include "operations.h"
#include "pelago/mart.h"
#include "retain.h"
#include "take.h"

static const struct pl_on_answer answers[] = {
	{ "ContextStore.erase", erase_answered },
	{ "ContextStore.kept", erase_searched },
	{ 0 },
};

static enum pl_err rebuild(struct pl_turn *turn)
{
	export_load(turn);
	return PL_OK;
}

static enum pl_err tick(struct pl_turn *turn)
{
	blob_sweep(turn);
	complete_some(turn);
	retain_some(turn);
	erase_some(turn);
	export_tick(turn);
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
		.answers = answers,
		.rebuild = rebuild,
		.tick = tick,
		.tick_ms = 1000,
		.gather_ms = 100,
		.start = export_start,
		.stop = export_stop,
	};

	if (sodium_init() < 0)
		return 1;
	return pl_service_main(argc, argv, &def);
}
