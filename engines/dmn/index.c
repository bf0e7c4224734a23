/*
 * index.c — for now, every rule may match.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/dmn/table.h"

void dmn_index_ask(const struct dmn_table *table, uint64_t *open, bool *is_decided,
		   const struct feel_value *const *values)
{
	for (size_t i = 0; i < table->rules_len; i++)
		open[i / 64] |= (uint64_t)1 << i % 64;
}

bool dmn_index_decides(const struct dmn_index *index, size_t input, size_t rule)
{
	return false;
}
