/*
 * target.c — see target.h. The lock guards the job that waits; the connection is the thread's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "target.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pelago/json.h"
#include "sdk/store/libpq.h"
#include "sql.h"

enum { STOP_S = 2 };

struct job {
	char *url;
	json_t *batch, *context;
};

struct target {
	struct pl_service *service;
	const struct pl_mart_table *tables;
	pl_posted_fn *done;
	void *arg;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct job job; /* waits if it has a batch */
	bool is_stopping;
	/* the thread's */
	PGconn *conn;
	char *url; /* of the connection */
	bool is_ready;
};

static void job_fini(struct job *job)
{
	free(job->url);
	json_decref(job->batch);
	json_decref(job->context);
	memset(job, 0, sizeof(*job));
}

/* ---- the connection ---- */

static void hang_up(struct target *t)
{
	if (t->conn)
		pq.PQfinish(t->conn);
	t->conn = NULL;
	t->is_ready = false;
	free(t->url);
	t->url = NULL;
}

static void discard_notice(void *arg, const char *message)
{
}

/* What libpq says of a bad address isn't passed on: it may quote the password. */
static enum pl_err check_address(const char *url)
{
	char *message = NULL;
	PQconninfoOption *options = pq.PQconninfoParse(url, &message);

	pq.PQfreemem(message);
	if (!options)
		return pl_fail(PL_UNAVAILABLE, "the address in datamart.url can't be read");
	pq.PQconninfoFree(options);
	return PL_OK;
}

static enum pl_err dial(struct target *t, const char *url)
{
	/* The address comes last, so it may say otherwise. */
	const char *const keys[] = { "connect_timeout",	 "keepalives_idle",  "keepalives_interval",
				     "keepalives_count", "tcp_user_timeout", "target_session_attrs",
				     "application_name", "dbname",	     NULL };
	const char *const values[] = { "5",	     "5",      "2", "3", "10000",
				       "read-write", "pelago", url, NULL };
	enum pl_err err = libpq_load();

	if (!err)
		err = check_address(url);
	if (err)
		return err;
	t->conn = pq.PQconnectdbParams(keys, values, 1);
	t->url = strdup(url);
	if (!t->conn || !t->url)
		return PL_NOMEM;
	pq.PQsetNoticeProcessor(t->conn, discard_notice, NULL);
	if (pq.PQstatus(t->conn) != CONNECTION_OK)
		return pl_fail(PL_UNAVAILABLE, "%s", pq.PQerrorMessage(t->conn));
	return PL_OK;
}

/* These pass: serialization, resources, a shutdown, a lock, the connection. */
static bool passes(const char *state)
{
	static const char *const classes[] = { "08", "40", "53", "55", "57", "25" };

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strncmp(state, classes[i], 2) == 0)
			return true;
	return false;
}

/* Takes the result. Its sentence holds no values of rows, but perhaps one that is malformed. */
static enum pl_err judge(struct target *t, PGresult *result)
{
	ExecStatusType status = pq.PQresultStatus(result);
	const char *state = pq.PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = pq.PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	enum pl_err err = PL_OK;

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
		err = PL_OK;
	else if (!state || pq.PQstatus(t->conn) != CONNECTION_OK)
		err = pl_fail(PL_UNAVAILABLE, "%s", pq.PQerrorMessage(t->conn));
	else
		err = pl_fail(passes(state) ? PL_UNAVAILABLE : PL_STORE, "%s (%s)",
			      message ? message : "refused", state);
	pq.PQclear(result);
	return err;
}

static enum pl_err simple(struct target *t, const char *sql)
{
	return judge(t, pq.PQexec(t->conn, sql));
}

static enum pl_err with_json(struct target *t, const char *sql, const json_t *list)
{
	char *text = json_dumps(list, JSON_COMPACT);
	enum pl_err err = PL_NOMEM;

	if (text && sql)
		err = judge(t, pq.PQexecParams(t->conn, sql, 1, NULL, (const char *const[]){ text },
					       NULL, NULL, 0));
	free(text);
	return err;
}

/* ---- a batch ---- */

static enum pl_err make_tables(struct target *t)
{
	enum pl_err err = simple(t, "set standard_conforming_strings = on;"
				    "set statement_timeout = '60s'; set lock_timeout = '5s';"
				    "select pg_advisory_xact_lock(20557);"
				    "do $do$ begin if to_regnamespace('pelago') is null then "
				    "create schema pelago; end if; end $do$");

	for (const struct pl_mart_table *table = t->tables; !err && table->name; table++) {
		char *sql = sql_create(table);

		err = sql ? simple(t, sql) : PL_NOMEM;
		free(sql);
	}
	return err;
}

static enum pl_err write_table(struct target *t, const struct pl_mart_table *table,
			       const json_t *rows)
{
	json_t *put = json_object_get(rows, "put"), *gone = json_object_get(rows, "remove");
	enum pl_err err = PL_OK;
	char *sql;

	if (json_array_size(put) > 0) {
		sql = sql_put(table);
		err = with_json(t, sql, put);
		free(sql);
	}
	if (!err && json_array_size(gone) > 0) {
		sql = sql_remove(table);
		err = with_json(t, sql, gone);
		free(sql);
	}
	return err;
}

static enum pl_err write_batch(struct target *t, const struct job *job)
{
	enum pl_err err = PL_OK;

	if (t->url && strcmp(t->url, job->url) != 0)
		hang_up(t);
	if (!t->conn)
		err = dial(t, job->url);
	if (!err)
		err = simple(t, "begin");
	if (!err && !t->is_ready)
		err = make_tables(t);
	for (const struct pl_mart_table *table = t->tables; !err && table->name; table++)
		err = write_table(t, table, json_object_get(job->batch, table->name));
	if (!err)
		err = simple(t, "commit");
	if (!err)
		t->is_ready = true;
	else
		hang_up(t); /* ends the transaction; tables are looked at anew */
	return err;
}

static void report(struct target *t, struct job *job, enum pl_err err)
{
	json_t *result = json_pack("{s:s, s:s, s:O}", "error", pl_err_row(err)->name, "detail",
				   err ? pl_err_detail(err) : "", "context", job->context);

	pl_service_post(t->service, t->done, result, t->arg);
}

static void *work(void *arg)
{
	struct target *t = arg;

	pthread_mutex_lock(&t->lock);
	for (;;) {
		struct job job;

		while (!t->is_stopping && !t->job.batch)
			pthread_cond_wait(&t->wake, &t->lock);
		if (t->is_stopping)
			break;
		job = t->job;
		memset(&t->job, 0, sizeof(t->job));
		pthread_mutex_unlock(&t->lock);
		pl_err_clear();
		report(t, &job, write_batch(t, &job));
		job_fini(&job);
		pthread_mutex_lock(&t->lock);
	}
	pthread_mutex_unlock(&t->lock);
	hang_up(t);
	return NULL;
}

/* ---- the turn's side ---- */

enum pl_err target_new(struct target **targetp, struct pl_service *service,
		       const struct pl_mart_table *tables, pl_posted_fn *done, void *arg)
{
	struct target *t = calloc(1, sizeof(*t));

	if (!t)
		return PL_NOMEM;
	t->service = service;
	t->tables = tables;
	t->done = done;
	t->arg = arg;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->wake, NULL);
	if (pthread_create(&t->thread, NULL, work, t)) {
		free(t);
		return pl_fail(PL_UNAVAILABLE, "no thread can be started");
	}
	*targetp = t;
	return PL_OK;
}

void target_write(struct target *t, const char *url, json_t *batch, json_t *context)
{
	pthread_mutex_lock(&t->lock);
	job_fini(&t->job);
	t->job = (struct job){ strdup(url), batch, context };
	pl_assert(t->job.url);
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
}

void target_free(struct target *t)
{
	struct timespec until;

	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->is_stopping = true;
	pthread_cond_broadcast(&t->wake);
	pthread_mutex_unlock(&t->lock);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_S;
	if (pthread_timedjoin_np(t->thread, NULL, &until))
		return; /* it still needs t */
	job_fini(&t->job);
	pthread_cond_destroy(&t->wake);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
