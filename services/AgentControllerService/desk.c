/*
 * desk.c — an agent's contact found, stepped, shown.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "desk.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS                                                                                      \
	"select offer_id, agent_id, contact_id, state, name, channel, service, reason, disposition " \
	"from agent_contact "

static void copy(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text ? text : "");
}

/* Takes the first row, and frees rows. */
static bool read_row(struct desk *desk, struct pl_rows *rows)
{
	bool found = pl_rows_next(rows);

	if (found) {
		copy(desk->offer_id, sizeof(desk->offer_id), pl_rows_text(rows, 0));
		copy(desk->agent_id, sizeof(desk->agent_id), pl_rows_text(rows, 1));
		copy(desk->contact_id, sizeof(desk->contact_id), pl_rows_text(rows, 2));
		desk->state = (enum desk_state)pl_rows_int(rows, 3);
		copy(desk->name, sizeof(desk->name), pl_rows_text(rows, 4));
		copy(desk->channel, sizeof(desk->channel), pl_rows_text(rows, 5));
		copy(desk->service, sizeof(desk->service), pl_rows_text(rows, 6));
		copy(desk->reason, sizeof(desk->reason), pl_rows_text(rows, 7));
		copy(desk->disposition, sizeof(desk->disposition), pl_rows_text(rows, 8));
	}
	pl_rows_free(rows);
	return found;
}

bool desk_by_offer(struct pl_turn *turn, struct desk *desk, const char *offer_id)
{
	return read_row(desk, pl_query(turn, COLUMNS "where offer_id = $1", "s", offer_id));
}

bool desk_by_agent(struct pl_turn *turn, struct desk *desk, const char *agent_id,
		   const char *contact_id)
{
	return read_row(desk, pl_query(turn,
				       COLUMNS "where agent_id = $1 and contact_id = $2 "
					       "order by state < 4 desc, offer_id desc limit 1",
				       "ss", agent_id, contact_id));
}

enum pl_err desk_step(struct pl_turn *turn, struct desk *desk, enum desk_event event,
		      const struct desk_act *act)
{
	const struct desk_rule *rule = desk_rule_find(turn, desk, event, act);

	if (!rule)
		return pl_fail(PL_STATE, "not possible with this contact now");
	if (rule->action)
		rule->action(turn, desk, act);
	if (rule->to == desk->state)
		return PL_OK;
	desk->state = rule->to;
	pl_exec(turn, "update agent_contact set state = $2, ended_ms = $3 where offer_id = $1",
		"sii", desk->offer_id, (int64_t)rule->to,
		rule->to == DESK_COMPLETED ? pl_turn_now_ms(turn) : (int64_t)0);
	pl_log(INFO, "desk.state", desk->contact_id, "agent=%s offer=%s %s", desk->agent_id,
	       desk->offer_id, rule->why);
	return PL_OK;
}

json_t *desk_watch(const struct desk *desk, int64_t after)
{
	return json_pack("{s:s+, s:s, s:I}", "stream", "contact.", desk->contact_id, "service",
			 "CustomerControllerService", "after", (json_int_t)after);
}

json_t *desk_view(struct pl_turn *turn, const struct desk *desk)
{
	struct pl_rows *rows = pl_query(turn, "select about from agent_contact where offer_id = $1",
					"s", desk->offer_id);
	const char *about = pl_rows_next(rows) ? pl_rows_text(rows, 0) : NULL;
	json_t *view = about ? json_loads(about, 0, NULL) : NULL;
	int64_t left_ms = pl_timer_left_ms(turn, "wrapup", desk->offer_id);

	pl_rows_free(rows);
	if (!view)
		view = json_object();
	json_object_update_new(view, json_pack("{s:s, s:s, s:s, s:s, s:s}", "contactId",
					       desk->contact_id, "offerId", desk->offer_id, "state",
					       desk->state == DESK_WRAPUP ? "wrapup" : "active",
					       "channel", desk->channel, "service", desk->service));
	if (desk->state == DESK_WRAPUP)
		json_object_update_new(
			view, json_pack("{s:s, s:I}", "reason", desk->reason, "wrapUpSeconds",
					(json_int_t)(left_ms > 0 ? (left_ms + 999) / 1000 : 0)));
	return view;
}
