/*
 * main.c — UCAStoreService: users, their roles, attributes and capacity.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "access.h"
#include "demo.h"
#include "migrations.h"
#include "operations.h"
#include "resource.h"

int main(int argc, char **argv)
{
	const struct pl_service_def def = {
		.name = "UCAStoreService",
		.migrations = migrations,
		.migrations_count = migrations_count,
		.ops = operations,
		.keys = resource_keys,
		.state = resource_state,
		.configured = access_configured,
		.rebuild = demo_fill, /* nothing is kept in memory */
	};

	return pl_service_main(argc, argv, &def);
}
