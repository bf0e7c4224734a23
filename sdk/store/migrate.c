/*
 * migrate.c — brings an area of the schema to the program's version, a transaction a step.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <time.h>

#include "store_impl.h"

static enum pl_err version_get(unsigned *versionp, struct pl_store *store, const char *area)
{
	struct pl_rows *rows;
	enum pl_err err;

	err = pl_store_query(&rows, store, "select version from pl_schema where area = $1", "s",
			     area);
	if (err)
		return err;
	*versionp = pl_rows_next(rows) ? (unsigned)pl_rows_int(rows, 0) : 0;
	err = pl_rows_err(rows);
	pl_rows_free(rows);
	return err;
}

/* The version is read again inside: another process may have made the same step meanwhile. */
static enum pl_err step_inside(struct pl_store *store, const char *area,
			       const struct pl_migration *step)
{
	unsigned version;
	enum pl_err err = PL_OK;

	if (pl_store_kind(store) == PL_STORE_POSTGRES)
		err = pl_store_script(store, "set local lock_timeout = '200ms';"
					     "lock table pl_schema in share row exclusive mode");
	if (!err)
		err = version_get(&version, store, area);
	if (err || version >= step->version)
		return err;
	err = pl_store_script(store, step->sql);
	if (err)
		return err;
	return pl_store_exec(store,
			     "insert into pl_schema (area, version, program) values ($1, $2, $3) "
			     "on conflict (area) do update "
			     "set version = excluded.version, program = excluded.program",
			     "sis", area, (int64_t)step->version, PELAGO_VERSION);
}

static enum pl_err step_once(struct pl_store *store, const char *area,
			     const struct pl_migration *step)
{
	enum pl_err err = pl_store_begin(store);

	if (err)
		return err;
	err = step_inside(store, area, step);
	if (err)
		pl_store_rollback(store);
	else
		err = pl_store_commit(store, 0);
	return err;
}

static enum pl_err step_apply(struct pl_store *store, const char *area,
			      const struct pl_migration *step)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	struct timespec now, start;
	enum pl_err err;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		err = step_once(store, area, step);
		if (err != PL_AGAIN)
			return err;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - start.tv_sec >= STORE_MIGRATE_S)
			return err;
		nanosleep(&pause, NULL);
	}
}

enum pl_err pl_store_migrate(struct pl_store *store, const char *area,
			     const struct pl_migration *migrations, size_t count)
{
	unsigned last = count ? migrations[count - 1].version : 0, version;
	enum pl_err err;

	for (size_t i = 0; i < count; i++)
		pl_assert(migrations[i].version > (i ? migrations[i - 1].version : 0));
	err = version_get(&version, store, area);
	if (err)
		return err;
	if (version > last)
		return pl_fail(
			PL_NEWER,
			"schema %s has version %u, this program knows %u: start the newer program",
			area, version, last);
	for (size_t i = 0; i < count && !err; i++)
		if (migrations[i].version > version)
			err = step_apply(store, area, &migrations[i]);
	return err;
}
