/*
 * ast.h — a compiled FEEL expression: a tree of nodes, made once and only read afterwards.
 *
 * Variables are resolved when the tree is made. Each function body, and the expression itself, has
 * a frame: an array of slots for iterators, parameters, context entries, tested values, and what it
 * captured from the frames around it. Left-associative operators of one precedence are one node, so
 * that a long sum is not a deep tree. Each node's height is bounded, so that neither the parser's
 * recursion nor the evaluator's can exhaust the stack.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_AST_H
#define FEEL_AST_H

#include "engines/feel/feel.h"
#include "engines/feel/lexer.h"

struct feel_node;

typedef const struct feel_value *feel_node_fn(struct feel_run *run, const struct feel_node *node);

/* FEEL_NODE(kind, fn): what a node is, and what evaluates it. */
#define FEEL_NODES                                                                                 \
	FEEL_NODE(LITERAL, literal)	  /* value */                                              \
	FEEL_NODE(SLOT, slot)		  /* bindings.slots[slot] */                               \
	FEEL_NODE(LOCAL, local)		  /* frame[slot] */                                        \
	FEEL_NODE(NAME, name)		  /* name: members of filtered items, then left or root */ \
	FEEL_NODE(PATH, path)		  /* left.name */                                          \
	FEEL_NODE(FILTER, filter)	  /* left[right], frame[slot] is the item */               \
	FEEL_NODE(BUILTIN, builtin)	  /* builtin(items) */                                     \
	FEEL_NODE(CALL, call)		  /* left(items), by names; else builtin(items)  */        \
	FEEL_NODE(FUNCTION, function)	  /* function(members) right */                            \
	FEEL_NODE(REFUSED, refused)	  /* null, and a note that says name */                    \
	FEEL_NODE(NEGATE, negate)	  /* -left */                                              \
	FEEL_NODE(COMPARE, compare)	  /* left op right */                                      \
	FEEL_NODE(ARITHMETIC, arithmetic) /* left op right */                                      \
	FEEL_NODE(CHAIN, chain)		  /* items[0] ops[1] items[1] ops[2] … */                \
	FEEL_NODE(AND, and)		  /* items */                                              \
	FEEL_NODE(OR, or)		  /* items */                                              \
	FEEL_NODE(BETWEEN, between)	  /* left between items[0] and items[1] */                 \
	FEEL_NODE(INSTANCE, instance)	  /* left instance of type */                              \
	FEEL_NODE(IN, in)		  /* left, put in frame[slot], passes one of items */      \
	FEEL_NODE(TESTS, tests)		  /* frame[slot] passes one of items; negated: none */     \
	FEEL_NODE(TEST, test)		  /* frame[slot] passes right, by op */                    \
	FEEL_NODE(IF, if)	    /* items: condition, value, condition, value, …, else */     \
	FEEL_NODE(LIST, list)	    /* items */                                                    \
	FEEL_NODE(CONTEXT, context) /* names[i]: items[i], put in frame[slots[i]] */               \
	FEEL_NODE(RANGE, range)	    /* left .. right */                                            \
	FEEL_NODE(UNARY_RANGE, unary_range) /* op right */                                         \
	FEEL_NODE(SPAN, span)		    /* left .. right of an iteration, up or down */        \
	FEEL_NODE(FOR, iteration)	    /* frame[slots[i]] in items[i], return right */        \
	FEEL_NODE(SOME, iteration)                                                                 \
	FEEL_NODE(EVERY, iteration)

enum feel_node_kind {
#define FEEL_NODE(kind, fn) FEEL_N_##kind,
	FEEL_NODES
#undef FEEL_NODE
		FEEL_NODE_KINDS
};

struct feel_capture {
	unsigned from, to; /* slots of the frame around and of the function's */
	bool is_self;	   /* the function itself, which has no value yet */
};

struct feel_body {			  /* of a function */
	const struct feel_member *params; /* in the first slots of the frame */
	const struct feel_capture *captures;
	unsigned params_len, captures_len, frame_len;
	const struct feel_type *yields; /* as far as its form tells; NULL: anything */
};

/* The first members are all that LITERAL, SLOT and LOCAL have: see node_size in parse.c. */
struct feel_node {
	feel_node_fn *run;
	unsigned at; /* bytes from the start of the text */
	unsigned short height;
	unsigned char kind;
	unsigned char op; /* enum feel_token_kind */
	union {
		const struct feel_value *value;
		const struct feel_builtin *builtin;
		const struct feel_type *type;
		const struct feel_body *body;
		const unsigned char *ops;
		const unsigned *slots; /* of NAME: of filtered items, innermost first */
	};
	unsigned slot;
	unsigned len;		  /* of items, names and slots */
	bool low_open, high_open; /* of a range */
	bool is_negated;	  /* of tests */
	bool has_tested;	  /* a test that says `?` itself */
	bool wants_partial;	  /* of a for: frame[slot] is `partial` */
	bool is_absolute;	  /* of a filter: right is a literal number */
	const struct feel_node *left, *right;
	const struct feel_node **items;
	struct feel_text *names;
	struct feel_text name;
};

struct feel_expr {
	struct feel_arena arena; /* nodes, names and literals */
	const char *text;	 /* for the lines and columns of notes */
	size_t text_len;
	const struct feel_node *root;
	unsigned frame_len;
	size_t slots_len;    /* of the names it was compiled with */
	bool keeps_bindings; /* it defines functions, which may outlive an evaluation */
	bool is_tests;	     /* frame[0] is the tested value */
};

/* feel_parse makes expr->root in expr->arena; PL_INVALID, PL_TOOLARGE or PL_NOMEM with a detail. */
enum pl_err feel_parse(struct feel_expr *expr, const struct feel_names *names, const char *text,
		       size_t len, bool is_tests);

/* feel_place sets line and column, from 1, of a byte of the text. */
void feel_place(unsigned *linep, unsigned *columnp, const char *text, size_t at);

#endif
