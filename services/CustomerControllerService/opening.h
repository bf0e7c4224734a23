/*
 * opening.h — an `open` frame read and checked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CHAT_OPENING_H
#define CHAT_OPENING_H

#include <jansson.h>

#include "pelago/err.h"

struct opening {
	char *name, *email, *topic; /* owned; the last two may be NULL */
	const char *client_id;	    /* borrowed from the frame, or NULL */
	json_t *attributes;	    /* owned: texts by name */
	json_t *context;	    /* owned */
};

/* opening_read fills *opening, to be freed with opening_fini whatever it returns. PL_INVALID,
 * PL_TOOLARGE. */
enum pl_err opening_read(struct opening *opening, const json_t *frame);
void opening_fini(struct opening *opening);

#endif
