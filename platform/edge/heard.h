/*
 * heard.h — what was pushed lately into streams that nobody watches here.
 *
 * All pushes come to every edge. So who begins to watch a stream needs to be told by its service
 * only if something came that he doesn't have, or may have been missed: what the service saw when
 * it said from where on to watch is a moment old.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_HEARD_H
#define EDGE_HEARD_H

#include <stdbool.h>
#include <stdint.h>

#include "pelago/err.h"

enum {
	HEARD_MS = 30000,      /* how long it is remembered */
	HEARD_STREAMS = 20000, /* of so many streams at most */
};

struct heard;

enum pl_err heard_new(struct heard **heardp);
void heard_free(struct heard *heard); /* takes NULL */

/* heard_begin: of what was pushed before nothing is known. */
void heard_begin(struct heard *heard, int64_t now_ms);
/* heard_note keeps the highest number that came; without memory heard_begin. */
void heard_note(struct heard *heard, const char *stream, int64_t seq, int64_t now_ms);
/* heard_all tells whether nothing pushed into any stream can have been missed. */
bool heard_all(const struct heard *heard, int64_t now_ms);
/* heard_take returns the highest number that came lately, 0 if none did, and forgets it. */
int64_t heard_take(struct heard *heard, const char *stream);

#endif
