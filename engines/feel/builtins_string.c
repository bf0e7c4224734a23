/*
 * builtins_string.c — built-ins of strings; positions and lengths count characters, from 1.
 *
 * Source: DMN 1.4 table 73; trim() is of the workflow world (docs/decisions/0003).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/builtins.h"

#include <locale.h>
#include <string.h>
#include <wctype.h>

/* What looking at the texts costs. */
static bool pay(struct feel_run *run, const struct feel_value *const *args, size_t len)
{
	size_t bytes = 0;

	for (size_t i = 0; i < len; i++)
		bytes += args[i]->string.len;
	return feel_run_step(run, bytes / 64);
}

static const char *find(struct feel_text text, struct feel_text match)
{
	return match.len ? memmem(text.bytes, text.len, match.bytes, match.len) : text.bytes;
}

FEEL_FN(contains)
{
	if (!pay(run, args, 2))
		return NULL;
	return feel_boolean(find(args[0]->string, args[1]->string));
}

FEEL_FN(starts_with)
{
	struct feel_text text, match;

	if (!pay(run, args, 2))
		return NULL;
	text = args[0]->string;
	match = args[1]->string;
	if (text.len < match.len)
		return &feel_false;
	text.len = match.len;
	return feel_boolean(feel_text_equal(text, match));
}

FEEL_FN(ends_with)
{
	struct feel_text text, match;

	if (!pay(run, args, 2))
		return NULL;
	text = args[0]->string;
	match = args[1]->string;
	if (text.len < match.len)
		return &feel_false;
	text.bytes += text.len - match.len;
	text.len = match.len;
	return feel_boolean(feel_text_equal(text, match));
}

/* Case by Unicode, whatever the process's locale: C.UTF-8 is part of the C library. */
static const struct feel_value *change_case(struct feel_run *run, struct feel_text text,
					    wint_t (*change)(wint_t, locale_t))
{
	const char *at = text.bytes, *end = at + text.len;
	locale_t locale;
	char *bytes;
	size_t len = 0;

	if (!feel_run_step(run, 40 + text.len / 8)) /* the locale takes about 40 steps' time */
		return NULL;
	locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
	bytes = locale ? feel_arena_alloc(&run->arena, text.len * 2 + 4) : NULL;
	while (bytes && at < end) /* no letter's other case takes more than twice the bytes */
		len += feel_utf8_put(bytes + len, change((wint_t)feel_utf8_get(&at), locale));
	if (locale)
		freelocale(locale);
	return bytes ? feel_run_value(run, feel_string(&run->arena, bytes, len))
		     : feel_run_over(run);
}

FEEL_FN(upper_case)
{
	return change_case(run, args[0]->string, towupper_l);
}

FEEL_FN(lower_case)
{
	return change_case(run, args[0]->string, towlower_l);
}

FEEL_FN(string_length)
{
	if (!pay(run, args, 1))
		return NULL;
	return feel_int_value(run,
			      (int64_t)feel_utf8_len(args[0]->string.bytes, args[0]->string.len));
}

/* The place where n characters have gone by. */
static const char *skip_characters(struct feel_text text, int64_t n)
{
	const char *at = text.bytes, *end = at + text.len;

	for (; n > 0 && at < end; n--)
		feel_utf8_get(&at);
	return at;
}

FEEL_FN(substring)
{
	int64_t start, count = INT64_MAX, total;
	struct feel_text text = args[0]->string;
	const char *from, *to;

	if (!pay(run, args, 1))
		return NULL;
	if (!feel_int_of(&start, args[1]))
		start = 0;
	if (args[2]->kind == FEEL_NUMBER && !feel_int_of(&count, args[2]))
		count = 0;
	total = (int64_t)feel_utf8_len(text.bytes, text.len);
	if (start < 0)
		start = start >= -total ? start + total + 1 : 0;
	if (start < 1)
		return feel_null_because(run, "substring(): there is no such start position");
	if (count < 1)
		return feel_null_because(run, "substring(): the length is not above 0");
	from = skip_characters(text, start - 1);
	text.len -= (size_t)(from - text.bytes);
	text.bytes = from;
	to = skip_characters(text, count);
	return feel_text_value(run, from, (size_t)(to - from));
}

FEEL_FN(substring_before)
{
	const char *at;

	if (!pay(run, args, 2))
		return NULL;
	at = find(args[0]->string, args[1]->string);
	return feel_text_value(run, args[0]->string.bytes,
			       at ? (size_t)(at - args[0]->string.bytes) : 0);
}

FEEL_FN(substring_after)
{
	const char *at;

	if (!pay(run, args, 2))
		return NULL;
	at = find(args[0]->string, args[1]->string);
	if (!at)
		return feel_text_value(run, "", 0);
	at += args[1]->string.len;
	return feel_text_value(run, at, args[0]->string.len - (size_t)(at - args[0]->string.bytes));
}

/* Null members are left out. */
FEEL_FN(string_join)
{
	struct feel_text delimiter = { "", 0 };
	const struct feel_value *const *items;
	size_t items_len, total = 0, joined = 0;
	char *bytes, *at;

	if (args[1]->kind == FEEL_STRING)
		delimiter = args[1]->string;
	if (!feel_items(run, args[0], &items, &items_len))
		return NULL;
	for (size_t i = 0; i < items_len; i++) {
		if (items[i]->kind == FEEL_NULL)
			continue;
		if (items[i]->kind != FEEL_STRING)
			return feel_null_because(run,
						 "string join(): item %zu is a %s, not a string",
						 i + 1, feel_kind_text(items[i]->kind));
		total += items[i]->string.len + (joined++ ? delimiter.len : 0);
	}
	if (!feel_run_step(run, total / 64))
		return NULL;
	bytes = at = feel_arena_alloc(&run->arena, total + 1);
	if (!bytes)
		return feel_run_over(run);
	joined = 0;
	for (size_t i = 0; i < items_len; i++) {
		if (items[i]->kind == FEEL_NULL)
			continue;
		if (joined++)
			at = mempcpy(at, delimiter.bytes, delimiter.len);
		at = mempcpy(at, items[i]->string.bytes, items[i]->string.len);
	}
	return feel_run_value(run, feel_string(&run->arena, bytes, total));
}

FEEL_FN(trim)
{
	struct feel_text text;

	if (!pay(run, args, 1))
		return NULL;
	text = args[0]->string;
	while (text.len && strchr(" \t\r\n", text.bytes[0]))
		text.bytes++, text.len--;
	while (text.len && strchr(" \t\r\n", text.bytes[text.len - 1]))
		text.len--;
	return feel_text_value(run, text.bytes, text.len);
}
