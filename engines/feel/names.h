/*
 * names.h — tables of names, and the longest of them that fits a text.
 *
 * A name is found by its first word, so a table of thousands is as quick as one of ten. Blanks in
 * the text between words and signs don't count, save that two words need one between them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_NAMES_H
#define FEEL_NAMES_H

#include "engines/feel/feel.h"

struct feel_symbol {
	struct feel_text name;	      /* without blanks around signs, as texts are matched */
	struct feel_text key;	      /* as contexts have it */
	const struct feel_type *type; /* of a type's name */
	unsigned slot;
	unsigned unit;	  /* the function that the slot belongs to, 0 for the expression itself */
	bool is_global;	  /* of feel_bindings.slots */
	bool is_defining; /* a context's entry whose function is being read */
	bool is_used;
	bool is_member;	  /* of keys: only behind a dot, and in filters */
	unsigned hash[2]; /* of the first word, of the whole name */
	unsigned next[2]; /* in the same bucket by that hash: index + 1, older */
};

struct feel_symbols {			  /* newest last */
	const struct feel_symbols *outer; /* looked at behind these; NULL: there are none */
	struct feel_symbol *rows;
	size_t len, cap;      /* cap: a power of two, or 0 */
	unsigned *buckets[2]; /* cap of each: index + 1 of the newest */
};

struct feel_names {
	struct feel_symbols variables, keys, types;
	size_t slots;
	struct feel_arena arena; /* the names' bytes */
};

/* feel_symbols_push copies symbol; false without memory. */
bool feel_symbols_push(struct feel_symbols *symbols, const struct feel_symbol *symbol);

/* feel_symbols_cut drops all but the oldest len. */
void feel_symbols_cut(struct feel_symbols *symbols, size_t len);
void feel_symbols_fini(struct feel_symbols *symbols);

/*
 * feel_symbols_match finds the longest name that the text at `at` begins with, the newest of equal
 * ones; NULL for none. *endp is where it ends. *work counts names that were looked at.
 */
struct feel_symbol *feel_symbols_match(const char **endp, const struct feel_symbols *symbols,
				       bool with_members, const char *at, const char *end,
				       size_t *work);

/* feel_symbols_find finds a name without blanks around signs; NULL for none. */
struct feel_symbol *feel_symbols_find(const struct feel_symbols *symbols, struct feel_text name,
				      size_t *work);

/* feel_name_match is where name ends in the text at `at`, or NULL if it isn't there. */
const char *feel_name_match(struct feel_text name, const char *at, const char *end);

/* feel_name_clean writes a name with single blanks between words and none elsewhere, feel_name_key
 * one with single blanks where there were some; at most len bytes. Both return how many. */
size_t feel_name_clean(char *out, const char *text, size_t len);
size_t feel_name_key(char *out, const char *text, size_t len);

#endif
