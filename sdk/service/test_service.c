/*
 * test_service.c — the services of the crash tests: a producer that turns each request into a row
 * and an event, and a consumer that keeps each event with its place in the order of arrival.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/service.h"

enum { PAD_MOST = 100000 };

/* A wall clock that can be put forward and back (see meson.build). */
static int64_t ahead_ms;
int64_t __real_wall_ms(void);
int64_t __wrap_wall_ms(void);

int64_t __wrap_wall_ms(void)
{
	return __real_wall_ms() + ahead_ms;
}

/* Whether the answer goes to the inbox of the process that is named. */
static enum pl_err op_answers(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	*replyp = json_pack(
		"{s:b}", "answers",
		pl_turn_answers(turn, json_string_value(json_object_get(body, "process"))));
	return PL_OK;
}

/* Puts it, and makes a reply's memory that is older than all others, and is to be forgotten. */
static enum pl_err op_clock(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	(void)replyp;
	ahead_ms = json_integer_value(json_object_get(body, "aheadMs"));
	pl_exec(turn,
		"insert into pl_request (id, at_ms, reply) "
		"select 'old', min(at_ms) - 660000, '{}' from pl_request",
		"");
	return PL_OK;
}

static enum pl_err op_add(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	static char text[PAD_MOST];
	const char *key = NULL;
	struct pl_rows *rows;
	int64_t i = 0, had = 0, pad = 0;
	enum pl_err err = pl_json_text(&key, body, "key", 40, true);

	if (!err)
		err = pl_json_int(&i, body, "i", 1, INT64_MAX, true);
	if (!err)
		err = pl_json_int(&pad, body, "pad", 0, PAD_MOST, false);
	if (err)
		return err;
	rows = pl_query(turn, "select max(i) from made where key = $1", "s", key);
	if (pl_rows_next(rows))
		had = pl_rows_int(rows, 0);
	pl_rows_free(rows);
	if (i != had + 1)
		return pl_fail(PL_STATE, "key %s is at %ld", key, (long)had);
	pl_exec(turn, "insert into made (key, i) values ($1, $2)", "si", key, i);
	memset(text, 'x', sizeof(text));
	pl_emit(turn, "test", "added", key,
		json_pack("{s:I, s:s%}", "i", (json_int_t)i, "pad", text, (size_t)pad));
	*replyp = json_pack("{s:I}", "i", (json_int_t)i);
	return PL_OK;
}

static enum pl_err on_added(struct pl_turn *turn, const struct pl_event *event)
{
	int64_t i = json_integer_value(json_object_get(event->body, "i"));
	struct pl_rows *rows =
		pl_query(turn, "select max(i) from taken where key = $1", "s", event->key);
	int64_t had = 0;

	if (pl_rows_next(rows))
		had = pl_rows_int(rows, 0);
	pl_rows_free(rows);
	pl_exec(turn, "insert into taken (key, i, in_order) values ($1, $2, $3)", "sii", event->key,
		i, (int64_t)(i == had + 1));
	pl_command(turn, "Target.put", event->key,
		   json_pack("{s:s, s:I}", "key", event->key, "i", (json_int_t)i), NULL);
	return PL_OK;
}

/* The other side of commands: doubles and disorder would show as refusals. */
static enum pl_err op_put(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *key = pl_json_get_text(body, "key");

	(void)replyp;
	pl_exec(turn, "insert into put (key, i) values ($1, $2)", "si", key,
		(int64_t)json_integer_value(json_object_get(body, "i")));
	return PL_OK;
}

static enum pl_err op_count(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	static const struct {
		const char *name, *sql;
	} counts[] = {
		{ "made", "select count(*) from made" },
		{ "taken", "select count(*) from taken" },
		{ "disordered", "select count(*) from taken where in_order = 0" },
		{ "put", "select count(*) from put" },
		{ "last", "select coalesce(sum(last), 0) from"
			  " (select max(i) as last from taken group by key) as t" },
		{ "old", "select count(*) from pl_request where id = 'old'" },
		{ "keys", "select count(*) from pl_key" },
	};

	(void)body;
	*replyp = json_object();
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct pl_rows *rows = pl_query(turn, counts[i].sql, "");

		if (pl_rows_next(rows))
			json_object_set_new(*replyp, counts[i].name,
					    json_integer((json_int_t)pl_rows_int(rows, 0)));
		pl_rows_free(rows);
	}
	return PL_OK;
}

/* Each addition is an event: together they are the state, unless the key is said to be gone. */
static enum pl_err made_keys(struct pl_turn *turn, const char *noun, const char *after,
			     int64_t limit, json_t *list)
{
	struct pl_rows *rows =
		pl_query(turn, "select distinct key from made where key > $1 order by key limit $2",
			 "si", after, limit);

	(void)noun;
	while (pl_rows_next(rows))
		json_array_append_new(list, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return PL_OK;
}

static enum pl_err made_state(struct pl_turn *turn, struct pl_snapshot *snapshot)
{
	struct pl_rows *rows =
		pl_query(turn, "select max(is_gone) from made where key = $1", "s", snapshot->key);
	bool is_held = pl_rows_next(rows) && !pl_rows_is_null(rows, 0) && pl_rows_int(rows, 0) == 0;

	pl_rows_free(rows);
	if (!is_held)
		return PL_OK;
	pl_snapshot_held(snapshot);
	rows = pl_query(turn, "select i from made where key = $1 and i > $2 order by i", "si",
			snapshot->key, snapshot->after);
	while (pl_rows_next(rows) &&
	       pl_snapshot_add(snapshot, pl_rows_int(rows, 0), "added", pl_turn_now_ms(turn),
			       json_pack("{s:I}", "i", (json_int_t)pl_rows_int(rows, 0))))
		;
	pl_rows_free(rows);
	return PL_OK;
}

/* A frame more, or with "trim" all frames forgotten. */
static enum pl_err op_frame(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *stream = pl_json_get_text(body, "stream");

	if (json_is_true(json_object_get(body, "trim")))
		pl_stream_trim(turn, stream, pl_stream_head(turn, stream));
	else
		pl_stream_append(turn, stream, json_object(), NULL);
	*replyp = json_pack("{s:I, s:o}", "head", (json_int_t)pl_stream_head(turn, stream), "kept",
			    pl_stream_frames(turn, stream, 0, 10));
	return PL_OK;
}

static const struct pl_migration migrations[] = {
	{ 1, "create table made (key TEXT not null, i BIGINT not null,"
	     " is_gone BIGINT not null default 0, primary key (key, i));"
	     "create table taken (key TEXT not null, i BIGINT not null, in_order BIGINT not null,"
	     " primary key (key, i));"
	     "create table put (key TEXT not null, i BIGINT not null, primary key (key, i));" },
};

static const struct pl_op ops[] = {
	{ "add", op_add, 0 },
	{ "frame", op_frame, 0 },
	{ "put", op_put, 0 },
	{ "count", op_count, PL_OP_READ },
	{ "clock", op_clock, PL_OP_READ },
	{ "answers", op_answers, PL_OP_READ },
	{ 0 },
};
static const struct pl_on_event events[] = { { "test.added", on_added }, { 0 } };

int main(int argc, char **argv)
{
	struct pl_service_def def = { .migrations = migrations,
				      .migrations_count = 1,
				      .ops = ops,
				      .keys = made_keys,
				      .state = made_state };

	static const char *const late[] = { "test", NULL };
	const char *gather = getenv("PELAGO_GATHER_MS");

	if (argc < 2)
		return 2;
	def.name = argv[1]; /* Producer, Consumer or Target */
	if (gather) {
		def.gather_ms = (int)strtol(gather, NULL, 10);
		def.late = late;
	}
	if (strcmp(def.name, "Consumer") == 0)
		def.events = events;
	return pl_service_main(argc - 1, argv + 1, &def);
}
