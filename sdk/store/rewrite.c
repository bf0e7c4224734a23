/*
 * rewrite.c — from the portable dialect to a driver's: PL_LIST(…) and the type BLOB.
 *
 * Quoted text and comments pass as they are. Both words are known in capitals only, so a table may
 * still be called blob.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_impl.h"

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* quoted_len returns the length of the quoted text or comment that p starts with, else 0. */
static size_t quoted_len(const char *p)
{
	const char *end;

	if (*p == '\'' || *p == '"') {
		end = strchr(p + 1, *p);
		return end ? (size_t)(end - p) + 1 : strlen(p);
	}
	if (p[0] == '-' && p[1] == '-')
		return strcspn(p, "\n");
	if (p[0] == '/' && p[1] == '*') {
		end = strstr(p + 2, "*/");
		return end ? (size_t)(end - p) + 2 : strlen(p);
	}
	return 0;
}

static void rewrite(FILE *out, const struct store_driver *driver, const char *sql)
{
	size_t len;

	for (const char *p = sql; *p; p += len) {
		len = quoted_len(p);
		if (!len)
			while (is_word(p[len]))
				len++;
		if (len == 4 && strncmp(p, "BLOB", 4) == 0) {
			fputs(driver->blob, out);
		} else if (len == 7 && strncmp(p, "PL_LIST", 7) == 0 && p[7] == '(') {
			size_t inner = strcspn(p + 8, ")");

			fprintf(out, "%s%.*s%s", driver->list_before, (int)inner, p + 8,
				driver->list_after);
			len = 8 + inner + (p[8 + inner] == ')');
		} else {
			if (!len)
				len = 1;
			fwrite(p, 1, len, out);
		}
	}
}

char *store_rewrite(const struct store_driver *driver, const char *sql)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	bool failed;

	if (!out)
		return NULL;
	rewrite(out, driver, sql);
	failed = ferror(out);
	if (fclose(out) || failed) {
		free(text);
		return NULL;
	}
	return text;
}

bool store_is_utf8(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + len;

	while (p < end) {
		unsigned more, least, code;

		if (*p < 0x80) {
			p++;
			continue;
		}
		if (*p >= 0xc2 && *p <= 0xdf)
			more = 1, least = 0x80, code = *p & 0x1f;
		else if ((*p & 0xf0) == 0xe0)
			more = 2, least = 0x800, code = *p & 0x0f;
		else if (*p >= 0xf0 && *p <= 0xf4)
			more = 3, least = 0x10000, code = *p & 0x07;
		else
			return false;
		if ((size_t)(end - p) <= more)
			return false;
		p++;
		for (; more; more--, p++) {
			if ((*p & 0xc0) != 0x80)
				return false;
			code = code << 6 | (*p & 0x3f);
		}
		if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
			return false;
	}
	return true;
}
