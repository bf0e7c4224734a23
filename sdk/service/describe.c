/*
 * describe.c — `PROGRAM --describe`: what a release says of a service.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <stdio.h>
#include <string.h>

#include "pelago/version.h"

bool describe_is_asked(int argc, char **argv)
{
	return argc == 2 && strcmp(argv[1], "--describe") == 0;
}

int describe(const struct pl_service_def *def)
{
	const struct pl_migration *steps = def->migrations;
	size_t len = def->migrations_count;
	int contracts = 0;
	json_t *all;

	for (size_t i = 0; i < len; i++)
		if (steps[i].contracts > contracts)
			contracts = steps[i].contracts;
	all = json_pack("{s:s,s:s,s:i,s:i}", "name", def->name, "version", pl_version, "schema",
			len ? (int)steps[len - 1].version : 0, "contracts", contracts);
	if (!all || json_dumpf(all, stdout, JSON_COMPACT) != 0) {
		json_decref(all);
		return 1;
	}
	putchar('\n');
	json_decref(all);
	return 0;
}
