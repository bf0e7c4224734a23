/*
 * table.h — finding the rules that match without asking each of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DMN_TABLE_H
#define DMN_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "engines/dmn/model.h"

enum match { MATCH_NO, MATCH_YES, MATCH_OVER };

/*
 * dmn_index_ask sets a bit in open for each rule that may match values, and is_decided for each
 * input that the index knows about: there dmn_index_decides tells whether it has judged the rule's
 * entry; every other entry must still be tested.
 */
void dmn_index_ask(const struct dmn_table *table, uint64_t *open, bool *is_decided,
		   const struct feel_value *const *values);
bool dmn_index_decides(const struct dmn_index *index, size_t input, size_t rule);

#endif
