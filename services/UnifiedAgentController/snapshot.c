/*
 * snapshot.c — an agent told again, for whoever has missed events that are too old to be in the
 * log: the latest state, which supersedes those before; and of one who is logged out, that it went.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "uac.h"

#include <string.h>

enum pl_err agent_keys(struct pl_turn *turn, const char *noun, const char *after, int64_t limit,
		       json_t *list)
{
	struct pl_rows *rows;

	if (strcmp(noun, "agent") != 0)
		return PL_OK;
	rows = pl_query(turn,
			"select agent_id from agent where agent_id > $1 order by agent_id limit $2",
			"si", after, limit);
	while (pl_rows_next(rows))
		json_array_append_new(list, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return PL_OK;
}

/* The last event of an agent is agent.state, or that and then agent.gone. */
enum pl_err agent_snapshot(struct pl_turn *turn, struct pl_snapshot *snapshot)
{
	struct agent agent;
	bool is_gone;

	if (strcmp(snapshot->noun, "agent") != 0)
		return PL_OK;
	if (agent_load(turn, &agent, snapshot->key)) {
		is_gone = agent.state == AGENT_LOGGED_OUT;
		pl_snapshot_add(snapshot, snapshot->n - is_gone, "state", agent.since_ms,
				agent_told(&agent, agent.since_ms));
		if (is_gone)
			pl_snapshot_add(snapshot, snapshot->n, "gone", agent.since_ms,
					agent_gone(&agent));
	}
	agent_fini(&agent);
	return PL_OK;
}
