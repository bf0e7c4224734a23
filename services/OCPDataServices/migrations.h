/*
 * migrations.h — the tables of this service, version by version.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_MIGRATIONS_H
#define OCPDATA_MIGRATIONS_H

#include "pelago/store.h"

extern const struct pl_migration migrations[];
extern const size_t migrations_count;

#endif
