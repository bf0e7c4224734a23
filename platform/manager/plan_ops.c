/*
 * plan_ops.c — plans as people see them: list, show with the journal, resume, undo.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "pelago/json.h"
#include "pelago/page.h"
#include "platform/manager/plans.h"

/* How long steps usually take, for people; others a moment. */
int64_t plans_usual_ms(const char *action)
{
	static const struct {
		const char *action;
		int ms;
	} usual[] = {
		{ "stage", 1000 },
		{ "switch", 1500 },
		{ "install", 1500 },
		{ "drain", 1000 },
		{ "remove", 1000 },
		{ "gate", 2000 },
		{ "platform-fetch", 3000 },
		{ "platform-node", 12000 },
		{ "platform-edge", 12000 },
		{ "platform-root", 12000 },
		{ "platform-manager", 12000 },
		{ "level-raise", 3000 },
		{ "release-bundles", 500 },
	};

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (strcmp(usual[i].action, action) == 0)
			return usual[i].ms;
	return 100;
}

static json_t *view_step(const struct plan_step *step)
{
	json_t *view = plan_step_dump(step);

	json_object_del(view, "before"); /* the plan's own business */
	json_object_set_new(view, "usualMs", json_integer(plans_usual_ms(step->action->name)));
	return view;
}

json_t *plans_view(const struct planned *p, bool with_steps)
{
	const struct plan *plan = p->plan;
	json_t *view, *steps = json_array();
	unsigned done = 0;

	for (unsigned i = 0; i < plan->steps_len; i++) {
		done += plan->steps[i].state == STEP_DONE;
		if (with_steps)
			json_array_append_new(steps, view_step(&plan->steps[i]));
	}
	view = json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:I,s:s,s:s}", "id", plan->id, "kind",
			 plan->kind, "title", plan->title, "state", plan_state_text(plan->state),
			 "why", plan->why, "done", (int)done, "of", (int)plan->steps_len, "atMs",
			 (json_int_t)p->at_ms, "who", p->who, "from", p->origin);
	if (with_steps)
		json_object_set(view, "steps", steps);
	json_decref(steps);
	return view;
}

static json_t *view_row(const struct pl_rows *rows)
{
	return json_pack("{s:s,s:I,s:I,s:s,s:s,s:s,s:s,s:s,s:s}", "id", pl_rows_text(rows, 0),
			 "atMs", (json_int_t)pl_rows_int(rows, 1), "endedMs",
			 (json_int_t)pl_rows_int(rows, 2), "who", pl_rows_text(rows, 3), "from",
			 pl_rows_text(rows, 4), "kind", pl_rows_text(rows, 5), "title",
			 pl_rows_text(rows, 6), "state", pl_rows_text(rows, 7), "why",
			 pl_rows_text(rows, 8));
}

/* The newest first: ids rise with time. */
enum pl_err op_plans(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *kind = pl_json_get_text(body, "query.kind");
	struct pl_page page;
	struct pl_rows *rows;
	enum pl_err err = pl_page_read(&page, json_object_get(body, "query"), "plans");

	if (err)
		return err;
	rows = pl_query(
		turn,
		"select id, at_ms, ended_ms, who, origin, kind, title, state, why from plan "
		"where ($1 = '' or id < $1) and ($2 = '' or kind = $2) order by id desc limit $3",
		"ssi", page.after, kind, page.limit + 1);
	while (pl_rows_next(rows))
		pl_page_add(&page, view_row(rows), "%s", pl_rows_text(rows, 0));
	pl_rows_free(rows);
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", pl_page_answer(&page));
	return *replyp ? PL_OK : PL_NOMEM;
}

/* The last of a plan's journal, oldest first. */
static json_t *view_journal(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select n, at_ms, step, state, attempts, detail "
			 "from plan_journal where plan = $1 order by n desc limit 500",
			 "s", id);
	json_t *journal = json_array();

	while (pl_rows_next(rows))
		json_array_insert_new(
			journal, 0,
			json_pack(
				"{s:I,s:I,s:s,s:s,s:I,s:s}", "n", (json_int_t)pl_rows_int(rows, 0),
				"atMs", (json_int_t)pl_rows_int(rows, 1), "step",
				pl_rows_text(rows, 2), "state", pl_rows_text(rows, 3), "attempts",
				(json_int_t)pl_rows_int(rows, 4), "detail", pl_rows_text(rows, 5)));
	pl_rows_free(rows);
	return journal;
}

enum pl_err op_plan(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct planned *planned = NULL;
	const char *id = NULL;
	json_t *view;
	enum pl_err err = pl_json_text(&id, body, "path.id", 64, true);

	if (!err)
		err = plans_find(&planned, turn, id);
	if (err)
		return err;
	view = plans_view(planned, true);
	json_object_set_new(view, "journal", view_journal(turn, id));
	plans_drop(planned);
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", view);
	return *replyp ? PL_OK : PL_NOMEM;
}

static enum pl_err change(struct pl_turn *turn, const json_t *body, json_t **replyp,
			  const char *action, enum pl_err (*fn)(struct plan *))
{
	struct planned *planned = NULL;
	const char *id = NULL, *other;
	enum plan_state was;
	enum pl_err err = pl_json_text(&id, body, "path.id", 64, true);

	if (!err && !*asked_by(body))
		return pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	if (!err)
		err = plans_find(&planned, turn, id);
	if (err)
		return err;
	was = planned->plan->state;
	other = plans_blocker(planned);
	if (other)
		err = pl_fail(PL_STATE, "plan %s runs; wait for it", other);
	if (!err)
		err = fn(planned->plan);
	if (err) {
		plans_drop(planned);
		return err;
	}
	audit_add(turn, body, action, planned->plan->title, plan_state_text(was),
		  plan_state_text(planned->plan->state));
	planned->told = planned->plan->state;
	*replyp = json_pack("{s:i,s:o}", "status", 202, "body", plans_view(planned, true));
	plans_begin(turn, planned);
	return *replyp ? PL_OK : PL_NOMEM;
}

enum pl_err op_plan_resume(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return change(turn, body, replyp, "plan.resume", plan_resume);
}

enum pl_err op_plan_undo(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return change(turn, body, replyp, "plan.undo", plan_undo);
}
