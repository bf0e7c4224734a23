/*
 * sqlite.h — what the files of the SQLite driver share: sqlite.c (transactions, statements, rows),
 * sqlite_file.c (opening, ownership).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_STORE_SQLITE_H
#define PELAGO_STORE_SQLITE_H

#include <sqlite3.h>

#include "store_impl.h"

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

static inline struct sqlite_store *sqlite_of(struct pl_store *store)
{
	return (struct sqlite_store *)store;
}

static inline struct sqlite_statement *sqlite_statement_of(const struct store_statement *statement)
{
	return (struct sqlite_statement *)(uintptr_t)statement;
}

/* sqlite_fail is PL_OK for a result that is no error, else its code with SQLite's sentence. */
enum pl_err sqlite_fail(sqlite3 *db, int rc);

/* sqlite_prepare takes one statement, no more; *stmtp is the caller's. */
enum pl_err sqlite_prepare(sqlite3_stmt **stmtp, sqlite3 *db, const char *sql);

enum pl_err sqlite_open(struct pl_store **storep, const char *url);
void sqlite_close(struct pl_store *store);
enum pl_err sqlite_lock(struct pl_store *store);
void sqlite_unlock(struct pl_store *store);

#endif
