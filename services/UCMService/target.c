/*
 * target.c — whom a contact is transferred to, or asked about.
 *
 * Which services there are is heard from UCAStoreService; where nobody has defined any, each name
 * is one. Whether a service is open, and an agent there, is asked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "pelago/json.h"
#include "ucm.h"

enum { NOTE_BYTES = 4000, NAME_BYTES = 255 };

enum pl_err on_service(struct pl_turn *turn, const struct pl_event *event)
{
	if (json_is_true(json_object_get(event->body, "removed")))
		pl_exec(turn, "delete from service where name = $1", "s", event->key);
	else
		pl_exec(turn,
			"insert into service (name) values ($1) on conflict (name) do nothing", "s",
			event->key);
	return PL_OK;
}

static enum pl_err check_service(struct pl_turn *turn, const char *name)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select (select count(*) from service), (select count(*) from service where name = $1)",
		"s", name);
	bool is_unknown =
		pl_rows_next(rows) && pl_rows_int(rows, 0) > 0 && pl_rows_int(rows, 1) == 0;

	pl_rows_free(rows);
	return is_unknown ? pl_fail(PL_INVALID, "to.service: there is no service \"%s\"", name)
			  : PL_OK;
}

enum pl_err target_read(struct pl_turn *turn, struct target *target, const json_t *body,
			bool allows_leg)
{
	const json_t *frame = json_object_get(body, "frame");
	json_t *to = NULL;
	enum pl_err err = pl_json_object(&to, frame, "to", 1, true);

	memset(target, 0, sizeof(*target));
	if (!err)
		err = pl_json_text(&target->service, frame, "to.service", WORD_SIZE - 1, false);
	if (!err)
		err = pl_json_text(&target->user, frame, "to.user", AGENT_SIZE - 1, false);
	if (!err && allows_leg)
		err = pl_json_text(&target->leg, frame, "to.leg", ID_SIZE - 1, false);
	if (!err)
		err = pl_json_text(&target->note, frame, "note", NOTE_BYTES, false);
	if (err)
		return err;
	target->to = to;
	if (target->note && !target->note[0])
		target->note = NULL;
	if (!(target->service && target->service[0]) && !(target->user && target->user[0]) &&
	    !(target->leg && target->leg[0]))
		return pl_fail(PL_INVALID, allows_leg ? "to: a service, a user or a leg is wanted"
						      : "to: a service or a user is wanted");
	if (target->user && strcmp(target->user, pl_json_get_text(body, "session.agentId")) == 0)
		return pl_fail(PL_INVALID, "to.user: that is yourself");
	return target->service ? check_service(turn, target->service) : PL_OK;
}

void target_ask(struct pl_turn *turn, const struct target *target, const json_t *body,
		pl_answer_fn *fn)
{
	const char *agent_id = pl_json_get_text(body, "session.agentId");
	const char *name = pl_json_get_text(body, "session.name");
	json_t *context = json_pack(
		"{s:O, s:s*, s:s, s:s, s:s}", "to", target->to, "note", target->note, "contactId",
		pl_json_get_text(body, "frame.contactId"), "agentId", agent_id, "name",
		name[0] && strlen(name) <= NAME_BYTES ? name : agent_id);

	if (target->service)
		pl_ask(turn, "WorkAssignment.hours", json_pack("{s:s}", "service", target->service),
		       fn, pl_hold(turn), context);
	else
		pl_ask(turn, "UnifiedAgentController.agent",
		       json_pack("{s:s}", "agentId", target->user), fn, pl_hold(turn), context);
}

enum pl_err target_judge(const struct pl_answer *answer)
{
	const char *service = pl_json_get_text(answer->context, "to.service");
	const char *user = pl_json_get_text(answer->context, "to.user");
	const json_t *agent = json_object_get(answer->body, "agent");

	if (answer->err == PL_NOTFOUND && user[0])
		return pl_fail(PL_INVALID, "to.user: no agent \"%s\" ever logged in", user);
	if (answer->err == PL_NOTFOUND)
		return pl_fail(PL_INVALID, "to.service: there is no service \"%s\"", service);
	if (answer->err)
		return pl_fail(answer->err, "whether that is possible can't be asked now: %s",
			       answer->message);
	if (service[0] && json_is_false(json_object_get(answer->body, "open")))
		return pl_fail(PL_STATE, "%s is closed now", service);
	if (user[0] && strcmp(pl_json_get_text(agent, "state"), "LoggedOut") == 0)
		return pl_fail(PL_STATE, "%s is not logged in", user);
	if (user[0] && json_is_true(json_object_get(agent, "logoutPending")))
		return pl_fail(PL_STATE, "%s is about to log out", user);
	return PL_OK;
}

enum pl_err target_mine(struct pl_turn *turn, struct offer *offer, const char *contact_id,
			const char *agent_id)
{
	if (!offer_latest(turn, offer, contact_id, agent_id))
		return pl_fail(PL_FORBIDDEN, "this contact isn't yours");
	if (offer->contact.parent_id[0])
		return pl_fail(PL_INVALID, "contactId: a consultation isn't handed on itself");
	if (offer->state != OFFER_ACCEPTED)
		return pl_fail(PL_STATE, "%s", offer_words(offer));
	if (offer->contact.state != CONTACT_ACTIVE)
		return pl_fail(PL_STATE, "the chat has ended");
	return PL_OK;
}
