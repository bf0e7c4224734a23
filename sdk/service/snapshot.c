/*
 * snapshot.c — the state that is left of events which neither the log nor the outbox has any more.
 *
 * Told as events under their own numbers: so whoever asks takes what it lacks and nothing else, in
 * pages, and goes on after a crash where it was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_EVENTS = 200, KEYS_MOST = 500, ENVELOPE_BYTES = 80 };

void pl_snapshot_held(struct pl_snapshot *snapshot)
{
	snapshot->is_held = true;
}

bool pl_snapshot_add(struct pl_snapshot *snapshot, int64_t n, const char *verb, int64_t at_ms,
		     json_t *body)
{
	size_t bytes;

	snapshot->is_held = true;
	if (n <= snapshot->last || snapshot->is_full) { /* last: at first what is known */
		json_decref(body);
		return !snapshot->is_full;
	}
	bytes = (body ? json_dumpb(body, NULL, 0, JSON_COMPACT) : 2) + ENVELOPE_BYTES;
	if (json_array_size(snapshot->events) > 0 &&
	    (snapshot->bytes + bytes > FETCH_BYTES ||
	     json_array_size(snapshot->events) >= PAGE_EVENTS)) {
		snapshot->is_full = true;
		json_decref(body);
		return false;
	}
	snapshot->bytes += bytes;
	snapshot->last = n;
	json_array_append_new(snapshot->events, json_pack("{s:s, s:I, s:I, s:o}", "verb", verb, "n",
							  (json_int_t)n, "atMs", (json_int_t)at_ms,
							  "body", body ? body : json_object()));
	return true;
}

static int64_t number_of(struct pl_turn *turn, const char *noun, const char *key)
{
	struct pl_rows *rows = pl_query(turn, "select n from pl_key where noun = $1 and key = $2",
					"ss", noun, key);
	int64_t n = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return n;
}

/* {noun, key, after} → {producer, noun, key, after, n, held, events: [{verb, n, atMs, body}…],
 * more} */
enum pl_err op_snapshot(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const struct pl_service_def *def = turn->service->def;
	struct pl_snapshot snapshot = { 0 };
	enum pl_err err = pl_json_text(&snapshot.noun, body, "noun", 100, true);

	if (!err)
		err = pl_json_text(&snapshot.key, body, "key", 300, true);
	if (!err)
		err = pl_json_int(&snapshot.after, body, "after", 0, INT64_MAX, false);
	if (err)
		return err;
	snapshot.last = snapshot.after;
	snapshot.n = number_of(turn, snapshot.noun, snapshot.key);
	snapshot.events = json_array();
	if (snapshot.n > 0 && def->state)
		err = def->state(turn, &snapshot);
	if (err) {
		json_decref(snapshot.events);
		return err;
	}
	*replyp = json_pack("{s:s, s:s, s:s, s:I, s:I, s:b, s:o, s:b}", "producer", def->name,
			    "noun", snapshot.noun, "key", snapshot.key, "after",
			    (json_int_t)snapshot.after, "n", (json_int_t)snapshot.n, "held",
			    snapshot.is_held, "events", snapshot.events, "more", snapshot.is_full);
	return *replyp ? PL_OK : PL_NOMEM;
}

/* [{key, n}…] of keys, in their order; one that never had an event is left out. */
static json_t *with_numbers(struct pl_turn *turn, const char *noun, const json_t *keys)
{
	json_t *numbers = json_object(), *list = json_array(), *key, *n;
	char *text = pl_json_dump(keys);
	struct pl_rows *rows =
		pl_query(turn, "select key, n from pl_key where noun = $1 and key in PL_LIST($2)",
			 "ss", noun, text ? text : "[]");
	size_t i;

	while (pl_rows_next(rows))
		json_object_set_new(numbers, pl_rows_text(rows, 0),
				    json_integer(pl_rows_int(rows, 1)));
	pl_rows_free(rows);
	json_array_foreach(keys, i, key) {
		n = json_object_get(numbers, json_string_value(key));
		if (n)
			json_array_append_new(list, json_pack("{s:O, s:O}", "key", key, "n", n));
	}
	json_decref(numbers);
	free(text);
	return list;
}

/* {noun, after, limit} → {producer, noun, after, keys: [{key, n}…], next: KEY｜null} */
enum pl_err op_keys(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const struct pl_service_def *def = turn->service->def;
	const char *noun = NULL, *after = NULL;
	int64_t limit = 100;
	json_t *keys, *next;
	enum pl_err err = pl_json_text(&noun, body, "noun", 100, true);

	if (!err)
		err = pl_json_text(&after, body, "after", 300, false);
	if (!err)
		err = pl_json_int(&limit, body, "limit", 1, KEYS_MOST, false);
	if (err)
		return err;
	if (!after)
		after = "";
	keys = json_array();
	if (def->keys)
		err = def->keys(turn, noun, after, limit, keys);
	if (!err) {
		next = json_array_size(keys) < (size_t)limit
			       ? json_null()
			       : json_incref(json_array_get(keys, json_array_size(keys) - 1));
		*replyp = json_pack("{s:s, s:s, s:s, s:o, s:o}", "producer", def->name, "noun",
				    noun, "after", after, "keys", with_numbers(turn, noun, keys),
				    "next", next);
	}
	json_decref(keys);
	return err;
}
