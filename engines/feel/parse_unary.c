/*
 * parse_unary.c — what stands behind `in`, and unary tests.
 *
 * A test is a comparison without its left side, or an expression: a value to equal, a range or a
 * list to be in, or a truth about `?`. Tested values are variables of that name.
 *
 * Source: DMN 1.4 §10.3.2.7, grammar rules 7 to 17 and 49.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/parse.h"

bool feel_is_comparison(enum feel_token_kind kind)
{
	return kind == FEEL_T_LT || kind == FEEL_T_LE || kind == FEEL_T_GT || kind == FEEL_T_GE ||
	       kind == FEEL_T_EQ || kind == FEEL_T_NE;
}

/* `< 5` where a value is asked for is a range. */
const struct feel_node *feel_parse_unary_range(struct feel_parser *p)
{
	struct feel_node *node = feel_node_new(p, FEEL_N_UNARY_RANGE, p->token.start);

	if (!node)
		return NULL;
	node->op = (unsigned char)p->token.kind;
	if (!feel_advance(p))
		return NULL;
	node->right = feel_parse_binary(p, FEEL_P_SUM);
	return feel_seal(p, node);
}

static const struct feel_node *parse_test(struct feel_parser *p, unsigned slot,
					  enum feel_precedence least)
{
	struct feel_node *node = feel_node_new(p, FEEL_N_TEST, p->token.start);
	bool says_tested = p->says_tested;

	if (!node)
		return NULL;
	node->op = FEEL_T_IN;
	node->slot = slot;
	if (feel_is_comparison(p->token.kind)) {
		node->op = (unsigned char)p->token.kind;
		least = FEEL_P_SUM;
		if (!feel_advance(p))
			return NULL;
	}
	p->says_tested = false;
	node->right = feel_parse_binary(p, least);
	node->has_tested = p->says_tested;
	p->says_tested = p->says_tested || says_tested;
	return feel_seal(p, node);
}

/* `(1..2)`: the first test turned out to be the low end of a range. */
static const struct feel_node *range_test(struct feel_parser *p, const struct feel_node *low,
					  unsigned slot, const char *at)
{
	struct feel_node *node = feel_node_new(p, FEEL_N_TEST, at);

	if (!node)
		return NULL;
	node->op = FEEL_T_IN;
	node->slot = slot;
	node->right = feel_parse_range_end(p, low, true, at);
	return feel_seal(p, node);
}

/* Reads tests by commas up to what is none; true behind `(1..2)`, too. */
static bool parse_tests(struct feel_parser *p, struct feel_items *items, unsigned slot,
			const char *open)
{
	const struct feel_text none = { 0 };

	do {
		const struct feel_node *test = parse_test(p, slot, FEEL_P_OR);

		if (test && open && items->len == 0 && test->op == FEEL_T_IN &&
		    feel_is_next(p, FEEL_T_DOTS))
			return feel_items_add(p, items, range_test(p, test->right, slot, open),
					      none);
		if (!feel_items_add(p, items, test, none))
			return false;
	} while (feel_skip(p, FEEL_T_COMMA));
	return !open || feel_expect(p, FEEL_T_RPAREN);
}

const struct feel_node *feel_parse_in(struct feel_parser *p, const struct feel_node *left,
				      const char *at)
{
	struct feel_node *node = feel_node_new(p, FEEL_N_IN, at);
	static const struct feel_text name = { "?", 1 };
	struct feel_symbol tested = { .name = name, .key = name };
	size_t symbols_len = p->variables.len;
	bool says_tested = p->says_tested;
	struct feel_items items = { 0 };
	const char *open;
	bool ok;

	if (!node || !feel_advance(p) || !feel_bind(p, &tested))
		return NULL;
	node->left = left;
	node->slot = tested.slot;
	open = feel_is_next(p, FEEL_T_LPAREN) ? p->token.start : NULL;
	if (open)
		ok = feel_advance(p) && parse_tests(p, &items, tested.slot, open);
	else
		ok = feel_items_add(p, &items, parse_test(p, tested.slot, FEEL_P_SUM),
				    (struct feel_text){ 0 });
	feel_unbind(p, symbols_len);
	p->says_tested = says_tested; /* that `?` was of this `in` */
	return ok ? feel_seal_items(p, node, &items) : NULL;
}

/* Is the whole text one `not(…)`? */
static bool is_negation(const struct feel_parser *p)
{
	struct feel_lexer lexer = p->lexer;
	struct feel_token token = p->token;
	size_t open = 0;

	if (token.kind != FEEL_T_NAME || token.len != 3 || token.start[0] != 'n' ||
	    token.start[1] != 'o' || token.start[2] != 't')
		return false;
	if (!feel_lexer_next(&lexer, &token) || token.kind != FEEL_T_LPAREN)
		return false;
	do {
		open += token.kind == FEEL_T_LPAREN;
		open -= token.kind == FEEL_T_RPAREN;
		if (!feel_lexer_next(&lexer, &token))
			return false;
	} while (open && token.kind != FEEL_T_END);
	return token.kind == FEEL_T_END;
}

/* The tested value is in slot 0 of the frame. */
const struct feel_node *feel_parse_unary_tests(struct feel_parser *p)
{
	struct feel_node *node = feel_node_new(p, FEEL_N_TESTS, p->token.start);
	struct feel_lexer lexer = p->lexer;
	struct feel_items items = { 0 };
	struct feel_token token;
	const char *open = NULL;

	if (!node)
		return NULL;
	if (feel_is_next(p, FEEL_T_MINUS) && feel_lexer_next(&lexer, &token) &&
	    token.kind == FEEL_T_END)
		return feel_advance(p) ? feel_literal(p, &feel_true, p->lexer.text) : NULL;
	node->is_negated = is_negation(p);
	if (node->is_negated) {
		if (!feel_advance(p))
			return NULL;
		open = p->token.start;
		if (!feel_advance(p))
			return NULL;
	}
	return parse_tests(p, &items, 0, open) ? feel_seal_items(p, node, &items) : NULL;
}
