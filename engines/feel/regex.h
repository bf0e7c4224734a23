/*
 * regex.h — regular expressions as XPath has them, on PCRE2.
 *
 * What it hides: the pattern is read here, by the grammar of XML Schema and XPath, and written anew
 * as PCRE2 has it; what the grammar doesn't allow is refused, whatever PCRE2 would make of it. What
 * a match may cost is bounded by the run's steps: PCRE2 backtracks, so it is given a little at a
 * time and the rest is paid for first (docs/decisions/0012).
 *
 * Source: XML Schema 1.1 part 2 appendix G; XQuery 1.0 and XPath 2.0 Functions and Operators §7.6.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_REGEX_H
#define FEEL_REGEX_H

#include "engines/feel/run.h"

/* ---- translation ---- */

struct feel_pattern { /* of the arena */
	char *bytes;
	size_t len;
	size_t groups;
	size_t run_len;	    /* characters that a match looks at before it must fork */
	bool has_reference; /* \1: compares texts */
	bool is_caseless, is_dotall, is_multiline, is_spaced; /* flags i, s, m, x */
};

/*
 * feel_pattern_translate writes a pattern of XPath as one of PCRE2 into *outp.
 *
 *   flags  any of s, m, i and x, each any number of times; bytes NULL for none
 *
 * Returns true; false with a note for what is no pattern or flag, or when the run is over.
 */
bool feel_pattern_translate(struct feel_pattern *outp, struct feel_run *run,
			    struct feel_text pattern, struct feel_text flags);

/* ---- matching ---- */

struct feel_regex; /* opaque */

/* feel_regex_new makes *regexp (the caller's: feel_regex_free). Errors as above. */
bool feel_regex_new(struct feel_regex **regexp, struct feel_run *run, struct feel_text pattern,
		    struct feel_text flags);
void feel_regex_free(struct feel_regex *regex); /* takes NULL */

/* feel_regex_find looks for a match from a byte of the text on. FEEL_OVER when the run is. */
enum feel_ternary feel_regex_find(struct feel_regex *regex, struct feel_text text, size_t from);

/* feel_regex_group is a part of the last match, 0 the whole; empty for one that took no part. */
struct feel_text feel_regex_group(const struct feel_regex *regex, size_t group);
size_t feel_regex_groups(const struct feel_regex *regex);

#endif
