/*
 * agent.c — agents as rows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "uac.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"

void agent_fini(struct agent *agent)
{
	json_decref(agent->attributes);
	json_decref(agent->capacity);
	json_decref(agent->routing);
	json_decref(agent->reasons);
}

static int64_t count_contacts(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn, "select count(*) from offer where agent_id = $1 and is_accepted = 1",
			 "s", id);
	int64_t count = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return count;
}

bool agent_load(struct pl_turn *turn, struct agent *agent, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select name, state, reason, session_id, attributes, capacity, reasons, "
			 "auto_ready, since_ms, routing "
			 "from agent where agent_id = $1",
			 "s", id);
	bool found = pl_rows_next(rows);

	memset(agent, 0, sizeof(*agent));
	snprintf(agent->id, sizeof(agent->id), "%s", id);
	agent->state = AGENT_LOGGED_OUT;
	if (found) {
		snprintf(agent->name, sizeof(agent->name), "%s", pl_rows_text(rows, 0));
		agent->state = (enum agent_state)pl_rows_int(rows, 1);
		snprintf(agent->reason, sizeof(agent->reason), "%s", pl_rows_text(rows, 2));
		snprintf(agent->session_id, sizeof(agent->session_id), "%s", pl_rows_text(rows, 3));
		agent->attributes = json_loads(pl_rows_text(rows, 4), 0, NULL);
		agent->capacity = json_loads(pl_rows_text(rows, 5), 0, NULL);
		agent->reasons = json_loads(pl_rows_text(rows, 6), 0, NULL);
		agent->auto_ready = pl_rows_int(rows, 7) != 0;
		agent->since_ms = pl_rows_int(rows, 8);
		agent->routing = json_loads(pl_rows_text(rows, 9), 0, NULL);
	}
	pl_rows_free(rows);
	if (found)
		agent->contacts = count_contacts(turn, id);
	return found;
}

static void agent_store(struct pl_turn *turn, const struct agent *agent)
{
	char *attributes = pl_json_dump(agent->attributes),
	     *capacity = pl_json_dump(agent->capacity),
	     *reasons_text = pl_json_dump(agent->reasons), *routing = pl_json_dump(agent->routing);

	pl_exec(turn,
		"insert into agent (agent_id, name, state, reason, session_id, attributes, capacity, "
		"since_ms) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (agent_id) do update set "
		"name = excluded.name, since_ms = excluded.since_ms, state = excluded.state, "
		"reason = excluded.reason, session_id = excluded.session_id, "
		"attributes = excluded.attributes, capacity = excluded.capacity",
		"ssissssi", agent->id, agent->name, (int64_t)agent->state, agent->reason,
		agent->session_id, attributes ? attributes : "[]", capacity ? capacity : "{}",
		agent->since_ms);
	pl_exec(turn,
		"update agent set reasons = $2, auto_ready = $3, routing = $4 where agent_id = $1",
		"ssis", agent->id, reasons_text ? reasons_text : "[]", (int64_t)agent->auto_ready,
		routing ? routing : "{}");
	free(routing);
	free(attributes);
	free(capacity);
	free(reasons_text);
}

enum pl_err agent_apply(struct pl_turn *turn, struct agent *agent, enum agent_event event,
			const char *reason)
{
	const struct agent_rule *rule = agent_rule_find(agent, event);
	enum agent_state from = agent->state;
	bool is_same;

	if (!rule)
		return pl_fail(PL_STATE, "not allowed while the agent is %s",
			       agent_state_name(from));
	agent->state = rule->to;
	is_same = strcmp(agent_state_name(from), agent_state_name(rule->to)) == 0;
	if (reason && (rule->to != from || event == AGENT_EV_GO_NOT_READY)) {
		is_same = is_same && strcmp(agent->reason, reason) == 0;
		snprintf(agent->reason, sizeof(agent->reason), "%s", reason);
	}
	if (!is_same)
		agent->since_ms = pl_turn_now_ms(turn);
	if (rule->to == AGENT_LOGGED_OUT)
		agent->session_id[0] = '\0';
	agent_store(turn, agent);
	if (rule->action)
		rule->action(turn, agent);
	pl_log(INFO, "agent.state", NULL, "agent=%s from=%s to=%s reason=%s: %s", agent->id,
	       agent_state_name(from), agent_state_name(rule->to), agent->reason, rule->why);
	return PL_OK;
}

enum pl_err agent_stream(char stream[STREAM_SIZE], const char *agent_id)
{
	return pl_stream_name(stream, "agent", agent_id);
}

void session_stream(char stream[STREAM_SIZE], const char *session_id)
{
	snprintf(stream, STREAM_SIZE, "session.%.64s", session_id);
}
