/*
 * parse.c — what JSON texts mostly are, read quickly: the library's reader takes each byte through
 * a function, which was a sixth of the processor time of a message.
 *
 * What is rare (an escape by number, a number with a fraction) or wrong is left to the library,
 * which reads the text again from the start and knows what to say of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "parse.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MOST = 18, SHORT_BYTES = 512 };

struct text {
	const char *at, *end;
	int depth;
};

static bool take(struct text *text, char c)
{
	if (text->at == text->end || *text->at != c)
		return false;
	text->at++;
	return true;
}

static void skip_space(struct text *text)
{
	while (text->at < text->end &&
	       (*text->at == ' ' || *text->at == '\t' || *text->at == '\n' || *text->at == '\r'))
		text->at++;
}

/* A string's bytes: in the text itself, or without escapes in memory of their own. */
struct bytes {
	const char *at;
	size_t len;
	bool is_ascii;
	char *own;
	char room[SHORT_BYTES];
};

static char unescaped(char c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at = c ? strchr(from, c) : NULL;

	return at ? to[at - from] : '\0';
}

static bool unescape(struct bytes *bytes)
{
	char *to = bytes->room;
	size_t len = 0;

	if (bytes->len > sizeof(bytes->room)) {
		to = bytes->own = malloc(bytes->len);
		if (!to)
			return false;
	}
	for (size_t i = 0; i < bytes->len; i++) {
		char c = bytes->at[i];

		if (c == '\\') {
			c = unescaped(bytes->at[++i]);
			if (!c)
				return false;
		}
		to[len++] = c;
	}
	bytes->at = to;
	bytes->len = len;
	return true;
}

/* bytes->own is the caller's to free, also if it fails. */
static bool read_bytes(struct bytes *bytes, struct text *text)
{
	const char *at = text->at;
	bool has_escapes = false;
	unsigned char all = 0;

	bytes->own = NULL;
	if (!take(text, '"'))
		return false;
	for (at = text->at; at < text->end && *at != '"'; at++) {
		all |= (unsigned char)*at;
		if ((unsigned char)*at < ' ')
			return false;
		if (*at == '\\') {
			has_escapes = true;
			if (++at == text->end)
				return false;
		}
	}
	if (at >= text->end)
		return false;
	bytes->at = text->at;
	bytes->len = (size_t)(at - text->at);
	bytes->is_ascii = all < 0x80;
	text->at = at + 1;
	return !has_escapes || unescape(bytes);
}

static json_t *read_string(struct text *text)
{
	struct bytes bytes;
	json_t *value = NULL;

	if (read_bytes(&bytes, text))
		value = bytes.is_ascii ? json_stringn_nocheck(bytes.at, bytes.len)
				       : json_stringn(bytes.at, bytes.len);
	free(bytes.own);
	return value;
}

static json_t *read_integer(struct text *text)
{
	bool is_negative = take(text, '-');
	const char *from = text->at;
	json_int_t n = 0;

	while (text->at < text->end && *text->at >= '0' && *text->at <= '9' &&
	       text->at - from < DIGITS_MOST)
		n = 10 * n + (*text->at++ - '0');
	if (text->at == from || (*from == '0' && text->at - from > 1))
		return NULL;
	if (text->at < text->end && (*text->at == '.' || *text->at == 'e' || *text->at == 'E' ||
				     (*text->at >= '0' && *text->at <= '9')))
		return NULL;
	return json_integer(is_negative ? -n : n);
}

static json_t *read_word(struct text *text, const char *word, json_t *value)
{
	size_t len = strlen(word);

	if ((size_t)(text->end - text->at) < len || memcmp(text->at, word, len) != 0)
		return NULL;
	text->at += len;
	return value;
}

static json_t *read_value(struct text *text);

/* False also for a name that was there before. */
static bool add_member(json_t *object, const struct bytes *name, json_t *value)
{
	size_t had = json_object_size(object);
	int failed = name->is_ascii
			     ? json_object_setn_new_nocheck(object, name->at, name->len, value)
			     : json_object_setn_new(object, name->at, name->len, value);

	return !failed && json_object_size(object) > had;
}

static bool read_member(json_t *object, struct text *text)
{
	struct bytes name;
	json_t *value = NULL;
	bool is_read;

	skip_space(text);
	is_read = read_bytes(&name, text);
	skip_space(text);
	if (is_read && take(text, ':'))
		value = read_value(text);
	is_read = value && add_member(object, &name, value);
	free(name.own);
	skip_space(text);
	return is_read;
}

static bool read_members(json_t *object, struct text *text)
{
	skip_space(text);
	if (take(text, '}'))
		return true;
	do
		if (!read_member(object, text))
			return false;
	while (take(text, ','));
	return take(text, '}');
}

static bool read_items(json_t *array, struct text *text)
{
	skip_space(text);
	if (take(text, ']'))
		return true;
	do {
		json_t *value = read_value(text);

		if (!value || json_array_append_new(array, value))
			return false;
		skip_space(text);
	} while (take(text, ','));
	return take(text, ']');
}

static json_t *read_many(struct text *text)
{
	bool is_object = *text->at++ == '{';
	json_t *value = is_object ? json_object() : json_array();
	bool is_read = value && --text->depth >= 0 &&
		       (is_object ? read_members(value, text) : read_items(value, text));

	text->depth++;
	if (is_read)
		return value;
	json_decref(value);
	return NULL;
}

static json_t *read_value(struct text *text)
{
	skip_space(text);
	if (text->at == text->end)
		return NULL;
	switch (*text->at) {
	case '{':
	case '[':
		return read_many(text);
	case '"':
		return read_string(text);
	case 't':
		return read_word(text, "true", json_true());
	case 'f':
		return read_word(text, "false", json_false());
	case 'n':
		return read_word(text, "null", json_null());
	default:
		return read_integer(text);
	}
}

json_t *parse_plain(const char *bytes, size_t len, int depth)
{
	struct text text = { bytes, bytes + len, depth };
	json_t *value = read_value(&text);

	skip_space(&text);
	if (text.at == text.end)
		return value;
	json_decref(value);
	return NULL;
}
