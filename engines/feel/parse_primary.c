/*
 * parse_primary.c — literals, parentheses, ranges, lists, contexts, if.
 *
 * Source: DMN 1.4 §10.3.1.2, grammar rules 18 to 24, 30 to 37 and 56 to 60.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/parse.h"

static const struct feel_text no_name;

bool feel_parse_string_text(struct feel_parser *p, struct feel_text *textp)
{
	char *bytes = feel_arena_alloc(p->arena, p->token.len + 1);
	const char *problem_at;

	if (!bytes)
		return feel_parse_no_memory(p);
	if (!feel_unescape(bytes, &textp->len, &p->token, &problem_at))
		return feel_refuse(p, problem_at, "unknown escape in a string");
	textp->bytes = bytes;
	return feel_advance(p);
}

/* A ladder of `else if` is one node. */
static const struct feel_node *parse_if(struct feel_parser *p)
{
	struct feel_node *node = feel_node_new(p, FEEL_N_IF, p->token.start);
	struct feel_items items = { 0 };

	while (feel_skip(p, FEEL_T_IF)) {
		if (!feel_items_add(p, &items, feel_parse_expression(p), no_name) ||
		    !feel_expect(p, FEEL_T_THEN) ||
		    !feel_items_add(p, &items, feel_parse_expression(p), no_name) ||
		    !feel_expect(p, FEEL_T_ELSE))
			return NULL;
	}
	if (!feel_items_add(p, &items, feel_parse_expression(p), no_name))
		return NULL;
	return feel_seal_items(p, node, &items);
}

const struct feel_node *feel_parse_range_end(struct feel_parser *p, const struct feel_node *low,
					     bool low_open, const char *at)
{
	struct feel_node *node = feel_node_new(p, FEEL_N_RANGE, at);
	bool outer = p->no_filter;

	if (!node || !feel_expect(p, FEEL_T_DOTS))
		return NULL;
	node->left = low;
	node->low_open = low_open;
	p->no_filter = true;
	node->right = feel_parse_binary(p, FEEL_P_SUM);
	p->no_filter = outer;
	if (p->err)
		return NULL;
	node->high_open = !feel_is_next(p, FEEL_T_RBRACKET);
	if (!feel_is_next(p, FEEL_T_RPAREN) && !feel_is_next(p, FEEL_T_LBRACKET))
		return feel_expect(p, FEEL_T_RBRACKET) ? feel_seal(p, node) : NULL;
	return feel_advance(p) ? feel_seal(p, node) : NULL;
}

/* A value, or a range such as `< 5`. */
static const struct feel_node *parse_member(struct feel_parser *p)
{
	if (feel_is_comparison(p->token.kind))
		return feel_parse_unary_range(p);
	return feel_parse_expression(p);
}

static const struct feel_node *parse_parenthesis(struct feel_parser *p)
{
	const char *at = p->token.start;
	const struct feel_node *inner;

	if (!feel_advance(p))
		return NULL;
	inner = parse_member(p);
	if (inner && feel_is_next(p, FEEL_T_DOTS))
		return feel_parse_range_end(p, inner, true, at);
	return feel_expect(p, FEEL_T_RPAREN) ? inner : NULL;
}

static const struct feel_node *parse_open_range(struct feel_parser *p)
{
	const char *at = p->token.start;

	if (!feel_advance(p))
		return NULL;
	return feel_parse_range_end(p, feel_parse_binary(p, FEEL_P_SUM), true, at);
}

static const struct feel_node *parse_list(struct feel_parser *p)
{
	const char *at = p->token.start;
	struct feel_node *node = feel_node_new(p, FEEL_N_LIST, at);
	struct feel_items items = { 0 };

	if (!node || !feel_advance(p))
		return NULL;
	while (!feel_is_next(p, FEEL_T_RBRACKET)) {
		if (!feel_items_add(p, &items, parse_member(p), no_name))
			return NULL;
		if (items.len == 1 && feel_is_next(p, FEEL_T_DOTS))
			return feel_parse_range_end(p, items.nodes[0], false, at);
		if (!feel_skip(p, FEEL_T_COMMA))
			break;
	}
	return feel_expect(p, FEEL_T_RBRACKET) ? feel_seal_items(p, node, &items) : NULL;
}

static bool parse_key(struct feel_parser *p, struct feel_symbol *key)
{
	struct feel_text text;
	char *clean;

	if (!feel_is_next(p, FEEL_T_STRING))
		return feel_scan_name(p, key, ":", NULL);
	if (!feel_parse_string_text(p, &text))
		return false;
	clean = feel_arena_alloc(p->arena, text.len + 1);
	if (!clean)
		return feel_parse_no_memory(p);
	*key = (struct feel_symbol){
		.key = text, .name = { clean, feel_name_clean(clean, text.bytes, text.len) }
	};
	return !p->err;
}

/* key: value; a function knows its own name */
static bool parse_entry(struct feel_parser *p, struct feel_items *items, size_t symbols_len)
{
	const char *at = p->token.start;
	struct feel_symbol key, *twin;
	bool is_function;
	size_t place;

	if (!parse_key(p, &key))
		return false;
	twin = feel_symbols_find(&p->variables, key.name, &p->work);
	if (twin && !twin->is_global && (size_t)(twin - p->variables.rows) >= symbols_len &&
	    feel_text_equal(twin->key, key.key))
		return feel_refuse(p, at, "the key is there twice: %.*s", (int)key.key.len,
				   key.key.bytes);
	if (!feel_know_member(p, &key) || !feel_expect(p, FEEL_T_COLON))
		return false;
	is_function = feel_is_next(p, FEEL_T_FUNCTION);
	key.is_defining = is_function;
	place = p->variables.len;
	if (is_function && !feel_bind(p, &key))
		return false;
	if (!feel_items_add(p, items, feel_parse_expression(p), key.key))
		return false;
	if (is_function)
		p->variables.rows[place].is_defining = false;
	else if (!feel_bind(p, &key))
		return false;
	items->slots[items->len - 1] = key.slot;
	return true;
}

static const struct feel_node *parse_context(struct feel_parser *p)
{
	struct feel_node *node = feel_node_new(p, FEEL_N_CONTEXT, p->token.start);
	size_t symbols_len = p->variables.len;
	struct feel_items items = { 0 };

	if (!node || !feel_advance(p))
		return NULL;
	while (!feel_is_next(p, FEEL_T_RBRACE)) {
		if (!parse_entry(p, &items, symbols_len))
			return NULL;
		if (!feel_skip(p, FEEL_T_COMMA))
			break;
	}
	feel_unbind(p, symbols_len);
	if (!feel_expect(p, FEEL_T_RBRACE))
		return NULL;
	node->slots = items.slots;
	return feel_seal_items(p, node, &items);
}

static const struct feel_node *parse_number(struct feel_parser *p)
{
	const char *at = p->token.start;
	struct feel_decimal number;

	if (!feel_decimal_parse(&number, at, p->token.len))
		return feel_refuse(p, at, "the number is too long or too large");
	return feel_advance(p) ? feel_literal(p, feel_number(p->arena, number), at) : NULL;
}

static const struct feel_node *parse_string(struct feel_parser *p)
{
	const char *at = p->token.start;
	struct feel_text text;

	if (!feel_parse_string_text(p, &text))
		return NULL;
	return feel_literal(p, feel_string(p->arena, text.bytes, text.len), at);
}

/* @"…": a date, time or duration, known by its form */
static const struct feel_node *parse_at(struct feel_parser *p)
{
	const char *at = p->token.start;
	struct feel_duration duration;
	struct feel_moment moment;
	struct feel_text text;

	if (!feel_advance(p))
		return NULL;
	if (!feel_is_next(p, FEEL_T_STRING))
		return feel_expect(p, FEEL_T_STRING), NULL;
	if (!feel_parse_string_text(p, &text))
		return NULL;
	if (feel_date_parse(&moment, text.bytes, text.len))
		return feel_literal(p, feel_moment(p->arena, FEEL_DATE, &moment), at);
	if (feel_time_parse(&moment, text.bytes, text.len))
		return feel_literal(p, feel_moment(p->arena, FEEL_TIME, &moment), at);
	if (feel_datetime_parse(&moment, text.bytes, text.len))
		return feel_literal(p, feel_moment(p->arena, FEEL_DATETIME, &moment), at);
	if (feel_duration_parse(&duration, text.bytes, text.len) &&
	    duration.has_months != duration.has_time)
		return feel_literal(
			p,
			feel_duration(p->arena,
				      duration.has_months ? FEEL_YEARS_MONTHS : FEEL_DAYS_TIME,
				      &duration),
			at);
	text.len = feel_utf8_cut(text.bytes, text.len, 100);
	return feel_parse_refused(p, at, "neither a date, nor a time, nor a duration: ", text);
}

static const struct feel_node *parse_negation(struct feel_parser *p)
{
	struct feel_node *node = feel_node_new(p, FEEL_N_NEGATE, p->token.start);
	const char *at = p->token.start;

	if (!node || !feel_advance(p))
		return NULL;
	node->left = feel_parse_binary(p, FEEL_P_OPERAND);
	if (node->left && node->left->kind == FEEL_N_LITERAL &&
	    node->left->value->kind == FEEL_NUMBER)
		return feel_literal(
			p, feel_number(p->arena, feel_decimal_neg(node->left->value->number)), at);
	return feel_seal(p, node);
}

static const struct feel_node *parse_constant(struct feel_parser *p, const struct feel_value *value)
{
	const char *at = p->token.start;

	return feel_advance(p) ? feel_literal(p, value, at) : NULL;
}

const struct feel_node *feel_parse_primary(struct feel_parser *p)
{
	if (p->token.kind != FEEL_T_NAME && feel_is_keyword_name(p))
		return feel_parse_name(p);
	switch (p->token.kind) {
	case FEEL_T_NUMBER:
		return parse_number(p);
	case FEEL_T_STRING:
		return parse_string(p);
	case FEEL_T_NAME:
	case FEEL_T_QUOTED:
		return feel_parse_name(p);
	case FEEL_T_AT:
		return parse_at(p);
	case FEEL_T_TRUE:
		return parse_constant(p, &feel_true);
	case FEEL_T_FALSE:
		return parse_constant(p, &feel_false);
	case FEEL_T_NULL:
		return parse_constant(p, &feel_null);
	case FEEL_T_LPAREN:
		return parse_parenthesis(p);
	case FEEL_T_LBRACKET:
		return parse_list(p);
	case FEEL_T_RBRACKET:
		return parse_open_range(p);
	case FEEL_T_LBRACE:
		return parse_context(p);
	case FEEL_T_MINUS:
		return parse_negation(p);
	case FEEL_T_IF:
		return parse_if(p);
	case FEEL_T_FOR:
		return feel_parse_iteration(p, FEEL_N_FOR, FEEL_T_RETURN);
	case FEEL_T_SOME:
		return feel_parse_iteration(p, FEEL_N_SOME, FEEL_T_SATISFIES);
	case FEEL_T_EVERY:
		return feel_parse_iteration(p, FEEL_N_EVERY, FEEL_T_SATISFIES);
	case FEEL_T_FUNCTION:
		return feel_parse_function(p);
	default:
		return feel_refuse(p, p->token.start, "expected a value, found %s",
				   feel_token_text(p->token.kind));
	}
}
