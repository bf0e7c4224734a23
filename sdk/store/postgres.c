/*
 * postgres.c — the store's driver for PostgreSQL: the pipeline, statements, transactions.
 *
 * Everything is queued; a read or a commit adds a sync and takes the answers in order, so there is
 * one place where errors are found (postgres_drain). After an error the server skips what follows
 * until that sync, so what is queued behind a failure does no harm.
 *
 * The fence: before its first write a transaction locks pl_owner's row of our epoch for share, and
 * divides by the number of rows found. A take-over waits for the transactions that hold the row;
 * those that come later divide by zero. One that only read checks at its commit, without a lock.
 *
 * The outcome of a commit: each connection has a row in pl_turn, and a transaction that wrote puts
 * its turn's id there as its last statement. After a lost connection the next one closes that row,
 * waiting for a transaction that still holds it: a commit that was under way then is either seen,
 * or finds the row closed and fails.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "postgres.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *sql, *types;
} own[OWN_COUNT] = {
	[OWN_BEGIN] = { "begin", "" },
	[OWN_FENCE] = { "select 1 / count(*) from"
			" (select 1 from pl_owner where epoch = $1 for share) as mine",
			"i" },
	[OWN_CHECK] = { "select 1 / count(*) from pl_owner where epoch = $1", "i" },
	[OWN_TURN] = { "with mine as (update pl_turn set turn = cast($2 as bigint), at = $3"
		       " where session = $1 and closed = 0 returning 1) select 1 / count(*) from mine",
		       "ssi" },
	[OWN_COMMIT] = { "commit", "" },
	[OWN_ROLLBACK] = { "rollback", "" },
};

/* Errors */

static void unprepare(struct postgres_store *s)
{
	for (size_t i = 0; i < s->base.slot_count; i++)
		if (s->base.slots[i])
			postgres_statement_of(s->base.slots[i])->prepared = false;
	for (unsigned i = 0; i < OWN_COUNT; i++)
		s->own[i].prepared = false;
}

static enum pl_err gone(void)
{
	return pl_fail(PL_UNAVAILABLE, "database: the connection is lost; reconnect");
}

void postgres_drop(struct postgres_store *s)
{
	if (s->conn)
		pq.PQfinish(s->conn);
	s->conn = NULL;
	s->pending_count = 0;
	unprepare(s);
}

enum pl_err postgres_lost(struct postgres_store *s)
{
	enum pl_err err;

	if (!s->conn)
		return gone();
	err = pl_fail(PL_UNAVAILABLE, "database: %s", pq.PQerrorMessage(s->conn));
	postgres_drop(s);
	return err;
}

/* PostgreSQL's appendix A names the codes; a class is the first two letters. */
static enum pl_err err_of(const char *state)
{
	static const struct {
		const char *state;
		enum pl_err err;
	} rows[] = {
		{ "40001", PL_AGAIN }, /* serialization failure */
		{ "40P01", PL_AGAIN }, /* deadlock */
		{ "55P03", PL_AGAIN }, /* lock not available in time */
		{ "0A000", PL_AGAIN }, /* see is_stale */
		{ "26000", PL_AGAIN },	  { "53100", PL_FULL },	       { "53200", PL_NOMEM },
		{ "57014", PL_TIMEOUT },  { "25006", PL_UNAVAILABLE }, /* the server became a
									  standby */
		{ "53", PL_UNAVAILABLE }, { "54", PL_TOOLARGE },       { "58", PL_IO },
	};

	for (size_t i = 0; state && i < sizeof(rows) / sizeof(*rows); i++)
		if (strncmp(state, rows[i].state, strlen(rows[i].state)) == 0)
			return rows[i].err;
	return PL_STORE;
}

/* is_stale says whether a statement must be prepared anew: its table changed, or it is gone. */
static bool is_stale(const PGresult *result)
{
	const char *state = pq.PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return state && (strcmp(state, "0A000") == 0 || strcmp(state, "26000") == 0);
}

static bool is_fatal(const PGresult *result)
{
	const char *severity = pq.PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

	return severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

/* fail_result tells why a result is an error. Its primary message holds no values of rows. */
static enum pl_err fail_result(const PGresult *result, const struct postgres_store *s,
			       const struct postgres_statement *st)
{
	const char *state = pq.PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = pq.PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (st == &s->own[OWN_FENCE] || st == &s->own[OWN_CHECK] || st == &s->own[OWN_TURN])
		if (state && strcmp(state, "22012") == 0)
			return pl_fail(PL_STATE, "database: another process has taken over");
	return pl_fail(err_of(state), "database: %s (PostgreSQL %s)",
		       message ? message : pq.PQerrorMessage(s->conn), state ? state : "-");
}

/* The pipeline */

/* answer takes the answer of one queued message; an error of the connection ends it. */
static enum pl_err answer(PGresult **resultp, struct postgres_store *s, unsigned i)
{
	struct postgres_statement *st = s->pending[i].statement;
	PGresult *result = pq.PQgetResult(s->conn), *end;
	enum pl_err err = PL_OK;

	if (resultp)
		*resultp = NULL;
	if (!result)
		return postgres_lost(s);
	switch (pq.PQresultStatus(result)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		if (st == &s->own[OWN_COMMIT] && !s->pending[i].prepare &&
		    strcmp(pq.PQcmdStatus(result), "COMMIT") != 0)
			err = pl_fail(PL_STORE, "database: the transaction was rolled back");
		break;
	case PGRES_PIPELINE_ABORTED:
		err = PL_STORE; /* never the first */
		break;
	default:
		err = fail_result(result, s, st);
		if (is_fatal(result) || pq.PQstatus(s->conn) == CONNECTION_BAD) {
			pq.PQclear(result);
			return postgres_lost(s);
		}
	}
	if (err && (s->pending[i].prepare || is_stale(result))) {
		st->prepared = false;
		st->number = ++s->last_number;
	}
	if (err || !resultp)
		pq.PQclear(result);
	else
		*resultp = result;
	end = pq.PQgetResult(s->conn);
	if (end) { /* only a connection that ends has more to say */
		pq.PQclear(end);
		if (resultp)
			pq.PQclear(*resultp);
		return postgres_lost(s);
	}
	return err;
}

enum pl_err postgres_drain(PGresult **resultp, struct postgres_store *s)
{
	enum pl_err first = PL_OK, err;
	PGresult *result = NULL, *sync;

	if (!s->conn || !pq.PQpipelineSync(s->conn))
		return postgres_lost(s);
	for (unsigned i = 0, count = s->pending_count; i < count; i++) {
		err = answer(i + 1 == count ? &result : NULL, s, i);
		if (!s->conn)
			return err;
		if (!first)
			first = err;
	}
	s->pending_count = 0;
	sync = pq.PQgetResult(s->conn);
	if (pq.PQresultStatus(sync) != PGRES_PIPELINE_SYNC) {
		pq.PQclear(sync);
		pq.PQclear(result);
		return postgres_lost(s);
	}
	pq.PQclear(sync);
	if (first || !resultp)
		pq.PQclear(result);
	else
		*resultp = result;
	return first;
}

static enum pl_err send_failed(struct postgres_store *s)
{
	if (pq.PQstatus(s->conn) == CONNECTION_BAD)
		return postgres_lost(s);
	return pl_fail(PL_NOMEM, "database: %s", pq.PQerrorMessage(s->conn));
}

static void pend(struct postgres_store *s, struct postgres_statement *st, bool prepare)
{
	s->pending[s->pending_count].statement = st;
	s->pending[s->pending_count++].prepare = prepare;
}

static const char *name_of(const struct postgres_statement *st, char name[static 16])
{
	snprintf(name, 16, "s%u", st->number);
	return name;
}

static enum pl_err prepare(struct postgres_store *s, struct postgres_statement *st)
{
	Oid oids[STORE_PARAMS_MAX];
	char name[16];
	int count = 0;

	for (; st->base.types[count]; count++) {
		switch (st->base.types[count]) {
		case 'i':
			oids[count] = OID_INT8;
			break;
		case 'd':
			oids[count] = OID_FLOAT8;
			break;
		case 's':
			oids[count] = OID_TEXT;
			break;
		default:
			oids[count] = OID_BYTEA;
		}
	}
	if (!pq.PQsendPrepare(s->conn, name_of(st, name), st->sql, count, oids))
		return send_failed(s);
	st->prepared = true;
	pend(s, st, true);
	return PL_OK;
}

static enum pl_err send(struct postgres_store *s, struct postgres_statement *st,
			const struct store_param *params)
{
	const char *values[STORE_PARAMS_MAX];
	int lens[STORE_PARAMS_MAX], binary[STORE_PARAMS_MAX], count = 0;
	uint64_t numbers[STORE_PARAMS_MAX];
	char name[16];

	for (; st->base.types[count]; count++) {
		const struct store_param *p = &params[count];

		binary[count] = p->type != 's';
		if (p->type == 'i' || p->type == 'd') {
			memcpy(&numbers[count], p->type == 'i' ? (const void *)&p->i : &p->d, 8);
			numbers[count] = htobe64(numbers[count]);
			values[count] = (const char *)&numbers[count];
			lens[count] = 8;
		} else {
			values[count] = p->data;
			lens[count] = (int)p->len;
		}
	}
	if (!pq.PQsendQueryPrepared(s->conn, name_of(st, name), count, values, lens, binary, 0))
		return send_failed(s);
	pend(s, st, false);
	return PL_OK;
}

enum pl_err postgres_queue(struct postgres_store *s, struct postgres_statement *st,
			   const struct store_param *params)
{
	enum pl_err err = PL_OK;

	if (!s->conn)
		return gone();
	if (s->pending_count + 2 > PENDING_MAX)
		err = postgres_drain(NULL, s);
	if (!err && !st->prepared)
		err = prepare(s, st);
	if (!err)
		err = send(s, st, params);
	return err;
}

enum pl_err postgres_simple(PGresult **resultp, struct postgres_store *s, const char *sql)
{
	PGresult *result = pq.PQexec(s->conn, sql);
	enum pl_err err = PL_OK;

	switch (pq.PQresultStatus(result)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
	case PGRES_EMPTY_QUERY:
		break;
	default:
		err = fail_result(result, s, NULL);
		if (is_fatal(result) || pq.PQstatus(s->conn) == CONNECTION_BAD) {
			pq.PQclear(result);
			return postgres_lost(s);
		}
	}
	if (err || !resultp)
		pq.PQclear(result);
	else
		*resultp = result;
	return err;
}

/* Statements */

/* only_reads errs on the side of no: a column updated_at makes a `with` a writing one. */
static bool only_reads(const char *sql)
{
	sql += strspn(sql, " \t\r\n(");
	if (strncasecmp(sql, "with", 4) == 0)
		return !strcasestr(sql, "insert") && !strcasestr(sql, "update") &&
		       !strcasestr(sql, "delete");
	return strncasecmp(sql, "select", 6) == 0;
}

static void statement_init(struct postgres_statement *st, struct postgres_store *s,
			   const char *types)
{
	memcpy(st->base.types, types, strlen(types) + 1);
	st->number = ++s->last_number;
}

static void postgres_statement_free(struct store_statement *statement)
{
	free(postgres_statement_of(statement)->sql);
	free(statement);
}

static enum pl_err postgres_statement_new(struct store_statement **statementp,
					  struct pl_store *store, const char *sql,
					  const char *types)
{
	struct postgres_statement *st = calloc(1, sizeof(*st));

	if (!st)
		return PL_NOMEM;
	st->sql = strdup(sql);
	if (!st->sql) {
		free(st);
		return PL_NOMEM;
	}
	statement_init(st, postgres_of(store), types);
	st->base.writes = !only_reads(sql);
	*statementp = &st->base;
	return PL_OK;
}

static enum pl_err queue_own(struct postgres_store *s, enum postgres_own which,
			     const struct store_param *params)
{
	struct postgres_statement *st = &s->own[which];

	if (!st->sql) {
		st->sql = strdup(own[which].sql);
		if (!st->sql)
			return PL_NOMEM;
		statement_init(st, s, own[which].types);
	}
	return postgres_queue(s, st, params);
}

static enum pl_err queue_fence(struct postgres_store *s, enum postgres_own which)
{
	const struct store_param epoch = { .type = 'i', .i = s->base.epoch };

	return s->base.owned ? queue_own(s, which, &epoch) : PL_OK;
}

static enum pl_err start(struct store_statement *statement, const struct store_param *params,
			 bool writes)
{
	struct postgres_store *s = postgres_of(statement->store);
	enum pl_err err = PL_OK;

	if (s->base.in_transaction && writes && !s->fenced) {
		err = queue_fence(s, OWN_FENCE);
		s->fenced = !err;
	}
	s->base.wrote = s->base.wrote || writes;
	return err ? err : postgres_queue(s, postgres_statement_of(statement), params);
}

static enum pl_err postgres_exec(struct store_statement *statement,
				 const struct store_param *params)
{
	struct postgres_store *s = postgres_of(statement->store);
	enum pl_err err = start(statement, params, true);

	return err || s->base.in_transaction ? err : postgres_drain(NULL, s);
}

static enum pl_err postgres_query(struct store_statement *statement,
				  const struct store_param *params)
{
	struct postgres_statement *st = postgres_statement_of(statement);
	enum pl_err err = start(statement, params, statement->writes);

	st->row = -1;
	return err ? err : postgres_drain(&st->result, postgres_of(statement->store));
}

/* Transactions */

static enum pl_err postgres_begin(struct pl_store *store)
{
	struct postgres_store *s = postgres_of(store);

	s->fenced = false;
	return queue_own(s, OWN_BEGIN, NULL);
}

static enum pl_err queue_turn(struct postgres_store *s, const int64_t *turn_idp)
{
	char turn[24];
	const struct store_param params[] = {
		{ .type = 's', .data = s->session, .len = SESSION_LEN },
		{ .type = 's', .data = turn_idp ? turn : NULL },
		{ .type = 'i', .i = postgres_now_ms() },
	};

	if (turn_idp)
		snprintf(turn, sizeof(turn), "%" PRId64, *turn_idp);
	return queue_own(s, OWN_TURN, params);
}

static enum pl_err postgres_commit(struct pl_store *store, const int64_t *turn_idp)
{
	struct postgres_store *s = postgres_of(store);
	enum pl_err err;

	err = store->wrote ? queue_turn(s, turn_idp) : queue_fence(s, OWN_CHECK);
	if (!err)
		err = queue_own(s, OWN_COMMIT, NULL);
	if (err)
		return err;
	err = postgres_drain(NULL, s);
	if (!s->conn && store->wrote && turn_idp)
		store->turn_unknown = true;
	return err;
}

/*
 * A queued statement that fails takes the queued rollback with it: then it is sent once more. The
 * sentence of the one who rolls back is kept.
 */
static void postgres_rollback(struct pl_store *store)
{
	struct postgres_store *s = postgres_of(store);
	const char *none = pl_err_row(PL_OK)->text, *detail = pl_err_detail(PL_OK);
	char kept[512];

	if (!s->conn)
		return;
	snprintf(kept, sizeof(kept), "%s", detail == none ? "" : detail);
	for (int i = 0; s->conn && i < 2; i++)
		if (!queue_own(s, OWN_ROLLBACK, NULL) && !postgres_drain(NULL, s))
			break;
	if (kept[0])
		pl_fail(PL_OK, "%s", kept);
	else
		pl_err_clear();
}

/*
 * Kept plans are thrown away before, as a script may change the tables they read. What the script
 * does is fenced like any write.
 */
static enum pl_err postgres_script(struct pl_store *store, const char *sql)
{
	struct postgres_store *s = postgres_of(store);
	enum pl_err err = PL_OK;

	if (!s->fenced)
		err = queue_fence(s, OWN_FENCE);
	s->fenced = store->wrote = true;
	if (!err)
		err = postgres_drain(NULL, s);
	if (err)
		return err;
	if (!pq.PQexitPipelineMode(s->conn))
		return postgres_lost(s);
	err = postgres_simple(NULL, s, "deallocate all");
	if (s->conn)
		unprepare(s);
	if (!err)
		err = postgres_simple(NULL, s, sql);
	if (s->conn && !pq.PQenterPipelineMode(s->conn))
		return postgres_lost(s);
	return err;
}

static int64_t postgres_free_bytes(const struct pl_store *store)
{
	(void)store;
	return -1;
}

const struct store_driver store_postgres = {
	.kind = PL_STORE_POSTGRES,
	.list_before = "= any (array(select json_array_elements_text((", /* not a join */
	.list_after = ")::json)))",
	.blob = "BYTEA",
	.by_key = "",
	.open = postgres_open,
	.close = postgres_close,
	.lock = postgres_lock,
	.unlock = postgres_unlock,
	.begin = postgres_begin,
	.commit = postgres_commit,
	.rollback = postgres_rollback,
	.reconnect = postgres_reconnect,
	.script = postgres_script,
	.statement_new = postgres_statement_new,
	.statement_free = postgres_statement_free,
	.exec = postgres_exec,
	.query = postgres_query,
	.rows_next = postgres_rows_next,
	.rows_int = postgres_rows_int,
	.rows_double = postgres_rows_double,
	.rows_bytes = postgres_rows_bytes,
	.rows_is_null = postgres_rows_is_null,
	.rows_close = postgres_rows_close,
	.free_bytes = postgres_free_bytes,
};
