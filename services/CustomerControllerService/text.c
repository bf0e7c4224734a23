/*
 * text.c — texts that people write. They come from JSON, so they are valid UTF-8 without U+0000.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text.h"

#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"

enum { BYTES_MOST = 256 * 1024 };

/* The bytes of the character at `at`. */
static size_t char_len(const char *at)
{
	size_t len = 1;

	while (((unsigned char)at[len] & 0xc0) == 0x80)
		len++;
	return len;
}

static bool is_control(const char *at, bool lines)
{
	const unsigned char *c = (const unsigned char *)at;

	if (*c == '\n' || *c == '\t')
		return !lines;
	return *c < 0x20 || *c == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0);
}

char *text_clean(size_t *charsp, const char *text, bool lines)
{
	char *clean = malloc(strlen(text) + 1), *to = clean;

	if (!clean)
		return NULL;
	*charsp = 0;
	for (const char *at = text; *at;) {
		size_t len = char_len(at);

		if (!is_control(at, lines)) {
			memcpy(to, at, len);
			to += len;
			++*charsp;
		}
		at += len;
	}
	*to = '\0';
	return clean;
}

bool text_is_blank(const char *text)
{
	return text[strspn(text, " \t\n")] == '\0';
}

enum pl_err text_take(char **textp, const json_t *object, const struct text_rule *rule)
{
	const char *raw = NULL;
	char *clean = NULL;
	size_t chars = 0;
	enum pl_err err = pl_json_text(&raw, object, rule->name, BYTES_MOST, rule->required);

	if (err)
		return err;
	if (raw) {
		clean = text_clean(&chars, raw, rule->lines);
		if (!clean)
			return PL_NOMEM;
	}
	if (clean && text_is_blank(clean)) {
		free(clean);
		clean = NULL;
	}
	if (!clean && rule->required)
		return pl_fail(PL_INVALID, "%s is empty", rule->name);
	if (clean && chars > rule->most) {
		free(clean);
		return pl_fail(PL_TOOLARGE, "%s: more than %zu characters", rule->name, rule->most);
	}
	*textp = clean;
	return PL_OK;
}
