/*
 * parser.c — FEEL tokens to a tree.
 *
 * Binary operators go by precedence climbing, all of them left-associative (DMN 1.4 §10.3.1.2); the
 * rest is one function a form. Each node's height is bounded, so that neither this recursion nor
 * the evaluator's can exhaust the stack.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/ast.h"

#include <string.h>

#include "engines/feel/builtins.h"

enum precedence { P_OR = 1, P_AND, P_COMPARISON, P_SUM, P_PRODUCT, P_POWER, P_OPERAND };

static const struct {
	enum feel_token_kind op;
	enum precedence precedence;
	enum feel_node_kind kind;
} operators[] = {
	{ FEEL_T_OR, P_OR, FEEL_N_OR },
	{ FEEL_T_AND, P_AND, FEEL_N_AND },
	{ FEEL_T_EQ, P_COMPARISON, FEEL_N_BINARY },
	{ FEEL_T_NE, P_COMPARISON, FEEL_N_BINARY },
	{ FEEL_T_LT, P_COMPARISON, FEEL_N_BINARY },
	{ FEEL_T_LE, P_COMPARISON, FEEL_N_BINARY },
	{ FEEL_T_GT, P_COMPARISON, FEEL_N_BINARY },
	{ FEEL_T_GE, P_COMPARISON, FEEL_N_BINARY },
	{ FEEL_T_BETWEEN, P_COMPARISON, FEEL_N_BETWEEN },
	{ FEEL_T_IN, P_COMPARISON, FEEL_N_IN },
	{ FEEL_T_PLUS, P_SUM, FEEL_N_BINARY },
	{ FEEL_T_MINUS, P_SUM, FEEL_N_BINARY },
	{ FEEL_T_TIMES, P_PRODUCT, FEEL_N_BINARY },
	{ FEEL_T_SLASH, P_PRODUCT, FEEL_N_BINARY },
	{ FEEL_T_POWER, P_POWER, FEEL_N_BINARY },
};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

enum { LIST_MAX = 8192, NAME_MAX_BYTES = 255 };

struct parser {
	struct feel_lexer lexer;
	struct feel_arena *arena;
	struct feel_token token; /* the next one */
	unsigned depth;
	bool no_filter; /* at the end of a range, where `[` closes it */
	enum pl_err err;
};

struct items { /* grows by doubling in the arena */
	const struct feel_node **nodes;
	struct feel_text *names;
	size_t len, cap;
	unsigned height;
};

static const struct feel_node *parse_expression(struct parser *p);
static const struct feel_node *parse_binary(struct parser *p, enum precedence least);

static size_t column(const struct parser *p, const char *at)
{
	return feel_utf8_len(p->lexer.text, (size_t)(at - p->lexer.text)) + 1;
}

static void *refuse(struct parser *p, const char *at, const char *reason, const char *what)
{
	if (!p->err)
		p->err = pl_fail(PL_INVALID, "FEEL, column %zu: %s%s", column(p, at), reason, what);
	return NULL;
}

static void *no_memory(struct parser *p)
{
	if (!p->err)
		p->err = p->arena->hit_limit
				 ? pl_fail(PL_TOOLARGE, "FEEL: the expression is too large")
				 : PL_NOMEM;
	return NULL;
}

static bool advance(struct parser *p)
{
	if (feel_lexer_next(&p->lexer, &p->token))
		return true;
	refuse(p, p->lexer.problem_at, p->lexer.problem, "");
	return false;
}

static bool is_next(const struct parser *p, enum feel_token_kind kind)
{
	return p->token.kind == kind;
}

/* Moves past a token of that kind, or leaves everything as it is. */
static bool skip(struct parser *p, enum feel_token_kind kind)
{
	return !p->err && is_next(p, kind) && advance(p);
}

static bool expect(struct parser *p, enum feel_token_kind kind)
{
	if (p->err)
		return false;
	if (is_next(p, kind))
		return advance(p);
	p->err = pl_fail(PL_INVALID, "FEEL, column %zu: expected %s, found %s",
			 column(p, p->token.start), feel_token_text(kind),
			 feel_token_text(p->token.kind));
	return false;
}

static struct feel_node *node_new(struct parser *p, enum feel_node_kind kind)
{
	struct feel_node *node = feel_arena_alloc(p->arena, sizeof(*node));

	if (!node)
		return no_memory(p);
	node->kind = kind;
	return node;
}

/* Finishes a node: NULL if a part of it failed or the tree becomes too high. */
static const struct feel_node *seal(struct parser *p, struct feel_node *node, unsigned items_height)
{
	unsigned height = items_height;

	if (!node || p->err)
		return NULL;
	if (node->left && node->left->height > height)
		height = node->left->height;
	if (node->right && node->right->height > height)
		height = node->right->height;
	node->height = height + 1;
	if (node->height > FEEL_DEPTH_MAX) {
		p->err = pl_fail(PL_TOOLARGE,
				 "FEEL, column %zu: more than %d parts within each other",
				 column(p, p->token.start), FEEL_DEPTH_MAX);
		return NULL;
	}
	return node;
}

static bool items_add(struct parser *p, struct items *items, const struct feel_node *node,
		      struct feel_text name)
{
	if (!node || p->err)
		return false;
	if (items->len == LIST_MAX) {
		p->err = pl_fail(PL_TOOLARGE, "FEEL, column %zu: more than %d items",
				 column(p, p->token.start), LIST_MAX);
		return false;
	}
	if (items->len == items->cap) {
		size_t cap = items->cap ? items->cap * 2 : 4;
		const struct feel_node **nodes = feel_arena_alloc(p->arena, cap * sizeof(*nodes));
		struct feel_text *names = feel_arena_alloc(p->arena, cap * sizeof(*names));

		if (!nodes || !names) {
			no_memory(p);
			return false;
		}
		if (items->len) {
			memcpy(nodes, items->nodes, items->len * sizeof(*nodes));
			memcpy(names, items->names, items->len * sizeof(*names));
		}
		items->nodes = nodes;
		items->names = names;
		items->cap = cap;
	}
	if (node->height > items->height)
		items->height = node->height;
	items->nodes[items->len] = node;
	items->names[items->len++] = name;
	return true;
}

static const struct feel_node *seal_items(struct parser *p, struct feel_node *node,
					  const struct items *items)
{
	if (node) {
		node->items = items->nodes;
		node->names = items->names;
		node->len = items->len;
	}
	return seal(p, node, items->height);
}

static const struct feel_node *literal(struct parser *p, const struct feel_value *value)
{
	struct feel_node *node = node_new(p, FEEL_N_LITERAL);

	if (!value)
		return no_memory(p);
	if (node)
		node->value = value;
	return seal(p, node, 0);
}

static bool string_value(struct parser *p, struct feel_text *textp)
{
	char *bytes = feel_arena_alloc(p->arena, p->token.len + 1);
	const char *problem_at;

	if (!bytes) {
		no_memory(p);
		return false;
	}
	if (!feel_unescape(bytes, &textp->len, &p->token, &problem_at)) {
		refuse(p, problem_at, "unknown escape in a string", "");
		return false;
	}
	textp->bytes = bytes;
	return advance(p);
}

/*
 * Reads a name: its words joined by single spaces, as far as words follow. The first may be a
 * keyword (after a dot, or as a key); the caller has seen that it is a word.
 */
static bool take_name(struct parser *p, struct feel_text *namep)
{
	char buf[NAME_MAX_BYTES];
	const char *start = p->token.start;
	size_t len = 0;

	if (is_next(p, FEEL_T_QUOTED))
		return string_value(p, namep);
	do {
		if (len + p->token.len + 1 > sizeof(buf)) {
			refuse(p, start, "the name is too long", "");
			return false;
		}
		if (len)
			buf[len++] = ' ';
		for (size_t i = 0; i < p->token.len; i++)
			if (p->token.start[i] != ' ' || buf[len - 1] != ' ')
				buf[len++] = p->token.start[i];
		if (!advance(p))
			return false;
	} while (is_next(p, FEEL_T_NAME));
	namep->bytes = feel_arena_copy(p->arena, buf, len);
	namep->len = len;
	if (!namep->bytes)
		no_memory(p);
	return namep->bytes;
}

static const struct feel_node *parse_if(struct parser *p)
{
	struct feel_node *node = node_new(p, FEEL_N_IF);
	struct items items = { 0 };
	const struct feel_text none = { 0 };

	if (!node || !advance(p))
		return NULL;
	node->left = parse_expression(p);
	if (!expect(p, FEEL_T_THEN) || !items_add(p, &items, parse_expression(p), none) ||
	    !expect(p, FEEL_T_ELSE) || !items_add(p, &items, parse_expression(p), none))
		return NULL;
	return seal_items(p, node, &items);
}

/* `1..n` is a list here, and needs no brackets */
static const struct feel_node *parse_domain(struct parser *p)
{
	const struct feel_node *low = parse_expression(p);
	struct feel_node *range;

	if (!low || !skip(p, FEEL_T_DOTS))
		return p->err ? NULL : low;
	range = node_new(p, FEEL_N_RANGE);
	if (!range)
		return NULL;
	range->left = low;
	range->right = parse_expression(p);
	return seal(p, range, 0);
}

static const struct feel_node *parse_iteration(struct parser *p, enum feel_node_kind kind,
					       enum feel_token_kind before_body)
{
	struct feel_node *node = node_new(p, kind);
	struct items items = { 0 };

	if (!node || !advance(p))
		return NULL;
	do {
		struct feel_text name;

		if (!is_next(p, FEEL_T_NAME) && !is_next(p, FEEL_T_QUOTED))
			return expect(p, FEEL_T_NAME), NULL;
		if (!take_name(p, &name) || !expect(p, FEEL_T_IN) ||
		    !items_add(p, &items, parse_domain(p), name))
			return NULL;
	} while (skip(p, FEEL_T_COMMA));
	if (!expect(p, before_body))
		return NULL;
	node->right = parse_expression(p);
	return seal_items(p, node, &items);
}

static const struct feel_node *parse_range_end(struct parser *p, const struct feel_node *low,
					       bool low_open)
{
	struct feel_node *node = node_new(p, FEEL_N_RANGE);
	bool outer = p->no_filter;

	if (!node || !expect(p, FEEL_T_DOTS))
		return NULL;
	node->left = low;
	node->low_open = low_open;
	p->no_filter = true;
	node->right = parse_binary(p, P_SUM);
	p->no_filter = outer;
	if (p->err)
		return NULL;
	node->high_open = !is_next(p, FEEL_T_RBRACKET);
	if (!is_next(p, FEEL_T_RPAREN) && !is_next(p, FEEL_T_LBRACKET))
		return expect(p, FEEL_T_RBRACKET) ? seal(p, node, 0) : NULL;
	return advance(p) ? seal(p, node, 0) : NULL;
}

static const struct feel_node *parse_parenthesis(struct parser *p)
{
	const struct feel_node *inner;

	if (!advance(p))
		return NULL;
	inner = parse_expression(p);
	if (inner && is_next(p, FEEL_T_DOTS))
		return parse_range_end(p, inner, true);
	return expect(p, FEEL_T_RPAREN) ? inner : NULL;
}

static const struct feel_node *parse_open_range(struct parser *p)
{
	if (!advance(p))
		return NULL;
	return parse_range_end(p, parse_binary(p, P_SUM), true);
}

static const struct feel_node *parse_list(struct parser *p)
{
	struct feel_node *node = node_new(p, FEEL_N_LIST);
	struct items items = { 0 };
	const struct feel_text none = { 0 };

	if (!node || !advance(p))
		return NULL;
	while (!is_next(p, FEEL_T_RBRACKET)) {
		if (!items_add(p, &items, parse_expression(p), none))
			return NULL;
		if (items.len == 1 && is_next(p, FEEL_T_DOTS))
			return parse_range_end(p, items.nodes[0], false);
		if (!skip(p, FEEL_T_COMMA))
			break;
	}
	return expect(p, FEEL_T_RBRACKET) ? seal_items(p, node, &items) : NULL;
}

static const struct feel_node *parse_context(struct parser *p)
{
	struct feel_node *node = node_new(p, FEEL_N_CONTEXT);
	struct items items = { 0 };

	if (!node || !advance(p))
		return NULL;
	while (!is_next(p, FEEL_T_RBRACE)) {
		const char *at = p->token.start;
		struct feel_text key = { 0 };

		if (is_next(p, FEEL_T_STRING)) {
			if (!string_value(p, &key))
				return NULL;
		} else if (!feel_token_is_word(&p->token)) {
			return expect(p, FEEL_T_NAME), NULL;
		} else if (!take_name(p, &key)) {
			return NULL;
		}
		for (size_t i = 0; i < items.len; i++)
			if (feel_text_equal(items.names[i], key))
				return refuse(p, at, "the key is there twice: ", key.bytes);
		if (!expect(p, FEEL_T_COLON) || !items_add(p, &items, parse_expression(p), key))
			return NULL;
		if (!skip(p, FEEL_T_COMMA))
			break;
	}
	return expect(p, FEEL_T_RBRACE) ? seal_items(p, node, &items) : NULL;
}

/* The place of a parameter in a function's list of them; -1 for none of that name. */
static int param_place(const struct feel_builtin *builtin, struct feel_text name)
{
	const char *at = builtin->params;

	for (int place = 0;; place++) {
		size_t len = strcspn(at, ",");

		if (len == name.len && memcmp(at, name.bytes, len) == 0)
			return place;
		if (!at[len])
			return -1;
		at += len + 1;
	}
}

/* Puts arguments by name in the places of their parameters; what is left out becomes null. */
static bool order_arguments(struct parser *p, struct items *items,
			    const struct feel_builtin *builtin, const char *at)
{
	const struct feel_node *placed[8] = { NULL };
	size_t len = 0;

	for (size_t i = 0; i < items->len; i++) {
		int place = items->names[i].bytes ? param_place(builtin, items->names[i]) : -1;

		if (place < 0 || placed[place])
			return refuse(p, at, "no such parameter, or twice: ",
				      items->names[i].bytes ? items->names[i].bytes : "by place");
		placed[place] = items->nodes[i];
		if ((size_t)place >= len)
			len = (size_t)place + 1;
	}
	items->len = 0;
	for (size_t i = 0; i < len; i++) {
		const struct feel_node *node = placed[i] ? placed[i] : literal(p, &feel_null);

		if (!items_add(p, items, node, (struct feel_text){ 0 }))
			return false;
	}
	return true;
}

/* Is this `name:`? Names of parameters may have spaces, so the words are looked at on a copy. */
static bool is_named_argument(const struct parser *p)
{
	struct feel_lexer lexer = p->lexer;
	struct feel_token token = p->token;

	while (token.kind == FEEL_T_NAME)
		if (!feel_lexer_next(&lexer, &token))
			return false;
	return token.kind == FEEL_T_COLON && p->token.kind == FEEL_T_NAME;
}

static const struct feel_node *parse_call(struct parser *p, struct feel_text name, const char *at)
{
	struct feel_node *node = node_new(p, FEEL_N_CALL);
	const struct feel_builtin *builtin = feel_builtin_find(name);
	struct items items = { 0 };
	bool by_name;

	if (!builtin)
		return refuse(p, at, "unknown function ", name.bytes);
	if (!node || !advance(p))
		return NULL;
	by_name = is_named_argument(p);
	while (!is_next(p, FEEL_T_RPAREN)) {
		struct feel_text param = { 0 };

		if (by_name && is_named_argument(p) &&
		    (!take_name(p, &param) || !expect(p, FEEL_T_COLON)))
			return NULL;
		if (!items_add(p, &items, parse_expression(p), param))
			return NULL;
		if (!skip(p, FEEL_T_COMMA))
			break;
	}
	if (!expect(p, FEEL_T_RPAREN))
		return NULL;
	if (by_name && !order_arguments(p, &items, builtin, at))
		return NULL;
	if (items.len < builtin->min || items.len > builtin->max)
		return refuse(p, at, "wrong number of arguments for ", name.bytes);
	node->builtin = builtin;
	return seal_items(p, node, &items);
}

static const struct feel_node *parse_name(struct parser *p)
{
	const char *at = p->token.start;
	struct feel_node *node;
	struct feel_text name;

	if (!take_name(p, &name))
		return NULL;
	if (is_next(p, FEEL_T_LPAREN))
		return parse_call(p, name, at);
	node = node_new(p, FEEL_N_NAME);
	if (node)
		node->name = name;
	return seal(p, node, 0);
}

static const struct feel_node *parse_number(struct parser *p)
{
	struct feel_decimal number;

	if (!feel_decimal_parse(&number, p->token.start, p->token.len))
		return refuse(p, p->token.start, "the number is too long or too large", "");
	return advance(p) ? literal(p, feel_number(p->arena, number)) : NULL;
}

static const struct feel_node *parse_string(struct parser *p)
{
	struct feel_text text;

	return string_value(p, &text) ? literal(p, feel_string(p->arena, text.bytes, text.len))
				      : NULL;
}

/* @"…": a date, time or duration, known by its form */
static const struct feel_node *parse_at(struct parser *p)
{
	const char *at = p->token.start;
	struct feel_duration duration;
	struct feel_moment moment;
	struct feel_text text;

	if (!advance(p))
		return NULL;
	if (!is_next(p, FEEL_T_STRING))
		return expect(p, FEEL_T_STRING), NULL;
	if (!string_value(p, &text))
		return NULL;
	if (feel_date_parse(&moment, text.bytes, text.len))
		return literal(p, feel_moment(p->arena, FEEL_DATE, &moment));
	if (feel_time_parse(&moment, text.bytes, text.len))
		return literal(p, feel_moment(p->arena, FEEL_TIME, &moment));
	if (feel_datetime_parse(&moment, text.bytes, text.len))
		return literal(p, feel_moment(p->arena, FEEL_DATETIME, &moment));
	if (feel_duration_parse(&duration, text.bytes, text.len) &&
	    duration.has_months != duration.has_time)
		return literal(
			p, feel_duration(p->arena,
					 duration.has_months ? FEEL_YEARS_MONTHS : FEEL_DAYS_TIME,
					 &duration));
	return refuse(p, at, "neither a date, nor a time, nor a duration: ", text.bytes);
}

static const struct feel_node *parse_negation(struct parser *p)
{
	struct feel_node *node = node_new(p, FEEL_N_NEGATE);

	if (!node || !advance(p))
		return NULL;
	node->left = parse_binary(p, P_OPERAND);
	return seal(p, node, 0);
}

static const struct feel_node *parse_constant(struct parser *p, const struct feel_value *value)
{
	return advance(p) ? literal(p, value) : NULL;
}

static const struct feel_node *parse_primary(struct parser *p)
{
	switch (p->token.kind) {
	case FEEL_T_NUMBER:
		return parse_number(p);
	case FEEL_T_STRING:
		return parse_string(p);
	case FEEL_T_NAME:
	case FEEL_T_QUOTED:
		return parse_name(p);
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
		return parse_iteration(p, FEEL_N_FOR, FEEL_T_RETURN);
	case FEEL_T_SOME:
		return parse_iteration(p, FEEL_N_SOME, FEEL_T_SATISFIES);
	case FEEL_T_EVERY:
		return parse_iteration(p, FEEL_N_EVERY, FEEL_T_SATISFIES);
	case FEEL_T_FUNCTION:
		return refuse(p, p->token.start, "functions can't be defined yet", "");
	default:
		return refuse(p, p->token.start, "expected a value, found ",
			      feel_token_text(p->token.kind));
	}
}

static const struct feel_node *parse_operand(struct parser *p)
{
	const struct feel_node *left;
	bool no_filter = p->no_filter;
	struct feel_node *node;

	if (!is_next(p, FEEL_T_MINUS))
		p->no_filter = false; /* within brackets of its own, an operand may filter again */
	left = parse_primary(p);
	p->no_filter = no_filter;
	while (left && !p->err) {
		if (skip(p, FEEL_T_DOT)) {
			node = node_new(p, FEEL_N_PATH);
			if (!node)
				return NULL;
			node->left = left;
			if (!feel_token_is_word(&p->token))
				return expect(p, FEEL_T_NAME), NULL;
			if (!take_name(p, &node->name))
				return NULL;
		} else if (!p->no_filter && skip(p, FEEL_T_LBRACKET)) {
			node = node_new(p, FEEL_N_FILTER);
			if (!node)
				return NULL;
			node->left = left;
			node->right = parse_expression(p);
			if (!expect(p, FEEL_T_RBRACKET))
				return NULL;
		} else {
			break;
		}
		left = seal(p, node, 0);
	}
	return p->err ? NULL : left;
}

/* One of the tests behind `in`: `< 5`, a range, a list, or a value to equal. */
static const struct feel_node *parse_test(struct parser *p)
{
	struct feel_node *node = node_new(p, FEEL_N_TEST);

	if (!node)
		return NULL;
	node->op = FEEL_T_IN;
	switch (p->token.kind) {
	case FEEL_T_LT:
	case FEEL_T_LE:
	case FEEL_T_GT:
	case FEEL_T_GE:
	case FEEL_T_EQ:
	case FEEL_T_NE:
		node->op = p->token.kind;
		if (!advance(p))
			return NULL;
		break;
	default:
		break;
	}
	node->right = parse_binary(p, P_SUM);
	return seal(p, node, 0);
}

static bool parse_tests(struct parser *p, struct items *items)
{
	const struct feel_text none = { 0 };
	const struct feel_node *test;

	if (!is_next(p, FEEL_T_LPAREN))
		return items_add(p, items, parse_test(p), none);
	if (!advance(p))
		return false;
	do {
		test = parse_test(p);
		if (test && items->len == 0 && test->op == FEEL_T_IN && is_next(p, FEEL_T_DOTS)) {
			struct feel_node *range = node_new(p, FEEL_N_TEST);

			if (!range)
				return false;
			range->op = FEEL_T_IN;
			range->right = parse_range_end(p, test->right, true);
			return items_add(p, items, seal(p, range, 0), none);
		}
		if (!items_add(p, items, test, none))
			return false;
	} while (skip(p, FEEL_T_COMMA));
	return expect(p, FEEL_T_RPAREN);
}

static bool parse_between(struct parser *p, struct items *items)
{
	const struct feel_text none = { 0 };

	return items_add(p, items, parse_binary(p, P_SUM), none) && expect(p, FEEL_T_AND) &&
	       items_add(p, items, parse_binary(p, P_SUM), none);
}

static const struct feel_node *parse_climb(struct parser *p, enum precedence least)
{
	const struct feel_node *left = parse_operand(p);

	while (left && !p->err) {
		struct items items = { 0 };
		struct feel_node *node;
		size_t i = 0;

		while (i < ROWS(operators) && operators[i].op != p->token.kind)
			i++;
		if (i == ROWS(operators) || operators[i].precedence < least)
			break;
		node = node_new(p, operators[i].kind);
		if (!node || !advance(p))
			return NULL;
		node->op = operators[i].op;
		node->left = left;
		if (node->kind == FEEL_N_IN) {
			if (!parse_tests(p, &items))
				return NULL;
		} else if (node->kind == FEEL_N_BETWEEN) {
			if (!parse_between(p, &items))
				return NULL;
		} else {
			node->right = parse_binary(p, operators[i].precedence + 1);
		}
		left = seal_items(p, node, &items);
	}
	return p->err ? NULL : left;
}

/* All recursion of the parser passes here. */
static const struct feel_node *parse_binary(struct parser *p, enum precedence least)
{
	const struct feel_node *node;

	if (p->err)
		return NULL;
	if (++p->depth > 2 * FEEL_DEPTH_MAX) {
		p->err = pl_fail(PL_TOOLARGE,
				 "FEEL, column %zu: more than %d parts within each other",
				 column(p, p->token.start), FEEL_DEPTH_MAX);
		return NULL;
	}
	node = parse_climb(p, least);
	p->depth--;
	return node;
}

static const struct feel_node *parse_expression(struct parser *p)
{
	bool no_filter = p->no_filter;
	const struct feel_node *node;

	p->no_filter = false;
	node = parse_binary(p, P_OR);
	p->no_filter = no_filter;
	return node;
}

enum pl_err feel_parse(struct feel_expr *expr, const char *text, size_t len)
{
	struct parser p = { .arena = &expr->arena };

	if (!feel_utf8_valid(text, len))
		return pl_fail(PL_INVALID, "FEEL: the text is not UTF-8, or has a NUL in it");
	feel_lexer_init(&p.lexer, text, len);
	if (advance(&p))
		expr->root = parse_expression(&p);
	if (!p.err && !is_next(&p, FEEL_T_END))
		refuse(&p, p.token.start, "expected an operator or the end, found ",
		       feel_token_text(p.token.kind));
	return p.err;
}
