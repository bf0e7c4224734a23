/*
 * restore.c — all that an agent has, for a page that comes back.
 *
 * The page watches the agent's stream from where it was before: frames of the moments in between
 * come again rather than not at all. The chats are asked one after the other, and what has been
 * gathered travels in the asks' context: an answer that is handled again, after a rollback, finds
 * it as it was. So each answer makes lists
 * of its own; what is in them is never changed, and shared.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "desk.h"

#include <string.h>

/* The answer is one message of the bus: at most 1 MiB. */
enum { ALL_BYTES = 384 * 1024, ONE_BYTES = 128 * 1024, ABOUT_BYTES = 448 * 1024 };

static pl_answer_fn on_transcript;

/* The offers that an agent's page shows, in order of coming. */
static json_t *shown_offers(struct pl_turn *turn, const char *agent_id)
{
	json_t *offers = json_array();
	struct pl_rows *rows = pl_query(turn,
					"select offer_id from agent_contact "
					"where agent_id = $1 and state in (2, 3) order by offer_id",
					"s", agent_id);

	while (pl_rows_next(rows))
		json_array_append_new(offers, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return offers;
}

/* What was shown of all of them is too much for one message: they are listed without it. */
static bool is_too_much(struct pl_turn *turn, const json_t *offers)
{
	size_t bytes = 0, i;
	json_t *offer, *view;
	struct desk desk;

	json_array_foreach(offers, i, offer) {
		if (!desk_by_offer(turn, &desk, json_string_value(offer)))
			continue;
		view = desk_view(turn, &desk);
		bytes += json_dumpb(view, NULL, 0, JSON_COMPACT);
		json_decref(view);
	}
	return bytes > ABOUT_BYTES;
}

static json_t *make_view(struct pl_turn *turn, const struct desk *desk, bool is_short)
{
	json_t *view = desk_view(turn, desk);

	if (is_short) {
		json_object_del(view, "context");
		json_object_del(view, "attributes");
	}
	return view;
}

enum pl_err op_contacts(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *agent_id = NULL;
	json_t *offers, *offer, *list;
	struct desk desk;
	bool is_short;
	size_t i;
	enum pl_err err = pl_json_text(&agent_id, body, "agentId", ID_MAX, true);

	if (err)
		return err;
	list = json_array();
	offers = shown_offers(turn, agent_id);
	is_short = is_too_much(turn, offers);
	json_array_foreach(offers, i, offer)
		if (desk_by_offer(turn, &desk, json_string_value(offer)))
			json_array_append_new(list, make_view(turn, &desk, is_short));
	json_decref(offers);
	*replyp = json_pack("{s:o}", "contacts", list);
	return PL_OK;
}

/*
 * Asks for the transcript of the first of "offers" that is still shown; gives gathered. When none
 * is left, its "contacts" and "watch" are the answer.
 */
static void ask_next(struct pl_turn *turn, struct pl_held *held, json_t *gathered)
{
	json_t *offers = json_object_get(gathered, "offers");
	struct desk desk;

	for (; json_array_size(offers) > 0; json_array_remove(offers, 0)) {
		if (!desk_by_offer(turn, &desk, json_string_value(json_array_get(offers, 0))) ||
		    (desk.state != DESK_ACTIVE && desk.state != DESK_WRAPUP))
			continue;
		pl_ask(turn, "CustomerControllerService.transcript",
		       json_pack("{s:s, s:O}", "contactId", desk_chat(&desk), "maxBytes",
				 json_object_get(gathered, "maxBytes")),
		       on_transcript, held, gathered);
		return;
	}
	pl_reply(turn, held,
		 json_pack("{s:O, s:O}", "contacts", json_object_get(gathered, "contacts"), "watch",
			   json_object_get(gathered, "watch")));
	json_decref(gathered);
}

/* The first of "offers", with its transcript, goes to "contacts". */
static void gather(struct pl_turn *turn, json_t *gathered, const json_t *body)
{
	json_t *offers = json_object_get(gathered, "offers"), *view;
	json_t *transcript = json_object_get(body, "transcript");
	json_t *talk = json_object_get(body, "private"), *watches;
	struct desk desk;

	if (desk_by_offer(turn, &desk, json_string_value(json_array_get(offers, 0))) &&
	    desk.state != DESK_COMPLETED) {
		view = make_view(turn, &desk, json_is_true(json_object_get(gathered, "short")));
		json_object_set_new(view, "transcript",
				    transcript ? json_incref(transcript) : json_array());
		if (json_object_get(body, "presence"))
			json_object_set(view, "presence", json_object_get(body, "presence"));
		if (json_object_get(body, "files"))
			json_object_set(view, "files", json_object_get(body, "files"));
		json_object_set_new(view, "private", talk ? json_incref(talk) : json_array());
		json_array_append_new(json_object_get(gathered, "contacts"), view);
		if (desk.state == DESK_ACTIVE) {
			watches = desk_watch(&desk, body);
			json_array_extend(json_object_get(gathered, "watch"), watches);
			json_decref(watches);
		}
	}
	json_array_remove(offers, 0);
}

/* As it was, with lists that can be changed: a new reference. */
static json_t *gathered_next(const json_t *before)
{
	static const char *const lists[] = { "offers", "contacts", "watch" };
	json_t *next = json_copy((json_t *)before);

	for (size_t i = 0; next && i < sizeof(lists) / sizeof(lists[0]); i++)
		json_object_set_new(next, lists[i], json_copy(json_object_get(before, lists[i])));
	return next;
}

static enum pl_err on_transcript(struct pl_turn *turn, const struct pl_answer *answer)
{
	json_t *gathered;

	if (answer->err && answer->err != PL_NOTFOUND) {
		pl_reply_error(turn, answer->held, answer->err, answer->message);
		return PL_OK;
	}
	gathered = gathered_next(answer->context);
	if (!gathered)
		return PL_NOMEM;
	gather(turn, gathered, answer->err ? NULL : answer->body);
	ask_next(turn, answer->held, gathered);
	return PL_OK;
}

enum pl_err op_restore(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	char stream[PL_STREAM_SIZE];
	const char *agent_id = NULL;
	json_t *offers;
	size_t count;
	enum pl_err err = pl_json_text(&agent_id, body, "agentId", ID_MAX, true);

	if (!err)
		err = pl_stream_name(stream, DESK_STREAM, agent_id);
	if (err)
		return err;
	offers = shown_offers(turn, agent_id);
	count = json_array_size(offers);
	ask_next(turn, pl_hold(turn),
		 json_pack("{s:b, s:o, s:[], s:[{s:s, s:s, s:I}], s:I}", "short",
			   is_too_much(turn, offers), "offers", offers, "contacts", "watch",
			   "stream", stream, "service", "AgentControllerService", "after",
			   (json_int_t)pl_stream_head(turn, stream), "maxBytes",
			   (json_int_t)(count * ONE_BYTES > ALL_BYTES ? ALL_BYTES / count
								      : ONE_BYTES)));
	return PL_OK;
}
