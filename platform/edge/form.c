/*
 * form.c — form bodies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "form.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"

static int digit(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

/* Decodes in place of `out`, which has room for len + 1. Returns the length, -1 if malformed. */
static long decode(char *out, const char *text, size_t len)
{
	char *at = out;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '+') {
			*at++ = ' ';
		} else if (text[i] != '%') {
			*at++ = text[i];
		} else if (i + 2 >= len || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0) {
			return -1;
		} else {
			*at++ = (char)(digit(text[i + 1]) * 16 + digit(text[i + 2]));
			i += 2;
		}
	}
	*at = '\0';
	return utf8_is_valid(out, (size_t)(at - out)) ? at - out : -1;
}

static bool add(json_t *object, char *room, const char *text, size_t len)
{
	const char *equals = memchr(text, '=', len);
	size_t name_len = equals ? (size_t)(equals - text) : len;
	char *value;

	if (decode(room, text, name_len) < 0)
		return false;
	value = room + strlen(room) + 1;
	if (decode(value, equals ? equals + 1 : "", equals ? len - name_len - 1 : 0) < 0)
		return false;
	return json_object_set_new(object, room, json_string(value)) == 0;
}

enum pl_err form_parse(json_t **objectp, const char *text, size_t len)
{
	json_t *object = json_object();
	char *room = malloc(len + 2);
	const char *end = text + len, *stop;
	enum pl_err err = object && room ? PL_OK : PL_NOMEM;

	for (const char *p = text; !err && p < end; p = stop + 1) {
		stop = memchr(p, '&', (size_t)(end - p));
		if (!stop)
			stop = end;
		if (stop == p)
			continue;
		if (json_object_size(object) == FORM_MEMBERS_MAX ||
		    !add(object, room, p, (size_t)(stop - p)))
			err = pl_fail(PL_INVALID, "the form is malformed");
	}
	free(room);
	if (err)
		json_decref(object);
	else
		*objectp = object;
	return err;
}
