/*
 * main.c — OCPDataServices: the omnichannel database, written from events.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "migrations.h"
#include "operations.h"
#include "take.h"

int main(int argc, char **argv)
{
	const struct pl_service_def def = {
		.name = "OCPDataServices",
		.migrations = migrations,
		.migrations_count = migrations_count,
		.ops = operations,
		.events = take_events,
	};

	return pl_service_main(argc, argv, &def);
}
