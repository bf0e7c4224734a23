/*
 * queue.c — see queue.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 2000 };

static struct {
	struct assign *engine;
	struct waiting *waiting; /* by contact */
	struct line *lines;	 /* by key */
	int64_t next_place;
	bool moved;
} queue;

static struct pl_metric waiting_now = { .name = "work_waiting",
					.text = "Contacts in queue",
					.kind = PL_GAUGE };

struct assign *queue_engine(void)
{
	return queue.engine;
}

struct waiting *queue_waiting(void)
{
	return queue.waiting;
}

struct line *queue_lines(void)
{
	return queue.lines;
}

struct waiting *queue_find(const char *id)
{
	struct waiting *waiting;

	HASH_FIND_STR(queue.waiting, id, waiting);
	return waiting;
}

int64_t queue_next_place(void)
{
	return queue.next_place;
}

bool queue_has_moved(void)
{
	bool moved = queue.moved;

	queue.moved = false;
	return moved;
}

void queue_move(void)
{
	queue.moved = true;
}

static void moved(void)
{
	queue_move();
	pl_metric_set(&waiting_now, HASH_COUNT(queue.waiting));
}

struct line *queue_line(const char *service, const char *channel)
{
	char key[sizeof(queue.lines->key)];
	struct line *line;

	snprintf(key, sizeof(key), "%s\n%s", service, channel);
	HASH_FIND_STR(queue.lines, key, line);
	if (line || HASH_COUNT(queue.lines) >= LINES_MAX)
		return line;
	line = calloc(1, sizeof(*line));
	if (!line)
		return NULL; /* only missing in a display */
	snprintf(line->service, sizeof(line->service), "%s", service);
	snprintf(line->channel, sizeof(line->channel), "%s", channel);
	memcpy(line->key, key, sizeof(key));
	HASH_ADD_STR(queue.lines, key, line);
	return line;
}

enum pl_err queue_add(struct pl_turn *turn, const struct work *work)
{
	struct assign_need needs[ASSIGN_NEEDS_MAX] = { 0 };
	const char *excluded[ASSIGN_EXCLUDED_MAX];
	struct assign_set set = { .needs = needs, .priority = (unsigned)work->priority };
	struct assign_work given = { .id = work->id,
				     .channel = work->channel,
				     .order = (uint64_t)work->place,
				     .sets = &set,
				     .set_count = 1,
				     .excluded = excluded };
	struct waiting *waiting;
	enum pl_err err;

	given.selection =
		(enum assign_selection)pl_attribute_get(pl_turn_service(turn), "selection");
	for (; set.need_count < ASSIGN_NEEDS_MAX && set.need_count < json_array_size(work->needs);
	     set.need_count++)
		needs[set.need_count].attribute =
			json_string_value(json_array_get(work->needs, set.need_count));
	for (; given.excluded_count < ASSIGN_EXCLUDED_MAX &&
	       given.excluded_count < json_array_size(work->excluded);
	     given.excluded_count++)
		excluded[given.excluded_count] =
			json_string_value(json_array_get(work->excluded, given.excluded_count));
	waiting = calloc(1, sizeof(*waiting));
	if (!waiting)
		return PL_NOMEM;
	err = assign_work_add(queue.engine, &given);
	if (err) {
		free(waiting);
		return err;
	}
	waiting->since_ms = work->since_ms;
	memcpy(waiting->id, work->id, sizeof(waiting->id));
	waiting->line = queue_line(work->service, work->channel);
	HASH_ADD_STR(queue.waiting, id, waiting);
	if (work->place >= queue.next_place)
		queue.next_place = work->place + 1;
	moved();
	return PL_OK;
}

void queue_drop(const char *id)
{
	struct waiting *waiting = queue_find(id);

	if (!waiting)
		return;
	(void)assign_work_remove(queue.engine, id);
	HASH_DEL(queue.waiting, waiting);
	free(waiting);
	moved();
}

bool queue_place(const char *id, int64_t now_ms, size_t *positionp, int64_t *wait_msp)
{
	*wait_msp = -1;
	if (assign_position(queue.engine, id, 0, positionp))
		return false;
	(void)assign_estimate(queue.engine, id, 0, now_ms, wait_msp);
	return true;
}

json_t *wait_json(int64_t wait_ms)
{
	return wait_ms < 0 ? json_null() : json_integer(wait_ms / 1000 + (wait_ms % 1000 != 0));
}

bool queue_push(struct pl_turn *turn, struct waiting *waiting)
{
	char stream[ID_BYTES + 16];
	size_t position;
	int64_t wait_ms;

	if (!queue_place(waiting->id, pl_turn_now_ms(turn), &position, &wait_ms) ||
	    position == waiting->pushed)
		return false;
	if (wait_ms < 0) /* nothing measured yet */
		wait_ms = (int64_t)position * 1000 *
			  pl_attribute_get(pl_turn_service(turn), "assumed_wait_s");
	waiting->pushed = position;
	snprintf(stream, sizeof(stream), "contact.%s", waiting->id);
	pl_push(turn, stream,
		json_pack("{s:s, s:s, s:I, s:o}", "type", "queued", "contactId", waiting->id,
			  "position", (json_int_t)position, "estimatedWaitSeconds",
			  wait_json(wait_ms)));
	return true;
}

static void forget_all(void)
{
	struct waiting *waiting, *next_waiting;
	struct line *line, *next_line;

	HASH_ITER(hh, queue.waiting, waiting, next_waiting) {
		HASH_DEL(queue.waiting, waiting);
		free(waiting);
	}
	HASH_ITER(hh, queue.lines, line, next_line) {
		HASH_DEL(queue.lines, line);
		free(line);
	}
	assign_free(queue.engine);
	queue.engine = NULL;
}

/* The next place is behind all rows, also those that don't wait now but may be queued again. */
static void find_next_place(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn, "select max(place) from work", "");

	queue.next_place = pl_rows_next(rows) ? pl_rows_int(rows, 0) + 1 : 1;
	pl_rows_free(rows);
}

enum pl_err queue_rebuild(struct pl_turn *turn)
{
	enum pl_err err;

	forget_all();
	err = assign_new(&queue.engine);
	if (err)
		return err;
	find_next_place(turn);
	err = agents_load(turn);
	if (!err)
		err = reservations_load(turn);
	if (!err)
		err = works_load(turn);
	queue.moved = true;
	return err;
}
