/*
 * timer.c — durable timers: a row each, and a heap for each clock.
 *
 * A person's time doesn't run while we are away: while the bus is away, and before ten seconds have
 * passed after that or a restart, none of their timers fires. The heaps change with the statement,
 * not with the commit; after a rollback those that the turn touched are read anew: there may be
 * hundreds of thousands of others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <stdlib.h>
#include <string.h>

static void heap_set(struct timer_heap *h, size_t slot, struct timer *t)
{
	h->slots[slot] = t;
	t->slot = slot;
}

static void heap_fix(struct timer_heap *h, size_t slot)
{
	struct timer *t = h->slots[slot];

	while (slot > 0 && h->slots[(slot - 1) / 2]->due_ms > t->due_ms) {
		heap_set(h, slot, h->slots[(slot - 1) / 2]);
		slot = (slot - 1) / 2;
	}
	for (;;) {
		size_t child = 2 * slot + 1;

		if (child + 1 < h->len && h->slots[child + 1]->due_ms < h->slots[child]->due_ms)
			child++;
		if (child >= h->len || h->slots[child]->due_ms >= t->due_ms)
			break;
		heap_set(h, slot, h->slots[child]);
		slot = child;
	}
	heap_set(h, slot, t);
}

static bool heap_add(struct timer_heap *h, struct timer *t)
{
	if (h->len == h->cap) {
		size_t cap = h->cap ? 2 * h->cap : 64;
		struct timer **slots = realloc(h->slots, cap * sizeof(struct timer *));

		if (!slots)
			return false;
		h->slots = slots;
		h->cap = cap;
	}
	heap_set(h, h->len++, t);
	heap_fix(h, t->slot);
	return true;
}

static void heap_remove(struct timer_heap *h, struct timer *t)
{
	size_t slot = t->slot;

	if (--h->len == slot)
		return;
	heap_set(h, slot, h->slots[h->len]);
	heap_fix(h, slot);
}

static void timer_free(struct pl_service *s, struct timer *t)
{
	HASH_DEL(s->timers, t);
	if (!t->queued)
		heap_remove(&s->heaps[t->clock], t);
	free(t->kind);
	free(t);
}

static struct timer *timer_find(struct pl_service *s, const char *kind, const char *key)
{
	char name[400];
	struct timer *t;

	snprintf(name, sizeof(name), "%s %s", kind, key);
	HASH_FIND_STR(s->timers, name, t);
	return t;
}

static enum pl_err timer_add(struct pl_service *s, const char *kind, const char *key,
			     enum pl_timer_clock clock, int64_t due_ms)
{
	size_t len = strlen(kind) + strlen(key) + 2;
	struct timer *t = calloc(1, sizeof(*t) + len);

	if (!t)
		return PL_NOMEM;
	snprintf(t->name, len, "%s %s", kind, key);
	t->kind = strdup(kind);
	t->clock = clock;
	t->due_ms = due_ms;
	if (!t->kind || !heap_add(&s->heaps[clock], t)) {
		free(t->kind);
		free(t);
		return PL_NOMEM;
	}
	HASH_ADD_KEYPTR(hh, s->timers, t->name, strlen(t->name), t);
	return PL_OK;
}

/* One that is unknown was written by a later version. */
static enum pl_timer_clock clock_of(int64_t stored)
{
	return stored >= 0 && stored < PL_TIMER_CLOCKS ? (enum pl_timer_clock)stored
						       : PL_TIMER_CALENDAR;
}

#define COLUMNS "select kind, key, clock, wall_ms, mono_ms, boot_id from pl_timer "

/* Frees rows. */
static enum pl_err add_rows(struct pl_service *s, struct pl_rows *rows)
{
	enum pl_err err = PL_OK;

	while (!err && pl_rows_next(rows)) {
		enum pl_timer_clock clock = clock_of(pl_rows_int(rows, 2));
		int64_t due_ms = pl_rows_int(rows, 3);

		if (clock != PL_TIMER_CALENDAR && strcmp(pl_rows_text(rows, 5), s->boot_id) == 0)
			due_ms = pl_rows_int(rows, 4);
		else if (clock != PL_TIMER_CALENDAR)
			due_ms = mono_ms() + due_ms - wall_ms();
		if (clock == PL_TIMER_HUMAN && due_ms < s->grace_ms)
			due_ms = s->grace_ms;
		err = timer_add(s, pl_rows_text(rows, 0), pl_rows_text(rows, 1), clock, due_ms);
	}
	if (!err)
		err = pl_rows_err(rows);
	pl_rows_free(rows);
	return err;
}

enum pl_err timer_load(struct pl_service *s)
{
	struct pl_rows *rows = NULL;
	struct timer *t, *tmp;
	enum pl_err err;

	HASH_ITER(hh, s->timers, t, tmp)
		timer_free(s, t);
	err = pl_store_query(&rows, s->store, COLUMNS, "");
	if (!err)
		err = add_rows(s, rows);
	if (!err)
		timer_settle(s);
	return err;
}

/* ---- what a turn touches ---- */

static void touch(struct pl_service *s, const char *kind, const char *key)
{
	char *name = NULL;

	if (s->touched_len == s->touched_cap) {
		size_t cap = s->touched_cap ? 2 * s->touched_cap : 64;
		char **grown = realloc(s->touched, cap * sizeof(*grown));

		if (!grown) {
			s->touched_lost = true;
			return;
		}
		s->touched = grown;
		s->touched_cap = cap;
	}
	if (asprintf(&name, "%s %s", kind, key) < 0)
		s->touched_lost = true;
	else
		s->touched[s->touched_len++] = name;
}

void timer_settle(struct pl_service *s)
{
	while (s->touched_len)
		free(s->touched[--s->touched_len]);
	s->touched_lost = false;
}

static enum pl_err restore(struct pl_service *s, char *name)
{
	char *space = strchr(name, ' '); /* a kind has none */
	struct pl_rows *rows = NULL;
	struct timer *t;
	enum pl_err err;

	HASH_FIND_STR(s->timers, name, t);
	if (t)
		timer_free(s, t);
	*space = '\0';
	err = pl_store_query(&rows, s->store, COLUMNS "where kind = $1 and key = $2", "ss", name,
			     space + 1);
	*space = ' ';
	return err ? err : add_rows(s, rows);
}

enum pl_err timer_restore(struct pl_service *s)
{
	enum pl_err err = PL_OK;

	if (s->touched_lost)
		return timer_load(s);
	for (size_t i = 0; !err && i < s->touched_len; i++)
		err = restore(s, s->touched[i]);
	if (!err)
		timer_settle(s);
	return err;
}

void timer_grace(struct pl_service *s)
{
	int64_t least = s->grace_ms = mono_ms() + GRACE_MS;
	struct timer *t, *tmp;

	HASH_ITER(hh, s->timers, t, tmp)
		if (t->clock == PL_TIMER_HUMAN && !t->queued && t->due_ms < least) {
			t->due_ms = least;
			heap_fix(&s->heaps[PL_TIMER_HUMAN], t->slot);
		}
}

static int64_t clock_now(int clock)
{
	return clock == PL_TIMER_CALENDAR ? wall_ms() : mono_ms();
}

/* While the bus is away nobody can do what a person's timer waits for. */
static int first_clock(const struct pl_service *s)
{
	return pl_bus_state(s->bus) == PL_BUS_UP ? PL_TIMER_HUMAN : PL_TIMER_CALENDAR;
}

void timer_beat(struct pl_service *s)
{
	for (int clock = first_clock(s); clock < PL_TIMER_CLOCKS; clock++) {
		struct timer_heap *h = &s->heaps[clock];
		int64_t now = clock_now(clock);

		while (h->len > 0 && h->slots[0]->due_ms <= now) {
			struct timer *t = h->slots[0];
			struct work *w = work_new(WORK_TIMER, t->name, t->kind, NULL, NULL, 0);

			if (!w)
				return;
			heap_remove(h, t);
			t->queued = true;
			queue_put(&s->queue, w);
		}
	}
}

int64_t timer_next_ms(struct pl_service *s)
{
	int64_t next = 250;

	for (int clock = first_clock(s); clock < PL_TIMER_CLOCKS; clock++)
		if (s->heaps[clock].len > 0) {
			int64_t left = s->heaps[clock].slots[0]->due_ms - clock_now(clock);

			if (left < next)
				next = left > 0 ? left : 0;
		}
	return next;
}

/* A turn that couldn't be stored: the timer goes back into its heap. */
void timer_later(struct pl_service *s, struct work *w, int64_t ms)
{
	struct timer *t;

	HASH_FIND_STR(s->timers, w->text, t);
	if (!t)
		return;
	if (!t->queued)
		heap_remove(&s->heaps[t->clock], t);
	t->queued = false;
	t->due_ms = clock_now((int)t->clock) + ms;
	if (!heap_add(&s->heaps[t->clock], t))
		t->queued = true; /* loaded again at the next start */
}

void timer_run(struct pl_turn *turn, struct work *w)
{
	struct pl_service *s = turn->service;
	const char *kind = w->id, *key = w->text + strlen(w->id) + 1;
	const struct pl_on_timer *h;
	struct pl_rows *rows;
	json_t *body = NULL;
	struct timer *t;
	enum pl_err err = PL_OK;

	HASH_FIND_STR(s->timers, w->text, t);
	if (!t || !(t->queued || t->due_ms <= clock_now((int)t->clock)))
		return; /* cancelled, or set anew, while it waited for its turn */
	touch(s, kind, key);
	rows = pl_query(turn, "select body from pl_timer where kind = $1 and key = $2", "ss", kind,
			key);
	if (pl_rows_next(rows))
		body = json_loads(pl_rows_text(rows, 0), 0, NULL);
	pl_rows_free(rows);
	timer_free(s, t);
	pl_exec(turn, "delete from pl_timer where kind = $1 and key = $2", "ss", kind, key);
	turn->writes = 0;
	for (h = s->def->timers; h && h->kind; h++)
		if (strcmp(h->kind, kind) == 0)
			break;
	if (h && h->kind && !turn->err)
		err = h->fn(turn, key, body);
	if (err && !turn->err) {
		pl_log(ERROR, "timer.failed", NULL, "kind=%s key=%s: %s", kind, key,
		       pl_err_detail(err));
		if (turn->writes)
			turn_fail(turn, PL_INTERNAL);
	}
	json_decref(body);
}

void pl_timer_set(struct pl_turn *turn, const char *kind, const char *key,
		  enum pl_timer_clock clock, int64_t in_ms, json_t *body)
{
	struct pl_service *s = turn->service;
	struct timer *t = timer_find(s, kind, key);
	char *text = body ? pl_json_dump(body) : strdup("{}");

	json_decref(body);
	touch(s, kind, key);
	if (t)
		timer_free(s, t);
	if (!text || timer_add(s, kind, key, clock, clock_now((int)clock) + in_ms))
		turn_fail(turn, PL_NOMEM);
	pl_exec(turn,
		"insert into pl_timer (kind, key, clock, wall_ms, mono_ms, boot_id, body) "
		"values ($1, $2, $3, $4, $5, $6, $7) on conflict (kind, key) do update set "
		"clock = excluded.clock, wall_ms = excluded.wall_ms, mono_ms = excluded.mono_ms, "
		"boot_id = excluded.boot_id, body = excluded.body",
		"ssiiiss", kind, key, (int64_t)clock, wall_ms() + in_ms, mono_ms() + in_ms,
		s->boot_id, text);
	free(text);
}

void pl_timer_cancel(struct pl_turn *turn, const char *kind, const char *key)
{
	struct timer *t = timer_find(turn->service, kind, key);

	if (!t)
		return;
	touch(turn->service, kind, key);
	timer_free(turn->service, t);
	pl_exec(turn, "delete from pl_timer where kind = $1 and key = $2", "ss", kind, key);
}

int64_t pl_timer_left_ms(struct pl_turn *turn, const char *kind, const char *key)
{
	struct timer *t = timer_find(turn->service, kind, key);
	int64_t left;

	if (!t)
		return -1;
	left = t->due_ms - clock_now((int)t->clock);
	return left > 0 ? left : 0;
}
