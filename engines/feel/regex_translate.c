/*
 * regex_translate.c — reads a pattern by XPath's grammar and writes it as PCRE2's.
 *
 * What is the same in both is copied, characters as escapes. What isn't: ^ and $ know of no newline
 * unless told to; sets of characters may have others taken out, [a-z-[aeiou]], which becomes a look
 * ahead; \i, \c and blocks have no name in PCRE2; with the flag i, letters of one case stay so.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/feel/lexer.h"
#include "engines/feel/regex.h"
#include "engines/feel/regex_class.h"

enum {
	NESTING_MAX = 100,   /* of groups and of sets */
	REPEATS_MAX = 65535, /* PCRE2's */
	CHARACTER_MAX = 0x10ffff,
};

struct output { /* of the arena, grows by doubling */
	char *bytes;
	size_t len, cap;
};

struct reader {
	struct feel_run *run;
	struct feel_pattern *p;
	const char *at, *end;
	struct output out;
	bool is_closed[100]; /* groups that have ended: those may be referred to */
	size_t groups;
	unsigned depth;
};

/* ---- writing ---- */

static bool put_bytes(struct reader *r, struct output *out, const char *bytes, size_t len)
{
	if (len > out->cap - out->len) {
		size_t cap = (out->len + len) * 2 + 128;
		char *grown = feel_arena_alloc(&r->run->arena, cap);

		if (!grown || !feel_run_step(r->run, cap / 64))
			return feel_run_over(r->run);
		if (out->len)
			memcpy(grown, out->bytes, out->len);
		out->bytes = grown;
		out->cap = cap;
	}
	if (len)
		memcpy(out->bytes + out->len, bytes, len);
	out->len += len;
	return true;
}

static bool put(struct reader *r, struct output *out, const char *text)
{
	return put_bytes(r, out, text, strlen(text));
}

static bool put_character(struct reader *r, struct output *out, unsigned long character)
{
	char buf[16];

	snprintf(buf, sizeof(buf), "\\x{%lx}", character);
	return put(r, out, buf);
}

/* Surrogates are no characters: PCRE2 knows none. */
static bool put_range(struct reader *r, struct output *out, unsigned long first, unsigned long last)
{
	if (first >= 0xd800 && first <= 0xdfff)
		first = 0xe000;
	if (last >= 0xd800 && last <= 0xdfff)
		last = 0xd7ff;
	if (first > last)
		return true;
	return put_character(r, out, first) &&
	       (first == last || (put(r, out, "-") && put_character(r, out, last)));
}

/* A class as it stands in brackets. */
static bool put_class(struct reader *r, struct output *out, const struct feel_class *class)
{
	unsigned long next = 0;

	if (class->text)
		return put(r, out, class->text);
	for (size_t i = 0; i < class->len; i++) {
		const struct feel_range_of_characters *range = &class->ranges[i];

		if (!class->is_negated && !put_range(r, out, range->first, range->last))
			return false;
		if (class->is_negated && range->first > next &&
		    !put_range(r, out, next, range->first - 1))
			return false;
		next = range->last + 1;
	}
	return !class->is_negated || next > CHARACTER_MAX || put_range(r, out, next, CHARACTER_MAX);
}

/* ---- reading ---- */

static bool refuse(struct reader *r, const char *why)
{
	if (!r->run->err)
		feel_null_because(r->run, "the pattern is no regular expression: %s", why);
	return false;
}

static bool is_next(const struct reader *r, char ch)
{
	return r->at < r->end && *r->at == ch;
}

static bool skip(struct reader *r, char ch)
{
	bool is_there = is_next(r, ch);

	r->at += is_there;
	return is_there;
}

static bool is_digit(const struct reader *r)
{
	return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

/* What stands behind a backslash: a character, or a class. */
static bool read_escape(struct reader *r, unsigned long *characterp, struct feel_class *classp,
			bool *is_classp)
{
	static const char same[] = "\\|.?*+(){}-[]^$";
	bool is_negated;
	const char *name;
	char letter;

	if (r->at == r->end)
		return refuse(r, "it ends with a backslash");
	letter = *r->at++;
	*is_classp = false;
	*characterp = letter == 'n' ? '\n' : letter == 'r' ? '\r' : letter == 't' ? '\t' : 0;
	if (strchr(same, letter))
		*characterp = (unsigned char)letter;
	if (*characterp)
		return true;
	*is_classp = true;
	if (feel_class_of_escape(classp, letter))
		return true;
	is_negated = letter == 'P';
	if ((letter != 'p' && letter != 'P') || !skip(r, '{'))
		return refuse(r, "unknown escape");
	name = r->at;
	while (r->at < r->end && *r->at != '}')
		r->at++;
	if (!feel_class_of_property(classp, name, (size_t)(r->at - name), is_negated))
		return refuse(r, "unknown category or block");
	return skip(r, '}') || refuse(r, "no } behind a category");
}

struct set {		     /* of characters: what is in brackets */
	struct output items; /* as PCRE2 has them in brackets */
	struct output cased; /* those that the flag i leaves alone */
	bool is_negated;
};

/* One character of a set, which may begin a range, or a class. */
static bool read_set_item(struct reader *r, unsigned long *characterp, struct feel_class *classp,
			  bool *is_classp)
{
	*is_classp = false;
	if (skip(r, '\\'))
		return read_escape(r, characterp, classp, is_classp);
	if (is_next(r, '['))
		return refuse(r, "[ within brackets needs a backslash");
	*characterp = feel_utf8_get(&r->at);
	return true;
}

static bool read_set_range(struct reader *r, struct set *set)
{
	unsigned long first, last;
	struct feel_class class;
	bool is_class;

	if (!read_set_item(r, &first, &class, &is_class))
		return false;
	if (is_class)
		return put_class(r,
				 class.is_of_case && r->p->is_caseless ? &set->cased : &set->items,
				 &class);
	last = first;
	if (is_next(r, '-') && r->end - r->at > 1 && r->at[1] != ']' && r->at[1] != '[') {
		r->at++;
		if (!read_set_item(r, &last, &class, &is_class))
			return false;
		if (is_class || last < first)
			return refuse(r, "a range ends before it starts");
	}
	return put_range(r, &set->items, first, last);
}

static bool read_set(struct reader *r, struct output *out);

/* (?:(?!what is taken out)(?!what is negated)what is left) */
static bool write_set(struct reader *r, struct output *out, const struct set *set,
		      const struct output *taken_out)
{
	bool has_cased = set->cased.len, is_plain = !taken_out->len && !has_cased;

	if (!is_plain && !put(r, out, "(?:"))
		return false;
	if (taken_out->len &&
	    (!put(r, out, "(?!") || !put_bytes(r, out, taken_out->bytes, taken_out->len) ||
	     !put(r, out, ")")))
		return false;
	if (has_cased && !put(r, out, set->is_negated ? "(?!" : "(?:"))
		return false;
	if (has_cased &&
	    (!put(r, out, "(?-i:[") || !put_bytes(r, out, set->cased.bytes, set->cased.len) ||
	     !put(r, out, "])") ||
	     !put(r, out,
		  set->is_negated  ? ")"
		  : set->items.len ? "|"
				   : ")")))
		return false;
	if (set->items.len &&
	    (!put(r, out, set->is_negated ? "[^" : "[") ||
	     !put_bytes(r, out, set->items.bytes, set->items.len) || !put(r, out, "]")))
		return false;
	if (!set->items.len && set->is_negated && !put(r, out, "(?s:.)"))
		return false;
	if (has_cased && !set->is_negated && set->items.len && !put(r, out, ")"))
		return false;
	return is_plain || put(r, out, ")");
}

/* Reads from behind [ to behind ] */
static bool read_set(struct reader *r, struct output *out)
{
	struct output taken_out = { 0 };
	struct set set = { .is_negated = skip(r, '^') };
	bool is_empty = true;

	if (++r->depth > NESTING_MAX)
		return refuse(r, "it nests too deeply");
	for (; r->at < r->end && !is_next(r, ']'); is_empty = false) {
		if (!is_empty && r->end - r->at > 1 && r->at[0] == '-' && r->at[1] == '[') {
			r->at += 2;
			if (!read_set(r, &taken_out))
				return false;
			if (!is_next(r, ']'))
				return refuse(r,
					      "what is taken out of brackets stands at their end");
			break;
		}
		if (!read_set_range(r, &set))
			return false;
	}
	r->depth--;
	if (is_empty || !skip(r, ']'))
		return refuse(r, is_empty && r->at < r->end ? "there is nothing in brackets"
							    : "a bracket isn't closed");
	return write_set(r, out, &set, &taken_out);
}

/* \1 to \99…: the longest number of a group that has ended */
static bool read_reference(struct reader *r)
{
	size_t n = (size_t)(*r->at++ - '0');
	char buf[32];

	while (is_digit(r) && n * 10 + (size_t)(*r->at - '0') <= r->groups)
		n = n * 10 + (size_t)(*r->at++ - '0');
	if (n == 0 || n > r->groups || n >= sizeof(r->is_closed) || !r->is_closed[n])
		return refuse(r, "there is no such group to refer to");
	r->p->has_reference = true;
	snprintf(buf, sizeof(buf), "\\g{%zu}", n);
	return put(r, &r->out, buf);
}

static bool read_choice(struct reader *r, size_t *run_lenp);

static bool read_group(struct reader *r, size_t *run_lenp)
{
	size_t group = 0;

	if (++r->depth > NESTING_MAX)
		return refuse(r, "it nests too deeply");
	if (skip(r, '?')) {
		if (!skip(r, ':'))
			return refuse(r, "(? is followed by : only");
	} else {
		group = ++r->groups;
	}
	if (!put(r, &r->out, group ? "(" : "(?:") || !read_choice(r, run_lenp))
		return false;
	if (!skip(r, ')'))
		return refuse(r, "a parenthesis isn't closed");
	r->depth--;
	if (group && group < sizeof(r->is_closed))
		r->is_closed[group] = true;
	return put(r, &r->out, ")");
}

static bool read_class_or_character(struct reader *r)
{
	unsigned long character;
	struct feel_class class;
	bool is_class;

	if (is_digit(r))
		return read_reference(r);
	if (!read_escape(r, &character, &class, &is_class))
		return false;
	if (!is_class)
		return put_character(r, &r->out, character);
	return put(r, &r->out, class.is_of_case && r->p->is_caseless ? "(?-i:[" : "[") &&
	       put_class(r, &r->out, &class) &&
	       put(r, &r->out, class.is_of_case && r->p->is_caseless ? "])" : "]");
}

/* One thing that may be repeated. */
static bool read_atom(struct reader *r, size_t *run_lenp)
{
	*run_lenp = 1;
	if (skip(r, '('))
		return read_group(r, run_lenp);
	if (skip(r, '['))
		return read_set(r, &r->out);
	if (skip(r, '\\'))
		return read_class_or_character(r);
	if (skip(r, '.'))
		return put(r, &r->out, r->p->is_dotall ? "." : "[^\\n\\r]");
	if (skip(r, '^'))
		return put(r, &r->out, r->p->is_multiline ? "(?:\\A|(?<=\\n)(?!\\z))" : "(?:\\A)");
	if (skip(r, '$'))
		return put(r, &r->out, r->p->is_multiline ? "(?=\\n|\\z)" : "(?:\\z)");
	if (strchr("?*+{", *r->at))
		return refuse(r, "there is nothing to repeat");
	if (strchr("}]", *r->at))
		return refuse(r, "} and ] need a backslash");
	return put_character(r, &r->out, feel_utf8_get(&r->at));
}

static bool read_number(struct reader *r, size_t *outp)
{
	size_t n = 0;

	if (!is_digit(r))
		return refuse(r, "no number in braces");
	while (is_digit(r) && n <= REPEATS_MAX)
		n = n * 10 + (size_t)(*r->at++ - '0');
	if (n > REPEATS_MAX)
		return refuse(r, "more than 65535 repeats");
	*outp = n;
	return true;
}

/* ? * + {n} {n,} {n,m}, and ? behind it for as few as possible. *timesp: how often at least. */
static bool read_repeats(struct reader *r, size_t *timesp)
{
	char buf[32] = { 0 };
	size_t least, most;

	*timesp = 1;
	if (r->at == r->end || !strchr("?*+{", *r->at))
		return true;
	if (!skip(r, '{')) {
		buf[0] = *r->at++;
	} else {
		if (!read_number(r, &least))
			return false;
		*timesp = least;
		snprintf(buf, sizeof(buf), "{%zu}", least);
		if (skip(r, ',')) {
			snprintf(buf, sizeof(buf), "{%zu,}", least);
			if (!is_next(r, '}')) {
				if (!read_number(r, &most))
					return false;
				if (most < least)
					return refuse(r, "more repeats at least than at most");
				snprintf(buf, sizeof(buf), "{%zu,%zu}", least, most);
			}
		}
		if (!skip(r, '}'))
			return refuse(r, "a brace isn't closed");
	}
	if (!put(r, &r->out, buf) || (skip(r, '?') && !put(r, &r->out, "?")))
		return false;
	if (r->at < r->end && strchr("?*+{", *r->at))
		return refuse(r, "there is nothing to repeat");
	return true;
}

/* Pieces, and | between them, to the end or a closing parenthesis. */
static bool read_choice(struct reader *r, size_t *run_lenp)
{
	size_t run_len = 0, piece, times;

	while (r->at < r->end && !is_next(r, ')')) {
		if (skip(r, '|')) {
			if (!put(r, &r->out, "|"))
				return false;
			continue;
		}
		if (!read_atom(r, &piece) || !read_repeats(r, &times))
			return false;
		if (__builtin_mul_overflow(piece, times, &piece) ||
		    __builtin_add_overflow(run_len, piece, &run_len))
			run_len = SIZE_MAX / 2;
	}
	*run_lenp = run_len;
	return true;
}

static bool read_flags(struct reader *r, struct feel_text flags)
{
	for (size_t i = 0; i < flags.len; i++) {
		switch (flags.bytes[i]) {
		case 's':
			r->p->is_dotall = true;
			break;
		case 'm':
			r->p->is_multiline = true;
			break;
		case 'i':
			r->p->is_caseless = true;
			break;
		case 'x':
			r->p->is_spaced = true;
			break;
		default:
			feel_null_because(r->run, "the flags are any of s, m, i and x");
			return false;
		}
	}
	return true;
}

/* With the flag x, blanks outside of brackets are no part of the pattern. */
static bool drop_blanks(struct reader *r)
{
	struct output kept = { 0 };
	unsigned brackets = 0;
	bool is_escaped = false;

	for (; r->at < r->end; r->at++) {
		if (brackets == 0 && strchr(" \t\r\n", *r->at))
			continue;
		if (is_escaped || *r->at == '\\')
			is_escaped = !is_escaped;
		else if (*r->at == '[')
			brackets++;
		else if (*r->at == ']' && brackets)
			brackets--;
		if (!put_bytes(r, &kept, r->at, 1))
			return false;
	}
	r->at = kept.len ? kept.bytes : "";
	r->end = r->at + kept.len;
	return true;
}

bool feel_pattern_translate(struct feel_pattern *outp, struct feel_run *run,
			    struct feel_text pattern, struct feel_text flags)
{
	struct reader r = { .run = run, .p = outp };

	*outp = (struct feel_pattern){ 0 };
	r.at = pattern.len ? pattern.bytes : "";
	r.end = r.at + pattern.len;
	if (!feel_run_step(run, 1 + pattern.len / 4) || !read_flags(&r, flags) ||
	    (outp->is_spaced && r.at < r.end && !drop_blanks(&r)) ||
	    !read_choice(&r, &outp->run_len))
		return false;
	if (r.at < r.end)
		return refuse(&r, "a parenthesis is closed that wasn't opened");
	outp->bytes = r.out.bytes ? r.out.bytes : feel_arena_alloc(&run->arena, 1);
	outp->len = r.out.len;
	outp->groups = r.groups;
	return outp->bytes || feel_run_over(run);
}
