/*
 * show.c — operations that only read: where a contact stands, why, and the queues.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "queue.h"

enum { DECISIONS_MAX = 100 };

static const char *const state_names[WORK_STATES] = { "none", "queued", "offered", "active",
						      "leaving" };

enum pl_err op_status(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	struct work work;
	size_t position = 0;
	int64_t wait_ms = 0;
	bool waiting;
	enum pl_err err = contact_id_check(&id, body);

	if (!err)
		err = work_load(turn, &work, id);
	if (err)
		return err;
	waiting = work.state == WORK_QUEUED &&
		  queue_place(id, pl_turn_now_ms(turn), &position, &wait_ms);
	*replyp = json_pack("{s:b, s:s, s:I, s:o}", "waiting", waiting, "state",
			    state_names[work.state], "position", (json_int_t)position,
			    "estimatedWaitSeconds", wait_json(wait_ms));
	work_fini(&work);
	return PL_OK;
}

/* ---- queues ---- */

struct sum {
	int64_t waiting, offered, active;
};

static void count_waiting(struct sum *sum)
{
	for (struct line *line = queue_lines(); line; line = line->hh.next)
		line->waiting = line->offered = line->active = line->oldest_ms = 0;
	for (struct waiting *w = queue_waiting(); w; w = w->hh.next) {
		sum->waiting++;
		if (!w->line)
			continue;
		w->line->waiting++;
		if (!w->line->oldest_ms || w->since_ms < w->line->oldest_ms)
			w->line->oldest_ms = w->since_ms;
	}
}

static void count_reserved(struct pl_turn *turn, struct sum *sum)
{
	struct pl_rows *rows = pl_query(turn,
					"select service, channel, state, count(*) from reservation"
					" group by service, channel, state",
					"");

	while (pl_rows_next(rows)) {
		struct line *line = queue_line(pl_rows_text(rows, 0), pl_rows_text(rows, 1));
		bool active = pl_rows_int(rows, 2) == OFFER_ACCEPTED;
		int64_t count = pl_rows_int(rows, 3);

		*(active ? &sum->active : &sum->offered) += count;
		if (line)
			*(active ? &line->active : &line->offered) += count;
	}
	pl_rows_free(rows);
}

static json_t *line_json(const struct line *line, int64_t now_ms)
{
	char attribute[SERVICE_BYTES + 16];
	struct assign_need need = { .attribute = attribute };
	struct assign_set set = { .needs = &need, .need_count = 1 };
	struct assign_queue_stats stats;
	int64_t oldest_ms = line->oldest_ms ? now_ms - line->oldest_ms : 0;

	snprintf(attribute, sizeof(attribute), "Service.%s", line->service);
	if (assign_queue_stats(queue_engine(), line->channel, &set, now_ms, &stats))
		stats = (struct assign_queue_stats){ .estimate_ms = -1 };
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:i, s:o}", "service", line->service,
			 "channel", line->channel, "waiting", (json_int_t)line->waiting,
			 "longestWaitSeconds", (json_int_t)(oldest_ms / 1000), "offered",
			 (json_int_t)line->offered, "active", (json_int_t)line->active,
			 "agentsFree", (int)stats.agents.eligible, "estimatedWaitSeconds",
			 wait_json(stats.estimate_ms));
}

static void count_agents(struct assign_counts *counts)
{
	struct assign_queue_stats stats;
	struct assign_set any = { 0 };

	*counts = (struct assign_counts){ 0 };
	if (!assign_queue_stats(queue_engine(), "-", &any, 0, &stats))
		*counts = stats.agents;
}

enum pl_err op_queues(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	int64_t now_ms = pl_turn_now_ms(turn);
	struct sum sum = { 0 };
	struct assign_counts agents;
	json_t *list = json_array();

	(void)body;
	count_waiting(&sum);
	count_reserved(turn, &sum);
	for (struct line *line = queue_lines(); line; line = line->hh.next)
		json_array_append_new(list, line_json(line, now_ms));
	count_agents(&agents);
	*replyp = json_pack("{s:o, s:I, s:I, s:I, s:{s:i, s:i}}", "services", list, "waiting",
			    (json_int_t)sum.waiting, "offered", (json_int_t)sum.offered, "active",
			    (json_int_t)sum.active, "agents", "loggedIn", (int)agents.total,
			    "ready", (int)(agents.total - agents.not_ready));
	return PL_OK;
}

/* ---- why ---- */

static json_t *decisions_json(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select offer_id, agent_id, at_ms, explanation from decision"
			 " where contact_id = $1 order by at_ms desc limit $2",
			 "si", id, (int64_t)DECISIONS_MAX);
	json_t *list = json_array();

	while (pl_rows_next(rows)) {
		json_t *why = json_loads(pl_rows_text(rows, 3), 0, NULL);

		json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:o}", "offerId",
						      pl_rows_text(rows, 0), "agentId",
						      pl_rows_text(rows, 1), "atMs",
						      (json_int_t)pl_rows_int(rows, 2),
						      "explanation", why ? why : json_object()));
	}
	pl_rows_free(rows);
	return list;
}

enum pl_err op_explain(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	static struct assign_explanation explanation; /* 3 KiB; one thread */
	const char *id = NULL;
	json_t *decisions;
	enum pl_err err = contact_id_check(&id, body);

	if (err)
		return err;
	decisions = decisions_json(turn, id);
	if (!queue_find(id) && !json_array_size(decisions)) {
		json_decref(decisions);
		return pl_fail(PL_NOTFOUND, "nothing is known of this contact here");
	}
	*replyp = json_pack("{s:s, s:o}", "contactId", id, "decisions", decisions);
	if (queue_find(id) &&
	    !assign_explain(queue_engine(), id, queue_find(id)->by_name ? ASSIGN_BY_NAME : 0,
			    &explanation))
		json_object_set_new(*replyp, "waiting",
				    explanation_json(&explanation, pl_turn_now_ms(turn)));
	return PL_OK;
}

/* ---- for the edge ---- */

static json_t *http(json_t *body)
{
	return json_pack("{s:i, s:o}", "status", 200, "body", body);
}

enum pl_err op_http_queues(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *reply = NULL;
	enum pl_err err = op_queues(turn, body, &reply);

	if (!err)
		*replyp = http(reply);
	return err;
}

enum pl_err op_http_explain(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *reply = NULL;
	enum pl_err err = op_explain(turn, json_object_get(body, "path"), &reply);

	if (!err)
		*replyp = http(reply);
	return err;
}
