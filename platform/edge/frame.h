/*
 * frame.h — a client's text frame, read; and the frames that the edge says by itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_FRAME_H
#define EDGE_FRAME_H

#include <jansson.h>
#include <stddef.h>

#include "pelago/err.h"

/* A frame: an object with a "type". The texts are borrowed from it. */
struct frame {
	json_t *object; /* owned */
	const char *type;
	const char *client_id;	/* or NULL */
	const char *contact_id; /* or NULL */
};

/*
 * frame_init reads text. Returns PL_INVALID for what isn't JSON, isn't an object, has no type, or
 * has a malformed id; what could be read is in *frame all the same, for the answer. frame_fini
 * always.
 */
enum pl_err frame_init(struct frame *frame, const void *text, size_t len);
void frame_fini(struct frame *frame);

/* frame_error makes an `error` frame. The ids may be NULL. New reference, or NULL without memory.
 */
json_t *frame_error(const char *code, const char *message, const char *client_id,
		    const char *contact_id);

#endif
