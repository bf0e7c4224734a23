/* take.c — see take.h. SPDX-License-Identifier: Apache-2.0 */
#include "take.h"

#include <stdlib.h>
#include <string.h>

#include "customer.h"
#include "export.h"
#include "file.h"
#include "pelago/json.h"

static const char *text_of(const struct pl_event *event, const char *path)
{
	return pl_json_get_text(event->body, path);
}

static void touch(struct pl_turn *turn, const struct pl_event *event)
{
	pl_exec(turn,
		"insert into contact (id, first_ms, state) values ($1, $2, 'waiting') on conflict (id) "
		"do update set first_ms = excluded.first_ms where excluded.first_ms < contact.first_ms",
		"si", event->key, event->at_ms);
}

static void step(struct pl_turn *turn, const struct pl_event *event)
{
	pl_exec(turn,
		"update contact set state = case when closed_ms > 0 then 'closed' "
		"when offer_state in ('offered', 'active') then offer_state else 'waiting' end "
		"where id = $1 and state <> case when closed_ms > 0 then 'closed' "
		"when offer_state in ('offered', 'active') then offer_state else 'waiting' end",
		"s", event->key);
	export_contact(turn, event->key);
	pl_exec(turn,
		"insert into step (contact, producer, noun, n, verb, at_ms, agent, reason) "
		"values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (contact, producer, noun, n) do nothing",
		"sssisiss", event->key, event->producer, event->noun, event->n, event->verb,
		event->at_ms, text_of(event, "agentId"), text_of(event, "reason"));
}

/* ---- contact ---- */

static void set_opened(struct pl_turn *turn, const struct pl_event *event, const char *customer)
{
	char *attributes = pl_json_dump(json_object_get(event->body, "attributes"));
	char *context = pl_json_dump(json_object_get(event->body, "context"));

	pl_exec(turn,
		"update contact set channel = $1, customer = $2, name = $3, email = $4, topic = $5, "
		"attributes = $6, context = $7, opened_ms = $8 where id = $9",
		"sssssssis", text_of(event, "channel"), customer, text_of(event, "customer.name"),
		text_of(event, "customer.email"), text_of(event, "topic"),
		attributes ? attributes : "{}", context ? context : "{}", event->at_ms, event->key);
	if (*text_of(event, "customer.phone"))
		pl_exec(turn, "update contact set phone = $1 where id = $2", "ss",
			text_of(event, "customer.phone"), event->key);
	/* an offer that came before didn't know when the contact began */
	pl_exec(turn,
		"update contact_agent set first_ms = (select first_ms from contact where id = $1) "
		"where contact = $1",
		"s", event->key);
	free(attributes);
	free(context);
}

static enum pl_err on_opened(struct pl_turn *turn, const struct pl_event *event)
{
	char customer[CUSTOMER_ID_MAX + 1];

	customer_seen(turn, customer, json_object_get(event->body, "customer"), event->key,
		      event->at_ms);
	touch(turn, event);
	set_opened(turn, event, customer);
	if (strcmp(text_of(event, "direction"), "outbound") == 0)
		pl_exec(turn, "update contact set direction = 'outbound' where id = $1", "s",
			event->key);
	step(turn, event);
	return PL_OK;
}

static int64_t seq_of(const struct pl_event *event)
{
	return json_integer_value(json_object_get(event->body, "seq"));
}

/* When it was said, or else told. */
static int64_t said_ms(const struct pl_event *event)
{
	int64_t at_ms = json_integer_value(json_object_get(event->body, "atMs"));

	return at_ms ? at_ms : event->at_ms;
}

/* A line of the transcript. */
static void keep_line(struct pl_turn *turn, const struct pl_event *event, const char *sender,
		      const char *text, const char *url)
{
	touch(turn, event);
	pl_exec(turn,
		"insert into transcript (contact, seq, sender, name, text, at_ms, url) "
		"values ($1, $2, $3, $4, $5, $6, $7) on conflict (contact, seq) do nothing",
		"sisssis", event->key, seq_of(event), sender, text_of(event, "name"), text,
		said_ms(event), url);
	export_message(turn, event->key, seq_of(event));
}

static enum pl_err on_message(struct pl_turn *turn, const struct pl_event *event)
{
	keep_line(turn, event, text_of(event, "from"), text_of(event, "text"), "");
	return PL_OK;
}

/* A page that an agent showed: its title is what was said. */
static enum pl_err on_pushed(struct pl_turn *turn, const struct pl_event *event)
{
	const char *title = text_of(event, "title"), *url = text_of(event, "url");

	keep_line(turn, event, "agent", *title ? title : url, url);
	return PL_OK;
}

/* A file: its name is what was said. */
static enum pl_err on_file(struct pl_turn *turn, const struct pl_event *event)
{
	keep_line(turn, event, text_of(event, "from"), text_of(event, "file.name"), "");
	return file_sent(turn, event);
}

/* What agents said among themselves: numbers of their own. */
static enum pl_err on_private(struct pl_turn *turn, const struct pl_event *event)
{
	touch(turn, event);
	pl_exec(turn,
		"insert into private_talk (contact, seq, agent, name, text, at_ms) "
		"values ($1, $2, $3, $4, $5, $6) on conflict (contact, seq) do nothing",
		"sisssi", event->key, seq_of(event), text_of(event, "agentId"),
		text_of(event, "name"), text_of(event, "text"), said_ms(event));
	export_private(turn, event->key, seq_of(event));
	return PL_OK;
}

static void set_end(struct pl_turn *turn, const struct pl_event *event)
{
	int64_t abandoned = json_is_true(json_object_get(event->body, "abandoned"));
	int64_t off_hours = json_is_true(json_object_get(event->body, "offHours"));

	if (abandoned || off_hours)
		pl_exec(turn,
			"insert into outcome (contact, abandoned, off_hours) values ($1, $2, $3) "
			"on conflict (contact) do update set abandoned = excluded.abandoned, "
			"off_hours = excluded.off_hours",
			"sii", event->key, abandoned, off_hours);
}

static enum pl_err on_surveyed(struct pl_turn *turn, const struct pl_event *event)
{
	json_t *answers = json_object_get(event->body, "answers");
	char *text = pl_json_dump(json_is_array(answers) ? answers : NULL);

	touch(turn, event);
	if (text)
		pl_exec(turn,
			"insert into outcome (contact, survey, surveyed_ms) values ($1, $2, $3) "
			"on conflict (contact) do update set survey = excluded.survey, "
			"surveyed_ms = excluded.surveyed_ms",
			"ssi", event->key, text, event->at_ms);
	step(turn, event);
	free(text);
	return PL_OK;
}

static enum pl_err on_closed(struct pl_turn *turn, const struct pl_event *event)
{
	touch(turn, event);
	set_end(turn, event);
	pl_exec(turn, "update contact set closed_ms = $1, close_reason = $2 where id = $3", "iss",
		event->at_ms, text_of(event, "reason"), event->key);
	step(turn, event);
	return PL_OK;
}

static enum pl_err on_other(struct pl_turn *turn, const struct pl_event *event)
{
	touch(turn, event);
	step(turn, event);
	return PL_OK;
}

/* Of a consultation: what comes of it is told by leg.state, in the contact that it is about. */
static bool is_of_leg(const struct pl_event *event)
{
	return *text_of(event, "parentId") != '\0';
}

/* ---- offer: all of them come from one producer, so the last one tells the state ---- */

static void offer(struct pl_turn *turn, const struct pl_event *event, const char *state)
{
	touch(turn, event);
	pl_exec(turn,
		"update contact set offer_state = $1, "
		"channel = case when channel = '' then $2 else channel end, "
		"service = case when $3 = '' then service else $3 end where id = $4",
		"ssss", state, text_of(event, "channel"), text_of(event, "service"), event->key);
	pl_exec(turn,
		"insert into contact_offer (contact, offer, agent) values ($1, $2, $3) "
		"on conflict (contact, offer) do nothing",
		"sss", event->key, text_of(event, "offerId"), text_of(event, "agentId"));
	pl_exec(turn,
		"insert into contact_agent (agent, contact, first_ms) "
		"select $1, id, first_ms from contact where id = $2 "
		"on conflict (agent, contact) do nothing",
		"ss", text_of(event, "agentId"), event->key);
	export_offer(turn, event->key, text_of(event, "offerId"));
	step(turn, event);
}

static enum pl_err on_made(struct pl_turn *turn, const struct pl_event *event)
{
	if (is_of_leg(event))
		return PL_OK;
	offer(turn, event, "offered");
	pl_exec(turn, "update contact_offer set made_ms = $1 where contact = $2 and offer = $3",
		"iss", event->at_ms, event->key, text_of(event, "offerId"));
	return PL_OK;
}

static enum pl_err on_accepted(struct pl_turn *turn, const struct pl_event *event)
{
	if (is_of_leg(event))
		return PL_OK;
	offer(turn, event, "active");
	pl_exec(turn, "update contact_offer set accepted_ms = $1 where contact = $2 and offer = $3",
		"iss", event->at_ms, event->key, text_of(event, "offerId"));
	return PL_OK;
}

static enum pl_err on_ended(struct pl_turn *turn, const struct pl_event *event)
{
	const char *disposition = text_of(event, "disposition");

	if (is_of_leg(event))
		return PL_OK;
	offer(turn, event, "ended");
	pl_exec(turn,
		"update contact_offer set ended_ms = $1, reason = $2 where contact = $3 and offer = $4",
		"isss", event->at_ms, text_of(event, "reason"), event->key,
		text_of(event, "offerId"));
	if (*disposition)
		pl_exec(turn, "update contact set disposition = $1 where id = $2", "ss",
			disposition, event->key);
	return PL_OK;
}

/* ---- leg ---- */

/* The agent who was asked, and how far it came: "leg.state" of agent2, "joined". */
static enum pl_err on_leg(struct pl_turn *turn, const struct pl_event *event)
{
	touch(turn, event);
	pl_exec(turn,
		"insert into step (contact, producer, noun, n, verb, at_ms, agent, reason) "
		"values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (contact, producer, noun, n) do nothing",
		"sssisiss", event->key, event->producer, event->noun, event->n, event->verb,
		event->at_ms, text_of(event, "participant.id"), text_of(event, "state"));
	return PL_OK;
}

/* ---- agent ---- */

static enum pl_err on_agent_state(struct pl_turn *turn, const struct pl_event *event)
{
	pl_exec(turn,
		"insert into agent_state (agent, producer, n, at_ms, state, reason) "
		"values ($1, $2, $3, $4, $5, $6) on conflict (agent, producer, n) do nothing",
		"ssiiss", event->key, event->producer, event->n, event->at_ms,
		text_of(event, "state"), text_of(event, "reason"));
	export_agent_state(turn, event->key, event->producer, event->n);
	return PL_OK;
}

/* The first that fits. */
const struct pl_on_event take_events[] = {
	{ "contact.opened", on_opened },
	{ "message.said", on_message },
	{ "message.private", on_private },
	{ "message.pushed", on_pushed },
	{ "message.file", on_file },
	{ "contact.closed", on_closed },
	{ "contact.surveyed", on_surveyed },
	{ "contact.*", on_other },
	{ "offer.made", on_made },
	{ "offer.accepted", on_accepted },
	{ "offer.ended", on_ended },
	{ "offer.*", on_other },
	{ "leg.*", on_leg },
	{ "agent.state", on_agent_state },
	{ 0 },
};
