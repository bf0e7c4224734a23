/*
 * sql.h — a table's statements, made of its columns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MART_SQL_H
#define PELAGO_MART_SQL_H

#include "pelago/mart.h"

/* Each returns a text to be freed, or NULL without memory. */

/* Makes the table if it is absent, and columns it lacks; asks for no right that isn't needed. */
char *sql_create(const struct pl_mart_table *table);
/* $1 is a JSON array of rows. */
char *sql_put(const struct pl_mart_table *table);
/* $1 is a JSON array of keys. */
char *sql_remove(const struct pl_mart_table *table);

#endif
