/*
 * order.c — the entries of a queue in order: a treap whose nodes know their subtree's size.
 *
 * Expected depth is logarithmic; both ends of a treap are short (about ln n), and those are where
 * works come and go, so the size of a queue is hardly felt. The first entry is kept at hand.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "private.h"

int as_entry_cmp(const struct entry *a, const struct entry *b)
{
	int by_id;

	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	if (a->work != b->work) {
		by_id = strcmp(a->work->node.key, b->work->node.key);
		if (by_id)
			return by_id;
	}
	return (int)a->step - (int)b->step;
}

static uint32_t size_of(const struct entry *e)
{
	return e ? e->size : 0;
}

static void rotate_up(struct queue *q, struct entry *e)
{
	struct entry *p = e->parent, *g = p->parent, *middle;

	if (p->left == e) {
		middle = e->right;
		e->right = p;
		p->left = middle;
	} else {
		middle = e->left;
		e->left = p;
		p->right = middle;
	}
	if (middle)
		middle->parent = p;
	p->parent = e;
	e->parent = g;
	if (!g)
		q->root = e;
	else if (g->left == p)
		g->left = e;
	else
		g->right = e;
	e->size = p->size;
	p->size = 1 + size_of(p->left) + size_of(p->right);
}

void as_order_insert(struct queue *q, struct entry *e)
{
	struct entry **linkp = &q->root, *parent = NULL;
	bool is_first = true;

	while (*linkp) {
		parent = *linkp;
		parent->size++;
		if (as_entry_cmp(e, parent) < 0) {
			linkp = &parent->left;
		} else {
			linkp = &parent->right;
			is_first = false;
		}
	}
	e->left = e->right = NULL;
	e->parent = parent;
	e->size = 1;
	*linkp = e;
	if (is_first)
		q->first = e;
	while (e->parent && e->heap < e->parent->heap)
		rotate_up(q, e);
}

void as_order_remove(struct queue *q, struct entry *e)
{
	struct entry *child;

	if (q->first == e)
		q->first = as_order_next(e);
	while (e->left && e->right)
		rotate_up(q, e->left->heap < e->right->heap ? e->left : e->right);
	child = e->left ? e->left : e->right;
	if (child)
		child->parent = e->parent;
	if (!e->parent)
		q->root = child;
	else if (e->parent->left == e)
		e->parent->left = child;
	else
		e->parent->right = child;
	for (struct entry *p = e->parent; p; p = p->parent)
		p->size--;
}

struct entry *as_order_next(const struct entry *e)
{
	struct entry *n = e->right;

	if (n) {
		while (n->left)
			n = n->left;
		return n;
	}
	while (e->parent && e->parent->right == e)
		e = e->parent;
	return e->parent;
}

size_t as_order_rank(const struct entry *e)
{
	size_t before = size_of(e->left);

	for (; e->parent; e = e->parent)
		if (e->parent->right == e)
			before += 1 + size_of(e->parent->left);
	return before;
}

size_t as_order_ahead(const struct queue *q, unsigned priority)
{
	size_t ahead = 0;

	for (const struct entry *e = q->root; e;) {
		if (e->priority <= priority) {
			ahead += 1 + size_of(e->left);
			e = e->right;
		} else {
			e = e->left;
		}
	}
	return ahead;
}
