/*
 * show.c — operations that only read: where a contact stands, why, and the queues.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <string.h>

#include "pelago/page.h"
#include "queue.h"

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
	struct pl_page page;
	enum pl_err err = pl_page_read(&page, body, "queues");

	if (err)
		return err;
	count_waiting(&sum);
	count_reserved(turn, &sum);
	for (struct line *line = queue_lines(); line; line = line->hh.next)
		if (strcmp(line->key, page.after) > 0)
			pl_page_keep(&page, line_json(line, now_ms), "%s", line->key);
	count_agents(&agents);
	*replyp = pl_page_answer(&page);
	if (!*replyp)
		return PL_NOMEM;
	json_object_set_new(*replyp, "waiting", json_integer(sum.waiting));
	json_object_set_new(*replyp, "offered", json_integer(sum.offered));
	json_object_set_new(*replyp, "active", json_integer(sum.active));
	json_object_set_new(*replyp, "agents",
			    json_pack("{s:i, s:i}", "loggedIn", (int)agents.total, "ready",
				      (int)(agents.total - agents.not_ready)));
	return PL_OK;
}

/* ---- why ---- */

static json_t *decision_json(struct pl_rows *rows)
{
	json_t *why = json_loads(pl_rows_text(rows, 3), 0, NULL);

	return json_pack("{s:s, s:s, s:I, s:o}", "offerId", pl_rows_text(rows, 0), "agentId",
			 pl_rows_text(rows, 1), "atMs", (json_int_t)pl_rows_int(rows, 2),
			 "explanation", why ? why : json_object());
}

/* The newest first. */
static enum pl_err list_decisions(struct pl_turn *turn, const json_t *from, const char *id,
				  json_t **answerp)
{
	int64_t before_ms = INT64_MAX;
	const char *before_id = "";
	struct pl_page page;
	struct pl_rows *rows;
	enum pl_err err = pl_page_read(&page, from, "decisions");

	if (!err)
		err = pl_page_split(&page, &before_ms, &before_id);
	if (err)
		return err;
	rows = pl_query(turn,
			"select offer_id, agent_id, at_ms, explanation from decision"
			" where contact_id = $1 and (at_ms < $2 or (at_ms = $2 and offer_id < $3))"
			" order by at_ms desc, offer_id desc limit $4",
			"sisi", id, before_ms, before_id, page.limit + 1);
	while (pl_rows_next(rows))
		pl_page_add(&page, decision_json(rows), "%" PRId64 ":%s", pl_rows_int(rows, 2),
			    pl_rows_text(rows, 0));
	pl_rows_free(rows);
	*answerp = pl_page_answer(&page);
	return *answerp ? PL_OK : PL_NOMEM;
}

static bool has_decisions(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn, "select 1 from decision where contact_id = $1 limit 1", "s", id);
	bool has = pl_rows_next(rows);

	pl_rows_free(rows);
	return has;
}

/* from: what holds limit and cursor */
static enum pl_err explain(struct pl_turn *turn, const json_t *from, const char *id,
			   json_t **replyp)
{
	static struct assign_explanation explanation; /* 3 KiB; one thread */
	json_t *answer = NULL;
	enum pl_err err = list_decisions(turn, from, id, &answer);

	if (!err && !queue_find(id) && !has_decisions(turn, id))
		err = pl_fail(PL_NOTFOUND, "nothing is known of this contact here");
	if (err) {
		json_decref(answer);
		return err;
	}
	json_object_set_new(answer, "contactId", json_string(id));
	*replyp = answer;
	if (queue_find(id) &&
	    !assign_explain(queue_engine(), id, queue_find(id)->by_name ? ASSIGN_BY_NAME : 0,
			    &explanation))
		json_object_set_new(*replyp, "waiting",
				    explanation_json(&explanation, pl_turn_now_ms(turn)));
	return PL_OK;
}

enum pl_err op_explain(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	enum pl_err err = contact_id_check(&id, body);

	return err ? err : explain(turn, body, id, replyp);
}

/* ---- for the edge ---- */

static json_t *http(json_t *body)
{
	return json_pack("{s:i, s:o}", "status", 200, "body", body);
}

enum pl_err op_http_queues(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *reply = NULL;
	enum pl_err err = op_queues(turn, json_object_get(body, "query"), &reply);

	if (!err)
		*replyp = http(reply);
	return err;
}

enum pl_err op_http_explain(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *reply = NULL;
	const char *id = NULL;
	enum pl_err err = contact_id_check(&id, json_object_get(body, "path"));

	if (!err)
		err = explain(turn, json_object_get(body, "query"), id, &reply);
	if (!err)
		*replyp = http(reply);
	return err;
}
