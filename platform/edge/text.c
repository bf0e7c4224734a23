/*
 * text.c — shared texts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"

struct text *text_new(const json_t *value)
{
	char *dump = value ? pl_json_dump(value) : NULL;
	size_t len = dump ? strlen(dump) : 0;
	struct text *text = dump ? malloc(sizeof(*text) + LWS_PRE + len) : NULL;

	if (text) {
		text->refs = 1;
		text->len = len;
		memcpy(text->bytes + LWS_PRE, dump, len);
	}
	free(dump);
	return text;
}

struct text *text_ref(struct text *text)
{
	text->refs++;
	return text;
}

void text_unref(struct text *text)
{
	if (text && --text->refs == 0)
		free(text);
}
