/*
 * main.c — Trial, a service whose handlers do what handlers shouldn't, for tests/turn.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "pelago/json.h"
#include "pelago/service.h"

static enum pl_err key_of(const char **keyp, const json_t *body)
{
	return pl_json_text(keyp, body, "key", 60, true);
}

static enum pl_err op_put(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *key = NULL;
	enum pl_err err = key_of(&key, body);

	if (err)
		return err;
	pl_exec(turn,
		"insert into thing (key, n) values ($1, 1) on conflict (key) do update set n = thing.n + 1",
		"s", key);
	pl_emit(turn, "trial", "put", key, json_pack("{s:s}", "key", key));
	*replyp = json_pack("{s:s}", "put", key);
	return PL_OK;
}

/* Refuses after it has written: a defect that must not cost the others of its batch. */
static enum pl_err op_late_refusal(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	(void)op_put(turn, body, replyp);
	return pl_fail(PL_STATE, "too late to refuse");
}

static enum pl_err op_broken(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	(void)body;
	(void)replyp;
	pl_exec(turn, "insert into thing (key, n) values ('same', null)", "");
	return PL_OK;
}

static enum pl_err op_count(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_rows *rows = pl_query(turn, "select count(*), sum(n) from thing", "");
	int64_t count = 0, sum = 0;

	(void)body;
	if (pl_rows_next(rows)) {
		count = pl_rows_int(rows, 0);
		sum = pl_rows_int(rows, 1);
	}
	pl_rows_free(rows);
	rows = pl_query(turn, "select count(*) from pl_parked", "");
	*replyp = json_pack("{s:I, s:I, s:I}", "count", (json_int_t)count, "sum", (json_int_t)sum,
			    "parked", (json_int_t)(pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0));
	pl_rows_free(rows);
	return PL_OK;
}

static enum pl_err on_other(struct pl_turn *turn, const struct pl_answer *answer)
{
	if (answer->err) {
		pl_reply_error(turn, answer->held, answer->err, answer->message);
		return PL_OK;
	}
	pl_exec(turn,
		"insert into thing (key, n) values ($1, 1) on conflict (key) do update set n = thing.n + 1",
		"s", pl_json_get_text(answer->context, "key"));
	pl_reply(turn, answer->held,
		 json_pack("{s:s}", "said", pl_json_get_text(answer->body, "word")));
	return PL_OK;
}

static enum pl_err op_ask(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *key = NULL;
	enum pl_err err = key_of(&key, body);

	(void)replyp;
	if (!err)
		pl_ask(turn, "Other.word", json_object(), on_other, pl_hold(turn),
		       json_pack("{s:s}", "key", key));
	return err;
}

static enum pl_err op_order(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	(void)replyp;
	for (int i = 0; i < 5; i++)
		pl_command(turn, "Other.do", "lane",
			   json_pack("{s:i, s:s}", "i", i, "key", pl_json_get_text(body, "key")),
			   NULL);
	return PL_OK;
}

static enum pl_err op_later(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *key = NULL;
	int64_t in_ms = 0;
	enum pl_timer_clock clock = json_is_true(json_object_get(body, "human")) ? PL_TIMER_HUMAN
				    : json_is_true(json_object_get(body, "elapsed"))
					    ? PL_TIMER_ELAPSED
					    : PL_TIMER_CALENDAR;
	enum pl_err err = key_of(&key, body);

	(void)replyp;
	if (!err)
		err = pl_json_int(&in_ms, body, "inMs", 0, 100000, true);
	if (!err)
		pl_timer_set(turn, "put", key, clock, in_ms, NULL);
	return err;
}

static enum pl_err op_never(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	(void)replyp;
	pl_timer_cancel(turn, "put", pl_json_get_text(body, "key"));
	return PL_OK;
}

/* Cancels a timer, puts another off, sets a third, and is rolled back. */
static enum pl_err op_muddle(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	pl_timer_cancel(turn, "put", "cancelled");
	pl_timer_set(turn, "put", "put off", PL_TIMER_ELAPSED, 100000, NULL);
	pl_timer_set(turn, "put", "new", PL_TIMER_ELAPSED, 0, NULL);
	return op_broken(turn, body, replyp);
}

static enum pl_err on_put_timer(struct pl_turn *turn, const char *key, const json_t *body)
{
	json_t *put = json_pack("{s:s}", "key", key), *reply = NULL;
	enum pl_err err = op_put(turn, put, &reply);

	json_decref(put);
	json_decref(reply);
	if (body && strcmp(key, "poison") == 0)
		return pl_fail(PL_INVALID, "poison");
	return err;
}

/* An event, a command or a frame that no bus takes. */
static enum pl_err op_large(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	static char large[1100001];
	const char *what = pl_json_get_text(body, "key");

	(void)replyp;
	memset(large, 'x', sizeof(large) - 1);
	if (strcmp(what, "event") == 0)
		pl_emit(turn, "trial", "large", "large", json_pack("{s:s}", "text", large));
	else if (strcmp(what, "command") == 0)
		pl_command(turn, "Other.do", "lane", json_pack("{s:s}", "text", large), NULL);
	else
		pl_stream_append(turn, "contact.large", json_pack("{s:s}", "text", large), NULL);
	return PL_OK;
}

static enum pl_err op_frame(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	int64_t seq = pl_stream_append(turn, pl_json_get_text(body, "stream"),
				       json_pack("{s:s}", "type", "note"), NULL);

	*replyp = json_pack("{s:I}", "seq", (json_int_t)seq);
	return PL_OK;
}

/* "ok" is kept; "refuse" is refused; "poison" fails after a write. */
static enum pl_err on_given(struct pl_turn *turn, const struct pl_event *event)
{
	const char *what = pl_json_get_text(event->body, "what");

	if (strcmp(what, "refuse") == 0)
		return pl_fail(PL_INVALID, "refused");
	pl_exec(turn,
		"insert into thing (key, n) values ($1, 1) on conflict (key) do update set n = thing.n + 1",
		"s", event->key);
	return strcmp(what, "poison") == 0 ? pl_fail(PL_INVALID, "poison") : PL_OK;
}

static const struct pl_migration migrations[] = {
	{ 1, "create table thing (key TEXT primary key, n BIGINT not null);"
	     "create unique index thing_n on thing (key, n)" },
	{ 2, "create table strict (key TEXT not null); drop table strict;" },
};
static const struct pl_op ops[] = { { "put", op_put, 0, "key" },
				    { "open", op_put, PL_OP_OPENS },
				    { "late-refusal", op_late_refusal, 0 },
				    { "broken", op_broken, 0 },
				    { "count", op_count, PL_OP_READ },
				    { "ask", op_ask, 0 },
				    { "order", op_order, 0 },
				    { "later", op_later, 0 },
				    { "never", op_never, 0 },
				    { "muddle", op_muddle, 0 },
				    { "frame", op_frame, 0 },
				    { "large", op_large, 0 },
				    { 0 } };
static const struct pl_on_event events[] = { { "gift.given", on_given }, { 0 } };
static const struct pl_on_timer timers[] = { { "put", on_put_timer }, { 0 } };

int main(int argc, char **argv)
{
	static const struct pl_service_def def = { .name = "Trial",
						   .migrations = migrations,
						   .migrations_count = 2,
						   .ops = ops,
						   .events = events,
						   .timers = timers };

	return pl_service_main(argc, argv, &def);
}
