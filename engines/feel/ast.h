/*
 * ast.h — a compiled FEEL expression: a tree of nodes, made once and only read afterwards.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_AST_H
#define FEEL_AST_H

#include "engines/feel/feel.h"
#include "engines/feel/lexer.h"
#include "engines/feel/value.h"

enum feel_node_kind {
	FEEL_N_LITERAL, /* value */
	FEEL_N_NAME,	/* name */
	FEEL_N_PATH,	/* left.name */
	FEEL_N_FILTER,	/* left[right] */
	FEEL_N_CALL,	/* builtin(items) */
	FEEL_N_NEGATE,	/* -left */
	FEEL_N_BINARY,	/* left op right */
	FEEL_N_AND,
	FEEL_N_OR,
	FEEL_N_BETWEEN, /* left between items[0] and items[1] */
	FEEL_N_IN,	/* left in any of items */
	FEEL_N_TEST,	/* op right, of the value that `in` asks about */
	FEEL_N_IF,	/* if left then items[0] else items[1] */
	FEEL_N_LIST,	/* items */
	FEEL_N_CONTEXT, /* names[i]: items[i] */
	FEEL_N_RANGE,	/* left .. right */
	FEEL_N_FOR,	/* for names[i] in items[i] return right */
	FEEL_N_SOME,	/* some names[i] in items[i] satisfies right */
	FEEL_N_EVERY,
	FEEL_NODE_KINDS
};

struct feel_node {
	enum feel_node_kind kind;
	enum feel_token_kind op;
	bool low_open, high_open; /* of a range */
	unsigned height;	  /* 1 for a leaf: bounds the evaluator's recursion */
	struct feel_text name;
	const struct feel_value *value;
	const struct feel_builtin *builtin;
	const struct feel_node *left, *right;
	const struct feel_node **items;
	struct feel_text *names;
	size_t len; /* of items and names */
};

struct feel_expr {
	struct feel_arena arena; /* nodes, names and literals */
	const struct feel_node *root;
};

/* feel_parse makes expr->root in expr->arena; PL_INVALID, PL_TOOLARGE or PL_NOMEM with a detail. */
enum pl_err feel_parse(struct feel_expr *expr, const char *text, size_t len);

#endif
