/*
 * text.c — what a note may say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notes.h"

#include <string.h>

static int64_t characters(const char *text)
{
	int64_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80; /* no continuation, RFC 3629 */
	return count;
}

enum pl_err text_check(const char *text, int64_t longest)
{
	int64_t count = characters(text);

	if (!text[strspn(text, " \t\r\n")])
		return pl_fail(PL_INVALID, "the note is empty: write something");
	if (count > longest)
		return pl_fail(PL_INVALID, "the note has %lld characters; at most %lld are taken",
			       (long long)count, (long long)longest);
	return PL_OK;
}
