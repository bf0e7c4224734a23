/*
 * leg.c — consultations: what the contact's agent is told of them, and what the agent does who was
 * asked. Private talk, and pages that are shown.
 *
 * Who was asked watches the chat by the id of the contact, and does everything by the id of the
 * leg. Asked into the chat, the agent joins it by the leg's offer; both pages are told once that is
 * done, so that what is said then is taken.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "desk.h"

#include <stdlib.h>
#include <string.h>

enum { SWEEP_ROWS = 500 };

/* ---- what the contact's agent sees ---- */

/* How far a consultation is; stored. What is heard again never takes it back. */
enum { STEP_OFFERING = 1, STEP_JOINED, STEP_CONFERENCE, STEP_OVER };

static const struct {
	const char *state;
	int64_t step;
} steps[] = {
	{ "offering", STEP_OFFERING },
	{ "joined", STEP_JOINED },
	{ "conference", STEP_CONFERENCE },
};

static int64_t step_of(const char *state)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strcmp(steps[i].state, state) == 0)
			return steps[i].step;
	return STEP_OVER;
}

json_t *legs_view(struct pl_turn *turn, const char *contact_id)
{
	json_t *list = json_array();
	struct pl_rows *rows = pl_query(
		turn, "select shown from leg where contact_id = $1 and step < $2 order by leg_id",
		"si", contact_id, (int64_t)STEP_OVER);

	while (pl_rows_next(rows))
		json_array_append_new(list, json_loads(pl_rows_text(rows, 0), 0, NULL));
	pl_rows_free(rows);
	return list;
}

static int64_t step_kept(struct pl_turn *turn, const char *leg_id)
{
	struct pl_rows *rows =
		pl_query(turn, "select step from leg where leg_id = $1", "s", leg_id);
	int64_t step = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return step;
}

json_t *leg_state(struct pl_turn *turn, const char *leg_id)
{
	return json_string(step_kept(turn, leg_id) == STEP_CONFERENCE ? "conference" : "joined");
}

/* {legId, state, to, participant} of an event or a frame. */
static json_t *shown(const json_t *body)
{
	return json_pack("{s:O, s:O, s:O?, s:O?}", "legId", json_object_get(body, "legId"), "state",
			 json_object_get(body, "state"), "to", json_object_get(body, "to"),
			 "participant", json_object_get(body, "participant"));
}

/* Whether that is news. */
static bool keep(struct pl_turn *turn, const json_t *body)
{
	const char *leg_id = pl_json_get_text(body, "legId");
	int64_t step = step_of(pl_json_get_text(body, "state"));
	json_t *view;
	char *text;

	if (step_kept(turn, leg_id) >= step)
		return false;
	view = shown(body);
	text = pl_json_dump(view);
	pl_exec(turn,
		"insert into leg (leg_id, contact_id, step, shown, at_ms) values ($1, $2, $3, $4, $5) "
		"on conflict (leg_id) do update set step = excluded.step, shown = excluded.shown, "
		"at_ms = excluded.at_ms",
		"ssisi", leg_id, pl_json_get_text(body, "contactId"), step, text ? text : "{}",
		pl_turn_now_ms(turn));
	free(text);
	json_decref(view);
	return true;
}

static void tell(struct pl_turn *turn, const char *agent_id, const json_t *body)
{
	json_t *frame = shown(body);

	json_object_set_new(frame, "type", json_string("consult"));
	json_object_set(frame, "contactId", json_object_get(body, "contactId"));
	desk_deliver(turn, agent_id, frame, NULL);
}

enum pl_err on_leg(struct pl_turn *turn, const struct pl_event *event)
{
	struct desk_act act = { .frame = event->body };
	const char *agent_id = NULL, *state = NULL, *leg_id = NULL;
	struct desk desk;
	enum pl_err err = pl_json_text(&agent_id, event->body, "agentId", ID_MAX, false);

	if (!err)
		err = pl_json_text(&state, event->body, "state", 32, true);
	if (!err)
		err = pl_json_text(&leg_id, event->body, "legId", CONTACT_ID_MAX, true);
	if (err)
		return err;
	if (strcmp(state, "conference") == 0) {
		if (desk_by_offer(turn, &desk, pl_json_get_text(event->body, "offerId")))
			return desk_step(turn, &desk, DESK_EV_CONFERENCE, &act);
		return PL_OK; /* it has ended: the next event says so */
	}
	if (keep(turn, event->body) && agent_id && agent_id[0])
		tell(turn, agent_id, event->body);
	return PL_OK;
}

void legs_sweep(struct pl_turn *turn, int64_t before_ms)
{
	pl_exec(turn,
		"delete from leg where leg_id in (select leg_id from leg where step = $1 "
		"and at_ms < $2 limit $3)",
		"iii", (int64_t)STEP_OVER, before_ms, (int64_t)SWEEP_ROWS);
}

/* ---- who was asked ---- */

bool is_leg(struct pl_turn *turn, const struct desk *desk, const struct desk_act *act)
{
	return desk->parent_id[0] != '\0';
}

bool may_speak(struct pl_turn *turn, const struct desk *desk, const struct desk_act *act)
{
	return !desk->parent_id[0] || desk->presence == DESK_IS_IN;
}

static void set_presence(struct pl_turn *turn, struct desk *desk, enum desk_presence presence)
{
	desk->presence = presence;
	pl_exec(turn, "update agent_contact set presence = $2 where offer_id = $1", "si",
		desk->offer_id, (int64_t)presence);
}

void enter_chat(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	if (desk->presence != DESK_WATCHES)
		return; /* heard again */
	set_presence(turn, desk, DESK_ENTERS);
	pl_command(turn, "CustomerControllerService.join", desk->parent_id,
		   json_pack("{s:s, s:s, s:s, s:{s:s, s:s}}", "contactId", desk->parent_id,
			     "agentId", desk->agent_id, "offerId", desk->offer_id, "participant",
			     "role", "agent", "name", desk->name),
		   json_pack("{s:s, s:O}", "offerId", desk->offer_id, "entered", act->frame));
}

/* The answer to enter_chat. */
enum pl_err on_entered(struct pl_turn *turn, const struct pl_answer *answer)
{
	struct desk_act act = { .frame = json_object_get(answer->context, "entered") };
	struct desk desk;

	if (answer->err) {
		pl_log(WARN, "leg.enter", pl_json_get_text(act.frame, "contactId"), "%s",
		       answer->message);
		return PL_OK;
	}
	if (!desk_by_offer(turn, &desk, pl_json_get_text(answer->context, "offerId")))
		return PL_OK;
	return desk_step(turn, &desk, DESK_EV_ENTERED, &act);
}

void note_entered(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	const char *agent_id = pl_json_get_text(act->frame, "agentId");

	set_presence(turn, desk, DESK_IS_IN);
	if (!keep(turn, act->frame))
		return; /* over meanwhile */
	tell(turn, desk->agent_id, act->frame);
	if (agent_id[0])
		tell(turn, agent_id, act->frame);
}

/* No wrap-up: what is to be written of the contact is its agent's. */
void end_leg(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	pl_timer_cancel(turn, "context", desk->offer_id);
	if (strcmp(act->reason, "completed") == 0) {
		desk_keep_reason(turn, desk, "agent");
		desk_deliver_closed(turn, desk, 0);
	} else {
		withdraw(turn, desk, act);
	}
	if (desk->presence != DESK_WATCHES)
		pl_command(turn, "CustomerControllerService.leave", desk->parent_id,
			   json_pack("{s:s, s:s, s:s}", "contactId", desk->parent_id, "agentId",
				     desk->agent_id, "offerId", desk->offer_id),
			   NULL);
}

void release_leg(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	pl_ask(turn, "UCMService.release",
	       json_pack("{s:{s:s, s:s}, s:O}", "frame", "contactId", desk->parent_id, "legId",
			 desk->contact_id, "session", act->session),
	       on_passed, pl_hold(turn), NULL);
}

/* ---- beside the talk ---- */

static json_t *by(const struct desk *desk, const struct desk_act *act, const char *const *members)
{
	json_t *body = json_pack("{s:s, s:s}", "agentId", desk->agent_id, "name", desk->name);

	for (; *members; members++)
		if (json_object_get(act->frame, *members))
			json_object_set(body, *members, json_object_get(act->frame, *members));
	return body;
}

void pass_private(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	static const char *const members[] = { "text", "clientId", NULL };

	desk_pass(turn, desk, "CustomerControllerService.private", by(desk, act, members));
}

void pass_push(struct pl_turn *turn, struct desk *desk, struct desk_act *act)
{
	static const char *const members[] = { "url", "title", "clientId", NULL };

	desk_pass(turn, desk, "CustomerControllerService.push", by(desk, act, members));
}
