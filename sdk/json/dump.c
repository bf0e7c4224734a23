/*
 * dump.c — JSON as compact text. The library's own writer looks for loops with a hash table and a
 * printed pointer for each object and array, which was a sixth of the processor time of a turn;
 * here depth bounds a loop, and the text is the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"

enum { DEPTH_MOST = 2048, FIRST_BYTES = 256, REAL_BYTES = 64 };

struct text {
	char *at;
	size_t len, room;
};

static bool make_room(struct text *text, size_t more)
{
	size_t room = text->room ? text->room : FIRST_BYTES;
	char *grown;

	if (text->len + more < text->room)
		return true;
	while (room <= text->len + more)
		room *= 2;
	grown = realloc(text->at, room);
	if (!grown)
		return false;
	text->at = grown;
	text->room = room;
	return true;
}

static bool put(struct text *text, const char *bytes, size_t len)
{
	if (!make_room(text, len))
		return false;
	memcpy(text->at + text->len, bytes, len);
	text->len += len;
	return true;
}

static bool put_char(struct text *text, char c)
{
	return put(text, &c, 1);
}

static bool needs_escape(unsigned char c)
{
	return c < ' ' || c == '"' || c == '\\';
}

static bool put_escaped(struct text *text, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt", hex[] = "0123456789ABCDEF";
	const char *known = c ? strchr(from, c) : NULL;
	const char four[] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
	const char two[] = { '\\', known ? to[known - from] : 0 };

	return known ? put(text, two, sizeof(two)) : put(text, four, sizeof(four));
}

static bool put_string(struct text *text, const char *string, size_t len)
{
	size_t from = 0;

	if (!make_room(text, len + 2) || !put_char(text, '"'))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!needs_escape((unsigned char)string[i]))
			continue;
		if (!put(text, string + from, i - from) ||
		    !put_escaped(text, (unsigned char)string[i]))
			return false;
		from = i + 1;
	}
	return put(text, string + from, len - from) && put_char(text, '"');
}

static bool put_integer(struct text *text, json_int_t value)
{
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	return (value >= 0 || put_char(text, '-')) && put(text, digits + at, sizeof(digits) - at);
}

static bool put_real(struct text *text, const json_t *value)
{
	char digits[REAL_BYTES];
	size_t len = json_dumpb(value, digits, sizeof(digits), JSON_ENCODE_ANY);

	return len > 0 && len <= sizeof(digits) && put(text, digits, len);
}

static bool put_value(struct text *text, const json_t *value, int depth);

static bool put_object(struct text *text, const json_t *object, int depth)
{
	/* the library's iterators want an object that may change; it isn't changed */
	json_t *o = (json_t *)(uintptr_t)object;
	bool is_first = true;

	if (!put_char(text, '{'))
		return false;
	for (void *i = json_object_iter(o); i; i = json_object_iter_next(o, i)) {
		const char *name = json_object_iter_key(i);

		if ((!is_first && !put_char(text, ',')) ||
		    !put_string(text, name, json_object_iter_key_len(i)) || !put_char(text, ':') ||
		    !put_value(text, json_object_iter_value(i), depth))
			return false;
		is_first = false;
	}
	return put_char(text, '}');
}

static bool put_array(struct text *text, const json_t *array, int depth)
{
	size_t size = json_array_size(array);

	if (!put_char(text, '['))
		return false;
	for (size_t i = 0; i < size; i++)
		if ((i > 0 && !put_char(text, ',')) ||
		    !put_value(text, json_array_get(array, i), depth))
			return false;
	return put_char(text, ']');
}

static bool put_value(struct text *text, const json_t *value, int depth)
{
	if (!value || depth > DEPTH_MOST)
		return false;
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return put_object(text, value, depth + 1);
	case JSON_ARRAY:
		return put_array(text, value, depth + 1);
	case JSON_STRING:
		return put_string(text, json_string_value(value), json_string_length(value));
	case JSON_INTEGER:
		return put_integer(text, json_integer_value(value));
	case JSON_REAL:
		return put_real(text, value);
	case JSON_TRUE:
		return put(text, "true", 4);
	case JSON_FALSE:
		return put(text, "false", 5);
	case JSON_NULL:
		return put(text, "null", 4);
	}
	return false;
}

char *pl_json_dump(const json_t *value)
{
	struct text text = { 0 };

	if (put_value(&text, value, 0) && put_char(&text, '\0'))
		return text.at;
	free(text.at);
	return NULL;
}
