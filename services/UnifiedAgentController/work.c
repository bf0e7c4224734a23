/*
 * work.c — what a page does with the agent's state: start work, ready, not ready, log out.
 *
 * Not ready and log-out wait for the last contact to be completed; meanwhile the agent gets no new
 * ones, as what WorkAssignment hears is not ready. A log-out by force gives the contacts back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "uac.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "pelago/json.h"

static const struct {
	const char *code;
	bool by_agent;
	const char *text;
} reason_rows[] = {
#define REASON(code, by_agent, text) { code, by_agent, text },
#include "reasons.h"
#undef REASON
};
enum { REASONS = sizeof(reason_rows) / sizeof(reason_rows[0]) };

json_t *reasons(void)
{
	json_t *list = json_array();

	for (int i = 0; i < REASONS; i++)
		if (reason_rows[i].by_agent)
			json_array_append_new(list, json_string(reason_rows[i].code));
	return list;
}

/* Without one it is "Other"; what isn't allowed is refused. */
static enum pl_err read_reason(char reason[ID_SIZE], const struct agent *agent, const json_t *body)
{
	const char *text = NULL, *code;
	const json_t *item;
	size_t i;
	enum pl_err err = pl_json_text(&text, body, "frame.reason", ID_SIZE - 1, false);

	if (err)
		return err;
	if (!text || !text[0])
		text = "Other";
	snprintf(reason, ID_SIZE, "Other");
	json_array_foreach(agent->reasons, i, item) {
		code = json_string_value(item);
		if (code && strcasecmp(code, text) == 0) {
			snprintf(reason, ID_SIZE, "%s", code);
			return PL_OK;
		}
	}
	return strcasecmp(text, reason) == 0
		       ? PL_OK
		       : pl_fail(PL_INVALID, "reason: not one of the reason codes");
}

enum pl_err op_start_work(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct agent agent = { 0 };
	enum pl_err err = session_mine(turn, &agent, body);

	if (!err)
		err = agent_apply(turn, &agent, AGENT_EV_START_WORK,
				  wants_ready(&agent) ? "" : "startWork");
	agent_fini(&agent);
	return err;
}

enum pl_err op_state(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	char reason[ID_SIZE] = "";
	const char *wanted = NULL;
	struct agent agent = { 0 };
	bool is_ready = false;
	enum pl_err err = pl_json_text(&wanted, body, "frame.state", 20, true);

	if (err)
		return err;
	is_ready = strcmp(wanted, agent_state_name(AGENT_READY)) == 0;
	if (!is_ready && strcmp(wanted, agent_state_name(AGENT_NOT_READY)) != 0)
		return pl_fail(PL_INVALID, "state: Ready or NotReady is wanted");
	err = session_mine(turn, &agent, body);
	if (!err && !is_ready)
		err = read_reason(reason, &agent, body);
	if (!err)
		err = agent_apply(turn, &agent,
				  is_ready ? AGENT_EV_GO_READY : AGENT_EV_GO_NOT_READY, reason);
	agent_fini(&agent);
	return err;
}

enum pl_err op_logout(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const struct agent_rule *rule;
	struct agent agent = { 0 };
	enum agent_event event;
	bool is_forced = false;
	enum pl_err err = pl_json_bool(&is_forced, body, "frame.force", false);

	if (!err)
		err = session_mine(turn, &agent, body);
	if (!err) {
		event = is_forced ? AGENT_EV_LOGOUT_NOW : AGENT_EV_LOGOUT;
		rule = agent_rule_find(&agent, event);
		if (rule && rule->to == AGENT_LOGGED_OUT)
			session_end(turn, &agent);
		err = agent_apply(turn, &agent, event, "logout");
	}
	if (!err && agent.state == AGENT_LOGGED_OUT)
		*replyp = json_pack("{s:[o], s:n, s:b}", "send", agent_frame(turn, &agent),
				    "session", "close", 1);
	agent_fini(&agent);
	return err;
}

/* Who waited for it to log out has perhaps a page: it is told, and closed. */
void work_last(struct pl_turn *turn, struct agent *agent)
{
	char session_id[ID_SIZE];

	if (!agent_rule_find(agent, AGENT_EV_LAST_CONTACT))
		return;
	snprintf(session_id, sizeof(session_id), "%s", agent->session_id);
	(void)agent_apply(turn, agent, AGENT_EV_LAST_CONTACT, NULL);
	if (agent->state != AGENT_LOGGED_OUT || !session_id[0])
		return;
	pl_timer_cancel(turn, "expiry", agent->id);
	snprintf(agent->session_id, sizeof(agent->session_id), "%s", session_id);
	session_close(turn, agent, agent_frame(turn, agent));
}
