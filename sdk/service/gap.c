/*
 * gap.c — what is missing of the events of a key, and how it comes.
 *
 * The key waits, a row in pl_gap says so, and the producer is asked for what is missing until it is
 * here (after 200 ms at first, as most often the missing event is only late): for its events, and
 * once the log has been read to its end and the producer doesn't keep them any more, for the state
 * that is left of them (`snapshot`). That comes in pages of events under their own numbers, handled
 * like any other; with the last page the key is where its producer was in that turn. A crash in
 * between leaves the number of the last one handled, and the row.
 *
 * What the producer has forgotten, too, is lost: an error in the log of this service says so, and
 * the key goes on after it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <stdlib.h>
#include <string.h>

static struct pl_metric gaps_seen = { .name = "events_gaps_total", .text = "Gaps seen in the log" };
static struct pl_metric restated = { .name = "events_restated_total",
				     .text = "Keys repaired by their producer's state" };

enum { GAP_FIRST_MS = 200, GAP_MOST_MS = 5000 };

/* ---- in memory ---- */

static struct gap *gap_find(struct pl_service *s, const char *name)
{
	struct gap *gap;

	HASH_FIND_STR(s->gaps, name, gap);
	return gap;
}

static void gap_free(struct pl_service *s, struct gap *gap)
{
	HASH_DEL(s->gaps, gap);
	free(gap->producer);
	free(gap->noun);
	free(gap->key);
	free(gap);
}

static bool gap_add(struct pl_service *s, const char *producer, const char *noun, const char *key,
		    int64_t first, int64_t upto)
{
	size_t len = strlen(producer) + strlen(noun) + strlen(key) + 3;
	struct gap *gap = calloc(1, sizeof(*gap) + len);

	if (!gap)
		return false;
	snprintf(gap->name, len, "%s %s %s", producer, noun, key);
	gap->producer = strdup(producer);
	gap->noun = strdup(noun);
	gap->key = strdup(key);
	gap->first = first;
	gap->upto = upto;
	gap->pause_ms = GAP_FIRST_MS;
	gap->next_ms = mono_ms() + GAP_FIRST_MS;
	if (!gap->producer || !gap->noun || !gap->key) {
		free(gap->producer);
		free(gap->noun);
		free(gap->key);
		free(gap);
		return false;
	}
	HASH_ADD_KEYPTR(hh, s->gaps, gap->name, strlen(gap->name), gap);
	return true;
}

enum pl_err gap_load(struct pl_service *s)
{
	struct gap *gap, *tmp;
	struct pl_rows *rows = NULL;
	enum pl_err err;

	HASH_ITER(hh, s->gaps, gap, tmp)
		gap_free(s, gap);
	err = pl_store_query(&rows, s->store, "select producer, noun, key, first, upto from pl_gap",
			     "");
	while (!err && pl_rows_next(rows))
		if (!gap_add(s, pl_rows_text(rows, 0), pl_rows_text(rows, 1), pl_rows_text(rows, 2),
			     pl_rows_int(rows, 3), pl_rows_int(rows, 4)))
			err = PL_NOMEM;
	if (!err)
		err = pl_rows_err(rows);
	pl_rows_free(rows);
	return err;
}

/* ---- asked for ---- */

/* Answers to `events` come to gap, those to `snapshot` to state. */
static void gap_ask(struct pl_service *s, struct gap *gap)
{
	char subject[160], reply[160];
	struct pl_message m = { .subject = subject, .reply = reply };
	struct count *seen = count_find(&s->seen, gap->name);
	int64_t last = seen ? seen->n : 0;
	json_t *body = json_pack("{s:i, s:s, s:s, s:I}", "v", 1, "noun", gap->noun, "key", gap->key,
				 gap->wants_state ? "after" : "from",
				 (json_int_t)(gap->wants_state ? last : last + 1));
	char *text = body ? pl_json_dump(body) : NULL;

	json_decref(body);
	gap->next_ms = mono_ms() + gap->pause_ms;
	if (gap->pause_ms < GAP_MOST_MS)
		gap->pause_ms *= 2;
	if (!text)
		return;
	snprintf(subject, sizeof(subject), "svc.%s.%s", gap->producer,
		 gap->wants_state ? "snapshot" : "events");
	snprintf(reply, sizeof(reply), "%s.%s.%u", s->inbox, gap->wants_state ? "state" : "gap",
		 gap->hh.hashv);
	m.body = text;
	m.body_len = strlen(text);
	(void)pl_bus_publish(s->bus, &m);
	free(text);
}

void gap_beat(struct pl_service *s, int64_t now)
{
	struct gap *gap, *tmp;

	HASH_ITER(hh, s->gaps, gap, tmp)
		if (now >= gap->next_ms)
			gap_ask(s, gap);
}

static void ask_soon(struct gap *gap)
{
	gap->next_ms = mono_ms();
	gap->pause_ms = GAP_FIRST_MS;
}

void gap_hurry(struct pl_service *s, const struct pl_event *e)
{
	char name[SEEN_NAME];
	struct gap *gap;

	seen_name(name, e);
	gap = gap_find(s, name);
	if (gap)
		gap->next_ms = mono_ms();
}

/* The answer to `events`: its events are work of their own, so that one which can't be handled is
 * found like any other. */
void on_repair(const struct pl_message *m, void *arg)
{
	struct pl_service *s = arg;
	json_t *answer = NULL, *item;
	struct work *w;
	size_t i;

	if (m->status || pl_json_parse(&answer, m->body ? m->body : "", m->body_len))
		return; /* asked again */
	w = work_new(WORK_REPAIR, "", NULL, NULL, m->body, m->body_len);
	if (w)
		queue_put(&s->queue, w);
	json_array_foreach(json_object_get(answer, "events"), i, item) {
		char *text = w ? pl_json_dump(item) : NULL;

		w = text ? work_new(WORK_EVENT, "", NULL, NULL, text, strlen(text)) : NULL;
		if (w)
			queue_put(&s->queue, w);
		free(text);
	}
	json_decref(answer);
}

/* An event of a snapshot, as the log would have it. False without memory, or if it is none. */
static bool queue_restated(struct pl_service *s, const json_t *page, json_t *item, int64_t *lastp)
{
	json_t *event = json_copy(item);
	struct work *w = NULL;
	struct pl_event e = { 0 };
	char *text = NULL;

	if (event) {
		json_object_set(event, "producer", json_object_get(page, "producer"));
		json_object_set(event, "noun", json_object_get(page, "noun"));
		json_object_set(event, "key", json_object_get(page, "key"));
		if (event_read(&e, event) && e.n > *lastp)
			text = pl_json_dump(event);
	}
	if (text)
		w = work_new(WORK_RESTATED, "", NULL, NULL, text, strlen(text));
	if (w) {
		w->seq = *lastp;
		*lastp = e.n;
		queue_put(&s->queue, w);
	}
	free(text);
	json_decref(event);
	return w != NULL;
}

/* A producer of the version before, which has no such operation: nothing is left. */
static json_t *nothing_left(struct pl_service *s, const struct pl_message *m)
{
	unsigned hash = (unsigned)strtoul(strrchr(m->subject, '.') + 1, NULL, 10);

	for (struct gap *gap = s->gaps; gap; gap = gap->hh.next)
		if (gap->wants_state && gap->hh.hashv == hash)
			return json_pack("{s:s, s:s, s:s, s:i, s:i, s:b, s:b}", "producer",
					 gap->producer, "noun", gap->noun, "key", gap->key, "after",
					 0, "n", 0, "held", 0, "more", 0);
	return NULL;
}

/* A page of a snapshot: again each event is work of its own, and what the page says comes last. */
void on_snapshot(const struct pl_message *m, void *arg)
{
	struct pl_service *s = arg;
	json_t *page = NULL, *item;
	struct work *w;
	int64_t last;
	size_t i;

	if (m->status || pl_json_parse(&page, m->body ? m->body : "", m->body_len))
		return; /* asked again */
	if (strcmp(pl_json_get_text(page, "error.code"), pl_err_row(PL_NOTFOUND)->wire) == 0) {
		json_decref(page);
		page = nothing_left(s, m);
	}
	if (!json_is_integer(json_object_get(page, "n")))
		goto out;
	last = json_integer_value(json_object_get(page, "after"));
	json_array_foreach(json_object_get(page, "events"), i, item)
		if (!queue_restated(s, page, item, &last)) {
			pl_log(ERROR, "event.broken", NULL, "producer=%s: %zu of a snapshot",
			       pl_json_get_text(page, "producer"), i);
			goto out;
		}
	w = work_new(WORK_SNAPSHOT, "", NULL, NULL, NULL, 0);
	if (!w)
		goto out;
	json_object_del(page, "events");
	json_object_set_new(page, "last", json_integer(last));
	w->json = json_incref(page);
	queue_put(&s->queue, w);
out:
	json_decref(page);
}

/* ---- in a turn ---- */

void gap_note(struct pl_turn *turn, const char *name, const struct pl_event *e)
{
	struct gap *gap = gap_find(turn->service, name);

	if (gap && gap->upto >= e->n)
		return;
	pl_exec(turn,
		"insert into pl_gap (producer, noun, key, first, upto) values ($1, $2, $3, $4, $4) "
		"on conflict (producer, noun, key) do update set upto = excluded.upto",
		"sssi", e->producer, e->noun, e->key, e->n);
	if (gap) {
		gap->upto = e->n;
		return;
	}
	pl_metric_add(&gaps_seen, 1);
	if (!gap_add(turn->service, e->producer, e->noun, e->key, e->n, e->n))
		turn_fail(turn, PL_NOMEM);
}

/* Nothing of it was passed over in the log: what is missing ends with e->n. */
void gap_silent(struct pl_turn *turn, const struct pl_event *e)
{
	char name[SEEN_NAME];
	int64_t last;

	seen_name(name, e);
	last = last_seen(turn, name, e);
	if (turn->err || e->n <= last || gap_find(turn->service, name))
		return;
	pl_exec(turn,
		"insert into pl_gap (producer, noun, key, first, upto) values ($1, $2, $3, $4, $5)",
		"sssii", e->producer, e->noun, e->key, e->n + 1, e->n);
	pl_metric_add(&gaps_seen, 1);
	if (gap_add(turn->service, e->producer, e->noun, e->key, e->n + 1, e->n))
		ask_soon(gap_find(turn->service, name)); /* it isn't only late */
	else
		turn_fail(turn, PL_NOMEM);
}

static struct reader *reader_of(struct pl_service *s, const char *noun)
{
	struct reader *r;

	for (r = s->readers; r && strcmp(r->noun, noun) != 0; r = r->next)
		;
	return r;
}

/* reads_again: what was passed over is in the log, which is read from its beginning. */
static void gap_end(struct pl_turn *turn, struct gap *gap, const struct pl_event *e,
		    bool reads_again)
{
	struct reader *r = reads_again ? reader_of(turn->service, e->noun) : NULL;

	pl_exec(turn, "delete from pl_gap where producer = $1 and noun = $2 and key = $3", "sss",
		e->producer, e->noun, e->key);
	gap_free(turn->service, gap);
	if (r) {
		survey_store(turn, r); /* as the place that would begin it again goes */
		pl_exec(turn, "delete from pl_position where reader = $1", "s", r->noun);
		r->rewind = true;
	}
}

void gap_filled(struct pl_turn *turn, const char *name, const struct pl_event *e)
{
	struct gap *gap = gap_find(turn->service, name);

	if (gap && e->n >= gap->upto)
		gap_end(turn, gap, e, false);
}

/* The missing events may still come later in the log: nothing is concluded before its end. */
static bool is_log_read(struct pl_service *s, const char *noun)
{
	const struct reader *r = reader_of(s, noun);

	return !r || (r->pending == 0 && r->state == READER_ON && !r->compare);
}

/* The gap that an answer is about, if it is still there; e and its key's last number. */
static struct gap *gap_of(struct pl_turn *turn, const json_t *answer, struct pl_event *e,
			  int64_t *lastp)
{
	char name[SEEN_NAME];

	if (json_unpack((json_t *)answer, "{s:s, s:s, s:s}", "producer", &e->producer, "noun",
			&e->noun, "key", &e->key))
		return NULL;
	seen_name(name, e);
	*lastp = last_seen(turn, name, e);
	return turn->err ? NULL : gap_find(turn->service, name);
}

static void seen_upto(struct pl_turn *turn, struct pl_event *e, int64_t n)
{
	char name[SEEN_NAME];

	seen_name(name, e);
	e->n = n;
	set_seen(turn, name, e);
}

/* The producer's answer about a gap: {"producer","noun","key","events":[…],"oldest":N}. Its events
 * follow. */
void gap_repair(struct pl_turn *turn, struct work *w)
{
	json_t *answer = NULL;
	struct pl_event e = { 0 };
	struct gap *gap = NULL;
	int64_t last = 0, oldest = 0;

	if (pl_json_parse(&answer, w->body, w->body_len) == PL_OK &&
	    pl_json_int(&oldest, answer, "oldest", 0, INT64_MAX, true) == PL_OK)
		gap = gap_of(turn, answer, &e, &last);
	if (gap) {
		gap->oldest = oldest;
		gap->wants_state =
			(oldest == 0 || oldest > last + 1) && is_log_read(turn->service, e.noun);
		if (gap->wants_state)
			ask_soon(gap);
	}
	json_decref(answer);
}

/*
 * Nothing is left of what came before the first event that the producer keeps, or that was passed
 * over in the log. From there on it goes on.
 */
static void give_up(struct pl_turn *turn, struct gap *gap, struct pl_event *e, int64_t last)
{
	bool is_kept = gap->oldest > last && gap->oldest <= gap->first;
	int64_t upto = (is_kept ? gap->oldest : gap->first) - 1;

	if (upto > last) {
		pl_log(ERROR, "event.lost", NULL,
		       "producer=%s noun=%s key=%s: %ld to %ld are kept nowhere", e->producer,
		       e->noun, e->key, (long)last + 1, (long)upto);
		pl_alarm_raise(turn, "event.lost", e->noun, "of %s, key %s: %ld to %ld",
			       e->producer, e->key, (long)last + 1, (long)upto);
		seen_upto(turn, e, upto);
	}
	if (is_kept) {
		gap->wants_state = false;
		ask_soon(gap);
	} else {
		gap_end(turn, gap, e, gap->first <= gap->upto);
	}
}

/* The end of a page of a snapshot. What it says counts only once all of its events are handled. */
void gap_restated(struct pl_turn *turn, struct work *w)
{
	struct pl_event e = { 0 };
	int64_t last = 0, n = json_integer_value(json_object_get(w->json, "n"));
	struct gap *gap = gap_of(turn, w->json, &e, &last);

	if (!gap || !gap->wants_state ||
	    last < json_integer_value(json_object_get(w->json, "last")))
		return;
	if (json_is_true(json_object_get(w->json, "more"))) {
		ask_soon(gap);
		return;
	}
	if (!json_is_true(json_object_get(w->json, "held"))) {
		give_up(turn, gap, &e, last);
		return;
	}
	pl_metric_add(&restated, 1);
	pl_log(WARN, "event.restated", NULL,
	       "producer=%s noun=%s key=%s: repaired by the state at %ld; %ld to %ld are in no log",
	       e.producer, e.noun, e.key, (long)n, (long)last, (long)gap->upto);
	if (n > last)
		seen_upto(turn, &e, n);
	gap_end(turn, gap, &e, n < gap->upto && gap->first <= gap->upto);
}
