/*
 * parse_operator.c — operators by precedence, all of them left-associative, and what stands behind
 * an operand: paths, filters, calls.
 *
 * Source: DMN 1.4 §10.3.1.2, grammar rules 1 to 6 and 45 to 53.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/parse.h"

static const struct row {
	enum feel_token_kind op;
	enum feel_precedence precedence;
	enum feel_node_kind kind;
} operators[] = {
	{ FEEL_T_OR, FEEL_P_OR, FEEL_N_OR },
	{ FEEL_T_AND, FEEL_P_AND, FEEL_N_AND },
	{ FEEL_T_EQ, FEEL_P_COMPARISON, FEEL_N_COMPARE },
	{ FEEL_T_NE, FEEL_P_COMPARISON, FEEL_N_COMPARE },
	{ FEEL_T_LT, FEEL_P_COMPARISON, FEEL_N_COMPARE },
	{ FEEL_T_LE, FEEL_P_COMPARISON, FEEL_N_COMPARE },
	{ FEEL_T_GT, FEEL_P_COMPARISON, FEEL_N_COMPARE },
	{ FEEL_T_GE, FEEL_P_COMPARISON, FEEL_N_COMPARE },
	{ FEEL_T_BETWEEN, FEEL_P_COMPARISON, FEEL_N_BETWEEN },
	{ FEEL_T_IN, FEEL_P_COMPARISON, FEEL_N_IN },
	{ FEEL_T_INSTANCE, FEEL_P_COMPARISON, FEEL_N_INSTANCE },
	{ FEEL_T_PLUS, FEEL_P_SUM, FEEL_N_ARITHMETIC },
	{ FEEL_T_MINUS, FEEL_P_SUM, FEEL_N_ARITHMETIC },
	{ FEEL_T_TIMES, FEEL_P_PRODUCT, FEEL_N_ARITHMETIC },
	{ FEEL_T_SLASH, FEEL_P_PRODUCT, FEEL_N_ARITHMETIC },
	{ FEEL_T_POWER, FEEL_P_POWER, FEEL_N_ARITHMETIC },
};

static const struct row *row_of(const struct feel_parser *p)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (operators[i].op == p->token.kind)
			return &operators[i];
	return NULL;
}

static bool is_chained(const struct row *row)
{
	return row->kind == FEEL_N_AND || row->kind == FEEL_N_OR || row->kind == FEEL_N_COMPARE ||
	       row->kind == FEEL_N_ARITHMETIC;
}

/* The operators of a chain: one byte before each item, none of the first. */
static const unsigned char *ops_of(struct feel_parser *p, const struct feel_items *items)
{
	unsigned char *ops = feel_arena_alloc(p->arena, items->len);

	if (!ops)
		return feel_parse_no_memory(p);
	for (size_t i = 0; i < items->len; i++)
		ops[i] = (unsigned char)items->names[i].len;
	return ops;
}

/* What stands behind an operator; behind = and != it may be a range, `r = >= 2`. */
static const struct feel_node *parse_right(struct feel_parser *p, const struct row *row,
					   enum feel_token_kind op)
{
	enum feel_token_kind next = p->token.kind;

	if ((op == FEEL_T_EQ || op == FEEL_T_NE) &&
	    (next == FEEL_T_LT || next == FEEL_T_LE || next == FEEL_T_GT || next == FEEL_T_GE))
		return feel_parse_unary_range(p);
	return feel_parse_binary(p, row->precedence + 1);
}

/* left op right op right …, as long as the operators have one precedence */
static const struct feel_node *parse_chain(struct feel_parser *p, const struct feel_node *left,
					   const struct row *row)
{
	const char *at = p->token.start;
	struct feel_items items = { 0 };
	struct feel_node *node;
	const struct row *next = row;

	if (!feel_items_add(p, &items, left, (struct feel_text){ 0 }))
		return NULL;
	while (next && next->precedence == row->precedence && is_chained(next)) {
		const struct feel_text op = { .len = p->token.kind };

		if (!feel_advance(p) ||
		    !feel_items_add(p, &items, parse_right(p, row, (enum feel_token_kind)op.len),
				    op))
			return NULL;
		next = row_of(p);
	}
	if (row->kind == FEEL_N_AND || row->kind == FEEL_N_OR)
		return feel_seal_items(p, feel_node_new(p, row->kind, at), &items);
	if (items.len > 2) {
		node = feel_node_new(p, FEEL_N_CHAIN, at);
		if (node)
			node->ops = ops_of(p, &items);
		return feel_seal_items(p, node, &items);
	}
	node = feel_node_new(p, row->kind, at);
	if (!node)
		return NULL;
	node->op = (unsigned char)row->op;
	node->left = left;
	node->right = items.nodes[1];
	return feel_seal(p, node);
}

static const struct feel_node *parse_between(struct feel_parser *p, const struct feel_node *left)
{
	struct feel_node *node = feel_node_new(p, FEEL_N_BETWEEN, p->token.start);
	const struct feel_text none = { 0 };
	struct feel_items items = { 0 };

	if (!node || !feel_advance(p) ||
	    !feel_items_add(p, &items, feel_parse_binary(p, FEEL_P_SUM), none) ||
	    !feel_expect(p, FEEL_T_AND) ||
	    !feel_items_add(p, &items, feel_parse_binary(p, FEEL_P_SUM), none))
		return NULL;
	node->left = left;
	return feel_seal_items(p, node, &items);
}

static const struct feel_node *parse_instance(struct feel_parser *p, const struct feel_node *left)
{
	struct feel_node *node = feel_node_new(p, FEEL_N_INSTANCE, p->token.start);

	if (!node || !feel_advance(p))
		return NULL;
	if (!feel_is_next(p, FEEL_T_NAME) || p->token.len != 2 || p->token.start[0] != 'o' ||
	    p->token.start[1] != 'f')
		return feel_refuse(p, p->token.start, "expected of after instance");
	if (!feel_advance(p))
		return NULL;
	node->left = left;
	node->type = feel_parse_type(p);
	return feel_seal(p, node);
}

static const struct feel_node *parse_operand(struct feel_parser *p)
{
	const struct feel_node *left;
	bool no_filter = p->no_filter;

	if (!feel_is_next(p, FEEL_T_MINUS))
		p->no_filter = false; /* within brackets of its own, an operand may filter again */
	left = feel_parse_primary(p);
	p->no_filter = no_filter;
	while (left && !p->err) {
		const char *at = p->token.start;

		if (feel_is_next(p, FEEL_T_DOT))
			left = feel_parse_path(p, left);
		else if (feel_is_next(p, FEEL_T_LBRACKET) && !p->no_filter)
			left = feel_parse_filter(p, left);
		else if (feel_is_next(p, FEEL_T_LPAREN))
			left = feel_parse_call(p, left, at);
		else
			break;
	}
	return p->err ? NULL : left;
}

const struct feel_node *feel_parse_operators(struct feel_parser *p, enum feel_precedence least)
{
	const struct feel_node *left = parse_operand(p);

	while (left && !p->err) {
		const struct row *row = row_of(p);

		if (!row || row->precedence < least)
			break;
		if (row->kind == FEEL_N_IN)
			left = feel_parse_in(p, left, p->token.start);
		else if (row->kind == FEEL_N_BETWEEN)
			left = parse_between(p, left);
		else if (row->kind == FEEL_N_INSTANCE)
			left = parse_instance(p, left);
		else
			left = parse_chain(p, left, row);
	}
	return p->err ? NULL : left;
}
