/*
 * work.c — a work: its row, its steps.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/routing/plan.h"
#include "queue.h"
#include "routing.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_ROWS = 1000 };

static json_t *parsed_list(const char *text)
{
	json_t *list = text ? json_loads(text, 0, NULL) : NULL;

	if (json_is_array(list))
		return list;
	json_decref(list);
	return json_array();
}

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

/* As from_row reads them. */
#define COLUMNS                                                                                    \
	"contact_id, place, channel, service, plan, excluded, excluded_ms, state, offer_id, "      \
	"since_ms, needs, priority"

/* Of a row that was written before there were plans. */
static json_t *plan_of_old(const struct work *work, const struct pl_rows *rows)
{
	return json_pack("{s:[{s:s, s:o, s:I}]}", "sets", "service", work->service, "needs",
			 parsed_list(pl_rows_text(rows, 10)), "priority",
			 (json_int_t)pl_rows_int(rows, 11));
}

static void from_row(struct work *work, const struct pl_rows *rows)
{
	copy(work->id, sizeof(work->id), pl_rows_text(rows, 0));
	work->place = pl_rows_int(rows, 1);
	copy(work->channel, sizeof(work->channel), pl_rows_text(rows, 2));
	copy(work->service, sizeof(work->service), pl_rows_text(rows, 3));
	work->plan = json_loads(pl_rows_text(rows, 4), 0, NULL);
	work->excluded = parsed_list(pl_rows_text(rows, 5));
	work->excluded_ms = pl_rows_int(rows, 6);
	work->state = (enum work_state)pl_rows_int(rows, 7);
	copy(work->offer_id, sizeof(work->offer_id), pl_rows_text(rows, 8));
	work->since_ms = pl_rows_int(rows, 9);
	if (!json_is_object(work->plan)) {
		json_decref(work->plan);
		work->plan = plan_of_old(work, rows);
	}
}

enum pl_err work_load(struct pl_turn *turn, struct work *work, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn, "select " COLUMNS " from work where contact_id = $1", "s", id);
	enum pl_err err = PL_OK;

	*work = (struct work){ .state = WORK_NONE };
	copy(work->id, sizeof(work->id), id);
	if (pl_rows_next(rows))
		from_row(work, rows);
	else
		err = pl_rows_err(rows);
	pl_rows_free(rows);
	return err;
}

void work_fini(struct work *work)
{
	json_decref(work->plan);
	json_decref(work->excluded);
	work->plan = work->excluded = NULL;
}

static enum pl_err insert(struct pl_turn *turn, const struct work *work)
{
	char *plan = pl_json_dump(work->plan);

	if (!plan)
		return PL_NOMEM;
	pl_exec(turn,
		"insert into work (contact_id, place, channel, service, plan, since_ms,"
		" state, excluded, excluded_ms, offer_id, needs, priority)"
		" values ($1, $2, $3, $4, $5, $6, $7, '[]', 0, '', '[]', 5)",
		"sisssii", work->id, work->place, work->channel, work->service, plan,
		work->since_ms, (int64_t)work->state);
	free(plan);
	return PL_OK;
}

void work_store(struct pl_turn *turn, const struct work *work)
{
	char *excluded = pl_json_dump(work->excluded), *plan = pl_json_dump(work->plan);

	if (excluded && plan)
		pl_exec(turn,
			"update work set state = $2, offer_id = $3, excluded = $4,"
			" excluded_ms = $5, since_ms = $6, plan = $7, service = $8"
			" where contact_id = $1",
			"sissiiss", work->id, (int64_t)work->state, work->offer_id, excluded,
			work->excluded_ms, work->since_ms, plan, work->service);
	else
		work_undo(turn);
	free(excluded);
	free(plan);
}

void work_undo(struct pl_turn *turn)
{
	pl_exec(turn, "delete from work where contact_id = ''", "");
}

enum pl_err work_step(struct pl_turn *turn, struct work *work, enum work_event event,
		      const struct work_act *act)
{
	static const struct work_act none;
	const struct work_rule *rule = work_rule_find(work, work->state, event);
	enum work_state from = work->state;
	enum pl_err err = PL_OK;

	if (!rule)
		return pl_fail(PL_STATE, "the contact isn't in a state for that");
	if (rule->action)
		err = rule->action(turn, work, act ? act : &none);
	if (err || rule->to == from)
		return err;
	work->state = rule->to;
	if (from == WORK_NONE)
		err = insert(turn, work);
	else if (rule->to == WORK_NONE)
		pl_exec(turn, "delete from work where contact_id = $1", "s", work->id);
	else
		work_store(turn, work);
	pl_log(INFO, "work.state", work->id, "%s", rule->why);
	if (err)
		work_undo(turn);
	return err;
}

/* Adds a row to the queue. What can't be queued is told, and left out. */
static enum pl_err load_one(struct pl_turn *turn, const struct work *work)
{
	enum pl_err err = queue_add(turn, work);

	if (err != PL_INVALID && err != PL_STATE)
		return err;
	pl_log(ERROR, "work.unreadable", work->id, "it can't be queued: %s", pl_err_detail(err));
	return PL_OK;
}

/* Those behind (*placep, id) in their order, which it moves on; *countp: how many there were. */
static enum pl_err load_page(struct pl_turn *turn, int64_t *placep, char id[ID_BYTES + 1],
			     int *countp)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select " COLUMNS " from work where state = $1 and"
			 " place >= $2 and (place > $2 or contact_id > $3)"
			 " order by place, contact_id limit $4",
			 "iisi", (int64_t)WORK_QUEUED, *placep, id, (int64_t)PAGE_ROWS);
	enum pl_err err = PL_OK;

	for (*countp = 0; !err && pl_rows_next(rows); ++*countp) {
		struct work work;

		from_row(&work, rows);
		*placep = work.place;
		memcpy(id, work.id, sizeof(work.id));
		err = load_one(turn, &work);
		work_fini(&work);
		pl_turn_beat(turn);
	}
	if (!err)
		err = pl_rows_err(rows);
	pl_rows_free(rows);
	return err;
}

/* By pages: a million rows are more than a client of PostgreSQL should hold, or wait for. */
enum pl_err works_load(struct pl_turn *turn)
{
	char id[ID_BYTES + 1] = "";
	int64_t place = INT64_MIN;
	enum pl_err err;
	int count;

	do
		err = load_page(turn, &place, id, &count);
	while (!err && count == PAGE_ROWS);
	return err;
}

/* ---- actions ---- */

enum pl_err enqueue(struct pl_turn *turn, struct work *work, const struct work_act *act)
{
	(void)act;
	work->since_ms = pl_turn_now_ms(turn);
	work->place = queue_next_place(work->since_ms);
	return queue_add(turn, work);
}

static void exclude(struct work *work, const char *agent_id, int64_t now_ms)
{
	json_t *one;
	size_t i;

	work->excluded_ms = now_ms;
	json_array_foreach(work->excluded, i, one) {
		if (strcmp(json_string_value(one), agent_id) == 0)
			return;
	}
	if (json_array_size(work->excluded) >= ASSIGN_EXCLUDED_MAX)
		json_array_remove(work->excluded, 0);
	json_array_append_new(work->excluded, json_string(agent_id));
}

/* A transfer that can't be made leaves the contact waiting for what it asked for before. */
static void turn_to(struct pl_turn *turn, struct work *work, const json_t *to)
{
	const char *service = pl_json_get_text(to, "service");
	const char *user = pl_json_get_text(to, "user");
	json_t *plan = NULL;
	enum pl_err err;

	if (*service)
		err = plan_turn_to_service(&plan, work->plan, service, routing_find(service));
	else
		err = plan_turn_to_agent(
			&plan, work->plan, user,
			pl_attribute_get(pl_turn_service(turn), "transfer_user_s"));
	if (err) {
		pl_log(ERROR, "work.transfer", work->id, "it waits for %s again: %s", work->service,
		       pl_err_detail(err));
		return;
	}
	json_decref(work->plan);
	work->plan = plan;
	copy(work->service, sizeof(work->service), plan_service(plan, 0));
	json_array_clear(work->excluded);
	work->excluded_ms = 0;
}

/* At its old place. A customer who was served already waits from now on. */
enum pl_err requeue(struct pl_turn *turn, struct work *work, const struct work_act *act)
{
	int64_t now_ms = pl_turn_now_ms(turn);

	if (work->state == WORK_ACTIVE)
		work->since_ms = now_ms;
	if (act->to)
		turn_to(turn, work, act->to);
	if (act->exclude)
		exclude(work, act->agent_id, now_ms);
	work->offer_id[0] = '\0';
	return queue_add(turn, work);
}

enum pl_err dequeue(struct pl_turn *turn, struct work *work, const struct work_act *act)
{
	(void)turn;
	(void)act;
	queue_drop(work->id);
	return PL_OK;
}
