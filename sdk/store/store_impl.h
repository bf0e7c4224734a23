/*
 * store_impl.h — what the store's front (store.c) and its two drivers (sqlite.c, postgres.c) share.
 *
 * The front keeps the statements, gathers and checks parameters, and holds the state of the one
 * transaction; a driver talks to its library. A driver embeds struct pl_store and struct
 * store_statement as the first member of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_STORE_IMPL_H
#define PELAGO_STORE_IMPL_H

#include "pelago/store.h"

#define STORE_PARAMS_MAX 9
#define STORE_VALUE_MAX	 1000000000 /* bytes in one text or blob, SQLite's own limit */
#define STORE_MIGRATE_S	 10

struct store_param {
	char type; /* as in pl_store_exec */
	int64_t i;
	double d;
	const void *data; /* of 's' and 'b'; NULL is null */
	size_t len;
};

/* The rows of a statement live in it: at most one set is open at a time, so a query allocates
 * nothing. */
struct pl_rows {
	struct store_statement *statement;
	enum pl_err err;
};

struct store_statement {
	struct pl_store *store;
	const char *sql; /* the caller's static text: the key, with types */
	char types[STORE_PARAMS_MAX + 1];
	bool writes;
	bool open; /* its rows are not freed yet */
	struct pl_rows rows;
};

struct pl_store {
	const struct store_driver *driver;
	struct store_statement **slots; /* open addressing, a power of two, at most half full */
	size_t slot_count;
	size_t statement_count;
	bool in_transaction;
	bool wrote;	    /* this transaction changed something */
	enum pl_err failed; /* first error of this transaction; it can only be rolled back */
	bool owned;
	int64_t epoch;
	int64_t turn_id; /* the last that pl_store_commit was given, and what became of it: */
	bool turn_committed;
	bool turn_unknown; /* until reconnect */
};

struct store_driver {
	enum pl_store_kind kind;
	const char *list_before, *list_after; /* stand for `in PL_LIST(` and `)` */
	const char *blob;		      /* name of the type */
	const char *by_key; /* what PL_BY_KEY stands for, behind a table's columns */

	enum pl_err (*open)(struct pl_store **storep, const char *url);
	void (*close)(struct pl_store *store); /* statements are gone already */
	/* lock makes this process the owner or returns PL_AGAIN; unlock gives it back after a
	 * failure. */
	enum pl_err (*lock)(struct pl_store *store);
	void (*unlock)(struct pl_store *store);
	enum pl_err (*begin)(struct pl_store *store);
	/*
	 * commit leaves a failed transaction to rollback, and sets store->turn_unknown where nobody
	 * can tell. turn_idp is NULL for a transaction that nobody will ask about.
	 */
	enum pl_err (*commit)(struct pl_store *store, const int64_t *turn_idp);
	void (*rollback)(struct pl_store *store);
	enum pl_err (*reconnect)(struct pl_store *store);
	enum pl_err (*script)(struct pl_store *store, const char *sql);

	/* statement_new's sql is rewritten and borrowed for the call; it sets all but the key. */
	enum pl_err (*statement_new)(struct store_statement **statementp, struct pl_store *store,
				     const char *sql, const char *types);
	void (*statement_free)(struct store_statement *statement);
	enum pl_err (*exec)(struct store_statement *statement, const struct store_param *params);
	enum pl_err (*query)(struct store_statement *statement, const struct store_param *params);

	bool (*rows_next)(struct store_statement *statement);
	int64_t (*rows_int)(const struct store_statement *statement, int column);
	double (*rows_double)(const struct store_statement *statement, int column);
	const void *(*rows_bytes)(const struct store_statement *statement, int column, bool text,
				  size_t *lenp);
	bool (*rows_is_null)(const struct store_statement *statement, int column);
	void (*rows_close)(struct store_statement *statement);

	int64_t (*free_bytes)(const struct pl_store *store);
};

extern const struct store_driver store_sqlite;
extern const struct store_driver store_postgres;

/* store_rewrite returns sql in the driver's dialect, or NULL without memory; the caller frees it.
 */
char *store_rewrite(const struct store_driver *driver, const char *sql);

/* store_is_utf8 says whether len bytes are UTF-8 as RFC 3629 has it. */
bool store_is_utf8(const char *text, size_t len);

#endif
