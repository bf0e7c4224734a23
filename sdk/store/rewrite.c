/*
 * rewrite.c — from the portable dialect to a driver's: `in PL_LIST(…)`, PL_BY_KEY and the type
 * BLOB.
 *
 * Quoted text and comments pass as they are. The words are known in capitals only, so a table may
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
	static const char list[] = "in PL_LIST(";
	size_t len;

	for (const char *p = sql; *p; p += len) {
		len = quoted_len(p);
		if (!len)
			while (is_word(p[len]))
				len++;
		if (len == 4 && strncmp(p, "BLOB", 4) == 0) {
			fputs(driver->blob, out);
		} else if (len == 9 && strncmp(p, "PL_BY_KEY", 9) == 0) {
			fputs(driver->by_key, out);
		} else if (len == 2 && strncmp(p, list, sizeof(list) - 1) == 0) {
			const char *inner = p + sizeof(list) - 1;

			len = strcspn(inner, ")");
			fprintf(out, "%s%.*s%s", driver->list_before, (int)len, inner,
				driver->list_after);
			len += sizeof(list) - 1 + (inner[len] == ')');
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

/* lead_of returns how many bytes follow the first of a character, and the least value that needs so
 * many. */
static int lead_of(unsigned char c, unsigned *leastp)
{
	if (c >= 0xc2 && c <= 0xdf) {
		*leastp = 0x80;
		return 1;
	}
	if ((c & 0xf0) == 0xe0) {
		*leastp = 0x800;
		return 2;
	}
	if (c >= 0xf0 && c <= 0xf4) {
		*leastp = 0x10000;
		return 3;
	}
	return -1;
}

bool store_is_utf8(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + len;
	unsigned least, code;
	int more;

	while (p < end) {
		if (*p < 0x80) {
			p++;
			continue;
		}
		more = lead_of(*p, &least);
		if (more < 0 || end - p <= more)
			return false;
		code = *p++ & (0x3fu >> more);
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
