/*
 * turn.c — a batch of work in one transaction.
 *
 * What waits is taken, up to TURN_ITEMS, and its handlers run in one transaction; after the commit,
 * what they staged goes out. A handler may refuse (return an error) as long as it hasn't written.
 * When the store refuses, or a handler fails after it has written, the whole turn is rolled back,
 * derived memory is made anew, and the batch runs again in halves, until the culprit stands alone
 * and is set aside; so the others' work isn't lost, and the log tells which one it was.
 *
 * What can pass by itself (a lost connection, a serialization failure, a full disk) isn't a
 * culprit's doing: the first two repeat the turn; a full disk answers requests `unavailable` and
 * keeps the rest for later: events are read again from the stored position, timers and answers are
 * tried again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct pl_metric turns = { .name = "turn_commits_total", .text = "Turns committed" };
static struct pl_metric turn_items = { .name = "turn_items_total",
				       .text = "Messages handled in turns" };
static struct pl_metric rollbacks = { .name = "turn_rollbacks_total", .text = "Turns rolled back" };
static struct pl_metric set_aside = { .name = "turn_set_aside_total",
				      .text = "Messages set aside as they can't be handled" };
static struct pl_metric turn_time = { .name = "turn_seconds",
				      .text = "Duration of a turn",
				      .kind = PL_HISTOGRAM };

/* The crash tests end the process between commit and reply. */
#ifdef PELAGO_CRASH_TEST
static void crash_point(void)
{
	const char *each = getenv("PELAGO_CRASH_EACH");
	static int left;

	if (!each)
		return;
	if (left == 0)
		left = 1 + (int)(wall_ms() % strtol(each, NULL, 10));
	if (--left == 0)
		raise(SIGKILL);
}
#else
static void crash_point(void)
{
}
#endif

static int64_t mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void turn_fail(struct pl_turn *turn, enum pl_err err)
{
	if (!turn->err)
		turn->err = err;
}

struct staged *turn_stage(struct pl_turn *turn, int kind)
{
	struct staged *st = calloc(1, sizeof(*st));

	if (!st) {
		turn_fail(turn, PL_NOMEM);
		return NULL;
	}
	st->kind = kind;
	*turn->staged_last = st;
	turn->staged_last = &st->next;
	return st;
}

static void staged_free(struct pl_service *s, struct staged *st, bool committed)
{
	if (!committed) {
		out_free(st->out);
		command_free(st->command);
		if (st->kind == STAGED_ASK)
			ask_free(st->ask);
		if (st->kind == STAGED_HELD)
			held_drop(s, st->held);
	}
	free(st->subject);
	free(st->body);
	free(st->lane);
	free(st->id);
	free(st);
}

static void staged_send(struct pl_service *s, struct staged *st)
{
	struct pl_message m = { .subject = st->subject, .body = st->body };

	switch (st->kind) {
	case STAGED_REPLY:
	case STAGED_PUSH:
		m.body_len = st->body ? strlen(st->body) : 0;
		if (pl_bus_publish(s->bus, &m))
			pl_log(DEBUG, "bus.dropped", NULL, "subject=%s", st->subject);
		break;
	case STAGED_OUT:
		outbox_take(s, st->out);
		break;
	case STAGED_COMMAND:
		command_take(s, st->command, st->lane);
		break;
	case STAGED_ASK:
		ask_take(s, st->ask);
		break;
	case STAGED_DONE:
		command_forget(s, st->id);
		break;
	case STAGED_HELD:
		break;
	case STAGED_HELD_END:
		held_drop(s, st->held);
		break;
	case STAGED_ASK_END:
		ask_free(st->ask);
		break;
	}
}

static void staged_end(struct pl_turn *turn, bool committed)
{
	struct staged *st;

	while ((st = turn->staged)) {
		turn->staged = st->next;
		if (committed)
			staged_send(turn->service, st);
		staged_free(turn->service, st, committed);
	}
	turn->staged_last = &turn->staged;
	if (committed)
		outbox_send(turn->service);
}

/* Instead of being handled, it is kept aside or forgotten. */
static void leave_aside(struct pl_turn *turn, struct work *w)
{
	struct staged *st;

	switch (w->kind) {
	case WORK_EVENT:
	case WORK_RESTATED:
		reader_set_aside(turn, w);
		break;
	case WORK_TIMER:
		pl_timer_cancel(turn, w->id, w->text + strlen(w->id) + 1);
		break;
	case WORK_ANSWER:
		pl_exec(turn, "delete from pl_command where id = $1", "s", w->id);
		st = turn_stage(turn, STAGED_DONE);
		if (st && !(st->id = strdup(w->id)))
			turn_fail(turn, PL_NOMEM);
		break;
	default:
		break;
	}
}

static void run_item(struct pl_turn *turn, struct work *w)
{
	struct pl_service *s = turn->service;
	enum pl_err err = PL_OK;

	turn->work = w;
	turn->writes = 0;
	turn->held = NULL;
	pl_err_clear();
	if (w->aside) {
		leave_aside(turn, w);
		turn->work = NULL;
		return;
	}
	switch (w->kind) {
	case WORK_REQUEST:
		request_run(turn, w);
		break;
	case WORK_EVENT:
		reader_run(turn, w);
		break;
	case WORK_REPAIR:
		gap_repair(turn, w);
		break;
	case WORK_RESTATED:
		reader_restate(turn, w);
		break;
	case WORK_SNAPSHOT:
		gap_restated(turn, w);
		break;
	case WORK_KEYS:
		survey_run(turn, w);
		break;
	case WORK_ANSWER:
		command_run(turn, w);
		break;
	case WORK_ASKED:
		ask_run(turn, w);
		break;
	case WORK_TIMER:
		timer_run(turn, w);
		break;
	case WORK_POSTED:
		err = w->posted_fn(turn, json_incref(w->json), w->posted_arg);
		break;
	case WORK_TICK:
		if (s->def->tick)
			err = s->def->tick(turn);
		if (request_wants_purge(s)) {
			request_purge(turn);
			reader_purge(turn);
			retire_some(turn);
		}
		outbox_keep(turn);
		break;
	case WORK_REBUILD:
		if (s->def->rebuild)
			err = s->def->rebuild(turn);
		break;
	}
	if (err == PL_NOMEM)
		turn_fail(turn, err);
	if (err && !turn->err) {
		pl_log(ERROR, "turn.refused", NULL, "work=%d error=%s: %s", w->kind,
		       pl_err_row(err)->name, pl_err_detail(err));
		if (turn->writes || w->kind == WORK_REBUILD)
			turn_fail(turn, PL_INTERNAL);
	}
	turn->work = NULL;
}

static void check_owner(enum pl_err err)
{
	if (err != PL_STATE)
		return;
	pl_log(ERROR, "store.owner", NULL, "another process has taken over");
	exit(1); /* the node starts it again, as a standby */
}

/* After a rollback all derived memory is read anew; without it nothing can go on, so that is tried
 * for ever. */
static void make_anew(struct pl_service *s)
{
	for (int64_t pause_us = 10000;; pause_us = pause_us < 500000 ? 2 * pause_us : pause_us) {
		enum pl_err err;

		config_beat(s);
		count_clear(&s->sent);
		count_clear(&s->heads);
		count_clear(&s->seen);
		count_clear(&s->alarms);
		err = outbox_load_meta(s);
		if (!err)
			err = gap_load(s);
		if (!err)
			err = timer_restore(s);
		if (!err && s->def->rebuild)
			err = turn_alone(s, WORK_REBUILD);
		if (!err)
			return;
		check_owner(err);
		pl_log(ERROR, "turn.rebuild", NULL, "error=%s: %s", pl_err_row(err)->name,
		       pl_err_detail(err));
		if (err == PL_UNAVAILABLE)
			(void)pl_store_reconnect(s->store);
		usleep((useconds_t)pause_us);
	}
}

/* A commit whose outcome is unknown is looked up once the database answers again. */
static enum pl_err settle(struct pl_service *s, int64_t turn_id)
{
	bool committed = false;
	int64_t lost_ms = mono_ms();
	bool told = false;

	for (;;) {
		enum pl_err err = pl_store_reconnect(s->store);

		if (!err)
			err = pl_store_settled(s->store, turn_id, &committed);
		if (!err && told)
			pl_log(WARN, "store.back", NULL, "the database answers after %ld ms",
			       (long)(mono_ms() - lost_ms));
		if (!err)
			return committed ? PL_OK : PL_AGAIN;
		check_owner(err);
		if (!told && mono_ms() - lost_ms > STORE_LOST_MS) {
			pl_log(ERROR, "store.lost", NULL, "%s; waiting until it answers",
			       pl_err_detail(err));
			told = true;
		}
		config_beat(s);
		usleep(50000);
	}
}

static void run_prefetch(struct pl_turn *turn, struct work **items, size_t count)
{
	json_t *keys;

	if (pl_store_kind(turn->service->store) == PL_STORE_SQLITE)
		return; /* a look-up in the own process costs less than the list */
	request_prefetch(turn, items, count);
	keys = json_array();
	for (size_t i = 0; i < count; i++)
		request_keys(turn->service, items[i], keys);
	reader_prefetch(turn, items, count, keys);
	outbox_prefetch(turn, keys);
	json_decref(keys);
}

/* try_batch runs items in one transaction: PL_OK, or why it was rolled back. */
static enum pl_err try_batch(struct pl_service *s, struct work **items, size_t count)
{
	struct pl_turn turn = { .service = s, .id = ++s->turn_id, .now_ms = wall_ms() };
	enum pl_err err;

	turn.staged_last = &turn.staged;
	err = pl_store_begin(s->store);
	if (err)
		turn_fail(&turn, err);
	if (!turn.err && count > 0)
		run_prefetch(&turn, items, count);
	for (size_t i = 0; i < count && !turn.err; i++)
		run_item(&turn, items[i]);
	if (!turn.err)
		meta_keep_ids(&turn);
	if (!turn.err)
		reader_store(&turn);
	if (!turn.err) {
		err = pl_store_commit(s->store, turn.id);
		if (err == PL_UNAVAILABLE)
			err = settle(s, turn.id);
		turn_fail(&turn, err);
		crash_point();
	} else {
		pl_store_rollback(s->store);
		if (turn.err == PL_UNAVAILABLE)
			(void)settle(s, turn.id);
	}
	err = turn.err;
	reader_settle(s, !err);
	if (!err)
		timer_settle(s);
	staged_end(&turn, !err);
	json_decref(turn.known);
	json_decref(turn.numbers);
	return err;
}

enum pl_err turn_alone(struct pl_service *s, enum work_kind kind)
{
	struct work w = { .kind = kind }, *item = &w;

	return try_batch(s, &item, 1);
}

/* The turn can't be stored now: what came is refused or kept for later. */
static void postpone(struct pl_service *s, struct work **items, size_t count, enum pl_err err)
{
	bool reread = false;

	for (size_t i = 0; i < count; i++) {
		struct work *w = items[i];

		switch (w->kind) {
		case WORK_REQUEST:
			request_refuse(s, w, err, NULL);
			break;
		case WORK_EVENT:
		case WORK_REPAIR:
			reread = true;
			break;
		case WORK_ANSWER:
			command_failed(s, w->id);
			break;
		case WORK_TIMER:
			timer_later(s, w, 500);
			break;
		case WORK_ASKED:
			if (w->ask->held) {
				ask_refuse(s, w->ask, err);
				break;
			}
			/* fall through */
		case WORK_POSTED: /* nobody would send it again */
			pthread_mutex_lock(&s->posted_lock);
			queue_put(&s->posted, w);
			pthread_mutex_unlock(&s->posted_lock);
			s->posted_later_ms = mono_ms() + POSTED_LATER_MS;
			items[i] = NULL;
			break;
		default:
			break;
		}
	}
	if (reread)
		reader_restart_all(s);
}

/* The one that can't be handled: it is answered or kept aside, so that it doesn't block what
 * follows. */
static void put_aside(struct pl_service *s, struct work **item, enum pl_err err)
{
	struct work *w = *item;
	char why[512];

	snprintf(why, sizeof(why), "%s", pl_err_detail(err));
	pl_metric_add(&set_aside, 1);
	pl_log(ERROR, "turn.set_aside", NULL, "work=%d what=%s id=%s error=%s: %s", w->kind,
	       w->text ? w->text : "", w->id ? w->id : "", pl_err_row(err)->name, why);
	alarm_post(s, "work.set_aside", w->kind == WORK_REQUEST && w->text ? w->text : "", why);
	if (w->kind == WORK_REQUEST) {
		request_refuse(s, w, PL_INTERNAL,
			       "this request can't be handled; it was set aside");
		return;
	}
	if (w->kind == WORK_ASKED) {
		ask_refuse(s, w->ask, PL_INTERNAL);
		return;
	}
	w->aside = why;
	err = try_batch(s, item, 1);
	w->aside = NULL;
	if (!err)
		return;
	check_owner(err);
	make_anew(s);
	postpone(s, item, 1, PL_UNAVAILABLE);
}

static void run_batch(struct pl_service *s, struct work **items, size_t count)
{
	enum pl_err err = PL_AGAIN;

	for (int tries = 0; tries < 10 && err == PL_AGAIN; tries++) {
		err = try_batch(s, items, count);
		if (!err)
			return;
		pl_metric_add(&rollbacks, 1);
		pl_log(WARN, "turn.rolled_back", NULL, "items=%zu error=%s: %s", count,
		       pl_err_row(err)->name, pl_err_detail(err));
		check_owner(err);
		make_anew(s);
	}
	if (err == PL_FULL || err == PL_IO || err == PL_UNAVAILABLE || err == PL_AGAIN ||
	    err == PL_NOMEM) {
		if (err == PL_FULL)
			s->disk_low = true;
		postpone(s, items, count, err == PL_AGAIN ? PL_UNAVAILABLE : err);
		return;
	}
	if (count == 1) {
		put_aside(s, items, err);
		return;
	}
	run_batch(s, items, count / 2);
	run_batch(s, items + count / 2, count - count / 2);
}

void turn_run(struct pl_service *s)
{
	static struct work *items[TURN_ITEMS];
	int64_t began_us = mono_us();
	size_t count = 0;

	while (count < TURN_ITEMS && s->queue.first)
		items[count++] = queue_get(&s->queue);
	if (count == 0)
		return;
	s->gather_until_ms = 0;
	run_batch(s, items, count);
	for (size_t i = 0; i < count; i++)
		work_free(items[i]);
	pl_metric_add(&turns, 1);
	pl_metric_add(&turn_items, (double)count);
	pl_metric_observe(&turn_time, mono_us() - began_us);
}
