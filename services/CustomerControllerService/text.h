/*
 * text.h — texts that people write: control characters removed, length counted in characters.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CHAT_TEXT_H
#define CHAT_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "pelago/err.h"

struct text_rule {
	const char *name; /* of the member */
	size_t most;	  /* characters (code points) after cleaning */
	bool lines;	  /* newline and tab stay */
	bool required;	  /* absent, empty or blank is refused */
};

/*
 * text_take reads a member of object by a rule. *textp is the caller's, free(); NULL if absent,
 * empty or blank. Removed: U+0000–1F (but newline and tab where lines), U+007F–9F. Returns
 * PL_INVALID for another type or a missing text, PL_TOOLARGE for too many characters, PL_NOMEM.
 */
enum pl_err text_take(char **textp, const json_t *object, const struct text_rule *rule);

/* text_clean returns a cleaned copy, free(); NULL without memory. *charsp is its number of
 * characters. */
char *text_clean(size_t *charsp, const char *text, bool lines);

/* text_is_blank tells whether there is nothing but white space. */
bool text_is_blank(const char *text);

#endif
