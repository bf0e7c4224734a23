/*
 * solution.c — stop and start of the whole, in order (PLT-15); the site's mode (PLT-16).
 *
 * Stopped, no service runs anywhere, while bus, manager, edge and nodes stay, so that it can be
 * started again from where it was stopped. Clusters stop one after the other, from those that bring
 * work to those that others need, and start the other way round. What they were, accepting or not,
 * is in their own rows and attributes, and isn't touched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "cluster.h"
#include "pelago/json.h"
#include "pelago/log.h"

static const char *const sites[] = { "Active", "Standby", "Deny" };

/* ---- what is ---- */

/* Nodes that aren't heard don't count: what can't be reached isn't waited for. */
static bool has_stopped(const struct cluster *cluster)
{
	for (const struct node *n = model.nodes; n; n = n->next) {
		const json_t *report = n->cluster == cluster ? report_get(n->name, NULL) : NULL;

		if (report && (!node_has_newest(report) ||
			       json_array_size(json_object_get(report, "services")) > 0))
			return false;
	}
	return true;
}

static bool has_started(const struct cluster *cluster)
{
	bool heard = false;

	for (const struct node *n = model.nodes; n; n = n->next) {
		const json_t *report = n->cluster == cluster ? report_get(n->name, NULL) : NULL;

		if (report && !is_stable(n, report))
			return false;
		heard |= report != NULL;
	}
	return heard;
}

static const char *cluster_text(const struct cluster *c)
{
	if (c->is_stopped)
		return has_stopped(c) ? "Stopped" : "Stopping";
	return has_started(c) ? "Started" : "Starting";
}

static const char *solution_text(void)
{
	bool all = true;

	for (const struct cluster *c = model.clusters; c; c = c->next)
		all &= strcmp(cluster_text(c), model.is_stopped ? "Stopped" : "Started") == 0;
	if (model.is_stopped)
		return all ? "Stopped" : "Stopping";
	return all ? "Started" : "Starting";
}

static enum pl_err answer(json_t **replyp)
{
	json_t *clusters = json_array();

	for (const struct cluster *c = model.clusters; c; c = c->next)
		json_array_append_new(clusters, json_pack("{s:s,s:s}", "name", c->name, "state",
							  cluster_text(c)));
	*replyp =
		json_pack("{s:i,s:{s:s,s:s,s:s,s:s,s:o}}", "status", 200, "body", "state",
			  solution_text(), "site", model.site, "address", model.floating,
			  "addressNode", *model.floating ? model.holder : "", "clusters", clusters);
	return *replyp ? PL_OK : PL_NOMEM;
}

enum pl_err op_solution(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return answer(replyp);
}

/* ---- what shall be ---- */

static enum pl_err set_stopped(struct pl_turn *turn, const json_t *body, json_t **replyp,
			       bool stopped)
{
	if (!*asked_by(body))
		return pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	if (model.is_stopped != stopped) {
		pl_exec(turn, "update desired set stopped = $1 where id = 1", "i",
			(int64_t)stopped);
		audit_add(turn, body, stopped ? "solution.stop" : "solution.start", "solution", "",
			  "");
		model.is_stopped = stopped;
		pl_log(INFO, "solution.state", NULL, "%s by=%s", stopped ? "stop" : "start",
		       asked_by(body));
	}
	return answer(replyp);
}

enum pl_err op_stop(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return set_stopped(turn, body, replyp, true);
}

enum pl_err op_start(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return set_stopped(turn, body, replyp, false);
}

enum pl_err op_site(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *mode = NULL;
	enum pl_err err = pl_json_text(&mode, body, "body.mode", 16, true);
	size_t i = 0;

	while (!err && i < 3 && strcmp(sites[i], mode) != 0)
		i++;
	if (!err && i == 3)
		err = pl_fail(PL_INVALID, "mode is none of Active, Standby, Deny");
	if (!err && !*asked_by(body))
		err = pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	if (err)
		return err;
	if (strcmp(mode, model.site) != 0) {
		pl_exec(turn, "update desired set site = $1 where id = 1", "s", mode);
		audit_add(turn, body, "solution.site", "solution", model.site, mode);
		snprintf(model.site, sizeof(model.site), "%s", mode);
		model_raise(turn);
	}
	return answer(replyp);
}

/* ---- one cluster after the other ---- */

static void set_cluster(struct pl_turn *turn, struct cluster *cluster, bool stopped)
{
	pl_exec(turn, "update cluster set stopped = $1 where name = $2", "is", (int64_t)stopped,
		cluster->name);
	cluster->is_stopped = stopped;
	model_raise(turn);
	pl_log(INFO, "cluster.run", NULL, "cluster=%s %s", cluster->name,
	       stopped ? "stops" : "starts");
}

/* The next to be stopped: the last that isn't; the first stopped one to be started. */
static struct cluster *next_cluster(bool stopped)
{
	struct cluster *next = NULL;

	for (struct cluster *c = model.clusters; c; c = c->next)
		if (c->is_stopped != stopped && (stopped || !next))
			next = c;
	return next;
}

/* Whether those that had their turn have got there. Started ones needn't all be: what doesn't come
 * up must not keep the others down. */
static bool are_there(bool stopped)
{
	for (const struct cluster *c = model.clusters; c; c = c->next)
		if (stopped && c->is_stopped && !has_stopped(c))
			return false;
	return true;
}

void solution_beat(struct pl_turn *turn)
{
	struct cluster *next = next_cluster(model.is_stopped);

	if (next && are_there(model.is_stopped))
		set_cluster(turn, next, model.is_stopped);
}
