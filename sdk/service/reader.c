/*
 * reader.c — events in.
 *
 * One reader a noun. Its position (sequence and identity of the last message taken) is stored in
 * the turn that handles the message. The server's consumer is ephemeral and knows nothing: the node
 * creates one, from the stored position, after each start and reconnection, and when heartbeats
 * stop.
 *
 * Reading starts *at* the position, and the first message must be the one that stands there. If
 * not, the log was put back to an older copy (or our place in it is too old to be kept): reading
 * starts at its beginning, repeats fall away by number, and all producers are asked to publish
 * again what they keep.
 *
 * Numbers: n counts from 1 within (producer, noun, key). n ≤ last is a repeat. n > last + 1 is a
 * gap: gap.c gets what is missing. Keys that have missed something, but don't show it by a later
 * number, are looked for after a place was lost: survey.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <stdlib.h>
#include <string.h>

static struct pl_metric events = { .name = "events_handled_total", .text = "Events handled" };
static struct pl_metric event_repeats = { .name = "events_repeated_total",
					  .text = "Events that had been handled before" };
static struct pl_metric rolled_back = { .name = "log_rollbacks_total",
					.text = "Times the log was found rolled back" };

enum { SEEN_EACH = 1000, SILENCE_MS = 1600, ASK_NODE_MS = 500, FIRST_MS = 500, LINES_MOST = 1024 };

static void reader_off(struct reader *r, int64_t in_ms)
{
	r->state = READER_OFF;
	r->generation++;
	r->next_ms = mono_ms() + in_ms;
}

static void reader_rewind(struct pl_service *s, struct reader *r, const char *why)
{
	struct pl_message m = { .subject = "ctl.resend", .body = "{}", .body_len = 2 };

	pl_metric_add(&rolled_back, 1);
	pl_log(ERROR, "log.rolled_back", NULL,
	       "reader=%s position=%ld: %s; reading from the beginning", r->noun, (long)r->seq,
	       why);
	r->seq = 0;
	free(r->identity);
	r->identity = NULL;
	survey_begin(r);
	(void)pl_bus_publish(s->bus, &m);
}

/* $JS.ACK.STREAM.CONSUMER.DELIVERED.STREAMSEQ.CONSUMERSEQ.TIME.PENDING */
static bool parse_ack(const char *reply, int64_t *stream_seq, int64_t *consumer_seq,
		      int64_t *pending)
{
	const char *at = reply;
	const char *last = reply ? strrchr(reply, '.') : NULL;

	if (!reply || strncmp(reply, "$JS.ACK.", 8) != 0)
		return false;
	for (int dots = 0; dots < 5; dots++) {
		at = strchr(at, '.');
		if (!at)
			return false;
		at++;
	}
	*stream_seq = strtoll(at, NULL, 10);
	at = strchr(at, '.');
	if (!at)
		return false;
	*consumer_seq = strtoll(at + 1, NULL, 10);
	*pending = strtoll(last + 1, NULL, 10);
	return *stream_seq > 0;
}

/* Whether it is a lot; one of more lines than that is nothing at all. */
static bool is_lot(const struct pl_message *m, const char *verb)
{
	const char *at = m->body ? m->body : "", *end = at + m->body_len;

	if (strcmp(verb, LOT_VERB) != 0)
		return false;
	for (int lines = 1; (at = memchr(at, '\n', (size_t)(end - at))); at++)
		if (++lines > LINES_MOST)
			return false;
	return true;
}

/* Only the last event of a message has its identity, as it is the one that moves the position. */
static bool queue_events(struct pl_service *s, struct reader *r, const struct pl_message *m,
			 int64_t seq)
{
	const char *dot = strrchr(m->subject, '.'), *verb = dot ? dot + 1 : "";
	bool has_lines = is_lot(m, verb);
	const char *at = m->body ? m->body : "", *end = at + m->body_len, *line_end;

	do {
		const char *id = m->msg_id ? m->msg_id : "";
		struct work *w;

		line_end = has_lines ? memchr(at, '\n', (size_t)(end - at)) : NULL;
		if (line_end)
			id = NULL;
		else
			line_end = end;
		w = work_new(WORK_EVENT, verb, id, NULL, at, (size_t)(line_end - at));
		if (!w)
			return false;
		w->reader = r;
		w->generation = r->generation;
		w->seq = seq;
		queue_put(&s->queue, w);
		at = line_end + 1;
	} while (line_end < end);
	return true;
}

static void on_delivered(const struct pl_message *m, struct reader *r, struct pl_service *s)
{
	int64_t seq, consumer_seq;

	r->heard_ms = mono_ms();
	if (m->status == 100) { /* heartbeat or flow control */
		struct pl_message empty = { .subject = m->reply ? m->reply : m->stalled };

		if (empty.subject)
			(void)pl_bus_publish(s->bus, &empty);
		return;
	}
	if (m->status || !parse_ack(m->reply, &seq, &consumer_seq, &r->pending)) {
		pl_log(WARN, "reader.status", NULL, "reader=%s status=%d", r->noun, m->status);
		reader_off(r, 100);
		return;
	}
	r->state = READER_ON;
	if (consumer_seq != r->consumer_seq + 1) {
		pl_log(WARN, "reader.missed", NULL, "reader=%s expected=%ld got=%ld", r->noun,
		       (long)r->consumer_seq + 1, (long)consumer_seq);
		reader_off(r, 0);
		return;
	}
	r->consumer_seq = consumer_seq;
	if (r->compare) {
		r->compare = false;
		if (seq != r->seq || !m->msg_id || strcmp(m->msg_id, r->identity) != 0) {
			reader_rewind(s, r, "another message stands there");
			reader_off(r, 0);
		}
		return;
	}
	if (!queue_events(s, r, m, seq))
		reader_off(r, 100); /* without memory: again from the position */
}

/* A delivered message bears the subject it was published on, so each reader has a subscription of
 * its own. */
static void on_reader(const struct pl_message *m, void *arg)
{
	struct reader *r = arg;

	if (r->state != READER_OFF)
		on_delivered(m, r, r->service);
}

/*
 * The log begins behind our place. A message tells that, too; if none comes, nobody else will. One
 * that has no place yet has missed something if the log has lost its beginning.
 */
static void look_at_beginning(struct reader *r, int64_t delivered_seq)
{
	int64_t wanted_seq = r->seq > 0 ? r->seq - 1 : 0;

	if (r->consumer_seq > 0 || delivered_seq <= wanted_seq)
		return;
	if (r->compare)
		r->lost_ms = mono_ms() + FIRST_MS;
	else if (!r->survey.is_on)
		survey_begin(r);
}

/* The node's answer: {"deliveredSeq":N,"pending":N,"log":N,"producers":[…]} or an error. */
static void on_node(const struct pl_message *m, struct reader *r, struct pl_service *s)
{
	json_t *answer = NULL;
	json_t *delivered;

	if (m->status || pl_json_parse(&answer, m->body ? m->body : "", m->body_len) ||
	    json_object_get(answer, "error")) {
		pl_log(DEBUG, "reader.refused", NULL, "reader=%s status=%d %s", r->noun, m->status,
		       pl_json_get_text(answer, "error.message"));
		json_decref(answer);
		reader_off(r, 50);
		return;
	}
	delivered = json_object_get(answer, "deliveredSeq");
	if (json_is_array(json_object_get(answer, "producers"))) {
		json_decref(r->producers);
		r->producers = json_incref(json_object_get(answer, "producers"));
	}
	survey_log(r, json_integer_value(json_object_get(answer, "log")));
	if (r->consumer_seq == 0) /* no message has told better */
		r->pending = json_integer_value(json_object_get(answer, "pending"));
	if (r->compare && r->state != READER_ON && json_is_integer(delivered) &&
	    json_integer_value(delivered) < r->seq - 1) {
		reader_rewind(s, r, "the log ends before it");
		reader_off(r, 0);
	} else if (r->state == READER_ASKED) {
		r->state = READER_ON;
		r->heard_ms = mono_ms();
		look_at_beginning(r, json_integer_value(delivered));
	}
	json_decref(answer);
}

static void on_node_answer(const struct pl_message *m, void *arg)
{
	struct pl_service *s = arg;
	const char *tail = m->subject + strlen(s->inbox) + strlen(".node.");
	const char *dot = strchr(tail, '.');
	unsigned generation = dot ? (unsigned)strtoul(dot + 1, NULL, 10) : 0;

	for (struct reader *r = s->readers; r; r = r->next)
		if (dot && strlen(r->noun) == (size_t)(dot - tail) &&
		    strncmp(r->noun, tail, (size_t)(dot - tail)) == 0 &&
		    r->generation == generation)
			on_node(m, r, s);
}

static void reader_ask(struct pl_service *s, struct reader *r)
{
	char subject[160], reply[160], deliver[160], filter[160];
	struct pl_message m = { .subject = subject, .reply = reply };
	json_t *body;
	char *text;

	pl_subscription_free(r->sub);
	r->sub = NULL;
	r->generation++;
	r->state = READER_ASKED;
	r->next_ms = mono_ms() + ASK_NODE_MS;
	r->heard_ms = mono_ms();
	r->consumer_seq = 0;
	r->pending = INT64_MAX;
	r->lost_ms = 0;
	r->compare = r->identity != NULL;
	snprintf(subject, sizeof(subject), "node.%s.reader.%s", s->node, s->def->name);
	snprintf(reply, sizeof(reply), "%s.node.%s.%u", s->inbox, r->noun, r->generation);
	snprintf(deliver, sizeof(deliver), "%s.evt.%s.%u", s->inbox, r->noun, r->generation);
	snprintf(filter, sizeof(filter), "evt.*.%s.*", r->noun);
	if (pl_bus_subscribe(&r->sub, s->bus, deliver, NULL, on_reader, r))
		return;
	body = json_pack("{s:i, s:s, s:I, s:s}", "v", 1, "filter", filter, "start",
			 (json_int_t)r->seq, "deliver", deliver);
	text = body ? pl_json_dump(body) : NULL;
	json_decref(body);
	if (!text)
		return;
	m.body = text;
	m.body_len = strlen(text);
	(void)pl_bus_publish(s->bus, &m);
	free(text);
}

void reader_restart_all(struct pl_service *s)
{
	for (struct reader *r = s->readers; r; r = r->next)
		reader_off(r, 0);
}

void reader_end_all(struct pl_service *s)
{
	for (struct reader *r = s->readers; r; r = r->next) {
		pl_subscription_free(r->sub);
		r->sub = NULL;
		reader_off(r, 0);
	}
}

void reader_beat(struct pl_service *s)
{
	int64_t now = mono_ms();

	if (s->stopping || pl_bus_state(s->bus) != PL_BUS_UP)
		return;
	for (struct reader *r = s->readers; r; r = r->next) {
		if (r->state == READER_ON && now - r->heard_ms > SILENCE_MS &&
		    s->queue.len < QUEUE_ITEMS) {
			pl_log(WARN, "reader.silent", NULL, "reader=%s", r->noun);
			r->state = READER_OFF;
		}
		if (r->state == READER_ON && r->lost_ms && now >= r->lost_ms) {
			r->lost_ms = 0;
			if (r->compare && r->consumer_seq == 0) {
				reader_rewind(s, r, "the log begins behind it");
				reader_off(r, 0);
			}
		}
		if (r->state != READER_ON && now >= r->next_ms)
			reader_ask(s, r);
		survey_beat(s, r, now);
	}
	gap_beat(s, now);
}

static struct reader *reader_add(struct pl_service *s, const char *noun, size_t noun_len)
{
	struct reader *r;

	for (r = s->readers; r; r = r->next)
		if (strlen(r->noun) == noun_len && strncmp(r->noun, noun, noun_len) == 0)
			return r;
	r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->noun = strndup(noun, noun_len);
	if (!r->noun) {
		free(r);
		return NULL;
	}
	r->service = s;
	r->next = s->readers;
	s->readers = r;
	return r;
}

enum pl_err reader_load(struct pl_service *s)
{
	char subject[128];
	struct pl_rows *rows = NULL;
	enum pl_err err = PL_OK;

	for (const struct pl_on_event *e = s->def->events; e && e->subject; e++) {
		const char *dot = strchr(e->subject, '.');

		pl_assert(dot);
		if (!reader_add(s, e->subject, (size_t)(dot - e->subject)))
			return PL_NOMEM;
	}
	err = pl_store_query(&rows, s->store, "select reader, seq, identity from pl_position", "");
	while (!err && pl_rows_next(rows))
		for (struct reader *r = s->readers; r; r = r->next)
			if (strcmp(r->noun, pl_rows_text(rows, 0)) == 0) {
				r->seq = pl_rows_int(rows, 1);
				r->identity = strdup(pl_rows_text(rows, 2));
			}
	pl_rows_free(rows);
	if (!err)
		err = gap_load(s);
	if (!err)
		err = survey_load(s);
	snprintf(subject, sizeof(subject), "%s.node.*.*", s->inbox);
	if (!err)
		err = pl_bus_subscribe(&s->subs[2], s->bus, subject, NULL, on_node_answer, s);
	return err;
}

void seen_name(char name[SEEN_NAME], const struct pl_event *e)
{
	snprintf(name, SEEN_NAME, "%s %s %s", e->producer, e->noun, e->key);
}

int64_t last_seen(struct pl_turn *turn, const char *name, const struct pl_event *e)
{
	struct count *known = count_find(&turn->service->seen, name);
	struct pl_rows *rows;
	int64_t n = 0;

	if (known)
		return known->n;
	rows = pl_query(turn,
			"select n from pl_seen where key = $1 and noun = $2 and producer = $3",
			"sss", e->key, e->noun, e->producer);
	if (pl_rows_next(rows))
		n = pl_rows_int(rows, 0);
	pl_rows_free(rows);
	if (!turn->err)
		count_put(&turn->service->seen, name, n);
	return n;
}

void set_seen(struct pl_turn *turn, const char *name, const struct pl_event *e)
{
	count_put(&turn->service->seen, name, e->n);
	pl_exec(turn,
		"insert into pl_seen (producer, noun, key, n, at_ms) values ($1, $2, $3, $4, $5) "
		"on conflict (key, noun, producer) do update set n = excluded.n, at_ms = excluded.at_ms",
		"sssii", e->producer, e->noun, e->key, e->n, steady_ms(turn->service));
}

/*
 * A few rows a tick, in the order of their keys, so that no turn gets long however much is
 * remembered.
 */
void reader_purge(struct pl_turn *turn)
{
	struct pl_service *s = turn->service;
	char last[sizeof(s->purged_key)] = "";
	json_t *old = json_array(), *key;
	struct pl_rows *rows;
	size_t i;

	rows = pl_query(turn, "select key, at_ms from pl_seen where key > $1 order by key limit $2",
			"si", s->purged_key, (int64_t)SEEN_EACH);
	while (pl_rows_next(rows)) {
		snprintf(last, sizeof(last), "%s", pl_rows_text(rows, 0));
		if (pl_rows_int(rows, 1) < steady_ms(s) - SEEN_KEPT_MS)
			json_array_append_new(old, json_string(last));
	}
	pl_rows_free(rows);
	json_array_foreach(old, i, key)
		pl_exec(turn, "delete from pl_seen where key = $1 and at_ms < $2", "si",
			json_string_value(key), steady_ms(s) - SEEN_KEPT_MS);
	json_decref(old);
	memcpy(s->purged_key, last, sizeof(last));
}

static void park(struct pl_turn *turn, const struct pl_event *e, const char *why)
{
	char *text = pl_json_dump(e->body);

	pl_log(ERROR, "event.parked", NULL, "producer=%s event=%s.%s key=%s n=%ld: %s", e->producer,
	       e->noun, e->verb, e->key, (long)e->n, why);
	pl_alarm_raise(turn, "event.parked", e->noun, "%s of %s, key %s, number %ld: %s", e->verb,
		       e->producer, e->key, (long)e->n, why);
	pl_exec(turn,
		"insert into pl_parked (producer, noun, key, n, body, reason, at_ms) "
		"values ($1, $2, $3, $4, $5, $6, $7) on conflict (producer, noun, key, n) do nothing",
		"sssissi", e->producer, e->noun, e->key, e->n, text ? text : "{}", why,
		turn->now_ms);
	free(text);
}

static const struct pl_on_event *handler_find(const struct pl_service *s, const struct pl_event *e)
{
	size_t noun_len = strlen(e->noun);

	for (const struct pl_on_event *h = s->def->events; h && h->subject; h++)
		if (strncmp(h->subject, e->noun, noun_len) == 0 && h->subject[noun_len] == '.' &&
		    (strcmp(h->subject + noun_len + 1, e->verb) == 0 ||
		     strcmp(h->subject + noun_len + 1, "*") == 0))
			return h;
	return NULL;
}

/* The event in its turn. Of a snapshot, what is refused is there already. */
static void handle(struct pl_turn *turn, const char *name, const struct pl_event *e,
		   bool is_restated)
{
	const struct pl_on_event *h = handler_find(turn->service, e);
	enum pl_err err = PL_OK;

	pl_metric_add(&events, 1);
	turn->writes = 0;
	if (h)
		err = h->fn(turn, e);
	if (err == PL_NOMEM)
		turn_fail(turn, err);
	if (turn->err)
		return;
	if (err) {
		if (turn->writes) {
			turn_fail(turn, PL_INTERNAL);
			return;
		}
		if (is_restated)
			pl_log(INFO, "event.known", NULL,
			       "producer=%s event=%s.%s key=%s n=%ld: %s", e->producer, e->noun,
			       e->verb, e->key, (long)e->n, pl_err_detail(err));
		else
			park(turn, e, pl_err_detail(err));
	}
	set_seen(turn, name, e);
}

bool event_read(struct pl_event *e, const json_t *json)
{
	json_int_t n = 0, at_ms = 0;

	if (json_unpack((json_t *)json, "{s:s, s:s, s:s, s:s, s:I, s:I}", "producer", &e->producer,
			"noun", &e->noun, "verb", &e->verb, "key", &e->key, "n", &n, "atMs",
			&at_ms))
		return false;
	e->n = n;
	e->at_ms = at_ms;
	e->body = json_object_get(json, "body");
	return e->n > 0 && json_is_object(e->body);
}

/* True if it was handled: it was the next of its key. Of a repair, what isn't is no news. */
static bool take(struct pl_turn *turn, const struct pl_event *e, bool is_repair)
{
	char name[SEEN_NAME];
	int64_t last;

	seen_name(name, e);
	last = last_seen(turn, name, e);
	if (turn->err)
		return false;
	if (e->n <= last) {
		pl_metric_add(&event_repeats, 1);
		return false;
	}
	if (e->n > last + 1) {
		if (!is_repair)
			gap_note(turn, name, e);
		return false;
	}
	handle(turn, name, e, false);
	if (!turn->err)
		gap_filled(turn, name, e);
	return !turn->err;
}

/* Of what was read before, for a whole batch, it is that. */
static bool read_text(json_t **jsonp, const struct work *w)
{
	*jsonp = json_incref(w->json);
	return *jsonp || pl_json_parse(jsonp, w->body ? w->body : "", w->body_len) == PL_OK;
}

/* The bus lets each publish under its own nouns only: so what is in a message must be of its. */
static bool is_of(const struct reader *r, const struct pl_event *e)
{
	return !r || strcmp(r->noun, e->noun) == 0;
}

void reader_run(struct pl_turn *turn, struct work *w)
{
	struct reader *r = w->reader;
	json_t *json = NULL;
	struct pl_event e;
	char *identity;

	if (r && (w->generation != r->generation || w->seq <= (r->turn_seq ? r->turn_seq : r->seq)))
		return; /* of a reader that was begun anew */
	if (!read_text(&json, w) || !event_read(&e, json) || !is_of(r, &e))
		pl_log(ERROR, "event.broken", NULL, "position=%ld identity=%s: not an event",
		       (long)w->seq, w->id ? w->id : "");
	else if (take(turn, &e, !r) && !r)
		gap_hurry(turn->service, &e); /* the rest of the gap at once */
	json_decref(json);
	if (!r || !w->id)
		return;
	identity = strdup(w->id);
	if (!identity) {
		turn_fail(turn, PL_NOMEM);
		return;
	}
	free(r->turn_identity);
	r->turn_identity = identity;
	r->turn_seq = w->seq;
}

/*
 * Whether an event of a snapshot comes next: the one before it (w->seq is its number) has been
 * handled, this one hasn't.
 */
static bool is_due(const struct work *w, int64_t last, const struct pl_event *e)
{
	return w->kind == WORK_RESTATED ? last >= w->seq && e->n > last : e->n == last + 1;
}

void reader_restate(struct pl_turn *turn, struct work *w)
{
	char name[SEEN_NAME];
	json_t *json = NULL;
	struct pl_event e;
	int64_t last;

	if (pl_json_parse(&json, w->body, w->body_len) || !event_read(&e, json)) {
		pl_log(ERROR, "event.broken", NULL, "not an event, in a snapshot");
		json_decref(json);
		return;
	}
	seen_name(name, &e);
	last = last_seen(turn, name, &e);
	if (!turn->err && is_due(w, last, &e))
		handle(turn, name, &e, true);
	json_decref(json);
}

void reader_set_aside(struct pl_turn *turn, struct work *w)
{
	struct reader *r = w->reader;
	json_t *json = NULL;
	struct pl_event e;

	if (pl_json_parse(&json, w->body ? w->body : "", w->body_len) == PL_OK &&
	    event_read(&e, json)) {
		char name[SEEN_NAME];

		seen_name(name, &e);
		if (is_due(w, last_seen(turn, name, &e), &e)) {
			park(turn, &e, w->aside);
			set_seen(turn, name, &e);
			gap_filled(turn, name, &e);
		}
	}
	json_decref(json);
	if (!r || !w->id)
		return;
	free(r->turn_identity);
	r->turn_identity = strdup(w->id);
	r->turn_seq = w->seq;
}

void reader_store(struct pl_turn *turn)
{
	for (struct reader *r = turn->service->readers; r; r = r->next) {
		if (!r->turn_seq || r->rewind)
			continue;
		survey_store(turn, r);
		pl_exec(turn,
			"insert into pl_position (reader, seq, identity) values ($1, $2, $3) "
			"on conflict (reader) do update set seq = excluded.seq, "
			"identity = excluded.identity",
			"sis", r->noun, r->turn_seq, r->turn_identity ? r->turn_identity : "");
	}
}

void reader_settle(struct pl_service *s, bool committed)
{
	for (struct reader *r = s->readers; r; r = r->next) {
		survey_settle(r, committed);
		if (committed && r->rewind) {
			free(r->identity);
			r->identity = NULL;
			r->seq = 0;
			reader_off(r, 0);
		} else if (committed && r->turn_seq) {
			free(r->identity);
			r->identity = r->turn_identity;
			r->seq = r->turn_seq;
			r->turn_identity = NULL;
		}
		free(r->turn_identity);
		r->turn_identity = NULL;
		r->turn_seq = 0;
		r->rewind = false;
	}
}

/* The last numbers of all keys of the batch in one statement. */
void reader_prefetch(struct pl_turn *turn, struct work **items, size_t count, json_t *all_keys)
{
	struct pl_service *s = turn->service;
	json_t *keys = NULL;
	struct pl_rows *rows;
	char *text;

	for (size_t i = 0; i < count; i++) {
		char name[SEEN_NAME];
		struct pl_event e;
		struct count *c;

		if (items[i]->kind != WORK_EVENT ||
		    (!items[i]->json && !read_text(&items[i]->json, items[i])) ||
		    !event_read(&e, items[i]->json))
			continue;
		seen_name(name, &e);
		json_array_append_new(all_keys, json_string(e.key));
		HASH_FIND_STR(s->seen, name, c);
		if (c)
			continue;
		count_put(&s->seen, name, 0);
		if (!keys)
			keys = json_array();
		json_array_append_new(keys, json_string(e.key));
	}
	text = keys ? pl_json_dump(keys) : NULL;
	json_decref(keys);
	if (!text)
		return;
	rows = pl_query(turn, "select producer, noun, key, n from pl_seen where key in PL_LIST($1)",
			"s", text);
	while (pl_rows_next(rows)) {
		char name[SEEN_NAME];

		snprintf(name, sizeof(name), "%s %s %s", pl_rows_text(rows, 0),
			 pl_rows_text(rows, 1), pl_rows_text(rows, 2));
		count_put(&s->seen, name, pl_rows_int(rows, 3));
	}
	pl_rows_free(rows);
	free(text);
}
