/*
 * index.c — asks a table's index.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/dmn/table.h"
#include "engines/feel/run.h"

/* Times are left out: with and without zones they have no order among each other. */
bool dmn_index_can(enum feel_kind kind)
{
	return kind == FEEL_NUMBER || kind == FEEL_STRING || kind == FEEL_BOOLEAN ||
	       kind == FEEL_DATE || kind == FEEL_YEARS_MONTHS || kind == FEEL_DAYS_TIME;
}

int dmn_index_compare(const struct feel_value *a, const struct feel_value *b)
{
	int order = 0;

	if (a->kind == FEEL_BOOLEAN)
		return (int)a->truth - (int)b->truth;
	feel_order(&order, a, b);
	return order;
}

/* The piece that a value lies in. */
static size_t piece_of(const struct dmn_column *column, const struct feel_value *value)
{
	size_t from = 0, to = column->points_len;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = dmn_index_compare(value, column->points[middle]);

		if (order == 0)
			return 2 * middle + 1;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return 2 * from;
}

/* NULL: the column says nothing about such a value. */
static const uint64_t *set_of(const struct dmn_column *column, size_t words,
			      const struct feel_value *value)
{
	if (column->kind == FEEL_NULL)
		return NULL;
	if (value->kind == FEEL_NULL)
		return column->sets + (2 * column->points_len + 1) * words;
	if (value->kind != column->kind)
		return NULL;
	return column->sets + piece_of(column, value) * words;
}

void dmn_index_ask(const struct dmn_table *table, uint64_t *open, bool *is_known,
		   const struct feel_value *const *values)
{
	const struct dmn_index *index = table->index;
	size_t words = (table->rules_len + 63) / 64;

	memset(open, 0xff, words * sizeof(*open));
	if (table->rules_len % 64)
		open[words - 1] = ((uint64_t)1 << table->rules_len % 64) - 1;
	for (size_t i = 0; index && i < table->inputs_len; i++) {
		const uint64_t *set = set_of(&index->columns[i], words, values[i]);

		for (size_t w = 0; set && w < words; w++)
			open[w] &= set[w];
		is_known[i] = set != NULL;
	}
}

bool dmn_index_judged(const struct dmn_index *index, size_t input, size_t rule)
{
	return index->columns[input].judged[rule / 64] >> rule % 64 & 1;
}
