/*
 * sqlite.c — the store's driver for SQLite.
 *
 * The owner is who holds the OFD lock on PATH.lock; the epoch in pl_owner is checked by every
 * transaction all the same, so that an owner whose lock file was removed under it stops writing.
 * Rows of a reading statement are stepped lazily; those of a writing one are copied and the
 * statement ended, so that its transaction can commit while the caller reads them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store_impl.h"

#define BUSY_WAIT_MS 100 /* we are the only writer; a backup may be in the way for a moment */
#define OPEN_TRIES   50	 /* of 20 ms, while another process makes or recovers the file */

struct sqlite_store {
	struct pl_store base;
	char *path;
	int lock_fd; /* -1 while not the owner */
	sqlite3 *db;
	sqlite3_stmt *begin, *commit, *epoch;
};

struct sqlite_statement {
	struct store_statement base;
	sqlite3_stmt *stmt;
	int bind_at[STORE_PARAMS_MAX]; /* SQLite's index of $1, $2, …; 0 if unused */
	bool started;		       /* the first row was stepped to by the query itself */
	bool at_end;
	sqlite3_value **kept; /* rows of a writing statement, one after the other */
	size_t kept_count, kept_space;
	size_t row; /* of kept: one past the present */
};

static struct sqlite_store *sqlite_of(struct pl_store *store)
{
	return (struct sqlite_store *)store;
}

static struct sqlite_statement *statement_of(const struct store_statement *statement)
{
	return (struct sqlite_statement *)(uintptr_t)statement;
}

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

static enum pl_err fail(sqlite3 *db, int rc)
{
	enum pl_err err = err_of(db, rc);

	return err ? pl_fail(err, "database: %s (SQLite %d)", sqlite3_errmsg(db), rc) : PL_OK;
}

static enum pl_err prepare(sqlite3_stmt **stmtp, sqlite3 *db, const char *sql)
{
	const char *tail;
	int rc = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, stmtp, &tail);

	if (rc)
		return fail(db, rc);
	if (!*stmtp || tail[strspn(tail, " \t\n;")]) {
		sqlite3_finalize(*stmtp);
		return pl_fail(PL_STORE, "database: not one statement: %.200s", sql);
	}
	return PL_OK;
}

/* Opening */

/*
 * An existing file is never opened and closed by us: that would drop the POSIX locks of another
 * store of this process on it.
 */
static enum pl_err file_make(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600), dir_fd;
	char *copy;

	if (fd < 0 && errno == EEXIST)
		return PL_OK;
	if (fd < 0)
		return pl_fail(PL_IO, "database %s: %s", path, strerror(errno));
	close(fd);
	copy = strdup(path);
	if (!copy)
		return PL_NOMEM;
	dir_fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (dir_fd >= 0) {
		fsync(dir_fd);
		close(dir_fd);
	}
	return PL_OK;
}

static const char settings[] = "pragma synchronous = full;"
			       "pragma cache_size = -1024;"
			       "pragma mmap_size = 0;"
			       "pragma wal_autocheckpoint = 1000;"
			       "pragma journal_size_limit = 16777216;"
			       "pragma trusted_schema = off;"
			       /* as PostgreSQL has it: */
			       "pragma foreign_keys = on;"
			       "pragma case_sensitive_like = on;";

static const char tables[] =
	"begin immediate;"
	"create table if not exists pl_schema (area text primary key, version bigint not null,"
	" program text not null);"
	"create table if not exists pl_owner (id bigint primary key, epoch bigint not null);"
	"insert into pl_owner (id, epoch) values (1, 0) on conflict do nothing;"
	"commit";

static int has_tables(sqlite3 *db, bool *hasp)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(db, "select 1 from sqlite_master where name = 'pl_owner'", -1,
				    &stmt, NULL);

	if (rc)
		return rc;
	*hasp = sqlite3_step(stmt) == SQLITE_ROW;
	return sqlite3_finalize(stmt);
}

static int make_ready(sqlite3 *db)
{
	bool has = false;
	int rc = sqlite3_exec(db, "pragma journal_mode = wal", NULL, NULL, NULL);

	if (!rc)
		rc = has_tables(db, &has);
	if (rc || has)
		return rc;
	rc = sqlite3_exec(db, tables, NULL, NULL, NULL);
	if (rc && !sqlite3_get_autocommit(db))
		sqlite3_exec(db, "rollback", NULL, NULL, NULL);
	return rc;
}

static enum pl_err set_up(struct sqlite_store *s)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	enum pl_err err;
	int rc;

	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, BUSY_WAIT_MS);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	rc = sqlite3_exec(s->db, settings, NULL, NULL, NULL);
	for (int i = 0; !rc && i < OPEN_TRIES; i++) {
		rc = make_ready(s->db);
		if ((rc & 0xff) != SQLITE_BUSY)
			break;
		nanosleep(&pause, NULL);
		if (i + 1 < OPEN_TRIES)
			rc = SQLITE_OK;
	}
	if (rc)
		return fail(s->db, rc);
	err = prepare(&s->begin, s->db, "begin immediate");
	if (!err)
		err = prepare(&s->commit, s->db, "commit");
	if (!err)
		err = prepare(&s->epoch, s->db, "select epoch from pl_owner");
	return err;
}

static void sqlite_close(struct pl_store *store)
{
	struct sqlite_store *s = sqlite_of(store);

	sqlite3_finalize(s->begin);
	sqlite3_finalize(s->commit);
	sqlite3_finalize(s->epoch);
	sqlite3_close_v2(s->db);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->path);
	free(s);
}

static enum pl_err sqlite_open(struct pl_store **storep, const char *url)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	const char *path = url + strlen("sqlite:");
	struct sqlite_store *s = NULL;
	enum pl_err err = PL_NOMEM;
	int rc;

	if (!*path || *path == ':' || strncmp(path, "file:", 5) == 0)
		return pl_fail(PL_INVALID, "database: sqlite: is followed by the path of a file");
	s = calloc(1, sizeof(*s));
	if (!s)
		return PL_NOMEM;
	s->base.driver = &store_sqlite;
	s->lock_fd = -1;
	s->path = strdup(path);
	if (!s->path)
		goto out;
	err = file_make(s->path);
	if (err)
		goto out;
	rc = sqlite3_open_v2(s->path, &s->db, flags, NULL);
	if (rc == SQLITE_NOMEM)
		err = PL_NOMEM;
	else if (rc)
		err = pl_fail(PL_IO, "database %s: %s", path, sqlite3_errmsg(s->db));
	else
		err = set_up(s);
out:
	if (err)
		sqlite_close(&s->base);
	else
		*storep = &s->base;
	return err;
}

/* Ownership */

/* is_at says whether path still names the file that fd has open. */
static bool is_at(const char *path, int fd)
{
	struct stat here, there;

	return fstat(fd, &here) == 0 && stat(path, &there) == 0 && here.st_ino == there.st_ino &&
	       here.st_dev == there.st_dev;
}

static enum pl_err lock_file(int *fdp, const char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	enum pl_err err = PL_OK;

	if (fd < 0)
		return pl_fail(PL_IO, "lock %s: %s", path, strerror(errno));
	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		err = is_at(path, fd) ? PL_OK : pl_fail(PL_AGAIN, "lock %s: was replaced", path);
	else if (errno == EAGAIN || errno == EACCES)
		err = pl_fail(PL_AGAIN, "lock %s: held by another process", path);
	else
		err = pl_fail(PL_IO, "lock %s: %s", path, strerror(errno));
	if (err)
		close(fd);
	else
		*fdp = fd;
	return err;
}

static enum pl_err sqlite_lock(struct pl_store *store)
{
	struct sqlite_store *s = sqlite_of(store);
	enum pl_err err;
	char *path;

	if (asprintf(&path, "%s.lock", s->path) < 0)
		return PL_NOMEM;
	err = lock_file(&s->lock_fd, path);
	free(path);
	return err;
}

static void sqlite_unlock(struct pl_store *store)
{
	struct sqlite_store *s = sqlite_of(store);

	close(s->lock_fd);
	s->lock_fd = -1;
}

/* Transactions */

static enum pl_err step_once(struct sqlite_store *s, sqlite3_stmt *stmt)
{
	enum pl_err err = fail(s->db, sqlite3_step(stmt));

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
	enum pl_err err = fail(s->db, rc);

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

	return fail(s->db, sqlite3_exec(s->db, sql, NULL, NULL, NULL));
}

/* Statements */

static void sqlite_statement_free(struct store_statement *statement)
{
	sqlite3_finalize(statement_of(statement)->stmt);
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
	err = prepare(&st->stmt, sqlite_of(store)->db, sql);
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
			return fail(sqlite3_db_handle(st->stmt), rc);
	}
	return PL_OK;
}

static enum pl_err sqlite_exec(struct store_statement *statement, const struct store_param *params)
{
	struct sqlite_statement *st = statement_of(statement);
	enum pl_err err = statement_start(st, params, SQLITE_STATIC);
	int rc = SQLITE_DONE;

	if (!err) {
		do
			rc = sqlite3_step(st->stmt);
		while (rc == SQLITE_ROW);
		err = fail(sqlite3_db_handle(st->stmt), rc);
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
	return fail(sqlite3_db_handle(st->stmt), rc);
}

static enum pl_err sqlite_query(struct store_statement *statement, const struct store_param *params)
{
	struct sqlite_statement *st = statement_of(statement);
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
		err = fail(sqlite3_db_handle(st->stmt), rc);
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
	struct sqlite_statement *st = statement_of(statement);
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
	statement->rows.err = fail(sqlite3_db_handle(st->stmt), rc);
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
	struct sqlite_statement *st = statement_of(statement);
	sqlite3_value *value;

	if (!statement->writes)
		return sqlite3_column_int64(st->stmt, column);
	value = kept_at(st, column);
	return value ? sqlite3_value_int64(value) : 0;
}

static double sqlite_rows_double(const struct store_statement *statement, int column)
{
	struct sqlite_statement *st = statement_of(statement);
	sqlite3_value *value;

	if (!statement->writes)
		return sqlite3_column_double(st->stmt, column);
	value = kept_at(st, column);
	return value ? sqlite3_value_double(value) : 0.0;
}

static bool sqlite_rows_is_null(const struct store_statement *statement, int column)
{
	struct sqlite_statement *st = statement_of(statement);
	sqlite3_value *value;

	if (!statement->writes)
		return sqlite3_column_type(st->stmt, column) == SQLITE_NULL;
	value = kept_at(st, column);
	return !value || sqlite3_value_type(value) == SQLITE_NULL;
}

static const void *sqlite_rows_bytes(const struct store_statement *statement, int column, bool text,
				     size_t *lenp)
{
	struct sqlite_statement *st = statement_of(statement);
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
	struct sqlite_statement *st = statement_of(statement);

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
	.list_before = "(select value from json_each(",
	.list_after = "))",
	.blob = "BLOB",
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
