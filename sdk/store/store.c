/*
 * store.c — the front of the store: statements kept by their text's address, parameters,
 * transaction.
 *
 * A statement that fails inside a transaction dooms it, as PostgreSQL has it: what follows is
 * refused with the same error, and the commit rolls back. A value that is refused here (not UTF-8,
 * not a number, too large) never reaches the database and dooms nothing.
 *
 * A writing statement outside a transaction gets one of its own, so the owner's fence holds for it
 * too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "store_impl.h"

static const struct store_driver *driver_of(const char *url)
{
	if (strncmp(url, "sqlite:", 7) == 0)
		return &store_sqlite;
	if (strncmp(url, "postgresql:", 11) == 0 || strncmp(url, "postgres:", 9) == 0)
		return &store_postgres;
	return NULL;
}

enum pl_err pl_store_open(struct pl_store **storep, const char *url)
{
	const struct store_driver *driver = driver_of(url);
	struct pl_store *store = NULL;
	enum pl_err err;

	if (!driver)
		return pl_fail(PL_INVALID,
			       "database: an address starts with sqlite: or postgresql:");
	err = driver->open(&store, url);
	if (!err)
		*storep = store;
	return err;
}

void pl_store_close(struct pl_store *store)
{
	if (!store)
		return;
	pl_store_rollback(store);
	for (size_t i = 0; i < store->slot_count; i++) {
		if (!store->slots[i])
			continue;
		pl_rows_free(store->slots[i]->open ? &store->slots[i]->rows : NULL);
		store->driver->statement_free(store->slots[i]);
	}
	free(store->slots);
	store->slots = NULL;
	store->slot_count = 0;
	store->driver->close(store);
}

enum pl_store_kind pl_store_kind(const struct pl_store *store)
{
	return store->driver->kind;
}

int64_t pl_store_free_bytes(const struct pl_store *store)
{
	return store->driver->free_bytes(store);
}

/* Statements */

static size_t slot_of(const struct pl_store *store, const char *sql, const char *types)
{
	size_t mask = store->slot_count - 1;
	size_t slot = (size_t)(((uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & mask;

	while (store->slots[slot] &&
	       (store->slots[slot]->sql != sql || strcmp(store->slots[slot]->types, types)))
		slot = (slot + 1) & mask;
	return slot;
}

static enum pl_err slots_grow(struct pl_store *store)
{
	struct store_statement **old = store->slots, **slots;
	size_t old_count = store->slot_count, count = old_count ? 2 * old_count : 32;

	slots = calloc(count, sizeof(struct store_statement *));
	if (!slots)
		return PL_NOMEM;
	store->slots = slots;
	store->slot_count = count;
	for (size_t i = 0; i < old_count; i++)
		if (old[i])
			slots[slot_of(store, old[i]->sql, old[i]->types)] = old[i];
	free(old);
	return PL_OK;
}

static enum pl_err statement_get(struct store_statement **statementp, struct pl_store *store,
				 const char *sql, const char *types)
{
	struct store_statement *statement;
	enum pl_err err;
	size_t slot;
	char *text;

	if (2 * store->statement_count >= store->slot_count) {
		err = slots_grow(store);
		if (err)
			return err;
	}
	slot = slot_of(store, sql, types);
	if (store->slots[slot]) {
		*statementp = store->slots[slot];
		return PL_OK;
	}
	text = store_rewrite(store->driver, sql);
	if (!text)
		return PL_NOMEM;
	err = store->driver->statement_new(&statement, store, text, types);
	free(text);
	if (err)
		return err;
	statement->store = store;
	statement->sql = sql;
	memcpy(statement->types, types, strlen(types) + 1);
	statement->rows.statement = statement;
	store->slots[slot] = statement;
	store->statement_count++;
	*statementp = statement;
	return PL_OK;
}

static enum pl_err param_take(struct store_param *param, unsigned number, va_list *ap)
{
	switch (param->type) {
	case 'i':
		param->i = va_arg(*ap, int64_t);
		return PL_OK;
	case 'd':
		param->d = va_arg(*ap, double);
		if (isnan(param->d))
			return pl_fail(PL_INVALID, "value %u is not a number", number);
		return PL_OK;
	case 's':
		param->data = va_arg(*ap, const char *);
		param->len = param->data ? strlen(param->data) : 0;
		break;
	case 'b':
		param->data = va_arg(*ap, const void *);
		param->len = va_arg(*ap, size_t);
		break;
	default:
		pl_assert(!"a letter of types is none of i, d, s, b");
	}
	if (param->len > STORE_VALUE_MAX)
		return pl_fail(PL_TOOLARGE, "value %u has %zu bytes; at most %d are stored", number,
			       param->len, STORE_VALUE_MAX);
	if (param->type == 's' && !store_is_utf8(param->data, param->len))
		return pl_fail(PL_INVALID, "value %u is not UTF-8", number);
	return PL_OK;
}

static enum pl_err params_take(struct store_param *params, const char *types, va_list *ap)
{
	pl_assert(strlen(types) <= STORE_PARAMS_MAX);
	for (unsigned i = 0; types[i]; i++) {
		enum pl_err err;

		params[i] = (struct store_param){ .type = types[i] };
		err = param_take(&params[i], i + 1, ap);
		if (err)
			return err;
	}
	return PL_OK;
}

/* The transaction */

enum pl_err pl_store_begin(struct pl_store *store)
{
	enum pl_err err;

	pl_assert(!store->in_transaction);
	store->wrote = false;
	store->failed = PL_OK;
	err = store->driver->begin(store);
	store->in_transaction = !err;
	return err;
}

static enum pl_err finish(struct pl_store *store, const int64_t *turn_idp)
{
	enum pl_err err = store->failed;

	pl_assert(store->in_transaction);
	if (!err)
		err = store->driver->commit(store, turn_idp);
	if (err)
		pl_store_rollback(store);
	store->in_transaction = false;
	return err;
}

enum pl_err pl_store_commit(struct pl_store *store, int64_t turn_id)
{
	enum pl_err err;

	store->turn_id = turn_id;
	store->turn_committed = store->turn_unknown = false;
	err = finish(store, &turn_id);
	store->turn_committed = !err;
	return err;
}

void pl_store_rollback(struct pl_store *store)
{
	if (!store->in_transaction)
		return;
	store->driver->rollback(store);
	store->in_transaction = false;
}

enum pl_err pl_store_settled(struct pl_store *store, int64_t turn_id, bool *committedp)
{
	if (turn_id == store->turn_id && store->turn_unknown)
		return pl_fail(PL_UNAVAILABLE, "database: reconnect before asking for the outcome");
	*committedp = turn_id == store->turn_id && store->turn_committed;
	return PL_OK;
}

static enum pl_err run_inside(struct store_statement *statement, const struct store_param *params,
			      bool wants_rows)
{
	struct pl_store *store = statement->store;
	enum pl_err err;

	if (store->in_transaction && store->failed)
		return store->failed;
	if (wants_rows)
		err = store->driver->query(statement, params);
	else
		err = store->driver->exec(statement, params);
	if (store->in_transaction)
		store->failed = err;
	if (!err)
		statement->open = wants_rows;
	return err;
}

static enum pl_err run(struct store_statement *statement, const struct store_param *params,
		       bool wants_rows)
{
	struct pl_store *store = statement->store;
	enum pl_err err;

	if (statement->open)
		return pl_fail(PL_INTERNAL, "its rows are still open: %.200s", statement->sql);
	statement->rows.err = PL_OK;
	if (store->in_transaction || !statement->writes)
		return run_inside(statement, params, wants_rows);
	err = pl_store_begin(store);
	if (err)
		return err;
	err = run_inside(statement, params, wants_rows);
	if (err)
		pl_store_rollback(store);
	else
		err = finish(store, NULL);
	if (err && statement->open)
		pl_rows_free(&statement->rows);
	return err;
}

enum pl_err pl_store_exec_va(struct pl_store *store, const char *sql, const char *types, va_list ap)
{
	struct store_param params[STORE_PARAMS_MAX];
	struct store_statement *statement;
	enum pl_err err;
	va_list copy;

	va_copy(copy, ap);
	err = params_take(params, types, &copy);
	va_end(copy);
	if (!err)
		err = statement_get(&statement, store, sql, types);
	if (!err)
		err = run(statement, params, false);
	return err;
}

enum pl_err pl_store_exec(struct pl_store *store, const char *sql, const char *types, ...)
{
	enum pl_err err;
	va_list ap;

	va_start(ap, types);
	err = pl_store_exec_va(store, sql, types, ap);
	va_end(ap);
	return err;
}

enum pl_err pl_store_query_va(struct pl_rows **rowsp, struct pl_store *store, const char *sql,
			      const char *types, va_list ap)
{
	struct store_param params[STORE_PARAMS_MAX];
	struct store_statement *statement;
	enum pl_err err;
	va_list copy;

	va_copy(copy, ap);
	err = params_take(params, types, &copy);
	va_end(copy);
	if (!err)
		err = statement_get(&statement, store, sql, types);
	if (!err)
		err = run(statement, params, true);
	if (!err)
		*rowsp = &statement->rows;
	return err;
}

enum pl_err pl_store_query(struct pl_rows **rowsp, struct pl_store *store, const char *sql,
			   const char *types, ...)
{
	enum pl_err err;
	va_list ap;

	va_start(ap, types);
	err = pl_store_query_va(rowsp, store, sql, types, ap);
	va_end(ap);
	return err;
}

enum pl_err pl_store_script(struct pl_store *store, const char *sql)
{
	bool inside = store->in_transaction;
	enum pl_err err = inside ? store->failed : pl_store_begin(store);
	char *text;

	if (err)
		return err;
	text = store_rewrite(store->driver, sql);
	err = text ? store->driver->script(store, text) : PL_NOMEM;
	free(text);
	store->failed = err;
	return inside ? err : finish(store, NULL);
}

/* Ownership */

enum pl_err pl_store_own(struct pl_store *store, int64_t *epochp)
{
	struct pl_rows *rows;
	enum pl_err err;

	if (store->owned) {
		*epochp = store->epoch;
		return PL_OK;
	}
	err = store->driver->lock(store);
	if (err)
		return err;
	err = pl_store_query(&rows, store, "update pl_owner set epoch = epoch + 1 returning epoch",
			     "");
	if (!err && !pl_rows_next(rows)) {
		err = pl_fail(PL_STORE, "database: table pl_owner has lost its row");
		pl_rows_free(rows);
	}
	if (err) {
		store->driver->unlock(store);
		return err;
	}
	store->epoch = pl_rows_int(rows, 0);
	store->owned = true;
	pl_rows_free(rows);
	*epochp = store->epoch;
	return PL_OK;
}

enum pl_err pl_store_reconnect(struct pl_store *store)
{
	pl_store_rollback(store);
	return store->driver->reconnect(store);
}

/* Rows */

bool pl_rows_next(struct pl_rows *rows)
{
	return rows && rows->statement->store->driver->rows_next(rows->statement);
}

enum pl_err pl_rows_err(const struct pl_rows *rows)
{
	return rows ? rows->err : PL_OK;
}

int64_t pl_rows_int(const struct pl_rows *rows, int column)
{
	return rows->statement->store->driver->rows_int(rows->statement, column);
}

double pl_rows_double(const struct pl_rows *rows, int column)
{
	return rows->statement->store->driver->rows_double(rows->statement, column);
}

const char *pl_rows_text(const struct pl_rows *rows, int column)
{
	size_t len;

	return rows->statement->store->driver->rows_bytes(rows->statement, column, true, &len);
}

const void *pl_rows_blob(const struct pl_rows *rows, int column, size_t *lenp)
{
	return rows->statement->store->driver->rows_bytes(rows->statement, column, false, lenp);
}

bool pl_rows_is_null(const struct pl_rows *rows, int column)
{
	return rows->statement->store->driver->rows_is_null(rows->statement, column);
}

void pl_rows_free(struct pl_rows *rows)
{
	if (!rows)
		return;
	rows->statement->store->driver->rows_close(rows->statement);
	rows->statement->open = false;
}
