/*
 * postgres_rows.c — values of a result, which come as text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "postgres.h"

static bool has_value(const struct postgres_statement *st, int column)
{
	return st->row >= 0 && st->row < pq.PQntuples(st->result) && column >= 0 &&
	       column < pq.PQnfields(st->result) && !pq.PQgetisnull(st->result, st->row, column);
}

static unsigned digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10;
}

static size_t bytea_len(const struct postgres_statement *st, int column)
{
	int len = pq.PQgetlength(st->result, st->row, column);

	return len > 2 ? (size_t)(len - 2) / 2 : 0;
}

/*
 * bytea_decode turns \x0a0b… into the bytes, in the result's own memory: it is ours until PQclear,
 * the bytes need less room than their digits, and each row is stepped to once.
 */
static void bytea_decode(const struct postgres_statement *st, int column)
{
	char *value = pq.PQgetvalue(st->result, st->row, column);
	size_t len = bytea_len(st, column);

	for (size_t i = 0; i < len; i++)
		value[i] = (char)(digit(value[2 * i + 2]) << 4 | digit(value[2 * i + 3]));
	value[len] = '\0';
}

bool postgres_rows_next(struct store_statement *statement)
{
	struct postgres_statement *st = postgres_statement_of(statement);

	if (st->row >= pq.PQntuples(st->result))
		return false;
	if (++st->row >= pq.PQntuples(st->result))
		return false;
	for (int i = 0; i < pq.PQnfields(st->result); i++)
		if (pq.PQftype(st->result, i) == OID_BYTEA && has_value(st, i))
			bytea_decode(st, i);
	return true;
}

double postgres_rows_double(const struct store_statement *statement, int column)
{
	struct postgres_statement *st = postgres_statement_of(statement);
	const char *value;

	if (!has_value(st, column))
		return 0.0;
	value = pq.PQgetvalue(st->result, st->row, column);
	if (pq.PQftype(st->result, column) == OID_BOOL)
		return *value == 't';
	return strtod(value, NULL);
}

int64_t postgres_rows_int(const struct store_statement *statement, int column)
{
	struct postgres_statement *st = postgres_statement_of(statement);
	double d;

	if (!has_value(st, column))
		return 0;
	switch (pq.PQftype(st->result, column)) {
	case OID_BOOL:
	case OID_FLOAT4:
	case OID_FLOAT8:
		d = postgres_rows_double(statement, column);
		if (d >= 0x1p63)
			return INT64_MAX;
		return d < -0x1p63 ? INT64_MIN : (int64_t)d;
	default:
		return strtoll(pq.PQgetvalue(st->result, st->row, column), NULL, 10);
	}
}

const void *postgres_rows_bytes(const struct store_statement *statement, int column, bool text,
				size_t *lenp)
{
	struct postgres_statement *st = postgres_statement_of(statement);

	(void)text;
	*lenp = 0;
	if (!has_value(st, column))
		return NULL;
	*lenp = pq.PQftype(st->result, column) == OID_BYTEA
			? bytea_len(st, column)
			: (size_t)pq.PQgetlength(st->result, st->row, column);
	return pq.PQgetvalue(st->result, st->row, column);
}

bool postgres_rows_is_null(const struct store_statement *statement, int column)
{
	return !has_value(postgres_statement_of(statement), column);
}

void postgres_rows_close(struct store_statement *statement)
{
	struct postgres_statement *st = postgres_statement_of(statement);

	pq.PQclear(st->result);
	st->result = NULL;
}
