/*
 * main.c — UCAStoreService: users, their roles, attributes and capacity.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "demo.h"
#include "migrations.h"
#include "operations.h"
#include "resource.h"

static const struct pl_attribute attributes[] = {
	{ "wrap_up", 0, 3600, 30, "s",
	  "Time to wrap up a contact, for users without one of their own." },
	{ "offer_time", 1, 3600, 20, "s",
	  "Time to answer an offer, for users without one of their own." },
	{ 0 },
};

int main(int argc, char **argv)
{
	const struct pl_service_def def = {
		.name = "UCAStoreService",
		.migrations = migrations,
		.migrations_count = migrations_count,
		.ops = operations,
		.attributes = attributes,
		.keys = resource_keys,
		.state = resource_state,
		.rebuild = demo_fill, /* nothing is kept in memory */
	};

	return pl_service_main(argc, argv, &def);
}
