/*
 * builtin.c — the operations that every service answers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"
#include "pelago/version.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum pl_err op_ping(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_service *s = turn->service;

	*replyp = json_pack(
		"{s:s, s:s, s:s, s:i, s:b, s:I, s:I, s:b, s:I, s:o, s:i, s:s, s:s, s:I}", "service",
		s->def->name, "version", attribute_version(s), "node", s->node, "pid",
		(int)getpid(), "accepting", s->accepting, "outbox", (json_int_t)s->out_len,
		"incarnation", (json_int_t)s->incarnation, "diskFull", s->disk_low, "settings",
		json_integer_value(json_object_get(s->config, "settings")), "restart",
		attribute_late(s), "level", s->level, "levelWhy", s->level_why, "release",
		pl_version, "defects", (json_int_t)s->defects);
	return PL_OK;
}

/* Writes to the database, so that whoever asks knows that it can. */
static enum pl_err op_probe(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	pl_exec(turn,
		"insert into pl_meta (name, value) values ('probe', $1) "
		"on conflict (name) do update set value = excluded.value",
		"s", turn->service->node);
	*replyp = json_pack("{s:s, s:s}", "service", turn->service->def->name, "node",
			    turn->service->node);
	return PL_OK;
}

static enum pl_err op_heads(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *streams = NULL, *heads = json_object(), *name;
	enum pl_err err = pl_json_array(&streams, body, "streams", 1000, true);
	size_t i;

	if (err) {
		json_decref(heads);
		return err;
	}
	json_array_foreach(streams, i, name)
		if (json_is_string(name)) {
			pl_stream_watch(turn, json_string_value(name));
			json_object_set_new(
				heads, json_string_value(name),
				json_integer(pl_stream_head(turn, json_string_value(name))));
		}
	*replyp = json_pack("{s:o}", "heads", heads);
	return PL_OK;
}

static enum pl_err op_fetch(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	int64_t after = 0, limit = 200;
	const char *stream = NULL;
	enum pl_err err = pl_json_text(&stream, body, "stream", 200, true);

	if (!err)
		err = pl_json_int(&after, body, "after", 0, INT64_MAX, true);
	if (!err)
		err = pl_json_int(&limit, body, "limit", 1, 500, false);
	if (err)
		return err;
	*replyp = json_pack("{s:o, s:I}", "items",
			    stream_frames(turn, stream, after, (int)limit, FETCH_BYTES), "head",
			    (json_int_t)pl_stream_head(turn, stream));
	return PL_OK;
}

static enum pl_err op_events(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *noun = NULL, *key = NULL;
	struct pl_rows *rows;
	int64_t from = 1, oldest = 0;
	json_t *list;
	enum pl_err err = pl_json_text(&noun, body, "noun", 100, true);

	if (!err)
		err = pl_json_text(&key, body, "key", 300, true);
	if (!err)
		err = pl_json_int(&from, body, "from", 1, INT64_MAX, true);
	if (err)
		return err;
	rows = pl_query(
		turn,
		"select min(n) from (select n from pl_outbox_a where noun = $1 and key = $2 "
		"union all select n from pl_outbox_b where noun = $1 and key = $2) as kept",
		"ss", noun, key);
	if (pl_rows_next(rows))
		oldest = pl_rows_int(rows, 0);
	pl_rows_free(rows);
	list = json_array();
	rows = pl_query(
		turn,
		"select n, body from pl_outbox_a where noun = $1 and key = $2 and n >= $3 union all "
		"select n, body from pl_outbox_b where noun = $1 and key = $2 and n >= $3 "
		"order by 1 limit 200",
		"ssi", noun, key, from);
	for (size_t bytes = 0; pl_rows_next(rows);) {
		bytes += strlen(pl_rows_text(rows, 1)) + 1;
		if (bytes > FETCH_BYTES && json_array_size(list) > 0)
			break; /* the rest is asked for next */
		json_array_append_new(list, json_loads(pl_rows_text(rows, 1), 0, NULL));
	}
	pl_rows_free(rows);
	*replyp = json_pack("{s:s, s:s, s:s, s:o, s:I}", "producer", turn->service->def->name,
			    "noun", noun, "key", key, "events", list, "oldest", (json_int_t)oldest);
	return PL_OK;
}

static const struct pl_op builtins[] = {
	{ "ping", op_ping, PL_OP_READ },     { "probe", op_probe, 0 },
	{ "heads", op_heads, PL_OP_READ },   { "fetch", op_fetch, PL_OP_READ },
	{ "events", op_events, PL_OP_READ }, { "snapshot", op_snapshot, PL_OP_READ },
	{ "keys", op_keys, PL_OP_READ },
};

const struct pl_op *builtin_find(const char *name)
{
	for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
		if (strcmp(builtins[i].name, name) == 0)
			return &builtins[i];
	return NULL;
}

void on_metrics(const struct pl_message *m, void *arg)
{
	struct pl_service *s = arg;
	char *text = pl_metric_text(s->def->name);
	struct pl_message answer = { .subject = m->reply,
				     .body = text,
				     .body_len = text ? strlen(text) : 0 };

	if (m->reply && text)
		(void)pl_bus_publish(s->bus, &answer);
	free(text);
}
