/*
 * list.c — contacts as supervisors and other services see them.
 *
 * Both operations answer requests of services (members in the body) and HTTP calls
 * (docs/protocol.md).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ucm.h"

#include <stdlib.h>

#include "pelago/json.h"

#define SELECT_CONTACT                                                                                  \
	"select contact_id, state, channel, service, offer_id, agent_id, customer, topic, attributes, " \
	"opened_ms, since_ms, closed_ms, close_reason from contact "

static json_t *show(struct pl_rows *rows)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s?, s:o, s:I, s:I, s:I, s:s}",
			 "contactId", pl_rows_text(rows, 0), "state",
			 contact_state_name((enum contact_state)pl_rows_int(rows, 1)), "channel",
			 pl_rows_text(rows, 2), "service", pl_rows_text(rows, 3), "offerId",
			 pl_rows_text(rows, 4), "agentId", pl_rows_text(rows, 5), "customer",
			 json_loads(pl_rows_text(rows, 6), 0, NULL), "topic", pl_rows_text(rows, 7),
			 "attributes", json_loads(pl_rows_text(rows, 8), 0, NULL), "openedMs",
			 (json_int_t)pl_rows_int(rows, 9), "sinceMs",
			 (json_int_t)pl_rows_int(rows, 10), "closedMs",
			 (json_int_t)pl_rows_int(rows, 11), "closeReason", pl_rows_text(rows, 12));
}

static bool is_http(const json_t *body)
{
	return json_is_string(json_object_get(body, "method"));
}

/* Gives value. */
static void reply_with(json_t **replyp, const json_t *body, json_t *value)
{
	*replyp = is_http(body) ? json_pack("{s:i, s:o}", "status", 200, "body", value) : value;
}

/* A query of HTTP has only texts. */
static enum pl_err read_limit(int64_t *limitp, const json_t *from)
{
	const json_t *value = json_object_get(from, "limit");
	const char *text = json_string_value(value);
	char *end = NULL;
	long limit;

	if (!text)
		return pl_json_int(limitp, from, "limit", 1, 200, false);
	limit = strtol(text, &end, 10);
	if (end == text || *end || limit < 1 || limit > 200)
		return pl_fail(PL_INVALID, "limit: a number from 1 to 200 is wanted");
	*limitp = limit;
	return PL_OK;
}

struct filter {
	enum contact_state state; /* 0: all */
	const char *cursor;	  /* contactId of the last one shown, or NULL */
	int64_t limit;
};

static enum pl_err read_filter(struct filter *filter, const json_t *from)
{
	const char *state = NULL;
	enum pl_err err = pl_json_text(&state, from, "state", 20, false);

	*filter = (struct filter){ .limit = 50 };
	if (!err)
		err = pl_json_text(&filter->cursor, from, "cursor", ID_SIZE - 1, false);
	if (!err)
		err = read_limit(&filter->limit, from);
	if (err || !state)
		return err;
	filter->state = contact_state_parse(state);
	if (!filter->state)
		return pl_fail(PL_INVALID, "state: one of opened, queued, offered, active, wrapup, "
					   "ended is wanted");
	return PL_OK;
}

/* The newest first: ids rise with time. */
#define NEWEST "order by contact_id desc limit "
static struct pl_rows *select_contacts(struct pl_turn *turn, const struct filter *filter)
{
	int64_t state = filter->state, limit = filter->limit;

	if (state && filter->cursor)
		return pl_query(turn,
				SELECT_CONTACT "where state = $1 and contact_id < $2 " NEWEST "$3",
				"isi", state, filter->cursor, limit);
	if (state)
		return pl_query(turn, SELECT_CONTACT "where state = $1 " NEWEST "$2", "ii", state,
				limit);
	if (filter->cursor)
		return pl_query(turn, SELECT_CONTACT "where contact_id < $1 " NEWEST "$2", "si",
				filter->cursor, limit);
	return pl_query(turn, SELECT_CONTACT NEWEST "$1", "i", limit);
}

enum pl_err op_contacts(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const json_t *from = is_http(body) ? json_object_get(body, "query") : body;
	json_t *list, *value;
	struct filter filter;
	struct pl_rows *rows;
	enum pl_err err = read_filter(&filter, from);

	if (err)
		return err;
	list = json_array();
	rows = select_contacts(turn, &filter);
	while (pl_rows_next(rows))
		json_array_append_new(list, show(rows));
	pl_rows_free(rows);
	value = json_pack("{s:o}", "contacts", list);
	if (json_array_size(list) == (size_t)filter.limit)
		json_object_set(value, "cursor",
				json_object_get(json_array_get(list, json_array_size(list) - 1),
						"contactId"));
	reply_with(replyp, body, value);
	return PL_OK;
}

enum pl_err op_contact(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	json_t *value = NULL;
	struct pl_rows *rows;
	enum pl_err err = pl_json_text(&id, is_http(body) ? json_object_get(body, "path") : body,
				       "contactId", ID_SIZE - 1, true);

	if (err)
		return err;
	rows = pl_query(turn, SELECT_CONTACT "where contact_id = $1", "s", id);
	if (pl_rows_next(rows))
		value = json_pack("{s:o}", "contact", show(rows));
	pl_rows_free(rows);
	if (!value)
		return pl_fail(PL_NOTFOUND, "no contact has this id");
	reply_with(replyp, body, value);
	return PL_OK;
}
