/*
 * restart.c — restarts of nodes and clusters (PLT-7).
 *
 * A node restarts when it gets a higher `restarts` than it had: it ends its services in order and
 * itself, and is started anew. Of a cluster they do so one after the other, the next when the one
 * before is stable again, or together. What is under way is in the node's row, so a manager that
 * died goes on with it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "cluster.h"
#include "pelago/json.h"
#include "pelago/log.h"

enum { RESTART_MS = 120000 };

static const char *const texts[] = {
	[RESTART_NONE] = "",
	[RESTART_WAITING] = "waiting",
	[RESTART_RUNNING] = "running",
	[RESTART_FAILED] = "failed",
};

const char *restart_text(enum restart_state state)
{
	return texts[state];
}

enum restart_state restart_of(const char *text)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(texts[i], text) == 0)
			return (enum restart_state)i;
	return RESTART_NONE; /* written by a later version */
}

static bool is_under_way(const struct node *node)
{
	return node->restart == RESTART_WAITING || node->restart == RESTART_RUNNING;
}

static void set(struct pl_turn *turn, struct node *node, enum restart_state state, const char *why)
{
	char *copy = strdup(why);

	if (!copy) {
		pl_log(ERROR, "node.restart", NULL, "node=%s: out of memory", node->name);
		return; /* at the next beat */
	}
	free(node->restart_why);
	node->restart_why = copy;
	node->restart = state;
	node->restart_ms = pl_turn_steady_ms(turn);
	node->restarts += state == RESTART_RUNNING;
	pl_exec(turn,
		"update node set restart = $1, restart_why = $2, restart_ms = $3, restarts = $4, "
		"restart_place = $5 where name = $6",
		"ssiiis", texts[state], why, node->restart_ms, node->restarts, node->restart_place,
		node->name);
}

/* ---- asking ---- */

static enum pl_err may_restart(const struct node *node)
{
	if (is_under_way(node))
		return pl_fail(PL_STATE, "%s is being restarted already", node->name);
	if (!report_get(node->name, NULL))
		return pl_fail(PL_STATE, "%s isn't heard, so it can't be restarted from here",
			       node->name);
	return PL_OK;
}

enum pl_err op_restart_node(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct node *node = NULL;
	enum pl_err err = node_asked(&node, body);

	if (!err)
		err = may_restart(node);
	if (err)
		return err;
	node->restart_place = 0;
	set(turn, node, RESTART_WAITING, "");
	audit_add(turn, body, "node.restart", node->name, "", "");
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", view_node(node));
	return *replyp ? PL_OK : PL_NOMEM;
}

enum pl_err op_restart_cluster(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct cluster *cluster = NULL;
	bool together = false;
	int64_t place = 0;
	enum pl_err err = cluster_asked(&cluster, body);

	if (!err)
		err = pl_json_bool(&together, body, "body.together", false);
	for (const struct node *n = model.nodes; n && !err; n = n->next)
		if (n->cluster == cluster)
			err = may_restart(n);
	if (err)
		return err;
	for (struct node *n = model.nodes; n; n = n->next)
		if (n->cluster == cluster) {
			n->restart_place = together ? 0 : place++;
			set(turn, n, RESTART_WAITING, "");
		}
	audit_add(turn, body, "cluster.restart", cluster->name, "",
		  together ? "together" : "one at a time");
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", view_cluster(cluster));
	return *replyp ? PL_OK : PL_NOMEM;
}

/* ---- going on ---- */

static bool is_done(const struct node *node)
{
	const json_t *report = report_get(node->name, NULL);

	return report &&
	       json_integer_value(json_object_get(report, "restarts")) >= node->restarts &&
	       is_stable(node, report);
}

/* Those behind a node that doesn't come back stay as they are. */
static void give_up(struct pl_turn *turn, struct node *node)
{
	pl_log(ERROR, "node.restart", NULL, "node=%s isn't stable after %d s", node->name,
	       RESTART_MS / 1000);
	set(turn, node, RESTART_FAILED, "it wasn't stable again in 120 s; see its log");
	for (struct node *n = model.nodes; n; n = n->next)
		if (n->cluster == node->cluster && n->restart == RESTART_WAITING)
			set(turn, n, RESTART_FAILED,
			    "not begun: the node before it didn't come back");
}

/* Whether a node of the cluster has its turn before this one. */
static bool waits_for_another(const struct node *node)
{
	for (const struct node *n = model.nodes; n; n = n->next)
		if (n->cluster == node->cluster && is_under_way(n) &&
		    n->restart_place < node->restart_place)
			return true;
	return false;
}

void restart_beat(struct pl_turn *turn)
{
	bool raised = false;

	for (struct node *n = model.nodes; n; n = n->next) {
		if (n->restart != RESTART_RUNNING)
			continue;
		if (is_done(n)) {
			pl_log(INFO, "node.restart", NULL, "node=%s is stable again", n->name);
			set(turn, n, RESTART_NONE, "");
		} else if (pl_turn_steady_ms(turn) - n->restart_ms > RESTART_MS) {
			give_up(turn, n);
		}
	}
	for (struct node *n = model.nodes; n; n = n->next)
		if (n->restart == RESTART_WAITING && !waits_for_another(n)) {
			pl_log(INFO, "node.restart", NULL, "node=%s", n->name);
			set(turn, n, RESTART_RUNNING, "");
			raised = true;
		}
	if (raised)
		model_raise(turn);
}
