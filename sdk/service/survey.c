/*
 * survey.c — keys whose missed events are in no log, and that get no later one to show the gap.
 *
 * A reader whose place isn't in the log any more has missed what was there. Keys that go on show it
 * by their numbers; for the others it asks each producer of its noun for the keys that it holds,
 * with their last numbers, once it has come to the log's end. Those that are behind become gaps
 * (gap.c), a page at a time and only while few are open: so memory and rate are bounded.
 *
 * So it is when the node says that the log is another one: it may have been put back to a copy that
 * still holds the place, but not what came after it. The number of the log is stored once that has
 * been looked after.
 *
 * A row in pl_meta, written with the first position after the loss, tells of a survey that isn't
 * done; after a crash it begins anew, which finds less to do. Until that row is there the position
 * of before is, and shows the loss again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <stdlib.h>
#include <string.h>

enum { ASK_AGAIN_MS = 1000, PAGE_KEYS = 100, GAPS_OPEN = 50, KEY_MOST = 300 };

static const char row_prefix[] = "survey.", log_prefix[] = "log.";

void survey_begin(struct reader *r)
{
	struct survey *v = &r->survey;

	v->is_on = true;
	v->is_stored = false;
	v->producer = 0;
	v->after[0] = '\0';
	v->number++;
	v->next_ms = 0;
}

static void load_row(struct reader *r, const char *name, const char *value)
{
	const char *noun = strchr(name, '.') + 1;

	if (strcmp(r->noun, noun) != 0)
		return;
	if (strncmp(name, log_prefix, strlen(log_prefix)) == 0) {
		r->log_stored = strtoll(value, NULL, 10);
	} else {
		survey_begin(r);
		r->survey.is_stored = true;
	}
}

/* 0: the node doesn't say. */
void survey_log(struct reader *r, int64_t number)
{
	if (number == 0 || number == r->log_now)
		return;
	r->log_now = number;
	if (r->log_stored && r->log_stored != number)
		survey_begin(r);
}

static void store_log(struct pl_turn *turn, struct reader *r)
{
	char name[128], number[24];

	if (!r->log_now || r->log_now == r->log_stored)
		return;
	snprintf(name, sizeof(name), "%s%s", log_prefix, r->noun);
	snprintf(number, sizeof(number), "%ld", (long)r->log_now);
	pl_exec(turn,
		"insert into pl_meta (name, value) values ($1, $2) "
		"on conflict (name) do update set value = excluded.value",
		"ss", name, number);
	r->survey.turn_log = true;
}

enum pl_err survey_load(struct pl_service *s)
{
	struct pl_rows *rows = NULL;
	enum pl_err err = pl_store_query(&rows, s->store,
					 "select name, value from pl_meta "
					 "where name like 'survey.%' or name like 'log.%'",
					 "");

	while (!err && pl_rows_next(rows))
		for (struct reader *r = s->readers; r; r = r->next)
			load_row(r, pl_rows_text(rows, 0), pl_rows_text(rows, 1));
	if (!err)
		err = pl_rows_err(rows);
	pl_rows_free(rows);
	return err;
}

/* With the first position after the loss. */
void survey_store(struct pl_turn *turn, struct reader *r)
{
	char name[128];

	if (!r->survey.is_on)
		store_log(turn, r); /* the first that it knows of */
	if (!r->survey.is_on || r->survey.is_stored)
		return;
	snprintf(name, sizeof(name), "%s%s", row_prefix, r->noun);
	pl_exec(turn,
		"insert into pl_meta (name, value) values ($1, '1') on conflict (name) do nothing",
		"s", name);
	r->survey.turn_stored = true;
}

void survey_settle(struct reader *r, bool committed)
{
	struct survey *v = &r->survey;

	if (committed && v->turn_stored)
		v->is_stored = true;
	if (committed && v->turn_log)
		r->log_stored = r->log_now;
	if (committed && v->turn_step) {
		v->producer = v->turn_producer;
		memcpy(v->after, v->turn_after, sizeof(v->after));
		v->is_on = !v->turn_is_end;
		v->next_ms = 0;
	}
	v->turn_stored = v->turn_step = v->turn_is_end = v->turn_log = false;
}

/* Of a node that doesn't name them: those that have been heard. Outside of turns. */
static void find_producers(struct pl_service *s, struct reader *r)
{
	struct pl_rows *rows = NULL;

	r->producers = json_array();
	if (pl_store_query(&rows, s->store, "select distinct producer from pl_seen where noun = $1",
			   "s", r->noun))
		return;
	while (pl_rows_next(rows))
		json_array_append_new(r->producers, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
}

static unsigned open_gaps(const struct pl_service *s, const struct reader *r)
{
	unsigned n = 0;

	for (const struct gap *gap = s->gaps; gap; gap = gap->hh.next)
		n += strcmp(gap->noun, r->noun) == 0;
	return n;
}

static void ask_keys(struct pl_service *s, struct reader *r)
{
	char subject[160], reply[160];
	struct pl_message m = { .subject = subject, .reply = reply };
	json_t *body = json_pack("{s:i, s:s, s:s, s:i}", "v", 1, "noun", r->noun, "after",
				 r->survey.after, "limit", PAGE_KEYS);
	char *text = body ? pl_json_dump(body) : NULL;

	json_decref(body);
	r->survey.next_ms = mono_ms() + ASK_AGAIN_MS;
	if (!text)
		return;
	snprintf(subject, sizeof(subject), "svc.%s.keys",
		 json_string_value(json_array_get(r->producers, r->survey.producer)));
	snprintf(reply, sizeof(reply), "%s.keys.%s.%u", s->inbox, r->noun, r->survey.number);
	m.body = text;
	m.body_len = strlen(text);
	(void)pl_bus_publish(s->bus, &m);
	free(text);
}

/* Work for a turn: a page of keys, or (without one) the next producer, or the end. */
static void queue_page(struct pl_service *s, struct reader *r, json_t *page)
{
	struct work *w = work_new(WORK_KEYS, "", NULL, NULL, NULL, 0);

	if (w) {
		w->reader = r;
		w->generation = r->survey.number;
		w->json = json_incref(page);
		queue_put(&s->queue, w);
	}
}

void survey_beat(struct pl_service *s, struct reader *r, int64_t now)
{
	struct survey *v = &r->survey;

	if (!v->is_on || r->state != READER_ON || r->compare || r->pending > 0 ||
	    now < v->next_ms || open_gaps(s, r) >= GAPS_OPEN)
		return;
	if (!r->producers)
		find_producers(s, r);
	if (v->producer < json_array_size(r->producers)) {
		ask_keys(s, r);
		return;
	}
	v->next_ms = now + ASK_AGAIN_MS;
	queue_page(s, r, NULL);
}

/* The answer to `keys`; a producer of the version before has no such operation. */
void on_keys(const struct pl_message *m, void *arg)
{
	struct pl_service *s = arg;
	const char *tail = m->subject + strlen(s->inbox) + strlen(".keys.");
	const char *dot = strrchr(tail, '.');
	json_t *page = NULL;

	if (m->status || pl_json_parse(&page, m->body ? m->body : "", m->body_len))
		return; /* asked again */
	for (struct reader *r = s->readers; r; r = r->next)
		if (strlen(r->noun) == (size_t)(dot - tail) &&
		    strncmp(r->noun, tail, (size_t)(dot - tail)) == 0 &&
		    r->survey.number == (unsigned)strtoul(dot + 1, NULL, 10) &&
		    (json_is_array(json_object_get(page, "keys")) ||
		     strcmp(pl_json_get_text(page, "error.code"), pl_err_row(PL_NOTFOUND)->wire) ==
			     0))
			queue_page(s, r, page);
	json_decref(page);
}

static void finish(struct pl_turn *turn, struct reader *r)
{
	char name[128];

	snprintf(name, sizeof(name), "%s%s", row_prefix, r->noun);
	pl_exec(turn, "delete from pl_meta where name = $1", "s", name);
	if (r->seq == 0 && !r->turn_seq) /* a place in a log that has nothing yet */
		pl_exec(turn, "delete from pl_position where reader = $1", "s", r->noun);
	store_log(turn, r);
	r->survey.turn_is_end = true;
	pl_log(INFO, "log.surveyed", NULL, "reader=%s: all keys have been looked at", r->noun);
}

static bool is_present(const struct reader *r, const json_t *page)
{
	const char *producer = json_string_value(json_array_get(r->producers, r->survey.producer));

	if (json_object_get(page, "error"))
		return true;
	return producer && strcmp(pl_json_get_text(page, "producer"), producer) == 0 &&
	       strcmp(pl_json_get_text(page, "after"), r->survey.after) == 0;
}

/* A page in its turn: keys that are behind become gaps. */
void survey_run(struct pl_turn *turn, struct work *w)
{
	struct reader *r = w->reader;
	struct survey *v = &r->survey;
	const char *next = json_string_value(json_object_get(w->json, "next"));
	json_t *item;
	size_t i;

	if (!v->is_on || v->turn_step || w->generation != v->number ||
	    (w->json && !is_present(r, w->json)))
		return;
	json_array_foreach(json_object_get(w->json, "keys"), i, item) {
		struct pl_event e = { .producer = pl_json_get_text(w->json, "producer"),
				      .noun = r->noun,
				      .key = pl_json_get_text(item, "key"),
				      .n = json_integer_value(json_object_get(item, "n")) };

		if (strlen(e.key) <= KEY_MOST)
			gap_silent(turn, &e);
	}
	v->turn_step = true;
	v->turn_producer = v->producer;
	v->turn_after[0] = '\0';
	if (next && strlen(next) < sizeof(v->turn_after) && strcmp(next, v->after) != 0)
		snprintf(v->turn_after, sizeof(v->turn_after), "%s", next);
	else if (w->json)
		v->turn_producer++;
	else
		finish(turn, r);
}
