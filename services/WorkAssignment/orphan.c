/*
 * orphan.c — reservations with nobody behind them (RTG-8).
 *
 * A reservation whose offer was never heard of, or whose contact closed long ago, raises an alarm,
 * and UCMService is asked. It is released only if by its answer the offer must have ended.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "orphan.h"
#include "work.h"

enum {
	ORPHANS_MAX = 20, /* a sweep */
	ALARM_AGAIN_MS = 600000,
};

static struct pl_metric orphans = { .name = "work_orphans_total",
				    .text = "Reservations found with nobody behind them" };

static enum pl_err on_asked(struct pl_turn *turn, const struct pl_answer *answer)
{
	const char *offer_id = pl_json_get_text(answer->context, "offerId");
	enum orphan_verdict verdict = ORPHAN_STAYS;
	enum pl_err err;

	if (!answer->err)
		verdict = orphan_judge(json_object_get(answer->body, "contact"), offer_id);
	if (verdict == ORPHAN_STAYS)
		return PL_OK; /* the alarm stands */
	err = offer_end(turn, &(struct offer_end){ .offer_id = offer_id,
						   .reason = "orphan",
						   .requeue = verdict == ORPHAN_REQUEUE,
						   .at_ms = pl_turn_now_ms(turn) });
	if (err == PL_NOTFOUND)
		return PL_OK; /* it ended meanwhile */
	pl_log(WARN, "offer.repaired", NULL, "offer=%s had ended: its agent is released", offer_id);
	return err;
}

static void alarm_orphan(struct pl_turn *turn, const char *offer_id, const char *contact_id,
			 const char *agent_id)
{
	pl_log(ERROR, "offer.orphan", contact_id,
	       "offer=%s agent=%s is reserved, but nobody is behind it; UCMService is asked",
	       offer_id, agent_id);
	pl_metric_add(&orphans, 1);
	pl_exec(turn, "update reservation set alarm_ms = $2 where offer_id = $1", "si", offer_id,
		pl_turn_now_ms(turn));
	pl_ask(turn, "UCMService.contact", json_pack("{s:s}", "contactId", contact_id), on_asked,
	       NULL, json_pack("{s:s}", "offerId", offer_id));
}

void orphans_sweep(struct pl_turn *turn)
{
	struct pl_service *service = pl_turn_service(turn);
	int64_t now_ms = pl_turn_now_ms(turn);
	struct pl_rows *rows = pl_query(
		turn,
		"select offer_id, contact_id, agent_id from reservation r where alarm_ms < $1 and"
		" ((state = $2 and at_ms < $3) or exists (select 1 from closed c"
		" where c.contact_id = r.contact_id and c.at_ms < $4)) order by at_ms limit $5",
		"iiiii", now_ms - ALARM_AGAIN_MS, (int64_t)OFFER_UNHEARD,
		now_ms - 1000 * pl_attribute_get(service, "orphan_s"),
		now_ms - 1000 * pl_attribute_get(service, "orphan_closed_s"), (int64_t)ORPHANS_MAX);
	json_t *list = json_array(), *one;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(list,
				      json_pack("[s, s, s]", pl_rows_text(rows, 0),
						pl_rows_text(rows, 1), pl_rows_text(rows, 2)));
	pl_rows_free(rows);
	json_array_foreach(list, i, one)
		alarm_orphan(turn, json_string_value(json_array_get(one, 0)),
			     json_string_value(json_array_get(one, 1)),
			     json_string_value(json_array_get(one, 2)));
	json_decref(list);
}
