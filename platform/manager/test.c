/*
 * test.c — see test.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "alarm.h"
#include "pelago/json.h"
#include "plans.h"
#include "pelago/log.h"
#include "pelago/page.h"

enum {
	RUN_MOST_MS = 120000, /* until a run is given up */
	RESULTS_MOST = 50,
	KEPT_RUNS = 20, /* of a node */
	KEPT_PLANS = 50,
	HOURS_MOST = 720,
	HOURS_NORMAL = 24,
};

const char test_tables[] =
	"create table test_run (id TEXT primary key, node TEXT not null, why TEXT not null,"
	" services TEXT not null, asked_ms BIGINT not null, done_ms BIGINT not null,"
	" failed BIGINT not null);"
	"create index test_run_node on test_run (node, id);"
	"create table test_result (run TEXT not null, place BIGINT not null, test TEXT not null,"
	" title TEXT not null, result TEXT not null, evidence TEXT not null,"
	" primary key (run, place));"
	"create table test_schedule (id BIGINT primary key, hours BIGINT not null);"
	"insert into test_schedule (id, hours) values (1, 24)";

static int64_t schedule_hours = HOURS_NORMAL;

/* ---- from the database ---- */

enum pl_err test_rebuild(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn,
					"select node, id, services, asked_ms, done_ms, failed from "
					"test_run order by id",
					"");

	for (struct node *n = model.nodes; n; n = n->next)
		n->tests_failed = -1;
	while (pl_rows_next(rows)) { /* the last of each node stays */
		struct node *node = node_find(pl_rows_text(rows, 0));

		if (!node)
			continue;
		if (!pl_rows_int(rows, 4)) {
			snprintf(node->test, sizeof(node->test), "%s", pl_rows_text(rows, 1));
			node->test_asked_ms = pl_rows_int(rows, 3);
			continue;
		}
		snprintf(node->tested, sizeof(node->tested), "%s", pl_rows_text(rows, 1));
		snprintf(node->tested_services, sizeof(node->tested_services), "%s",
			 pl_rows_text(rows, 2));
		node->tested_ms = pl_rows_int(rows, 4);
		node->tests_failed = (int)pl_rows_int(rows, 5);
	}
	pl_rows_free(rows);
	rows = pl_query(turn, "select hours from test_schedule where id = 1", "");
	if (pl_rows_next(rows))
		schedule_hours = pl_rows_int(rows, 0);
	pl_rows_free(rows);
	return PL_OK;
}

/* ---- runs ---- */

/* A short name of the services and versions that a node should run. */
static void services_of(char text[CHECKSUM_SIZE], const struct node *node)
{
	json_t *list = json_object();

	for (const struct placed *s = model.services; s; s = s->next)
		if (s->cluster == node->cluster && placed_runs(s))
			json_object_set_new(list, s->name,
					    json_string(wanted_on(s, node->name).hash));
	if (!list || checksum_of(text, list) != PL_OK)
		text[0] = '\0';
	json_decref(list);
}

/* The step of a run; a run that isn't over serves all. Returns its id. */
static json_t *add_step(json_t *steps, const struct node *node, const char *why)
{
	char id[27];

	if (*node->test)
		memcpy(id, node->test, sizeof(id));
	else
		pl_id(id);
	json_array_append_new(steps,
			      json_pack("{s:o,s:s,s:o,s:{s:s,s:s,s:s},s:[]}", "id",
					json_sprintf("test:%s", node->name), "action", "test",
					"title", json_sprintf("Tests %s", node->name), "args",
					"node", node->name, "why", why, "run", id, "after"));
	return json_string(id);
}

/* Gives steps. */
static json_t *plan_of(json_t *steps)
{
	json_t *first = json_object_get(json_array_get(steps, 0), "args"), *title;

	if (json_array_size(steps) == 1)
		title = json_sprintf("Test %s", pl_json_get_text(first, "node"));
	else
		title = json_sprintf("Test %zu nodes", json_array_size(steps));
	return json_pack("{s:s,s:o,s:b,s:o}", "kind", "test", "title", title, "undoesItself", 0,
			 "steps", steps);
}

static const char *run_of(const struct plan_step *step)
{
	return pl_json_get_text(step->args, "run");
}

static void want(struct pl_turn *turn, struct node *node, const char *run, const char *why)
{
	snprintf(node->test, sizeof(node->test), "%s", run);
	node->test_asked_ms = pl_turn_now_ms(turn);
	pl_exec(turn,
		"insert into test_run (id, node, why, services, asked_ms, done_ms, failed) "
		"values ($1, $2, $3, '', $4, 0, 0)",
		"sssi", node->test, node->name, why, node->test_asked_ms);
	pl_push(turn, "node.config", json_pack("{s:I}", "version", (json_int_t)model.version));
	pl_log(INFO, "test.wanted", NULL, "node=%s why=%s run=%s", node->name, why, node->test);
}

void test_want(struct pl_turn *turn, struct node *node, const char *why)
{
	char run[27];

	pl_id(run);
	if (!*node->test)
		want(turn, node, run, why);
}

enum pl_err test_apply(void *world, struct plan_step *step)
{
	const char *why = pl_json_get_text(step->args, "why");
	struct node *node = NULL;
	enum pl_err err = plans_node(&node, step);

	if (err || strcmp(node->test, run_of(step)) == 0 || strcmp(node->tested, run_of(step)) == 0)
		return err;
	if (*node->test)
		return pl_fail(PL_AGAIN, "another run of node %s isn't over", node->name);
	want(world, node, run_of(step), why);
	return PL_OK;
}

/* Those that begin by themselves would fill the list of plans: the last ones are kept. */
void test_over(struct pl_turn *turn, const struct plan *plan)
{
	struct pl_rows *rows = pl_query(turn,
					"select id from plan where kind = 'test' and ended_ms > 0 "
					"order by id desc limit 1 offset $1",
					"i", (int64_t)KEPT_PLANS);
	char last[27] = "";

	if (pl_rows_next(rows))
		snprintf(last, sizeof(last), "%s", pl_rows_text(rows, 0));
	pl_rows_free(rows);
	if (!*last)
		return;
	pl_exec(turn,
		"delete from plan_journal where plan in "
		"(select id from plan where kind = 'test' and ended_ms > 0 and id <= $1)",
		"s", last);
	pl_exec(turn,
		"delete from plan_step where plan in "
		"(select id from plan where kind = 'test' and ended_ms > 0 and id <= $1)",
		"s", last);
	pl_exec(turn, "delete from plan where kind = 'test' and ended_ms > 0 and id <= $1", "s",
		last);
}

/* What the run found is in its results; the step is done when it is over. */
enum pl_err test_verify(void *world, struct plan_step *step)
{
	struct node *node = NULL;
	enum pl_err err = plans_node(&node, step);

	if (err || strcmp(node->test, run_of(step)) != 0)
		return err;
	return pl_fail(PL_AGAIN, "node %s tests itself", node->name);
}

enum pl_err test_undo(void *world, struct plan_step *step)
{
	struct node *node = node_find(pl_json_get_text(step->args, "node"));

	if (!node || strcmp(node->test, run_of(step)) != 0)
		return PL_OK; /* it is over: its results stay */
	node->test[0] = '\0';
	pl_exec(world, "delete from test_run where id = $1", "s", run_of(step));
	return PL_OK;
}

static void forget_old(struct pl_turn *turn, const struct node *node)
{
	struct pl_rows *rows = pl_query(turn,
					"select id from test_run where node = $1 order by id desc "
					"limit 1 offset $2",
					"si", node->name, (int64_t)KEPT_RUNS);
	char last[27] = "";

	if (pl_rows_next(rows))
		snprintf(last, sizeof(last), "%s", pl_rows_text(rows, 0));
	pl_rows_free(rows);
	if (!*last)
		return;
	pl_exec(turn,
		"delete from test_result where run in (select id from test_run where node = $1 "
		"and id <= $2)",
		"ss", node->name, last);
	pl_exec(turn, "delete from test_run where node = $1 and id <= $2", "ss", node->name, last);
}

static bool add_result(struct pl_turn *turn, const struct node *node, size_t place,
		       const json_t *item)
{
	const char *test = pl_json_get_text(item, "test");
	bool passed = strcmp(pl_json_get_text(item, "result"), "Success") == 0;
	struct alarm_name name = { pl_json_get_text(item, "alarm"), node->name, test, false };

	pl_exec(turn,
		"insert into test_result (run, place, test, title, result, evidence) "
		"values ($1, $2, $3, $4, $5, $6)",
		"sissss", node->test, (int64_t)place, test, pl_json_get_text(item, "title"),
		passed ? "Success" : "Failure", pl_json_get_text(item, "evidence"));
	if (passed)
		alarm_clear(turn, &name);
	else
		alarm_raise(turn, &name, pl_json_get_text(item, "evidence"));
	return passed;
}

static void end_run(struct pl_turn *turn, struct node *node, const json_t *results)
{
	json_t *item;
	size_t i;
	int failed = 0;

	json_array_foreach(results, i, item)
		failed += !add_result(turn, node, i, item);
	services_of(node->tested_services, node);
	node->tested_ms = pl_turn_now_ms(turn);
	node->tests_failed = failed;
	memcpy(node->tested, node->test, sizeof(node->tested));
	node->test[0] = '\0';
	pl_exec(turn, "update test_run set services = $1, done_ms = $2, failed = $3 where id = $4",
		"siis", node->tested_services, node->tested_ms, (int64_t)failed, node->tested);
	forget_old(turn, node);
	pl_log(INFO, "test.done", NULL, "node=%s run=%s failed=%d of %zu", node->name, node->tested,
	       failed, json_array_size(results));
}

/* A node that can't answer has failed. */
static void give_up(struct pl_turn *turn, struct node *node)
{
	bool is_heard = report_get(node->name, NULL) != NULL;
	json_t *results = json_pack(
		"[{s:s, s:s, s:s, s:s, s:s}]", "test", "node", "title", "Node answers", "alarm",
		"test.failed", "result", "Failure", "evidence",
		is_heard ? "it is heard, but gave no results in two minutes" : "it isn't heard");

	if (results)
		end_run(turn, node, results);
	json_decref(results);
}

static bool is_due(const struct node *node, int64_t now_ms)
{
	return schedule_hours && node->tested_ms &&
	       now_ms - node->tested_ms >= schedule_hours * 3600000;
}

static const char *wants_test(const struct node *node, int64_t now_ms)
{
	char services[CHECKSUM_SIZE];

	if (*node->test || !node_is_stable(node) || plans_step("test", node->name))
		return NULL;
	services_of(services, node);
	if (strcmp(services, node->tested_services) != 0)
		return "install";
	return is_due(node, now_ms) ? "schedule" : NULL;
}

void test_beat(struct pl_turn *turn)
{
	int64_t now_ms = pl_turn_now_ms(turn);
	bool is_quiet = !plans_running() && !*delivery_state();
	json_t *steps = json_array();
	const char *why, *who = NULL;
	enum pl_err err;

	for (struct node *n = model.nodes; n; n = n->next) {
		if (*n->test && now_ms - n->test_asked_ms > RUN_MOST_MS)
			give_up(turn, n);
		why = is_quiet ? wants_test(n, now_ms) : NULL;
		if (why) {
			who = why;
			json_decref(add_step(steps, n, why));
		}
	}
	if (!who) {
		json_decref(steps);
		return;
	}
	err = plans_own(turn, who, plan_of(steps));
	if (err)
		pl_log(ERROR, "test.wanted", NULL, "%s", pl_err_detail(err));
}

int test_passes(const struct cluster *cluster)
{
	int passes = 1;

	for (const struct node *n = model.nodes; n; n = n->next) {
		if (n->cluster != cluster || n->tests_failed == 0)
			continue;
		if (n->tests_failed > 0)
			return 0;
		passes = -1;
	}
	return passes;
}

enum pl_err op_tested(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL, *run = NULL, *text = NULL;
	json_t *results = NULL, *item;
	struct node *node;
	enum pl_err err;
	size_t i;

	if ((err = pl_json_text(&name, body, "node", 64, true)) ||
	    (err = pl_json_text(&run, body, "run", 26, true)) ||
	    (err = pl_json_array(&results, body, "results", RESULTS_MOST, true)))
		return err;
	node = node_find(name);
	if (!node)
		return pl_fail(PL_NOTFOUND, "node %s isn't known", name);
	json_array_foreach(results, i, item)
		if ((err = pl_json_text(&text, item, "test", 64, true)) ||
		    (err = pl_json_text(&text, item, "title", 200, true)) ||
		    (err = pl_json_text(&text, item, "alarm", 64, true)) ||
		    (err = pl_json_text(&text, item, "result", 20, true)) ||
		    (err = pl_json_text(&text, item, "evidence", 1000, true)))
			return err;
	if (*node->test && strcmp(node->test, run) == 0) /* else it was taken before */
		end_run(turn, node, results);
	*replyp = json_pack("{s:s}", "run", run);
	return *replyp ? PL_OK : PL_NOMEM;
}

/* ---- for people ---- */

static enum pl_err answer(json_t **replyp, int status, json_t *body)
{
	*replyp = json_pack("{s:i,s:o}", "status", status, "body", body);
	return *replyp ? PL_OK : PL_NOMEM;
}

enum pl_err op_test_run(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL;
	json_t *given = json_object_get(body, "body"), *runs, *steps, *plan = NULL;
	enum pl_err err = pl_json_text(&name, given, "node", 64, false);

	if (err)
		return err;
	if (name && !node_find(name))
		return pl_fail(PL_NOTFOUND, "there is no node '%s'", name);
	if (!*asked_by(body))
		return pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	runs = json_array();
	steps = json_array();
	for (const struct node *n = model.nodes; n; n = n->next)
		if (!name || strcmp(n->name, name) == 0)
			json_array_append_new(runs, add_step(steps, n, "demand"));
	err = plans_start(&plan, turn, body, plan_of(steps));
	if (!err && !plans_is_dry(body)) {
		audit_add(turn, body, "test.run", name ? name : "all nodes", "", "");
		err = answer(replyp, 202,
			     json_pack("{s:i, s:O, s:O}", "count", (int)json_array_size(runs),
				       "runs", runs, "plan", json_object_get(plan, "id")));
	} else if (!err) {
		err = answer(replyp, 200, json_incref(plan));
	}
	json_decref(runs);
	json_decref(plan);
	return err;
}

static json_t *view_run(const struct pl_rows *rows)
{
	int64_t done_ms = pl_rows_int(rows, 4);

	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:o, s:I}", "id", pl_rows_text(rows, 0), "node",
			 pl_rows_text(rows, 1), "why", pl_rows_text(rows, 2), "state",
			 !done_ms		? "Running"
			 : pl_rows_int(rows, 5) ? "Failure"
						: "Success",
			 "askedMs", (json_int_t)pl_rows_int(rows, 3), "doneMs",
			 done_ms ? json_integer(done_ms) : json_null(), "failed",
			 (json_int_t)pl_rows_int(rows, 5));
}

enum pl_err op_test_runs(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *node = pl_json_get_text(body, "query.node");
	struct pl_page page;
	struct pl_rows *rows;
	enum pl_err err = pl_page_read(&page, json_object_get(body, "query"), "test-runs");

	if (err)
		return err;
	rows = pl_query(turn,
			"select id, node, why, asked_ms, done_ms, failed from test_run where "
			"($1 = '' or id < $1) and ($2 = '' or node = $2) order by id desc limit $3",
			"ssi", page.after, node, page.limit + 1);
	while (pl_rows_next(rows))
		pl_page_add(&page, view_run(rows), "%s", pl_rows_text(rows, 0));
	pl_rows_free(rows);
	return answer(replyp, 200, pl_page_answer(&page));
}

static void keep_results(struct pl_turn *turn, struct pl_page *page, const struct node *node)
{
	struct pl_rows *rows = pl_query(turn,
					"select place, test, title, result, evidence from "
					"test_result where run = $1 order by place",
					"s", node->tested);

	while (pl_rows_next(rows))
		pl_page_keep(page,
			     json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "node",
				       node->name, "cluster", node->cluster->name, "test",
				       pl_rows_text(rows, 1), "title", pl_rows_text(rows, 2),
				       "result", pl_rows_text(rows, 3), "evidence",
				       pl_rows_text(rows, 4), "run", node->tested, "atMs",
				       (json_int_t)node->tested_ms),
			     "%05d:%s:%03d", node->cluster->place, node->name,
			     (int)pl_rows_int(rows, 0));
	pl_rows_free(rows);
}

/* The results of each node's last run. */
enum pl_err op_tests(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = pl_json_get_text(body, "query.node");
	struct pl_page page;
	enum pl_err err = pl_page_read(&page, json_object_get(body, "query"), "tests");

	if (!err && *name && !node_find(name))
		err = pl_fail(PL_NOTFOUND, "there is no node '%s'", name);
	for (struct node *n = model.nodes; !err && n; n = n->next)
		if (!*name || strcmp(n->name, name) == 0)
			keep_results(turn, &page, n);
	return err ? err : answer(replyp, 200, pl_page_answer(&page));
}

static json_t *view_schedule(void)
{
	return json_pack("{s:I}", "hours", (json_int_t)schedule_hours);
}

enum pl_err op_test_schedule(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return answer(replyp, 200, view_schedule());
}

enum pl_err op_test_schedule_set(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	int64_t hours = 0;
	char was[24], became[24];
	enum pl_err err =
		pl_json_int(&hours, json_object_get(body, "body"), "hours", 0, HOURS_MOST, true);

	if (err)
		return err;
	if (!*asked_by(body))
		return pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	snprintf(was, sizeof(was), "%lld", (long long)schedule_hours);
	snprintf(became, sizeof(became), "%lld", (long long)hours);
	pl_exec(turn, "update test_schedule set hours = $1 where id = 1", "i", hours);
	audit_add(turn, body, "test.schedule", "hours", was, became);
	schedule_hours = hours;
	return answer(replyp, 200, view_schedule());
}
