/*
 * reach.c — what an inclusive join may still wait for.
 *
 * For each incoming flow of a join: the nodes from which a token can come in by it without going
 * through the join. A token in an activity can leave by its boundary events, too, and a link leads
 * on where it is caught. Found backwards from the flow, once a model is read.
 *
 * Source: BPMN 2.0.2 §13.4.3.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "engines/bpmn/model.h"

enum { BITS = 64 };

struct bpmn_bits {
	size_t words; /* of one flow's set */
	uint64_t sets[];
};

static uint64_t *set_of(const struct bpmn_bits *bits, unsigned i)
{
	return (uint64_t *)&bits->sets[(size_t)i * bits->words];
}

static bool has(const uint64_t *set, unsigned node)
{
	return set[node / BITS] >> node % BITS & 1;
}

struct search {
	const struct bpmn_model *model;
	unsigned join;
	uint64_t *set;
	unsigned *stack;
	size_t stack_len;
	int *links, *next_link; /* of each node: the links that lead to it, by node; or -1 */
};

static void add(struct search *search, unsigned node)
{
	if (node == search->join || has(search->set, node))
		return;
	search->set[node / BITS] |= 1ULL << node % BITS;
	search->stack[search->stack_len++] = node;
}

static void find(struct search *search, unsigned flow)
{
	const struct bpmn_model *model = search->model;

	search->stack_len = 0;
	add(search, model->flows[flow].source);
	while (search->stack_len) {
		unsigned place = search->stack[--search->stack_len];
		const struct bpmn_node *node = &model->nodes[place];

		for (unsigned i = 0; i < node->incoming_len; i++)
			add(search, model->flows[node->incoming[i]].source);
		if (node->attached_to >= 0)
			add(search, (unsigned)node->attached_to);
		for (int link = search->links[place]; link >= 0; link = search->next_link[link])
			add(search, (unsigned)link);
	}
}

static void list_links(struct search *search)
{
	const struct bpmn_model *model = search->model;

	for (size_t i = 0; i < model->nodes_len; i++)
		search->links[i] = search->next_link[i] = -1;
	for (size_t i = 0; i < model->nodes_len; i++) {
		const struct bpmn_node *node = &model->nodes[i];

		if (node->kind != BPMN_THROW || node->event.type != BPMN_EV_LINK)
			continue;
		search->next_link[i] = search->links[node->target];
		search->links[node->target] = (int)i;
	}
}

static enum pl_err find_all(struct search *search, struct bpmn_node *node)
{
	size_t words = (search->model->nodes_len + BITS - 1) / BITS;

	node->reach =
		calloc(1, sizeof(*node->reach) + node->incoming_len * words * sizeof(uint64_t));
	if (!node->reach)
		return PL_NOMEM;
	node->reach->words = words;
	for (unsigned k = 0; k < node->incoming_len; k++) {
		search->set = set_of(node->reach, k);
		find(search, node->incoming[k]);
	}
	return PL_OK;
}

static bool joins(const struct bpmn_node *node)
{
	return node->kind == BPMN_INCLUSIVE && node->incoming_len > 1;
}

/* What is found takes a bit for each flow and node, and as many steps. */
static enum pl_err check_size(const struct bpmn_model *model)
{
	size_t size = 0;

	for (size_t i = 0; i < model->nodes_len; i++)
		if (joins(&model->nodes[i]))
			size += model->nodes[i].incoming_len * model->nodes_len;
	if (size <= BPMN_REACH_MAX)
		return PL_OK;
	return pl_fail(
		PL_TOOLARGE,
		"process %s: more than %zu sequence flows lead to inclusive gateways; that is "
		"too many for a process of %zu elements: use parallel or exclusive ones",
		model->process_id, BPMN_REACH_MAX / model->nodes_len, model->nodes_len);
}

enum pl_err bpmn_model_reach(struct bpmn_model *model)
{
	struct search search = { .model = model };
	enum pl_err err = check_size(model);

	if (err)
		return err;
	err = PL_NOMEM;
	search.stack = malloc(model->nodes_len * sizeof(*search.stack));
	search.links = malloc(model->nodes_len * sizeof(*search.links));
	search.next_link = malloc(model->nodes_len * sizeof(*search.next_link));
	if (!search.stack || !search.links || !search.next_link)
		goto out;
	err = PL_OK;
	list_links(&search);
	for (size_t i = 0; !err && i < model->nodes_len; i++) {
		search.join = (unsigned)i;
		if (joins(&model->nodes[i]))
			err = find_all(&search, &model->nodes[i]);
	}
out:
	free(search.stack);
	free(search.links);
	free(search.next_link);
	return err;
}

bool bpmn_reaches(const struct bpmn_node *join, unsigned i, unsigned from)
{
	return has(set_of(join->reach, i), from);
}
