/*
 * work.c — the queue of work, and the bounded tables of numbers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t mono_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void queue_init(struct queue *q)
{
	q->first = NULL;
	q->last = &q->first;
	q->len = q->events = 0;
}

void queue_put(struct queue *q, struct work *w)
{
	w->next = NULL;
	*q->last = w;
	q->last = &w->next;
	q->len++;
	q->events += w->kind == WORK_EVENT;
}

struct work *queue_get(struct queue *q)
{
	struct work *w = q->first;

	if (!w)
		return NULL;
	q->first = w->next;
	if (!q->first)
		q->last = &q->first;
	q->len--;
	q->events -= w->kind == WORK_EVENT;
	return w;
}

static size_t size_of(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

/* Copies to *atp, which moves behind it. */
static char *copy(char **atp, const char *text)
{
	char *at = *atp;
	size_t size = size_of(text);

	if (!text)
		return NULL;
	*atp += size;
	return memcpy(at, text, size);
}

struct work *work_new(enum work_kind kind, const char *text, const char *id, const char *reply,
		      const void *body, size_t body_len)
{
	struct work *w = malloc(sizeof(*w) + size_of(text) + size_of(id) + size_of(reply) +
				(body ? body_len + 1 : 0));
	char *at;

	if (!w)
		return NULL;
	*w = (struct work){ .kind = kind };
	at = w->room;
	w->text = copy(&at, text);
	w->id = copy(&at, id);
	w->reply = copy(&at, reply);
	if (body) {
		memcpy(at, body, body_len);
		at[body_len] = '\0';
		w->body = at;
		w->body_len = body_len;
	}
	return w;
}

void work_free(struct work *w)
{
	if (!w)
		return;
	json_decref(w->json);
	free(w);
}

/* uthash keeps insertion order, so the first element is the one not used for longest. */
struct count *count_find(struct count **table, const char *name)
{
	struct count *c;

	HASH_FIND_STR(*table, name, c);
	if (c) {
		HASH_DEL(*table, c);
		HASH_ADD_KEYPTR(hh, *table, c->name, strlen(c->name), c);
	}
	return c;
}

void count_put_most(struct count **table, const char *name, int64_t n, unsigned most)
{
	struct count *c;

	HASH_FIND_STR(*table, name, c);
	if (c) {
		c->n = n;
		return;
	}
	if (HASH_COUNT(*table) >= most) {
		c = *table;
		HASH_DEL(*table, c);
		free(c);
	}
	c = malloc(sizeof(*c) + strlen(name) + 1);
	if (!c)
		return; /* a cache only: it is read from the store next time */
	memcpy(c->name, name, strlen(name) + 1);
	c->n = n;
	HASH_ADD_KEYPTR(hh, *table, c->name, strlen(c->name), c);
}

void count_put(struct count **table, const char *name, int64_t n)
{
	count_put_most(table, name, n, CACHE_ITEMS);
}

void count_clear(struct count **table)
{
	struct count *c, *tmp;

	HASH_ITER(hh, *table, c, tmp) {
		HASH_DEL(*table, c);
		free(c);
	}
}
