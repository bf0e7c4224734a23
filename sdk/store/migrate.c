/*
 * migrate.c — brings an area of the schema to the program's version, a transaction a step.
 *
 * pl_schema has the last step of each area, run or left for later; pl_contract those that were left
 * for later; pl_level the level at which the area is written. A step is looked at again inside its
 * transaction: another process may have made it meanwhile.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <time.h>

#include "pelago/version.h"
#include "store_impl.h"

struct area {
	struct pl_store *store;
	const char *name;
	const struct pl_migration *migrations;
	size_t count;
	int level;
};

static const struct pl_migration *step_find(const struct area *a, int64_t version)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->migrations[i].version == version)
			return &a->migrations[i];
	return NULL;
}

/* One number of a row, or none if there is no row. */
static enum pl_err number_get(int64_t *numberp, const struct area *a, const char *sql, int64_t none)
{
	struct pl_rows *rows;
	enum pl_err err = pl_store_query(&rows, a->store, sql, "s", a->name);

	if (err)
		return err;
	*numberp = pl_rows_next(rows) ? pl_rows_int(rows, 0) : none;
	err = pl_rows_err(rows);
	pl_rows_free(rows);
	return err;
}

static enum pl_err version_get(int64_t *versionp, const struct area *a)
{
	return number_get(versionp, a, "select version from pl_schema where area = $1", 0);
}

static bool waits(const struct area *a, const struct pl_migration *step)
{
	return step->contracts > a->level;
}

/* ---- a step ---- */

typedef enum pl_err step_fn(const struct area *a, const struct pl_migration *step);

static enum pl_err version_set(const struct area *a, unsigned version)
{
	return pl_store_exec(a->store,
			     "insert into pl_schema (area, version, program) values ($1, $2, $3) "
			     "on conflict (area) do update "
			     "set version = excluded.version, program = excluded.program",
			     "sis", a->name, (int64_t)version, pl_version);
}

/* The next one: run, or left for later. */
static enum pl_err advance(const struct area *a, const struct pl_migration *step)
{
	int64_t version = 0;
	enum pl_err err = version_get(&version, a);

	if (err || version >= step->version)
		return err;
	err = waits(a, step)
		      ? pl_store_exec(a->store,
				      "insert into pl_contract (area, version) values ($1, $2)",
				      "si", a->name, (int64_t)step->version)
		      : pl_store_script(a->store, step->sql);
	return err ? err : version_set(a, step->version);
}

/* One that was left for later. */
static enum pl_err contract(const struct area *a, const struct pl_migration *step)
{
	struct pl_rows *rows;
	enum pl_err err = pl_store_query(
		&rows, a->store,
		"delete from pl_contract where area = $1 and version = $2 returning version", "si",
		a->name, (int64_t)step->version);
	bool is_mine;

	if (err)
		return err;
	is_mine = pl_rows_next(rows);
	err = pl_rows_err(rows);
	pl_rows_free(rows);
	return err || !is_mine ? err : pl_store_script(a->store, step->sql);
}

/* Before anything is written by it: what is older isn't let in any more. */
static enum pl_err level_set(const struct area *a, const struct pl_migration *unused)
{
	return pl_store_exec(
		a->store,
		"insert into pl_level (area, level) values ($1, $2) on conflict (area) do "
		"update set level = excluded.level where pl_level.level < excluded.level",
		"si", a->name, (int64_t)a->level);
}

static enum pl_err step_once(const struct area *a, step_fn *fn, const struct pl_migration *step)
{
	enum pl_err err = pl_store_begin(a->store);

	if (err)
		return err;
	if (pl_store_kind(a->store) == PL_STORE_POSTGRES)
		err = pl_store_script(a->store, "set local lock_timeout = '200ms';"
						"lock table pl_schema in share row exclusive mode");
	if (!err)
		err = fn(a, step);
	if (err)
		pl_store_rollback(a->store);
	else
		err = pl_store_commit(a->store, 0);
	return err;
}

static enum pl_err step_apply(const struct area *a, step_fn *fn, const struct pl_migration *step)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	struct timespec now, start;
	enum pl_err err;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		err = step_once(a, fn, step);
		if (err != PL_AGAIN)
			return err;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - start.tv_sec >= STORE_MIGRATE_S)
			return err;
		nanosleep(&pause, NULL);
	}
}

/* ---- all of them ---- */

static enum pl_err too_new(const char *area, int64_t level)
{
	int major = 0;

	sscanf(pl_version, "%d", &major);
	return pl_fail(PL_NEWER,
		       "schema %s is written as of Pelago %d.%lld, this program is of %s: start "
		       "the program of %d.%lld or a newer one",
		       area, major, (long long)level, pl_version, major, (long long)level);
}

/* The level as it is stored, or as this program is; refuses one above the program's own. */
static enum pl_err level_take(struct area *a)
{
	int64_t stored = 0, own = pl_version_minor(pl_version);
	enum pl_err err = number_get(&stored, a, "select level from pl_level where area = $1", -1);

	if (err)
		return err;
	if (stored > own || a->level > own)
		return too_new(a->name, stored > a->level ? stored : a->level);
	if (stored > a->level)
		a->level = (int)stored;
	else if (stored < 0 && a->level == 0)
		a->level = (int)own;
	return stored < a->level ? step_apply(a, level_set, NULL) : PL_OK;
}

static enum pl_err waiting(int64_t *versionp, const struct area *a, int64_t after)
{
	struct pl_rows *rows;
	enum pl_err err = pl_store_query(
		&rows, a->store,
		"select min(version) from pl_contract where area = $1 and version > $2", "si",
		a->name, after);

	if (err)
		return err;
	*versionp = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;
	err = pl_rows_err(rows);
	pl_rows_free(rows);
	return err;
}

static enum pl_err contract_all(const struct area *a)
{
	int64_t version = 0;
	enum pl_err err;

	while (!(err = waiting(&version, a, version)) && version) {
		const struct pl_migration *step = step_find(a, version);

		if (step && !waits(a, step) && (err = step_apply(a, contract, step)))
			break;
	}
	return err;
}

enum pl_err pl_store_migrate(struct pl_store *store, const char *name,
			     const struct pl_migration *migrations, size_t count, int *levelp)
{
	struct area a = { store, name, migrations, count, *levelp };
	int64_t version = 0;
	enum pl_err err;

	for (size_t i = 0; i < count; i++)
		pl_assert(migrations[i].version > (i ? migrations[i - 1].version : 0));
	err = level_take(&a);
	if (!err)
		err = version_get(&version, &a);
	for (size_t i = 0; i < count && !err; i++)
		if (migrations[i].version > version)
			err = step_apply(&a, advance, &migrations[i]);
	if (!err)
		err = contract_all(&a);
	if (!err)
		*levelp = a.level;
	return err;
}
