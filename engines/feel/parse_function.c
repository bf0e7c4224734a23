/*
 * parse_function.c — functions: defined, and called by place or by name.
 *
 * Source: DMN 1.4 §10.3.2.13, grammar rules 38 to 44 and 57.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/feel/builtins.h"
#include "engines/feel/parse.h"

enum { PARAMS_MAX = 4096 };

const struct feel_node *feel_parse_refused(struct feel_parser *p, const char *at, const char *why,
					   struct feel_text name)
{
	struct feel_node *node;
	size_t len = strlen(why);
	char *text;

	if (!p->names)
		return feel_refuse(p, at, "%s%.*s", why, (int)name.len, name.bytes);
	node = feel_node_new(p, FEEL_N_REFUSED, at);
	text = feel_arena_alloc(p->arena, len + name.len + 1);
	if (!node || !text)
		return feel_parse_no_memory(p);
	memcpy(text, why, len);
	if (name.len)
		memcpy(text + len, name.bytes, name.len);
	node->name = (struct feel_text){ text, len + name.len };
	return feel_seal(p, node);
}

static bool add_param(struct feel_parser *p, struct feel_member **paramsp, unsigned *lenp)
{
	struct feel_symbol symbol;
	struct feel_member *param;

	if (*lenp == PARAMS_MAX)
		return feel_refuse(p, p->token.start, "more than %d parameters", PARAMS_MAX);
	if ((*lenp & (*lenp - 1)) == 0) { /* a power of two, or none: full */
		struct feel_member *grown =
			feel_arena_alloc(p->arena, (*lenp ? *lenp * 2 : 1) * sizeof(*grown));

		if (!grown)
			return feel_parse_no_memory(p);
		if (*lenp)
			memcpy(grown, *paramsp, *lenp * sizeof(*grown));
		*paramsp = grown;
	}
	if (!feel_scan_name(p, &symbol, ":,)", NULL) || !feel_bind(p, &symbol))
		return false;
	param = &(*paramsp)[(*lenp)++];
	param->name = symbol.key;
	if (feel_skip(p, FEEL_T_COLON))
		param->type = feel_parse_type(p);
	return !p->err;
}

static bool is_word(const struct feel_parser *p, const char *word)
{
	return feel_is_next(p, FEEL_T_NAME) && p->token.len == strlen(word) &&
	       memcmp(p->token.start, word, p->token.len) == 0;
}

/* Reads the parameters and what stands behind, in a frame of its own. */
static const struct feel_node *parse_body(struct feel_parser *p, struct feel_node *node,
					  struct feel_body *body, const char *at)
{
	struct feel_member *params = NULL;

	while (!feel_is_next(p, FEEL_T_RPAREN)) {
		if (!add_param(p, &params, &body->params_len))
			return NULL;
		if (!feel_skip(p, FEEL_T_COMMA))
			break;
	}
	if (!feel_expect(p, FEEL_T_RPAREN))
		return NULL;
	body->params = params;
	if (is_word(p, "external")) {
		if (!feel_advance(p) || !feel_parse_expression(p))
			return NULL;
		return feel_parse_refused(p, at, "external functions are not run",
					  (struct feel_text){ 0 });
	}
	node->right = feel_parse_expression(p);
	return feel_seal(p, node);
}

const struct feel_node *feel_parse_function(struct feel_parser *p)
{
	const char *at = p->token.start;
	struct feel_node *node = feel_node_new(p, FEEL_N_FUNCTION, at);
	struct feel_body *body = feel_arena_alloc(p->arena, sizeof(*body));
	struct feel_unit unit = { .outer = p->unit, .number = p->unit->number + 1 };
	size_t symbols_len = p->variables.len;
	const struct feel_node *result;

	if (!node || !body)
		return feel_parse_no_memory(p);
	if (!feel_advance(p) || !feel_expect(p, FEEL_T_LPAREN))
		return NULL;
	p->unit = &unit;
	p->defines_function = true;
	result = parse_body(p, node, body, at);
	p->unit = unit.outer;
	feel_unbind(p, symbols_len);
	body->captures = unit.captures;
	body->captures_len = unit.captures_len;
	body->frame_len = unit.frame_len;
	body->yields = feel_infer(p, node->right, body);
	node->body = body;
	return result;
}

/* Reads `(…)`; all arguments are named, or none. */
static bool parse_arguments(struct feel_parser *p, struct feel_items *items, bool *by_namep)
{
	if (!feel_expect(p, FEEL_T_LPAREN))
		return false;
	*by_namep = feel_is_named_argument(p);
	while (!feel_is_next(p, FEEL_T_RPAREN)) {
		struct feel_symbol param = { 0 };

		if (*by_namep &&
		    (!feel_scan_name(p, &param, ":", NULL) || !feel_expect(p, FEEL_T_COLON)))
			return false;
		if (!feel_items_add(p, items, feel_parse_expression(p), param.key))
			return false;
		if (!feel_skip(p, FEEL_T_COMMA))
			break;
	}
	return feel_expect(p, FEEL_T_RPAREN);
}

const struct feel_node *feel_parse_builtin_call(struct feel_parser *p,
						const struct feel_builtin *builtin, const char *at)
{
	const struct feel_text name = { builtin->name, strlen(builtin->name) };
	struct feel_items items = { 0 };
	struct feel_node *node;
	bool by_name;

	if (!parse_arguments(p, &items, &by_name))
		return NULL;
	if (by_name && !feel_builtin_has(builtin, items.names, items.len))
		return feel_parse_refused(p, at, "no such parameters, or one twice, of ", name);
	if (!by_name && !feel_builtin_takes(builtin, items.len))
		return feel_parse_refused(p, at, "wrong number of arguments for ", name);
	if (!by_name)
		items.names = NULL;
	node = feel_node_new(p, FEEL_N_BUILTIN, at);
	if (node)
		node->builtin = builtin;
	return feel_seal_items(p, node, &items);
}

const struct feel_node *feel_parse_call(struct feel_parser *p, const struct feel_node *callee,
					const char *at)
{
	struct feel_node *node = feel_node_new(p, FEEL_N_CALL, at);
	struct feel_items items = { 0 };
	bool by_name;

	if (!node)
		return NULL;
	node->builtin = p->namesake;
	p->namesake = NULL;
	if (!parse_arguments(p, &items, &by_name))
		return NULL;
	node->left = callee;
	if (!by_name)
		items.names = NULL;
	return feel_seal_items(p, node, &items);
}
