/*
 * session.c — how a session ends.
 *
 * A session ends by logout, by another page that takes over, by a token that wasn't renewed, or
 * with its connection. After the last two the agent has some time to come back; the state stays
 * meanwhile.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "uac.h"

#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"

enum pl_err session_mine(struct pl_turn *turn, struct agent *agent, const json_t *body)
{
	const char *id = NULL, *session_id = NULL;
	enum pl_err err;

	memset(agent, 0, sizeof(*agent));
	if (!json_is_object(json_object_get(body, "session")))
		return pl_fail(PL_UNAUTHORIZED, "say hello with a token first");
	err = pl_json_text(&id, body, "session.agentId", AGENT_SIZE - 1, true);
	if (!err)
		err = pl_json_text(&session_id, body, "session.sessionId", ID_SIZE - 1, true);
	if (err)
		return err;
	agent_load(turn, agent, id);
	if (!session_id[0] || strcmp(agent->session_id, session_id) != 0)
		return pl_fail(PL_UNAUTHORIZED,
			       "this session has ended, or another page took it over");
	return PL_OK;
}

void session_end(struct pl_turn *turn, struct agent *agent)
{
	char stream[STREAM_SIZE];

	session_stream(stream, agent->session_id);
	pl_stream_drop(turn, stream);
	pl_timer_cancel(turn, "expiry", agent->id);
	pl_timer_cancel(turn, "grace", agent->id);
	agent->session_id[0] = '\0';
}

static void store_session(struct pl_turn *turn, const struct agent *agent)
{
	pl_exec(turn, "update agent set session_id = $2 where agent_id = $1", "ss", agent->id,
		agent->session_id);
}

void session_close(struct pl_turn *turn, struct agent *agent, json_t *frame)
{
	char stream[STREAM_SIZE];

	session_stream(stream, agent->session_id);
	pl_stream_append(turn, stream, frame, json_pack("{s:b}", "close", 1));
	forget_stream(turn, stream);
	agent->session_id[0] = '\0';
}

void session_replace(struct pl_turn *turn, struct agent *agent)
{
	if (agent->session_id[0])
		session_close(turn, agent, json_pack("{s:s}", "type", "replaced"));
}

void session_lost(struct pl_turn *turn, struct agent *agent)
{
	int64_t grace_s = pl_attribute_get(pl_turn_service(turn), "grace_s");

	store_session(turn, agent);
	pl_timer_cancel(turn, "expiry", agent->id);
	pl_timer_set(turn, "grace", agent->id, PL_TIMER_HUMAN, 1000 * grace_s, NULL);
	pl_log(INFO, "agent.lost", NULL, "agent=%s has %ld s to come back", agent->id,
	       (long)grace_s);
}

/* The edge tells that a connection ended. Only that of the present session matters. */
enum pl_err op_gone(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct agent agent;
	enum pl_err err = session_mine(turn, &agent, body);

	if (!err) {
		session_end(turn, &agent);
		session_lost(turn, &agent);
	}
	agent_fini(&agent);
	return err == PL_UNAUTHORIZED ? PL_OK : err;
}

enum pl_err on_grace(struct pl_turn *turn, const char *key, const json_t *body)
{
	struct agent agent;

	agent_load(turn, &agent, key);
	if (!agent.session_id[0] && agent_rule_find(&agent, AGENT_EV_LOST))
		(void)agent_apply(turn, &agent, AGENT_EV_LOST, "connectionLost");
	agent_fini(&agent);
	return PL_OK;
}

/* A token that wasn't renewed. The edge may be away too, so its word isn't waited for. */
enum pl_err on_expiry(struct pl_turn *turn, const char *key, const json_t *body)
{
	struct agent agent;

	agent_load(turn, &agent, key);
	if (agent.session_id[0]) {
		session_close(turn, &agent,
			      json_pack("{s:s, s:s, s:s}", "type", "error", "code", "unauthorized",
					"message", "the token has expired and was not renewed"));
		session_lost(turn, &agent);
	}
	agent_fini(&agent);
	return PL_OK;
}

static bool is_silent(struct pl_turn *turn, const char *session_id)
{
	char stream[STREAM_SIZE];

	session_stream(stream, session_id);
	return pl_stream_unwatched_ms(turn, stream) >
	       1000 * pl_attribute_get(pl_turn_service(turn), "silence_s");
}

static void end_silent(struct pl_turn *turn)
{
	json_t *ids = json_array(), *id;
	struct pl_rows *rows =
		pl_query(turn, "select agent_id, session_id from agent where session_id <> ''", "");
	size_t i;

	while (pl_rows_next(rows))
		if (is_silent(turn, pl_rows_text(rows, 1)))
			json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	json_array_foreach(ids, i, id) {
		struct agent agent;

		agent_load(turn, &agent, json_string_value(id));
		session_end(turn, &agent);
		session_lost(turn, &agent);
		agent_fini(&agent);
	}
	json_decref(ids);
}

enum pl_err sweep(struct pl_turn *turn)
{
	static int64_t forget_ms;

	end_silent(turn);
	if (pl_turn_now_ms(turn) < forget_ms && pl_turn_now_ms(turn) > forget_ms - 600000)
		return PL_OK;
	forget_ms = pl_turn_now_ms(turn) + 600000;
	return forget(turn);
}
