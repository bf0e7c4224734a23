/*
 * buffer.h — bytes that come in at one end and go out at the other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_BUS_BUFFER_H
#define PELAGO_BUS_BUFFER_H

#include <stddef.h>

#include "pelago/err.h"

struct buffer {
	char *data;
	size_t start, end; /* what it holds: data[start] to data[end - 1] */
	size_t size;
};

static inline size_t buffer_len(const struct buffer *buffer)
{
	return buffer->end - buffer->start;
}

/* buffer_room returns a place for at least len bytes behind what it holds, or NULL: PL_NOMEM. */
char *buffer_room(struct buffer *buffer, size_t len);

/* buffer_add copies len bytes behind what it holds. Returns PL_NOMEM, and then adds nothing. */
enum pl_err buffer_add(struct buffer *buffer, const void *data, size_t len);

/* buffer_drop forgets the first len bytes; a large buffer that has become empty is given back. */
void buffer_drop(struct buffer *buffer, size_t len);

void buffer_fini(struct buffer *buffer);

#endif
