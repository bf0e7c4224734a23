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

static const struct pl_attribute attributes[] = {
	{ "lease", 1, LEASE_MOST_S, 7200, "s",
	  "Time after its last change for which a context is kept." },
	{ "audit_kept", 1, 3650, 30, "d", "Days for which changes are kept in the audit." },
	{ "open_access", 0, 1, 0, "",
	  "1: the REST interface takes calls without a token, as other context stores do." },
	{ "notify_local", 0, 1, 0, "",
	  "1: notifications may go to this machine and link, metadata services included." },
	{ "notify_give_up", 1, 30 * 86400, 86400, "s",
	  "Time after which a notification that isn't taken is given up." },
	{ "notify_timeout", 1, 60, 10, "s", "Time that a receiver has for its answer." },
	{ "notify_backlog", 1, 1000000, 100000, "",
	  "Notifications that wait for one subscription at most." },
	PL_MART_ATTRIBUTES,
	{ 0 },
};

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
		.attributes = attributes,
		.rebuild = rebuild,
		.tick = tick,
		.tick_ms = 1000,
		.start = export_start,
		.stop = stop,
	};

	return pl_service_main(argc, argv, &def);
}
