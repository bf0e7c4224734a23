/*
 * eval_table.c — decision tables: which rules match, and what comes out of those.
 *
 * Source: DMN 1.5 §8.2.8 to §8.2.11 and §10.3.2.10.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engines/dmn/eval.h"
#include "engines/dmn/table.h"

/* ---- inputs ---- */

/* An input whose value isn't among the allowed ones is null (§8.3.2). */
static const struct feel_value *input_value(struct dmn_frame *frame, const struct dmn_input *input)
{
	const struct feel_value *value = dmn_text_value(frame, &input->text);
	const struct feel_value *allowed =
		value ? dmn_text_tests(frame, &input->values, value) : NULL;

	if (!allowed || dmn_is_true(allowed) || value->kind == FEEL_NULL)
		return allowed ? value : NULL;
	return dmn_null_because(frame->eval, &input->text.place,
				"the input is none of the values %.200s", input->values.text);
}

static const struct feel_value **input_values(struct dmn_frame *frame,
					      const struct dmn_table *table)
{
	const struct feel_value **values =
		dmn_alloc(frame->eval, table->inputs_len * sizeof(*values));

	for (size_t i = 0; values && i < table->inputs_len; i++) {
		values[i] = input_value(frame, &table->inputs[i]);
		if (!values[i])
			return NULL;
	}
	return values;
}

/* ---- matches ---- */

enum match { MATCH_NO, MATCH_YES, MATCH_OVER /* the run is */ };

/* Tests what the index has left open. */
static enum match matches(struct dmn_frame *frame, const struct dmn_table *table, size_t rule,
			  const struct feel_value **values, const bool *is_known)
{
	for (size_t i = 0; i < table->inputs_len; i++) {
		const struct feel_value *result;

		if (is_known[i] && dmn_index_judged(table->index, i, rule))
			continue;
		result = dmn_text_tests(frame, &table->rules[rule].inputs[i], values[i]);
		if (!result)
			return MATCH_OVER;
		if (!dmn_is_true(result))
			return MATCH_NO;
	}
	return MATCH_YES;
}

/* How many matches the hit policy needs to see. */
static size_t enough(const struct dmn_table *table)
{
	switch (table->hit) {
	case DMN_FIRST:
		return 1;
	case DMN_UNIQUE:
		return 2;
	default:
		return SIZE_MAX;
	}
}

/* Sets *rulesp and *lenp to the matching rules in their order; false when the run is over. */
static bool find_matches(size_t **rulesp, size_t *lenp, struct dmn_frame *frame,
			 const struct dmn_table *table)
{
	const size_t words = (table->rules_len + 63) / 64;
	const struct feel_value **values = input_values(frame, table);
	uint64_t *open = dmn_alloc(frame->eval, words * sizeof(*open));
	bool *is_known = dmn_alloc(frame->eval, table->inputs_len * sizeof(*is_known));
	size_t len = 0, room = 8;

	*rulesp = dmn_alloc(frame->eval, room * sizeof(**rulesp));
	if (!values || !open || !is_known || !*rulesp)
		return false;
	dmn_index_ask(table, open, is_known, values);
	for (size_t w = 0; w < words && len < enough(table); w++)
		for (; open[w] && len < enough(table); open[w] &= open[w] - 1) {
			size_t rule = w * 64 + (size_t)__builtin_ctzll(open[w]), *more;
			enum match match = matches(frame, table, rule, values, is_known);

			if (match == MATCH_OVER)
				return false;
			if (match == MATCH_NO)
				continue;
			if (len == room) {
				more = dmn_alloc(frame->eval, room * 2 * sizeof(*more));
				if (!more)
					return false;
				memcpy(more, *rulesp, len * sizeof(*more));
				*rulesp = more;
				room *= 2;
			}
			(*rulesp)[len++] = rule;
		}
	*lenp = len;
	return true;
}

/* ---- outputs ---- */

static const struct feel_value *checked(struct dmn_frame *frame, const struct dmn_table *table,
					const struct dmn_output *output,
					const struct dmn_text *entry)
{
	const struct feel_value *value = dmn_coerce(frame->eval, dmn_text_value(frame, entry),
						    output->type.type, &entry->place);
	const struct feel_value *allowed =
		value ? dmn_text_tests(frame, &output->values, value) : NULL;

	if (!allowed || dmn_is_true(allowed) || value->kind == FEEL_NULL)
		return allowed ? value : NULL;
	return dmn_null_because(frame->eval, &entry->place,
				"the output is none of the values %.200s", output->values.text);
}

/* One output is a value, several are a context. */
static const struct feel_value *composed(struct dmn_frame *frame, const struct dmn_table *table,
					 const struct feel_value *const *values)
{
	struct feel_entry *entries;

	if (table->outputs_len == 1)
		return values[0];
	entries = dmn_alloc(frame->eval, table->outputs_len * sizeof(*entries));
	for (size_t i = 0; entries && i < table->outputs_len; i++) {
		const char *name = table->outputs[i].name;

		entries[i] = (struct feel_entry){ { name, strlen(name) }, values[i] };
	}
	return entries ? feel_context(feel_run_arena(frame->eval->run), entries, table->outputs_len)
		       : NULL;
}

static bool rule_outputs(const struct feel_value **values, struct dmn_frame *frame,
			 const struct dmn_table *table, size_t rule)
{
	for (size_t i = 0; i < table->outputs_len; i++) {
		values[i] =
			checked(frame, table, &table->outputs[i], &table->rules[rule].outputs[i]);
		if (!values[i])
			return false;
	}
	return true;
}

static const struct feel_value *default_value(struct dmn_frame *frame,
					      const struct dmn_table *table, bool *has_onep)
{
	const struct feel_value **values =
		dmn_alloc(frame->eval, table->outputs_len * sizeof(*values));

	*has_onep = false;
	for (size_t i = 0; values && i < table->outputs_len; i++) {
		const struct dmn_text *text = &table->outputs[i].fallback;

		if (text->text || text->problem)
			*has_onep = true;
		values[i] = checked(frame, table, &table->outputs[i], text);
		if (!values[i])
			return NULL;
	}
	return values ? composed(frame, table, values) : NULL;
}

/* ---- hit policies ---- */

struct hits {
	struct dmn_frame *frame;
	const struct dmn_table *table;
	const size_t *rules;
	size_t len;
	const struct feel_value **values;  /* outputs_len for each rule */
	const struct feel_value **results; /* those composed, one a rule */
};

static bool open_hits(struct hits *hits)
{
	const struct dmn_table *table = hits->table;
	struct dmn_eval *eval = hits->frame->eval;

	hits->values = dmn_alloc(eval, hits->len * table->outputs_len * sizeof(*hits->values));
	hits->results = dmn_alloc(eval, hits->len * sizeof(*hits->results));
	if (!hits->values || !hits->results)
		return false;
	for (size_t i = 0; i < hits->len; i++) {
		const struct feel_value **values = &hits->values[i * table->outputs_len];

		if (!rule_outputs(values, hits->frame, table, hits->rules[i]))
			return false;
		hits->results[i] = composed(hits->frame, table, values);
		if (!hits->results[i])
			return false;
	}
	return true;
}

static const struct feel_value *list_of(struct hits *hits)
{
	return feel_list(feel_run_arena(hits->frame->eval->run), hits->results, hits->len);
}

static const struct feel_value *first_value(struct hits *hits)
{
	return hits->results[0];
}

static const struct feel_value *unique_value(struct hits *hits)
{
	const struct dmn_rule *rules = hits->table->rules;

	if (hits->len == 1)
		return hits->results[0];
	return dmn_null_because(hits->frame->eval, &hits->table->place,
				"the rules in lines %ld and %ld both match; the hit policy is "
				"UNIQUE",
				rules[hits->rules[0]].line, rules[hits->rules[1]].line);
}

static const struct feel_value *any_value(struct hits *hits)
{
	const struct dmn_rule *rules = hits->table->rules;

	for (size_t i = 1; i < hits->len; i++) {
		const struct feel_value *same =
			feel_equals(hits->frame->eval->run, hits->results[0], hits->results[i]);

		if (!same)
			return NULL;
		if (!dmn_is_true(same))
			return dmn_null_because(
				hits->frame->eval, &hits->table->place,
				"the rules in lines %ld and %ld match with different outputs; the "
				"hit policy is ANY",
				rules[hits->rules[0]].line, rules[hits->rules[i]].line);
	}
	return hits->results[0];
}

/* The place of a value in a list of output values; behind the last if it isn't among them. */
static bool rank_of(size_t *rankp, struct hits *hits, const struct feel_value *order,
		    const struct feel_value *value)
{
	struct feel_run *run = hits->frame->eval->run;
	size_t i, len = order->kind == FEEL_LIST ? feel_list_len(order) : 0;

	for (i = 0; i < len; i++) {
		const struct feel_value *item = feel_list_at(feel_run_arena(run), order, i);
		const struct feel_value *same = item ? feel_equals(run, item, value) : NULL;

		if (!same)
			return false;
		if (dmn_is_true(same))
			break;
	}
	*rankp = i;
	return true;
}

struct ranked {
	size_t hit;
	const size_t *ranks; /* of its outputs */
	size_t len;
};

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	for (size_t i = 0; i < x->len; i++)
		if (x->ranks[i] != y->ranks[i])
			return x->ranks[i] < y->ranks[i] ? -1 : 1;
	return x->hit < y->hit ? -1 : x->hit > y->hit;
}

/* Puts the results into the order of the output values, the first output counting most. */
static bool sort_hits(struct hits *hits)
{
	const struct dmn_table *table = hits->table;
	struct dmn_eval *eval = hits->frame->eval;
	size_t outputs = table->outputs_len;
	struct ranked *all = dmn_alloc(eval, hits->len * sizeof(*all));
	size_t *ranks = dmn_alloc(eval, hits->len * outputs * sizeof(*ranks));
	const struct feel_value **sorted = dmn_alloc(eval, hits->len * sizeof(*sorted));

	if (!all || !ranks || !sorted)
		return false;
	for (size_t j = 0; j < outputs; j++) {
		const struct dmn_text *text = table->outputs[j].order;
		const struct feel_value *order =
			text ? dmn_text_value(hits->frame, text) : &feel_null;

		for (size_t i = 0; order && i < hits->len; i++)
			if (!rank_of(&ranks[i * outputs + j], hits, order,
				     hits->values[i * outputs + j]))
				return false;
		if (!order)
			return false;
	}
	for (size_t i = 0; i < hits->len; i++)
		all[i] = (struct ranked){ i, &ranks[i * outputs], outputs };
	qsort(all, hits->len, sizeof(*all), compare_ranked);
	for (size_t i = 0; i < hits->len; i++)
		sorted[i] = hits->results[all[i].hit];
	hits->results = sorted;
	return true;
}

static const struct feel_value *priority_value(struct hits *hits)
{
	return sort_hits(hits) ? hits->results[0] : NULL;
}

static const struct feel_value *output_order_value(struct hits *hits)
{
	return sort_hits(hits) ? list_of(hits) : NULL;
}

static const struct feel_value *rule_order_value(struct hits *hits)
{
	return list_of(hits);
}

/* Each output is aggregated for itself. */
static const struct feel_value *collect_value(struct hits *hits)
{
	const struct dmn_table *table = hits->table;
	struct dmn_eval *eval = hits->frame->eval;
	size_t outputs = table->outputs_len;
	const struct feel_value **sums;

	if (table->aggregation == DMN_NO_AGGREGATION)
		return list_of(hits);
	sums = dmn_alloc(eval, outputs * sizeof(*sums));
	for (size_t j = 0; sums && j < outputs; j++) {
		const struct feel_value **items = dmn_alloc(eval, hits->len * sizeof(*items)),
					*list;

		for (size_t i = 0; items && i < hits->len; i++)
			items[i] = hits->values[i * outputs + j];
		list = items ? feel_list(feel_run_arena(eval->run), items, hits->len) : NULL;
		if (!list)
			return NULL;
		sums[j] =
			dmn_with_slots(eval, &eval->model->aggregations[table->aggregation], &list);
		if (!sums[j])
			return NULL;
	}
	return sums ? composed(hits->frame, table, sums) : NULL;
}

static const struct feel_value *(*const hit_policies[])(struct hits *) = {
	[DMN_UNIQUE] = unique_value,	     [DMN_ANY] = any_value,
	[DMN_PRIORITY] = priority_value,     [DMN_FIRST] = first_value,
	[DMN_RULE_ORDER] = rule_order_value, [DMN_OUTPUT_ORDER] = output_order_value,
	[DMN_COLLECT] = collect_value,
};

/* No rule matches: the default outputs, or else nothing, which is null, no items, or 0 of them. */
static const struct feel_value *no_hit(struct dmn_frame *frame, const struct dmn_table *table)
{
	struct feel_arena *arena = feel_run_arena(frame->eval->run);
	const struct feel_value *value;
	bool has_one;

	value = default_value(frame, table, &has_one);
	if (!value || has_one)
		return value;
	if (table->aggregation == DMN_COUNT)
		return feel_number_of_int(arena, 0);
	if (table->hit == DMN_RULE_ORDER || table->hit == DMN_OUTPUT_ORDER ||
	    (table->hit == DMN_COLLECT && table->aggregation == DMN_NO_AGGREGATION))
		return feel_list(arena, NULL, 0);
	return dmn_null_because(frame->eval, &table->place, "no rule matches");
}

const struct feel_value *dmn_table_value(struct dmn_frame *frame, const struct dmn_table *table)
{
	struct hits hits = { .frame = frame, .table = table };
	size_t *rules;

	if (!find_matches(&rules, &hits.len, frame, table))
		return NULL;
	if (hits.len == 0)
		return no_hit(frame, table);
	hits.rules = rules;
	return open_hits(&hits) ? hit_policies[table->hit](&hits) : NULL;
}
