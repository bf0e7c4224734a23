/*
 * desk.c — an agent's contact found, stepped, shown.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "desk.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS                                                                                       \
	"select offer_id, agent_id, contact_id, state, name, channel, service, reason, disposition, " \
	"parent_id, presence, extensions "                                                            \
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
		copy(desk->parent_id, sizeof(desk->parent_id), pl_rows_text(rows, 9));
		desk->presence = (enum desk_presence)pl_rows_int(rows, 10);
		desk->extensions = pl_rows_int(rows, 11);
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

bool desk_to_say(struct pl_turn *turn, struct desk *desk, const char *agent_id,
		 const char *contact_id)
{
	return read_row(
		desk,
		pl_query(turn,
			 "select * from (" COLUMNS
			 "where agent_id = $1 and contact_id = $2 union all " COLUMNS
			 "where agent_id = $1 and parent_id = $2 and parent_id <> '') as mine "
			 "order by state = 2 desc, state < 4 desc, parent_id, offer_id desc "
			 "limit 1",
			 "ss", agent_id, contact_id));
}

const char *desk_chat(const struct desk *desk)
{
	return desk->parent_id[0] ? desk->parent_id : desk->contact_id;
}

/* Why there is no rule. */
static const char *words(const struct desk *desk, enum desk_event event)
{
	if (desk->state == DESK_COMPLETED)
		return desk->parent_id[0] ? "the consultation is over" : "the contact is completed";
	if (event == DESK_EV_EXTEND)
		return desk->state == DESK_WRAPUP ? "there are no more extensions"
						  : "the contact isn't in wrap-up";
	if (desk->parent_id[0] && (event == DESK_EV_MESSAGE || event == DESK_EV_PUSH))
		return "you aren't in the chat: only what is private can be said";
	return "not possible with this contact now";
}

enum pl_err desk_step(struct pl_turn *turn, struct desk *desk, enum desk_event event,
		      struct desk_act *act)
{
	const struct desk_rule *rule = desk_rule_find(turn, desk, event, act);

	if (!rule)
		return pl_fail(PL_STATE, "%s", words(desk, event));
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

static json_t *watch(const char *kind, const struct desk *desk, const json_t *after)
{
	return json_pack("{s:s+, s:s, s:I}", "stream", kind, desk_chat(desk), "service",
			 "CustomerControllerService", "after", json_integer_value(after));
}

json_t *desk_watch(const struct desk *desk, const json_t *view)
{
	return json_pack("[o, o]", watch("contact.", desk, json_object_get(view, "head")),
			 watch("desk.", desk, json_object_get(view, "privateHead")));
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
			view, json_pack("{s:s, s:I, s:I}", "reason", desk->reason, "wrapUpSeconds",
					(json_int_t)(left_ms > 0 ? (left_ms + 999) / 1000 : 0),
					"extensionsLeft",
					(json_int_t)wrapup_extensions_left(turn, desk)));
	if (desk->parent_id[0])
		json_object_set_new(view, "leg", leg_state(turn, desk->contact_id));
	else
		json_object_set_new(view, "legs", legs_view(turn, desk->contact_id));
	return view;
}
