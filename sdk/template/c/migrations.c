/*
 * migrations.c — the tables, step by step. A step that was delivered is never changed: a later one
 * is added.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notes.h"

const struct pl_migration note_migrations[] = {
	{ 1, "create table note (id TEXT not null primary key, at_ms BIGINT not null,"
	     " author TEXT not null, text TEXT not null) PL_BY_KEY;" },
};
const size_t note_migrations_count = sizeof(note_migrations) / sizeof(note_migrations[0]);
