/*
 * spell.h — which of the valid words was meant.
 *
 * Pure; any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_SPELL_H
#define PELAGO_SPELL_H

enum { SPELL_MOST = 40 }; /* characters of a word; longer ones are far from everything */

/*
 * spell_distance counts the edits between two words, in any case: insert, delete, replace, and swap
 * of two neighbours (optimal string alignment, the restricted form of Damerau 1964).
 */
unsigned spell_distance(const char *a, const char *b);

/* spell_nearest returns the member of a NULL-ended list that is spelled most like text, the first
 * of equals; NULL if none is like it: at most half of the letters may differ, of short words two.
 */
const char *spell_nearest(const char *text, const char *const *list);

#endif
