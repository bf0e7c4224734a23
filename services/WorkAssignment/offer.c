/*
 * offer.c — reservations, and what UCMService says of their offers; contacts that closed.
 *
 * Capacity is given back only when the offer has ended, whatever else happens to contact or agent.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "queue.h"

static struct pl_metric reserved_now = { .name = "work_reserved",
					 .text = "Contacts offered to agents or with them",
					 .kind = PL_GAUGE };

struct offer {
	const char *offer_id, *contact_id, *agent_id, *channel, *service, *reason;
	json_t *to;
	int64_t lost_ms;
	bool requeue;
};

/* offer_parse takes what an event must say; the rest is NULL. */
static enum pl_err offer_parse(struct offer *offer, const json_t *body)
{
	enum pl_err err;

	*offer = (struct offer){ 0 };
	err = pl_json_text(&offer->offer_id, body, "offerId", ID_BYTES, true);
	if (!err)
		err = pl_json_text(&offer->contact_id, body, "contactId", ID_BYTES, true);
	if (!err)
		err = pl_json_text(&offer->agent_id, body, "agentId", ASSIGN_ID_MAX, false);
	if (!err)
		err = pl_json_text(&offer->channel, body, "channel", CHANNEL_BYTES, false);
	if (!err)
		err = pl_json_text(&offer->service, body, "service", SERVICE_BYTES, false);
	if (!err)
		err = pl_json_text(&offer->reason, body, "reason", 200, false);
	if (!err)
		err = pl_json_bool(&offer->requeue, body, "requeue", false);
	if (!err)
		err = pl_json_object(&offer->to, body, "to", 2, false);
	if (!err)
		err = pl_json_int(&offer->lost_ms, body, "lostMs", 0, INT64_MAX, false);
	return err;
}

/* heard notes an offer's progress; false if there is no such reservation. */
static bool heard(struct pl_turn *turn, const char *offer_id, int64_t state)
{
	struct pl_rows *rows =
		pl_query(turn, "select state from reservation where offer_id = $1", "s", offer_id);
	bool found = pl_rows_next(rows);
	int64_t had = found ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	if (found && had < state)
		pl_exec(turn, "update reservation set state = $2 where offer_id = $1", "si",
			offer_id, state);
	return found;
}

enum pl_err on_offer_made(struct pl_turn *turn, const struct pl_event *event)
{
	struct offer offer;
	enum pl_err err = offer_parse(&offer, event->body);

	if (!err)
		(void)heard(turn, offer.offer_id, OFFER_MADE);
	return err;
}

/* An offer that isn't ours (one agent handed the contact over to another one), or that we forgot
 * with a store put back: its agent is occupied all the same. */
static enum pl_err adopt(struct pl_turn *turn, const struct pl_event *event,
			 const struct offer *offer)
{
	enum pl_err err;

	if (!offer->agent_id || !*offer->agent_id || !offer->channel || !*offer->channel) {
		pl_log(ERROR, "offer.unknown", offer->contact_id,
		       "offer=%s was accepted, but isn't known here, and says no agent or channel",
		       offer->offer_id);
		return PL_OK;
	}
	if (json_is_true(json_object_get(event->body, "handedOver")))
		pl_log(INFO, "offer.adopted", offer->contact_id, "offer=%s agent=%s took it over",
		       offer->offer_id, offer->agent_id);
	else
		pl_log(WARN, "offer.adopted", offer->contact_id,
		       "offer=%s agent=%s wasn't known here", offer->offer_id, offer->agent_id);
	pl_exec(turn,
		"insert into reservation (offer_id, agent_id, channel, service, contact_id, at_ms,"
		" state, alarm_ms) values ($1, $2, $3, $4, $5, $6, $7, 0)",
		"sssssii", offer->offer_id, offer->agent_id, offer->channel,
		offer->service ? offer->service : "", offer->contact_id, event->at_ms,
		(int64_t)OFFER_ACCEPTED);
	err = assign_restore(queue_engine(), offer->agent_id, offer->channel, offer->offer_id);
	if (err && err != PL_NOMEM) {
		pl_log(ERROR, "offer.unknown", offer->contact_id, "offer=%s: %s", offer->offer_id,
		       pl_err_detail(err));
		err = PL_OK;
	}
	return err;
}

/* A match of ours, whose reservation is gone if it has ended. */
static bool was_ours(struct pl_turn *turn, const char *offer_id)
{
	struct pl_rows *rows =
		pl_query(turn, "select 1 from decision where offer_id = $1", "s", offer_id);
	bool was = pl_rows_next(rows);

	pl_rows_free(rows);
	return was;
}

enum pl_err on_offer_accepted(struct pl_turn *turn, const struct pl_event *event)
{
	struct offer offer;
	struct work work;
	bool known, is_other;
	enum pl_err err = offer_parse(&offer, event->body);

	if (err)
		return err;
	known = heard(turn, offer.offer_id, OFFER_ACCEPTED);
	if (!known && was_ours(turn, offer.offer_id))
		return PL_OK; /* heard again: it has ended */
	err = work_load(turn, &work, offer.contact_id);
	if (!err && !known)
		err = adopt(turn, event, &offer);
	/* UCMService has one offer a contact: what it says is accepted is the contact's, not our
	 * later match */
	if (!err && work.state != WORK_NONE && work.state != WORK_LEAVING) {
		is_other = strcmp(work.offer_id, offer.offer_id) != 0;
		snprintf(work.offer_id, sizeof(work.offer_id), "%s", offer.offer_id);
		err = work_step(turn, &work, WORK_EV_ACCEPT, NULL);
		if (!err && is_other)
			work_store(turn, &work);
	}
	work_fini(&work);
	return err;
}

static enum pl_err let_go(struct pl_turn *turn, const struct offer_end *end, const char *contact_id,
			  const char *agent_id)
{
	const struct work_act act = { .agent_id = agent_id,
				      .exclude = strcmp(end->reason, "rejected") == 0 ||
						 strcmp(end->reason, "noAnswer") == 0 ||
						 json_object_get(end->to, "service"),
				      .to = end->to };
	struct work work;
	enum pl_err err = work_load(turn, &work, contact_id);

	if (!err && work.state != WORK_NONE && strcmp(work.offer_id, end->offer_id) == 0)
		err = work_step(turn, &work, end->requeue ? WORK_EV_REQUEUE : WORK_EV_END, &act);
	work_fini(&work);
	return err;
}

enum pl_err offer_end(struct pl_turn *turn, const struct offer_end *end)
{
	struct pl_rows *rows =
		pl_query(turn, "select agent_id, contact_id from reservation where offer_id = $1",
			 "s", end->offer_id);
	char agent_id[ASSIGN_ID_MAX + 1], contact_id[ID_BYTES + 1];
	struct waiting *waiting;
	bool found = pl_rows_next(rows);
	enum pl_err err;

	if (found) {
		snprintf(agent_id, sizeof(agent_id), "%s", pl_rows_text(rows, 0));
		snprintf(contact_id, sizeof(contact_id), "%s", pl_rows_text(rows, 1));
	}
	pl_rows_free(rows);
	if (!found)
		return pl_fail(PL_NOTFOUND, "no agent is reserved for offer %s", end->offer_id);
	pl_exec(turn, "delete from reservation where offer_id = $1", "s", end->offer_id);
	(void)assign_release(queue_engine(), end->offer_id);
	agent_freed(turn, agent_id, end->at_ms,
		    strcmp(end->reason, "noAnswer") == 0 ? end->at_ms + 1 : end->lost_ms);
	err = let_go(turn, end, contact_id, agent_id);
	if (!err)
		err = match_all(turn);
	waiting = err ? NULL : queue_find(contact_id);
	if (waiting)
		(void)queue_push(turn, waiting);
	pl_metric_set(&reserved_now, (double)assign_reserved(queue_engine()));
	return err;
}

enum pl_err on_offer_ended(struct pl_turn *turn, const struct pl_event *event)
{
	struct offer offer;
	enum pl_err err = offer_parse(&offer, event->body);

	if (err)
		return err;
	err = offer_end(turn, &(struct offer_end){ .offer_id = offer.offer_id,
						   .reason = offer.reason ? offer.reason : "",
						   .requeue = offer.requeue,
						   .to = offer.to,
						   .lost_ms = offer.lost_ms,
						   .at_ms = event->at_ms });
	if (err != PL_NOTFOUND)
		return err;
	pl_log(WARN, "offer.unknown", offer.contact_id, "%s", pl_err_detail(err));
	return PL_OK;
}

enum pl_err on_contact_closed(struct pl_turn *turn, const struct pl_event *event)
{
	struct work work;
	enum pl_err err;

	if (!*event->key || strlen(event->key) > ID_BYTES)
		return pl_fail(PL_INVALID, "contactId is missing or longer than %d bytes",
			       ID_BYTES);
	pl_exec(turn,
		"insert into closed (contact_id, at_ms) values ($1, $2)"
		" on conflict (contact_id) do nothing",
		"si", event->key, event->at_ms);
	err = work_load(turn, &work, event->key);
	if (!err)
		err = work_step(turn, &work, WORK_EV_CLOSE, NULL);
	work_fini(&work);
	return err;
}

enum pl_err reservations_load(struct pl_turn *turn)
{
	struct pl_rows *rows =
		pl_query(turn, "select agent_id, channel, offer_id from reservation", "");
	enum pl_err err = PL_OK;

	while (err != PL_NOMEM && pl_rows_next(rows)) {
		err = assign_restore(queue_engine(), pl_rows_text(rows, 0), pl_rows_text(rows, 1),
				     pl_rows_text(rows, 2));
		if (err)
			pl_log(ERROR, "offer.unreadable", NULL, "offer=%s: %s",
			       pl_rows_text(rows, 2), pl_err_detail(err));
	}
	if (err != PL_NOMEM)
		err = pl_rows_err(rows);
	pl_rows_free(rows);
	return err;
}
