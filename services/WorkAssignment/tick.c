/*
 * tick.c — each two seconds: positions told, exclusions lifted; each half minute: orphans, retention.
 *
 * An orphan (RTG-8) is a reservation with nobody behind it: its offer was never heard of, or its contact
 * closed long ago. It raises an alarm, and UCMService is asked; what it calls ended is released.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "queue.h"

enum {
	PUSHES_MAX = 200,  /* a tick */
	LIFTED_MAX = 500,  /* a tick */
	ORPHANS_MAX = 20,  /* a sweep */
	PURGE_MAX = 20000, /* rows of a table a sweep */
	SWEEP_MS = 30000,
	SWEEP_FIRST_MS = 3000, /* the least, where orphan_s is short */
	ALARM_AGAIN_MS = 600000,
};

static struct pl_metric orphans = { .name = "work_orphans_total",
				    .text = "Reservations found with nobody behind them" };
static int64_t swept_ms;

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

/* The first positions first; what is left over is told at the next tick. */
static void tell_positions(struct pl_turn *turn)
{
	struct waiting *first = queue_waiting();
	struct change *changes;
	size_t count = 0;

	if (!first || !queue_has_moved())
		return;
	changes = calloc(HASH_COUNT(first), sizeof(*changes));
	if (!changes)
		return; /* a push may be lost */
	for (struct waiting *w = first; w; w = w->hh.next) {
		size_t position;

		if (!assign_position(queue_engine(), w->id, 0, &position) && position != w->pushed)
			changes[count++] = (struct change){ w, position };
	}
	qsort(changes, count, sizeof(*changes), by_position);
	for (size_t i = 0; i < count && i < PUSHES_MAX; i++)
		(void)queue_push(turn, changes[i].waiting);
	if (count > PUSHES_MAX)
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
		queue_drop(id);
		err = queue_add(turn, &work);
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

	list = ids(pl_query(turn,
			    "select contact_id from work where excluded_ms > 0 and excluded_ms <= $1"
			    " and state = $2 order by excluded_ms limit $3",
			    "iii", pl_turn_now_ms(turn) - after_ms, (int64_t)WORK_QUEUED,
			    (int64_t)LIFTED_MAX));
	json_array_foreach(list, i, id) {
		if (!err)
			err = lift(turn, json_string_value(id));
	}
	json_decref(list);
	return err;
}

/* ---- orphans ---- */

static enum pl_err on_asked(struct pl_turn *turn, const struct pl_answer *answer)
{
	const char *offer_id = pl_json_get_text(answer->context, "offerId");
	json_t *offer, *offers = json_object_get(answer->body, "offers");
	enum pl_err err;
	size_t i;

	if (answer->err)
		return PL_OK; /* the alarm stands */
	json_array_foreach(offers, i, offer) {
		if (strcmp(pl_json_get_text(offer, "offerId"), offer_id) != 0 ||
		    strcmp(pl_json_get_text(offer, "state"), "ended") != 0)
			continue;
		err = offer_end(turn, &(struct offer_end){
					      .offer_id = offer_id,
					      .reason = pl_json_get_text(offer, "reason"),
					      .requeue = json_is_true(json_object_get(offer, "requeue")),
					      .at_ms = pl_turn_now_ms(turn) });
		if (!err)
			pl_log(WARN, "offer.repaired", NULL, "offer=%s had ended: its agent is released",
			       offer_id);
		return err == PL_NOTFOUND ? PL_OK : err;
	}
	return PL_OK;
}

static void alarm_orphan(struct pl_turn *turn, const char *offer_id, const char *contact_id,
			 const char *agent_id)
{
	pl_log(ERROR, "offer.orphan", contact_id,
	       "offer=%s agent=%s is reserved, but nobody is behind it; UCMService is asked", offer_id,
	       agent_id);
	pl_metric_add(&orphans, 1);
	pl_exec(turn, "update reservation set alarm_ms = $2 where offer_id = $1", "si", offer_id,
		pl_turn_now_ms(turn));
	pl_ask(turn, "UCMService.contact", json_pack("{s:s}", "contactId", contact_id), on_asked, NULL,
	       json_pack("{s:s}", "offerId", offer_id));
}

static void sweep_orphans(struct pl_turn *turn)
{
	struct pl_service *service = pl_turn_service(turn);
	int64_t now_ms = pl_turn_now_ms(turn);
	struct pl_rows *rows = pl_query(
		turn,
		"select offer_id, contact_id, agent_id from reservation r where alarm_ms < $1 and"
		" ((state = $2 and at_ms < $3) or exists (select 1 from closed c"
		" where c.contact_id = r.contact_id and c.at_ms < $4)) order by at_ms limit $5",
		"iiiii", now_ms - ALARM_AGAIN_MS, (int64_t)OFFER_UNHEARD,
		now_ms - 1000 * pl_attribute_get(service, "orphan_s"),
		now_ms - 1000 * pl_attribute_get(service, "orphan_closed_s"), (int64_t)ORPHANS_MAX);
	json_t *list = json_array(), *one;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(list, json_pack("[s, s, s]", pl_rows_text(rows, 0),
						      pl_rows_text(rows, 1), pl_rows_text(rows, 2)));
	pl_rows_free(rows);
	json_array_foreach(list, i, one)
		alarm_orphan(turn, json_string_value(json_array_get(one, 0)),
			     json_string_value(json_array_get(one, 1)),
			     json_string_value(json_array_get(one, 2)));
	json_decref(list);
}

/* ---- retention ---- */

static void purge(struct pl_turn *turn)
{
	struct pl_service *service = pl_turn_service(turn);
	int64_t now_ms = pl_turn_now_ms(turn);

	/* a contact that is still here isn't forgotten */
	pl_exec(turn,
		"delete from closed where contact_id in (select contact_id from closed where at_ms < $1"
		" and contact_id not in (select contact_id from reservation) order by at_ms limit $2)",
		"ii", now_ms - 1000 * pl_attribute_get(service, "closed_kept_s"), (int64_t)PURGE_MAX);
	pl_exec(turn,
		"delete from decision where offer_id in (select offer_id from decision where at_ms < $1"
		" order by at_ms limit $2)",
		"ii", now_ms - 1000 * pl_attribute_get(service, "decision_kept_s"), (int64_t)PURGE_MAX);
}

static int64_t sweep_each_ms(struct pl_turn *turn)
{
	int64_t ms = 250 * pl_attribute_get(pl_turn_service(turn), "orphan_s");

	return ms > SWEEP_MS ? SWEEP_MS : ms < SWEEP_FIRST_MS ? SWEEP_FIRST_MS : ms;
}

enum pl_err tick(struct pl_turn *turn)
{
	int64_t now_ms = pl_turn_now_ms(turn);
	enum pl_err err = lift_exclusions(turn);

	if (!err)
		err = match_all(turn);
	if (err)
		return err;
	tell_positions(turn);
	if (now_ms >= swept_ms && now_ms - swept_ms < sweep_each_ms(turn))
		return PL_OK;
	swept_ms = now_ms;
	sweep_orphans(turn);
	purge(turn);
	return PL_OK;
}
