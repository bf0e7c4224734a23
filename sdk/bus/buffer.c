/* buffer.c — see buffer.h. SPDX-License-Identifier: Apache-2.0 */
#include "buffer.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 4096, KEPT_BYTES = 256 * 1024 };

char *buffer_room(struct buffer *buffer, size_t len)
{
	size_t held = buffer_len(buffer), size = buffer->size ? buffer->size : FIRST_BYTES;
	char *data;

	if (buffer->size - buffer->end >= len)
		return buffer->data ? buffer->data + buffer->end : NULL;
	if (buffer->start > 0 && held + len <= buffer->size && held <= buffer->size / 2) {
		memmove(buffer->data, buffer->data + buffer->start, held);
	} else {
		while (size < held + len)
			size *= 2;
		data = malloc(size);
		if (!data)
			return NULL;
		if (held > 0)
			memcpy(data, buffer->data + buffer->start, held);
		free(buffer->data);
		buffer->data = data;
		buffer->size = size;
	}
	buffer->start = 0;
	buffer->end = held;
	return buffer->data + held;
}

enum pl_err buffer_add(struct buffer *buffer, const void *data, size_t len)
{
	char *room;

	if (len == 0)
		return PL_OK;
	room = buffer_room(buffer, len);
	if (!room)
		return PL_NOMEM;
	memcpy(room, data, len);
	buffer->end += len;
	return PL_OK;
}

void buffer_drop(struct buffer *buffer, size_t len)
{
	buffer->start += len;
	if (buffer->start < buffer->end)
		return;
	buffer->start = buffer->end = 0;
	if (buffer->size > KEPT_BYTES)
		buffer_fini(buffer);
}

void buffer_fini(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){ 0 };
}
