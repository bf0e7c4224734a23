/*
 * decide.c — an agent's answers: accept, reject, complete. The first one counts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ucm.h"

#include <string.h>

#include "pelago/json.h"

enum { AGENT_NAME_BYTES = 255 };

struct asked {
	const char *contact_id, *offer_id, *agent_id;
};

enum pl_err frame_read(const char **contactp, const char **agentp, const json_t *body)
{
	enum pl_err err;

	if (!json_is_object(json_object_get(body, "session")))
		return pl_fail(PL_UNAUTHORIZED, "say hello with a token first");
	err = pl_json_text(agentp, body, "session.agentId", AGENT_SIZE - 1, true);
	return err ? err : pl_json_text(contactp, body, "frame.contactId", ID_SIZE - 1, true);
}

/* Whose offer it is, is told to nobody else. */
static enum pl_err find(struct pl_turn *turn, struct offer *offer, const struct asked *asked)
{
	bool found;

	if (asked->offer_id)
		found = offer_load(turn, offer, asked->offer_id);
	else
		found = offer_latest(turn, offer, asked->contact_id, asked->agent_id);
	if (!found || strcmp(offer->contact.id, asked->contact_id) != 0 ||
	    strcmp(offer->agent_id, asked->agent_id) != 0)
		return pl_fail(PL_FORBIDDEN, "this contact is not offered to you");
	return PL_OK;
}

static enum pl_err answer(struct pl_turn *turn, const json_t *body, enum offer_event event)
{
	struct asked asked = { 0 };
	const char *name = NULL;
	struct offer offer;
	enum pl_err err = frame_read(&asked.contact_id, &asked.agent_id, body);

	if (!err)
		err = pl_json_text(&asked.offer_id, body, "frame.offerId", ID_SIZE - 1, false);
	if (!err)
		err = pl_json_text(&name, body, "session.name", AGENT_NAME_BYTES, false);
	if (!err)
		err = find(turn, &offer, &asked);
	if (err)
		return err;
	offer.agent_name = name && name[0] ? name : asked.agent_id;
	return offer_apply(turn, &offer, event);
}

enum pl_err op_accept(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return answer(turn, body, OFFER_EV_ACCEPT);
}

enum pl_err op_reject(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return answer(turn, body, OFFER_EV_REJECT);
}

enum pl_err op_complete(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct asked asked = { 0 };
	const char *disposition = NULL;
	struct offer offer;
	enum pl_err err = pl_json_text(&asked.contact_id, body, "contactId", ID_SIZE - 1, true);

	if (!err)
		err = pl_json_text(&asked.offer_id, body, "offerId", ID_SIZE - 1, true);
	if (!err)
		err = pl_json_text(&asked.agent_id, body, "agentId", AGENT_SIZE - 1, true);
	if (!err)
		err = pl_json_text(&disposition, body, "disposition", 1000, false);
	if (!err)
		err = find(turn, &offer, &asked);
	if (err)
		return err;
	offer.disposition = disposition;
	return offer_apply(turn, &offer, OFFER_EV_COMPLETE);
}
