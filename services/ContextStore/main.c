/*
 * main.c — ContextStore: what is known about customers and contacts, for a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audit.h"
#include "change.h"
#include "context.h"
#include "export.h"
#include "find.h"
#include "migrations.h"
#include "notify.h"
#include "operations.h"
#include "pelago/mart.h"

static enum pl_err tick(struct pl_turn *turn)
{
	context_sweep(turn);
	audit_sweep(turn, 86400000 * pl_attribute_get(pl_turn_service(turn), "audit_kept"));
	find_complete(turn);
	notify_pump(turn);
	export_tick(turn);
	return PL_OK;
}

static enum pl_err rebuild(struct pl_turn *turn)
{
	notify_load(turn);
	export_load(turn);
	return PL_OK;
}

static void stop(struct pl_service *service)
{
	notify_stop();
	export_stop();
}

int main(int argc, char **argv)
{
	const struct pl_service_def def = {
		.name = "ContextStore",
		.migrations = migrations,
		.migrations_count = migrations_count,
		.ops = operations,
		.rebuild = rebuild,
		.tick = tick,
		.tick_ms = 1000,
		.start = export_start,
		.stop = stop,
	};

	return pl_service_main(argc, argv, &def);
}
