/*
 * err.c — the error table and the sentence kept per thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/err.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct pl_err_row rows[] = {
#define PL_ERR(name, wire, http, exit, retry, text) { #name, wire, http, exit, retry, text },
#include "tables/err.h"
#undef PL_ERR
};

static _Thread_local char detail[512];

const struct pl_err_row *pl_err_row(enum pl_err err)
{
	return &rows[(unsigned)err < PL_ERR_COUNT ? err : PL_INTERNAL];
}

enum pl_err pl_err_from_wire(const char *wire)
{
	for (unsigned i = 0; wire && i < PL_ERR_COUNT; i++)
		if (strcmp(rows[i].wire, wire) == 0)
			return (enum pl_err)i;
	return PL_INTERNAL;
}

/* The bytes of a character of UTF-8 (RFC 3629 §4); 0 if it is none. */
static size_t character_len(const unsigned char *c)
{
	size_t len = c[0] < 0x80   ? 1
		     : c[0] < 0xc2 ? 0
		     : c[0] < 0xe0 ? 2
		     : c[0] < 0xf0 ? 3
		     : c[0] < 0xf5 ? 4
				   : 0;

	for (size_t i = 1; i < len; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) ||
	    (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f))
		return 0;
	return len;
}

/* A text that was cut within a character would make no JSON: each broken byte becomes a '?'. */
static void mend(char *text)
{
	while (*text) {
		size_t len = character_len((const unsigned char *)text);

		if (len == 0)
			*text = '?';
		text += len ? len : 1;
	}
}

enum pl_err pl_fail(enum pl_err err, const char *fmt, ...)
{
	char text[sizeof(detail)]; /* an argument may be the sentence of before */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	memcpy(detail, text, strlen(text) + 1);
	mend(detail);
	return err;
}

const char *pl_err_detail(enum pl_err err)
{
	return detail[0] ? detail : pl_err_row(err)->text;
}

void pl_err_clear(void)
{
	detail[0] = '\0';
}

void pl_assert_failed(const char *cond, const char *file, int line)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, cond);
	abort();
}
