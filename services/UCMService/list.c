/*
 * list.c — contacts as supervisors and other services see them.
 *
 * Both operations answer requests of services (members in the body) and HTTP calls
 * (docs/protocol.md).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ucm.h"

#include "pelago/json.h"
#include "pelago/page.h"

#define SELECT_CONTACT                                                                                  \
	"select contact_id, state, channel, service, offer_id, agent_id, customer, topic, attributes, " \
	"opened_ms, since_ms, closed_ms, close_reason, parent_id from contact "

static json_t *show(struct pl_rows *rows)
{
	json_t *item = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s?, s:o, s:I, s:I, s:I, s:s}", "contactId",
		pl_rows_text(rows, 0), "state",
		contact_state_name((enum contact_state)pl_rows_int(rows, 1)), "channel",
		pl_rows_text(rows, 2), "service", pl_rows_text(rows, 3), "offerId",
		pl_rows_text(rows, 4), "agentId", pl_rows_text(rows, 5), "customer",
		json_loads(pl_rows_text(rows, 6), 0, NULL), "topic", pl_rows_text(rows, 7),
		"attributes", json_loads(pl_rows_text(rows, 8), 0, NULL), "openedMs",
		(json_int_t)pl_rows_int(rows, 9), "sinceMs", (json_int_t)pl_rows_int(rows, 10),
		"closedMs", (json_int_t)pl_rows_int(rows, 11), "closeReason",
		pl_rows_text(rows, 12));

	if (pl_rows_text(rows, 13)[0])
		json_object_set_new(item, "parentId", json_string(pl_rows_text(rows, 13)));
	return item;
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

/* *statep is 0 for all. */
static enum pl_err read_state(enum contact_state *statep, const json_t *from)
{
	const char *state = NULL;
	enum pl_err err = pl_json_text(&state, from, "state", 20, false);

	*statep = 0;
	if (err || !state)
		return err;
	*statep = contact_state_parse(state);
	if (!*statep)
		return pl_fail(PL_INVALID, "state: one of opened, queued, offered, active, wrapup, "
					   "ended is wanted");
	return PL_OK;
}

/* The newest first: ids rise with time. */
#define NEWEST "order by contact_id desc limit "
static struct pl_rows *select_contacts(struct pl_turn *turn, int64_t state, const char *before,
				       int64_t limit)
{
	if (state && *before)
		return pl_query(turn,
				SELECT_CONTACT "where state = $1 and contact_id < $2 " NEWEST "$3",
				"isi", state, before, limit);
	if (state)
		return pl_query(turn, SELECT_CONTACT "where state = $1 " NEWEST "$2", "ii", state,
				limit);
	if (*before)
		return pl_query(turn, SELECT_CONTACT "where contact_id < $1 " NEWEST "$2", "si",
				before, limit);
	return pl_query(turn, SELECT_CONTACT NEWEST "$1", "i", limit);
}

enum pl_err op_contacts(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const json_t *from = is_http(body) ? json_object_get(body, "query") : body;
	enum contact_state state;
	struct pl_page page;
	struct pl_rows *rows;
	enum pl_err err = pl_page_read(&page, from, "contacts");

	if (!err)
		err = read_state(&state, from);
	if (err)
		return err;
	rows = select_contacts(turn, state, page.after, page.limit + 1);
	while (pl_rows_next(rows))
		pl_page_add(&page, show(rows), "%s", pl_rows_text(rows, 0));
	pl_rows_free(rows);
	reply_with(replyp, body, pl_page_answer(&page));
	return *replyp ? PL_OK : PL_NOMEM;
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
		value = show(rows);
	pl_rows_free(rows);
	if (!value)
		return pl_fail(PL_NOTFOUND, "no contact has this id");
	if (!is_http(body))
		value = json_pack("{s:o}", "contact", value);
	reply_with(replyp, body, value);
	return PL_OK;
}
