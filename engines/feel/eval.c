/*
 * eval.c — runs a tree: names, paths, filters, logic, iteration. The operators are in op.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/run.h"

#include <stdlib.h>

#include "engines/feel/builtins.h"

static const struct feel_value *truth_of(bool truth)
{
	return feel_boolean(truth);
}

static bool is_true(const struct feel_value *v)
{
	return v->kind == FEEL_BOOLEAN && v->truth;
}

static bool is_false(const struct feel_value *v)
{
	return v->kind == FEEL_BOOLEAN && !v->truth;
}

static const struct feel_value *run_name(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *found;

	for (const struct feel_scope *scope = run->scope; scope; scope = scope->outer) {
		const struct feel_value *v = NULL;

		if (!feel_run_step(run, scope->name.bytes || scope->value->json
						? 1
						: 1 + scope->value->context.len / 8))
			return NULL;
		if (scope->name.bytes) {
			if (feel_text_equal(scope->name, node->name))
				return scope->value;
		} else if (!feel_context_get(&v, &run->arena, scope->value, node->name)) {
			return feel_run_over(run);
		} else if (v) {
			return v;
		}
	}
	if (!run->root)
		return &feel_null;
	if (!feel_context_get(&found, &run->arena, run->root, node->name))
		return feel_run_over(run);
	return found ? found : &feel_null;
}

/* Runs node with a variable more, or with the members of a context as variables. */
static const struct feel_value *run_within(struct feel_run *run, const struct feel_node *node,
					   struct feel_text name, const struct feel_value *value)
{
	struct feel_scope scope = { .outer = run->scope, .name = name, .value = value };
	const struct feel_value *result;

	run->scope = &scope;
	result = feel_run_node(run, node);
	run->scope = scope.outer;
	return result;
}

static const struct feel_value *run_filter_item(struct feel_run *run, const struct feel_node *node,
						const struct feel_value *item)
{
	struct feel_scope members = { .outer = run->scope, .value = item };
	const struct feel_value *result;

	if (item->kind == FEEL_CONTEXT)
		run->scope = &members;
	result = run_within(run, node->right, (struct feel_text){ "item", 4 }, item);
	run->scope = members.outer;
	return result;
}

static const struct feel_value *filter_by_index(struct feel_run *run, const struct feel_value *list,
						const struct feel_value *index)
{
	size_t len = feel_list_len(list);
	int64_t i;

	if (!feel_decimal_to_int(&i, index->number))
		return &feel_null;
	if (i < 0)
		i += (int64_t)len + 1;
	if (i < 1 || (uint64_t)i > len)
		return &feel_null;
	return feel_run_value(run, feel_list_at(&run->arena, list, (size_t)i - 1));
}

/* A number takes the item of that place, anything else is asked of every item (§10.3.2.5). */
static const struct feel_value *run_filter(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *list = feel_run_node(run, node->left), *item, *match;
	const struct feel_value **items;
	size_t len = 0;

	if (!list)
		return NULL;
	if (list->kind != FEEL_LIST) { /* a single value is a list of one */
		if (!feel_run_alloc_items(run, &items, 1))
			return NULL;
		items[0] = list;
		list = feel_run_value(
			run, feel_list(&run->arena, items, list->kind == FEEL_NULL ? 0 : 1));
		if (!list)
			return NULL;
	}
	if (!feel_run_alloc_items(run, &items, feel_list_len(list)))
		return NULL;
	if (node->right->kind == FEEL_N_LITERAL && node->right->value->kind == FEEL_NUMBER)
		return filter_by_index(run, list, node->right->value);
	for (size_t i = 0; i < feel_list_len(list); i++) {
		item = feel_run_value(run, feel_list_at(&run->arena, list, i));
		match = item ? run_filter_item(run, node, item) : NULL;
		if (!match)
			return NULL;
		if (match->kind == FEEL_NUMBER && i == 0)
			return filter_by_index(run, list, match);
		if (is_true(match))
			items[len++] = item;
	}
	return feel_run_value(run, feel_list(&run->arena, items, len));
}

static const struct feel_value *run_call(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value **args;

	if (!feel_run_alloc_items(run, &args, node->len))
		return NULL;
	for (size_t i = 0; i < node->len; i++) {
		args[i] = feel_run_node(run, node->items[i]);
		if (!args[i])
			return NULL;
	}
	return feel_run_value(run, node->builtin->fn(run, args, node->len));
}

static const struct feel_value *run_negate(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *v = feel_run_node(run, node->left);

	if (!v)
		return NULL;
	if (v->kind == FEEL_NUMBER)
		return feel_run_value(run, feel_number(&run->arena, feel_decimal_neg(v->number)));
	if (v->kind == FEEL_DAYS_TIME || v->kind == FEEL_YEARS_MONTHS)
		return feel_op_temporal(run, FEEL_T_TIMES, v,
					feel_run_value(run, feel_number_of_int(&run->arena, -1)));
	return &feel_null;
}

static const struct feel_value *run_binary(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *left = feel_run_node(run, node->left);
	const struct feel_value *right = left ? feel_run_node(run, node->right) : NULL;

	return right ? feel_op(run, node->op, left, right) : NULL;
}

/* Three-valued: what is no boolean counts as unknown (§10.3.2.11, table 50). */
static const struct feel_value *run_logic(struct feel_run *run, const struct feel_node *node)
{
	bool is_and = node->kind == FEEL_N_AND;
	const struct feel_value *left = feel_run_node(run, node->left), *right;

	if (!left || (is_and ? is_false(left) : is_true(left)))
		return left;
	right = feel_run_node(run, node->right);
	if (!right || (is_and ? is_false(right) : is_true(right)))
		return right;
	return left->kind == FEEL_BOOLEAN && right->kind == FEEL_BOOLEAN ? right : &feel_null;
}

static const struct feel_value *run_between(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *v = feel_run_node(run, node->left);
	const struct feel_value *low = v ? feel_run_node(run, node->items[0]) : NULL;
	const struct feel_value *high = low ? feel_run_node(run, node->items[1]) : NULL;
	int above, below;

	if (!high)
		return NULL;
	if (!feel_order(&above, v, low) || !feel_order(&below, v, high))
		return &feel_null;
	return truth_of(above >= 0 && below <= 0);
}

static enum feel_ternary member_of(struct feel_run *run, const struct feel_value *v,
				   const struct feel_value *list)
{
	for (size_t i = 0; i < feel_list_len(list); i++) {
		const struct feel_value *item =
			feel_run_value(run, feel_list_at(&run->arena, list, i));
		enum feel_ternary t;

		if (!item || !feel_run_step(run, 1))
			return FEEL_OVER;
		t = item->kind == FEEL_RANGE ? feel_in_range(v, item) : feel_equal(run, v, item);
		if (t == FEEL_YES || t == FEEL_OVER)
			return t;
	}
	return FEEL_NO;
}

static const struct feel_value *run_test(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *v = run->tested, *right = feel_run_node(run, node->right);
	enum feel_ternary t;

	if (!right)
		return NULL;
	if (node->op != FEEL_T_IN)
		return feel_op(run, node->op, v, right);
	if (right->kind == FEEL_RANGE)
		return feel_of_ternary(feel_in_range(v, right));
	t = right->kind == FEEL_LIST ? member_of(run, v, right) : FEEL_NO;
	if (t == FEEL_NO)
		t = feel_equal(run, v, right);
	return feel_of_ternary(t == FEEL_UNKNOWN && right->kind == FEEL_LIST ? FEEL_NO : t);
}

static const struct feel_value *run_in(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *outer = run->tested, *v = feel_run_node(run, node->left);
	const struct feel_value *result = v ? &feel_false : NULL;

	for (size_t i = 0; result && i < node->len && !is_true(result); i++) {
		const struct feel_value *one;

		run->tested = v;
		one = feel_run_node(run, node->items[i]);
		if (!one || !is_false(one))
			result = one;
	}
	run->tested = outer;
	return result;
}

static const struct feel_value *run_if(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *condition = feel_run_node(run, node->left);

	return condition ? feel_run_node(run, node->items[is_true(condition) ? 0 : 1]) : NULL;
}

static const struct feel_value *run_list(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value **items;

	if (!feel_run_alloc_items(run, &items, node->len))
		return NULL;
	for (size_t i = 0; i < node->len; i++) {
		items[i] = feel_run_node(run, node->items[i]);
		if (!items[i])
			return NULL;
	}
	return feel_run_value(run, feel_list(&run->arena, items, node->len));
}

/* An entry may use those before it. */
static const struct feel_value *run_context(struct feel_run *run, const struct feel_node *node)
{
	struct feel_value *context = feel_arena_alloc(&run->arena, sizeof(*context));
	struct feel_entry *entries =
		feel_arena_alloc(&run->arena, (node->len + 1) * sizeof(*entries));

	if (!context || !entries)
		return feel_run_over(run);
	context->kind = FEEL_CONTEXT;
	context->context.entries = entries;
	for (size_t i = 0; i < node->len; i++) {
		entries[i].key = node->names[i];
		entries[i].value =
			run_within(run, node->items[i], (struct feel_text){ 0 }, context);
		if (!entries[i].value || !feel_run_step(run, 1))
			return NULL;
		context->context.len = i + 1;
	}
	return context;
}

static const struct feel_value *run_range(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *low = feel_run_node(run, node->left);
	const struct feel_value *high = low ? feel_run_node(run, node->right) : NULL;
	struct feel_value *range;

	if (!high)
		return NULL;
	range = feel_arena_alloc(&run->arena, sizeof(*range));
	if (!range)
		return feel_run_over(run);
	range->kind = FEEL_RANGE;
	range->range.low = low->kind == FEEL_NULL ? NULL : low;
	range->range.high = high->kind == FEEL_NULL ? NULL : high;
	range->range.low_open = node->low_open;
	range->range.high_open = node->high_open;
	return range;
}

struct iteration {
	const struct feel_node *node;
	const struct feel_value **results; /* of `for`: grows by doubling */
	size_t len, cap;
	bool unknown; /* a test of some/every was neither true nor false */
};

static bool keep_result(struct feel_run *run, struct iteration *it, const struct feel_value *v)
{
	if (it->len == it->cap) {
		size_t cap = it->cap ? it->cap * 2 : 8;
		const struct feel_value **results =
			feel_arena_alloc(&run->arena, cap * sizeof(*results));

		if (!results) {
			feel_run_over(run);
			return false;
		}
		for (size_t i = 0; i < it->len; i++)
			results[i] = it->results[i];
		it->results = results;
		it->cap = cap;
	}
	it->results[it->len++] = v;
	return true;
}

static const struct feel_value *iterate(struct feel_run *run, struct iteration *it, size_t which);

/* Returns a value that ends the iteration early, feel_null to go on, NULL when the run is over. */
static const struct feel_value *iterate_with(struct feel_run *run, struct iteration *it,
					     size_t which, const struct feel_value *item)
{
	struct feel_scope scope = { run->scope, it->node->names[which], item };
	const struct feel_value *result;

	if (!item || !feel_run_step(run, 1))
		return NULL;
	run->scope = &scope;
	result = iterate(run, it, which + 1);
	run->scope = scope.outer;
	return result;
}

static const struct feel_value *iterate_range(struct feel_run *run, struct iteration *it,
					      size_t which, const struct feel_value *range)
{
	const struct feel_value *low = range->range.low, *high = range->range.high, *end;
	int64_t from, to;

	if (!low || !high || low->kind != FEEL_NUMBER || high->kind != FEEL_NUMBER ||
	    !feel_decimal_to_int(&from, low->number) || !feel_decimal_to_int(&to, high->number))
		return &feel_null;
	for (int64_t i = from;; i += from <= to ? 1 : -1) {
		end = iterate_with(run, it, which,
				   feel_run_value(run, feel_number_of_int(&run->arena, i)));
		if (i == to || !end || end->kind != FEEL_NULL)
			return end;
	}
}

static const struct feel_value *iterate_body(struct feel_run *run, struct iteration *it)
{
	const struct feel_value *v = feel_run_node(run, it->node->right);

	if (!v)
		return NULL;
	if (it->node->kind == FEEL_N_FOR)
		return keep_result(run, it, v) ? &feel_null : NULL;
	if (v->kind != FEEL_BOOLEAN)
		it->unknown = true;
	else if (v->truth == (it->node->kind == FEEL_N_SOME))
		return v;
	return &feel_null;
}

static const struct feel_value *iterate(struct feel_run *run, struct iteration *it, size_t which)
{
	const struct feel_value *domain, *end = &feel_null;

	if (which == it->node->len)
		return iterate_body(run, it);
	domain = feel_run_node(run, it->node->items[which]);
	if (!domain)
		return NULL;
	if (domain->kind == FEEL_RANGE)
		return iterate_range(run, it, which, domain);
	if (domain->kind != FEEL_LIST)
		return domain->kind == FEEL_NULL ? domain : iterate_with(run, it, which, domain);
	for (size_t i = 0; end && end->kind == FEEL_NULL && i < feel_list_len(domain); i++)
		end = iterate_with(run, it, which,
				   feel_run_value(run, feel_list_at(&run->arena, domain, i)));
	return end;
}

static const struct feel_value *run_iteration(struct feel_run *run, const struct feel_node *node)
{
	struct iteration it = { .node = node };
	const struct feel_value *end = iterate(run, &it, 0);

	if (!end || end->kind != FEEL_NULL)
		return end;
	if (node->kind == FEEL_N_FOR)
		return feel_run_value(run, feel_list(&run->arena, it.results, it.len));
	return it.unknown ? &feel_null : truth_of(node->kind == FEEL_N_EVERY);
}

static const struct feel_value *run_literal(struct feel_run *run, const struct feel_node *node)
{
	return node->value;
}

static const struct feel_value *run_path(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *left = feel_run_node(run, node->left);

	return left ? feel_path(run, left, node->name) : NULL;
}

const struct feel_value *feel_run_node(struct feel_run *run, const struct feel_node *node)
{
	static const struct feel_value *(*const runs[])(struct feel_run *,
							const struct feel_node *) = {
		[FEEL_N_LITERAL] = run_literal, [FEEL_N_NAME] = run_name,
		[FEEL_N_PATH] = run_path,	[FEEL_N_FILTER] = run_filter,
		[FEEL_N_CALL] = run_call,	[FEEL_N_NEGATE] = run_negate,
		[FEEL_N_BINARY] = run_binary,	[FEEL_N_AND] = run_logic,
		[FEEL_N_OR] = run_logic,	[FEEL_N_BETWEEN] = run_between,
		[FEEL_N_IN] = run_in,		[FEEL_N_TEST] = run_test,
		[FEEL_N_IF] = run_if,		[FEEL_N_LIST] = run_list,
		[FEEL_N_CONTEXT] = run_context, [FEEL_N_RANGE] = run_range,
		[FEEL_N_FOR] = run_iteration,	[FEEL_N_SOME] = run_iteration,
		[FEEL_N_EVERY] = run_iteration,
	};

	return feel_run_step(run, 1) ? runs[node->kind](run, node) : NULL;
}
