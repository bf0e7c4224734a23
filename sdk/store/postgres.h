/*
 * postgres.h — what the files of the PostgreSQL driver share: postgres.c (pipeline, statements,
 * transactions), postgres_session.c (address, connection, ownership), postgres_rows.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_STORE_POSTGRES_H
#define PELAGO_STORE_POSTGRES_H

#include "libpq.h"
#include "store_impl.h"

#define PENDING_MAX 512 /* messages queued without reading their answers */
#define SESSION_LEN 32

enum {
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_INT8 = 20,
	OID_TEXT = 25,
	OID_FLOAT4 = 700,
	OID_FLOAT8 = 701
};

struct postgres_statement {
	struct store_statement base;
	char *sql;	 /* in PostgreSQL's dialect */
	unsigned number; /* its name on the server is s<number> */
	bool prepared;	 /* sent; false again once that is known to have failed */
	PGresult *result;
	int row; /* -1 before the first */
};

/* The driver's own statements. */
enum postgres_own {
	OWN_BEGIN,
	OWN_FENCE,
	OWN_CHECK,
	OWN_TURN,
	OWN_COMMIT,
	OWN_ROLLBACK,
	OWN_COUNT
};

struct postgres_store {
	struct pl_store base;
	char *address;		       /* without schema=, which libpq doesn't know */
	char *schema;		       /* NULL: as the server has it */
	PGconn *conn;		       /* NULL once it is lost */
	char session[SESSION_LEN + 1]; /* key of this connection's row in pl_turn */
	bool fenced;		       /* this transaction holds pl_owner's row */
	struct postgres_statement own[OWN_COUNT];
	unsigned last_number;
	struct {
		struct postgres_statement *statement;
		bool prepare;
	} pending[PENDING_MAX];
	unsigned pending_count;
};

static inline struct postgres_store *postgres_of(struct pl_store *store)
{
	return (struct postgres_store *)store;
}

static inline struct postgres_statement *postgres_statement_of(const struct store_statement *st)
{
	return (struct postgres_statement *)(uintptr_t)st;
}

/* postgres_drop closes the connection, if there is one, and forgets what hung on it. */
void postgres_drop(struct postgres_store *s);

/* postgres_lost drops the connection, keeps its message and returns PL_UNAVAILABLE. */
enum pl_err postgres_lost(struct postgres_store *s);

/* postgres_simple runs sql outside pipeline mode; *resultp (may be NULL) is the caller's. */
enum pl_err postgres_simple(PGresult **resultp, struct postgres_store *s, const char *sql);

/* postgres_drain waits for all that is queued; *resultp (may be NULL) is the last's, the caller's.
 */
enum pl_err postgres_drain(PGresult **resultp, struct postgres_store *s);
enum pl_err postgres_queue(struct postgres_store *s, struct postgres_statement *statement,
			   const struct store_param *params);

/* postgres_now_ms is the wall clock, in milliseconds since 1970. */
int64_t postgres_now_ms(void);

enum pl_err postgres_open(struct pl_store **storep, const char *url);
void postgres_close(struct pl_store *store);
enum pl_err postgres_reconnect(struct pl_store *store);
enum pl_err postgres_lock(struct pl_store *store);
void postgres_unlock(struct pl_store *store);

bool postgres_rows_next(struct store_statement *statement);
int64_t postgres_rows_int(const struct store_statement *statement, int column);
double postgres_rows_double(const struct store_statement *statement, int column);
const void *postgres_rows_bytes(const struct store_statement *statement, int column, bool text,
				size_t *lenp);
bool postgres_rows_is_null(const struct store_statement *statement, int column);
void postgres_rows_close(struct store_statement *statement);

#endif
