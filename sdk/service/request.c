/*
 * request.c — operations: dispatch, repeats, refusals, held requests.
 *
 * A request's id and reply are kept for 10 minutes in the turn's own transaction, so that a
 * repeated request gets the first answer. On PostgreSQL, where each read is a round trip, the ids
 * of a batch are looked up in one statement. Reading operations keep nothing: asked again, they
 * read again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <stdlib.h>
#include <string.h>

enum { PURGE_EACH = 5000 };

static struct pl_metric requests = { .name = "requests_total", .text = "Requests handled" };
static struct pl_metric refused = { .name = "requests_refused_total",
				    .text = "Requests answered with an error" };
static struct pl_metric repeats = { .name = "requests_repeated_total",
				    .text = "Requests answered from the first answer" };

char *error_body(enum pl_err err, const char *message)
{
	const struct pl_err_row *row = pl_err_row(err);
	json_t *json = json_pack("{s:i, s:{s:s, s:s, s:s}}", "v", 1, "error", "code", row->wire,
				 "name", row->name, "message", message ? message : row->text);
	char *text = json ? pl_json_dump(json) : NULL;

	json_decref(json);
	return text;
}

/* Straight to the bus, outside any turn. */
void request_refuse(struct pl_service *s, struct work *w, enum pl_err err, const char *message)
{
	struct pl_message m = { .subject = w->reply };
	char *body;

	pl_metric_add(&refused, 1);
	if (!w->reply)
		return;
	body = error_body(err, message);
	m.body = body;
	m.body_len = body ? strlen(body) : 0;
	if (body && pl_bus_publish(s->bus, &m))
		pl_log(DEBUG, "bus.dropped", NULL, "subject=%s", m.subject);
	free(body);
}

/* Refused before it costs anything. */
static enum pl_err is_overloaded(struct pl_service *s)
{
	if (s->out_len <= OUTBOX_DEEP && s->queue.len + pl_bus_waiting(s->bus) <= QUEUE_ITEMS)
		return PL_OK;
	return pl_fail(PL_UNAVAILABLE, "%s takes no new work: it is overloaded; try again later",
		       s->def->name);
}

static enum pl_err may_fill(struct pl_service *s)
{
	if (s->disk_low)
		return pl_fail(PL_UNAVAILABLE, "%s takes no new work: its disk is full",
			       s->def->name);
	return PL_OK;
}

/* Refused in its turn, so that a repeat of what was opened before still gets its first answer. */
static enum pl_err may_open(struct pl_service *s)
{
	if (!s->accepting)
		return pl_fail(
			PL_NOTACCEPTING,
			"%s accepts no new work now: its cluster, or one it needs, is denying",
			s->def->name);
	return may_fill(s);
}

static const struct pl_op *op_find(const struct pl_service *s, const char *name)
{
	for (const struct pl_op *op = s->def->ops; op && op->name; op++)
		if (strcmp(op->name, name) == 0)
			return op;
	return builtin_find(name);
}

/* A request that can be answered without a turn is; the rest waits. */
static void on_request(const struct pl_message *m, void *arg)
{
	struct pl_service *s = arg;
	const char *name = m->subject + strlen("svc.") + strlen(s->def->name) + 1;
	const struct pl_op *op = op_find(s, name);
	struct work *w = work_new(WORK_REQUEST, name, m->id, m->reply, m->body, m->body_len);
	enum pl_err err = PL_OK;

	if (!w)
		return; /* the asker repeats */
	if (!op)
		err = pl_fail(PL_NOTFOUND, "%s has no operation %.60s", s->def->name, name);
	else if (m->id && strlen(m->id) > 64)
		err = pl_fail(PL_INVALID, "Pelago-Id is longer than 64 bytes");
	else if (op->flags & PL_OP_OPENS)
		err = is_overloaded(s);
	if (err) {
		request_refuse(s, w, err, pl_err_detail(err));
		work_free(w);
		return;
	}
	queue_put(&s->queue, w);
}

void request_subscribe(struct pl_service *s, enum pl_err *errp)
{
	char subject[128];

	snprintf(subject, sizeof(subject), "svc.%s.*", s->def->name);
	*errp = pl_bus_subscribe(&s->subs[0], s->bus, subject, s->def->name, on_request, s);
}

/* The key that a request's body names, if its operation says where. The text is parsed here once.
 */
static const char *key_of(const struct pl_service *s, struct work *w)
{
	const struct pl_op *op = op_find(s, w->text);

	if (!op || !op->key)
		return NULL;
	if (!w->json && pl_json_parse(&w->json, w->body ? w->body : "", w->body_len))
		return NULL;
	return json_string_value(pl_json_get(w->json, op->key));
}

void request_keys(struct pl_service *s, struct work *w, json_t *keys)
{
	const char *key = w->kind == WORK_REQUEST ? key_of(s, w) : NULL;

	if (key)
		json_array_append_new(keys, json_string(key));
}

void request_prefetch(struct pl_turn *turn, struct work **items, size_t count)
{
	json_t *ids = json_array();
	struct pl_rows *rows;
	char *text;

	for (size_t i = 0; i < count; i++) {
		const struct pl_op *op;

		if (items[i]->kind != WORK_REQUEST || !items[i]->id)
			continue;
		op = op_find(turn->service, items[i]->text);
		if (op && !(op->flags & PL_OP_READ) &&
		    json_array_append_new(ids, json_string(items[i]->id)))
			turn_fail(turn, PL_NOMEM); /* or a repeat would be done again */
	}
	turn->known = json_object();
	text = json_array_size(ids) ? pl_json_dump(ids) : NULL;
	if (!turn->known || (json_array_size(ids) && !text))
		turn_fail(turn, PL_NOMEM);
	json_decref(ids);
	if (!text || turn->err) {
		free(text);
		return;
	}
	rows = pl_query(turn, "select id, reply from pl_request where id in PL_LIST($1)", "s",
			text);
	while (pl_rows_next(rows))
		if (json_object_set_new(turn->known, pl_rows_text(rows, 0),
					json_string(pl_rows_text(rows, 1))))
			turn_fail(turn, PL_NOMEM);
	turn_fail(turn, rows ? pl_rows_err(rows) : PL_OK);
	pl_rows_free(rows);
	free(text);
}

static void stage_reply(struct pl_turn *turn, const char *subject, const char *body)
{
	struct staged *st;

	if (!subject)
		return;
	st = turn_stage(turn, STAGED_REPLY);
	if (!st)
		return;
	st->subject = strdup(subject);
	st->body = strdup(body);
	if (!st->subject || !st->body)
		turn_fail(turn, PL_NOMEM);
}

static void remember(struct pl_turn *turn, const char *id, const char *body)
{
	if (!id || !id[0])
		return;
	pl_exec(turn,
		"insert into pl_request (id, at_ms, reply) values ($1, $2, $3) on conflict (id) do nothing",
		"sis", id, steady_ms(turn->service), body);
	turn->service->purge_kept++;
	if (turn->known && json_object_set_new(turn->known, id, json_string(body)))
		turn_fail(turn, PL_NOMEM);
}

static void answer(struct pl_turn *turn, const char *id, const char *reply, bool keep,
		   enum pl_err err, const char *message, json_t *value)
{
	char *body;

	if (err) {
		pl_metric_add(&refused, 1);
		turn->service->defects += err == PL_INTERNAL || err == PL_STORE;
		body = error_body(err, message);
	} else {
		if (!value)
			value = json_object();
		if (value)
			json_object_set_new(value, "v", json_integer(1));
		body = value ? pl_json_dump(value) : NULL;
		if (body && strlen(body) > REPLY_MOST) {
			free(body);
			pl_log(ERROR, "request.reply", NULL,
			       "a reply of more than %d bytes can't be sent", REPLY_MOST);
			err = PL_TOOLARGE;
			body = error_body(
				err, "the answer is larger than a message may be; ask for less");
		}
	}
	json_decref(value);
	if (!body) {
		turn_fail(turn, PL_NOMEM);
		return;
	}
	if (keep && !(err && pl_err_row(err)->retry))
		remember(turn, id, body);
	stage_reply(turn, reply, body);
	free(body);
}

/* With the first answer, if there was one: in the batch's list, or else looked up. */
static bool answer_again(struct pl_turn *turn, const struct work *w)
{
	const char *known = json_string_value(json_object_get(turn->known, w->id));
	struct pl_rows *rows = NULL;

	if (!turn->known) {
		rows = pl_query(turn, "select reply from pl_request where id = $1", "s", w->id);
		if (pl_rows_next(rows))
			known = pl_rows_text(rows, 0);
	}
	if (rows)
		turn_fail(turn, pl_rows_err(rows));
	if (known)
		stage_reply(turn, w->reply, known);
	pl_rows_free(rows);
	return known || turn->err;
}

void request_run(struct pl_turn *turn, struct work *w)
{
	struct pl_service *s = turn->service;
	const struct pl_op *op = op_find(s, w->text);
	bool keep = op && !(op->flags & PL_OP_READ);
	struct pl_held *held = NULL;
	json_t *body = NULL, *reply = NULL;
	enum pl_err err;

	if (keep && w->id && answer_again(turn, w)) {
		pl_metric_add(&repeats, 1);
		return;
	}
	if (w->id)
		HASH_FIND_STR(s->held, w->id, held);
	if (held) { /* still being worked on: answer where it was asked last */
		char *subject = w->reply ? strdup(w->reply) : NULL;

		if (subject) {
			free(held->reply);
			held->reply = subject;
		}
		return;
	}
	pl_metric_add(&requests, 1);
	body = json_incref(w->json);
	err = body ? PL_OK : pl_json_parse(&body, w->body ? w->body : "", w->body_len);
	if (!err && !json_is_object(body))
		err = pl_fail(PL_INVALID, "the body is not a JSON object");
	if (!err && (op->flags & PL_OP_OPENS))
		err = may_open(s);
	else if (!err && (op->flags & PL_OP_FILLS))
		err = may_fill(s);
	if (!err)
		err = op->fn(turn, body, &reply);
	json_decref(body);
	if (turn->err) {
		json_decref(reply);
		return;
	}
	if (err == PL_NOMEM) {
		json_decref(reply);
		turn_fail(turn, err);
		return;
	}
	if (err && turn->writes) {
		pl_log(ERROR, "turn.defect", NULL, "operation %s refused after it wrote: %s",
		       w->text, pl_err_detail(err));
		json_decref(reply);
		turn_fail(turn, PL_INTERNAL);
		return;
	}
	if (turn->held && !err) {
		json_decref(reply);
		return;
	}
	if (err && err == PL_INTERNAL)
		pl_log(ERROR, "request.failed", NULL, "operation=%s: %s", w->text,
		       pl_err_detail(err));
	answer(turn, w->id, w->reply, keep, err, pl_err_detail(err), reply);
}

struct pl_held *pl_hold(struct pl_turn *turn)
{
	struct work *w = turn->work;
	const char *id = w && w->id ? w->id : "";
	const struct pl_op *op = w ? op_find(turn->service, w->text) : NULL;
	struct pl_held *held = calloc(1, sizeof(*held) + strlen(id) + 1);
	struct staged *st;

	if (!held) {
		turn_fail(turn, PL_NOMEM);
		return NULL;
	}
	memcpy(held->id, id, strlen(id) + 1);
	held->remember = op && !(op->flags & PL_OP_READ);
	if (w && w->reply && !(held->reply = strdup(w->reply)))
		turn_fail(turn, PL_NOMEM);
	if (id[0])
		HASH_ADD_KEYPTR(hh, turn->service->held, held->id, strlen(held->id), held);
	turn->held = held;
	st = turn_stage(turn, STAGED_HELD);
	if (st)
		st->held = held;
	else
		held_drop(turn->service, held);
	return st ? held : NULL;
}

void held_drop(struct pl_service *s, struct pl_held *held)
{
	if (!held)
		return;
	if (held->id[0])
		HASH_DEL(s->held, held);
	free(held->reply);
	free(held);
}

static void held_end(struct pl_turn *turn, struct pl_held *held, enum pl_err err,
		     const char *message, json_t *reply)
{
	struct staged *st;

	if (!held) {
		json_decref(reply);
		return;
	}
	answer(turn, held->id, held->reply, held->remember, err, message, reply);
	st = turn_stage(turn, STAGED_HELD_END);
	if (st)
		st->held = held;
}

void pl_reply(struct pl_turn *turn, struct pl_held *held, json_t *reply)
{
	held_end(turn, held, PL_OK, NULL, reply);
}

void pl_reply_error(struct pl_turn *turn, struct pl_held *held, enum pl_err err,
		    const char *message)
{
	held_end(turn, held, err, message, NULL);
}

/*
 * Each five seconds, and each time half as many replies were kept as a purge forgets: so the table
 * shrinks under any load, and no turn gets long. Ids begin with a time, so the oldest are the
 * first, if not exactly.
 */
bool request_wants_purge(const struct pl_service *s)
{
	return mono_ms() >= s->purge_ms || s->purge_kept >= PURGE_EACH / 2;
}

void request_purge(struct pl_turn *turn)
{
	struct pl_service *s = turn->service;

	s->purge_ms = mono_ms() + 5000;
	s->purge_kept = 0;
	pl_exec(turn,
		"delete from pl_request where id in "
		"(select id from (select id, at_ms from pl_request order by id limit $2) as oldest "
		"where at_ms < $1)",
		"ii", steady_ms(s) - REQUEST_KEPT_MS, (int64_t)PURGE_EACH);
}
