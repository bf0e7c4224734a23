/* sql.c — see sql.h. SPDX-License-Identifier: Apache-2.0 */
#include "sql.h"

#include <stdio.h>
#include <stdlib.h>

static const struct pl_mart_column stamp = { "stamp", "bigint" };

/* The i-th column, `stamp` after the table's own; NULL after that. */
static const struct pl_mart_column *column(const struct pl_mart_table *table, size_t i)
{
	size_t count = 0;

	while (table->columns[count].name)
		count++;
	return i < count ? &table->columns[i] : i == count ? &stamp : NULL;
}

static char *written(FILE *out, char **textp)
{
	if (!out)
		return NULL;
	if (fclose(out)) {
		free(*textp);
		return NULL;
	}
	return *textp;
}

char *sql_create(const struct pl_mart_table *table)
{
	const char *name = table->name;
	const struct pl_mart_column *c;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	fprintf(out,
		"do $do$ begin if to_regclass('pelago.%s') is null then create table pelago.%s (",
		name, name);
	for (size_t i = 0; (c = column(table, i)); i++)
		fprintf(out, "%s%s %s%s", i ? ", " : "", c->name, c->type,
			i == 0	      ? " primary key"
			: c == &stamp ? " not null"
				      : "");
	fprintf(out, "); end if; ");
	for (size_t i = 0; (c = column(table, i)); i++)
		fprintf(out,
			"if not exists (select 1 from pg_attribute where attrelid = 'pelago.%s'::regclass "
			"and attname = '%s' and not attisdropped) then "
			"alter table pelago.%s add column %s %s; end if; ",
			name, c->name, name, c->name, c->type);
	fprintf(out, "end $do$");
	return written(out, &text);
}

char *sql_put(const struct pl_mart_table *table)
{
	const struct pl_mart_column *c;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	fprintf(out, "insert into pelago.%s as t (", table->name);
	for (size_t i = 0; (c = column(table, i)); i++)
		fprintf(out, "%s%s", i ? ", " : "", c->name);
	fprintf(out, ") select ");
	for (size_t i = 0; (c = column(table, i)); i++)
		fprintf(out, "%sr.%s", i ? ", " : "", c->name);
	fprintf(out, " from jsonb_to_recordset($1::text::jsonb) as r(");
	for (size_t i = 0; (c = column(table, i)); i++)
		fprintf(out, "%s%s %s", i ? ", " : "", c->name, c->type);
	fprintf(out, ") on conflict (%s) do update set ", table->columns[0].name);
	for (size_t i = 1; (c = column(table, i)); i++)
		fprintf(out, "%s%s = excluded.%s", i > 1 ? ", " : "", c->name, c->name);
	fprintf(out, " where t.stamp is null or t.stamp < excluded.stamp");
	return written(out, &text);
}

char *sql_remove(const struct pl_mart_table *table)
{
	char *text = NULL;

	if (asprintf(&text,
		     "delete from pelago.%s where %s in "
		     "(select jsonb_array_elements_text($1::text::jsonb))",
		     table->name, table->columns[0].name) < 0)
		return NULL;
	return text;
}
