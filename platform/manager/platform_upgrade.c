/*
 * platform_upgrade.c — one node, or all that is Pelago's on its host, goes to another version: a
 * plan of the steps of platform_actions.c, that takes itself back (UPG-40).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "cluster.h"
#include "pelago/json.h"
#include "platform/bundle/bundle.h"
#include "platform/manager/platform.h"
#include "platform/manager/plans.h"
#include "test.h"

/* What was asked for. */
struct upgrade {
	const struct node *node, *speaker;
	const char *version, *hash; /* hash: of the package to be fetched, or "" */
	bool is_whole;		    /* all of the host */
	json_t *steps, *last;	    /* last: ids of what the next one waits for */
};

/* Gives more, args beside node and version; NULL: none. */
static void step(struct upgrade *u, const char *action, const struct node *node, const char *title,
		 json_t *more)
{
	json_t *args = json_pack("{s:s,s:s}", "node", node->name, "version", u->version);

	if (more)
		json_object_update(args, more);
	json_decref(more);
	json_array_append_new(u->steps,
			      json_pack("{s:o,s:s,s:o,s:o,s:O}", "id",
					json_sprintf("%s:%s", action, node->name), "action", action,
					"title",
					json_sprintf("%s %s, %s", title, u->version, node->name),
					"args", args, "after", u->last));
}

/* What comes from here on waits for that step. */
static void wait_for(struct upgrade *u, const char *action, const struct node *node)
{
	json_decref(u->last);
	u->last = json_array();
	json_array_append_new(u->last, json_sprintf("%s:%s", action, node->name));
}

static bool has_program(const struct upgrade *u, const char *program)
{
	return platform_report(report_get(u->speaker->name, NULL), program);
}

static bool goes(const struct upgrade *u, const struct node *node)
{
	return node == u->node || (u->is_whole && platform_speaker(node) == u->speaker);
}

/* One node first, then its host's others, then what they share. */
static void nodes(struct upgrade *u)
{
	json_t *all = json_array();

	step(u, "platform-node", u->node, "Replaces the supervisor by", NULL);
	wait_for(u, "platform-node", u->node);
	for (const struct node *n = model.nodes; n; n = n->next) {
		if (n != u->node && goes(u, n))
			step(u, "platform-node", n, "Replaces the supervisor by", NULL);
		if (goes(u, n))
			json_array_append_new(all, json_sprintf("platform-node:%s", n->name));
	}
	json_decref(u->last);
	u->last = all;
}

static void build(struct upgrade *u)
{
	if (*u->hash) {
		step(u, "platform-fetch", u->speaker, "Brings",
		     json_pack("{s:s}", "hash", u->hash));
		wait_for(u, "platform-fetch", u->speaker);
	}
	if (u->is_whole && has_program(u, "Manager")) {
		step(u, "platform-manager", u->speaker, "Replaces the manager by", NULL);
		wait_for(u, "platform-manager", u->speaker);
	}
	nodes(u);
	if (u->is_whole && has_program(u, "edge")) {
		step(u, "platform-edge", u->speaker, "Hands the edge over to", NULL);
		wait_for(u, "platform-edge", u->speaker);
	}
	if (u->is_whole) {
		step(u, "platform-root", u->speaker, "Replaces the root supervisor by", NULL);
		wait_for(u, "platform-root", u->speaker);
	}
	for (const struct node *n = model.nodes; n; n = n->next)
		if (goes(u, n)) {
			char run[27];

			pl_id(run);
			step(u, "platform-test", n, "Tests",
			     json_pack("{s:s,s:s}", "run", run, "why", "upgrade"));
		}
}

/* A node's version, and the one under its patch: "" without one. */
static enum pl_err present(const char **versionp, const char **basep, const struct upgrade *u)
{
	const json_t *report = report_get(u->node->name, NULL);

	if (!report)
		return pl_fail(PL_STATE, "node %s isn't heard; start it first", u->node->name);
	*versionp = pl_json_get_text(platform_report(report, u->node->name), "version");
	*basep = pl_json_get_text(report, "platform.base");
	return PL_OK;
}

/* A patch is for the version that is there, and the only one; taken off, that version is left. */
static enum pl_err check_patch(struct upgrade *u, const json_t *body)
{
	const char *base = pl_json_get_text(body, "body.base"), *version = NULL, *below = NULL;
	enum pl_err err = present(&version, &below, u);

	if (err)
		return err;
	if (json_is_true(pl_json_get(body, "body.unpatch"))) {
		u->version = below;
		return *below ? PL_OK
			      : pl_fail(PL_STATE, "no patch is applied to node %s: it has %s",
					u->node->name, version);
	}
	if (*base && *below)
		return pl_fail(PL_STATE,
			       "node %s has patch %s already: take it off first, by 'patchCE -u'",
			       u->node->name, version);
	if (*base && strcmp(base, version) != 0)
		return pl_fail(PL_STATE, "the patch is for version %s, node %s has %s", base,
			       u->node->name, version);
	return PL_OK;
}

static enum pl_err take(struct upgrade *u, const json_t *body)
{
	struct node *node = NULL;
	const char *version = NULL, *hash = NULL;
	bool is_off = json_is_true(pl_json_get(body, "body.unpatch"));
	enum pl_err err = node_asked(&node, body);

	if (!err)
		err = pl_json_text(&version, body, "body.version", BUNDLE_VERSION_MOST, !is_off);
	if (!err)
		err = pl_json_text(&hash, body, "body.hash", BUNDLE_HASH_SIZE - 1, false);
	if (!err && version && !version_is_good(version))
		err = pl_fail(PL_INVALID, "version '%s' isn't like 1.2.0", version);
	if (err)
		return err;
	u->node = node;
	u->speaker = platform_speaker(node);
	u->version = version ? version : "";
	u->hash = hash ? hash : "";
	u->is_whole = node->is_joined || json_is_true(pl_json_get(body, "body.whole"));
	return check_patch(u, body);
}

enum pl_err op_node_upgrade(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct upgrade u = { 0 };
	json_t *view = NULL, *definition;
	enum pl_err err = take(&u, body);

	if (err)
		return err;
	u.steps = json_array();
	u.last = json_array();
	build(&u);
	definition = json_pack(
		"{s:s,s:o,s:b,s:o}", "kind", "node-upgrade", "title",
		u.is_whole ? json_sprintf("Upgrade the host of %s to %s", u.node->name, u.version)
			   : json_sprintf("Upgrade %s to %s", u.node->name, u.version),
		"undoesItself", 1, "steps", u.steps);
	json_decref(u.last);
	err = definition ? plans_start(&view, turn, body, definition) : PL_NOMEM;
	if (!err)
		*replyp = plans_answer(body, view);
	return err;
}

/* ---- its tests ---- */

/* What failed before the upgrade isn't the upgrade's doing. */
enum pl_err platform_test_check(void *world, struct plan_step *step)
{
	const struct node *node = node_find(pl_json_get_text(step->args, "node"));

	json_decref(step->before);
	step->before = json_pack("{s:i}", "failed",
				 node && node->tests_failed > 0 ? node->tests_failed : 0);
	return step->before ? PL_OK : PL_NOMEM;
}

enum pl_err platform_test_verify(void *world, struct plan_step *step)
{
	enum pl_err err = test_verify(world, step);
	const struct node *node = node_find(pl_json_get_text(step->args, "node"));
	json_int_t before = json_integer_value(json_object_get(step->before, "failed"));

	if (err || !node)
		return err;
	if (node->tests_failed > before)
		return pl_fail(PL_STATE,
			       "node %s fails %d of its maintenance tests, %d before; see 'pelago "
			       "test list'",
			       node->name, node->tests_failed, (int)before);
	return is_stable(node, report_get(node->name, NULL))
		       ? PL_OK
		       : pl_fail(PL_AGAIN, "node %s isn't stable", node->name);
}
