/*
 * offer.c — offers as rows: made, answered, not answered, left behind.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ucm.h"

#include <stdio.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"

/* What an offer is read from, in the order of offer_take. */
#define SELECT_OFFER                                                                                      \
	"select o.offer_id, o.contact_id, o.agent_id, o.channel, o.service, o.state, o.reason, c.state, " \
	"c.parent_id, c.is_named, c.note is not null, c.legs "                                            \
	"from offer o join contact c on c.contact_id = o.contact_id "

enum { GONE_AT_ONCE = 100, FORGET_AT_ONCE = 500 };

static bool offer_take(struct pl_rows *rows, struct offer *offer)
{
	bool found = pl_rows_next(rows);

	memset(offer, 0, sizeof(*offer));
	if (found) {
		snprintf(offer->id, sizeof(offer->id), "%s", pl_rows_text(rows, 0));
		snprintf(offer->contact.id, sizeof(offer->contact.id), "%s", pl_rows_text(rows, 1));
		snprintf(offer->agent_id, sizeof(offer->agent_id), "%s", pl_rows_text(rows, 2));
		snprintf(offer->channel, sizeof(offer->channel), "%s", pl_rows_text(rows, 3));
		snprintf(offer->service, sizeof(offer->service), "%s", pl_rows_text(rows, 4));
		offer->state = (enum offer_state)pl_rows_int(rows, 5);
		snprintf(offer->reason, sizeof(offer->reason), "%s", pl_rows_text(rows, 6));
		offer->contact.state = (enum contact_state)pl_rows_int(rows, 7);
		snprintf(offer->contact.parent_id, sizeof(offer->contact.parent_id), "%s",
			 pl_rows_text(rows, 8));
		offer->contact.is_named = pl_rows_int(rows, 9) != 0;
		offer->contact.has_note = pl_rows_int(rows, 10) != 0;
		offer->contact.legs = pl_rows_int(rows, 11);
	}
	return found;
}

bool offer_load(struct pl_turn *turn, struct offer *offer, const char *id)
{
	struct pl_rows *rows = pl_query(turn, SELECT_OFFER "where o.offer_id = $1", "s", id);
	bool found = offer_take(rows, offer);

	pl_rows_free(rows);
	return found;
}

bool offer_latest(struct pl_turn *turn, struct offer *offer, const char *contact_id,
		  const char *agent_id)
{
	struct pl_rows *rows =
		pl_query(turn,
			 SELECT_OFFER "where o.contact_id = $1 and o.agent_id = $2 "
				      "order by o.made_ms desc, o.offer_id desc limit 1",
			 "ss", contact_id, agent_id);
	bool found = offer_take(rows, offer);

	pl_rows_free(rows);
	return found;
}

/* What a match says, in the order of struct offer. */
enum pl_err offer_read(struct offer *offer, const json_t *body)
{
	const struct {
		const char *name;
		char *to;
		size_t size;
		bool required;
	} members[] = {
		{ "offerId", offer->id, sizeof(offer->id), true },
		{ "contactId", offer->contact.id, sizeof(offer->contact.id), true },
		{ "agentId", offer->agent_id, sizeof(offer->agent_id), true },
		{ "channel", offer->channel, sizeof(offer->channel), true },
		{ "service", offer->service, sizeof(offer->service), false },
	};

	memset(offer, 0, sizeof(*offer));
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const char *text = NULL;
		enum pl_err err = pl_json_text(&text, body, members[i].name, members[i].size - 1,
					       members[i].required);

		if (err)
			return err;
		snprintf(members[i].to, members[i].size, "%s", text ? text : "");
	}
	return PL_OK;
}

enum pl_err offer_apply(struct pl_turn *turn, struct offer *offer, enum offer_event event)
{
	const struct offer_rule *rule = offer_rule_find(offer, event);

	if (!rule)
		return pl_fail(PL_STATE, "%s", offer_words(offer));
	if (rule->to != offer->state) {
		pl_exec(turn,
			"update offer set state = $2, since_ms = $3 where offer_id = $1 and state = $4",
			"siii", offer->id, (int64_t)rule->to, pl_turn_now_ms(turn),
			(int64_t)offer->state);
		if (offer->state == OFFER_MADE)
			pl_timer_cancel(turn, "offer", offer->id);
		pl_log(INFO, "offer.state", offer->contact.id, "offer=%s agent=%s: %s", offer->id,
		       offer->agent_id, rule->why);
	}
	offer->state = rule->to;
	if (rule->action)
		rule->action(turn, offer);
	return PL_OK;
}

enum pl_err on_timeout(struct pl_turn *turn, const char *key, const json_t *body)
{
	struct offer offer;

	if (!offer_load(turn, &offer, key) || !offer_rule_find(&offer, OFFER_EV_TIMEOUT))
		return PL_OK; /* answered at the last moment */
	return offer_apply(turn, &offer, OFFER_EV_TIMEOUT);
}

/*
 * Only what was offered before the agent went: the agent may be back, and accept, before this is
 * heard. Goes on as long as a batch was full, as each one takes itself out of what is asked for.
 */
enum pl_err on_agent_gone(struct pl_turn *turn, const struct pl_event *event)
{
	static struct offer offers[GONE_AT_ONCE];
	size_t count;

	do {
		struct pl_rows *rows = pl_query(
			turn,
			SELECT_OFFER "where o.agent_id = $1 and o.state <= 2 and o.made_ms <= $2 "
				     "order by o.offer_id limit 100",
			"si", event->key, event->at_ms);

		for (count = 0; count < GONE_AT_ONCE && offer_take(rows, &offers[count]);)
			count++;
		pl_rows_free(rows);
		for (size_t i = 0; i < count; i++) {
			enum pl_err err;

			offers[i].lost_ms = event->at_ms;
			err = offer_apply(turn, &offers[i], OFFER_EV_AGENT_GONE);
			if (err)
				return err;
		}
	} while (count == GONE_AT_ONCE);
	return PL_OK;
}

static void time_offers(struct pl_turn *turn)
{
	json_t *without = json_object(), *agent_id;
	const char *id;
	struct pl_rows *rows = pl_query(
		turn,
		"select offer_id, contact_id, agent_id from offer where state = 1 and state <= 2",
		"");

	while (pl_rows_next(rows)) {
		if (pl_timer_left_ms(turn, "offer", pl_rows_text(rows, 0)) >= 0)
			continue;
		pl_log(ERROR, "offer.orphan", pl_rows_text(rows, 1), "offer=%s had no timer",
		       pl_rows_text(rows, 0));
		json_object_set_new(without, pl_rows_text(rows, 0),
				    json_string(pl_rows_text(rows, 2)));
	}
	pl_rows_free(rows);
	json_object_foreach(without, id, agent_id)
		pl_timer_set(turn, "offer", id, PL_TIMER_HUMAN,
			     1000 * agent_offer_s(turn, json_string_value(agent_id)), NULL);
	json_decref(without);
}

static void contacts_forget(struct pl_turn *turn, int64_t before_ms)
{
	static const char *const deletes[] = {
		"delete from leg where leg_id in PL_LIST($1)",
		"delete from told_leg where contact_id in PL_LIST($1)",
		"delete from told where contact_id in PL_LIST($1)",
		"delete from offer where contact_id in PL_LIST($1)",
		"delete from contact where contact_id in PL_LIST($1)",
	};
	struct pl_rows *rows = pl_query(turn,
					"select contact_id from contact where state = 6 "
					"and since_ms < $1 order by since_ms limit $2",
					"ii", before_ms, (int64_t)FORGET_AT_ONCE);
	json_t *ids = json_array();
	char *text;

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	text = json_array_size(ids) ? pl_json_dump(ids) : NULL;
	for (size_t i = 0; text && i < sizeof(deletes) / sizeof(deletes[0]); i++)
		pl_exec(turn, deletes[i], "s", text);
	free(text);
	json_decref(ids);
}

enum pl_err sweep(struct pl_turn *turn)
{
	int64_t before_ms =
		pl_turn_now_ms(turn) - 1000 * pl_attribute_get(pl_turn_service(turn), "kept_s");

	time_offers(turn);
	legs_sweep(turn);
	contacts_forget(turn, before_ms);
	return PL_OK;
}
