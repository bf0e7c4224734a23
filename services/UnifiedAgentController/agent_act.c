/*
 * agent_act.c — what the rules of an agent's state do: frames to the page, events to the others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "uac.h"

bool is_changed(const struct agent *agent)
{
	return agent->is_changed;
}

bool has_contacts(const struct agent *agent)
{
	return agent->contacts > 0;
}

bool wants_ready(const struct agent *agent)
{
	return agent->auto_ready;
}

/* nowMs, as the page's clock may be wrong: how long since is the difference. */
json_t *agent_frame(struct pl_turn *turn, const struct agent *agent)
{
	json_t *frame =
		json_pack("{s:s, s:s, s:s, s:I, s:I}", "type", "state", "state",
			  agent_state_name(agent->state), "reason", agent->reason, "sinceMs",
			  (json_int_t)agent->since_ms, "nowMs", (json_int_t)pl_turn_now_ms(turn));

	agent_flags(frame, agent->state);
	return frame;
}

void show_state(struct pl_turn *turn, const struct agent *agent)
{
	char stream[STREAM_SIZE];

	if (agent_stream(stream, agent->id) == PL_OK)
		pl_stream_append(turn, stream, agent_frame(turn, agent), NULL);
}

json_t *agent_told(const struct agent *agent, int64_t at_ms)
{
	json_t *body = json_pack("{s:s, s:s, s:s, s:s, s:O?, s:O?, s:I}", "agentId", agent->id,
				 "name", agent->name, "state", agent_state_name(agent->state),
				 "reason", agent->reason, "attributes", agent->attributes,
				 "capacity", agent->capacity, "atMs", (json_int_t)at_ms);

	agent_flags(body, agent->state);
	json_object_update_missing(body, agent->routing);
	return body;
}

json_t *agent_gone(const struct agent *agent)
{
	return json_pack("{s:s, s:s}", "agentId", agent->id, "reason", agent->reason);
}

void tell_state(struct pl_turn *turn, const struct agent *agent)
{
	pl_emit(turn, "agent", "state", agent->id, agent_told(agent, pl_turn_now_ms(turn)));
}

void show_and_tell_state(struct pl_turn *turn, const struct agent *agent)
{
	show_state(turn, agent);
	tell_state(turn, agent);
}

/* First the state, so that nothing that is queued again is matched to this agent. */
void tell_gone(struct pl_turn *turn, const struct agent *agent)
{
	tell_state(turn, agent);
	pl_emit(turn, "agent", "gone", agent->id, agent_gone(agent));
}
