/*
 * platform_actions.c — see platform.h: a step sets what is wanted of a host's programs, and sees in
 * its node's reports what becomes of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "pelago/json.h"
#include "platform/manager/platform.h"

static const char prefix[] = "platform-";

static const char *arg(const struct plan_step *step, const char *name)
{
	return pl_json_get_text(step->args, name);
}

/* What a step is about: a program of a host, and the node that speaks for it. */
struct target {
	const struct node *node; /* that is named, or the speaker */
	const struct node *speaker;
	const char *wish;    /* "node", "edge", "root", "Manager" */
	const char *program; /* as its host calls it */
};

static enum pl_err target_of(struct target *t, const struct plan_step *step)
{
	const char *name = step->action->name + strlen(prefix);

	t->node = node_find(arg(step, "node"));
	if (!t->node && *arg(step, "node"))
		return pl_fail(PL_STATE, "there is no node '%s' any more", arg(step, "node"));
	t->speaker = platform_speaker(t->node);
	if (!t->node)
		t->node = t->speaker;
	if (!t->node)
		return pl_fail(PL_STATE, "there is no node that speaks for the manager's host");
	t->wish = strcmp(name, "manager") == 0 ? "Manager" : name;
	t->program = t->wish;
	if (strcmp(name, "node") == 0) {
		t->speaker = t->node;
		t->program = t->node->name;
	}
	return PL_OK;
}

static enum pl_err heard(const json_t **reportp, const struct node *node)
{
	*reportp = report_get(node->name, NULL);
	return *reportp ? PL_OK
			: pl_fail(PL_AGAIN, "node %s isn't heard; start it, or wait for it",
				  node->name);
}

/* ---- fetch ---- */

/* A node of before doesn't tell the hash. */
static const json_t *held(const json_t *report, const char *version, const char *hash)
{
	json_t *item;
	size_t i;

	json_array_foreach(pl_json_get(report, "platform.held"), i, item) {
		const char *is = pl_json_get_text(item, "hash");

		if (strcmp(pl_json_get_text(item, "version"), version) == 0 &&
		    (!*is || strcmp(is, hash) == 0))
			return item;
	}
	return NULL;
}

enum pl_err platform_fetch_check(void *world, struct plan_step *step)
{
	struct target t;
	enum pl_err err = target_of(&t, step);

	if (err)
		return err;
	json_decref(step->before);
	step->before =
		json_pack("{s:b}", "held", platform_holds(t.speaker->name, arg(step, "version")));
	return step->before ? PL_OK : PL_NOMEM;
}

enum pl_err platform_fetch_apply(void *world, struct plan_step *step)
{
	struct target t;
	enum pl_err err = target_of(&t, step);

	return err ? err
		   : platform_hold(world, t.speaker->name, arg(step, "version"), arg(step, "hash"));
}

/* What can't become good by waiting ends the step. */
enum pl_err platform_fetch_verify(void *world, struct plan_step *step)
{
	const json_t *report, *item;
	const char *state, *detail;
	struct target t;
	enum pl_err err = target_of(&t, step);

	if (!err)
		err = heard(&report, t.speaker);
	if (err)
		return err;
	item = held(report, arg(step, "version"), arg(step, "hash"));
	state = pl_json_get_text(item, "state");
	detail = pl_json_get_text(item, "detail");
	if (strcmp(state, "ready") == 0)
		return PL_OK;
	return pl_fail(json_is_true(json_object_get(item, "isRefused")) ? PL_STATE : PL_AGAIN,
		       "the host of node %s: %s", t.speaker->name,
		       *detail	? detail
		       : *state ? state
				: "hasn't heard of the package yet");
}

enum pl_err platform_fetch_undo(void *world, struct plan_step *step)
{
	struct target t;

	if (json_is_true(json_object_get(step->before, "held")) || target_of(&t, step) ||
	    !platform_holds(t.speaker->name, arg(step, "version"))) {
		pl_err_clear();
		return PL_OK; /* it changed nothing, or the host is gone */
	}
	return platform_hold(world, t.speaker->name, arg(step, "version"), NULL);
}

/* ---- switch ---- */

enum pl_err platform_switch_check(void *world, struct plan_step *step)
{
	const json_t *report, *entry;
	struct target t;
	enum pl_err err = target_of(&t, step);

	if (!err)
		err = heard(&report, t.speaker);
	if (err)
		return err;
	entry = platform_report(report, t.program);
	if (!*pl_json_get_text(entry, "version"))
		return pl_fail(PL_STATE, "the host of node %s has no %s", t.node->name, t.program);
	json_decref(step->before);
	step->before = json_pack("{s:s}", "version", pl_json_get_text(entry, "version"));
	return step->before ? PL_OK : PL_NOMEM;
}

/* Once more, it changes nothing; but one that has failed is tried anew. */
static enum pl_err wish_for(struct pl_turn *turn, const struct target *t, const char *version)
{
	const struct platform_wish *w = platform_wish_find(t->speaker->name, t->wish);
	const json_t *entry = platform_report(report_get(t->speaker->name, NULL), t->program);
	bool has_failed = strcmp(pl_json_get_text(entry, "state"), "failed") == 0 && w &&
			  json_integer_value(json_object_get(entry, "n")) == w->n;

	if (w && strcmp(w->version, version) == 0 && !has_failed)
		return PL_OK;
	return platform_wish_put(turn, t->speaker->name, t->wish, version);
}

enum pl_err platform_switch_apply(void *world, struct plan_step *step)
{
	struct target t;
	enum pl_err err = target_of(&t, step);

	return err ? err : wish_for(world, &t, arg(step, "version"));
}

/* A node is as it should be once all its services are. */
static enum pl_err is_back(const struct target *t, const json_t *report)
{
	if (strcmp(t->wish, "node") != 0)
		return PL_OK;
	if (!is_stable(t->node, report))
		return pl_fail(PL_AGAIN, "node %s isn't stable yet", t->node->name);
	return PL_OK;
}

static enum pl_err is_switched(const struct target *t, const char *version)
{
	const struct platform_wish *w = platform_wish_find(t->speaker->name, t->wish);
	const json_t *report = NULL, *entry;
	enum pl_err err = heard(&report, t->speaker);
	const char *state;

	if (err)
		return err;
	if (!w || strcmp(w->version, version) != 0)
		return pl_fail(PL_STATE, "%s of the host of node %s was changed since", t->program,
			       t->node->name);
	entry = platform_report(report, t->program);
	state = pl_json_get_text(entry, "state");
	if (json_integer_value(json_object_get(entry, "n")) != w->n)
		return pl_fail(PL_AGAIN, "the host of node %s hasn't begun yet", t->node->name);
	if (strcmp(state, "failed") == 0)
		return pl_fail(PL_STATE, "%s of the host of node %s: %s", t->program, t->node->name,
			       pl_json_get_text(entry, "detail"));
	if (strcmp(state, "running") != 0)
		return pl_fail(PL_AGAIN, "%s of the host of node %s is on trial", t->program,
			       t->node->name);
	return is_back(t, report);
}

enum pl_err platform_switch_verify(void *world, struct plan_step *step)
{
	struct target t;
	enum pl_err err = target_of(&t, step);

	return err ? err : is_switched(&t, arg(step, "version"));
}

enum pl_err platform_switch_undo(void *world, struct plan_step *step)
{
	const char *before = pl_json_get_text(step->before, "version");
	const struct platform_wish *w;
	struct target t;
	enum pl_err err = target_of(&t, step);

	if (err)
		return err;
	w = platform_wish_find(t.speaker->name, t.wish);
	if (!w || strcmp(before, arg(step, "version")) == 0)
		return PL_OK; /* it changed nothing */
	if (strcmp(w->version, before) != 0 && strcmp(w->version, arg(step, "version")) != 0)
		return pl_fail(PL_STATE, "%s of the host of node %s was changed since", t.program,
			       t.node->name);
	if (strcmp(w->version, before) == 0) {
		err = is_switched(&t, before);
		if (err != PL_STATE)
			return err;
		pl_err_clear(); /* it fell on its way back: once more, as long as there is time */
	}
	err = wish_for(world, &t, before);
	return err ? err
		   : pl_fail(PL_AGAIN, "%s of the host of node %s goes back to %s", t.program,
			     t.node->name, before);
}

/* ---- settle ---- */

enum pl_err platform_settle_apply(void *world, struct plan_step *step)
{
	const struct platform_wish *w;
	struct target t;
	enum pl_err err = target_of(&t, step);

	if (err)
		return err;
	w = platform_wish_find(t.speaker->name, "settled");
	if (w && strcmp(w->version, arg(step, "version")) == 0)
		return PL_OK;
	pl_exec(world, "delete from platform_hold where node = $1 and version <> $2", "ss",
		t.speaker->name, arg(step, "version"));
	return platform_wish_put(world, t.speaker->name, "settled", arg(step, "version"));
}

enum pl_err platform_settle_verify(void *world, struct plan_step *step)
{
	const struct platform_wish *w;
	const json_t *report;
	struct target t;
	enum pl_err err = target_of(&t, step);

	if (!err)
		err = heard(&report, t.speaker);
	if (err)
		return err;
	w = platform_wish_find(t.speaker->name, "settled");
	if (w && json_integer_value(pl_json_get(report, "platform.settled")) == w->n)
		return PL_OK;
	return pl_fail(PL_AGAIN, "the host of node %s hasn't settled yet", t.speaker->name);
}
