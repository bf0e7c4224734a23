/*
 * parse_name.c — names: which variable a name means, and the slot that holds it.
 *
 * The longest name in scope that fits the text is taken. Within a filter, members of the item hide
 * variables from outside; that is only known when the filter runs, so such a name lists the items
 * to ask first. A name that is not in scope may be a member of the root context: its words are
 * joined.
 *
 * Source: DMN 1.4 §10.3.1.4 and §10.3.2.5, grammar rules 25 to 29.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/feel/builtins.h"
#include "engines/feel/parse.h"

enum { WORK_MAX = 50000000, NAME_BYTES_MAX = 1024 };

static bool is_tired(struct feel_parser *p)
{
	if (p->work > WORK_MAX && !p->err)
		p->err = pl_fail(PL_TOOLARGE, "FEEL: too many names that begin alike");
	return p->err;
}

unsigned feel_slot_new(struct feel_parser *p)
{
	return p->unit->frame_len++;
}

bool feel_bind(struct feel_parser *p, struct feel_symbol *symbol)
{
	symbol->slot = feel_slot_new(p);
	symbol->unit = p->unit->number;
	if (!feel_symbols_push(&p->variables, symbol))
		feel_parse_no_memory(p);
	return !p->err;
}

void feel_unbind(struct feel_parser *p, size_t symbols_len)
{
	feel_symbols_cut(&p->variables, symbols_len);
}

bool feel_know_member(struct feel_parser *p, const struct feel_symbol *symbol)
{
	struct feel_symbol member = { .name = symbol->name, .key = symbol->key, .is_member = true };

	if (!feel_symbols_find(&p->keys, symbol->name, &p->work) &&
	    !feel_symbols_push(&p->keys, &member))
		feel_parse_no_memory(p);
	return !is_tired(p);
}

static bool copy_name(struct feel_parser *p, struct feel_symbol *symbol, const char *text,
		      size_t len)
{
	char *name = feel_arena_alloc(p->arena, len + 1);
	char *key = feel_arena_alloc(p->arena, len + 1);

	if (!name || !key)
		return feel_parse_no_memory(p);
	*symbol = (struct feel_symbol){
		.name = { name, feel_name_clean(name, text, len) },
		.key = { key, feel_name_key(key, text, len) },
	};
	return true;
}

bool feel_scan_name(struct feel_parser *p, struct feel_symbol *symbol, const char *signs,
		    const char *word)
{
	const char *start = p->token.start, *at = start, *end = p->lexer.end, *name_end = start;

	if (feel_is_next(p, FEEL_T_QUOTED)) {
		struct feel_text text;

		return feel_parse_string_text(p, &text) &&
		       copy_name(p, symbol, text.bytes, text.len);
	}
	if (!feel_token_is_word(&p->token))
		return feel_refuse(p, start, "expected a name, found %s",
				   feel_token_text(p->token.kind));
	while (at < end && at - start < NAME_BYTES_MAX) {
		const char *next = feel_word_end(at, end);
		size_t blank = feel_blank_len(at, end);

		if (next > at) {
			if (word && at > start && (size_t)(next - at) == strlen(word) &&
			    memcmp(at, word, (size_t)(next - at)) == 0)
				break;
		} else if (blank) {
			at += blank;
			continue;
		} else if (strchr(signs, *at) || !strchr("0123456789+-*/.'", *at)) {
			break;
		} else {
			next = at + 1;
		}
		at = name_end = next;
	}
	if (at < end && name_end - start >= NAME_BYTES_MAX)
		return feel_refuse(p, start, "the name is longer than %d bytes", NAME_BYTES_MAX);
	return copy_name(p, symbol, start, (size_t)(name_end - start)) &&
	       feel_advance_to(p, name_end);
}

bool feel_is_named_argument(const struct feel_parser *p)
{
	const char *at = p->token.start, *end = p->lexer.end;

	if (feel_is_next(p, FEEL_T_QUOTED))
		at += p->token.len;
	else if (!feel_token_is_word(&p->token))
		return false;
	for (const char *next; at < end; at = next) {
		next = feel_word_end(at, end);
		if (next == at)
			next += feel_blank_len(at, end);
		if (next == at && strchr("0123456789+-*/.'", *at))
			next++;
		if (next == at)
			return *at == ':';
	}
	return false;
}

/* The slot of the frame being read that has the symbol's value; captured, if it is of another. */
static unsigned slot_of(struct feel_parser *p, struct feel_unit *unit, struct feel_symbol *symbol)
{
	struct feel_capture *capture;
	unsigned from;
	bool is_self;

	if (unit->number == symbol->unit)
		return symbol->slot;
	from = slot_of(p, unit->outer, symbol);
	is_self = symbol->is_defining && unit->outer->number == symbol->unit;
	for (unsigned i = 0; i < unit->captures_len; i++)
		if (unit->captures[i].from == from && unit->captures[i].is_self == is_self)
			return unit->captures[i].to;
	if (unit->captures_len == unit->captures_cap) {
		unsigned cap = unit->captures_cap ? unit->captures_cap * 2 : 4;

		capture = feel_arena_alloc(p->arena, cap * sizeof(*capture));
		if (!capture) {
			feel_parse_no_memory(p);
			return 0;
		}
		if (unit->captures_len)
			memcpy(capture, unit->captures, unit->captures_len * sizeof(*capture));
		unit->captures = capture;
		unit->captures_cap = cap;
	}
	capture = &unit->captures[unit->captures_len++];
	*capture = (struct feel_capture){ from, unit->frame_len++, is_self };
	return capture->to;
}

static const struct feel_node *variable(struct feel_parser *p, struct feel_symbol *symbol,
					const char *at)
{
	enum feel_node_kind kind = symbol->is_global ? FEEL_N_SLOT : FEEL_N_LOCAL;
	struct feel_node *node = feel_node_new(p, kind, at);

	if (!node)
		return NULL;
	if (!symbol->is_global) /* those are shared */
		symbol->is_used = true;
	if (symbol->name.len == 1 && symbol->name.bytes[0] == '?')
		p->says_tested = true;
	node->slot = symbol->is_global ? symbol->slot : slot_of(p, p->unit, symbol);
	return p->err ? NULL : node;
}

/* A name that members of filtered items may have: those filters that began after the name was
 * bound. symbol is NULL for a name that is not in scope. */
static const struct feel_node *resolve(struct feel_parser *p, struct feel_symbol *symbol,
				       struct feel_text key, const char *at)
{
	bool is_global = symbol && symbol->is_global; /* older than any filter */
	size_t place = symbol && !is_global ? (size_t)(symbol - p->variables.rows) : 0, len = 0;
	const struct feel_node *known = symbol ? variable(p, symbol, at) : NULL;
	struct feel_node *node;
	unsigned *filters;

	while (len < p->filters_len &&
	       (!symbol || is_global || p->filters[p->filters_len - 1 - len].symbols_len > place))
		len++;
	if (p->err || (known && len == 0))
		return known;
	node = feel_node_new(p, FEEL_N_NAME, at);
	filters = feel_arena_alloc(p->arena, (len + 1) * sizeof(*filters));
	if (!node || !filters)
		return feel_parse_no_memory(p);
	for (size_t i = 0; i < len; i++)
		filters[i] = slot_of(p, p->unit, &p->filters[p->filters_len - 1 - i].item);
	node->slots = filters;
	node->len = (unsigned)len;
	node->left = known;
	node->name.bytes = feel_arena_copy(p->arena, key.bytes, key.len);
	node->name.len = key.len;
	if (!node->name.bytes)
		return feel_parse_no_memory(p);
	return feel_seal(p, node);
}

/* Where the words end that follow each other from the token on. */
static const char *words_end(struct feel_parser *p)
{
	struct feel_lexer lexer = p->lexer;
	struct feel_token token = p->token;
	const char *end = token.start;

	do {
		end = token.start + token.len;
	} while (feel_lexer_next(&lexer, &token) && token.kind == FEEL_T_NAME);
	return end;
}

static const char *skip_blanks(const char *at, const char *end)
{
	for (size_t n; (n = feel_blank_len(at, end)) > 0;)
		at += n;
	return at;
}

/* The longest built-in function whose name is at `at` with a parenthesis behind. */
static const struct feel_builtin *builtin_at(const char **endp, const char *at, const char *end)
{
	const struct feel_builtin *rows, *best = NULL;
	size_t len = feel_builtin_rows(&rows);

	for (size_t i = 0; i < len; i++) {
		const char *name_end, *behind;

		if (*rows[i].name != *at)
			continue;
		name_end = feel_name_match((struct feel_text){ rows[i].name, strlen(rows[i].name) },
					   at, end);
		if (!name_end || (best && name_end <= *endp)) /* of a function, the first row */
			continue;
		behind = skip_blanks(name_end, end);
		if (behind < end && *behind == '(') {
			best = &rows[i];
			*endp = name_end;
		}
	}
	return best;
}

static bool goes_on_with_word(const struct feel_parser *p, const char *at)
{
	struct feel_lexer lexer = p->lexer;
	struct feel_token token;

	lexer.at = at;
	return feel_lexer_next(&lexer, &token) && token.kind == FEEL_T_NAME;
}

static const struct feel_node *quoted(struct feel_parser *p, const char *at)
{
	struct feel_symbol symbol, *found;
	struct feel_text text;

	if (!feel_parse_string_text(p, &text) || !copy_name(p, &symbol, text.bytes, text.len))
		return NULL;
	found = feel_symbols_find(&p->variables, symbol.name, &p->work);
	return resolve(p, found, text, at);
}

static const struct feel_node *joined_words(struct feel_parser *p, const char *at)
{
	const char *end = words_end(p);
	struct feel_symbol symbol, *found;

	if (!copy_name(p, &symbol, at, (size_t)(end - at)) || !feel_advance_to(p, end))
		return NULL;
	found = feel_symbols_find(&p->variables, symbol.name, &p->work);
	if (!found && !p->names && feel_is_next(p, FEEL_T_LPAREN))
		return feel_refuse(p, at, "unknown function %.*s", (int)symbol.key.len,
				   symbol.key.bytes);
	return resolve(p, found, symbol.key, at);
}

static bool begins_with_longer(struct feel_parser *p, const struct feel_symbols *symbols)
{
	const char *end = p->token.start;

	return feel_symbols_match(&end, symbols, p->filters_len > 0, p->token.start, p->lexer.end,
				  &p->work) &&
	       end > p->token.start + p->token.len;
}

bool feel_is_keyword_name(struct feel_parser *p)
{
	return feel_token_is_word(&p->token) &&
	       (begins_with_longer(p, &p->variables) || begins_with_longer(p, &p->keys));
}

const struct feel_node *feel_parse_name(struct feel_parser *p)
{
	const char *at = p->token.start, *end = p->lexer.end;
	const char *variable_end = at, *key_end = at, *builtin_end = at;
	struct feel_symbol *symbol, *key;
	const struct feel_builtin *builtin;

	if (feel_is_next(p, FEEL_T_QUOTED))
		return quoted(p, at);
	symbol = feel_symbols_match(&variable_end, &p->variables, true, at, end, &p->work);
	key = feel_symbols_match(&key_end, &p->keys, p->filters_len > 0, at, end, &p->work);
	builtin = builtin_at(&builtin_end, at, end);
	if (is_tired(p))
		return NULL;
	if (builtin && (!symbol || builtin_end > variable_end) && builtin_end >= key_end)
		return feel_advance_to(p, builtin_end) ? feel_parse_builtin_call(p, builtin, at)
						       : NULL;
	if (key && (!symbol || key_end > variable_end)) {
		symbol = NULL;
		variable_end = key_end;
	}
	if (feel_is_next(p, FEEL_T_NAME) &&
	    ((!symbol && !key) || goes_on_with_word(p, variable_end)))
		return joined_words(p, at);
	if (!feel_advance_to(p, variable_end))
		return NULL;
	if (builtin && builtin_end == variable_end)
		p->namesake = builtin;
	return resolve(p, symbol, symbol ? symbol->key : key->key, at);
}

const struct feel_node *feel_parse_path(struct feel_parser *p, const struct feel_node *left)
{
	struct feel_node *node = feel_node_new(p, FEEL_N_PATH, p->token.start);
	const char *at, *key_end = NULL, *end = p->lexer.end;
	struct feel_symbol symbol, *key;

	if (!node || !feel_advance(p))
		return NULL;
	node->left = left;
	at = p->token.start;
	if (!feel_token_is_word(&p->token))
		return feel_expect(p, FEEL_T_NAME), NULL;
	if (feel_is_next(p, FEEL_T_QUOTED))
		return feel_parse_string_text(p, &node->name) ? feel_seal(p, node) : NULL;
	key = feel_symbols_match(&key_end, &p->keys, true, at, end, &p->work);
	if (!key || goes_on_with_word(p, key_end)) {
		key_end = words_end(p);
		key = NULL;
	}
	if (is_tired(p))
		return NULL;
	if (key)
		symbol.key =
			(struct feel_text){ feel_arena_copy(p->arena, key->key.bytes, key->key.len),
					    key->key.len };
	else if (!copy_name(p, &symbol, at, (size_t)(key_end - at)))
		return NULL;
	if (!symbol.key.bytes)
		return feel_parse_no_memory(p);
	node->name = symbol.key;
	return feel_advance_to(p, key_end) ? feel_seal(p, node) : NULL;
}

static bool enter_filter(struct feel_parser *p, struct feel_symbol *item)
{
	if (!feel_bind(p, item))
		return false;
	if (p->filters_len == p->filters_cap) {
		size_t cap = p->filters_cap ? p->filters_cap * 2 : 4;
		struct feel_filter *filters = feel_arena_alloc(p->arena, cap * sizeof(*filters));

		if (!filters)
			return feel_parse_no_memory(p);
		if (p->filters_len)
			memcpy(filters, p->filters, p->filters_len * sizeof(*filters));
		p->filters = filters;
		p->filters_cap = cap;
	}
	p->filters[p->filters_len++] = (struct feel_filter){ *item, p->variables.len };
	return true;
}

const struct feel_node *feel_parse_filter(struct feel_parser *p, const struct feel_node *left)
{
	struct feel_node *node = feel_node_new(p, FEEL_N_FILTER, p->token.start);
	static const struct feel_text name = { "item", 4 };
	struct feel_symbol item = { .name = name, .key = name };
	size_t symbols_len = p->variables.len;

	if (!node || !enter_filter(p, &item) || !feel_advance(p))
		return NULL;
	node->left = left;
	node->slot = item.slot;
	node->right = feel_parse_expression(p);
	p->filters_len--;
	feel_unbind(p, symbols_len);
	if (!feel_expect(p, FEEL_T_RBRACKET))
		return NULL;
	node->is_absolute =
		node->right->kind == FEEL_N_LITERAL && node->right->value->kind == FEEL_NUMBER;
	return feel_seal(p, node);
}
