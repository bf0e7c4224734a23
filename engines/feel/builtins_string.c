/*
 * builtins_string.c — built-ins of strings; positions and lengths count characters, from 1.
 *
 * Source: DMN 1.4 table 75.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/builtins.h"

#include <locale.h>
#include <string.h>
#include <wctype.h>

static bool are_strings(struct feel_run *run, const struct feel_value **args, size_t len)
{
	size_t bytes = 0;

	for (size_t i = 0; i < len; i++) {
		if (args[i]->kind != FEEL_STRING)
			return false;
		bytes += args[i]->string.len;
	}
	feel_run_step(run, bytes / 64);
	return true;
}

static const char *find(struct feel_text text, struct feel_text match)
{
	return match.len ? memmem(text.bytes, text.len, match.bytes, match.len) : text.bytes;
}

const struct feel_value *feel_builtin_contains(struct feel_run *run, const struct feel_value **args,
					       size_t len)
{
	if (!are_strings(run, args, 2))
		return &feel_null;
	return feel_boolean(find(args[0]->string, args[1]->string));
}

const struct feel_value *feel_builtin_starts_with(struct feel_run *run,
						  const struct feel_value **args, size_t len)
{
	struct feel_text text, match;

	if (!are_strings(run, args, 2))
		return &feel_null;
	text = args[0]->string;
	match = args[1]->string;
	if (text.len < match.len)
		return &feel_false;
	text.len = match.len;
	return feel_boolean(feel_text_equal(text, match));
}

const struct feel_value *feel_builtin_ends_with(struct feel_run *run,
						const struct feel_value **args, size_t len)
{
	struct feel_text text, match;

	if (!are_strings(run, args, 2))
		return &feel_null;
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
	locale_t locale =
		newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL); /* takes about 40 steps' time */
	const char *at = text.bytes, *end = at + text.len;
	const struct feel_value *result = NULL;
	char *bytes = NULL;
	size_t len = 0;

	if (!locale)
		return NULL;
	if (feel_run_step(run, 40 + text.len / 8))
		bytes = feel_arena_alloc(&run->arena, text.len * 4 + 4);
	while (bytes && at < end)
		len += feel_utf8_put(bytes + len, change((wint_t)feel_utf8_get(&at), locale));
	if (bytes)
		result = feel_string(&run->arena, bytes, len);
	freelocale(locale);
	return result;
}

const struct feel_value *feel_builtin_upper_case(struct feel_run *run,
						 const struct feel_value **args, size_t len)
{
	return are_strings(run, args, 1) ? change_case(run, args[0]->string, towupper_l)
					 : &feel_null;
}

const struct feel_value *feel_builtin_lower_case(struct feel_run *run,
						 const struct feel_value **args, size_t len)
{
	return are_strings(run, args, 1) ? change_case(run, args[0]->string, towlower_l)
					 : &feel_null;
}

const struct feel_value *feel_builtin_string_length(struct feel_run *run,
						    const struct feel_value **args, size_t len)
{
	if (!are_strings(run, args, 1))
		return &feel_null;
	return feel_number_of_int(
		&run->arena, (int64_t)feel_utf8_len(args[0]->string.bytes, args[0]->string.len));
}

/* The place where n characters have gone by. */
static const char *skip_characters(struct feel_text text, int64_t n)
{
	const char *at = text.bytes, *end = at + text.len;

	for (; n > 0 && at < end; n--)
		feel_utf8_get(&at);
	return at;
}

const struct feel_value *feel_builtin_substring(struct feel_run *run,
						const struct feel_value **args, size_t len)
{
	int64_t start, count = INT64_MAX, total;
	struct feel_text text;
	const char *from, *to;

	if (!are_strings(run, args, 1) || args[1]->kind != FEEL_NUMBER ||
	    !feel_decimal_to_int(&start, args[1]->number))
		return &feel_null;
	if (len > 2 && args[2]->kind != FEEL_NULL &&
	    (args[2]->kind != FEEL_NUMBER || !feel_decimal_to_int(&count, args[2]->number)))
		return &feel_null;
	text = args[0]->string;
	total = (int64_t)feel_utf8_len(text.bytes, text.len);
	if (start < 0 && start >= -total)
		start += total + 1;
	if (start < 1 || count < 1)
		return &feel_null;
	from = skip_characters(text, start - 1);
	text.len -= (size_t)(from - text.bytes);
	text.bytes = from;
	to = skip_characters(text, count);
	return feel_string(&run->arena, from, (size_t)(to - from));
}

const struct feel_value *feel_builtin_substring_before(struct feel_run *run,
						       const struct feel_value **args, size_t len)
{
	const char *at;

	if (!are_strings(run, args, 2))
		return &feel_null;
	at = find(args[0]->string, args[1]->string);
	return feel_string(&run->arena, args[0]->string.bytes,
			   at ? (size_t)(at - args[0]->string.bytes) : 0);
}

const struct feel_value *feel_builtin_substring_after(struct feel_run *run,
						      const struct feel_value **args, size_t len)
{
	const char *at;

	if (!are_strings(run, args, 2))
		return &feel_null;
	at = find(args[0]->string, args[1]->string);
	if (!at)
		return feel_string(&run->arena, "", 0);
	at += args[1]->string.len;
	return feel_string(&run->arena, at,
			   args[0]->string.len - (size_t)(at - args[0]->string.bytes));
}

/* Null members are left out (DMN 1.4 table 75). */
const struct feel_value *feel_builtin_string_join(struct feel_run *run,
						  const struct feel_value **args, size_t len)
{
	struct feel_text delimiter = { "", 0 };
	size_t total = 0, at = 0, joined = 0;
	char *bytes = NULL;

	if (args[0]->kind != FEEL_LIST ||
	    (len > 1 && args[1]->kind != FEEL_STRING && args[1]->kind != FEEL_NULL))
		return &feel_null;
	if (len > 1 && args[1]->kind == FEEL_STRING)
		delimiter = args[1]->string;
	for (int pass = 0; pass < 2; pass++, joined = 0) { /* measure, then write */
		if (pass == 1 && !(bytes = feel_arena_alloc(&run->arena, total + 1)))
			return NULL;
		for (size_t i = 0; i < feel_list_len(args[0]); i++) {
			const struct feel_value *item = feel_list_at(&run->arena, args[0], i);

			if (!item || !feel_run_step(run, 1))
				return NULL;
			if (item->kind == FEEL_NULL)
				continue;
			if (item->kind != FEEL_STRING)
				return &feel_null;
			if (joined++ && delimiter.len) {
				if (pass)
					memcpy(bytes + at, delimiter.bytes, delimiter.len);
				at += pass ? delimiter.len : 0;
				total += pass ? 0 : delimiter.len;
			}
			if (pass && item->string.len)
				memcpy(bytes + at, item->string.bytes, item->string.len);
			at += pass ? item->string.len : 0;
			total += pass ? 0 : item->string.len;
		}
	}
	return feel_run_step(run, total / 64) ? feel_string(&run->arena, bytes, at) : NULL;
}

const struct feel_value *feel_builtin_trim(struct feel_run *run, const struct feel_value **args,
					   size_t len)
{
	struct feel_text text;

	if (!are_strings(run, args, 1))
		return &feel_null;
	text = args[0]->string;
	while (text.len && strchr(" \t\r\n", text.bytes[0]))
		text.bytes++, text.len--;
	while (text.len && strchr(" \t\r\n", text.bytes[text.len - 1]))
		text.len--;
	return feel_string(&run->arena, text.bytes, text.len);
}
