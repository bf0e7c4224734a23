/*
 * contact.c — the life of a contact.
 *
 * contact.opened and work.matched come from different services, so either may be here first. A
 * match of a contact that isn't known waits in the contact's row; it is offered when contact.opened
 * comes, or with what is known after a while.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ucm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"

void contact_fini(struct contact *contact)
{
	free(contact->customer);
	free(contact->early);
}

bool contact_load(struct pl_turn *turn, struct contact *contact, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select state, offer_id, is_known, customer, early, parent_id, is_named, "
			 "note is not null, legs from contact "
			 "where contact_id = $1",
			 "s", id);
	bool found = pl_rows_next(rows);

	memset(contact, 0, sizeof(*contact));
	snprintf(contact->id, sizeof(contact->id), "%s", id);
	if (found) {
		contact->state = (enum contact_state)pl_rows_int(rows, 0);
		snprintf(contact->offer_id, sizeof(contact->offer_id), "%s", pl_rows_text(rows, 1));
		contact->is_known = pl_rows_int(rows, 2) != 0;
		contact->customer = strdup(pl_rows_text(rows, 3));
		if (!pl_rows_is_null(rows, 4))
			contact->early = strdup(pl_rows_text(rows, 4));
		snprintf(contact->parent_id, sizeof(contact->parent_id), "%s",
			 pl_rows_text(rows, 5));
		contact->is_named = pl_rows_int(rows, 6) != 0;
		contact->has_note = pl_rows_int(rows, 7) != 0;
		contact->legs = pl_rows_int(rows, 8);
	}
	pl_rows_free(rows);
	return found;
}

void contact_apply(struct pl_turn *turn, struct contact *contact, enum contact_event event,
		   struct offer *offer)
{
	const struct contact_rule *rule = contact_rule_find(contact, event);
	enum contact_state from = contact->state;

	if (!rule) {
		pl_log(WARN, "contact.refused", contact->id, "state=%s event=%d",
		       contact_state_name(from), (int)event);
		return;
	}
	contact->state = rule->to;
	if (rule->action)
		rule->action(turn, contact, offer);
	if (rule->to == from)
		return;
	pl_exec(turn, "update contact set state = $2, since_ms = $3 where contact_id = $1", "sii",
		contact->id, (int64_t)rule->to, pl_turn_now_ms(turn));
	pl_log(INFO, "contact.state", contact->id, "from=%s to=%s: %s", contact_state_name(from),
	       contact_state_name(rule->to), rule->why);
}

struct opened {
	const char *channel, *topic;
	char *customer, *attributes;
};

static enum pl_err read_opened(struct opened *opened, const struct pl_event *event)
{
	json_t *customer = NULL, *attributes = NULL;
	enum pl_err err = PL_OK;

	if (strlen(event->key) >= ID_SIZE)
		return pl_fail(PL_INVALID, "contactId is longer than %d bytes", ID_SIZE - 1);
	err = pl_json_text(&opened->channel, event->body, "channel", WORD_SIZE - 1, true);
	if (!err)
		err = pl_json_text(&opened->topic, event->body, "topic", 1000, false);
	if (!err)
		err = pl_json_object(&customer, event->body, "customer", 100, false);
	if (!err)
		err = pl_json_object(&attributes, event->body, "attributes", 1000, false);
	if (err)
		return err;
	opened->customer = customer ? pl_json_dump(customer) : strdup("{}");
	opened->attributes = attributes ? pl_json_dump(attributes) : strdup("{}");
	return opened->customer && opened->attributes ? PL_OK : PL_NOMEM;
}

/* The match that came before. */
static void go_on(struct pl_turn *turn, struct contact *contact)
{
	json_t *body = contact->early ? json_loads(contact->early, 0, NULL) : NULL;
	struct offer offer;

	if (!body)
		return;
	pl_timer_cancel(turn, "early", contact->id);
	pl_exec(turn, "update contact set early = null where contact_id = $1", "s", contact->id);
	if (offer_read(&offer, body) == PL_OK)
		contact_apply(turn, contact, CONTACT_EV_MATCH, &offer);
	json_decref(body);
}

enum pl_err on_opened(struct pl_turn *turn, const struct pl_event *event)
{
	struct contact contact = { 0 };
	struct opened opened = { 0 };
	enum pl_err err = read_opened(&opened, event);

	if (err)
		goto out;
	if (!contact_load(turn, &contact, event->key)) {
		pl_exec(turn,
			"insert into contact (contact_id, state, channel, service, customer, topic, "
			"attributes, offer_id, agent_id, is_known, opened_ms, since_ms, close_reason) "
			"values ($1, $2, $3, '', $4, $5, $6, '', '', 1, $7, $8, '')",
			"sissssii", event->key, (int64_t)CONTACT_OPENED, opened.channel,
			opened.customer, opened.topic, opened.attributes, event->at_ms,
			pl_turn_now_ms(turn));
	} else if (!contact.is_known) {
		pl_exec(turn,
			"update contact set channel = $2, customer = $3, topic = $4, attributes = $5, "
			"opened_ms = $6, is_known = 1 where contact_id = $1",
			"sssssi", event->key, opened.channel, opened.customer, opened.topic,
			opened.attributes, event->at_ms);
		free(contact.customer);
		contact.customer = opened.customer;
		opened.customer = NULL;
		go_on(turn, &contact);
	}
out:
	contact_fini(&contact);
	free(opened.customer);
	free(opened.attributes);
	return err;
}

/* What is known of a contact that another service speaks of. */
static void insert_unknown(struct pl_turn *turn, const char *id, enum contact_state state,
			   const char *channel, const char *early)
{
	int64_t now_ms = pl_turn_now_ms(turn);

	pl_exec(turn,
		"insert into contact (contact_id, state, channel, service, customer, attributes, offer_id, "
		"agent_id, is_known, opened_ms, since_ms, close_reason, early) "
		"values ($1, $2, $3, '', '{}', '{}', '', '', 0, $4, $5, '', $6)",
		"sisiis", id, (int64_t)state, channel, now_ms, now_ms, early);
}

static enum pl_err keep_early(struct pl_turn *turn, const struct offer *offer, const json_t *body)
{
	const struct pl_service *service = pl_turn_service(turn);
	char *text = pl_json_dump(body);

	if (!text)
		return PL_NOMEM;
	insert_unknown(turn, offer->contact.id, CONTACT_OPENED, offer->channel, text);
	pl_timer_set(turn, "early", offer->contact.id, PL_TIMER_ELAPSED,
		     pl_attribute_get(service, "opened_wait_ms"), NULL);
	free(text);
	return PL_OK;
}

static bool is_early_repeat(const struct contact *contact, const struct offer *offer)
{
	json_t *body = contact->early ? json_loads(contact->early, 0, NULL) : NULL;
	bool is = strcmp(pl_json_get_text(body, "offerId"), offer->id) == 0;

	json_decref(body);
	return is;
}

enum pl_err on_matched(struct pl_turn *turn, const struct pl_event *event)
{
	struct offer offer, before;
	struct contact contact;
	enum pl_err err = offer_read(&offer, event->body);

	if (err)
		return err;
	if (!contact_load(turn, &contact, offer.contact.id)) {
		err = keep_early(turn, &offer, event->body);
	} else if (!offer_load(turn, &before, offer.id) && !is_early_repeat(&contact, &offer)) {
		if (contact.early)
			refuse_taken(turn, &contact, &offer);
		else if (contact.parent_id[0] && leg_has_agent(turn, &contact, offer.agent_id))
			leg_pass_over(turn, &contact, &offer);
		else
			contact_apply(turn, &contact, CONTACT_EV_MATCH, &offer);
	}
	contact_fini(&contact);
	return err;
}

enum pl_err on_early(struct pl_turn *turn, const char *key, const json_t *body)
{
	struct contact contact;

	if (contact_load(turn, &contact, key) && contact.early) {
		pl_log(WARN, "contact.unknown", key, "offered though its opening wasn't heard of");
		go_on(turn, &contact);
	}
	contact_fini(&contact);
	return PL_OK;
}

enum pl_err on_closed(struct pl_turn *turn, const struct pl_event *event)
{
	struct contact contact = { 0 };
	const char *reason = NULL;
	enum pl_err err = pl_json_text(&reason, event->body, "reason", WORD_SIZE - 1, false);

	if (!err && strlen(event->key) >= ID_SIZE)
		err = pl_fail(PL_INVALID, "contactId is longer than %d bytes", ID_SIZE - 1);
	if (err)
		return err;
	if (contact_load(turn, &contact, event->key)) {
		legs_end(turn, &contact);
		contact_apply(turn, &contact, CONTACT_EV_CLOSE, NULL);
		go_on(turn, &contact);
	} else {
		insert_unknown(turn, event->key, CONTACT_ENDED, "", NULL);
	}
	pl_exec(turn,
		"update contact set closed_ms = $2, close_reason = $3 "
		"where contact_id = $1 and closed_ms = 0",
		"sis", event->key, event->at_ms, reason ? reason : "");
	contact_fini(&contact);
	return PL_OK;
}
