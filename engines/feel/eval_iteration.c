/*
 * eval_iteration.c — for, some, every.
 *
 * Source: DMN 1.4 §10.3.2.14, tables 47 and 48.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/run.h"

struct iteration {
	const struct feel_node *node;
	const struct feel_value **results; /* of `for`: grows by doubling, and is never written
					    * again below len, so that `partial` may look at it */
	size_t len, cap;
	bool is_unknown; /* a test of some/every was neither true nor false */
};

static bool keep_result(struct feel_run *run, struct iteration *it, const struct feel_value *v)
{
	if (it->len == it->cap) {
		size_t cap = it->cap ? it->cap * 2 : 8;
		const struct feel_value **results =
			feel_arena_alloc(&run->arena, cap * sizeof(*results));

		if (!results)
			return feel_run_over(run);
		for (size_t i = 0; i < it->len; i++)
			results[i] = it->results[i];
		it->results = results;
		it->cap = cap;
	}
	it->results[it->len++] = v;
	return true;
}

static const struct feel_value *iterate(struct feel_run *run, struct iteration *it, unsigned which);

/* Returns a value that ends the iteration early, feel_null to go on, NULL when the run is over. */
static const struct feel_value *iterate_with(struct feel_run *run, struct iteration *it,
					     unsigned which, const struct feel_value *item)
{
	if (!item || !feel_run_step(run, 1))
		return NULL;
	run->frame[it->node->slots[which]] = item;
	return iterate(run, it, which + 1);
}

static const struct feel_value *count(struct feel_run *run, struct iteration *it, unsigned which,
				      int64_t from, int64_t to)
{
	for (int64_t i = from;; i += from <= to ? 1 : -1) {
		const struct feel_value *end = iterate_with(
			run, it, which, feel_run_value(run, feel_number_of_int(&run->arena, i)));

		if (i == to || !end || end->kind != FEEL_NULL)
			return end;
	}
}

static const struct feel_value *count_days(struct feel_run *run, struct iteration *it,
					   unsigned which, const struct feel_value *from,
					   const struct feel_value *to)
{
	static const struct feel_value day = { .kind = FEEL_DAYS_TIME,
					       .duration = { .seconds = 86400, .has_time = true } };
	enum feel_token_kind op;
	int order;

	if (!feel_order(&order, from, to))
		return NULL;
	op = order <= 0 ? FEEL_T_PLUS : FEEL_T_MINUS;
	for (const struct feel_value *date = from;;) {
		const struct feel_value *end = iterate_with(run, it, which, date);

		if (!end || end->kind != FEEL_NULL || !feel_order(&order, date, to) || order == 0)
			return end;
		date = feel_op_temporal(run, op, date, &day);
		if (!date || date->kind != FEEL_DATE)
			return date;
	}
}

static const struct feel_value *refuse(struct feel_run *run, struct iteration *it)
{
	it->results = NULL;
	it->is_unknown = true;
	run->at = it->node;
	return feel_null_because(
		run, "only whole numbers and dates can be counted, from one end to the other");
}

static const struct feel_value *from_to(struct feel_run *run, struct iteration *it, unsigned which,
					const struct feel_value *low, const struct feel_value *high)
{
	int64_t from, to;

	if (low && high && low->kind == FEEL_DATE && high->kind == FEEL_DATE)
		return count_days(run, it, which, low, high);
	if (!low || !high || low->kind != FEEL_NUMBER || high->kind != FEEL_NUMBER ||
	    !feel_decimal_to_int(&from, low->number) || !feel_decimal_to_int(&to, high->number))
		return NULL;
	return count(run, it, which, from, to);
}

/* The next date or whole number inwards, where the end itself is outside. */
static const struct feel_value *inward(struct feel_run *run, const struct feel_value *end,
				       bool is_open, int sign)
{
	static const struct feel_value day = { .kind = FEEL_DAYS_TIME,
					       .duration = { .seconds = 86400, .has_time = true } };

	if (!end || !is_open)
		return end;
	if (end->kind == FEEL_DATE)
		return feel_op_temporal(run, sign > 0 ? FEEL_T_PLUS : FEEL_T_MINUS, end, &day);
	return feel_op(run, FEEL_T_PLUS, end,
		       feel_run_value(run, feel_number_of_int(&run->arena, sign)));
}

static const struct feel_value *over_range(struct feel_run *run, struct iteration *it,
					   unsigned which, const struct feel_value *range)
{
	const struct feel_value *low = range->range.low, *high = range->range.high;
	int order;

	if (range->range.form == FEEL_RANGE_UNEQUAL ||
	    (low && high && feel_order(&order, low, high) && order > 0))
		return NULL; /* only a span goes down */
	low = inward(run, low, range->range.low_open, 1);
	high = inward(run, high, range->range.high_open, -1);
	if (run->err)
		return NULL;
	if (low && high && feel_order(&order, low, high) && order > 0)
		return &feel_null; /* nothing is in it */
	return from_to(run, it, which, low, high);
}

static const struct feel_value *over_span(struct feel_run *run, struct iteration *it,
					  unsigned which, const struct feel_node *span)
{
	const struct feel_value *low = feel_run_node(run, span->left);
	const struct feel_value *high = low ? feel_run_node(run, span->right) : NULL;

	return high ? from_to(run, it, which, low, high) : NULL;
}

static const struct feel_value *over_list(struct feel_run *run, struct iteration *it,
					  unsigned which, const struct feel_value *list)
{
	const struct feel_value *end = &feel_null;

	for (size_t i = 0; end && end->kind == FEEL_NULL && i < feel_list_len(list); i++)
		end = iterate_with(run, it, which,
				   feel_run_value(run, feel_list_at(&run->arena, list, i)));
	return end;
}

static const struct feel_value *body(struct feel_run *run, struct iteration *it)
{
	const struct feel_value *v;

	if (it->node->wants_partial) {
		v = feel_run_value(run, feel_list(&run->arena, it->results, it->len));
		if (!v)
			return NULL;
		run->frame[it->node->slot] = v;
	}
	v = feel_run_node(run, it->node->right);
	if (!v)
		return NULL;
	if (it->node->kind == FEEL_N_FOR)
		return keep_result(run, it, v) ? &feel_null : NULL;
	if (v->kind != FEEL_BOOLEAN) {
		it->is_unknown = true;
		run->at = it->node;
		return v->kind == FEEL_NULL
			       ? v
			       : feel_null_because(run, "what is asked is a %s, no boolean",
						   feel_kind_text(v->kind));
	}
	if (v->truth == (it->node->kind == FEEL_N_SOME))
		return v;
	return &feel_null;
}

static const struct feel_value *iterate(struct feel_run *run, struct iteration *it, unsigned which)
{
	const struct feel_node *node;
	const struct feel_value *domain, *end;

	if (which == it->node->len)
		return body(run, it);
	node = it->node->items[which];
	if (node->kind == FEEL_N_SPAN) {
		end = over_span(run, it, which, node);
		return end || run->err ? end : refuse(run, it);
	}
	domain = feel_run_node(run, node);
	if (!domain)
		return NULL;
	switch (domain->kind) {
	case FEEL_LIST:
		return over_list(run, it, which, domain);
	case FEEL_RANGE:
		end = over_range(run, it, which, domain);
		return end || run->err ? end : refuse(run, it);
	case FEEL_NULL:
		return refuse(run, it);
	default:
		return iterate_with(run, it, which, domain); /* a list of one */
	}
}

const struct feel_value *feel_eval_iteration(struct feel_run *run, const struct feel_node *node)
{
	struct iteration it = { .node = node };
	const struct feel_value *end = iterate(run, &it, 0);

	if (!end || end->kind != FEEL_NULL)
		return end;
	if (it.is_unknown)
		return &feel_null;
	if (node->kind == FEEL_N_FOR)
		return feel_run_value(run, feel_list(&run->arena, it.results, it.len));
	return feel_boolean(node->kind == FEEL_N_EVERY);
}
