/*
 * snapshot.c — a chat told again, as its events: for whoever has missed some that are too old to be
 * in the log. Nothing of a chat is superseded, so this is all of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "chat.h"

#include <string.h>

enum { PAGE = 201 }; /* one more than a snapshot takes at once */

enum pl_err chat_keys(struct pl_turn *turn, const char *noun, const char *after, int64_t limit,
		      json_t *list)
{
	struct pl_rows *rows;

	if (strcmp(noun, "contact") != 0 && strcmp(noun, "message") != 0)
		return PL_OK;
	rows = pl_query(
		turn,
		"select contact_id from chat where contact_id > $1 order by contact_id limit $2",
		"si", after, limit);
	while (pl_rows_next(rows))
		json_array_append_new(list, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return PL_OK;
}

static void take(json_t *to, const json_t *from, const char *name)
{
	json_t *value = json_object_get(from, name);

	if (value)
		json_object_set(to, name, value);
}

/* What comes after the word of a sender: "push agent1". */
static const char *agent_of(const char *sender)
{
	const char *space = strchr(sender, ' ');

	return space ? space + 1 : "";
}

/* The frame doesn't say where the body is. */
static bool add_file_sent(struct pl_snapshot *snapshot, int64_t n, const char *sender,
			  const json_t *frame, const char *hash)
{
	static const char by_agent[] = "file agent ";
	int64_t at_ms = chat_time_ms(pl_json_get_text(frame, "at"));
	json_t *file = json_deep_copy(json_object_get(frame, "file"));
	json_t *body = json_pack("{s:s, s:I, s:o}", "contactId", snapshot->key, "atMs",
				 (json_int_t)at_ms, "file", file);

	json_object_set_new(file, "hash", json_string(hash));
	take(body, frame, "seq");
	take(body, frame, "from");
	take(body, frame, "name");
	take(body, frame, "clientId");
	if (strncmp(sender, by_agent, sizeof(by_agent) - 1) == 0)
		json_object_set_new(body, "agentId", json_string(sender + sizeof(by_agent) - 1));
	return pl_snapshot_add(snapshot, n, "file", at_ms, body);
}

static bool add_said(struct pl_snapshot *snapshot, int64_t n, const char *sender,
		     const json_t *frame)
{
	bool is_pushed = strncmp(sender, "push ", 5) == 0;
	bool is_private = strncmp(sender, "private ", 8) == 0;
	int64_t at_ms = chat_time_ms(pl_json_get_text(frame, "at"));
	json_t *body =
		json_pack("{s:s, s:I}", "contactId", snapshot->key, "atMs", (json_int_t)at_ms);

	take(body, frame, "seq");
	take(body, frame, "name");
	take(body, frame, "text");
	take(body, frame, "clientId");
	take(body, frame, "url");
	if (is_pushed || is_private)
		json_object_set_new(body, "agentId", json_string(agent_of(sender)));
	else
		take(body, frame, "from");
	if (is_pushed &&
	    !json_equal(json_object_get(frame, "title"), json_object_get(frame, "url")))
		take(body, frame, "title");
	return pl_snapshot_add(snapshot, n,
			       is_pushed    ? "pushed"
			       : is_private ? "private"
					    : "said",
			       at_ms, body);
}

static void add_all_said(struct pl_turn *turn, struct pl_snapshot *snapshot)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select s.n, s.sender, f.body, a.hash from said s join pl_frame f on f.stream = "
		"case when s.sender like 'private %' then 'desk.' else 'contact.' end "
		"|| s.contact_id and f.seq = s.seq left join file a on s.sender like 'file %' "
		"and a.contact_id = s.contact_id and a.seq = s.seq "
		"where s.contact_id = $1 and s.n > $2 "
		"order by s.n limit $3",
		"sii", snapshot->key, snapshot->after, (int64_t)PAGE);
	bool has_room = true;

	while (has_room && pl_rows_next(rows)) {
		json_t *kept = json_loads(pl_rows_text(rows, 2), 0, NULL);
		json_t *frame = json_object_get(kept, "frame");

		has_room = pl_rows_is_null(rows, 3) ? add_said(snapshot, pl_rows_int(rows, 0),
							       pl_rows_text(rows, 1), frame)
						    : add_file_sent(snapshot, pl_rows_int(rows, 0),
								    pl_rows_text(rows, 1), frame,
								    pl_rows_text(rows, 3));
		json_decref(kept);
	}
	pl_rows_free(rows);
}

static void add_all_told(struct pl_turn *turn, struct pl_snapshot *snapshot)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select n, verb, at_ms, body from told where contact_id = $1 and n > $2 "
			 "order by n limit $3",
			 "sii", snapshot->key, snapshot->after, (int64_t)PAGE);

	while (pl_rows_next(rows))
		if (!pl_snapshot_add(snapshot, pl_rows_int(rows, 0), pl_rows_text(rows, 1),
				     pl_rows_int(rows, 2),
				     json_loads(pl_rows_text(rows, 3), 0, NULL)))
			break;
	pl_rows_free(rows);
}

static bool add_opened(struct pl_turn *turn, struct pl_snapshot *snapshot)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select name, email, topic, attributes, context, opened_ms from chat "
			 "where contact_id = $1",
			 "s", snapshot->key);
	bool found = pl_rows_next(rows);

	if (found) {
		json_t *attributes = json_loads(pl_rows_text(rows, 3), 0, NULL);
		json_t *context = json_loads(pl_rows_text(rows, 4), 0, NULL);

		pl_snapshot_add(snapshot, 1, "opened", pl_rows_int(rows, 5),
				chat_opened(snapshot->key, pl_rows_text(rows, 0),
					    pl_rows_text(rows, 1), pl_rows_text(rows, 2),
					    attributes, context));
		json_decref(attributes);
		json_decref(context);
	}
	pl_rows_free(rows);
	return found;
}

enum pl_err chat_state(struct pl_turn *turn, struct pl_snapshot *snapshot)
{
	struct chat chat;

	if (strcmp(snapshot->noun, "message") == 0) {
		if (chat_load(turn, &chat, snapshot->key) == PL_OK) {
			pl_snapshot_held(snapshot);
			add_all_said(turn, snapshot);
		}
	} else if (strcmp(snapshot->noun, "contact") == 0 && add_opened(turn, snapshot)) {
		add_all_told(turn, snapshot);
	}
	return PL_OK;
}
