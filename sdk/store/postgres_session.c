/*
 * postgres_session.c — address, connection and ownership.
 *
 * Each connection is a session: a random name, which is its application_name and its row in
 * pl_turn. The next connection of the same store ends the former session's backend if the server
 * hasn't noticed yet that its client is gone, and closes its row (see postgres.c for what that
 * settles).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "postgres.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define LOCK_TRIES 60 /* of 50 ms, while the former session's backend ends */

/* Address */

static int hex_of(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* unescape decodes %XX of a query value in place; false for a wrong or a zero one. */
static bool unescape(char *text)
{
	char *to = text;

	for (const char *p = text; *p; p++, to++) {
		*to = *p;
		if (*p != '%')
			continue;
		if (!isxdigit((unsigned char)p[1]) || !isxdigit((unsigned char)p[2]))
			return false;
		*to = (char)(hex_of(p[1]) << 4 | hex_of(p[2]));
		if (!*to)
			return false;
		p += 2;
	}
	*to = '\0';
	return true;
}

static bool is_schema_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < 64 && store_is_utf8(name, len);
}

static enum pl_err unreadable(void)
{
	return pl_fail(PL_INVALID, "database: an address reads "
				   "postgresql://USER:PASSWORD@HOST:PORT/DB?schema=NAME");
}

/* address_split moves schema= out of s->address, which is a copy of the whole one. */
static enum pl_err address_split(struct postgres_store *s)
{
	char *from = strchr(s->address, '?'), *to = from, *next;

	if (!from)
		return PL_OK;
	for (from++; from; from = next) {
		next = strchr(from, '&');
		if (next)
			*next++ = '\0';
		if (strncmp(from, "schema=", 7) == 0) {
			free(s->schema);
			s->schema = strdup(from + 7);
			if (!s->schema)
				return PL_NOMEM;
			if (!unescape(s->schema) || !is_schema_name(s->schema))
				return pl_fail(PL_INVALID,
					       "database: schema= takes a name of at most "
					       "63 bytes");
		} else {
			size_t len = strlen(from);
			char before = strchr(s->address, '?') == to ? '?' : '&';

			memmove(to + 1, from, len);
			*to = before;
			to += 1 + len;
		}
	}
	*to = '\0';
	return PL_OK;
}

static enum pl_err address_check(const char *address)
{
	char *message = NULL; /* not passed on: it may quote the password */
	PQconninfoOption *options = pq.PQconninfoParse(address, &message);

	pq.PQfreemem(message);
	if (!options)
		return unreadable();
	pq.PQconninfoFree(options);
	return PL_OK;
}

/* Connection */

int64_t postgres_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void session_name(char name[static SESSION_LEN + 1])
{
	unsigned char bytes[SESSION_LEN / 2];

	pl_assert(getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(name + 2 * i, 3, "%02x", bytes[i]);
}

static void discard_notice(void *arg, const char *message)
{
	(void)arg;
	(void)message;
}

static enum pl_err dial(struct postgres_store *s)
{
	/* The address comes last, so it may say otherwise. */
	const char *const keys[] = { "connect_timeout",	 "keepalives_idle",  "keepalives_interval",
				     "keepalives_count", "tcp_user_timeout", "target_session_attrs",
				     "client_encoding",	 "dbname",	     NULL };
	const char *const values[] = { "5",	     "5",    "2",	 "3", "10000",
				       "read-write", "UTF8", s->address, NULL };
	enum pl_err err;

	s->conn = pq.PQconnectdbParams(keys, values, 1);
	if (!s->conn)
		return PL_NOMEM;
	pq.PQsetNoticeProcessor(s->conn, discard_notice, NULL);
	if (pq.PQstatus(s->conn) == CONNECTION_OK)
		return PL_OK;
	err = pl_fail(PL_UNAVAILABLE, "database: %s", pq.PQerrorMessage(s->conn));
	postgres_drop(s);
	return err;
}

static const char settings[] =
	"set client_encoding = 'UTF8'; set bytea_output = 'hex'; set extra_float_digits = 1;"
	"set standard_conforming_strings = on;"
	/* Statements are planned while their tables are empty, and kept: not without an index. */
	"set enable_seqscan = off; set jit = off;"
	/* A commit is durable; a stricter setting than `on` is left. */
	"select set_config('synchronous_commit', 'on', false)"
	" where current_setting('synchronous_commit') in ('off', 'local');"
	/* An owner that is gone or frozen must not keep its locks. */
	"set idle_in_transaction_session_timeout = '15s'; set tcp_user_timeout = '5s';"
	"set tcp_keepalives_idle = 2; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 3";

static const char tables[] =
	"begin;"
	"select pg_advisory_xact_lock(hashtextextended(current_schema(), 0));"
	"create table if not exists pl_schema (area text primary key, version bigint not null,"
	" program text not null);"
	"create table if not exists pl_level (area text primary key, level bigint not null);"
	"create table if not exists pl_contract (area text not null, version bigint not null,"
	" primary key (area, version));"
	"create table if not exists pl_owner (id bigint primary key, epoch bigint not null)"
	" with (fillfactor = 20);"
	"insert into pl_owner (id, epoch) values (1, 0) on conflict do nothing;"
	"create table if not exists pl_turn (session text primary key, turn bigint,"
	" closed bigint not null, at bigint not null) with (fillfactor = 20);"
	"commit";

static bool says_true(PGresult *result)
{
	return pq.PQntuples(result) == 1 && pq.PQgetvalue(result, 0, 0)[0] == 't';
}

static enum pl_err simple_f_rows(PGresult **resultp, struct postgres_store *s, const char *fmt,
				 const char *arg) __attribute__((format(printf, 3, 0)));

static enum pl_err simple_f_rows(PGresult **resultp, struct postgres_store *s, const char *fmt,
				 const char *arg)
{
	enum pl_err err;
	char *sql;

	if (asprintf(&sql, fmt, arg) < 0)
		return PL_NOMEM;
	err = postgres_simple(resultp, s, sql);
	free(sql);
	return err;
}

#define simple_f(s, fmt, arg) simple_f_rows(NULL, s, fmt, arg)

static enum pl_err schema_enter(struct postgres_store *s)
{
	char *name = pq.PQescapeIdentifier(s->conn, s->schema, strlen(s->schema));
	PGresult *result;
	enum pl_err err;

	if (!name)
		return PL_NOMEM;
	err = simple_f(s, "set search_path to %s", name);
	if (!err)
		err = postgres_simple(&result, s, "select current_schema() is not null");
	if (!err) {
		bool is_there = says_true(result);

		pq.PQclear(result);
		if (!is_there)
			err = simple_f(s,
				       "begin; select pg_advisory_xact_lock(20556);"
				       "create schema if not exists %s; commit",
				       name);
		if (err && s->conn)
			postgres_simple(NULL, s, "rollback");
	}
	pq.PQfreemem(name);
	return err;
}

static enum pl_err tables_make(struct postgres_store *s)
{
	PGresult *result;
	enum pl_err err;
	bool are_there;

	err = postgres_simple(
		&result, s,
		"select to_regclass('pl_turn') is not null and to_regclass('pl_contract') is not null");
	if (err)
		return err;
	are_there = says_true(result);
	pq.PQclear(result);
	if (are_there)
		return PL_OK;
	err = postgres_simple(NULL, s, tables);
	if (err && s->conn)
		postgres_simple(NULL, s, "rollback");
	return err;
}

static enum pl_err turn_settle(struct postgres_store *s, PGresult *result)
{
	const char *turn;

	if (!s->base.turn_unknown)
		return PL_OK;
	if (pq.PQntuples(result) != 1)
		return pl_fail(PL_STATE, "database: nothing is left that tells the last outcome");
	turn = pq.PQgetvalue(result, 0, 0); /* "" for null */
	s->base.turn_committed = *turn && strtoll(turn, NULL, 10) == s->base.turn_id;
	s->base.turn_unknown = false;
	return PL_OK;
}

/*
 * former_end ends what is left of the session before, and learns what became of its last turn. That
 * counts only once the row is closed for good, as else the commit might still come.
 */
static enum pl_err former_end(struct postgres_store *s)
{
	PGresult *result = NULL;
	enum pl_err err;

	err = simple_f(s,
		       "select pg_terminate_backend(pid) from pg_stat_activity"
		       " where application_name = '%s' and usename = current_user",
		       s->session);
	if (!err)
		err = postgres_simple(NULL, s, "begin; set local lock_timeout = '10s'");
	if (!err)
		err = simple_f_rows(&result, s,
				    "update pl_turn set closed = 1 where session = '%s'"
				    " returning turn",
				    s->session);
	if (!err)
		err = postgres_simple(NULL, s, "commit");
	if (!err)
		err = turn_settle(s, result);
	pq.PQclear(result);
	return err;
}

/* session_start makes this connection's row, and removes those of sessions that ended long ago. */
static enum pl_err session_start(struct postgres_store *s)
{
	char name[SESSION_LEN + 1], *sql;
	enum pl_err err;

	session_name(name);
	if (asprintf(&sql,
		     "set application_name = '%s';"
		     "insert into pl_turn (session, turn, closed, at) values ('%s', null, 0, %lld);"
		     "delete from pl_turn where at < %lld and session not in"
		     " (select application_name from pg_stat_activity"
		     " where application_name is not null)",
		     name, name, (long long)postgres_now_ms(),
		     (long long)postgres_now_ms() - 86400000) < 0)
		return PL_NOMEM;
	err = postgres_simple(NULL, s, sql);
	free(sql);
	if (!err)
		memcpy(s->session, name, sizeof(name));
	return err;
}

/* s->session is the former's until the new one has started: what fails half way is made again. */
static enum pl_err session_open(struct postgres_store *s)
{
	enum pl_err err = dial(s);

	if (!err)
		err = postgres_simple(NULL, s, settings);
	if (!err && s->schema)
		err = schema_enter(s);
	if (!err)
		err = tables_make(s);
	if (!err && s->session[0])
		err = former_end(s);
	if (!err)
		err = session_start(s);
	if (!err && !pq.PQenterPipelineMode(s->conn))
		err = postgres_lost(s);
	if (err)
		postgres_drop(s);
	return err;
}

void postgres_close(struct pl_store *store)
{
	struct postgres_store *s = postgres_of(store);

	if (s->conn && s->session[0] &&
	    pq.PQexitPipelineMode(s->conn)) /* a convenience: the row would go in a day */
		simple_f(s, "delete from pl_turn where session = '%s'", s->session);
	postgres_drop(s);
	for (unsigned i = 0; i < OWN_COUNT; i++)
		free(s->own[i].sql);
	free(s->address);
	free(s->schema);
	free(s);
}

enum pl_err postgres_open(struct pl_store **storep, const char *url)
{
	struct postgres_store *s;
	enum pl_err err = libpq_load();

	if (err)
		return err;
	s = calloc(1, sizeof(*s));
	if (!s)
		return PL_NOMEM;
	s->base.driver = &store_postgres;
	s->address = strdup(url);
	err = s->address ? address_split(s) : PL_NOMEM;
	if (!err)
		err = address_check(s->address);
	if (!err)
		err = session_open(s);
	if (err)
		postgres_close(&s->base);
	else
		*storep = &s->base;
	return err;
}

/* Ownership */

#define LOCK_KEY "((20556::bigint << 32) | 'pl_owner'::regclass::oid::bigint)"

enum pl_err postgres_lock(struct pl_store *store)
{
	struct pl_rows *rows;
	enum pl_err err;
	bool is_ours;

	err = pl_store_query(&rows, store, "select pg_try_advisory_lock" LOCK_KEY, "");
	if (err)
		return err;
	is_ours = pl_rows_next(rows) && pl_rows_int(rows, 0);
	pl_rows_free(rows);
	return is_ours ? PL_OK : pl_fail(PL_AGAIN, "database: another process owns it");
}

void postgres_unlock(struct pl_store *store)
{
	struct pl_rows *rows;

	if (!pl_store_query(&rows, store, "select pg_advisory_unlock" LOCK_KEY, ""))
		pl_rows_free(rows);
}

static enum pl_err epoch_read(int64_t *epochp, struct pl_store *store)
{
	struct pl_rows *rows;
	enum pl_err err = pl_store_query(&rows, store, "select epoch from pl_owner", "");

	if (err)
		return err;
	*epochp = pl_rows_next(rows) ? pl_rows_int(rows, 0) : -1;
	pl_rows_free(rows);
	return PL_OK;
}

static enum pl_err own_again(struct pl_store *store)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	int64_t epoch = -1;
	enum pl_err locked = PL_AGAIN, err = PL_OK;

	for (int i = 0; i < LOCK_TRIES && locked == PL_AGAIN && !err; i++) {
		if (i)
			nanosleep(&pause, NULL);
		locked = postgres_lock(store);
		err = locked && locked != PL_AGAIN ? locked : epoch_read(&epoch, store);
		if (!err && epoch != store->epoch) {
			if (!locked)
				postgres_unlock(store);
			return pl_fail(PL_STATE, "database: another process has taken over");
		}
	}
	return err ? err : locked;
}

enum pl_err postgres_reconnect(struct pl_store *store)
{
	struct postgres_store *s = postgres_of(store);
	struct pl_rows *rows;
	enum pl_err err;

	if (s->conn && !pl_store_query(&rows, store, "select 1", "")) {
		pl_rows_free(rows);
		return PL_OK;
	}
	err = session_open(s);
	if (!err && store->owned)
		err = own_again(store);
	if (err && err != PL_STATE)
		postgres_drop(s);
	return err;
}
