/*
 * match.c — decisions: taken by the engine, written here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "queue.h"

#include <stdlib.h>

#include "engines/routing/plan.h"

static struct pl_metric matches = { .name = "work_matches_total",
				    .text = "Contacts matched to agents" };
static struct pl_metric waited = { .name = "queue_wait_seconds",
				   .text = "Wait of a contact until it was matched",
				   .kind = PL_HISTOGRAM };

static enum pl_err keep_decision(struct pl_turn *turn, const struct work *work,
				 const struct work_act *act)
{
	int64_t now_ms = pl_turn_now_ms(turn);
	json_t *why = explanation_json(act->explanation, now_ms);
	char *text;

	json_object_set_new(why, "waitedMs", json_integer(now_ms - work->since_ms));
	json_object_set_new(why, "priority", json_integer(act->match->priority));
	json_object_set_new(why, "place", json_integer((json_int_t)act->match->order));
	text = why ? pl_json_dump(why) : NULL;
	json_decref(why);
	if (!text)
		return PL_NOMEM;
	pl_exec(turn,
		"insert into decision (offer_id, contact_id, agent_id, at_ms, explanation)"
		" values ($1, $2, $3, $4, $5)",
		"sssis", work->offer_id, work->id, act->agent_id, now_ms, text);
	free(text);
	return PL_OK;
}

json_t *work_matched(const struct match_told *match)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "offerId", match->offer_id, "contactId",
			 match->contact_id, "agentId", match->agent_id, "channel", match->channel,
			 "service", match->service, "waitedMs", (json_int_t)match->waited_ms);
}

enum pl_err reserve(struct pl_turn *turn, struct work *work, const struct work_act *act)
{
	int64_t now_ms = pl_turn_now_ms(turn);
	int64_t waited_ms = now_ms > work->since_ms ? now_ms - work->since_ms : 0;
	enum pl_err err;

	pl_id(work->offer_id);
	snprintf(work->service, sizeof(work->service), "%s",
		 plan_service(work->plan, act->match->set));
	err = assign_rename(queue_engine(), act->match->ref, work->offer_id);
	if (!err)
		err = keep_decision(turn, work, act);
	if (err)
		return err;
	queue_drop(work->id);
	pl_exec(turn,
		"insert into reservation (offer_id, agent_id, channel, service, contact_id, at_ms,"
		" state, alarm_ms) values ($1, $2, $3, $4, $5, $6, $7, 0)",
		"sssssii", work->offer_id, act->agent_id, work->channel, work->service, work->id,
		now_ms, (int64_t)OFFER_UNHEARD);
	pl_emit(turn, "work", "matched", work->id,
		work_matched(&(struct match_told){ .offer_id = work->offer_id,
						   .contact_id = work->id,
						   .agent_id = act->agent_id,
						   .channel = work->channel,
						   .service = work->service,
						   .waited_ms = waited_ms }));
	pl_metric_add(&matches, 1);
	pl_metric_observe(&waited, waited_ms * 1000);
	return PL_OK;
}

enum pl_err match_all(struct pl_turn *turn)
{
	static struct assign_explanation explanation; /* 3 KiB; one thread */
	struct assign_match match;
	enum pl_err err = PL_OK;

	while (!err &&
	       assign_match_explained(queue_engine(), pl_turn_now_ms(turn), &match, &explanation)) {
		struct work_act act = { .agent_id = match.agent_id,
					.match = &match,
					.explanation = &explanation };
		struct work work;

		err = work_load(turn, &work, match.work_id);
		if (!err)
			err = work_step(turn, &work, WORK_EV_MATCH, &act);
		work_fini(&work);
	}
	if (err)
		work_undo(turn);
	return err;
}
