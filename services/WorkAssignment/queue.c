/*
 * queue.c — see queue.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

#include "due.h"
#include "engines/routing/plan.h"
#include "routing.h"

enum { LINES_MAX = 2000 };

static struct {
	struct assign *engine;
	struct waiting *waiting; /* by contact */
	struct line *lines;	 /* by key */
	struct waiting *walk;	 /* where a look at all of them goes on; NULL: at the first */
	int64_t last_place;
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

struct waiting **queue_walk(void)
{
	return &queue.walk;
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

/* In microseconds, so that an age can be weighed against a priority. */
int64_t queue_next_place(int64_t now_ms)
{
	return now_ms * 1000 > queue.last_place ? now_ms * 1000 : queue.last_place + 1;
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

static enum assign_selection selection(const struct pl_service *service)
{
	return (enum assign_selection)pl_attribute_get(service, "selection");
}

/* As it stands after the wait so far. */
static enum pl_err state_to_engine(struct pl_turn *turn, const struct work *work,
				   struct waiting *waiting)
{
	static struct plan_view view; /* 2 KiB; one thread */
	const struct pl_service *service = pl_turn_service(turn);
	const char *excluded[ASSIGN_EXCLUDED_MAX];
	struct assign_work given = { .id = work->id,
				     .channel = work->channel,
				     .order = (uint64_t)work->place,
				     .sets = view.sets,
				     .named = view.named,
				     .excluded = excluded };
	int64_t waited_ms = pl_turn_now_ms(turn) - work->since_ms;
	enum pl_err err;

	plan_view(&view, work->plan, waited_ms > 0 ? waited_ms / 1000 : 0, selection(service),
		  1000000 * pl_attribute_get(service, "ageing_s"));
	given.set_count = view.set_count;
	given.named_count = view.named_count;
	given.named_required = view.named_required;
	given.selection = view.selection;
	for (; given.excluded_count < ASSIGN_EXCLUDED_MAX &&
	       given.excluded_count < json_array_size(work->excluded);
	     given.excluded_count++)
		excluded[given.excluded_count] =
			json_string_value(json_array_get(work->excluded, given.excluded_count));
	waiting->by_name = view.named_required;
	waiting->widens_ms = view.next_s ? work->since_ms + 1000 * view.next_s : 0;
	err = assign_work_add(queue.engine, &given);
	if (!err && waiting->widens_ms && !due_add(work->id, waiting->widens_ms)) {
		(void)assign_work_remove(queue.engine, work->id);
		err = PL_NOMEM;
	}
	return err;
}

enum pl_err queue_add(struct pl_turn *turn, const struct work *work)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));
	enum pl_err err = waiting ? state_to_engine(turn, work, waiting) : PL_NOMEM;

	if (err) {
		free(waiting);
		return err;
	}
	waiting->since_ms = work->since_ms;
	memcpy(waiting->id, work->id, sizeof(waiting->id));
	waiting->line = queue_line(work->service, work->channel);
	HASH_ADD_STR(queue.waiting, id, waiting);
	if (work->place > queue.last_place)
		queue.last_place = work->place;
	moved();
	return PL_OK;
}

enum pl_err queue_restate(struct pl_turn *turn, const struct work *work)
{
	struct waiting *waiting = queue_find(work->id);
	size_t pushed = waiting ? waiting->pushed : 0;
	enum pl_err err;

	queue_drop(work->id);
	err = queue_add(turn, work);
	if (!err)
		queue_find(work->id)->pushed = pushed;
	return err;
}

void queue_drop(const char *id)
{
	struct waiting *waiting = queue_find(id);

	if (!waiting)
		return;
	(void)assign_work_remove(queue.engine, id);
	if (queue.walk == waiting)
		queue.walk = waiting->hh.next;
	HASH_DEL(queue.waiting, waiting);
	free(waiting);
	moved();
}

bool queue_place(const char *id, int64_t now_ms, size_t *positionp, int64_t *wait_msp)
{
	const struct waiting *waiting = queue_find(id);
	int best = waiting && waiting->by_name ? ASSIGN_BY_NAME : 0;
	size_t position;

	*wait_msp = -1;
	if (assign_position(queue.engine, id, best, positionp))
		return false;
	for (int set = 1; best >= 0 && !assign_position(queue.engine, id, set, &position); set++)
		if (position < *positionp) {
			*positionp = position;
			best = set;
		}
	(void)assign_estimate(queue.engine, id, best, now_ms, wait_msp);
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
	queue.walk = NULL;
	due_clear();
	HASH_ITER(hh, queue.lines, line, next_line) {
		HASH_DEL(queue.lines, line);
		free(line);
	}
	assign_free(queue.engine);
	queue.engine = NULL;
}

/* The next place is behind all rows, also those that don't wait now but may be queued again. */
static void find_last_place(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn, "select max(place) from work", "");

	queue.last_place = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;
	pl_rows_free(rows);
}

enum pl_err queue_rebuild(struct pl_turn *turn)
{
	enum pl_err err;

	forget_all();
	err = assign_new(&queue.engine);
	if (err)
		return err;
	find_last_place(turn);
	err = routing_load(turn);
	if (!err)
		err = agents_load(turn);
	if (!err)
		err = reservations_load(turn);
	if (!err)
		err = works_load(turn);
	queue.moved = true;
	return err;
}
