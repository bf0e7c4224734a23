/*
 * retire.c — numbers of keys that have had their last event: a contact's, once nothing of it is
 * held any more.
 *
 * A row of pl_key is forgotten when its key is an id (pl_id) of longer ago than the log reaches,
 * the outbox has none of its events, and the service could tell nothing more of it: a reader that
 * lacked some would get as little with the row as without.
 *
 * What must never happen is that a key gets a number again, as readers would take the event for a
 * repeat. So with the rows goes, in one transaction, a note of the highest key and of the highest
 * number among them. Should such a key have an event after all, it gets a higher number than any of
 * them had, and a reader finds a gap with nothing in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <stdlib.h>
#include <string.h>

enum { KEYS_EACH = 100, ID_CHARS = 26, TIME_CHARS = 10 };

/* When an id was made (Crockford's base 32, ULID specification); -1: it is none. */
static int64_t id_ms(const char *key)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	int64_t ms = 0;

	if (strlen(key) != ID_CHARS || strspn(key, digits) != ID_CHARS || key[0] > '7')
		return -1;
	for (int i = 0; i < TIME_CHARS; i++)
		ms = ms * 32 + (strchr(digits, key[i]) - digits);
	return ms;
}

enum pl_err retire_load(struct pl_service *s)
{
	struct pl_rows *rows = NULL;
	enum pl_err err = pl_store_query(&rows, s->store,
					 "select name, value from pl_meta where name in "
					 "('retired.key', 'retired.n')",
					 "");

	s->retired_key[0] = '\0';
	s->retired_n = 0;
	while (!err && pl_rows_next(rows)) {
		const char *value = pl_rows_text(rows, 1);

		if (strcmp(pl_rows_text(rows, 0), "retired.n") == 0)
			s->retired_n = strtoll(value, NULL, 10);
		else
			snprintf(s->retired_key, sizeof(s->retired_key), "%s", value);
	}
	if (!err)
		err = pl_rows_err(rows);
	pl_rows_free(rows);
	return err;
}

int64_t retired_number(const struct pl_service *s, const char *key)
{
	return strcmp(key, s->retired_key) <= 0 && id_ms(key) >= 0 ? s->retired_n : 0;
}

static bool is_in_outbox(struct pl_turn *turn, const char *noun, const char *key)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select n from pl_outbox_a where noun = $1 and key = $2 "
			 "union all "
			 "select n from pl_outbox_b where noun = $1 and key = $2 limit 1",
			 "ss", noun, key);
	bool is = pl_rows_next(rows);

	pl_rows_free(rows);
	return is;
}

static bool could_tell(struct pl_turn *turn, const char *noun, const char *key, int64_t n)
{
	struct pl_snapshot snapshot = { .noun = noun, .key = key, .n = n, .after = n, .last = n };

	snapshot.events = json_array();
	if (turn->service->def->state(turn, &snapshot))
		snapshot.is_held = true;
	json_decref(snapshot.events);
	return snapshot.is_held;
}

static void retire(struct pl_turn *turn, const char *noun, const char *key, int64_t n)
{
	struct pl_service *s = turn->service;

	pl_exec(turn, "delete from pl_key where noun = $1 and key = $2", "ss", noun, key);
	if (n > s->retired_n)
		s->retired_n = n;
	if (strcmp(key, s->retired_key) > 0)
		snprintf(s->retired_key, sizeof(s->retired_key), "%s", key);
}

static void store(struct pl_turn *turn)
{
	char number[24];

	snprintf(number, sizeof(number), "%ld", (long)turn->service->retired_n);
	pl_exec(turn,
		"insert into pl_meta (name, value) values ('retired.key', $1), ('retired.n', $2) "
		"on conflict (name) do update set value = excluded.value",
		"ss", turn->service->retired_key, number);
}

/* The next rows in the order of their keys, [{noun, key, n}…]; after the last from the beginning.
 */
static json_t *next_rows(struct pl_turn *turn)
{
	struct pl_service *s = turn->service;
	json_t *list = json_array();
	struct pl_rows *rows =
		pl_query(turn,
			 "select noun, key, n from pl_key where (key, noun) > ($1, $2) "
			 "order by key, noun limit $3",
			 "ssi", s->retire_after, s->retire_noun, (int64_t)KEYS_EACH);

	s->retire_after[0] = s->retire_noun[0] = '\0';
	while (pl_rows_next(rows)) {
		snprintf(s->retire_noun, sizeof(s->retire_noun), "%s", pl_rows_text(rows, 0));
		snprintf(s->retire_after, sizeof(s->retire_after), "%s", pl_rows_text(rows, 1));
		json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "noun", s->retire_noun,
						      "key", s->retire_after, "n",
						      (json_int_t)pl_rows_int(rows, 2)));
	}
	pl_rows_free(rows);
	return list;
}

void retire_some(struct pl_turn *turn)
{
	bool any = false;
	json_t *list, *row;
	size_t i;

	if (!turn->service->def->state)
		return; /* nobody can say that nothing is held */
	list = next_rows(turn);
	json_array_foreach(list, i, row) {
		const char *noun = pl_json_get_text(row, "noun"),
			   *key = pl_json_get_text(row, "key");
		int64_t n = json_integer_value(json_object_get(row, "n")), ms = id_ms(key);

		if (ms < 0 || ms > turn->now_ms - SEEN_KEPT_MS || is_in_outbox(turn, noun, key) ||
		    could_tell(turn, noun, key, n))
			continue;
		retire(turn, noun, key, n);
		any = true;
	}
	json_decref(list);
	if (any)
		store(turn);
}
