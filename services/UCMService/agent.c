/*
 * agent.c — how long an agent has to answer an offer, where the user has a time of his own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/json.h"
#include "ucm.h"

enum { OFFER_MOST_S = 86400 };

enum pl_err on_agent_state(struct pl_turn *turn, const struct pl_event *event)
{
	int64_t offer_s = 0;
	enum pl_err err =
		pl_json_int(&offer_s, event->body, "offerSeconds", 0, OFFER_MOST_S, false);

	if (err)
		return err;
	if (offer_s)
		pl_exec(turn,
			"insert into agent (agent_id, offer_s) values ($1, $2) on conflict (agent_id) "
			"do update set offer_s = excluded.offer_s "
			"where agent.offer_s <> excluded.offer_s",
			"si", event->key, offer_s);
	else
		pl_exec(turn, "delete from agent where agent_id = $1", "s", event->key);
	return PL_OK;
}

int64_t agent_offer_s(struct pl_turn *turn, const char *agent_id)
{
	struct pl_rows *rows =
		pl_query(turn, "select offer_s from agent where agent_id = $1", "s", agent_id);
	int64_t offer_s = pl_rows_next(rows) ? pl_rows_int(rows, 0)
					     : pl_attribute_get_for(pl_turn_service(turn), agent_id,
								    "offer_timeout_s");

	pl_rows_free(rows);
	return offer_s;
}
