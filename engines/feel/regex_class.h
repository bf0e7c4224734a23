/*
 * regex_class.h — sets of characters of a regular expression, as PCRE2 writes them in brackets.
 *
 * Source: XML Schema 1.1 part 2 appendix G.4; XML 1.0 §2.3 for \i and \c; Unicode's Blocks.txt.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_REGEX_CLASS_H
#define FEEL_REGEX_CLASS_H

#include <stdbool.h>
#include <stddef.h>

struct feel_range_of_characters {
	unsigned long first, last;
};

struct feel_class {	  /* ranges, or what PCRE2 calls it */
	const char *text; /* within brackets; NULL: ranges */
	const struct feel_range_of_characters *ranges;
	size_t len;
	bool is_negated; /* of ranges: all others */
	bool is_of_case; /* letters of one case: the flag i leaves it alone */
};

/* feel_class_of_escape finds the class of \s, \D and such; false for another letter. */
bool feel_class_of_escape(struct feel_class *classp, char letter);

/* feel_class_of_property finds that of \p{name} or \P{name}; false for an unknown name. */
bool feel_class_of_property(struct feel_class *classp, const char *name, size_t len,
			    bool is_negated);

#endif
