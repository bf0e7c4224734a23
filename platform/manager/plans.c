/*
 * plans.c — plans in the database, and those that run.
 *
 * A plan that runs is in memory as it is stored: after a rollback it is read anew. Each transition
 * of a step is a row of its journal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/manager/plans.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"

/* Kinds that aren't as all others. */
static const struct kind {
	const char *name;
	bool looks_on; /* it changes nothing that others change: it runs beside them */
	bool is_quiet; /* the trail of what people did isn't told of it */
	void (*over)(struct pl_turn *turn, const struct plan *plan);
} kinds[] = {
	{ .name = "test", .looks_on = true, .is_quiet = true, .over = test_over },
	{ .name = "join", .looks_on = true },
	{ .name = "restart", .over = restart_over },
};

static struct planned *running;
static bool is_posted;
static bool
	waits_for_commit; /* what changed isn't stored before this turn's end: no effect before */

static struct plan_clock clock_now(const struct pl_turn *turn)
{
	return (struct plan_clock){ pl_turn_now_ms(turn), manager_now_ms() };
}

static struct kind kind_of(const struct planned *p)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, p->plan->kind) == 0)
			return kinds[i];
	return (struct kind){ .name = p->plan->kind };
}

/* ---- making and freeing ---- */

static void planned_free(struct planned *p)
{
	if (!p)
		return;
	plan_free(p->plan);
	free(p->who);
	free(p->origin);
	free(p);
}

static enum pl_err planned_new(struct planned **plannedp, const json_t *body, const char *who,
			       const char *origin)
{
	struct planned *p = calloc(1, sizeof(*p));
	enum pl_err err = PL_NOMEM;

	if (!p)
		return PL_NOMEM;
	p->who = strdup(who);
	p->origin = strdup(origin);
	if (p->who && p->origin)
		err = plan_load(&p->plan, body, plan_actions);
	if (err) {
		planned_free(p);
		return err;
	}
	p->told = p->plan->state;
	*plannedp = p;
	return PL_OK;
}

void plans_drop(struct planned *p)
{
	struct planned **at = &running;

	if (!plan_is_over(p->plan))
		return;
	while (*at && *at != p)
		at = &(*at)->next;
	if (*at)
		*at = p->next;
	planned_free(p);
}

/* ---- stored ---- */

static void journal(struct pl_turn *turn, struct planned *p, const char *step, const char *state,
		    unsigned attempts, const char *detail)
{
	pl_exec(turn,
		"insert into plan_journal (plan, n, at_ms, step, state, attempts, detail) "
		"values ($1, $2, $3, $4, $5, $6, $7)",
		"siissis", p->plan->id, ++p->journal_n, pl_turn_now_ms(turn), step, state,
		(int64_t)attempts, detail);
}

static void push(struct pl_turn *turn, const struct planned *p)
{
	char stream[64];

	snprintf(stream, sizeof(stream), "plan.%s", p->plan->id);
	pl_push(turn, stream, plans_view(p, true));
}

/* Once a plan has come to an end, the trail says so. */
static void tell(struct pl_turn *turn, struct planned *p)
{
	const char *state = plan_state_text(p->plan->state);
	struct kind kind = kind_of(p);
	json_t *request;

	if (p->told == p->plan->state)
		return;
	if (plan_is_over(p->plan) && kind.over)
		kind.over(turn, p->plan);
	pl_log(INFO, "plan.state", NULL, "plan=%s kind=%s state=%s", p->plan->id, p->plan->kind,
	       state);
	if (kind.is_quiet) {
		p->told = p->plan->state;
		return;
	}
	request = json_pack("{s:{s:s},s:s}", "user", "name", p->who, "from", p->origin);
	audit_add(turn, request, "plan.state", p->plan->title, plan_state_text(p->told), state);
	json_decref(request);
	p->told = p->plan->state;
}

static void plans_store(struct pl_turn *turn, struct planned *p)
{
	bool is_changed = p->plan->is_changed;

	if (is_changed) {
		pl_exec(turn, "update plan set state = $2, ended_ms = $3, why = $4 where id = $1",
			"ssis", p->plan->id, plan_state_text(p->plan->state),
			plan_is_over(p->plan) ? pl_turn_now_ms(turn) : (int64_t)0, p->plan->why);
		journal(turn, p, "", plan_state_text(p->plan->state), 0, "");
	}
	for (unsigned i = 0; i < p->plan->steps_len; i++) {
		const struct plan_step *step = &p->plan->steps[i];
		json_t *body = step->is_changed ? plan_step_dump(step) : NULL;
		char *text = body ? pl_json_dump(body) : NULL;

		if (text) {
			pl_exec(turn, "update plan_step set body = $3 where plan = $1 and n = $2",
				"sis", p->plan->id, (int64_t)i, text);
			journal(turn, p, step->id, plan_step_state_text(step->state),
				step->attempts, step->detail);
		}
		is_changed |= step->is_changed;
		free(text);
		json_decref(body);
	}
	plan_stored(p->plan);
	tell(turn, p);
	if (is_changed)
		push(turn, p);
}

static void store_new(struct pl_turn *turn, struct planned *p)
{
	pl_exec(turn,
		"insert into plan (id, at_ms, ended_ms, who, origin, kind, title, state, why, "
		"undoes_itself) values ($1, $2, 0, $3, $4, $5, $6, $7, '', $8)",
		"sisssssi", p->plan->id, p->at_ms, p->who, p->origin, p->plan->kind, p->plan->title,
		plan_state_text(p->plan->state), (int64_t)p->plan->undoes_itself);
	for (unsigned i = 0; i < p->plan->steps_len; i++) {
		json_t *body = plan_step_dump(&p->plan->steps[i]);
		char *text = body ? pl_json_dump(body) : NULL;

		pl_exec(turn, "insert into plan_step (plan, n, body) values ($1, $2, $3)", "sis",
			p->plan->id, (int64_t)i, text);
		free(text);
		json_decref(body);
	}
	journal(turn, p, "", plan_state_text(p->plan->state), 0, "");
}

static json_t *steps_of(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn, "select body from plan_step where plan = $1 order by n", "s", id);
	json_t *steps = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(steps, json_loads(pl_rows_text(rows, 0), 0, NULL));
	pl_rows_free(rows);
	return steps;
}

static int64_t journal_last(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn, "select max(n) from plan_journal where plan = $1", "s", id);
	int64_t n = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return n;
}

/* The plan of a row: id, at_ms, who, origin, kind, title, state, undoes_itself, why. Frees rows. */
static enum pl_err from_row(struct planned **plannedp, struct pl_turn *turn, struct pl_rows *rows)
{
	json_t *body = json_pack("{s:s,s:s,s:s,s:s,s:b,s:s}", "id", pl_rows_text(rows, 0), "kind",
				 pl_rows_text(rows, 4), "title", pl_rows_text(rows, 5), "state",
				 pl_rows_text(rows, 6), "undoesItself", (int)pl_rows_int(rows, 7),
				 "why", pl_rows_text(rows, 8));
	char *who = strdup(pl_rows_text(rows, 2)), *origin = strdup(pl_rows_text(rows, 3));
	int64_t at_ms = pl_rows_int(rows, 1);
	enum pl_err err = PL_NOMEM;

	pl_rows_free(rows);
	if (body && who && origin) {
		json_object_set_new(body, "steps", steps_of(turn, pl_json_get_text(body, "id")));
		err = planned_new(plannedp, body, who, origin);
	}
	if (!err) {
		(*plannedp)->at_ms = at_ms;
		(*plannedp)->journal_n = journal_last(turn, pl_json_get_text(body, "id"));
	}
	json_decref(body);
	free(who);
	free(origin);
	return err;
}

enum pl_err plans_find(struct planned **plannedp, struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows;

	for (struct planned *p = running; p; p = p->next)
		if (strcmp(p->plan->id, id) == 0) {
			*plannedp = p;
			return PL_OK;
		}
	rows = pl_query(turn,
			"select id, at_ms, who, origin, kind, title, state, undoes_itself, why "
			"from plan where id = $1",
			"s", id);
	if (!pl_rows_next(rows)) {
		pl_rows_free(rows);
		return pl_fail(PL_NOTFOUND, "there is no plan '%s'; see 'pelago plan list'", id);
	}
	return from_row(plannedp, turn, rows);
}

enum pl_err plans_read(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn, "select id from plan where state in ('running', 'undoing') order by id", "");
	json_t *ids = json_array(), *id;
	enum pl_err err = PL_OK;
	size_t i;

	waits_for_commit = false;
	while (running) {
		struct planned *p = running;

		running = p->next;
		planned_free(p);
	}
	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	json_array_foreach(ids, i, id) {
		struct planned *p = NULL;

		if (!err)
			err = plans_find(&p, turn, json_string_value(id));
		if (p) {
			p->next = running;
			running = p;
			pl_log(INFO, "plan.resumed", NULL, "plan=%s kind=%s", p->plan->id,
			       p->plan->kind);
		}
	}
	json_decref(ids);
	return err;
}

/* ---- running ---- */

static enum pl_err go_on(struct pl_turn *turn, json_t *body, void *arg)
{
	is_posted = waits_for_commit = false; /* the turn that posted this is over */
	return plans_tick(turn);
}

void plans_wake(struct pl_turn *turn)
{
	if (is_posted || (!running && !waits_for_commit))
		return;
	is_posted = true;
	pl_service_post(pl_turn_service(turn), go_on, NULL, NULL);
}

enum pl_err plans_tick(struct pl_turn *turn)
{
	if (waits_for_commit)
		return PL_OK;
	for (struct planned *p = running, *next; p; p = next) {
		next = p->next;
		if (plan_advance(p->plan, turn, clock_now(turn))) {
			plans_store(turn, p);
			waits_for_commit = true;
			plans_wake(turn);
		}
		plans_drop(p);
	}
	return PL_OK;
}

void plans_begin(struct pl_turn *turn, struct planned *p)
{
	struct planned *other = running;

	while (other && other != p)
		other = other->next;
	if (!other) {
		p->next = running;
		running = p;
	}
	plans_store(turn, p);
	waits_for_commit = true;
	plans_wake(turn);
}

/* The plan that runs and lets no other run, or NULL. */
static const struct planned *alone(void)
{
	for (const struct planned *p = running; p; p = p->next)
		if (!kind_of(p).looks_on)
			return p;
	return NULL;
}

const char *plans_running(void)
{
	const struct planned *p = alone();

	return p ? p->plan->id : NULL;
}

const char *plans_blocker(const struct planned *planned)
{
	const struct planned *other = kind_of(planned).looks_on ? NULL : alone();

	return other && other != planned ? other->plan->id : NULL;
}

const struct plan_step *plans_step(const char *action, const char *node)
{
	for (const struct planned *p = running; p; p = p->next)
		for (unsigned i = 0; i < p->plan->steps_len; i++) {
			const struct plan_step *step = &p->plan->steps[i];

			if (strcmp(step->action->name, action) == 0 &&
			    strcmp(pl_json_get_text(step->args, "node"), node) == 0)
				return step;
		}
	return NULL;
}

enum pl_err plans_node(struct node **nodep, const struct plan_step *step)
{
	const char *name = pl_json_get_text(step->args, "node");

	*nodep = node_find(name);
	return *nodep ? PL_OK : pl_fail(PL_STATE, "node %s was removed", name);
}

bool plans_mention(const char *service, const char *version)
{
	for (const struct planned *p = running; p; p = p->next)
		for (unsigned i = 0; i < p->plan->steps_len; i++) {
			const json_t *args = p->plan->steps[i].args;

			if (strcmp(pl_json_get_text(args, "service"), service) == 0 &&
			    strcmp(pl_json_get_text(args, "version"), version) == 0)
				return true;
		}
	return false;
}

bool plans_is_dry(const json_t *request)
{
	return json_is_true(pl_json_get(request, "body.dryRun"));
}

json_t *plans_answer(const json_t *request, json_t *view)
{
	return json_pack("{s:i,s:o}", "status", plans_is_dry(request) ? 200 : 202, "body", view);
}

enum pl_err plans_own(struct pl_turn *turn, const char *who, json_t *definition)
{
	json_t *request = json_pack("{s:{s:s},s:s}", "user", "name", who, "from", ""), *view = NULL;
	enum pl_err err = plans_start(&view, turn, request, definition);

	json_decref(view);
	json_decref(request);
	return err;
}

enum pl_err plans_start(json_t **viewp, struct pl_turn *turn, const json_t *request,
			json_t *definition)
{
	bool is_dry = plans_is_dry(request);
	struct planned *p = NULL;
	const struct planned *other;
	enum pl_err err;
	char id[27];

	pl_id(id);
	json_object_set_new(definition, "id", json_string(id));
	err = planned_new(&p, definition, asked_by(request), pl_json_get_text(request, "from"));
	json_decref(definition);
	if (err)
		return err;
	p->at_ms = pl_turn_now_ms(turn);
	other = kind_of(p).looks_on ? NULL : alone();
	if (!is_dry && other) {
		err = pl_fail(PL_STATE,
			      "plan %s (%s) runs; wait for it, or see 'pelago plan show %s'",
			      other->plan->id, other->plan->title, other->plan->id);
		planned_free(p);
		return err;
	}
	*viewp = plans_view(p, true);
	if (is_dry) {
		json_object_set_new(*viewp, "state", json_string("planned"));
		planned_free(p);
		return PL_OK;
	}
	store_new(turn, p);
	if (!kind_of(p).is_quiet)
		audit_add(turn, request, "plan.start", p->plan->title, "", p->plan->id);
	plans_begin(turn, p);
	return PL_OK;
}
