/*
 * pelago/store.h — one service's own database: SQLite on one machine, PostgreSQL on more.
 *
 * One portable dialect: parameters are $1 … $9, types BIGINT, DOUBLE PRECISION, TEXT and BLOB (in
 * capitals; BYTEA on PostgreSQL), `insert … on conflict`, `returning`. `in PL_LIST($1)` stands for
 * the members of a JSON array of strings given as text; a null list has none. PL_BY_KEY behind a
 * new table's columns keeps its rows in its primary key's own tree, where the driver can: one tree
 * less to write, for tables whose key isn't a number and whose rows are mostly short. Booleans are
 * BIGINT 0 and 1, times BIGINT in milliseconds since 1970. `like` minds case, foreign keys are
 * enforced, "x" is a name and never a text. Say `not null` for a text key too: SQLite lets one be
 * null.
 *
 * What it hides: statements are prepared once and kept (by the address of their text, which must be
 * static). On PostgreSQL writes go out in pipeline mode: inside a transaction pl_store_exec queues,
 * and an error of it shows at the next read or at the commit. libpq is loaded only when a
 * postgresql: address is opened. What it does not do: map objects.
 *
 * A store belongs to one thread. Every call may block on the disk or the server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_STORE_H
#define PELAGO_STORE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pelago/err.h"

struct pl_store; /* opaque */
struct pl_rows;	 /* opaque */

enum pl_store_kind { PL_STORE_SQLITE, PL_STORE_POSTGRES };

/*
 * pl_store_open opens or makes a database.
 *
 *   url  "sqlite:PATH" (WAL, synchronous=FULL; made with mode 0600 if absent) or
 *        "postgresql://USER:PASSWORD@HOST:PORT/DB?options=…&schema=NAME" (schema is made if absent
 * and becomes the search path); several hosts may be named, a writable one is taken; copied
 *
 * Returns PL_INVALID for an address it can't read, PL_UNAVAILABLE where there is no server or no
 * driver, PL_IO for a file that can't be opened. The caller owns *storep: pl_store_close, which
 * rolls back an open transaction and frees rows that are still open.
 */
enum pl_err pl_store_open(struct pl_store **storep, const char *url);
void pl_store_close(struct pl_store *store);
enum pl_store_kind pl_store_kind(const struct pl_store *store);

/*
 * pl_store_own makes this process the database's only writer.
 *
 * SQLite: an OFD lock on PATH.lock for the life of the store. PostgreSQL: a session advisory lock.
 * The epoch in table pl_owner rises by one, and every transaction checks it: once another process
 * has taken over, SQLite's fails with PL_STATE at its begin, PostgreSQL's at its first write, or at
 * the commit if it only read. A take-over waits for the transactions that have passed that check.
 *
 * Returns PL_AGAIN while another process owns it (never waits), else PL_OK. *epochp is the new
 * epoch; called again, the present one. A store that returned PL_STATE for want of ownership can
 * only be closed. A child of fork inherits SQLite's lock while it lives.
 */
enum pl_err pl_store_own(struct pl_store *store, int64_t *epochp);

struct pl_migration {
	unsigned version; /* 1, 2, … rising */
	const char *sql;  /* one or more statements, separated by ';' */
	/*
	 * 0: the step only adds (expands), so programs of before go on working. Else the step takes
	 * something away (contracts), which programs of minors below this number need: it is left
	 * for later until the level has come up to it.
	 */
	int contracts;
};

/*
 * pl_store_migrate brings the schema named area ("sdk", or the service's name) to the last version
 * of the list, each step in its own transaction, kept in table pl_schema(area, version, program).
 * Several processes may do so at once.
 *
 *   *levelp  the level (pelago/service.h) at which the area is to be written; 0: as it was, a new
 *            one as this program is. Becomes the level that holds: never less than the one stored.
 *
 * Steps that contract above the level are left for later: called again with a higher level, it runs
 * them, in their order, so no step that expands may need one of them. Steps of newer programs than
 * this one are left alone. Returns PL_NEWER, naming area and versions, when the level is above this
 * program's own release: nothing is changed then. DDL waits at most 200 ms for a lock, and is tried
 * again for 10 s; then PL_AGAIN. A step that fails leaves what was before it. Not inside a
 * transaction.
 */
enum pl_err pl_store_migrate(struct pl_store *store, const char *area,
			     const struct pl_migration *migrations, size_t count, int *levelp);

/*
 * One transaction at a time. A statement that fails in it dooms it on either database: what follows
 * fails with the same code, and so does the commit, which rolls back. A value that is refused
 * before it is sent (PL_INVALID, PL_TOOLARGE) dooms nothing.
 *
 * pl_store_commit returns PL_OK once it is durable; on an error it is rolled back: PL_AGAIN after a
 * serialization failure or deadlock, PL_FULL on a full disk (it works again once there is room),
 * PL_STATE when another process has taken over. PL_UNAVAILABLE: the connection was lost and the
 * outcome is unknown; pl_store_settled tells, after pl_store_reconnect. turn_id is any number
 * unique to the transaction within this process's life.
 *
 * pl_store_settled tells the outcome of the last transaction that pl_store_commit was called for;
 * others count as not committed. PL_UNAVAILABLE: reconnect first.
 */
enum pl_err pl_store_begin(struct pl_store *store);
enum pl_err pl_store_commit(struct pl_store *store, int64_t turn_id);
void pl_store_rollback(struct pl_store *store);
enum pl_err pl_store_settled(struct pl_store *store, int64_t turn_id, bool *committedp);

/*
 * pl_store_reconnect opens a lost connection anew, ends what the server still does for the old one,
 * and takes ownership again, with the same epoch; an open transaction is rolled back. PL_STATE if
 * ownership has gone to another; PL_UNAVAILABLE or PL_AGAIN: call it again later. May block for
 * some 10 s.
 */
enum pl_err pl_store_reconnect(struct pl_store *store);

/*
 * pl_store_exec runs a statement that returns no rows.
 *
 *   sql    static text, a single statement
 *   types  one letter a parameter, in order of $1, $2, …: 'i' int64_t, 'd' double, 's' const char *
 *          (NULL is null), 'b' const void *, size_t (NULL is null); values are borrowed for the
 * call
 *
 * pl_store_query runs one that does; *rowsp is owned by the caller: pl_rows_free, before the next
 * statement with the same text. Inside or outside a transaction; outside, a statement that writes
 * gets one of its own and is durable on return.
 *
 * Returns PL_INVALID for a text that is not UTF-8 or a double that is not a number, PL_TOOLARGE
 * over 1,000,000,000 bytes, PL_STORE where the database refuses (a constraint, a wrong statement),
 * PL_UNAVAILABLE on a lost connection, and what pl_store_commit returns.
 */
enum pl_err pl_store_exec(struct pl_store *store, const char *sql, const char *types, ...);
enum pl_err pl_store_query(struct pl_rows **rowsp, struct pl_store *store, const char *sql,
			   const char *types, ...);

/* The same with the parameters in a list, which is left as it was. */
enum pl_err pl_store_exec_va(struct pl_store *store, const char *sql, const char *types,
			     va_list ap);
enum pl_err pl_store_query_va(struct pl_rows **rowsp, struct pl_store *store, const char *sql,
			      const char *types, va_list ap);

/*
 * pl_store_script runs any number of statements without parameters, outside hot paths: in the
 * present transaction, or else all or none of them in one of its own. sql needn't be static.
 */
enum pl_err pl_store_script(struct pl_store *store, const char *sql);

/*
 * pl_rows_next steps to the first or next row; false at the end or on an error, which pl_rows_err
 * tells (PL_OK at the end); both take NULL as no rows. Values are borrowed until the next step; a
 * null is 0, 0.0, NULL.
 */
bool pl_rows_next(struct pl_rows *rows);
enum pl_err pl_rows_err(const struct pl_rows *rows);
int64_t pl_rows_int(const struct pl_rows *rows, int column);
double pl_rows_double(const struct pl_rows *rows, int column);
const char *pl_rows_text(const struct pl_rows *rows, int column);
const void *pl_rows_blob(const struct pl_rows *rows, int column, size_t *lenp);
bool pl_rows_is_null(const struct pl_rows *rows, int column);
void pl_rows_free(struct pl_rows *rows);

/* pl_store_free_bytes returns the space left where the database is, or -1 if it can't be told
 * (PostgreSQL). */
int64_t pl_store_free_bytes(const struct pl_store *store);

#endif
