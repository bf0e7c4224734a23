/*
 * parse_type.c — types as `instance of` and parameters name them.
 *
 * Source: DMN 1.4 grammar rules 54, 55 and 58.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/feel/parse.h"

static const struct {
	const char *word;
	enum feel_type_kind kind;
} kinds[] = {
	{ "list", FEEL_TYPE_LIST },
	{ "range", FEEL_TYPE_RANGE },
	{ "context", FEEL_TYPE_CONTEXT },
	{ "function", FEEL_TYPE_FUNCTION },
};

static bool add_member(struct feel_parser *p, struct feel_type *type, struct feel_text name,
		       const struct feel_type *member_type)
{
	struct feel_member *members = (struct feel_member *)type->members; /* ours to fill */

	if (!member_type)
		return false;
	if ((type->len & (type->len - 1)) == 0) { /* a power of two, or none: full */
		size_t cap = type->len ? type->len * 2 : 1;

		members = feel_arena_alloc(p->arena, cap * sizeof(*members));
		if (!members)
			return feel_parse_no_memory(p);
		if (type->len)
			memcpy(members, type->members, type->len * sizeof(*members));
		type->members = members;
	}
	members[type->len++] = (struct feel_member){ name, member_type };
	return true;
}

static bool parse_members(struct feel_parser *p, struct feel_type *type)
{
	bool is_named = type->kind == FEEL_TYPE_CONTEXT;

	while (!feel_is_next(p, FEEL_T_GT)) {
		struct feel_symbol symbol = { 0 };

		if (is_named && (!feel_scan_name(p, &symbol, ":", NULL) ||
				 !feel_know_member(p, &symbol) || !feel_expect(p, FEEL_T_COLON)))
			return false;
		if (!add_member(p, type, symbol.key, feel_parse_type(p)))
			return false;
		if (!feel_skip(p, FEEL_T_COMMA))
			break;
	}
	return true;
}

/* list<…>, range<…>, context<…>, function<…> -> … */
static const struct feel_type *parse_composite(struct feel_parser *p, enum feel_type_kind kind)
{
	struct feel_type *type = feel_arena_alloc(p->arena, sizeof(*type));

	if (!type)
		return feel_parse_no_memory(p);
	type->kind = kind;
	if (!feel_advance(p))
		return NULL;
	if (!feel_skip(p, FEEL_T_LT)) {
		type->is_unspecified = true;
		return p->err ? NULL : type;
	}
	if (kind == FEEL_TYPE_CONTEXT || kind == FEEL_TYPE_FUNCTION) {
		if (!parse_members(p, type))
			return NULL;
	} else {
		type->element = feel_parse_type(p);
	}
	if (!feel_expect(p, FEEL_T_GT))
		return NULL;
	if (kind == FEEL_TYPE_FUNCTION &&
	    (!feel_expect(p, FEEL_T_ARROW) || !(type->element = feel_parse_type(p))))
		return NULL;
	return type;
}

/* A name of FEEL's own, as long as its words fit: `days and time duration` has keywords in it. */
static const struct feel_type *parse_simple(struct feel_parser *p)
{
	const char *at = p->token.start, *best_end = NULL;
	const struct feel_type *best = NULL;

	for (size_t i = 0; feel_type_name(i); i++) {
		const struct feel_text name = { feel_type_name(i), strlen(feel_type_name(i)) };
		const char *end = feel_name_match(name, at, p->lexer.end);

		if (end && (!best || end > best_end)) {
			best = feel_type_named(name.bytes, name.len);
			best_end = end;
		}
	}
	return best && feel_advance_to(p, best_end) ? best : NULL;
}

static const struct feel_type *parse_type(struct feel_parser *p)
{
	const char *at = p->token.start, *end = at;
	const struct feel_type *type;
	struct feel_symbol *symbol = NULL;

	if (!feel_token_is_word(&p->token))
		return feel_refuse(p, at, "expected a type, found %s",
				   feel_token_text(p->token.kind));
	if (p->names)
		symbol = feel_symbols_match(&end, &p->names->types, true, at, p->lexer.end,
					    &p->work);
	if (symbol)
		return feel_advance_to(p, end) ? symbol->type : NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (p->token.len == strlen(kinds[i].word) &&
		    memcmp(at, kinds[i].word, p->token.len) == 0)
			return parse_composite(p, kinds[i].kind);
	type = parse_simple(p);
	if (!type && !p->err)
		return feel_refuse(p, at, "unknown type %.*s", (int)p->token.len, at);
	return type;
}

const struct feel_type *feel_parse_type(struct feel_parser *p)
{
	const struct feel_type *type;

	if (p->err)
		return NULL;
	if (++p->depth > 2 * FEEL_DEPTH_MAX)
		return feel_refuse(p, p->token.start, "types within each other too often");
	type = parse_type(p);
	p->depth--;
	return p->err ? NULL : type;
}
