/*
 * leg.c — consult legs as rows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"
#include "ucm.h"

enum { SWEEP_AT_ONCE = 100 };

bool leg_load(struct pl_turn *turn, struct leg *leg, const char *id)
{
	struct pl_rows *rows = pl_query(turn,
					"select contact_id, state, offer_id, agent_id, agent_name, "
					"about from leg where leg_id = $1",
					"s", id);
	bool found = pl_rows_next(rows);

	memset(leg, 0, sizeof(*leg));
	if (found) {
		snprintf(leg->id, sizeof(leg->id), "%s", id);
		snprintf(leg->contact_id, sizeof(leg->contact_id), "%s", pl_rows_text(rows, 0));
		leg->state = (enum leg_state)pl_rows_int(rows, 1);
		snprintf(leg->offer_id, sizeof(leg->offer_id), "%s", pl_rows_text(rows, 2));
		snprintf(leg->agent_id, sizeof(leg->agent_id), "%s", pl_rows_text(rows, 3));
		snprintf(leg->agent_name, sizeof(leg->agent_name), "%s", pl_rows_text(rows, 4));
		leg->about = json_loads(pl_rows_text(rows, 5), 0, NULL);
	}
	pl_rows_free(rows);
	return found;
}

void leg_fini(struct leg *leg)
{
	json_decref(leg->about);
}

enum pl_err leg_apply(struct pl_turn *turn, struct leg *leg, enum leg_event event)
{
	const struct leg_rule *rule = leg_rule_find(leg, event);

	if (!rule)
		return pl_fail(PL_STATE, leg->state == LEG_OFFERING
						 ? "nobody has answered the consultation yet"
						 : "the consultation is over");
	if (rule->to != leg->state) {
		leg->state = rule->to;
		pl_exec(turn,
			"update leg set state = $2, offer_id = $3, agent_id = $4, agent_name = $5, "
			"since_ms = $6 where leg_id = $1",
			"sisssi", leg->id, (int64_t)rule->to, leg->offer_id, leg->agent_id,
			leg->agent_name, pl_turn_now_ms(turn));
		if (rule->from == LEG_OFFERING)
			pl_timer_cancel(turn, "consult", leg->id);
		pl_log(INFO, "leg.state", leg->contact_id, "leg=%s agent=%s to=%s: %s", leg->id,
		       leg->agent_id, leg_state_name(rule->to), rule->why);
	}
	if (rule->action)
		rule->action(turn, leg);
	return PL_OK;
}

void leg_describe(struct pl_turn *turn, const char *leg_id, json_t *body)
{
	struct leg leg;
	bool found = leg_load(turn, &leg, leg_id);
	json_t *from = json_object_get(leg.about, "from");
	const char *note = json_string_value(json_object_get(leg.about, "note"));

	if (found && from) {
		json_object_set_new(body, "kind", json_string("consult"));
		json_object_set_new(body, "parentId", json_string(leg.contact_id));
		json_object_set(body, "from", from);
		if (note)
			json_object_set_new(body, "note",
					    json_pack("{s:s, s:O}", "text", note, "from", from));
	}
	leg_fini(&leg);
}

json_t *leg_view(const struct leg *leg)
{
	json_t *participant = leg->agent_id[0] ? json_pack("{s:s, s:s}", "id", leg->agent_id,
							   "name", leg->agent_name)
					       : json_null();

	return json_pack("{s:s, s:s, s:O?, s:o}", "legId", leg->id, "state",
			 leg_state_name(leg->state), "to", json_object_get(leg->about, "to"),
			 "participant", participant);
}

bool leg_has_agent(struct pl_turn *turn, const struct contact *contact, const char *agent_id)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select 1 from contact where contact_id = $1 and agent_id = $2 union all "
		"select 1 from leg where contact_id = $1 and agent_id = $2 and state <= $3",
		"ssi", contact->parent_id, agent_id, (int64_t)LEG_CONFERENCE);
	bool has = pl_rows_next(rows);

	pl_rows_free(rows);
	return has;
}

/* Takes rows of leg_id, and frees them. */
static json_t *ids_of(struct pl_rows *rows)
{
	json_t *ids = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return ids;
}

static void end_all(struct pl_turn *turn, json_t *ids)
{
	const json_t *id;
	struct leg leg;
	size_t i;

	json_array_foreach(ids, i, id) {
		if (leg_load(turn, &leg, json_string_value(id)))
			(void)leg_apply(turn, &leg,
					LEG_EV_PARENT); /* there is a rule in each state */
		leg_fini(&leg);
	}
	json_decref(ids);
}

void legs_end(struct pl_turn *turn, const struct contact *contact)
{
	if (contact->legs)
		end_all(turn, ids_of(pl_query(turn,
					      "select leg_id from leg where contact_id = $1 "
					      "and state <= $2 order by leg_id",
					      "si", contact->id, (int64_t)LEG_CONFERENCE)));
}

void legs_sweep(struct pl_turn *turn)
{
	json_t *ids = ids_of(pl_query(
		turn,
		"select l.leg_id from leg l left join contact c on c.contact_id = l.contact_id "
		"where l.state <= $1 and (c.state is null or c.state <> $2) order by l.leg_id limit $3",
		"iii", (int64_t)LEG_CONFERENCE, (int64_t)CONTACT_ACTIVE, (int64_t)SWEEP_AT_ONCE));

	if (json_array_size(ids))
		pl_log(ERROR, "leg.orphan", NULL, "%zu consultations of contacts without an agent",
		       json_array_size(ids));
	end_all(turn, ids);
}
