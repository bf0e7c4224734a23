/*
 * heard.c — see heard.h. The table keeps the order in which streams were heard last.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heard.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct entry {
	UT_hash_handle hh;
	int64_t seq, at_ms;
	char stream[];
};

struct heard {
	struct entry *entries; /* the first is the one not heard for longest */
	int64_t since_ms;
};

enum pl_err heard_new(struct heard **heardp)
{
	*heardp = calloc(1, sizeof(**heardp));
	return *heardp ? PL_OK : PL_NOMEM;
}

static void forget(struct heard *heard, struct entry *entry)
{
	HASH_DEL(heard->entries, entry);
	free(entry);
}

void heard_free(struct heard *heard)
{
	if (!heard)
		return;
	while (heard->entries)
		forget(heard, heard->entries);
	free(heard);
}

void heard_begin(struct heard *heard, int64_t now_ms)
{
	heard->since_ms = now_ms;
}

static void forget_old(struct heard *heard, int64_t now_ms)
{
	while (heard->entries && now_ms - heard->entries->at_ms > HEARD_MS)
		forget(heard, heard->entries);
	if (HASH_COUNT(heard->entries) < HEARD_STREAMS)
		return;
	forget(heard, heard->entries);
	heard_begin(heard, now_ms);
}

void heard_note(struct heard *heard, const char *stream, int64_t seq, int64_t now_ms)
{
	int64_t before = heard_take(heard, stream);
	struct entry *entry = malloc(sizeof(*entry) + strlen(stream) + 1);

	if (!entry) {
		heard_begin(heard, now_ms);
		return;
	}
	forget_old(heard, now_ms);
	entry->seq = seq > before ? seq : before;
	entry->at_ms = now_ms;
	memcpy(entry->stream, stream, strlen(stream) + 1);
	HASH_ADD_KEYPTR(hh, heard->entries, entry->stream, strlen(entry->stream), entry);
}

bool heard_all(const struct heard *heard, int64_t now_ms)
{
	return now_ms - heard->since_ms > HEARD_MS;
}

int64_t heard_take(struct heard *heard, const char *stream)
{
	struct entry *entry;
	int64_t seq;

	HASH_FIND_STR(heard->entries, stream, entry);
	if (!entry)
		return 0;
	seq = entry->seq;
	forget(heard, entry);
	return seq;
}
