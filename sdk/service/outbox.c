/*
 * outbox.c — events out.
 *
 * An event is a row written in the turn's transaction, numbered by (noun, key), and published after
 * the commit. What lacks the stream's acknowledgement is published again: after a second, on each
 * reconnection, and after a restart. Numbers make repeats harmless, so nothing here is exact but
 * the rows. Events leave in their order, and at most WINDOW of them are without acknowledgement on
 * their way; a stream that refuses is offered a single one now and then, until it takes it.
 *
 * Memory holds the oldest of them only, HELD_BYTES at most (or a single one that is larger): while
 * rows are left out, what a turn adds stays in its table too, and all are read from there, in order
 * of seq, as acknowledgements make room.
 *
 * Events of a noun that are to be sent at the same moment share a message (lot.c): what it costs
 * the server and the readers is a message, whatever is in it. Those that nobody waits for (late of
 * the service's definition) wait a moment for others. The watermark rises by whole lots, so that
 * the event there is the last of one.
 *
 * Two tables take turns, five minutes each, so that forgetting old rows is one `delete from`
 * without an index; the highest sequence below which everything is acknowledged (the watermark) is
 * stored now and then. Rows stay that long because the bus acknowledges before its disk has them:
 * after its host rebooted, or its folder was put back to an older copy, they are published once
 * more. After a reboot of its own host a producer puts the watermark back before the first row; the
 * rest it finds out by a probe: on each connection it publishes its last acknowledged event again,
 * which the server must know as a repeat; if it doesn't, it may have forgotten more (or two minutes
 * have passed: then it costs little).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pl_metric depth = { .name = "outbox_depth",
				  .text = "Events without acknowledgement",
				  .kind = PL_GAUGE };
static struct pl_metric published = { .name = "events_published_total",
				      .text = "Events published" };
static struct pl_metric resent = { .name = "events_resent_total",
				   .text = "Events published again" };

enum {
	ACK_MS = 1000,
	STORE_ACKS = 1000,
	STORE_ACKS_MS = 250,
	PROBE = 0,
	REFUSED_MS = 250,
	WINDOW = 8192,
	LATE_MS = 50,
	LOOK_MS = 100,	      /* from one look for late acknowledgements to the next */
	HELD_BYTES = 8 << 20, /* of rows in memory */
	READ_EACH = 64,	      /* rows at once: PostgreSQL's are in memory together */
	READ_AGAIN_MS = 1000,
};

static int64_t next_n(struct pl_turn *turn, const char *name, const char *noun, const char *key)
{
	struct pl_service *s = turn->service;
	struct count *known = count_find(&s->sent, name);
	struct pl_rows *rows;
	int64_t n = 0;

	if (known)
		return known->n + 1;
	if (is_fresh(turn, key))
		return 1;
	if (json_object_get(turn->numbers, key)) { /* read with the batch */
		n = json_integer_value(json_object_get(turn->numbers, name));
	} else {
		rows = pl_query(turn, "select n from pl_key where noun = $1 and key = $2", "ss",
				noun, key);
		if (pl_rows_next(rows))
			n = pl_rows_int(rows, 0);
		pl_rows_free(rows);
	}
	return (n ? n : retired_number(s, key)) + 1;
}

/*
 * The numbers of all keys that the batch names, in one statement: on PostgreSQL, where each read is
 * a round trip. keys: names of keys; what has no row yet counts from 0.
 */
void outbox_prefetch(struct pl_turn *turn, json_t *keys)
{
	struct pl_rows *rows;
	char name[512];
	char *text;

	if (json_array_size(keys) == 0)
		return;
	text = pl_json_dump(keys);
	if (!text)
		return;
	turn->numbers = json_object();
	for (size_t i = 0; i < json_array_size(keys); i++)
		json_object_set_new(turn->numbers, json_string_value(json_array_get(keys, i)),
				    json_true());
	rows = pl_query(turn, "select noun, key, n from pl_key where key in PL_LIST($1)", "s",
			text);
	while (pl_rows_next(rows)) {
		snprintf(name, sizeof(name), "%s %s", pl_rows_text(rows, 0), pl_rows_text(rows, 1));
		json_object_set_new(turn->numbers, name, json_integer(pl_rows_int(rows, 2)));
	}
	pl_rows_free(rows);
	free(text);
}

int64_t pl_emit(struct pl_turn *turn, const char *noun, const char *verb, const char *key,
		json_t *body)
{
	struct pl_service *s = turn->service;
	char name[512];
	json_t *event;
	char *text;
	int64_t n;
	struct staged *st;

	snprintf(name, sizeof(name), "%s %s", noun, key);
	n = next_n(turn, name, noun, key);
	event = json_pack("{s:i, s:s, s:I, s:s, s:s, s:s, s:I, s:I, s:o}", "v", 1, "producer",
			  s->def->name, "incarnation", (json_int_t)s->incarnation, "noun", noun,
			  "verb", verb, "key", key, "n", (json_int_t)n, "atMs",
			  (json_int_t)turn->now_ms, "body", body ? body : json_object());
	text = event ? pl_json_dump(event) : NULL;
	json_decref(event);
	st = text && !too_large(turn, noun, text) ? turn_stage(turn, STAGED_OUT) : NULL;
	if (!st) {
		turn_fail(turn, PL_NOMEM);
		free(text);
		return n;
	}
	count_put(&s->sent, name, n);
	if (json_object_get(turn->numbers, key))
		json_object_set_new(turn->numbers, name, json_integer(n));
	st->out = out_new(s, ++s->out_seq, noun, verb, key, n, text);
	if (!st->out)
		turn_fail(turn, PL_NOMEM);
	pl_exec(turn,
		"insert into pl_key (noun, key, n) values ($1, $2, $3) "
		"on conflict (noun, key) do update set n = excluded.n",
		"ssi", noun, key, n);
	pl_exec(turn,
		s->out_table == 'a' ? "insert into pl_outbox_a (seq, noun, verb, key, n, body) "
				      "values ($1, $2, $3, $4, $5, $6)"
				    : "insert into pl_outbox_b (seq, noun, verb, key, n, body) "
				      "values ($1, $2, $3, $4, $5, $6)",
		"isssis", s->out_seq, noun, verb, key, n, text);
	free(text);
	return n;
}

static void settle_out(struct pl_service *s, struct out *out)
{
	if (out->sent_ms)
		s->out_going--;
	out->sent_ms = 0;
}

static void out_acked(struct pl_service *s, struct out *out)
{
	settle_out(s, out);
	out->acked = true;
	s->out_window = WINDOW;
}

static size_t out_bytes(const struct out *out)
{
	return sizeof(*out) + strlen(out->subject) + strlen(out->msg_id) + strlen(out->body) + 3;
}

static bool has_unread(const struct pl_service *s)
{
	return s->taken_seq > s->read_seq;
}

static bool has_room(const struct pl_service *s, const struct out *out)
{
	return !s->out_first || s->out_bytes + out_bytes(out) <= HELD_BYTES;
}

static void forget_acked(struct pl_service *s)
{
	struct out *out;

	while ((out = s->out_first) && out->acked) {
		s->out_first = out->next;
		if (!s->out_first)
			s->out_last = &s->out_first;
		if (s->out_next == out)
			s->out_next = out->next;
		if (out->lot) {
			s->acked_seq = out->seq;
			s->acked_lot = out->lot;
		}
		s->out_len--;
		s->out_bytes -= out_bytes(out);
		HASH_DEL(s->outs, out);
		out_free(out);
	}
}

/* False: there is no room, or no bus. What can never ride the bus must not keep the others. */
static bool lot_send(struct pl_service *s, struct out *first)
{
	int64_t room = s->out_window - s->out_going;
	struct lot lot = lot_of(first, room < LOT_EVENTS ? (unsigned)room : LOT_EVENTS);
	enum pl_err err = lot_publish(s, &lot);

	if ((err == PL_TOOLARGE || err == PL_INVALID) && lot.count > 1) {
		lot = lot_of(first, 1);
		err = lot_publish(s, &lot);
	}
	if (err == PL_TOOLARGE || err == PL_INVALID) {
		pl_log(ERROR, "outbox.unsendable", NULL, "event %s: %s", first->msg_id,
		       pl_err_detail(err));
		alarm_post(s, "event.unsendable", "", first->msg_id);
		lot_sent(s, &lot);
		out_acked(s, first);
		return true;
	}
	if (err)
		return false;
	lot_sent(s, &lot);
	return true;
}

static bool is_late(const struct pl_service *s, const struct out *out, int64_t now)
{
	return out->due_ms > now && s->out_late < LOT_EVENTS && !s->stopping;
}

/* What wasn't sent yet, in order, as far as the window goes. */
static void send_next(struct pl_service *s)
{
	struct out *out = s->out_next, *left = NULL;
	int64_t now = mono_ms();

	s->out_due_ms = 0;
	if (pl_bus_state(s->bus) != PL_BUS_UP || s->resend_ms)
		return;
	for (; out && s->out_going < s->out_window; out = out->next) {
		if (!out_waits(out))
			continue;
		if (is_late(s, out, now)) {
			if (!left)
				s->out_due_ms = out->due_ms;
		} else if (lot_send(s, out)) {
			continue;
		} else {
			break;
		}
		if (!left)
			left = out;
	}
	s->out_next = left ? left : out;
	forget_acked(s);
}

void outbox_send(struct pl_service *s)
{
	send_next(s);
}

int64_t outbox_wait_ms(const struct pl_service *s)
{
	int64_t left_ms = s->out_due_ms - mono_ms();

	if (!s->out_due_ms)
		return -1;
	return left_ms > 0 ? left_ms : 0;
}

static bool has_late_noun(const struct pl_service *s, const struct out *out)
{
	for (const char *const *noun = s->def->late; noun && *noun; noun++)
		if (strcmp(*noun, out->noun) == 0)
			return true;
	return false;
}

/* All of a late noun wait, also those that are read from their table: none passes another. */
static void out_add(struct pl_service *s, struct out *out)
{
	if (has_late_noun(s, out)) {
		out->due_ms = mono_ms() + LATE_MS;
		s->out_late++;
	}
	out->next = NULL;
	*s->out_last = out;
	s->out_last = &out->next;
	if (!s->out_next)
		s->out_next = out;
	HASH_ADD(hh, s->outs, seq, sizeof(out->seq), out);
	s->out_bytes += out_bytes(out);
	s->read_seq = out->seq;
}

void outbox_take(struct pl_service *s, struct out *out)
{
	bool is_read_later = has_unread(s) || !has_room(s, out);

	s->out_len++;
	s->taken_seq = out->seq;
	pl_metric_add(&published, 1);
	if (is_read_later) {
		out_free(out);
		return;
	}
	out_add(s, out);
}

static void read_more(struct pl_service *s);

static bool is_known(const struct pl_message *m)
{
	json_t *answer = NULL;
	bool is = pl_json_parse(&answer, m->body, m->body_len) == PL_OK &&
		  json_is_true(json_object_get(answer, "duplicate"));

	json_decref(answer);
	return is;
}

static void on_probe(struct pl_service *s, const struct pl_message *m, bool refused)
{
	s->probe_is_out = false;
	if (refused)
		s->probe_ms = mono_ms() + 100;
	else if (!is_known(m))
		outbox_resend_kept(s);
}

/* Those of one message, if they still wait for it. */
static bool settle_lot(struct pl_service *s, int64_t first, int64_t last, bool is_refused)
{
	bool found = false;
	struct out *out, *beginning;

	HASH_FIND(hh, s->outs, &first, sizeof(first), beginning);
	for (out = beginning; out && out->seq <= last; out = out->next) {
		if (out->acked || strcmp(out->noun, beginning->noun) != 0)
			continue;
		found = true;
		if (is_refused)
			settle_out(s, out);
		else
			out_acked(s, out);
	}
	return found;
}

/* The answer of the stream: {"stream":"EVT","seq":N}, or an error, or nobody there. Its subject
 * ends with the number of the event, or those of a lot's first and last. */
void on_ack(const struct pl_message *m, void *arg)
{
	struct pl_service *s = arg;
	const char *dot = strrchr(m->subject, '.');
	char *end = NULL;
	int64_t first = dot ? strtoll(dot + 1, &end, 10) : 0;
	int64_t last = end && *end == '-' ? strtoll(end + 1, NULL, 10) : first;
	bool is_refused = m->status || !m->body_len || memmem(m->body, m->body_len, "\"error\"", 7);

	if (first == PROBE) {
		on_probe(s, m, is_refused);
		return;
	}
	if (!settle_lot(s, first, last, is_refused))
		return;
	if (!is_refused) {
		forget_acked(s);
		read_more(s);
		send_next(s);
		return;
	}
	if (s->resend_ms)
		return; /* the others of this round */
	pl_log(WARN, "outbox.refused", NULL,
	       "the event log took event %ld not: status=%d %.*s; %ld wait", (long)first, m->status,
	       (int)(m->body_len < 200 ? m->body_len : 200), m->body ? (const char *)m->body : "",
	       (long)s->out_len);
	s->resend_ms = mono_ms() + REFUSED_MS;
	s->out_window = 1;
}

/* From the first one on: on a new connection, or of a stream that has refused. */
void outbox_resend(struct pl_service *s)
{
	for (struct out *out = s->out_first; out; out = out->next)
		if (!out->acked && out->sent_ms) {
			pl_metric_add(&resent, 1);
			settle_out(s, out);
		}
	s->out_next = s->out_first;
	s->resend_ms = 0;
	send_next(s);
}

/* Those whose acknowledgement is late. */
static void resend_late(struct pl_service *s, int64_t now)
{
	bool found = false;

	if (now - s->looked_ms < LOOK_MS)
		return;
	s->looked_ms = now;
	for (struct out *out = s->out_first; out; out = out->next)
		if (!out->acked && out->sent_ms && out->sent_ms <= now - ACK_MS) {
			pl_metric_add(&resent, 1);
			settle_out(s, out);
			found = true;
		}
	if (found)
		s->out_next = s->out_first;
}

static void resend_some(struct pl_service *s);

void outbox_beat(struct pl_service *s)
{
	int64_t now = mono_ms();

	pl_metric_set(&depth, (double)s->out_len);
	if (pl_bus_state(s->bus) != PL_BUS_UP)
		return;
	if (s->probe_ms && now >= s->probe_ms)
		outbox_probe(s);
	if (s->kept_at >= 0)
		resend_some(s);
	if (s->resend_ms && now < s->resend_ms)
		return;
	if (s->resend_ms)
		outbox_resend(s);
	resend_late(s, now);
	read_more(s);
	send_next(s);
}

static const char SELECT_KEPT[] =
	"select seq, noun, verb, key, n, body from pl_outbox_a where seq > $1 union all "
	"select seq, noun, verb, key, n, body from pl_outbox_b where seq > $1 order by 1 limit $2";
static const char SELECT_LAST[] =
	"select seq, noun, verb, key, n, body from pl_outbox_a where seq <= $1 union all "
	"select seq, noun, verb, key, n, body from pl_outbox_b where seq <= $1 order by 1 desc limit $2";

static const char COUNT_KEPT[] =
	"select count(*) from (select seq from pl_outbox_a where seq > $1 union all "
	"select seq from pl_outbox_b where seq > $1) as kept";

typedef bool row_fn(struct pl_service *s, struct out *out);

/* fn takes the row over. */
static enum pl_err read_rows(struct pl_service *s, const char *sql, int64_t seq, int64_t limit,
			     row_fn *fn)
{
	struct pl_rows *rows = NULL;
	enum pl_err err = pl_store_query(&rows, s->store, sql, "ii", seq, limit);

	while (!err && pl_rows_next(rows)) {
		struct out *out = out_new(s, pl_rows_int(rows, 0), pl_rows_text(rows, 1),
					  pl_rows_text(rows, 2), pl_rows_text(rows, 3),
					  pl_rows_int(rows, 4), pl_rows_text(rows, 5));

		if (!out)
			err = PL_NOMEM;
		else if (!fn(s, out))
			break;
	}
	if (!err)
		err = pl_rows_err(rows);
	pl_rows_free(rows);
	return err;
}

static bool row_load(struct pl_service *s, struct out *out)
{
	if (!has_room(s, out)) {
		out_free(out);
		return false;
	}
	out_add(s, out);
	return true;
}

/* Once half of the room is free: then a read has room for many. Outside of turns. */
static void read_more(struct pl_service *s)
{
	enum pl_err err;

	if (!has_unread(s) || s->out_bytes > HELD_BYTES / 2 || mono_ms() < s->read_ms)
		return;
	err = read_rows(s, SELECT_KEPT, s->read_seq, READ_EACH, row_load);
	if (!err)
		return;
	s->read_ms = mono_ms() + READ_AGAIN_MS;
	pl_log(ERROR, "outbox.read", NULL, "error=%s: %s", pl_err_row(err)->name,
	       pl_err_detail(err));
}

static bool row_probe(struct pl_service *s, struct out *out)
{
	char id[LOT_ID], *own = out->msg_id;

	lot_id(id, out, out->seq == s->acked_seq ? s->acked_lot : 1);
	out->msg_id = id;
	if (out_publish(s, out, PROBE) == PL_UNAVAILABLE)
		s->probe_ms = mono_ms() + 100;
	else
		s->probe_is_out = true;
	out->msg_id = own;
	out_free(out);
	return false;
}

static bool row_again(struct pl_service *s, struct out *out)
{
	bool is_due = out->seq <= s->read_seq; /* the others have their turn yet */
	enum pl_err err = PL_OK;

	if (is_due) {
		err = out_publish(s, out, PROBE - 1); /* its acknowledgement is of no use */
		if (err != PL_UNAVAILABLE && err != PL_NOMEM)
			s->kept_at = out->seq;
		s->kept_left = true;
	}
	out_free(out);
	return is_due && err != PL_UNAVAILABLE && err != PL_NOMEM;
}

static bool row_first(struct pl_service *s, struct out *out)
{
	if (s->acked_seq >= out->seq)
		s->acked_seq = out->seq - 1;
	out_free(out);
	return false;
}

static bool row_last(struct pl_service *s, struct out *out)
{
	if (s->out_seq < out->seq)
		s->out_seq = out->seq;
	s->taken_seq = out->seq;
	out_free(out);
	return false;
}

void outbox_probe(struct pl_service *s)
{
	if (pl_bus_state(s->bus) != PL_BUS_UP)
		return; /* the next connection does it */
	s->probe_ms = 0;
	if (s->kept_at > 0)
		s->kept_at = 0; /* cut off in the middle: the probe would find its own repeat */
	if (s->probe_is_out)
		outbox_resend_kept(s); /* as it would where that one's answer was lost */
	if (read_rows(s, SELECT_LAST, s->acked_seq, 1, row_probe))
		s->probe_ms = mono_ms() + 1000;
}

/* From the first row that is kept, so many at each beat. */
void outbox_resend_kept(struct pl_service *s)
{
	if (s->kept_at >= 0)
		return;
	pl_log(WARN, "outbox.resend", NULL,
	       "the log may have lost events: publishing all kept ones again");
	s->kept_at = 0;
}

static void resend_some(struct pl_service *s)
{
	s->kept_left = false;
	if (read_rows(s, SELECT_KEPT, s->kept_at, READ_EACH, row_again))
		return; /* at the next beat */
	if (!s->kept_left)
		s->kept_at = -1;
}

static enum pl_err meta_int(struct pl_service *s, const char *name, int64_t *valuep)
{
	struct pl_rows *rows = NULL;
	enum pl_err err = pl_store_query(&rows, s->store,
					 "select value from pl_meta where name = $1", "s", name);

	if (!err && pl_rows_next(rows))
		*valuep = strtoll(pl_rows_text(rows, 0), NULL, 10);
	pl_rows_free(rows);
	return err;
}

enum pl_err outbox_load_meta(struct pl_service *s)
{
	int64_t acked = 0, table = 0, rotated_ms = 0, rotated_seq = 0, mark_ms = 0, again = 0;
	enum pl_err err = meta_int(s, "outbox.acked", &acked);

	if (!err)
		err = meta_int(s, "outbox.table", &table);
	if (!err)
		err = meta_int(s, "outbox.rotated", &rotated_ms);
	if (!err)
		err = meta_int(s, "outbox.rotated_seq", &rotated_seq);
	if (!err)
		err = meta_int(s, "outbox.again", &again);
	if (!err)
		err = meta_int(s, "ids.mark", &mark_ms);
	if (!err)
		err = retire_load(s);
	if (err)
		return err;
	id_load(s, mark_ms);
	s->acked_stored = acked;
	s->kept_stored = again != 0;
	s->out_table = table ? 'b' : 'a';
	s->rotated_ms = rotated_ms;
	s->rotated_seq = rotated_seq;
	return PL_OK;
}

static const char SET_META[] = "insert into pl_meta (name, value) values ($1, $2) "
			       "on conflict (name) do update set value = excluded.value";

/* The log may have lost what it had acknowledged: first the watermark, then that it is done. */
static enum pl_err note_boot(struct pl_service *s)
{
	struct pl_rows *rows = NULL;
	bool rebooted = false;
	char text[24];
	enum pl_err err = pl_store_query(&rows, s->store,
					 "select value from pl_meta where name = 'boot'", "");

	if (!err && pl_rows_next(rows))
		rebooted = strcmp(pl_rows_text(rows, 0), s->boot_id) != 0;
	pl_rows_free(rows);
	if (!err && rebooted) {
		err = read_rows(s, SELECT_KEPT, 0, 1, row_first);
		snprintf(text, sizeof(text), "%ld", (long)s->acked_seq);
		if (!err)
			err = pl_store_exec(s->store, SET_META, "ss", "outbox.acked", text);
		s->acked_stored = s->acked_seq;
	}
	if (!err)
		err = pl_store_exec(s->store, SET_META, "ss", "boot", s->boot_id);
	return err;
}

enum pl_err outbox_load(struct pl_service *s)
{
	struct pl_rows *rows = NULL;
	enum pl_err err;

	s->out_last = &s->out_first;
	s->out_window = WINDOW;
	s->kept_at = -1;
	s->incarnation = 1;
	err = meta_int(s, "incarnation", &s->incarnation);
	if (!err)
		err = outbox_load_meta(s);
	if (err)
		return err;
	s->out_seq = s->acked_seq = s->acked_stored;
	err = meta_int(s, "outbox.acked_lot", &s->acked_lot);
	if (err)
		return err;
	if (s->kept_stored) /* the probe would find that of the process before */
		s->kept_at = 0;
	err = read_rows(s, SELECT_LAST, INT64_MAX, 1, row_last);
	if (!err)
		err = note_boot(s);
	if (!err)
		err = pl_store_query(&rows, s->store, COUNT_KEPT, "i", s->acked_seq);
	if (!err && pl_rows_next(rows))
		s->out_len = pl_rows_int(rows, 0);
	pl_rows_free(rows);
	s->read_seq = s->acked_seq;
	if (!err)
		read_more(s);
	return err;
}

/* All that is kept is being published again. */
static bool is_again(const struct pl_service *s)
{
	return s->kept_at >= 0;
}

bool outbox_wants_turn(struct pl_service *s)
{
	int64_t now = mono_ms();

	if (is_again(s) != s->kept_stored && now >= s->again_ms)
		return true;
	if (s->acked_seq == s->acked_stored)
		return false;
	return s->acked_seq - s->acked_stored >= STORE_ACKS ||
	       now - s->ack_stored_ms >= STORE_ACKS_MS;
}

static void set_meta(struct pl_turn *turn, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", (long)value);
	pl_exec(turn, SET_META, "ss", name, text);
}

void meta_keep_ids(struct pl_turn *turn)
{
	int64_t mark_ms = id_mark(turn->service);

	if (mark_ms)
		set_meta(turn, "ids.mark", mark_ms);
}

/*
 * In a turn: the watermark, and the change of tables. The older table is emptied only if all of its
 * rows are acknowledged, and five minutes old at least. Memory changes at once; a rollback reads it
 * anew, or the next start would take the table that is in use for the older one.
 */
void outbox_keep(struct pl_turn *turn)
{
	struct pl_service *s = turn->service;

	if (s->acked_seq != s->acked_stored) {
		set_meta(turn, "outbox.acked", s->acked_seq);
		set_meta(turn, "outbox.acked_lot", s->acked_lot);
		s->acked_stored = s->acked_seq;
		s->ack_stored_ms = mono_ms();
	}
	if (is_again(s) != s->kept_stored) {
		set_meta(turn, "outbox.again", is_again(s));
		s->kept_stored = is_again(s);
		s->again_ms = mono_ms() + STORE_ACKS_MS;
	}
	if (steady_ms(s) - s->rotated_ms < OUTBOX_KEPT_MS)
		return;
	if (s->acked_seq < s->rotated_seq) /* an old row lacks its acknowledgement */
		return;
	s->out_table = s->out_table == 'a' ? 'b' : 'a';
	s->rotated_ms = steady_ms(s);
	s->rotated_seq = s->out_seq;
	pl_exec(turn, s->out_table == 'a' ? "delete from pl_outbox_a" : "delete from pl_outbox_b",
		"");
	set_meta(turn, "outbox.table", s->out_table == 'b');
	set_meta(turn, "outbox.rotated", s->rotated_ms);
	set_meta(turn, "outbox.rotated_seq", s->rotated_seq);
}
