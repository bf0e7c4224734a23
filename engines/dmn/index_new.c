/*
 * index_new.c — makes a table's index from the trees of its entries.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engines/dmn/table.h"
#include "engines/feel/ast.h"

/* One test of an entry: values from low to high. */
struct span {
	const struct feel_value *low, *high; /* NULL: no end */
	bool low_open, high_open;
	bool is_outside; /* every other value */
};

struct builder {
	struct dmn_model *model;
	const struct dmn_table *table;
	struct dmn_column *column;
	size_t input, words;
	bool *covered; /* by an entry, each piece */
};

static const struct feel_value *constant(const struct feel_node *node)
{
	return node->kind == FEEL_N_LITERAL && dmn_index_can(node->value->kind) ? node->value
										: NULL;
}

static bool range_span(struct span *span, const struct feel_node *node)
{
	*span = (struct span){ .low = constant(node->left),
			       .high = constant(node->right),
			       .low_open = node->low_open,
			       .high_open = node->high_open };
	return span->low && span->high && span->low->kind == span->high->kind &&
	       span->low->kind != FEEL_BOOLEAN && dmn_index_compare(span->low, span->high) <= 0;
}

/* False for a test that is more than constants. */
static bool test_span(struct span *span, const struct feel_node *test)
{
	const struct feel_value *value = constant(test->right);

	if (test->op == FEEL_T_IN && test->right->kind == FEEL_N_RANGE)
		return range_span(span, test->right);
	*span = (struct span){ .low = value, .high = value };
	if (!value || (value->kind == FEEL_BOOLEAN && test->op != FEEL_T_IN))
		return false;
	switch (test->op) {
	case FEEL_T_IN:
	case FEEL_T_EQ:
		return true;
	case FEEL_T_NE:
		span->is_outside = true;
		return true;
	case FEEL_T_LT:
	case FEEL_T_LE:
		span->low = NULL;
		span->high_open = test->op == FEEL_T_LT;
		return true;
	default:
		span->high = NULL;
		span->low_open = test->op == FEEL_T_GT;
		return true;
	}
}

static const struct dmn_text *entry_of(const struct builder *b, size_t rule)
{
	return &b->table->rules[rule].inputs[b->input];
}

/* Whether an entry is true of every value. */
static bool is_any(const struct dmn_text *entry)
{
	if (!entry->expr)
		return !entry->problem;
	return entry->expr->root->kind == FEEL_N_LITERAL;
}

/* The tests of an entry that is nothing but constants of the column's kind; NULL for others. */
static const struct feel_node *tests_of(const struct builder *b, const struct dmn_text *entry)
{
	const struct feel_node *root = entry->expr ? entry->expr->root : NULL;
	enum feel_kind kind = b->column->kind;
	struct span span;

	if (!root || root->kind != FEEL_N_TESTS)
		return NULL;
	for (unsigned i = 0; i < root->len; i++) {
		if (!test_span(&span, root->items[i]))
			return NULL;
		if (kind == FEEL_NULL)
			kind = (span.low ? span.low : span.high)->kind;
		if ((span.low ? span.low : span.high)->kind != kind)
			return NULL;
	}
	return root;
}

static int compare_points(const void *a, const void *b)
{
	return dmn_index_compare(*(const struct feel_value *const *)a,
				 *(const struct feel_value *const *)b);
}

/* Visits the ends of all spans; with points NULL only counts them. */
static size_t visit_points(const struct builder *b, const struct feel_value **points)
{
	size_t len = 0;

	for (size_t r = 0; r < b->table->rules_len; r++) {
		const struct feel_node *tests = tests_of(b, entry_of(b, r));

		for (unsigned i = 0; tests && i < tests->len; i++) {
			struct span span;

			test_span(&span, tests->items[i]);
			if (span.low && points)
				points[len] = span.low;
			len += span.low != NULL;
			if (span.high && points)
				points[len] = span.high;
			len += span.high != NULL;
		}
	}
	return len;
}

static enum pl_err find_points(struct builder *b)
{
	struct dmn_column *column = b->column;
	size_t len = visit_points(b, NULL), kept = 0;

	column->points = feel_arena_alloc(&b->model->arena, (len + 1) * sizeof(*column->points));
	if (!column->points)
		return dmn_no_room(b->model);
	visit_points(b, column->points);
	qsort(column->points, len, sizeof(*column->points), compare_points);
	for (size_t i = 0; i < len; i++)
		if (kept == 0 ||
		    dmn_index_compare(column->points[kept - 1], column->points[i]) != 0)
			column->points[kept++] = column->points[i];
	column->points_len = kept;
	return PL_OK;
}

static size_t place_of(const struct dmn_column *column, const struct feel_value *value)
{
	const struct feel_value **found = bsearch(&value, column->points, column->points_len,
						  sizeof(*column->points), compare_points);

	return (size_t)(found - column->points);
}

static void cover(struct builder *b, const struct span *span)
{
	const struct dmn_column *column = b->column;
	size_t from = 0, to = 2 * column->points_len;

	if (span->low)
		from = 2 * place_of(column, span->low) + (span->low_open ? 2 : 1);
	if (span->high)
		to = 2 * place_of(column, span->high) + (span->high_open ? 0 : 1);
	for (size_t i = 0; i <= 2 * column->points_len; i++)
		b->covered[i] |= (i >= from && i <= to) != span->is_outside;
}

static void put(const struct builder *b, size_t piece, size_t rule)
{
	b->column->sets[piece * b->words + rule / 64] |= (uint64_t)1 << rule % 64;
}

/* Whether the entry is true of null: FEEL knows. */
static enum pl_err ask_null(bool *resultp, struct feel_run *run, const struct dmn_text *entry)
{
	const struct feel_value *value = feel_test(run, entry->expr, NULL, &feel_null);

	if (!value)
		return feel_run_err(run);
	*resultp = value->kind == FEEL_BOOLEAN && value->truth;
	feel_run_reset(run);
	return PL_OK;
}

static enum pl_err judge(struct builder *b, struct feel_run *run, size_t rule)
{
	const struct dmn_text *entry = entry_of(b, rule);
	const struct feel_node *tests = tests_of(b, entry);
	size_t pieces = 2 * b->column->points_len + 1;
	bool of_null = true;
	enum pl_err err = PL_OK;

	memset(b->covered, !tests, pieces * sizeof(*b->covered));
	for (unsigned i = 0; tests && i < tests->len; i++) {
		struct span span;

		test_span(&span, tests->items[i]);
		cover(b, &span);
	}
	if (tests)
		err = ask_null(&of_null, run, entry);
	for (size_t i = 0; i < pieces; i++)
		if (b->covered[i] != (tests && tests->is_negated))
			put(b, i, rule);
	if (of_null)
		put(b, pieces, rule);
	if (tests || is_any(entry))
		b->column->judged[rule / 64] |= (uint64_t)1 << rule % 64;
	return err;
}

static enum pl_err fill(struct builder *b)
{
	struct dmn_column *column = b->column;
	struct feel_arena *arena = &b->model->arena;
	size_t pieces = 2 * column->points_len + 2;
	struct feel_run *run = NULL;
	enum pl_err err;

	column->sets = feel_arena_alloc(arena, pieces * b->words * sizeof(*column->sets));
	column->judged = feel_arena_alloc(arena, b->words * sizeof(*column->judged));
	b->covered = feel_arena_alloc(arena, pieces * sizeof(*b->covered));
	if (!column->sets || !column->judged || !b->covered)
		return dmn_no_room(b->model);
	err = feel_run_new(&run, NULL);
	for (size_t r = 0; !err && r < b->table->rules_len; r++)
		err = judge(b, run, r);
	feel_run_free(run);
	return err;
}

/* The kind of the first entry that is nothing but constants. */
static void find_kind(struct builder *b)
{
	for (size_t r = 0; r < b->table->rules_len; r++) {
		const struct feel_node *tests = tests_of(b, entry_of(b, r));
		struct span span;

		if (tests && test_span(&span, tests->items[0])) {
			b->column->kind = (span.low ? span.low : span.high)->kind;
			return;
		}
	}
}

static enum pl_err index_column(struct builder *b)
{
	enum pl_err err;

	find_kind(b);
	if (b->column->kind == FEEL_NULL)
		return PL_OK;
	err = find_points(b);
	if (err)
		return err;
	if ((2 * b->column->points_len + 2) * b->words > DMN_INDEX_WORDS_MAX) {
		b->column->kind = FEEL_NULL;
		return PL_OK;
	}
	return fill(b);
}

enum pl_err dmn_index_new(struct dmn_model *model, struct dmn_table *table)
{
	struct builder b = { .model = model,
			     .table = table,
			     .words = (table->rules_len + 63) / 64 };
	struct dmn_index *index;
	enum pl_err err = PL_OK;

	if (table->rules_len < DMN_INDEX_RULES_MIN || table->inputs_len == 0)
		return PL_OK;
	index = feel_arena_alloc(&model->arena, sizeof(*index));
	if (!index)
		return dmn_no_room(model);
	index->words = b.words;
	index->columns =
		feel_arena_alloc(&model->arena, table->inputs_len * sizeof(*index->columns));
	if (!index->columns)
		return dmn_no_room(model);
	for (; !err && b.input < table->inputs_len; b.input++) {
		b.column = &index->columns[b.input];
		err = index_column(&b);
	}
	table->index = index;
	return err;
}
