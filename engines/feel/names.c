/*
 * names.c — see names.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/names.h"

#include <stdlib.h>
#include <string.h>

#include "engines/feel/lexer.h"

enum { NAME_BYTES_MAX = 1024, NAMES_MEMORY_MAX = 64 << 20, KEYS_DEPTH_MAX = 64 };

static unsigned hash_of(const char *at, const char *end)
{
	unsigned hash = 2166136261U; /* FNV-1a */

	for (; at < end; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619U;
	return hash;
}

/* Rows by their first word are found in a text, by their whole name as they are. */
enum { BY_WORD, BY_NAME, WAYS };

static void link_row(struct feel_symbols *symbols, size_t i)
{
	struct feel_symbol *row = &symbols->rows[i];

	for (int way = 0; way < WAYS; way++) {
		unsigned *bucket = &symbols->buckets[way][row->hash[way] & (symbols->cap - 1)];

		row->next[way] = *bucket;
		*bucket = (unsigned)i + 1;
	}
}

static bool grow(struct feel_symbols *symbols)
{
	size_t cap = symbols->cap ? symbols->cap * 2 : 16;
	struct feel_symbol *rows = realloc(symbols->rows, cap * sizeof(*rows));
	unsigned *buckets = calloc(cap * WAYS, sizeof(*buckets));

	if (rows)
		symbols->rows = rows;
	if (!rows || !buckets) {
		free(buckets);
		return false;
	}
	free(symbols->buckets[BY_WORD]); /* one block for both */
	for (int way = 0; way < WAYS; way++)
		symbols->buckets[way] = buckets + (size_t)way * cap;
	symbols->cap = cap;
	for (size_t i = 0; i < symbols->len; i++)
		link_row(symbols, i);
	return true;
}

bool feel_symbols_push(struct feel_symbols *symbols, const struct feel_symbol *symbol)
{
	const char *start = symbol->name.bytes, *end = start + symbol->name.len;
	struct feel_symbol *row;

	if (symbols->len == symbols->cap && !grow(symbols))
		return false;
	row = &symbols->rows[symbols->len];
	*row = *symbol;
	row->hash[BY_WORD] = hash_of(start, feel_word_end(start, end));
	row->hash[BY_NAME] = hash_of(start, end);
	link_row(symbols, symbols->len++);
	return true;
}

void feel_symbols_cut(struct feel_symbols *symbols, size_t len)
{
	while (symbols->len > len) {
		struct feel_symbol *row = &symbols->rows[--symbols->len];

		for (int way = 0; way < WAYS; way++)
			symbols->buckets[way][row->hash[way] & (symbols->cap - 1)] = row->next[way];
	}
}

void feel_symbols_fini(struct feel_symbols *symbols)
{
	free(symbols->rows);
	free(symbols->buckets[BY_WORD]);
	*symbols = (struct feel_symbols){ 0 };
}

static unsigned newest(const struct feel_symbols *symbols, int way, unsigned hash)
{
	return symbols->cap ? symbols->buckets[way][hash & (symbols->cap - 1)] : 0;
}

const char *feel_name_match(struct feel_text name, const char *at, const char *end)
{
	const char *want = name.bytes, *want_end = want + name.len;
	bool after_word = false;

	while (want < want_end) {
		const char *want_word, *word;
		bool blank = false;

		if (*want == ' ')
			want++;
		for (size_t n; (n = feel_blank_len(at, end)) > 0; blank = true)
			at += n;
		want_word = feel_word_end(want, want_end);
		word = feel_word_end(at, end);
		if (want_word == want) { /* a sign */
			if (at == end || *at != *want)
				return NULL;
			at++;
			want++;
			after_word = false;
			continue;
		}
		if (word - at != want_word - want || memcmp(at, want, (size_t)(word - at)) != 0 ||
		    (after_word && !blank))
			return NULL;
		at = word;
		want = want_word;
		after_word = true;
	}
	return at;
}

struct feel_symbol *feel_symbols_match(const char **endp, const struct feel_symbols *symbols,
				       bool with_members, const char *at, const char *end,
				       size_t *work)
{
	unsigned hash = hash_of(at, feel_word_end(at, end));
	struct feel_symbol *best = NULL;

	for (; symbols; symbols = symbols->outer)
		for (unsigned i = newest(symbols, BY_WORD, hash); i;
		     i = symbols->rows[i - 1].next[BY_WORD]) {
			struct feel_symbol *row = &symbols->rows[i - 1];
			const char *row_end;

			++*work;
			if (row->hash[BY_WORD] != hash || (row->is_member && !with_members))
				continue;
			row_end = feel_name_match(row->name, at, end);
			if (row_end && (!best || row_end > *endp)) {
				best = row;
				*endp = row_end;
			}
		}
	return best;
}

struct feel_symbol *feel_symbols_find(const struct feel_symbols *symbols, struct feel_text name,
				      size_t *work)
{
	unsigned hash = hash_of(name.bytes, name.bytes + name.len);

	for (; symbols; symbols = symbols->outer)
		for (unsigned i = newest(symbols, BY_NAME, hash); i;
		     i = symbols->rows[i - 1].next[BY_NAME]) {
			++*work;
			if (symbols->rows[i - 1].hash[BY_NAME] == hash &&
			    feel_text_equal(symbols->rows[i - 1].name, name))
				return &symbols->rows[i - 1];
		}
	return NULL;
}

size_t feel_name_clean(char *out, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	bool after_word = false, blank = false;
	size_t n = 0;

	while (at < end) {
		size_t space = feel_blank_len(at, end);
		const char *word;

		if (space) {
			at += space;
			blank = true;
			continue;
		}
		word = feel_word_end(at, end);
		if (word > at && after_word && blank)
			out[n++] = ' ';
		after_word = word > at;
		if (!after_word)
			word = at + 1;
		memcpy(out + n, at, (size_t)(word - at));
		n += (size_t)(word - at);
		at = word;
		blank = false;
	}
	return n;
}

size_t feel_name_key(char *out, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	size_t n = 0;

	while (at < end) {
		size_t space = feel_blank_len(at, end);

		if (!space)
			out[n++] = *at++;
		else if (n && out[n - 1] != ' ')
			out[n++] = ' ';
		at += space;
	}
	return n && out[n - 1] == ' ' ? n - 1 : n;
}

enum pl_err feel_names_new(struct feel_names **namesp)
{
	struct feel_names *names = calloc(1, sizeof(*names));

	if (!names)
		return PL_NOMEM;
	names->arena.limit = NAMES_MEMORY_MAX;
	*namesp = names;
	return PL_OK;
}

static enum pl_err add(struct feel_names *names, struct feel_symbols *symbols, const char *name,
		       size_t len, struct feel_symbol symbol)
{
	char *copy, *key;

	if (len == 0 || len > NAME_BYTES_MAX || !feel_utf8_valid(name, len))
		return pl_fail(PL_INVALID,
			       "FEEL: a name must have 1 to %d bytes of UTF-8, and no NUL",
			       NAME_BYTES_MAX);
	key = feel_arena_copy(&names->arena, name, len);
	copy = key ? feel_arena_alloc(&names->arena, len + 1) : NULL;
	if (!copy)
		return names->arena.hit_limit ? pl_fail(PL_TOOLARGE, "FEEL: too many names")
					      : PL_NOMEM;
	symbol.key = (struct feel_text){ key, len };
	symbol.name = (struct feel_text){ copy, feel_name_clean(copy, name, len) };
	if (symbol.name.len == 0)
		return pl_fail(PL_INVALID, "FEEL: a name can't be blank");
	return feel_symbols_push(symbols, &symbol) ? PL_OK : PL_NOMEM;
}

enum pl_err feel_names_add(struct feel_names *names, size_t *slotp, const char *name, size_t len)
{
	const struct feel_symbol symbol = { .slot = (unsigned)names->slots, .is_global = true };
	enum pl_err err = add(names, &names->variables, name, len, symbol);

	if (err)
		return err;
	if (slotp)
		*slotp = names->slots;
	names->slots++;
	return PL_OK;
}

enum pl_err feel_names_add_key(struct feel_names *names, const char *name, size_t len)
{
	return add(names, &names->keys, name, len, (struct feel_symbol){ .is_member = true });
}

static bool has_key(const struct feel_names *names, struct feel_text key)
{
	char clean[NAME_BYTES_MAX];
	size_t work = 0;

	return feel_symbols_find(
		&names->keys,
		(struct feel_text){ clean, feel_name_clean(clean, key.bytes, key.len) }, &work);
}

static enum pl_err add_keys(struct feel_names *names, const struct feel_value *value,
			    struct feel_arena *arena, unsigned depth)
{
	struct feel_entry *entries;
	enum pl_err err = PL_OK;
	size_t len;

	if (depth > KEYS_DEPTH_MAX)
		return PL_OK; /* deeper ones can be reached by get value() */
	if (value->kind == FEEL_LIST) {
		for (size_t i = 0; !err && i < feel_list_len(value); i++) {
			const struct feel_value *item = feel_list_at(arena, value, i);

			err = item ? add_keys(names, item, arena, depth + 1) : PL_NOMEM;
		}
	}
	if (value->kind != FEEL_CONTEXT)
		return err;
	if (!feel_context_entries(&entries, &len, arena, value))
		return PL_NOMEM;
	for (size_t i = 0; !err && i < len; i++) {
		if (entries[i].key.len > 0 && entries[i].key.len <= NAME_BYTES_MAX &&
		    !has_key(names, entries[i].key))
			err = add(names, &names->keys, entries[i].key.bytes, entries[i].key.len,
				  (struct feel_symbol){ .is_member = depth > 0 });
		if (!err)
			err = add_keys(names, entries[i].value, arena, depth + 1);
	}
	return err;
}

enum pl_err feel_names_add_keys(struct feel_names *names, const struct feel_value *value)
{
	struct feel_arena arena = { .limit = NAMES_MEMORY_MAX };
	enum pl_err err = add_keys(names, value, &arena, 0);

	feel_arena_fini(&arena);
	return err;
}

static enum pl_err add_type_keys(struct feel_names *names, const struct feel_type *type,
				 unsigned depth)
{
	enum pl_err err = PL_OK;

	if (!type || depth > KEYS_DEPTH_MAX / 4)
		return PL_OK;
	if (type->kind == FEEL_TYPE_LIST)
		return add_type_keys(names, type->element, depth + 1);
	for (size_t i = 0; !err && type->kind == FEEL_TYPE_CONTEXT && i < type->len; i++) {
		struct feel_text name = type->members[i].name;

		if (name.len > NAME_BYTES_MAX || has_key(names, name))
			continue; /* also where types go in circles */
		err = feel_names_add_key(names, name.bytes, name.len);
		if (!err)
			err = add_type_keys(names, type->members[i].type, depth + 1);
	}
	return err;
}

enum pl_err feel_names_add_type(struct feel_names *names, const char *name, size_t len,
				const struct feel_type *type)
{
	enum pl_err err =
		add(names, &names->types, name, len, (struct feel_symbol){ .type = type });

	return err ? err : add_type_keys(names, type, 0);
}

void feel_names_cut(struct feel_names *names, size_t len)
{
	feel_symbols_cut(&names->variables, len);
	if (names->slots > len)
		names->slots = len;
}

void feel_names_free(struct feel_names *names)
{
	if (!names)
		return;
	feel_symbols_fini(&names->variables);
	feel_symbols_fini(&names->keys);
	feel_symbols_fini(&names->types);
	feel_arena_fini(&names->arena);
	free(names);
}
