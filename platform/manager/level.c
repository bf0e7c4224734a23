/*
 * level.c — see level.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "level.h"

#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/version.h"
#include "release.h"

static int level_of(const struct plan_step *step)
{
	return (int)json_integer_value(json_object_get(step->args, "level"));
}

void level_store_first(struct pl_turn *turn)
{
	pl_exec(turn, "update desired set level = $1 where id = 1 and level = 0", "i",
		(int64_t)pl_version_minor(pl_version));
}

void level_tick(struct pl_turn *turn)
{
	if (pl_level(pl_turn_service(turn)) < model.level)
		pl_level_want(pl_turn_service(turn), model.level);
}

/* ---- is everything of that minor? ---- */

static enum pl_err check_nodes(int level)
{
	for (const struct node *n = model.nodes; n; n = n->next) {
		const json_t *report = report_get(n->name, NULL);
		const char *version = pl_json_get_text(report, "version");

		if (!report)
			return pl_fail(PL_AGAIN, "node %s isn't heard; start it, or wait for it",
				       n->name);
		if (pl_version_minor(version) < level)
			return pl_fail(PL_STATE,
				       "node %s is of Pelago %s, so level %d must wait: upgrade it "
				       "first",
				       n->name, version, level);
	}
	return PL_OK;
}

static enum pl_err check_services(int level)
{
	for (const struct placed *s = model.services; s; s = s->next)
		if (release_has_service(s->name) && pl_version_minor(s->version) < level)
			return pl_fail(PL_STATE,
				       "%s %s in %s is of a release of before, so level %d must "
				       "wait: install its new version first",
				       s->name, s->version, s->cluster->name, level);
	for (const struct switched *s = model.switched; s; s = s->next)
		if (release_has_service(s->name) && pl_version_minor(s->version) < level)
			return pl_fail(PL_STATE, "%s %s on node %s is of a release of before",
				       s->name, s->version, s->node);
	return PL_OK;
}

enum pl_err level_check(void *world, struct plan_step *step)
{
	int level = level_of(step);
	enum pl_err err = PL_OK;

	if (level > pl_version_minor(pl_version))
		err = pl_fail(PL_STATE,
			      "the manager is of Pelago %s, so level %d must wait: upgrade it "
			      "first",
			      pl_version, level);
	if (!err)
		err = check_nodes(level);
	if (!err)
		err = check_services(level);
	if (err)
		return err;
	json_decref(step->before);
	step->before = json_pack("{s:i}", "level", model.level);
	return step->before ? PL_OK : PL_NOMEM;
}

enum pl_err level_apply(void *world, struct plan_step *step)
{
	int level = level_of(step);

	if (model.level >= level)
		return PL_OK;
	pl_exec(world, "update desired set level = $1 where id = 1", "i", (int64_t)level);
	pl_log(INFO, "level.raised", NULL, "from=%d to=%d", model.level, level);
	return model_change(world);
}

/* ---- does everything write so? ---- */

static enum pl_err verify_service(const struct node *node, const json_t *item, int level)
{
	int own = pl_version_minor(pl_json_get_text(item, "release")),
	    wanted = own < level ? own : level,
	    present = (int)json_integer_value(json_object_get(item, "level"));
	const char *why = pl_json_get_text(item, "levelWhy");

	if (json_is_true(json_object_get(item, "standby")))
		return PL_OK; /* it finds the level in the database */
	/* One that is made without the SDK tells nothing of it. */
	if (present < wanted || (own == 0 && !json_is_true(json_object_get(item, "serving"))))
		return pl_fail(PL_AGAIN, "node %s: %s is still at level %d%s%s", node->name,
			       pl_json_get_text(item, "name"), present, *why ? ": " : "", why);
	return PL_OK;
}

enum pl_err level_verify(void *world, struct plan_step *step)
{
	int level = level_of(step), own = pl_level(pl_turn_service(world));

	if (own < level)
		return pl_fail(PL_AGAIN, "the manager itself is still at level %d", own);
	for (const struct node *n = model.nodes; n; n = n->next) {
		const json_t *report = report_get(n->name, NULL);
		json_t *item;
		size_t i;

		if (!report)
			return pl_fail(PL_AGAIN, "node %s isn't heard; start it, or wait for it",
				       n->name);
		json_array_foreach(json_object_get(report, "services"), i, item) {
			enum pl_err err = verify_service(n, item, level);

			if (err)
				return err;
		}
	}
	return PL_OK;
}
