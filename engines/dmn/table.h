/*
 * table.h — finding the rules that match without asking each of them.
 *
 * The constants of a column cut its kind of values into pieces: those below the first, the first
 * itself, those between the first and the second, and so on. For each piece there is a set of the
 * rules that may match, one bit a rule; a rule whose entry is more than constants is in all of
 * them. So a table is asked by one binary search a column and the intersection of their sets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DMN_TABLE_H
#define DMN_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "engines/dmn/model.h"

enum {
	DMN_INDEX_RULES_MIN = 8,       /* fewer are asked one by one */
	DMN_INDEX_WORDS_MAX = 1 << 19, /* of 64 bits, of one column; larger ones have no index */
};

struct dmn_column {
	enum feel_kind kind;		  /* of its constants; FEEL_NULL: there is no index */
	const struct feel_value **points; /* the constants, ascending */
	size_t points_len;
	uint64_t *sets;	  /* of the pieces, 2 * points_len + 1, and of null */
	uint64_t *judged; /* rules whose entries the sets have judged */
};

struct dmn_index {
	size_t words; /* of a set */
	struct dmn_column *columns;
};

/* dmn_index_new sets table->index; it stays NULL for a small table. PL_NOMEM, PL_TOOLARGE. */
enum pl_err dmn_index_new(struct dmn_model *model, struct dmn_table *table);

/* dmn_index_compare orders two values of the same kind that columns may have. */
int dmn_index_compare(const struct feel_value *a, const struct feel_value *b);

/* dmn_index_can tells whether a column may have constants of a kind. */
bool dmn_index_can(enum feel_kind kind);

/*
 * dmn_index_ask sets a bit in open, which is zero, for each rule that may match values, and
 * is_known for each input where dmn_index_judged tells whether the rule's entry was judged; every
 * other entry must still be tested.
 */
void dmn_index_ask(const struct dmn_table *table, uint64_t *open, bool *is_known,
		   const struct feel_value *const *values);
bool dmn_index_judged(const struct dmn_index *index, size_t input, size_t rule);

#endif
