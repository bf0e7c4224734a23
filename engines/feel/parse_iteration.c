/*
 * parse_iteration.c — for, some and every.
 *
 * Source: DMN 1.4 §10.3.2.14, grammar rules 43 to 46.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/parse.h"

enum { ITERATORS_MAX = 64 };

/* `1..n` counts up or down, and needs no brackets. */
static const struct feel_node *parse_domain(struct feel_parser *p)
{
	const char *at = p->token.start;
	const struct feel_node *low = feel_parse_expression(p);
	struct feel_node *span;

	if (!low || !feel_skip(p, FEEL_T_DOTS))
		return p->err ? NULL : low;
	span = feel_node_new(p, FEEL_N_SPAN, at);
	if (!span)
		return NULL;
	span->left = low;
	span->right = feel_parse_expression(p);
	return feel_seal(p, span);
}

/* Each iterator is known in the domains behind it. */
static bool parse_iterators(struct feel_parser *p, struct feel_items *items)
{
	do {
		struct feel_symbol symbol;

		if (items->len == ITERATORS_MAX)
			return feel_refuse(p, p->token.start, "more than %d iterators",
					   ITERATORS_MAX);
		if (!feel_scan_name(p, &symbol, "", "in") || !feel_expect(p, FEEL_T_IN) ||
		    !feel_items_add(p, items, parse_domain(p), symbol.key) ||
		    !feel_bind(p, &symbol))
			return false;
		items->slots[items->len - 1] = symbol.slot;
	} while (feel_skip(p, FEEL_T_COMMA));
	return true;
}

const struct feel_node *feel_parse_iteration(struct feel_parser *p, enum feel_node_kind kind,
					     enum feel_token_kind before_body)
{
	struct feel_node *node = feel_node_new(p, kind, p->token.start);
	static const struct feel_text name = { "partial", 7 };
	struct feel_symbol partial = { .name = name, .key = name };
	size_t symbols_len = p->variables.len;
	struct feel_items items = { 0 };

	if (!node || !feel_advance(p))
		return NULL;
	if (kind == FEEL_N_FOR && !feel_bind(p, &partial))
		return NULL;
	if (!parse_iterators(p, &items) || !feel_expect(p, before_body))
		return NULL;
	node->slot = partial.slot;
	node->slots = items.slots;
	node->right = feel_parse_expression(p);
	node->wants_partial = kind == FEEL_N_FOR && p->variables.rows[symbols_len].is_used;
	feel_unbind(p, symbols_len);
	return feel_seal_items(p, node, &items);
}
