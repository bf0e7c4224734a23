/* contact.c — see contact.h. SPDX-License-Identifier: Apache-2.0 */
#include "contact.h"

#include <inttypes.h>
#include <string.h>

#include "pelago/json.h"

static const char *const states[] = { "waiting", "offered", "active", "closed" };

static const char *state_of(const char *offer_state, int64_t closed_ms)
{
	if (closed_ms)
		return "closed";
	if (strcmp(offer_state, "offered") == 0 || strcmp(offer_state, "active") == 0)
		return offer_state;
	return "waiting";
}

#define COLUMNS                                                                                    \
	"c.id, c.channel, c.customer, c.name, c.email, c.topic, c.service, c.attributes, "         \
	"c.opened_ms, c.closed_ms, c.close_reason, c.offer_state, c.disposition, c.first_ms, c.direction"

static json_t *from_row(struct pl_rows *rows)
{
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s}, s:s, s:s, s:o, s:I, s:I, s:s, s:s}",
		"contactId", pl_rows_text(rows, 0), "channel", pl_rows_text(rows, 1), "direction",
		pl_rows_text(rows, 14), "state",
		state_of(pl_rows_text(rows, 11), pl_rows_int(rows, 9)), "customer", "id",
		pl_rows_text(rows, 2), "name", pl_rows_text(rows, 3), "email",
		pl_rows_text(rows, 4), "topic", pl_rows_text(rows, 5), "service",
		pl_rows_text(rows, 6), "attributes",
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

/* Takes rows: seq, from, name, text, at_ms, url. */
static json_t *said_in(struct pl_rows *rows)
{
	json_t *list = json_array();

	while (pl_rows_next(rows)) {
		json_t *item = json_pack(
			"{s:I, s:s, s:s, s:s, s:I}", "seq", (json_int_t)pl_rows_int(rows, 0),
			"from", pl_rows_text(rows, 1), "name", pl_rows_text(rows, 2), "text",
			pl_rows_text(rows, 3), "atMs", (json_int_t)pl_rows_int(rows, 4));

		if (*pl_rows_text(rows, 5))
			json_object_set_new(item, "url", json_string(pl_rows_text(rows, 5)));
		json_array_append_new(list, item);
	}
	pl_rows_free(rows);
	return list;
}

static int64_t at_of(const json_t *list, size_t i)
{
	return json_integer_value(json_object_get(json_array_get(list, i), "atMs"));
}

/* The chat in its order; what agents said among themselves where its time belongs, and marked. */
static json_t *transcript_of(struct pl_turn *turn, const char *id)
{
	json_t *chat =
		said_in(pl_query(turn,
				 "select seq, sender, name, text, at_ms, url from transcript "
				 "where contact = $1 order by seq",
				 "s", id));
	json_t *talk =
		said_in(pl_query(turn,
				 "select seq, 'agent', name, text, at_ms, '' from private_talk "
				 "where contact = $1 order by seq",
				 "s", id));
	json_t *list = json_array(), *item;
	size_t next = 0, i;

	json_array_foreach(talk, i, item) {
		while (next < json_array_size(chat) && at_of(chat, next) <= at_of(talk, i))
			json_array_append(list, json_array_get(chat, next++));
		json_object_set_new(item, "private", json_true());
		json_array_append(list, item);
	}
	while (next < json_array_size(chat))
		json_array_append(list, json_array_get(chat, next++));
	json_decref(chat);
	json_decref(talk);
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

enum pl_err contact_read(struct pl_turn *turn, const char *id, json_t **contactp)
{
	struct pl_rows *rows = pl_query(
		turn, "select " COLUMNS ", c.context from contact c where c.id = $1", "s", id);
	json_t *contact = NULL;

	if (pl_rows_next(rows)) {
		contact = from_row(rows);
		json_object_set_new(contact, "context",
				    json_loads(pl_rows_text(rows, 15), JSON_DECODE_ANY, NULL));
	}
	pl_rows_free(rows);
	if (!contact)
		return pl_fail(PL_NOTFOUND, "there is no such contact");
	add_outcome(turn, id, contact);
	json_object_set_new(contact, "offers", offers_of(turn, id));
	json_object_set_new(contact, "steps", steps_of(turn, id));
	json_object_set_new(contact, "transcript", transcript_of(turn, id));
	*contactp = contact;
	return PL_OK;
}

static bool is_state(const char *text)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i], text) == 0)
			return true;
	return false;
}

enum pl_err contact_list(struct pl_turn *turn, const struct contact_filter *filter, json_t **pagep)
{
	struct pl_page page = filter->page;
	const char *state = filter->state ? filter->state : "";
	const char *agent = filter->agent ? filter->agent : "";
	const char *customer = filter->customer ? filter->customer : "", *before_id = "";
	int64_t before_ms = INT64_MAX;
	struct pl_rows *rows;
	enum pl_err err = pl_page_split(&page, &before_ms, &before_id);

	if (err)
		return err;
	if (*state && !is_state(state))
		return pl_fail(PL_INVALID, "state is none of waiting, offered, active, closed");
	rows = pl_query(
		turn,
		"select " COLUMNS " from contact c where c.first_ms >= $1 and "
		"(c.first_ms < $2 or (c.first_ms = $2 and c.id < $3)) and "
		"($4 = '' or $4 = case when c.closed_ms > 0 then 'closed' "
		"when c.offer_state in ('offered', 'active') then c.offer_state else 'waiting' end) and "
		"($5 = '' or exists (select 1 from contact_offer o where o.contact = c.id and "
		"o.agent = $5)) and ($6 = '' or c.customer = $6) "
		"order by c.first_ms desc, c.id desc limit $7",
		"iissssi", filter->since_ms, before_ms, before_id, state, agent, customer,
		page.limit + 1);
	while (pl_rows_next(rows))
		pl_page_add(&page, from_row(rows), "%" PRId64 ":%s", pl_rows_int(rows, 13),
			    pl_rows_text(rows, 0));
	pl_rows_free(rows);
	*pagep = pl_page_answer(&page);
	return *pagep ? PL_OK : PL_NOMEM;
}
