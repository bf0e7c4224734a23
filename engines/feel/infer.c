/*
 * infer.c — what type an expression has, as far as its form tells: `instance of` asks it of
 * functions, whose bodies aren't evaluated for that.
 *
 * Source: DMN 1.4 §10.3.2.9.1 (function types are covariant in what they yield).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/feel/parse.h"

static const struct feel_type *context_of(struct feel_parser *p, const struct feel_node *node,
					  const struct feel_body *body)
{
	struct feel_type *type = feel_arena_alloc(p->arena, sizeof(*type));
	struct feel_member *members =
		feel_arena_alloc(p->arena, (node->len + 1) * sizeof(*members));

	if (!type || !members)
		return feel_parse_no_memory(p);
	for (unsigned i = 0; i < node->len; i++) {
		members[i].name = node->names[i];
		members[i].type = feel_infer(p, node->items[i], body);
	}
	type->kind = FEEL_TYPE_CONTEXT;
	type->members = members;
	type->len = node->len;
	return type;
}

static const struct feel_type *list_of(struct feel_parser *p, const struct feel_node *node,
				       const struct feel_body *body)
{
	struct feel_type *type = feel_arena_alloc(p->arena, sizeof(*type));

	if (!type)
		return feel_parse_no_memory(p);
	type->kind = FEEL_TYPE_LIST;
	type->is_unspecified = node->len == 0;
	for (unsigned i = 0; i < node->len; i++) {
		const struct feel_type *item = feel_infer(p, node->items[i], body);

		if (i == 0)
			type->element = item;
		else if (!feel_type_conforms(item, type->element) ||
			 !feel_type_conforms(type->element, item))
			type->element = NULL;
	}
	return type;
}

static const struct feel_type *function_of(struct feel_parser *p, const struct feel_node *node)
{
	struct feel_type *type = feel_arena_alloc(p->arena, sizeof(*type));

	if (!type)
		return feel_parse_no_memory(p);
	type->kind = FEEL_TYPE_FUNCTION;
	type->members = node->body->params;
	type->len = node->body->params_len;
	type->element = node->body->yields;
	return type;
}

static const struct feel_type *arithmetic(struct feel_parser *p, const struct feel_node *node,
					  const struct feel_body *body)
{
	const struct feel_type *left = feel_infer(p, node->left, body);

	return left && left == feel_infer(p, node->right, body) && left->kind == FEEL_TYPE_SIMPLE &&
			       (left->simple == FEEL_NUMBER || left->simple == FEEL_STRING)
		       ? left
		       : NULL;
}

const struct feel_type *feel_infer(struct feel_parser *p, const struct feel_node *node,
				   const struct feel_body *body)
{
	const char *text;

	if (!node)
		return NULL;
	switch (node->kind) {
	case FEEL_N_LITERAL:
		text = feel_kind_text(node->value->kind);
		return feel_type_named(text, strlen(text));
	case FEEL_N_LOCAL:
		return node->slot < body->params_len ? body->params[node->slot].type : NULL;
	case FEEL_N_COMPARE:
	case FEEL_N_AND:
	case FEEL_N_OR:
	case FEEL_N_BETWEEN:
	case FEEL_N_IN:
	case FEEL_N_INSTANCE:
	case FEEL_N_SOME:
	case FEEL_N_EVERY:
		return feel_type_named("boolean", 7);
	case FEEL_N_ARITHMETIC:
		return arithmetic(p, node, body);
	case FEEL_N_NEGATE:
		return feel_infer(p, node->left, body);
	case FEEL_N_LIST:
		return list_of(p, node, body);
	case FEEL_N_CONTEXT:
		return context_of(p, node, body);
	case FEEL_N_FUNCTION:
		return function_of(p, node);
	default:
		return NULL;
	}
}
