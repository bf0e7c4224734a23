/*
 * contact.c — what an agent's page is told of offers and contacts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "uac.h"

#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"

/* What the page and the agent's state get of an ended offer. */
static const struct {
	const char *reason;
	bool is_shown; /* as withdrawn */
	bool is_missed;
} endings[] = {
	{ "rejected", false, false }, { "completed", false, false },
	{ "noAnswer", true, true },   { "customerLeft", true, false },
	{ "agentLost", true, false }, { "withdrawn", true, false },
};
enum { ENDINGS = sizeof(endings) / sizeof(endings[0]) };

/* How far an offer has come; stored, as is_accepted. One that is over stays for a while, so that
 * what is heard of it again changes nothing. */
enum shown { SHOWN_OFFERED, SHOWN_ACCEPTED, SHOWN_OVER, SHOWN_NEVER };

static enum shown find_offer(struct pl_turn *turn, const char *offer_id, const char *agent_id)
{
	enum shown shown = SHOWN_NEVER;
	struct pl_rows *rows = pl_query(
		turn, "select agent_id, is_accepted from offer where offer_id = $1", "s", offer_id);

	if (pl_rows_next(rows) && strcmp(pl_rows_text(rows, 0), agent_id) == 0)
		shown = (enum shown)pl_rows_int(rows, 1);
	pl_rows_free(rows);
	return shown;
}

static enum shown take_offer(struct pl_turn *turn, const char *offer_id, const char *agent_id)
{
	enum shown shown = find_offer(turn, offer_id, agent_id);

	if (shown == SHOWN_OFFERED || shown == SHOWN_ACCEPTED)
		pl_exec(turn,
			"update offer set is_accepted = $2, frame = '{}', expires_ms = $3 "
			"where offer_id = $1",
			"sii", offer_id, (int64_t)SHOWN_OVER, pl_turn_now_ms(turn));
	return shown;
}

static json_t *offer_frame(const json_t *body)
{
	static const char *const members[] = { "offerId", "contactId", "channel",
					       "service", "customer",  "expiresInSeconds",
					       "kind",	  "parentId",  "from",
					       "note" };
	json_t *frame = json_pack("{s:s}", "type", "offer");

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (json_object_get(body, members[i]))
			json_object_set(frame, members[i], json_object_get(body, members[i]));
	return frame;
}

enum pl_err on_made(struct pl_turn *turn, const struct pl_event *event)
{
	const char *offer_id = NULL, *agent_id = NULL;
	char stream[STREAM_SIZE];
	int64_t expires_s = 0;
	json_t *frame;
	char *text;
	enum pl_err err = pl_json_text(&offer_id, event->body, "offerId", ID_SIZE - 1, true);

	if (!err)
		err = pl_json_text(&agent_id, event->body, "agentId", AGENT_SIZE - 1, true);
	if (!err)
		err = pl_json_int(&expires_s, event->body, "expiresInSeconds", 0, 86400, true);
	if (!err)
		err = agent_stream(stream, agent_id);
	if (err || find_offer(turn, offer_id, agent_id) != SHOWN_NEVER)
		return err;
	frame = offer_frame(event->body);
	text = pl_json_dump(frame);
	pl_exec(turn,
		"insert into offer (offer_id, agent_id, is_accepted, frame, expires_ms) "
		"values ($1, $2, 0, $3, $4) on conflict (offer_id) do nothing",
		"sssi", offer_id, agent_id, text ? text : "{}", event->at_ms + 1000 * expires_s);
	pl_stream_append(turn, stream, frame, NULL);
	free(text);
	return PL_OK;
}

enum pl_err on_accepted(struct pl_turn *turn, const struct pl_event *event)
{
	const char *offer_id = NULL, *agent_id = NULL;
	struct agent agent;
	enum shown shown;
	enum pl_err err = pl_json_text(&offer_id, event->body, "offerId", ID_SIZE - 1, true);

	if (!err)
		err = pl_json_text(&agent_id, event->body, "agentId", AGENT_SIZE - 1, true);
	if (err)
		return err;
	shown = find_offer(turn, offer_id, agent_id);
	if (shown == SHOWN_ACCEPTED || shown == SHOWN_OVER)
		return PL_OK; /* heard before */
	/* What was handed over by another agent was never offered. */
	pl_exec(turn,
		"insert into offer (offer_id, agent_id, is_accepted, frame, expires_ms) "
		"values ($1, $2, 1, '{}', 0) on conflict (offer_id) do update set is_accepted = 1",
		"ss", offer_id, agent_id);
	agent_load(turn, &agent, agent_id);
	if (agent_rule_find(&agent, AGENT_EV_CONTACT))
		(void)agent_apply(turn, &agent, AGENT_EV_CONTACT, NULL);
	agent_fini(&agent);
	return PL_OK;
}

static void miss(struct pl_turn *turn, const char *agent_id)
{
	struct agent agent;

	agent_load(turn, &agent, agent_id);
	if (agent_rule_find(&agent, AGENT_EV_NO_ANSWER))
		(void)agent_apply(turn, &agent, AGENT_EV_NO_ANSWER, "noAnswer");
	agent_fini(&agent);
}

static void less(struct pl_turn *turn, const char *agent_id)
{
	struct agent agent;

	agent_load(turn, &agent, agent_id);
	if (!agent.contacts)
		work_last(turn, &agent);
	agent_fini(&agent);
}

enum pl_err on_ended(struct pl_turn *turn, const struct pl_event *event)
{
	const char *offer_id = pl_json_get_text(event->body, "offerId");
	const char *agent_id = pl_json_get_text(event->body, "agentId");
	const char *reason = pl_json_get_text(event->body, "reason");
	char stream[STREAM_SIZE];
	enum shown shown;
	int i = 0;

	if (agent_stream(stream, agent_id))
		return PL_OK;
	shown = take_offer(turn, offer_id, agent_id);
	/* An accepted one is AgentControllerService's to take from the page. */
	if (shown == SHOWN_ACCEPTED)
		less(turn, agent_id);
	if (shown != SHOWN_OFFERED)
		return PL_OK;
	while (i < ENDINGS && strcmp(endings[i].reason, reason) != 0)
		i++;
	if (i == ENDINGS || endings[i].is_shown)
		pl_stream_append(turn, stream,
				 json_pack("{s:s, s:s, s:s, s:s}", "type", "withdrawn", "contactId",
					   event->key, "offerId", offer_id, "reason", reason),
				 NULL);
	if (i < ENDINGS && endings[i].is_missed)
		miss(turn, agent_id);
	return PL_OK;
}

json_t *offered_contacts(struct pl_turn *turn, const char *agent_id)
{
	json_t *list = json_array();
	struct pl_rows *rows = pl_query(turn,
					"select frame, expires_ms from offer "
					"where agent_id = $1 and is_accepted = 0 order by offer_id",
					"s", agent_id);

	while (pl_rows_next(rows)) {
		json_t *item = json_loads(pl_rows_text(rows, 0), 0, NULL);
		int64_t left_s = (pl_rows_int(rows, 1) - pl_turn_now_ms(turn) + 999) / 1000;
		int64_t most_s = json_integer_value(json_object_get(item, "expiresInSeconds"));

		json_object_del(item, "type");
		json_object_set_new(item, "state", json_string("offered"));
		json_object_set_new(item, "expiresInSeconds",
				    json_integer(left_s < 0	   ? 0
						 : left_s < most_s ? left_s
								   : most_s));
		json_array_append_new(list, item);
	}
	pl_rows_free(rows);
	return list;
}
