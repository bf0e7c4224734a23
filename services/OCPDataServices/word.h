/*
 * word.h — how customers are searched for: by the beginning of a name, of a part of it, or of an
 * address.
 *
 * Each customer has a row for its name from each word on ("anna maria müller", "maria müller",
 * "müller") and one for each address, in small letters. The key is the text's bytes in hex: its
 * order is the same under any collation of a database, so a beginning is a range.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_WORD_H
#define OCPDATA_WORD_H

#include "pelago/service.h"

enum { WORD_BYTES = 64, WORD_KEY_BYTES = 2 * WORD_BYTES + 1, WORDS_MOST = 8 };

/* word_key writes the key of a text, as far as WORD_BYTES reach. */
void word_key(char key[WORD_KEY_BYTES], const char *text);

/* word_index makes a customer's rows anew, from its name and addresses [{"kind","value"}…]. */
void word_index(struct pl_turn *turn, const char *customer, const char *name,
		const json_t *addresses);
void word_forget(struct pl_turn *turn, const char *customer);

#endif
