/*
 * template.c — places of a template found and filled.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "template.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 32, FILLED_BYTES = TEMPLATE_BYTES };

struct place {
	const char *name, *otherwise, *end; /* end: after the '}' */
	size_t name_len, otherwise_len;
};

/* at is behind the '{'. */
static enum pl_err place_read(struct place *place, const char *at)
{
	const char *close = strchr(at, '}');

	if (!close)
		return PL_INVALID;
	place->name = at;
	while (isalnum((unsigned char)*at) || *at == '_')
		at++;
	place->name_len = (size_t)(at - place->name);
	if (place->name_len == 0 || place->name_len > NAME_BYTES ||
	    !isalpha((unsigned char)place->name[0]) || (*at != '}' && *at != '|'))
		return PL_INVALID;
	place->otherwise = *at == '|' ? at + 1 : at;
	place->otherwise_len = (size_t)(close - place->otherwise);
	place->end = close + 1;
	return PL_OK;
}

enum pl_err template_check(const char *text)
{
	struct place place;

	for (const char *at = strchr(text, '{'); at; at = strchr(at, '{')) {
		if (at[1] == '{') {
			at += 2;
			continue;
		}
		if (place_read(&place, at + 1))
			return pl_fail(
				PL_INVALID,
				"text: the place at byte %zu isn't {name} or {name|otherwise}",
				(size_t)(at - text));
		at = place.end;
	}
	return PL_OK;
}

/* As many whole characters as fit. */
static size_t cut(const char *text, size_t len, size_t most)
{
	if (len <= most)
		return len;
	while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
		most--;
	return most;
}

static void fill(FILE *out, const struct place *place, const json_t *values)
{
	json_t *value = json_object_getn(values, place->name, place->name_len);
	const char *text = json_string_value(value);
	size_t len = text ? json_string_length(value) : 0;

	if (json_is_integer(value))
		fprintf(out, "%lld", (long long)json_integer_value(value));
	else if (len > 0)
		fwrite(text, 1, cut(text, len, TEMPLATE_VALUE_BYTES), out);
	else
		fwrite(place->otherwise, 1, place->otherwise_len, out);
}

enum pl_err template_fill(char **textp, const char *text, const json_t *values)
{
	char *filled = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&filled, &len);
	struct place place;
	bool broken;

	if (!out)
		return PL_NOMEM;
	for (const char *at = text; *at;) {
		if (*at == '{' && at[1] != '{' && place_read(&place, at + 1) == PL_OK) {
			fill(out, &place, values);
			at = place.end;
			continue;
		}
		at += *at == '{' && at[1] == '{';
		fputc(*at++, out);
	}
	broken = ferror(out) || fclose(out);
	if (broken || len > FILLED_BYTES) {
		free(filled);
		return broken ? PL_NOMEM : pl_fail(PL_TOOLARGE, "text: too long when filled in");
	}
	*textp = filled;
	return PL_OK;
}
