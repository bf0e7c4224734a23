/*
 * sqlite_file.c — makes and opens a database file; its owner is who holds the OFD lock on
 * PATH.lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUSY_WAIT_MS 100 /* we are the only writer; a backup may be in the way for a moment */
#define OPEN_TRIES   50	 /* of 20 ms, while another process makes or recovers the file */

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
	"create table if not exists pl_level (area text primary key, level bigint not null);"
	"create table if not exists pl_contract (area text not null, version bigint not null,"
	" primary key (area, version));"
	"create table if not exists pl_owner (id bigint primary key, epoch bigint not null);"
	"insert into pl_owner (id, epoch) values (1, 0) on conflict do nothing;"
	"commit";

static int has_tables(sqlite3 *db, bool *hasp)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(db, "select 1 from sqlite_master where name = 'pl_contract'",
				    -1, &stmt, NULL);

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
		return sqlite_fail(s->db, rc);
	err = sqlite_prepare(&s->begin, s->db, "begin immediate");
	if (!err)
		err = sqlite_prepare(&s->commit, s->db, "commit");
	if (!err)
		err = sqlite_prepare(&s->epoch, s->db, "select epoch from pl_owner");
	return err;
}

void sqlite_close(struct pl_store *store)
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

enum pl_err sqlite_open(struct pl_store **storep, const char *url)
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
	/* One thread uses it, so neither locks nor figures of memory are wanted; refused once it
	 * runs. */
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
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

enum pl_err sqlite_lock(struct pl_store *store)
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

void sqlite_unlock(struct pl_store *store)
{
	struct sqlite_store *s = sqlite_of(store);

	close(s->lock_fd);
	s->lock_fd = -1;
}
