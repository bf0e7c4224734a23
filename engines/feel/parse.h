/*
 * parse.h — what the files of the parser share. Each function returns NULL or false after a
 * refusal; parser->err then is set, and the first refusal stays.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_PARSE_H
#define FEEL_PARSE_H

#include "engines/feel/ast.h"
#include "engines/feel/names.h"

enum feel_precedence {
	FEEL_P_OR = 1,
	FEEL_P_AND,
	FEEL_P_COMPARISON,
	FEEL_P_SUM,
	FEEL_P_PRODUCT,
	FEEL_P_POWER,
	FEEL_P_OPERAND
};

struct feel_unit { /* a function's body being read, or the expression itself */
	struct feel_unit *outer;
	unsigned frame_len;
	struct feel_capture *captures; /* grows by doubling in the arena */
	unsigned captures_len, captures_cap;
	unsigned number; /* 0 for the expression, counted up inwards */
};

struct feel_filter { /* being read */
	struct feel_symbol item;
	size_t symbols_len; /* when it began: older names are hidden by the item's members */
};

struct feel_parser {
	struct feel_lexer lexer;
	struct feel_arena *arena;
	struct feel_token token;	/* the next one */
	struct feel_symbols variables;	/* of this text; outer: of names */
	struct feel_symbols keys;	/* likewise */
	const struct feel_names *names; /* NULL: none are known, the root context has them */
	struct feel_unit *unit;
	struct feel_filter *filters; /* grows by doubling in the arena */
	size_t filters_len, filters_cap;
	const struct feel_builtin *namesake; /* of the variable that is called next */
	size_t work;			     /* names that were looked at */
	unsigned depth;
	bool no_filter;	  /* at the end of a range, where `[` closes it */
	bool says_tested; /* a `?` was read */
	bool defines_function;
	enum pl_err err;
};

struct feel_items { /* grows by doubling in the arena */
	const struct feel_node **nodes;
	struct feel_text *names;
	unsigned *slots; /* for the caller to fill */
	size_t len, cap;
	unsigned height;
};

/* parse.c: refusals, tokens, nodes */
void *feel_refuse(struct feel_parser *p, const char *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void *feel_parse_no_memory(struct feel_parser *p);
bool feel_advance(struct feel_parser *p);
bool feel_advance_to(struct feel_parser *p, const char *at); /* puts the lexer there */
bool feel_skip(struct feel_parser *p, enum feel_token_kind kind);
bool feel_expect(struct feel_parser *p, enum feel_token_kind kind);

static inline bool feel_is_next(const struct feel_parser *p, enum feel_token_kind kind)
{
	return p->token.kind == kind;
}

struct feel_node *feel_node_new(struct feel_parser *p, enum feel_node_kind kind, const char *at);
const struct feel_node *feel_seal(struct feel_parser *p, struct feel_node *node);
const struct feel_node *feel_seal_items(struct feel_parser *p, struct feel_node *node,
					const struct feel_items *items);
const struct feel_node *feel_literal(struct feel_parser *p, const struct feel_value *value,
				     const char *at);
bool feel_items_add(struct feel_parser *p, struct feel_items *items, const struct feel_node *node,
		    struct feel_text name);

/* parse.c: expressions; parse_operator.c: operators, and what stands behind an operand */
const struct feel_node *feel_parse_expression(struct feel_parser *p);
const struct feel_node *feel_parse_binary(struct feel_parser *p, enum feel_precedence least);
const struct feel_node *feel_parse_operators(struct feel_parser *p, enum feel_precedence least);

/* parse_primary.c: literals, lists, contexts, ranges */
const struct feel_node *feel_parse_primary(struct feel_parser *p);
const struct feel_node *feel_parse_range_end(struct feel_parser *p, const struct feel_node *low,
					     bool low_open, const char *at);
bool feel_parse_string_text(struct feel_parser *p, struct feel_text *textp);

/* parse_unary.c: what stands behind `in`, and unary tests */
const struct feel_node *feel_parse_in(struct feel_parser *p, const struct feel_node *left,
				      const char *at);
const struct feel_node *feel_parse_unary_range(struct feel_parser *p);
const struct feel_node *feel_parse_unary_tests(struct feel_parser *p);
bool feel_is_comparison(enum feel_token_kind kind);

/* parse_iteration.c: for, some, every */
const struct feel_node *feel_parse_iteration(struct feel_parser *p, enum feel_node_kind kind,
					     enum feel_token_kind before_body);

/* feel_parse_refused is null with a note of why and name; where no names are known, an error. */
const struct feel_node *feel_parse_refused(struct feel_parser *p, const char *at, const char *why,
					   struct feel_text name);

/* parse_function.c: definitions and calls */

const struct feel_node *feel_parse_function(struct feel_parser *p);
const struct feel_node *feel_parse_call(struct feel_parser *p, const struct feel_node *callee,
					const char *at);
const struct feel_node *feel_parse_builtin_call(struct feel_parser *p,
						const struct feel_builtin *builtin, const char *at);

/* parse_name.c: names, and the slots of variables */
const struct feel_node *feel_parse_name(struct feel_parser *p);
/* feel_is_keyword_name tells whether a longer name in scope begins with the keyword that is next.
 */
bool feel_is_keyword_name(struct feel_parser *p);
const struct feel_node *feel_parse_path(struct feel_parser *p, const struct feel_node *left);
const struct feel_node *feel_parse_filter(struct feel_parser *p, const struct feel_node *left);

/* feel_scan_name reads a name that is being defined, up to one of the signs, or to a word. */
bool feel_scan_name(struct feel_parser *p, struct feel_symbol *symbol, const char *signs,
		    const char *word);

/* feel_is_named_argument tells whether `name:` is next. */
bool feel_is_named_argument(const struct feel_parser *p);
unsigned feel_slot_new(struct feel_parser *p);

/* feel_bind gives a name a new slot, and makes it known until feel_unbind. */
bool feel_bind(struct feel_parser *p, struct feel_symbol *symbol);
void feel_unbind(struct feel_parser *p, size_t symbols_len);
/* feel_know_member notes a name that contexts have from here on. */
bool feel_know_member(struct feel_parser *p, const struct feel_symbol *symbol);

/* infer.c: NULL is Any; body is of the function around it */
const struct feel_type *feel_infer(struct feel_parser *p, const struct feel_node *node,
				   const struct feel_body *body);

/* parse_type.c */
const struct feel_type *feel_parse_type(struct feel_parser *p);

#endif
