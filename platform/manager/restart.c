/*
 * restart.c — restarts of nodes and clusters (PLT-7), as plans.
 *
 * A node restarts when it gets a higher `restarts` than it had: it ends its services in order and
 * itself, and is started anew. Of a cluster they do so one after the other, the next when the one
 * before is stable again, or together. A node that was restarted can't be as it was before: to take
 * such a plan back is to begin none that hasn't been begun.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "cluster.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "plans.h"

static const char action[] = "restart";

/* ---- how it is ---- */

const char *restart_of(const struct node *node, const char **whyp)
{
	const struct plan_step *step = plans_step(action, node->name);

	*whyp = "";
	switch (step ? step->state : STEP_DONE) {
	case STEP_WAITING:
		return "waiting";
	case STEP_APPLYING:
	case STEP_VERIFYING:
		return "running";
	default:
		*whyp = node->restart_why;
		return *node->restart_why ? "failed" : "";
	}
}

bool is_restarting(const struct node *node)
{
	const char *why;

	return *restart_of(node, &why) != '\0';
}

static void set_why(struct pl_turn *turn, const char *name, const char *why)
{
	struct node *node = node_find(name);
	char *copy = node && strcmp(node->restart_why, why) != 0 ? strdup(why) : NULL;

	if (!copy)
		return;
	free(node->restart_why);
	node->restart_why = copy;
	pl_exec(turn, "update node set restart_why = $1 where name = $2", "ss", why, name);
}

void restart_over(struct pl_turn *turn, const struct plan *plan)
{
	for (unsigned i = 0; i < plan->steps_len; i++) {
		const struct plan_step *step = &plan->steps[i];

		set_why(turn, pl_json_get_text(step->args, "node"),
			plan->state != PLAN_FAILED   ? ""
			: step->state == STEP_FAILED ? step->detail
			: step->state == STEP_WAITING
				? "not begun: the node before it didn't come back"
				: "");
	}
}

/* ---- asking ---- */

static enum pl_err may_restart(const struct node *node)
{
	const char *why, *state = restart_of(node, &why);

	if (*state && strcmp(state, "failed") != 0)
		return pl_fail(PL_STATE, "%s is being restarted already", node->name);
	if (!report_get(node->name, NULL))
		return pl_fail(PL_STATE, "%s isn't heard, so it can't be restarted from here",
			       node->name);
	return PL_OK;
}

/* The id of the step, or NULL without memory: a new reference. */
static json_t *add_step(json_t *steps, const struct node *node, json_t *after)
{
	json_t *id = json_sprintf("%s:%s", action, node->name);

	json_array_append_new(steps,
			      json_pack("{s:O,s:s,s:o,s:{s:s},s:o}", "id", id, "action", action,
					"title", json_sprintf("Restarts %s", node->name), "args",
					"node", node->name, "after", after));
	return id;
}

static enum pl_err answer(json_t **replyp, struct pl_turn *turn, const json_t *body,
			  const char *what, json_t *steps)
{
	json_t *view = NULL;
	enum pl_err err = plans_start(&view, turn, body,
				      json_pack("{s:s,s:o,s:b,s:o}", "kind", "restart", "title",
						json_sprintf("Restart %s", what), "undoesItself", 0,
						"steps", steps));

	if (!err)
		*replyp = plans_answer(body, view);
	return err;
}

enum pl_err op_restart_node(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct node *node = NULL;
	json_t *steps;
	enum pl_err err = node_asked(&node, body);

	if (!err)
		err = may_restart(node);
	if (err)
		return err;
	steps = json_array();
	json_decref(add_step(steps, node, json_array()));
	err = answer(replyp, turn, body, node->name, steps);
	if (!err && !plans_is_dry(body))
		audit_add(turn, body, "node.restart", node->name, "", "");
	return err;
}

enum pl_err op_restart_cluster(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct cluster *cluster = NULL;
	bool together = false;
	json_t *steps, *last = NULL;
	enum pl_err err = cluster_asked(&cluster, body);

	if (!err)
		err = pl_json_bool(&together, body, "body.together", false);
	for (const struct node *n = model.nodes; n && !err; n = n->next)
		if (n->cluster == cluster)
			err = may_restart(n);
	if (err)
		return err;
	steps = json_array();
	for (const struct node *n = model.nodes; n; n = n->next) {
		json_t *after = n->cluster == cluster ? json_array() : NULL;

		if (!after)
			continue;
		if (last && !together)
			json_array_append(after, last);
		json_decref(last);
		last = add_step(steps, n, after);
	}
	json_decref(last);
	err = answer(replyp, turn, body, cluster->name, steps);
	if (!err && !plans_is_dry(body))
		audit_add(turn, body, "cluster.restart", cluster->name, "",
			  together ? "together" : "one at a time");
	return err;
}

/* ---- the step ---- */

static int64_t restarts_before(const struct plan_step *step)
{
	return json_integer_value(json_object_get(step->before, "restarts"));
}

enum pl_err restart_check(void *world, struct plan_step *step)
{
	struct node *node = NULL;
	enum pl_err err = plans_node(&node, step);

	if (!err && !report_get(node->name, NULL))
		err = pl_fail(PL_AGAIN, "node %s isn't heard", node->name);
	if (err)
		return err;
	json_decref(step->before);
	step->before = json_pack("{s:I}", "restarts", (json_int_t)node->restarts);
	return step->before ? PL_OK : PL_NOMEM;
}

enum pl_err restart_apply(void *world, struct plan_step *step)
{
	struct node *node = NULL;
	enum pl_err err = plans_node(&node, step);

	if (err || node->restarts > restarts_before(step))
		return err;
	node->restarts = restarts_before(step) + 1;
	pl_exec(world, "update node set restarts = $1 where name = $2", "is", node->restarts,
		node->name);
	model_raise(world);
	pl_log(INFO, "node.restart", NULL, "node=%s", node->name);
	return PL_OK;
}

enum pl_err restart_verify(void *world, struct plan_step *step)
{
	const json_t *report;
	struct node *node = NULL;
	enum pl_err err = plans_node(&node, step);

	if (err)
		return err;
	report = report_get(node->name, NULL);
	if (!report)
		return pl_fail(PL_AGAIN, "node %s isn't heard yet", node->name);
	if (json_integer_value(json_object_get(report, "restarts")) <= restarts_before(step))
		return pl_fail(PL_AGAIN, "node %s hasn't ended yet", node->name);
	return is_stable(node, report)
		       ? PL_OK
		       : pl_fail(PL_AGAIN, "node %s isn't stable yet; see its log", node->name);
}

enum pl_err restart_undo(void *world, struct plan_step *step)
{
	return restart_verify(world, step);
}
