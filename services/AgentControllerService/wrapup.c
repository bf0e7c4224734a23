/*
 * wrapup.c — after the contact: how long wrap-up is, and more time for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "desk.h"

/* The user's own, or else the routing service's, or else the attribute's. */
static int64_t wrapup_s(struct pl_turn *turn, const struct desk *desk)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select wrapup_s, 1 as place from agent where agent_id = $1 and wrapup_s > 0 "
		"union all select wrapup_s, 2 from service where name = $2 order by place limit 1",
		"ss", desk->agent_id, desk->service);
	int64_t seconds = pl_rows_next(rows) ? pl_rows_int(rows, 0)
					     : pl_attribute_get_for(pl_turn_service(turn),
								    desk->agent_id, "wrapup_s");

	pl_rows_free(rows);
	return seconds;
}

bool wants_wrapup(struct pl_turn *turn, const struct desk *desk, const struct desk_act *act)
{
	return wrapup_s(turn, desk) > 0;
}

int64_t wrapup_extensions_left(struct pl_turn *turn, const struct desk *desk)
{
	int64_t left = pl_attribute_get(pl_turn_service(turn), "extensions") - desk->extensions;

	return left > 0 ? left : 0;
}

bool may_extend(struct pl_turn *turn, const struct desk *desk, const struct desk_act *act)
{
	return wrapup_extensions_left(turn, desk) > 0;
}

void start_wrapup(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	int64_t seconds = wrapup_s(turn, desk);

	if (!desk->reason[0])
		desk_keep_reason(turn, desk, act->reason);
	desk_deliver_closed(turn, desk, seconds);
	pl_timer_set(turn, "wrapup", desk->offer_id, PL_TIMER_HUMAN, seconds * 1000, NULL);
}

void extend(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	int64_t left_ms = pl_timer_left_ms(turn, "wrapup", desk->offer_id);
	int64_t more_ms = 1000 * pl_attribute_get(pl_turn_service(turn), "extension_s");

	more_ms += left_ms > 0 ? left_ms : 0;
	desk->extensions++;
	pl_exec(turn, "update agent_contact set extensions = $2 where offer_id = $1", "si",
		desk->offer_id, desk->extensions);
	pl_timer_set(turn, "wrapup", desk->offer_id, PL_TIMER_HUMAN, more_ms, NULL);
	act->reply =
		json_pack("{s:[{s:s, s:s, s:I, s:I}]}", "send", "type", "wrapup", "contactId",
			  desk->contact_id, "wrapUpSeconds", (json_int_t)((more_ms + 999) / 1000),
			  "extensionsLeft", (json_int_t)wrapup_extensions_left(turn, desk));
}

enum pl_err on_service(struct pl_turn *turn, const struct pl_event *event)
{
	int64_t seconds = -1;
	enum pl_err err = pl_json_int(&seconds, event->body, "wrapUpSeconds", 0, 86400, false);

	if (err)
		return err;
	if (seconds < 0 || json_is_true(json_object_get(event->body, "removed")))
		pl_exec(turn, "delete from service where name = $1", "s", event->key);
	else
		pl_exec(turn,
			"insert into service (name, wrapup_s) values ($1, $2) on conflict (name) "
			"do update set wrapup_s = excluded.wrapup_s",
			"si", event->key, seconds);
	return PL_OK;
}
