/*
 * parse.c — the parser's frame: tokens, refusals with line and column, and how nodes are made.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engines/feel/run.h"

enum { REFUSAL_BYTES = 400 };

void feel_place(unsigned *linep, unsigned *columnp, const char *text, size_t at)
{
	const char *line = text;
	unsigned n = 1;

	for (size_t i = 0; i < at; i++) {
		if (text[i] == '\n') {
			line = text + i + 1;
			n++;
		}
	}
	*linep = n;
	*columnp = (unsigned)feel_utf8_len(line, (size_t)(text + at - line)) + 1;
}

static void *refuse(struct feel_parser *p, enum pl_err err, const char *at, const char *what)
{
	unsigned line, column;

	if (p->err)
		return NULL;
	feel_place(&line, &column, p->lexer.text, (size_t)(at - p->lexer.text));
	p->err = pl_fail(err, "FEEL, line %u, column %u: %s", line, column, what);
	return NULL;
}

void *feel_refuse(struct feel_parser *p, const char *at, const char *format, ...)
{
	char what[REFUSAL_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return refuse(p, PL_INVALID, at, what);
}

void *feel_parse_no_memory(struct feel_parser *p)
{
	if (!p->err)
		p->err = p->arena->hit_limit
				 ? pl_fail(PL_TOOLARGE, "FEEL: the expression is too large")
				 : PL_NOMEM;
	return NULL;
}

static void *too_deep(struct feel_parser *p)
{
	char what[80];

	snprintf(what, sizeof(what), "more than %d parts within each other", FEEL_DEPTH_MAX);
	return refuse(p, PL_TOOLARGE, p->token.start, what);
}

bool feel_advance(struct feel_parser *p)
{
	if (p->err)
		return false;
	if (feel_lexer_next(&p->lexer, &p->token))
		return true;
	feel_refuse(p, p->lexer.problem_at, "%s", p->lexer.problem);
	return false;
}

bool feel_advance_to(struct feel_parser *p, const char *at)
{
	p->lexer.at = at;
	return feel_advance(p);
}

bool feel_skip(struct feel_parser *p, enum feel_token_kind kind)
{
	return !p->err && feel_is_next(p, kind) && feel_advance(p);
}

bool feel_expect(struct feel_parser *p, enum feel_token_kind kind)
{
	if (p->err)
		return false;
	if (feel_is_next(p, kind))
		return feel_advance(p);
	feel_refuse(p, p->token.start, "expected %s, found %s", feel_token_text(kind),
		    feel_token_text(p->token.kind));
	return false;
}

/* Leaves are many and need little. */
static size_t node_size(enum feel_node_kind kind)
{
	switch (kind) {
	case FEEL_N_LITERAL:
	case FEEL_N_SLOT:
	case FEEL_N_LOCAL:
		return offsetof(struct feel_node, len);
	default:
		return sizeof(struct feel_node);
	}
}

struct feel_node *feel_node_new(struct feel_parser *p, enum feel_node_kind kind, const char *at)
{
	static feel_node_fn *const fns[] = {
#define FEEL_NODE(node_kind, fn) [FEEL_N_##node_kind] = feel_eval_##fn,
		FEEL_NODES
#undef FEEL_NODE
	};
	struct feel_node *node;

	if (p->err)
		return NULL;
	node = feel_arena_alloc(p->arena, node_size(kind));
	if (!node)
		return feel_parse_no_memory(p);
	node->run = fns[kind];
	node->kind = (unsigned char)kind;
	node->at = (unsigned)(at - p->lexer.text);
	node->height = 1;
	return node;
}

/* Finishes a node: NULL if a part of it failed or the tree becomes too high. */
static const struct feel_node *seal(struct feel_parser *p, struct feel_node *node, unsigned height)
{
	if (!node || p->err)
		return NULL;
	if (node->left && node->left->height > height)
		height = node->left->height;
	if (node->right && node->right->height > height)
		height = node->right->height;
	if (height >= FEEL_DEPTH_MAX)
		return too_deep(p);
	node->height = (unsigned short)(height + 1);
	return node;
}

const struct feel_node *feel_seal(struct feel_parser *p, struct feel_node *node)
{
	return seal(p, node, 0);
}

const struct feel_node *feel_seal_items(struct feel_parser *p, struct feel_node *node,
					const struct feel_items *items)
{
	if (node) {
		node->items = items->nodes;
		node->names = items->names;
		node->len = (unsigned)items->len;
	}
	return seal(p, node, items->height);
}

const struct feel_node *feel_literal(struct feel_parser *p, const struct feel_value *value,
				     const char *at)
{
	struct feel_node *node = feel_node_new(p, FEEL_N_LITERAL, at);

	if (!value)
		return feel_parse_no_memory(p);
	if (node)
		node->value = value;
	return node;
}

static bool grow(struct feel_parser *p, struct feel_items *items)
{
	size_t cap = items->cap ? items->cap * 2 : 4;
	const struct feel_node **nodes = feel_arena_alloc(p->arena, cap * sizeof(*nodes));
	struct feel_text *names = feel_arena_alloc(p->arena, cap * sizeof(*names));
	unsigned *slots = feel_arena_alloc(p->arena, cap * sizeof(*slots));

	if (!nodes || !names || !slots) {
		feel_parse_no_memory(p);
		return false;
	}
	if (items->len) {
		memcpy(nodes, items->nodes, items->len * sizeof(*nodes));
		memcpy(names, items->names, items->len * sizeof(*names));
		memcpy(slots, items->slots, items->len * sizeof(*slots));
	}
	items->nodes = nodes;
	items->names = names;
	items->slots = slots;
	items->cap = cap;
	return true;
}

bool feel_items_add(struct feel_parser *p, struct feel_items *items, const struct feel_node *node,
		    struct feel_text name)
{
	if (!node || p->err || (items->len == items->cap && !grow(p, items)))
		return false;
	if (node->height > items->height)
		items->height = node->height;
	items->nodes[items->len] = node;
	items->names[items->len++] = name;
	return true;
}

/* All recursion of the parser passes here. */
const struct feel_node *feel_parse_expression(struct feel_parser *p)
{
	bool no_filter = p->no_filter;
	const struct feel_node *node;

	if (p->err)
		return NULL;
	p->no_filter = false;
	node = feel_parse_binary(p, FEEL_P_OR);
	p->no_filter = no_filter;
	return node;
}

const struct feel_node *feel_parse_binary(struct feel_parser *p, enum feel_precedence least)
{
	const struct feel_node *node;

	if (p->err)
		return NULL;
	if (++p->depth > 2 * FEEL_DEPTH_MAX)
		return too_deep(p);
	node = feel_parse_operators(p, least);
	p->depth--;
	return p->err ? NULL : node;
}

/* The names' bytes are of the caller, so those that nodes keep are copied when they are used. */
static void know(struct feel_parser *p, const struct feel_names *names)
{
	p->names = names;
	p->variables.outer = names ? &names->variables : NULL;
	p->keys.outer = names ? &names->keys : NULL;
}

static void parse_tests(struct feel_parser *p, struct feel_expr *expr)
{
	static const struct feel_text tested = { "?", 1 };
	struct feel_symbol symbol = { .name = tested, .key = tested };

	expr->is_tests = true;
	if (feel_bind(p, &symbol))
		expr->root = feel_parse_unary_tests(p);
}

/* Where names are known, several expressions with commas between them are a list (DMN 1.4 grammar
 * rule 3). */
static const struct feel_node *parse_whole(struct feel_parser *p)
{
	const char *at = p->token.start;
	const struct feel_node *first = feel_parse_expression(p);
	const struct feel_text none = { 0 };
	struct feel_items items = { 0 };
	struct feel_node *node;

	if (!first || !p->names || !feel_is_next(p, FEEL_T_COMMA))
		return first;
	node = feel_node_new(p, FEEL_N_LIST, at);
	if (!node || !feel_items_add(p, &items, first, none))
		return NULL;
	while (feel_skip(p, FEEL_T_COMMA))
		if (!feel_items_add(p, &items, feel_parse_expression(p), none))
			return NULL;
	return feel_seal_items(p, node, &items);
}

enum pl_err feel_parse(struct feel_expr *expr, const struct feel_names *names, const char *text,
		       size_t len, bool is_tests)
{
	struct feel_unit unit = { 0 };
	struct feel_parser p = { .arena = &expr->arena, .unit = &unit };

	if (!feel_utf8_valid(text, len))
		return pl_fail(PL_INVALID, "FEEL: the text is not UTF-8, or has a NUL in it");
	expr->text = feel_arena_copy(&expr->arena, text, len);
	expr->text_len = len;
	if (!expr->text)
		return feel_parse_no_memory(&p), p.err;
	feel_lexer_init(&p.lexer, expr->text, len);
	know(&p, names);
	if (feel_advance(&p)) {
		if (is_tests)
			parse_tests(&p, expr);
		else
			expr->root = parse_whole(&p);
	}
	if (!p.err && !feel_is_next(&p, FEEL_T_END))
		feel_refuse(&p, p.token.start, "expected an operator or the end, found %s",
			    feel_token_text(p.token.kind));
	expr->slots_len = names ? names->slots : 0;
	expr->frame_len = unit.frame_len;
	expr->keeps_bindings = p.defines_function;
	feel_symbols_fini(&p.variables);
	feel_symbols_fini(&p.keys);
	return p.err;
}
