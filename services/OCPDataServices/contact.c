/* contact.c — see contact.h. SPDX-License-Identifier: Apache-2.0 */
#include "contact.h"

#include <stdlib.h>

#include "pelago/json.h"
#include "transcript.h"

#define COLUMNS                                                                                    \
	"c.id, c.channel, coalesce(nullif(u.root, ''), c.customer), c.name, c.email, c.topic, "    \
	"c.service, c.attributes, c.opened_ms, c.closed_ms, c.close_reason, c.state, "             \
	"c.disposition, c.context, c.phone, c.direction"
#define FROM "from contact c left join customer u on u.id = c.customer "

static json_t *from_row(struct pl_rows *rows)
{
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s}, s:s, s:s, s:o, s:I, s:I, s:s, s:s}",
		"contactId", pl_rows_text(rows, 0), "channel", pl_rows_text(rows, 1), "direction",
		pl_rows_text(rows, 15), "state",
		*pl_rows_text(rows, 11)	   ? pl_rows_text(rows, 11)
		: pl_rows_int(rows, 9) > 0 ? "closed"
					   : "waiting",
		"customer", "id", pl_rows_text(rows, 2), "name", pl_rows_text(rows, 3), "email",
		pl_rows_text(rows, 4), "phone", pl_rows_text(rows, 14), "topic",
		pl_rows_text(rows, 5), "service", pl_rows_text(rows, 6), "attributes",
		json_loads(pl_rows_text(rows, 7), JSON_DECODE_ANY, NULL), "openedMs",
		(json_int_t)pl_rows_int(rows, 8), "closedMs", (json_int_t)pl_rows_int(rows, 9),
		"closeReason", pl_rows_text(rows, 10), "disposition", pl_rows_text(rows, 12));
}

static json_t *offers_of(struct pl_turn *turn, const char *id)
{
	json_t *list = json_array();
	struct pl_rows *rows =
		pl_query(turn,
			 "select offer, agent, made_ms, accepted_ms, ended_ms, reason "
			 "from contact_offer where contact = $1 order by made_ms, offer",
			 "s", id);

	while (pl_rows_next(rows))
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:I, s:I, s:I, s:s}", "offerId",
					pl_rows_text(rows, 0), "agentId", pl_rows_text(rows, 1),
					"madeMs", (json_int_t)pl_rows_int(rows, 2), "acceptedMs",
					(json_int_t)pl_rows_int(rows, 3), "endedMs",
					(json_int_t)pl_rows_int(rows, 4), "reason",
					pl_rows_text(rows, 5)));
	pl_rows_free(rows);
	return list;
}

static json_t *steps_of(struct pl_turn *turn, const char *id)
{
	json_t *list = json_array();
	struct pl_rows *rows =
		pl_query(turn,
			 "select noun, verb, at_ms, agent, reason from step where contact = $1 "
			 "order by at_ms, producer, noun, n",
			 "s", id);

	while (pl_rows_next(rows))
		json_array_append_new(list, json_pack("{s:o, s:I, s:s, s:s}", "event",
						      json_sprintf("%s.%s", pl_rows_text(rows, 0),
								   pl_rows_text(rows, 1)),
						      "atMs", (json_int_t)pl_rows_int(rows, 2),
						      "agentId", pl_rows_text(rows, 3), "reason",
						      pl_rows_text(rows, 4)));
	pl_rows_free(rows);
	return list;
}

static void add_outcome(struct pl_turn *turn, const char *id, json_t *contact)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select abandoned, off_hours, survey, surveyed_ms from outcome where contact = $1",
		"s", id);
	bool found = pl_rows_next(rows);

	json_object_set_new(contact, "abandoned", json_boolean(found && pl_rows_int(rows, 0)));
	json_object_set_new(contact, "offHours", json_boolean(found && pl_rows_int(rows, 1)));
	if (found && pl_rows_int(rows, 3))
		json_object_set_new(contact, "survey",
				    json_pack("{s:I, s:o}", "atMs",
					      (json_int_t)pl_rows_int(rows, 3), "answers",
					      json_loads(pl_rows_text(rows, 2), 0, NULL)));
	pl_rows_free(rows);
}

enum pl_err contact_transcript(struct pl_turn *turn, const char *id, const struct pl_page *from,
			       json_t **pagep)
{
	struct pl_rows *rows = pl_query(turn, "select 1 from contact where id = $1", "s", id);
	bool is_there = pl_rows_next(rows);

	pl_rows_free(rows);
	return is_there ? transcript_read(turn, id, from, pagep)
			: pl_fail(PL_NOTFOUND, "there is no such contact");
}

static enum pl_err add_transcript(struct pl_turn *turn, const char *id, json_t *contact)
{
	struct pl_page first = { .list = TRANSCRIPT, .limit = TRANSCRIPT_MOST };
	json_t *page = NULL;
	enum pl_err err = transcript_read(turn, id, &first, &page);

	if (!err)
		json_object_set(contact, "transcript", json_object_get(page, "items"));
	if (json_is_string(json_object_get(page, "cursor")))
		json_object_set(contact, "transcriptCursor", json_object_get(page, "cursor"));
	json_decref(page);
	return err;
}

enum pl_err contact_read(struct pl_turn *turn, const char *id, json_t **contactp)
{
	struct pl_rows *rows =
		pl_query(turn, "select " COLUMNS " " FROM "where c.id = $1", "s", id);
	json_t *contact = NULL;
	enum pl_err err;

	if (pl_rows_next(rows)) {
		contact = from_row(rows);
		json_object_set_new(contact, "context",
				    json_loads(pl_rows_text(rows, 13), JSON_DECODE_ANY, NULL));
	}
	pl_rows_free(rows);
	if (!contact)
		return pl_fail(PL_NOTFOUND, "there is no such contact");
	add_outcome(turn, id, contact);
	json_object_set_new(contact, "offers", offers_of(turn, id));
	json_object_set_new(contact, "steps", steps_of(turn, id));
	err = add_transcript(turn, id, contact);
	if (err)
		json_decref(contact);
	else
		*contactp = contact;
	return err;
}

json_t *contact_records(struct pl_turn *turn, const json_t *ids)
{
	char *text = pl_json_dump(ids);
	struct pl_rows *rows =
		pl_query(turn, "select " COLUMNS " " FROM "where c.id in PL_LIST($1)", "s", text);
	json_t *all = json_object();

	while (pl_rows_next(rows))
		json_object_set_new(all, pl_rows_text(rows, 0), from_row(rows));
	pl_rows_free(rows);
	free(text);
	return all;
}
