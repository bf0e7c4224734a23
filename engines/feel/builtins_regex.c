/*
 * builtins_regex.c — matches(), replace() and split().
 *
 * Source: DMN 1.4 table 73; XQuery 1.0 and XPath 2.0 Functions and Operators §7.6.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/feel/builtins.h"
#include "engines/feel/regex.h"

/* The text of an optional argument. */
static struct feel_text text_of(const struct feel_value *v)
{
	return v->kind == FEEL_STRING ? v->string : (struct feel_text){ 0 };
}

static const struct feel_value *failed(const struct feel_run *run)
{
	return run->err ? NULL : &feel_null;
}

FEEL_FN(matches)
{
	struct feel_regex *regex;
	enum feel_ternary t;

	if (!feel_regex_new(&regex, run, args[1]->string, text_of(args[2])))
		return failed(run);
	t = feel_regex_find(regex, args[0]->string, 0);
	feel_regex_free(regex);
	return feel_of_ternary(t);
}

struct text { /* grows by doubling in the arena */
	struct feel_run *run;
	char *bytes;
	size_t len, cap;
};

static bool put(struct text *t, const char *bytes, size_t len)
{
	if (len > t->cap - t->len) {
		size_t cap = (t->len + len) * 2 + 64;
		char *grown = feel_arena_alloc(&t->run->arena, cap);

		if (!grown)
			return feel_run_over(t->run);
		if (t->len)
			memcpy(grown, t->bytes, t->len);
		t->bytes = grown;
		t->cap = cap;
	}
	if (len)
		memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
	return feel_run_step(t->run, 1 + len / 64);
}

/* $ and its number, of as many digits as make the number of a group. */
static size_t group_at(const char **atp, const char *end, size_t groups)
{
	size_t n = (size_t)(*(*atp)++ - '0');

	while (*atp < end && **atp >= '0' && **atp <= '9' &&
	       n * 10 + (size_t)(**atp - '0') <= groups)
		n = n * 10 + (size_t)(*(*atp)++ - '0');
	return n;
}

/* Writes what a match is replaced by; regex NULL: only looks whether it can be. */
static bool put_replacement(struct text *t, const struct feel_regex *regex,
			    struct feel_text replacement)
{
	const char *at = replacement.bytes, *end = at + replacement.len;

	while (at < end) {
		char ch = *at++;
		struct feel_text group;
		size_t n;

		if (ch == '\\' || ch == '$') {
			bool is_group = ch == '$' && at < end && *at >= '0' && *at <= '9';
			bool is_escape = ch == '\\' && at < end && (*at == '\\' || *at == '$');

			if (!is_group && !is_escape) {
				feel_null_because(t->run, "in a replacement, $ stands before a "
							  "number and \\ before $ or \\");
				return false;
			}
			if (is_group) {
				n = group_at(&at, end, regex ? feel_regex_groups(regex) : 0);
				if (!regex || n > feel_regex_groups(regex))
					continue;
				group = feel_regex_group(regex, n);
				if (!put(t, group.bytes, group.len))
					return false;
				continue;
			}
			ch = *at++;
		}
		if (regex && !put(t, &ch, 1))
			return false;
	}
	return true;
}

/* Matches of nothing would be everywhere: refused, as by XPath. */
static bool refuses_nothing(struct feel_run *run, struct feel_regex *regex)
{
	enum feel_ternary t = feel_regex_find(regex, (struct feel_text){ "", 0 }, 0);

	if (t == FEEL_YES)
		feel_null_because(run, "the pattern matches the empty string");
	return t == FEEL_NO;
}

static size_t offset_in(struct feel_text text, struct feel_text part)
{
	return (size_t)(part.bytes - text.bytes);
}

static bool replace_all(struct text *t, struct feel_regex *regex, struct feel_text input,
			struct feel_text replacement)
{
	size_t at = 0;
	enum feel_ternary found;

	while ((found = feel_regex_find(regex, input, at)) == FEEL_YES) {
		struct feel_text match = feel_regex_group(regex, 0);

		if (!put(t, input.bytes + at, offset_in(input, match) - at) ||
		    !put_replacement(t, regex, replacement))
			return false;
		at = offset_in(input, match) + match.len;
		if (match.len == 0) /* a look around at what isn't empty */
			break;
	}
	return found != FEEL_OVER && put(t, input.bytes + at, input.len - at);
}

FEEL_FN(replace)
{
	struct text t = { .run = run };
	struct feel_regex *regex;
	bool ok;

	if (!feel_regex_new(&regex, run, args[1]->string, text_of(args[3])))
		return failed(run);
	ok = put_replacement(&t, NULL, args[2]->string) && refuses_nothing(run, regex) &&
	     replace_all(&t, regex, args[0]->string, args[2]->string);
	feel_regex_free(regex);
	return ok ? feel_run_value(run, feel_string(&run->arena, t.bytes, t.len)) : failed(run);
}

struct list { /* grows by doubling in the arena */
	struct feel_run *run;
	const struct feel_value **items;
	size_t len, cap;
};

static bool add(struct list *list, const char *bytes, size_t len)
{
	const struct feel_value **grown;

	if (list->len == list->cap) {
		list->cap = list->cap ? list->cap * 2 : 8;
		if (!feel_run_alloc_items(list->run, &grown, list->cap))
			return false;
		if (list->len)
			memcpy(grown, list->items, list->len * sizeof(*grown));
		list->items = grown;
	}
	list->items[list->len] = feel_text_value(list->run, bytes, len);
	return list->items[list->len++];
}

static bool split_all(struct list *list, struct feel_regex *regex, struct feel_text input)
{
	size_t at = 0;
	enum feel_ternary found;

	while ((found = feel_regex_find(regex, input, at)) == FEEL_YES) {
		struct feel_text match = feel_regex_group(regex, 0);

		if (match.len == 0)
			break;
		if (!add(list, input.bytes + at, offset_in(input, match) - at))
			return false;
		at = offset_in(input, match) + match.len;
	}
	return found != FEEL_OVER && add(list, input.bytes + at, input.len - at);
}

FEEL_FN(split)
{
	struct list list = { .run = run };
	struct feel_regex *regex;
	bool ok;

	if (!feel_regex_new(&regex, run, args[1]->string, (struct feel_text){ 0 }))
		return failed(run);
	ok = refuses_nothing(run, regex) && split_all(&list, regex, args[0]->string);
	feel_regex_free(regex);
	return ok ? feel_list_of(run, list.items, list.len) : failed(run);
}
