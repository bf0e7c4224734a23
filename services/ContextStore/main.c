/*
 * main.c — ContextStore: what is known about customers and contacts, for a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audit.h"
#include "change.h"
#include "context.h"
#include "find.h"
#include "migrations.h"
#include "operations.h"

static const struct pl_attribute attributes[] = {
	{ "lease", 1, LEASE_MOST_S, 7200, "s",
	  "Time after its last change for which a context is kept." },
	{ "audit_kept", 1, 3650, 30, "d", "Days for which changes are kept in the audit." },
	{ "open_access", 0, 1, 0, "",
	  "1: the REST interface takes calls without a token, as other context stores do." },
	{ 0 },
};

static enum pl_err tick(struct pl_turn *turn)
{
	context_sweep(turn);
	audit_sweep(turn, 86400000 * pl_attribute_get(pl_turn_service(turn), "audit_kept"));
	find_complete(turn);
	return PL_OK;
}

int main(int argc, char **argv)
{
	const struct pl_service_def def = {
		.name = "ContextStore",
		.migrations = migrations,
		.migrations_count = migrations_count,
		.ops = operations,
		.attributes = attributes,
		.tick = tick,
		.tick_ms = 1000,
	};

	return pl_service_main(argc, argv, &def);
}
