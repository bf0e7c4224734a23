/*
 * sqlite.c — the store's driver for SQLite: transactions, statements, rows.
 *
 * Each transaction of an owner checks the epoch in pl_owner beside its lock, so that one whose lock
 * file was removed under it stops writing. Rows of a reading statement are stepped lazily; those of
 * a writing one are copied and the statement ended, so that its transaction can commit while the
 * caller reads them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sqlite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

static enum pl_err io_err(sqlite3 *db)
{
	switch (sqlite3_system_errno(db)) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return PL_FULL;
	default:
		return PL_IO;
	}
}

static enum pl_err err_of(sqlite3 *db, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return PL_OK;
	case SQLITE_FULL:
		return PL_FULL;
	case SQLITE_IOERR:
		return (rc == SQLITE_IOERR_NOMEM) ? PL_NOMEM : io_err(db);
	case SQLITE_CANTOPEN:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_PERM:
	case SQLITE_READONLY:
		return PL_IO;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return PL_AGAIN;
	case SQLITE_NOMEM:
		return PL_NOMEM;
	case SQLITE_TOOBIG:
		return PL_TOOLARGE;
	default:
		return PL_STORE;
	}
}

enum pl_err sqlite_fail(sqlite3 *db, int rc)
{
	enum pl_err err = err_of(db, rc);

	return err ? pl_fail(err, "database: %s (SQLite %d)", sqlite3_errmsg(db), rc) : PL_OK;
}

enum pl_err sqlite_prepare(sqlite3_stmt **stmtp, sqlite3 *db, const char *sql)
{
	const char *tail;
	int rc = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, stmtp, &tail);

	if (rc)
		return sqlite_fail(db, rc);
	if (!*stmtp || tail[strspn(tail, " \t\n;")]) {
		sqlite3_finalize(*stmtp);
		return pl_fail(PL_STORE, "database: not one statement: %.200s", sql);
	}
	return PL_OK;
}

/* Transactions */

static enum pl_err step_once(struct sqlite_store *s, sqlite3_stmt *stmt)
{
	enum pl_err err = sqlite_fail(s->db, sqlite3_step(stmt));

	sqlite3_reset(stmt);
	return err;
}

static void sqlite_rollback(struct pl_store *store)
{
	struct sqlite_store *s = sqlite_of(store);

	/* After a full disk or a lack of memory SQLite has rolled back by itself. */
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "rollback", NULL, NULL, NULL);
}

static enum pl_err epoch_check(struct sqlite_store *s)
{
	int rc = sqlite3_step(s->epoch);
	int64_t epoch = rc == SQLITE_ROW ? sqlite3_column_int64(s->epoch, 0) : -1;
	enum pl_err err = sqlite_fail(s->db, rc);

	sqlite3_reset(s->epoch);
	if (!err && epoch != s->base.epoch)
		err = pl_fail(PL_STATE, "database %s: another process has taken over", s->path);
	return err;
}

static enum pl_err sqlite_begin(struct pl_store *store)
{
	struct sqlite_store *s = sqlite_of(store);
	enum pl_err err = step_once(s, s->begin);

	if (!err && store->owned) {
		err = epoch_check(s);
		if (err)
			sqlite_rollback(store);
	}
	return err;
}

static enum pl_err sqlite_commit(struct pl_store *store, const int64_t *turn_idp)
{
	struct sqlite_store *s = sqlite_of(store);

	(void)turn_idp; /* the outcome of a commit to a file is known when it returns */
	return step_once(s, s->commit);
}

static enum pl_err sqlite_reconnect(struct pl_store *store)
{
	(void)store;
	return PL_OK;
}

static enum pl_err sqlite_script(struct pl_store *store, const char *sql)
{
	struct sqlite_store *s = sqlite_of(store);

	return sqlite_fail(s->db, sqlite3_exec(s->db, sql, NULL, NULL, NULL));
}

/* Statements */

static void sqlite_statement_free(struct store_statement *statement)
{
	sqlite3_finalize(sqlite_statement_of(statement)->stmt);
	free(statement);
}

/* bind_places maps by name: SQLite numbers parameters as they come, not as they are called. */
static enum pl_err bind_places(struct sqlite_statement *st, const char *types)
{
	unsigned used = 0;

	for (unsigned i = 0; types[i]; i++) {
		const char name[] = { '$', (char)('1' + i), '\0' };

		st->bind_at[i] = sqlite3_bind_parameter_index(st->stmt, name);
		used += st->bind_at[i] != 0;
	}
	if (used != (unsigned)sqlite3_bind_parameter_count(st->stmt))
		return pl_fail(PL_STORE, "database: values for \"%s\" don't fit: %.200s", types,
			       sqlite3_sql(st->stmt));
	return PL_OK;
}

static enum pl_err sqlite_statement_new(struct store_statement **statementp, struct pl_store *store,
					const char *sql, const char *types)
{
	struct sqlite_statement *st = calloc(1, sizeof(*st));
	enum pl_err err;

	if (!st)
		return PL_NOMEM;
	err = sqlite_prepare(&st->stmt, sqlite_of(store)->db, sql);
	if (err) {
		free(st);
		return err;
	}
	st->base.writes = !sqlite3_stmt_readonly(st->stmt);
	err = bind_places(st, types);
	if (err)
		sqlite_statement_free(&st->base);
	else
		*statementp = &st->base;
	return err;
}

static int bind(sqlite3_stmt *stmt, int at, const struct store_param *p,
		sqlite3_destructor_type life)
{
	if (!at)
		return SQLITE_OK;
	switch (p->type) {
	case 'i':
		return sqlite3_bind_int64(stmt, at, p->i);
	case 'd':
		return sqlite3_bind_double(stmt, at, p->d);
	case 's':
		return sqlite3_bind_text64(stmt, at, p->data, p->len, life, SQLITE_UTF8);
	default:
		return sqlite3_bind_blob64(stmt, at, p->data, p->len, life);
	}
}

static void statement_end(struct sqlite_statement *st)
{
	sqlite3_reset(st->stmt);
	sqlite3_clear_bindings(st->stmt);
}

static enum pl_err statement_start(struct sqlite_statement *st, const struct store_param *params,
				   sqlite3_destructor_type life)
{
	for (unsigned i = 0; st->base.types[i]; i++) {
		int rc = bind(st->stmt, st->bind_at[i], &params[i], life);

		if (rc)
			return sqlite_fail(sqlite3_db_handle(st->stmt), rc);
	}
	return PL_OK;
}

static enum pl_err sqlite_exec(struct store_statement *statement, const struct store_param *params)
{
	struct sqlite_statement *st = sqlite_statement_of(statement);
	enum pl_err err = statement_start(st, params, SQLITE_STATIC);
	int rc = SQLITE_DONE;

	if (!err) {
		do
			rc = sqlite3_step(st->stmt);
		while (rc == SQLITE_ROW);
		err = sqlite_fail(sqlite3_db_handle(st->stmt), rc);
	}
	statement_end(st);
	return err;
}

static void kept_free(struct sqlite_statement *st)
{
	for (size_t i = 0; i < st->kept_count; i++)
		sqlite3_value_free(st->kept[i]);
	free(st->kept);
	st->kept = NULL;
	st->kept_count = st->kept_space = 0;
}

static enum pl_err row_keep(struct sqlite_statement *st)
{
	size_t columns = (size_t)sqlite3_column_count(st->stmt);
	sqlite3_value **kept;

	if (st->kept_count + columns > st->kept_space) {
		size_t space = 2 * (st->kept_space + columns);

		kept = reallocarray(st->kept, space, sizeof(sqlite3_value *));
		if (!kept)
			return PL_NOMEM;
		st->kept = kept;
		st->kept_space = space;
	}
	for (size_t i = 0; i < columns; i++) {
		sqlite3_value *value = sqlite3_value_dup(sqlite3_column_value(st->stmt, (int)i));

		if (!value)
			return PL_NOMEM;
		st->kept[st->kept_count++] = value;
	}
	return PL_OK;
}

/* rows_keep runs a writing statement to its end. */
static enum pl_err rows_keep(struct sqlite_statement *st)
{
	enum pl_err err = PL_OK;
	int rc;

	for (;;) {
		rc = sqlite3_step(st->stmt);
		if (rc != SQLITE_ROW)
			break;
		err = row_keep(st);
		if (err)
			return err;
	}
	return sqlite_fail(sqlite3_db_handle(st->stmt), rc);
}

static enum pl_err sqlite_query(struct store_statement *statement, const struct store_param *params)
{
	struct sqlite_statement *st = sqlite_statement_of(statement);
	enum pl_err err;
	int rc;

	st->row = 0;
	err = statement_start(st, params, statement->writes ? SQLITE_STATIC : SQLITE_TRANSIENT);
	if (!err && statement->writes) {
		err = rows_keep(st);
		statement_end(st);
	} else if (!err) {
		rc = sqlite3_step(st->stmt);
		st->started = true;
		st->at_end = rc == SQLITE_DONE;
		err = sqlite_fail(sqlite3_db_handle(st->stmt), rc);
	}
	if (err) {
		statement_end(st);
		kept_free(st);
	}
	return err;
}

/* Rows */

static bool sqlite_rows_next(struct store_statement *statement)
{
	struct sqlite_statement *st = sqlite_statement_of(statement);
	int rc;

	if (statement->writes) {
		if (st->row * (size_t)sqlite3_column_count(st->stmt) >= st->kept_count)
			return false;
		st->row++;
		return true;
	}
	if (st->at_end)
		return false;
	if (st->started) {
		st->started = false;
		return true;
	}
	rc = sqlite3_step(st->stmt);
	st->at_end = rc != SQLITE_ROW;
	statement->rows.err = sqlite_fail(sqlite3_db_handle(st->stmt), rc);
	return !st->at_end;
}

/* kept_at returns a value of the present row of a writing statement, NULL where there is none. */
static sqlite3_value *kept_at(const struct sqlite_statement *st, int column)
{
	int columns = sqlite3_column_count(st->stmt);

	if (column < 0 || column >= columns || !st->row)
		return NULL;
	return st->kept[(st->row - 1) * (size_t)columns + (size_t)column];
}

static int64_t sqlite_rows_int(const struct store_statement *statement, int column)
{
	struct sqlite_statement *st = sqlite_statement_of(statement);
	sqlite3_value *value;

	if (!statement->writes)
		return sqlite3_column_int64(st->stmt, column);
	value = kept_at(st, column);
	return value ? sqlite3_value_int64(value) : 0;
}

static double sqlite_rows_double(const struct store_statement *statement, int column)
{
	struct sqlite_statement *st = sqlite_statement_of(statement);
	sqlite3_value *value;

	if (!statement->writes)
		return sqlite3_column_double(st->stmt, column);
	value = kept_at(st, column);
	return value ? sqlite3_value_double(value) : 0.0;
}

static bool sqlite_rows_is_null(const struct store_statement *statement, int column)
{
	struct sqlite_statement *st = sqlite_statement_of(statement);
	sqlite3_value *value;

	if (!statement->writes)
		return sqlite3_column_type(st->stmt, column) == SQLITE_NULL;
	value = kept_at(st, column);
	return !value || sqlite3_value_type(value) == SQLITE_NULL;
}

static const void *sqlite_rows_bytes(const struct store_statement *statement, int column, bool text,
				     size_t *lenp)
{
	struct sqlite_statement *st = sqlite_statement_of(statement);
	const void *bytes;

	*lenp = 0;
	if (sqlite_rows_is_null(statement, column))
		return NULL;
	if (statement->writes) {
		sqlite3_value *value = kept_at(st, column);

		bytes = text ? (const void *)sqlite3_value_text(value) : sqlite3_value_blob(value);
		*lenp = (size_t)sqlite3_value_bytes(value);
	} else {
		bytes = text ? (const void *)sqlite3_column_text(st->stmt, column)
			     : sqlite3_column_blob(st->stmt, column);
		*lenp = (size_t)sqlite3_column_bytes(st->stmt, column);
	}
	if (bytes)
		return bytes;
	if (sqlite3_errcode(sqlite3_db_handle(st->stmt)) == SQLITE_NOMEM)
		st->base.rows.err = PL_NOMEM;
	*lenp = 0;
	return ""; /* SQLite has NULL for an empty blob */
}

static void sqlite_rows_close(struct store_statement *statement)
{
	struct sqlite_statement *st = sqlite_statement_of(statement);

	statement_end(st);
	kept_free(st);
}

static int64_t sqlite_free_bytes(const struct pl_store *store)
{
	struct statvfs vfs;

	if (statvfs(((const struct sqlite_store *)store)->path, &vfs))
		return -1;
	return (int64_t)(vfs.f_bavail * vfs.f_frsize);
}

const struct store_driver store_sqlite = {
	.kind = PL_STORE_SQLITE,
	.list_before = "in (select value from json_each(",
	.list_after = "))",
	.blob = "BLOB",
	.by_key = "without rowid",
	.open = sqlite_open,
	.close = sqlite_close,
	.lock = sqlite_lock,
	.unlock = sqlite_unlock,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.reconnect = sqlite_reconnect,
	.script = sqlite_script,
	.statement_new = sqlite_statement_new,
	.statement_free = sqlite_statement_free,
	.exec = sqlite_exec,
	.query = sqlite_query,
	.rows_next = sqlite_rows_next,
	.rows_int = sqlite_rows_int,
	.rows_double = sqlite_rows_double,
	.rows_bytes = sqlite_rows_bytes,
	.rows_is_null = sqlite_rows_is_null,
	.rows_close = sqlite_rows_close,
	.free_bytes = sqlite_free_bytes,
};
