/*
 * stream.c — numbered frames for pages, and what may be lost.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum pl_err pl_stream_name(char stream[PL_STREAM_SIZE], const char *kind, const char *id)
{
	size_t len = (size_t)snprintf(stream, PL_STREAM_SIZE, "%s.", kind);

	for (const char *c = id; *c; c++) {
		bool is_plain = isalnum((unsigned char)*c) || strchr("-_@+", *c);

		if (len + 4 > PL_STREAM_SIZE)
			return pl_fail(PL_INVALID, "%s: the name is too long", kind);
		len += (size_t)snprintf(stream + len, PL_STREAM_SIZE - len,
					is_plain ? "%c" : "%%%02X", (unsigned char)*c);
	}
	return PL_OK;
}

/*
 * A stream's head is the number of its last frame. Its row in pl_stream is written with its first
 * frame, and when frames are forgotten: then it may be the only one that knows.
 */
static int64_t head_of_trimmed(struct pl_turn *turn, const char *stream)
{
	struct pl_rows *rows =
		pl_query(turn, "select head from pl_stream where stream = $1", "s", stream);
	int64_t head = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return head;
}

int64_t pl_stream_head(struct pl_turn *turn, const char *stream)
{
	struct pl_service *s = turn->service;
	struct count *known = count_find(&s->heads, stream);
	struct pl_rows *rows;
	const char *dot;
	int64_t head = 0;

	if (known)
		return known->n;
	dot = strchr(stream, '.');
	if (dot && is_fresh(turn, dot + 1))
		return 0;
	rows = pl_query(turn,
			"select seq from pl_frame where stream = $1 order by seq desc limit 1", "s",
			stream);
	if (pl_rows_next(rows))
		head = pl_rows_int(rows, 0);
	pl_rows_free(rows);
	if (!head)
		head = head_of_trimmed(turn, stream);
	if (!turn->err)
		count_put(&s->heads, stream, head);
	return head;
}

static void stage_push(struct pl_turn *turn, const char *stream, json_t *envelope)
{
	struct staged *st = turn_stage(turn, STAGED_PUSH);

	if (!st || !envelope) {
		turn_fail(turn, PL_NOMEM);
		json_decref(envelope);
		return;
	}
	if (asprintf(&st->subject, "usr.%s", stream) < 0)
		st->subject = NULL;
	json_object_set_new(envelope, "v", json_integer(1));
	json_object_set_new(envelope, "stream", json_string(stream));
	st->body = pl_json_dump(envelope);
	if (!st->subject || !st->body)
		turn_fail(turn, PL_NOMEM);
	json_decref(envelope);
}

static void keep_head(struct pl_turn *turn, const char *stream, int64_t head)
{
	pl_exec(turn,
		"insert into pl_stream (stream, head) values ($1, $2) "
		"on conflict (stream) do update set head = excluded.head",
		"si", stream, head);
}

int64_t pl_stream_append(struct pl_turn *turn, const char *stream, json_t *frame,
			 json_t *directives)
{
	int64_t seq = pl_stream_head(turn, stream) + 1;
	json_t *envelope = directives ? directives : json_object();
	char *text;

	if (!frame || !envelope) {
		turn_fail(turn, PL_NOMEM);
		json_decref(frame);
		json_decref(envelope);
		return seq;
	}
	json_object_set_new(frame, "seq", json_integer(seq));
	json_object_set_new(envelope, "seq", json_integer(seq));
	json_object_set_new(envelope, "frame", frame);
	text = pl_json_dump(envelope);
	if (!text)
		turn_fail(turn, PL_NOMEM);
	(void)too_large(turn, stream, text);
	count_put(&turn->service->heads, stream, seq);
	if (seq == 1)
		keep_head(turn, stream, seq);
	pl_exec(turn, "insert into pl_frame (stream, seq, body) values ($1, $2, $3)", "sis", stream,
		seq, text);
	free(text);
	stage_push(turn, stream, envelope);
	return seq;
}

json_t *stream_frames(struct pl_turn *turn, const char *stream, int64_t after, int limit,
		      size_t most_bytes)
{
	json_t *list = json_array();
	struct pl_rows *rows = pl_query(
		turn,
		"select body from pl_frame where stream = $1 and seq > $2 order by seq limit $3",
		"sii", stream, after, (int64_t)limit);

	for (size_t bytes = 0; pl_rows_next(rows);) {
		bytes += strlen(pl_rows_text(rows, 0)) + 1;
		if (bytes > most_bytes && json_array_size(list) > 0)
			break;
		json_array_append_new(list, json_loads(pl_rows_text(rows, 0), 0, NULL));
	}
	pl_rows_free(rows);
	return list;
}

json_t *pl_stream_frames(struct pl_turn *turn, const char *stream, int64_t after, int limit)
{
	return stream_frames(turn, stream, after, limit, SIZE_MAX);
}

void pl_stream_trim(struct pl_turn *turn, const char *stream, int64_t upto)
{
	keep_head(turn, stream, pl_stream_head(turn, stream));
	pl_exec(turn, "delete from pl_frame where stream = $1 and seq <= $2", "si", stream, upto);
}

void pl_stream_drop(struct pl_turn *turn, const char *stream)
{
	struct count *known;

	HASH_FIND_STR(turn->service->heads, stream, known);
	if (known)
		known->n = 0;
	HASH_FIND_STR(turn->service->watched, stream, known);
	if (known) {
		HASH_DEL(turn->service->watched, known);
		free(known);
	}
	pl_exec(turn, "delete from pl_frame where stream = $1", "s", stream);
	pl_exec(turn, "delete from pl_stream where stream = $1", "s", stream);
}

void pl_push(struct pl_turn *turn, const char *stream, json_t *frame)
{
	stage_push(turn, stream, json_pack("{s:o}", "frame", frame));
}

void pl_stream_watch(struct pl_turn *turn, const char *stream)
{
	struct pl_service *s = turn->service;
	const char *kind = s->def->watched_kind;

	if (kind && strncmp(stream, kind, strlen(kind)) == 0 && stream[strlen(kind)] == '.')
		count_put_most(&s->watched, stream, mono_ms(), WATCHED_ITEMS);
}

int64_t pl_stream_unwatched_ms(struct pl_turn *turn, const char *stream)
{
	struct pl_service *s = turn->service;
	int64_t since_ms = s->watched_since_ms;
	struct count *asked;

	HASH_FIND_STR(s->watched, stream, asked);
	if (asked && asked->n > since_ms)
		since_ms = asked->n;
	return mono_ms() - since_ms;
}
