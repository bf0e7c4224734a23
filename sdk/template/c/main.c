/*
 * main.c — @NAME@: what it is, as tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notes.h"

static const struct pl_op ops[] = {
	{ "add", op_add, PL_OP_FILLS },
	{ "list", op_list, PL_OP_READ },
	{ 0 },
};

int main(int argc, char **argv)
{
	const struct pl_service_def def = {
		.name = "@NAME@",
		.migrations = note_migrations,
		.migrations_count = note_migrations_count,
		.ops = ops,
		.keys = note_keys,
		.state = note_state,
	};

	return pl_service_main(argc, argv, &def);
}
