/*
 * consult.c — an agent asks another one about a contact: consult, conference, release.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"
#include "ucm.h"

static json_t *consult_frame(const struct leg *leg)
{
	json_t *frame = leg_view(leg);

	json_object_set_new(frame, "type", json_string("consult"));
	json_object_set_new(frame, "contactId", json_string(leg->contact_id));
	return frame;
}

/* The open leg of that target, if it was asked for before. *openp: how many are open. */
static json_t *find_open(struct pl_turn *turn, const char *contact_id, const json_t *to,
			 int64_t *openp)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select leg_id from leg where contact_id = $1 and state <= $2 order by leg_id",
		"si", contact_id, (int64_t)LEG_CONFERENCE);
	json_t *ids = json_array(), *id, *frame = NULL;
	struct leg leg;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	*openp = (int64_t)json_array_size(ids);
	json_array_foreach(ids, i, id) {
		if (leg_load(turn, &leg, json_string_value(id)) && !frame &&
		    json_equal(json_object_get(leg.about, "to"), (json_t *)to))
			frame = consult_frame(&leg);
		leg_fini(&leg);
	}
	json_decref(ids);
	return frame;
}

/* ---- it begins ---- */

/* The leg as a contact: what is known of the other one. */
static void insert_contact(struct pl_turn *turn, const struct leg *leg, const struct offer *offer)
{
	const json_t *to = json_object_get(leg->about, "to");
	const char *service = json_string_value(json_object_get(to, "service"));

	pl_exec(turn,
		"insert into contact (contact_id, state, channel, service, customer, topic, attributes, "
		"offer_id, agent_id, is_known, opened_ms, since_ms, close_reason, parent_id, is_named) "
		"select $1, 1, channel, $2, customer, topic, attributes, '', '', 1, $3, $4, '', "
		"contact_id, $5 from contact where contact_id = $6",
		"ssiiis", leg->id, service ? service : offer->service, pl_turn_now_ms(turn),
		pl_turn_now_ms(turn), (int64_t)!service, offer->contact.id);
	pl_exec(turn, "update contact set legs = legs + 1 where contact_id = $1", "s",
		offer->contact.id);
}

static void insert_leg(struct pl_turn *turn, const struct leg *leg)
{
	char *about = pl_json_dump(leg->about);

	pl_exec(turn,
		"insert into leg (leg_id, contact_id, state, offer_id, agent_id, agent_name, about, "
		"since_ms) values ($1, $2, $3, '', '', '', $4, $5)",
		"ssisi", leg->id, leg->contact_id, (int64_t)leg->state, about ? about : "{}",
		pl_turn_now_ms(turn));
	free(about);
}

/* Ahead of customers who wait: one waits already while the two talk. */
static void request_work(struct pl_turn *turn, const struct leg *leg, bool with_attributes)
{
	json_t *user = json_object_get(json_object_get(leg->about, "to"), "user"), *body;
	json_t *attributes = NULL;
	struct pl_rows *rows = pl_query(
		turn, "select channel, service, attributes from contact where contact_id = $1", "s",
		leg->id);

	if (!pl_rows_next(rows)) {
		pl_rows_free(rows);
		return;
	}
	if (!user && with_attributes)
		attributes = json_loads(pl_rows_text(rows, 2), 0, NULL);
	body = json_pack("{s:s, s:s, s:s, s:i, s:o*}", "contactId", leg->id, "channel",
			 pl_rows_text(rows, 0), "service", pl_rows_text(rows, 1), "priority", 1,
			 "attributes", attributes);
	pl_rows_free(rows);
	if (user)
		json_object_set_new(body, "agents",
				    json_pack("{s:[O], s:b}", "ids", user, "required", 1));
	pl_command(turn, "WorkAssignment.request", leg->id, body,
		   json_pack("{s:s, s:b}", "legId", leg->id, "hasAttributes", attributes != NULL));
}

static enum pl_err begin(struct pl_turn *turn, const struct pl_answer *answer,
			 const struct offer *offer)
{
	struct leg leg = { .state = LEG_OFFERING };

	pl_new_key(turn, leg.id);
	snprintf(leg.contact_id, sizeof(leg.contact_id), "%s", offer->contact.id);
	leg.about = json_pack("{s:O, s:{s:s, s:s}, s:O*}", "to",
			      json_object_get(answer->context, "to"), "from", "id", offer->agent_id,
			      "name", pl_json_get_text(answer->context, "name"), "note",
			      json_object_get(answer->context, "note"));
	if (!leg.about)
		return PL_NOMEM;
	insert_contact(turn, &leg, offer);
	insert_leg(turn, &leg);
	request_work(turn, &leg, true);
	pl_timer_set(turn, "consult", leg.id, PL_TIMER_HUMAN,
		     1000 * pl_attribute_get(pl_turn_service(turn), "consult_s"), NULL);
	tell_leg(turn, &leg);
	leg_fini(&leg);
	return PL_OK;
}

static enum pl_err on_judged(struct pl_turn *turn, const struct pl_answer *answer)
{
	int64_t most = pl_attribute_get(pl_turn_service(turn), "consults"), open = 0;
	json_t *frame;
	struct offer offer;
	enum pl_err err = target_judge(answer);

	if (!err)
		err = target_mine(turn, &offer, pl_json_get_text(answer->context, "contactId"),
				  pl_json_get_text(answer->context, "agentId"));
	if (err)
		return err;
	frame = find_open(turn, offer.contact.id, json_object_get(answer->context, "to"), &open);
	if (frame) {
		pl_reply(turn, answer->held, json_pack("{s:[o]}", "send", frame));
		return PL_OK;
	}
	if (open >= most)
		return pl_fail(PL_STATE, "the contact has %ld consultations already", (long)open);
	err = begin(turn, answer, &offer);
	if (!err)
		pl_reply(turn, answer->held, json_object());
	return err;
}

enum pl_err op_consult(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *contact_id = NULL, *agent_id = NULL;
	struct target target;
	struct offer offer;
	enum pl_err err = frame_read(&contact_id, &agent_id, body);

	if (!err)
		err = target_read(turn, &target, body, false);
	if (!err)
		err = target_mine(turn, &offer, contact_id, agent_id);
	if (!err)
		target_ask(turn, &target, body, on_judged);
	return err;
}

/* Attributes that WorkAssignment can't take aren't what a colleague is asked for. */
enum pl_err on_requested(struct pl_turn *turn, const struct pl_answer *answer)
{
	bool had_attributes = json_is_true(json_object_get(answer->context, "hasAttributes"));
	struct leg leg;

	if (!answer->err)
		return PL_OK;
	pl_log(WARN, "leg.refused", pl_json_get_text(answer->context, "legId"), "%s",
	       answer->message);
	if (!leg_load(turn, &leg, pl_json_get_text(answer->context, "legId")) ||
	    !leg_rule_find(&leg, LEG_EV_MISS)) {
		leg_fini(&leg);
		return PL_OK;
	}
	if (answer->err == PL_INVALID && had_attributes)
		request_work(turn, &leg, false);
	else
		(void)leg_apply(turn, &leg, LEG_EV_MISS);
	leg_fini(&leg);
	return PL_OK;
}

enum pl_err on_consult(struct pl_turn *turn, const char *key, const json_t *body)
{
	struct leg leg;

	if (leg_load(turn, &leg, key) && leg_rule_find(&leg, LEG_EV_MISS))
		(void)leg_apply(turn, &leg, LEG_EV_MISS);
	leg_fini(&leg);
	return PL_OK;
}

/* ---- it goes on, and ends ---- */

/* The leg of a frame {contactId, legId}. The caller frees it with leg_fini, also after an error. */
static enum pl_err read_leg(struct pl_turn *turn, struct leg *leg, const char **agentp,
			    const json_t *body)
{
	const char *contact_id = NULL, *leg_id = NULL;
	enum pl_err err = frame_read(&contact_id, agentp, body);

	memset(leg, 0, sizeof(*leg));
	if (!err)
		err = pl_json_text(&leg_id, body, "frame.legId", ID_SIZE - 1, true);
	if (!err && (!leg_load(turn, leg, leg_id) || strcmp(leg->contact_id, contact_id) != 0))
		err = pl_fail(PL_FORBIDDEN, "this consultation isn't yours");
	return err;
}

enum pl_err op_conference(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *agent_id = NULL;
	struct offer offer;
	struct leg leg;
	enum pl_err err = read_leg(turn, &leg, &agent_id, body);

	if (!err)
		err = target_mine(turn, &offer, leg.contact_id, agent_id);
	if (!err)
		err = leg_apply(turn, &leg, LEG_EV_CONFERENCE);
	leg_fini(&leg);
	return err;
}

/* By the contact's agent, or the leg's. Again it is the same. */
enum pl_err op_release(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *agent_id = NULL;
	struct offer offer;
	struct leg leg;
	enum pl_err err = read_leg(turn, &leg, &agent_id, body);

	if (!err && strcmp(leg.agent_id, agent_id) != 0 &&
	    !offer_latest(turn, &offer, leg.contact_id, agent_id))
		err = pl_fail(PL_FORBIDDEN, "this consultation isn't yours");
	if (!err && strcmp(leg.agent_id, agent_id) != 0 && leg.state <= LEG_CONFERENCE)
		err = target_mine(turn, &offer, leg.contact_id, agent_id);
	if (!err)
		err = leg_apply(turn, &leg, LEG_EV_RELEASE);
	leg_fini(&leg);
	return err;
}
