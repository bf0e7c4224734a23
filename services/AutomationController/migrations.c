/*
 * migrations.c — templates by name. changed_ms is 0 for a text of ours, which a later release may
 * change.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "automation.h"

const struct pl_migration automation_migrations[] = {
	{ 1, "create table template (name TEXT not null primary key, text TEXT not null,"
	     " changed_ms BIGINT not null);"
	     "create table setting (name TEXT not null primary key, value TEXT not null);" },
};
const size_t automation_migrations_count =
	sizeof(automation_migrations) / sizeof(automation_migrations[0]);
