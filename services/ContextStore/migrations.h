/*
 * migrations.h — the tables of this service, version by version.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTEXTSTORE_MIGRATIONS_H
#define CONTEXTSTORE_MIGRATIONS_H

#include "pelago/store.h"

extern const struct pl_migration migrations[];
extern const size_t migrations_count;

#endif
