/*
 * command.c — requests to other services: commands (durable) and asks (not).
 *
 * A command is a row until its answer has been handled; its row's id is the request's id, so the
 * other side does it once. Commands of a lane go one after the other. Both are sent again when
 * nobody is there (each 50 ms), or nobody answers; a command with growing pauses and for ever, an
 * ask for three seconds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LOOK_MS = 10,
	NOBODY_MS = 50,
	NOBODY_MOST_MS = 2000,
	FIRST_MS = 500,
	MOST_MS = 5000,
	EXPIRE_MAX = 50
};

static struct pl_metric waiting = { .name = "commands_waiting",
				    .text = "Commands without an answer",
				    .kind = PL_GAUGE };

void command_free(struct command *c)
{
	if (!c)
		return;
	free(c->operation);
	free(c->body);
	free(c->context);
	free(c);
}

/* Nobody is there: soon again, but all that wait send no more than some 10,000 a second. */
static int64_t nobody_ms(unsigned waiting_count)
{
	int64_t ms = NOBODY_MS + waiting_count / 10;

	return ms < NOBODY_MOST_MS ? ms : NOBODY_MOST_MS;
}

static void send_request(struct pl_service *s, const char *operation, const char *id,
			 const char *kind, const char *body)
{
	char subject[200], reply[160];
	struct pl_message m = {
		.subject = subject, .reply = reply, .id = id, .body = body, .body_len = strlen(body)
	};

	snprintf(subject, sizeof(subject), "svc.%s", operation);
	snprintf(reply, sizeof(reply), "%s.%s.%s", s->inbox, kind, id);
	(void)pl_bus_publish(s->bus, &m);
}

static void command_send(struct pl_service *s, struct command *c)
{
	c->next_ms = mono_ms() + c->pause_ms;
	if (!c->since_ms)
		c->since_ms = mono_ms();
	if (c->pause_ms < MOST_MS)
		c->pause_ms *= 2;
	send_request(s, c->operation, c->id, "cmd", c->body);
}

static struct lane *lane_get(struct pl_service *s, const char *name)
{
	struct lane *lane;

	HASH_FIND_STR(s->lanes, name, lane);
	if (lane)
		return lane;
	lane = calloc(1, sizeof(*lane) + strlen(name) + 1);
	if (!lane)
		return NULL;
	memcpy(lane->name, name, strlen(name) + 1);
	lane->last = &lane->first;
	HASH_ADD_KEYPTR(hh, s->lanes, lane->name, strlen(lane->name), lane);
	return lane;
}

/* After the commit. Without memory for it the process ends: its row brings it back at the next
 * start. */
void command_take(struct pl_service *s, struct command *c, const char *lane_name)
{
	struct lane *lane = lane_get(s, lane_name);

	pl_assert(lane);
	c->lane = lane;
	c->next = NULL;
	c->pause_ms = FIRST_MS;
	*lane->last = c;
	lane->last = &c->next;
	HASH_ADD_KEYPTR(hh, s->commands, c->id, strlen(c->id), c);
	pl_metric_set(&waiting, HASH_COUNT(s->commands));
	if (lane->first == c)
		command_send(s, c);
}

void command_forget(struct pl_service *s, const char *id)
{
	struct command *c;
	struct lane *lane;

	HASH_FIND_STR(s->commands, id, c);
	if (!c)
		return;
	HASH_DEL(s->commands, c);
	pl_metric_set(&waiting, HASH_COUNT(s->commands));
	lane = c->lane;
	pl_assert(lane->first == c); /* only the first of a lane is sent, so only it is answered */
	lane->first = c->next;
	if (lane->first) {
		command_send(s, lane->first);
	} else {
		HASH_DEL(s->lanes, lane);
		free(lane);
	}
	command_free(c);
}

void command_failed(struct pl_service *s, const char *id)
{
	struct command *c;

	HASH_FIND_STR(s->commands, id, c);
	if (c) {
		c->next_ms = mono_ms() + FIRST_MS;
		c->pause_ms = FIRST_MS;
	}
}

enum pl_err command_load(struct pl_service *s)
{
	struct pl_rows *rows = NULL;
	enum pl_err err = pl_store_query(
		&rows, s->store,
		"select id, operation, lane, body, context from pl_command order by id", "");

	while (!err && pl_rows_next(rows)) {
		struct command *c = calloc(1, sizeof(*c));

		if (c) {
			snprintf(c->id, sizeof(c->id), "%s", pl_rows_text(rows, 0));
			c->operation = strdup(pl_rows_text(rows, 1));
			c->body = strdup(pl_rows_text(rows, 3));
			c->context = strdup(pl_rows_text(rows, 4));
			id_after(c->id); /* the clock may have been put back since */
		}
		if (!c || !c->operation || !c->body || !c->context) {
			command_free(c);
			err = PL_NOMEM;
			break;
		}
		command_take(s, c, pl_rows_text(rows, 2));
	}
	if (!err)
		err = pl_rows_err(rows);
	pl_rows_free(rows);
	return err;
}

static char *with_version(json_t *body)
{
	char *text;

	if (!body)
		body = json_object();
	if (!body)
		return NULL;
	json_object_set_new(body, "v", json_integer(1));
	text = pl_json_dump(body);
	json_decref(body);
	return text;
}

void pl_command(struct pl_turn *turn, const char *operation, const char *lane, json_t *body,
		json_t *context)
{
	struct command *c = calloc(1, sizeof(*c));
	struct staged *st = c ? turn_stage(turn, STAGED_COMMAND) : NULL;
	char name[400];

	if (!st) {
		json_decref(context);
		json_decref(body);
		command_free(c);
		turn_fail(turn, PL_NOMEM);
		return;
	}
	st->command = c;
	pl_id(c->id);
	c->operation = strdup(operation);
	c->body = with_version(body);
	c->context = context ? pl_json_dump(context) : strdup("{}");
	json_decref(context);
	snprintf(name, sizeof(name), "%.*s %s", (int)strcspn(operation, "."), operation, lane);
	st->lane = strdup(name);
	if (!c->operation || !c->body || !c->context || !st->lane)
		turn_fail(turn, PL_NOMEM);
	(void)too_large(turn, operation, c->body);
	pl_exec(turn,
		"insert into pl_command (id, operation, lane, body, context) values ($1, $2, $3, $4, $5)",
		"sssss", c->id, operation, name, c->body, c->context);
}

void on_answer(const struct pl_message *m, void *arg)
{
	struct pl_service *s = arg;
	const char *dot = strrchr(m->subject, '.');
	struct command *c = NULL;
	struct work *w;

	if (dot)
		HASH_FIND_STR(s->commands, dot + 1, c);
	if (!c || c->next_ms == INT64_MAX)
		return; /* answered before */
	if (m->status == 503) {
		c->next_ms = mono_ms() + nobody_ms(HASH_COUNT(s->commands));
		c->pause_ms = FIRST_MS;
		return;
	}
	w = work_new(WORK_ANSWER, "", c->id, NULL, m->body, m->body_len);
	if (!w)
		return;
	c->next_ms = INT64_MAX;
	queue_put(&s->queue, w);
}

static enum pl_err answer_error(const json_t *body, const char **messagep)
{
	const json_t *error = json_object_get(body, "error");
	const char *name = json_string_value(json_object_get(error, "name"));

	if (!error)
		return PL_OK;
	*messagep = json_string_value(json_object_get(error, "message"));
	for (int i = 1; name && i < PL_ERR_COUNT; i++)
		if (strcmp(pl_err_row((enum pl_err)i)->name, name) == 0)
			return (enum pl_err)i;
	return pl_err_from_wire(json_string_value(json_object_get(error, "code")));
}

/* Hands an answer to its handler and forgets the command, both with the turn. */
static void answer_give(struct pl_turn *turn, const struct command *c, struct pl_answer *answer,
			const json_t *body)
{
	const struct pl_on_answer *h;
	json_t *context = NULL;
	struct staged *st;
	enum pl_err err;

	if (pl_json_parse(&context, c->context, strlen(c->context)))
		pl_log(ERROR, "command.context", NULL, "operation=%s: %s", c->operation,
		       pl_err_detail(PL_INVALID));
	answer->operation = c->operation;
	answer->body = body;
	answer->context = context ? context : json_object();
	for (h = turn->service->def->answers; h && h->operation; h++)
		if (strcmp(h->operation, c->operation) == 0 || strcmp(h->operation, "*") == 0)
			break;
	if (h && h->operation && !turn->err) {
		err = h->fn(turn, answer);
		if (err && !turn->err) {
			pl_log(ERROR, "command.answer", NULL, "operation=%s: %s", c->operation,
			       pl_err_detail(err));
			if (turn->writes)
				turn_fail(turn, PL_INTERNAL);
		}
	} else if (answer->err) {
		pl_log(WARN, "command.refused", NULL, "operation=%s error=%s: %s", c->operation,
		       pl_err_row(answer->err)->name, answer->message);
	}
	json_decref(answer->context);
	pl_exec(turn, "delete from pl_command where id = $1", "s", c->id);
	st = turn_stage(turn, STAGED_DONE);
	if (st && !(st->id = strdup(c->id)))
		turn_fail(turn, PL_NOMEM);
}

void command_run(struct pl_turn *turn, struct work *w)
{
	struct pl_service *s = turn->service;
	struct pl_answer answer = { .message = "" };
	json_t *body = NULL;
	struct command *c;

	HASH_FIND_STR(s->commands, w->id, c);
	if (!c)
		return;
	answer.err = pl_json_parse(&body, w->body ? w->body : "", w->body_len);
	if (answer.err)
		answer.message = "the answer can't be read";
	else
		answer.err = answer_error(body, &answer.message);
	if (answer.err && pl_err_row(answer.err)->retry) {
		command_failed(s, w->id);
		json_decref(body);
		return;
	}
	answer_give(turn, c, &answer, body);
	json_decref(body);
}

void command_grace(struct pl_service *s)
{
	struct lane *lane, *tmp;

	HASH_ITER(hh, s->lanes, lane, tmp)
		lane->first->since_ms = mono_ms();
}

/* The first of a lane, if nothing has been heard of it for so long. */
static struct command *silent(const struct lane *lane, int64_t before_ms)
{
	struct command *c = lane->first;

	return c->since_ms && c->since_ms <= before_ms && c->next_ms != INT64_MAX ? c : NULL;
}

/* A turn may have several ticks. */
static bool is_given(const struct pl_turn *turn, const struct command *c)
{
	for (const struct staged *st = turn->staged; st; st = st->next)
		if (st->kind == STAGED_DONE && st->id && strcmp(st->id, c->id) == 0)
			return true;
	return false;
}

static bool expire(struct pl_turn *turn, const struct command *c, int64_t age_ms,
		   pl_command_is_fn *is_meant)
{
	char message[200];
	struct pl_answer answer = { .err = PL_TIMEOUT, .message = message };
	json_t *context = json_loads(c->context, 0, NULL);
	bool is = is_meant(c->operation, context) && !is_given(turn, c);

	json_decref(context);
	if (is) {
		snprintf(message, sizeof(message), "%s was not answered for %ld s", c->operation,
			 (long)(age_ms / 1000));
		pl_log(WARN, "command.expired", NULL, "%s", message);
		answer_give(turn, c, &answer, NULL);
	}
	return is;
}

size_t pl_command_expire(struct pl_turn *turn, int64_t age_ms, pl_command_is_fn *is_meant)
{
	struct pl_service *s = turn->service;
	struct lane *lane, *tmp;
	size_t n = 0;

	if (pl_bus_state(s->bus) != PL_BUS_UP)
		return 0;
	HASH_ITER(hh, s->lanes, lane, tmp) {
		struct command *c = silent(lane, mono_ms() - age_ms);

		if (c && n < EXPIRE_MAX)
			n += expire(turn, c, age_ms, is_meant);
	}
	return n;
}

/* ---- asks ---- */

void pl_ask(struct pl_turn *turn, const char *operation, json_t *body, pl_answer_fn *fn,
	    struct pl_held *held, json_t *context)
{
	struct ask *ask = calloc(1, sizeof(*ask));
	struct staged *st = ask ? turn_stage(turn, STAGED_ASK) : NULL;

	if (!st) {
		free(ask);
		json_decref(body);
		json_decref(context);
		turn_fail(turn, PL_NOMEM);
		return;
	}
	st->ask = ask;
	pl_id(ask->id);
	ask->operation = strdup(operation);
	ask->body = with_version(body);
	ask->fn = fn;
	ask->held = held;
	ask->context = context ? context : json_object();
	if (!ask->operation || !ask->body || !ask->context)
		turn_fail(turn, PL_NOMEM);
}

void ask_free(struct ask *ask)
{
	if (!ask)
		return;
	free(ask->operation);
	free(ask->body);
	free(ask->message);
	json_decref(ask->context);
	json_decref(ask->answer);
	free(ask);
}

/* Its continuation can't run: whoever waits behind it is told. */
void ask_refuse(struct pl_service *s, struct ask *ask, enum pl_err err)
{
	if (ask->held) {
		struct work w = { .reply = ask->held->reply };

		request_refuse(s, &w, err, NULL);
		held_drop(s, ask->held);
	}
	ask_free(ask);
}

void ask_take(struct pl_service *s, struct ask *ask)
{
	ask->deadline_ms = mono_ms() + ASK_MS;
	ask->next_ms = mono_ms() + 1000;
	HASH_ADD_KEYPTR(hh, s->asks, ask->id, strlen(ask->id), ask);
	send_request(s, ask->operation, ask->id, "ask", ask->body);
}

static void ask_done(struct pl_service *s, struct ask *ask, enum pl_err err, const char *message)
{
	struct work *w = work_new(WORK_ASKED, "", NULL, NULL, NULL, 0);

	if (!w)
		return; /* at the next beat */
	ask->err = err;
	if (message && !ask->message)
		ask->message = strdup(message);
	HASH_DEL(s->asks, ask);
	w->ask = ask;
	queue_put(&s->queue, w);
}

void on_asked(const struct pl_message *m, void *arg)
{
	struct pl_service *s = arg;
	const char *dot = strrchr(m->subject, '.');
	const char *message = NULL;
	struct ask *ask = NULL;
	enum pl_err err;

	if (dot)
		HASH_FIND_STR(s->asks, dot + 1, ask);
	if (!ask)
		return;
	if (m->status == 503) {
		ask->next_ms = mono_ms() + nobody_ms(HASH_COUNT(s->asks));
		return;
	}
	json_decref(ask->answer);
	ask->answer = NULL;
	err = pl_json_parse(&ask->answer, m->body ? m->body : "", m->body_len);
	if (!err)
		err = answer_error(ask->answer, &message);
	ask_done(s, ask, err, message);
}

void ask_run(struct pl_turn *turn, struct work *w)
{
	struct ask *ask = w->ask;
	struct pl_answer answer = { .operation = ask->operation,
				    .err = ask->err,
				    .message = ask->message ? ask->message
							    : pl_err_row(ask->err)->text,
				    .body = ask->answer,
				    .context = ask->context,
				    .held = ask->held };
	enum pl_err err = ask->fn(turn, &answer);

	struct staged *st;

	if (!turn->err && err && turn->writes)
		turn_fail(turn, PL_INTERNAL);
	if (turn->err)
		return; /* it runs again */
	if (err && ask->held)
		pl_reply_error(turn, ask->held, err, pl_err_detail(err));
	st = turn_stage(turn, STAGED_ASK_END);
	if (st)
		st->ask = ask;
}

void command_beat(struct pl_service *s)
{
	int64_t now = mono_ms();
	struct lane *lane, *tmp;
	struct ask *ask, *next;

	if (now - s->command_ms < LOOK_MS)
		return; /* there may be many */
	s->command_ms = now;
	if (pl_bus_state(s->bus) == PL_BUS_UP)
		HASH_ITER(hh, s->lanes, lane, tmp)
			if (lane->first->next_ms <= now)
				command_send(s, lane->first);
	HASH_ITER(hh, s->asks, ask, next) {
		if (now >= ask->deadline_ms) {
			ask_done(s, ask, PL_TIMEOUT, NULL);
		} else if (now >= ask->next_ms) {
			ask->next_ms = now + 1000;
			send_request(s, ask->operation, ask->id, "ask", ask->body);
		}
	}
}
