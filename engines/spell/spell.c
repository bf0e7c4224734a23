/*
 * spell.c — which of the valid words was meant.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/spell/spell.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static bool same(char a, char b)
{
	return strncasecmp(&a, &b, 1) == 0;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned spell_distance(const char *a, const char *b)
{
	unsigned rows[3][SPELL_MOST + 1]; /* of the letter before the last one, the last, this */
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > SPELL_MOST || b_len > SPELL_MOST)
		return 2 * SPELL_MOST;
	for (unsigned k = 0; k <= b_len; k++)
		rows[0][k] = k;
	for (unsigned i = 1; i <= a_len; i++) {
		unsigned *row = rows[i % 3], *last = rows[(i + 2) % 3], *older = rows[(i + 1) % 3];

		row[0] = i;
		for (unsigned k = 1; k <= b_len; k++) {
			row[k] = least(last[k - 1] + !same(a[i - 1], b[k - 1]),
				       least(last[k], row[k - 1]) + 1);
			if (i > 1 && k > 1 && same(a[i - 1], b[k - 2]) && same(a[i - 2], b[k - 1]))
				row[k] = least(row[k], older[k - 2] + 1);
		}
	}
	return rows[a_len % 3][b_len];
}

const char *spell_nearest(const char *text, const char *const *list)
{
	const char *nearest = NULL;
	unsigned best = (unsigned)strlen(text) / 2 + 1;

	for (; *list; list++) {
		unsigned far = spell_distance(text, *list);

		if (far < best || (far == best && !nearest && far < 3)) {
			best = far;
			nearest = *list;
		}
	}
	return nearest;
}
