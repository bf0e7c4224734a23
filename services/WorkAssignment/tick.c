/*
 * tick.c — each half second: what waits long enough widens; each two seconds: positions told,
 * exclusions lifted; each half minute: orphans, retention.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "due.h"
#include "queue.h"

enum {
	LOOKED_MAX = 20000, /* contacts a tick */
	PUSHES_MAX = 200,   /* a tick */
	LIFTED_MAX = 500,   /* a tick */
	WIDENED_MAX = 2000, /* a tick */
	TELL_MS = 1900,
	PURGE_MAX = 20000, /* rows of a table a sweep */
	SWEEP_MS = 30000,
	SWEEP_FIRST_MS = 3000, /* the least, where orphan_s is short */
};

/* ---- positions ---- */

struct change {
	struct waiting *waiting;
	size_t position;
};

static int by_position(const void *a, const void *b)
{
	size_t x = ((const struct change *)a)->position, y = ((const struct change *)b)->position;

	return (x > y) - (x < y);
}

/* Fills changes with those whose position is another than they were told, from *walkp on. */
static size_t find_changes(struct waiting **walkp, struct change *changes)
{
	size_t count = 0, position;

	for (int i = 0; *walkp && i < LOOKED_MAX; i++, *walkp = (*walkp)->hh.next)
		if (!assign_position(queue_engine(), (*walkp)->id, 0, &position) &&
		    position != (*walkp)->pushed)
			changes[count++] = (struct change){ *walkp, position };
	return count;
}

/*
 * The first positions first; what is left over is told at the next tick. A long queue is looked at
 * over several ticks: all at once would keep offers waiting.
 */
static void tell_positions(struct pl_turn *turn)
{
	static bool again; /* it moved behind the walk's back */
	struct waiting **walkp = queue_walk();
	bool moved = queue_has_moved();
	struct change *changes;
	size_t count;

	if (*walkp)
		again = again || moved;
	else if (!moved || !queue_waiting())
		return;
	changes = calloc(LOOKED_MAX, sizeof(*changes));
	if (!changes)
		return; /* a push may be lost */
	if (!*walkp) {
		*walkp = queue_waiting();
		again = false;
	}
	count = find_changes(walkp, changes);
	qsort(changes, count, sizeof(*changes), by_position);
	for (size_t i = 0; i < count && i < PUSHES_MAX; i++)
		(void)queue_push(turn, changes[i].waiting);
	if (count > PUSHES_MAX || (!*walkp && again))
		queue_move();
	free(changes);
}

/* ---- exclusions ---- */

static enum pl_err lift(struct pl_turn *turn, const char *id)
{
	struct work work;
	enum pl_err err = work_load(turn, &work, id);

	if (!err && work.state == WORK_QUEUED) {
		json_array_clear(work.excluded);
		work.excluded_ms = 0;
		work_store(turn, &work);
		err = queue_restate(turn, &work);
		pl_log(INFO, "work.lifted", id, "still waiting: any agent may have it again");
	}
	work_fini(&work);
	return err;
}

/* ids collects the first column; a statement's rows aren't kept open over others. */
static json_t *ids(struct pl_rows *rows)
{
	json_t *list = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(list, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return list;
}

static enum pl_err lift_exclusions(struct pl_turn *turn)
{
	int64_t after_ms = 1000 * pl_attribute_get(pl_turn_service(turn), "requeue_same_agent_s");
	json_t *list, *id;
	enum pl_err err = PL_OK;
	size_t i;

	list = ids(pl_query(
		turn,
		"select contact_id from work where excluded_ms > 0 and excluded_ms <= $1"
		" and state = $2 order by excluded_ms limit $3",
		"iii", pl_turn_now_ms(turn) - after_ms, (int64_t)WORK_QUEUED, (int64_t)LIFTED_MAX));
	json_array_foreach(list, i, id) {
		if (!err)
			err = lift(turn, json_string_value(id));
	}
	json_decref(list);
	return err;
}

/* ---- retention ---- */

static void purge(struct pl_turn *turn)
{
	struct pl_service *service = pl_turn_service(turn);
	int64_t now_ms = pl_turn_now_ms(turn);

	/* a contact that is still here isn't forgotten */
	pl_exec(turn,
		"delete from closed where contact_id in (select contact_id from closed"
		" where at_ms < $1 and contact_id not in (select contact_id from reservation)"
		" order by at_ms limit $2)",
		"ii", now_ms - 1000 * pl_attribute_get(service, "closed_kept_s"),
		(int64_t)PURGE_MAX);
	pl_exec(turn,
		"delete from decision where offer_id in (select offer_id from decision"
		" where at_ms < $1 order by at_ms limit $2)",
		"ii", now_ms - 1000 * pl_attribute_get(service, "decision_kept_s"),
		(int64_t)PURGE_MAX);
}

static int64_t sweep_each_ms(struct pl_turn *turn)
{
	int64_t ms = 250 * pl_attribute_get(pl_turn_service(turn), "orphan_s");

	return ms > SWEEP_MS ? SWEEP_MS : ms < SWEEP_FIRST_MS ? SWEEP_FIRST_MS : ms;
}

/* ---- what has waited long enough asks for less ---- */

static enum pl_err widen(struct pl_turn *turn, const struct due *due)
{
	const struct waiting *waiting = queue_find(due->id);
	struct work work;
	enum pl_err err;

	if (!waiting || waiting->widens_ms != due->at_ms)
		return PL_OK; /* it was served, or queued again since */
	err = work_load(turn, &work, due->id);
	if (!err && work.state == WORK_QUEUED) {
		err = queue_restate(turn, &work);
		pl_log(INFO, "work.widened", due->id, "after %ld s",
		       (long)((pl_turn_now_ms(turn) - work.since_ms) / 1000));
	}
	work_fini(&work);
	return err;
}

static enum pl_err widen_due(struct pl_turn *turn)
{
	struct due due;
	enum pl_err err = PL_OK;

	for (int i = 0; !err && i < WIDENED_MAX && due_take(&due, pl_turn_now_ms(turn)); i++)
		err = widen(turn, &due);
	return err;
}

/* Whether so much time has passed since *lastp; then it is now. */
static bool is_time(int64_t *lastp, int64_t now_ms, int64_t each_ms)
{
	if (now_ms >= *lastp && now_ms - *lastp < each_ms)
		return false;
	*lastp = now_ms;
	return true;
}

enum pl_err tick(struct pl_turn *turn)
{
	static int64_t told_ms, swept_ms;
	int64_t now_ms = pl_turn_now_ms(turn);
	bool tells = is_time(&told_ms, now_ms, TELL_MS);
	enum pl_err err = widen_due(turn);

	if (!err && tells)
		err = lift_exclusions(turn);
	if (!err)
		err = match_all(turn);
	if (err) {
		work_undo(turn);
		return err;
	}
	if (tells)
		tell_positions(turn);
	if (!is_time(&swept_ms, now_ms, sweep_each_ms(turn)))
		return PL_OK;
	orphans_sweep(turn);
	purge(turn);
	return PL_OK;
}
