/*
 * upgrade_gate.c — the step that looks at whether all is as well as it was before the upgrade.
 *
 * Arguments: "service" and "node", each or none: whose health it is; "holdMs": for how long all
 * must be well without a break; "tests": maintenance tests of the nodes are run; "alarms": those
 * that were open before the upgrade, "KEY:SOURCE:SUBJECT".
 *
 * It waits while something isn't well yet, and fails when that lasts, or at once where it is clear:
 * a service that ended again or fails what it is asked, more tests of a node that fail than before
 * the step, twice: somebody may have been killed just then. It changes nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "alarm.h"
#include "pelago/json.h"
#include "test.h"
#include "upgrade.h"

enum { DEFECTS_MOST = 2 }; /* answers "a defect in Pelago" while a gate looks */

static const char *arg(const struct plan_step *step, const char *name)
{
	return pl_json_get_text(step->args, name);
}

static bool is_meant(const struct plan_step *step, const struct placed *s)
{
	return !*arg(step, "service") || strcmp(arg(step, "service"), s->name) == 0;
}

/* Nodes whose health it is: the one that is named, those that run the service, or all. */
static bool is_concerned(const struct plan_step *step, const struct node *node)
{
	if (*arg(step, "node"))
		return strcmp(arg(step, "node"), node->name) == 0;
	if (!*arg(step, "service"))
		return true;
	for (const struct placed *s = model.services; s; s = s->next)
		if (s->cluster == node->cluster && is_meant(step, s))
			return true;
	return false;
}

/* {"SERVICE:NODE": number}, of "restarts" or "defects", as nodes report it. */
static json_t *counts_of(const struct plan_step *step, const char *what)
{
	json_t *counts = json_object(), *item;
	size_t i;

	for (const struct node *n = model.nodes; n; n = n->next) {
		json_array_foreach(json_object_get(report_get(n->name, NULL), "services"), i,
				   item) {
			char name[200];

			snprintf(name, sizeof(name), "%s:%s", pl_json_get_text(item, "name"),
				 n->name);
			if (is_concerned(step, n))
				json_object_set(counts, name, json_object_get(item, what));
		}
	}
	return counts;
}

static bool runs_tests(const struct plan_step *step)
{
	return json_is_true(json_object_get(step->args, "tests"));
}

/* {"NODE": how many of its tests failed at their last run} */
static json_t *failed_tests(const struct plan_step *step)
{
	json_t *counts = json_object();

	for (const struct node *n = model.nodes; n; n = n->next)
		if (is_concerned(step, n) && n->tests_failed > 0)
			json_object_set_new(counts, n->name, json_integer(n->tests_failed));
	return counts;
}

enum pl_err gate_check(void *world, struct plan_step *step)
{
	json_decref(step->before);
	step->before =
		json_pack("{s:o,s:o,s:o,s:i}", "restarts", counts_of(step, "restarts"), "defects",
			  counts_of(step, "defects"), "tests", failed_tests(step), "wellMs", 0);
	return step->before ? PL_OK : PL_NOMEM;
}

enum pl_err gate_apply(void *world, struct plan_step *step)
{
	for (struct node *n = model.nodes; n && runs_tests(step); n = n->next)
		if (is_concerned(step, n))
			test_want(world, n, "upgrade");
	return PL_OK;
}

/* ---- what may be wrong ---- */

/* Whether one of the counts has risen by more than so much since the step began. */
static enum pl_err has_risen(const struct plan_step *step, const char *what, json_int_t most,
			     const char *says)
{
	json_t *now = counts_of(step, what), *count;
	const json_t *before = json_object_get(step->before, what);
	enum pl_err err = PL_OK;
	const char *name;

	json_object_foreach(now, name, count) {
		const json_t *was = json_object_get(before, name);

		if (!err && was && json_integer_value(count) > json_integer_value(was) + most)
			err = pl_fail(PL_INTERNAL, "%.*s %s on node %s; see its log",
				      (int)strcspn(name, ":"), name, says, strchr(name, ':') + 1);
	}
	json_decref(now);
	return err;
}

static enum pl_err serve_all(const struct plan_step *step)
{
	for (const struct placed *s = model.services; s; s = s->next) {
		bool has_active = false, has_node = false;

		if (!is_meant(step, s) || !placed_runs(s))
			continue;
		for (const struct node *n = model.nodes; n; n = n->next) {
			const json_t *report;

			if (n->cluster != s->cluster)
				continue;
			report = report_get(n->name, NULL);
			has_node = true;
			has_active |= is_active(report, s);
			if (!is_concerned(step, n))
				continue;
			if (!report)
				return pl_fail(PL_AGAIN, "node %s isn't heard", n->name);
			if (!serves(report, s))
				return pl_fail(PL_AGAIN, "%s doesn't serve on node %s: %s", s->name,
					       n->name,
					       pl_json_get_text(report_service(report, s->name),
								"health"));
		}
		if (has_node && !has_active)
			return pl_fail(PL_AGAIN, "no node does the work of %s", s->name);
	}
	return PL_OK;
}

static enum pl_err nodes_stable(const struct plan_step *step)
{
	for (const struct node *n = model.nodes; n; n = n->next)
		if (!*arg(step, "service") && is_concerned(step, n) && !node_is_stable(n))
			return pl_fail(PL_AGAIN, "node %s isn't stable", n->name);
	return PL_OK;
}

static bool was_open(const struct plan_step *step, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(step->args, "alarms"), i, item) {
		if (strcmp(json_string_value(item), name) == 0)
			return true;
	}
	return false;
}

/* Those of the upgrade itself pass, as it goes on. */
static enum pl_err no_new_alarm(const struct plan_step *step)
{
	for (const struct alarm *a = open_alarms; a; a = a->next) {
		const struct alarm_kind *kind = alarm_kind_get(a->key);
		char name[400];

		snprintf(name, sizeof(name), "%s:%s:%s", a->key, a->source, a->subject);
		if ((strcmp(kind->severity, "critical") == 0 ||
		     strcmp(kind->severity, "major") == 0) &&
		    !was_open(step, name))
			return pl_fail(PL_AGAIN, "alarm: %s (%s %s)", kind->title, a->source,
				       a->subject);
	}
	return PL_OK;
}

/* The tests that failed at a node's last run, and what they saw. */
static enum pl_err name_failed(struct pl_turn *turn, const struct node *node)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select title, evidence from test_result where run = $1 and "
			 "result = 'Failure' order by place",
			 "s", node->tested);
	char text[300] = "";

	while (pl_rows_next(rows)) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof(text) - len, "%s%s (%s)", len ? ", " : "",
			 pl_rows_text(rows, 0), pl_rows_text(rows, 1));
	}
	pl_rows_free(rows);
	return pl_fail(PL_INTERNAL,
		       "%d maintenance tests of node %s fail: %s; 'pelago test list' has the "
		       "evidence",
		       node->tests_failed, node->name, text);
}

static bool fails_more(const struct plan_step *step, const struct node *node)
{
	const json_t *before = json_object_get(step->before, "tests");

	return is_concerned(step, node) &&
	       node->tests_failed > json_integer_value(json_object_get(before, node->name));
}

static enum pl_err tests_passed(struct pl_turn *turn, struct plan_step *step)
{
	bool was_again = json_is_true(json_object_get(step->before, "again"));
	const struct node *failed = NULL;

	for (struct node *n = model.nodes; n && runs_tests(step); n = n->next) {
		if (is_concerned(step, n) && *n->test)
			return pl_fail(PL_AGAIN, "maintenance tests of node %s run", n->name);
		if (fails_more(step, n))
			failed = n;
	}
	if (!failed)
		return PL_OK;
	if (was_again)
		return name_failed(turn, failed);
	json_object_set_new(step->before, "again", json_true());
	step->is_changed = true;
	for (struct node *n = model.nodes; n; n = n->next)
		if (fails_more(step, n))
			test_want(turn, n, "upgrade");
	return pl_fail(PL_AGAIN, "maintenance tests of node %s failed, and are run once more",
		       failed->name);
}

enum pl_err gate_verify(void *world, struct plan_step *step)
{
	int64_t now_ms = manager_now_ms(),
		well_ms = json_integer_value(json_object_get(step->before, "wellMs")),
		hold_ms = json_integer_value(json_object_get(step->args, "holdMs"));
	enum pl_err err = has_risen(step, "restarts", 0, "ended");

	if (!err)
		err = has_risen(step, "defects", DEFECTS_MOST, "fails what it is asked");
	if (!err)
		err = serve_all(step);
	if (!err)
		err = nodes_stable(step);
	if (!err)
		err = no_new_alarm(step);
	if (!err)
		err = tests_passed(world, step);
	if (err || !well_ms || now_ms < well_ms) { /* steady time of another boot */
		json_object_set_new(step->before, "wellMs", json_integer(err ? 0 : now_ms));
		return err ? err : pl_fail(PL_AGAIN, "all is well; it is looked at for a moment");
	}
	return now_ms - well_ms >= hold_ms
		       ? PL_OK
		       : pl_fail(PL_AGAIN, "all is well; it is looked at for a moment");
}
