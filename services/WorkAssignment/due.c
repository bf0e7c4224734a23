/*
 * due.c — see due.h: a binary heap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "due.h"

#include <stdlib.h>

static struct due *heap;
static size_t count, room;

static void put(size_t at, const struct due *due)
{
	while (at > 0 && heap[(at - 1) / 2].at_ms > due->at_ms) {
		heap[at] = heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	heap[at] = *due;
}

bool due_add(const char *id, int64_t at_ms)
{
	struct due due = { .at_ms = at_ms };

	if (count == room) {
		size_t more = room ? 2 * room : 256;
		struct due *grown = realloc(heap, more * sizeof(*heap));

		if (!grown)
			return false;
		heap = grown;
		room = more;
	}
	snprintf(due.id, sizeof(due.id), "%s", id);
	put(count++, &due);
	return true;
}

bool due_take(struct due *due, int64_t now_ms)
{
	struct due last;
	size_t at = 0;

	if (!count || heap[0].at_ms > now_ms)
		return false;
	*due = heap[0];
	last = heap[--count];
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && heap[child + 1].at_ms < heap[child].at_ms)
			child++;
		if (heap[child].at_ms >= last.at_ms)
			break;
		heap[at] = heap[child];
	}
	if (count)
		heap[at] = last;
	return true;
}

void due_clear(void)
{
	free(heap);
	heap = NULL;
	count = room = 0;
}
