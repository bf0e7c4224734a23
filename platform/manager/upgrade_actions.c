/*
 * upgrade_actions.c — steps of upgrades that are nobody else's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "attribute.h"
#include "blob.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "plans.h"
#include "profile.h"
#include "release.h"
#include "upgrade.h"

static const char *arg(const struct plan_step *step, const char *name)
{
	return pl_json_get_text(step->args, name);
}

/* The trail names the upgrade, not a person: who began it stands at the plan. */
static json_t *as_upgrade(void)
{
	return json_pack("{s:{s:s},s:s}", "user", "name", "upgrade", "from", "plan");
}

enum pl_err nothing_undo(void *world, struct plan_step *step)
{
	return PL_OK;
}

/* ---- bundles ---- */

static bool is_used(const char *name, const char *version)
{
	for (const struct placed *s = model.services; s; s = s->next)
		if (strcmp(s->name, name) == 0 && strcmp(s->version, version) == 0)
			return true;
	for (const struct switched *s = model.switched; s; s = s->next)
		if (strcmp(s->name, name) == 0 && strcmp(s->version, version) == 0)
			return true;
	return false;
}

enum pl_err release_bundles_apply(void *world, struct plan_step *step)
{
	const struct release *release = release_find(arg(step, "version"));
	json_t *request = as_upgrade(), *item;
	enum pl_err err = PL_OK;
	size_t i;

	if (!release)
		err = pl_fail(PL_STATE,
			      "release %s isn't loaded any more: 'pelago release load' it, then "
			      "'pelago upgrade resume'",
			      arg(step, "version"));
	json_array_foreach(json_object_get(step->args, "services"), i, item) {
		if (!err)
			err = release_bundle_load(world, release, pl_json_get_text(item, "name"),
						  request);
	}
	json_decref(request);
	return err;
}

static void forget(struct pl_turn *turn, const char *name, const char *version)
{
	json_t *request = as_upgrade();

	pl_exec(turn, "delete from bundle where name = $1 and version = $2", "ss", name, version);
	audit_add(turn, request, "bundle.delete", name, version, "");
	json_decref(request);
}

enum pl_err release_bundles_undo(void *world, struct plan_step *step)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(step->args, "services"), i, item) {
		const char *name = pl_json_get_text(item, "name"),
			   *version = pl_json_get_text(item, "version");

		if (loaded_find(name, version) && !is_used(name, version))
			forget(world, name, version);
	}
	return model_change(world);
}

enum pl_err bundles_forget_apply(void *world, struct plan_step *step)
{
	for (const struct loaded *b = model.bundles; b; b = b->next)
		if (strcmp(b->version, arg(step, "version")) == 0 && release_has_service(b->name) &&
		    !is_used(b->name, b->version))
			forget(world, b->name, b->version);
	return model_change(world);
}

/* ---- attributes ---- */

enum pl_err attributes_record_apply(void *world, struct plan_step *step)
{
	char *text = pl_json_dump(values_all());

	if (!text)
		return PL_NOMEM;
	pl_exec(world,
		"insert into upgrade_record (id, body) values (1, $1) on conflict (id) do update "
		"set body = excluded.body",
		"s", text);
	free(text);
	return PL_OK;
}

enum pl_err attributes_record_undo(void *world, struct plan_step *step)
{
	return pl_exec(world, "delete from upgrade_record", "");
}

static enum level level_of(const char *text)
{
	enum level level = LEVEL_PROFILE;

	while (level < LEVEL_DEFAULT && strcmp(level_names[level], text) != 0)
		level++;
	return level;
}

/* What was set since then stays; what is gone comes back, in its stored form. */
enum pl_err attributes_restore_apply(void *world, struct plan_step *step)
{
	struct pl_rows *rows = pl_query(world, "select body from upgrade_record", "");
	json_t *record = pl_rows_next(rows) ? json_loads(pl_rows_text(rows, 0), 0, NULL) : NULL;
	json_t *value;
	unsigned count = 0;
	const char *name;

	pl_rows_free(rows);
	json_object_foreach(record, name, value) {
		struct spot spot = { level_of(pl_json_get_text(value, "level")),
				     pl_json_get_text(value, "place"),
				     pl_json_get_text(value, "service"),
				     pl_json_get_text(value, "key") };

		if (spot.level == LEVEL_DEFAULT || value_get(&spot))
			continue;
		value_put(world, &spot, json_object_get(value, "value"),
			  json_integer_value(json_object_get(value, "version")),
			  pl_json_get_text(value, "by"));
		count++;
	}
	json_decref(record);
	pl_log(INFO, "upgrade.attributes", NULL, "restored=%u", count);
	return count ? model_change(world) : PL_OK;
}

/* ---- profiles ---- */

enum pl_err profiles_restore_apply(void *world, struct plan_step *step)
{
	pl_exec(world,
		"insert into profile_service (profile, service, version) "
		"select u.profile, u.service, u.version from upgrade_profile u "
		"where exists (select 1 from profile p where p.name = u.profile) "
		"on conflict (profile, service) do nothing",
		"");
	pl_exec(world, "delete from upgrade_profile", "");
	profiles_read(world);
	return model_change(world);
}

/* ---- clusters ---- */

static enum pl_err set_accepting(struct pl_turn *turn, const struct plan_step *step, bool accepting)
{
	struct cluster *cluster = cluster_find(arg(step, "cluster"));

	if (!cluster)
		return pl_fail(PL_STATE, "there is no cluster '%s' any more", arg(step, "cluster"));
	if (cluster->is_accepting == accepting)
		return PL_OK;
	pl_exec(turn, "update cluster set accepting = $1 where name = $2", "is", (int64_t)accepting,
		cluster->name);
	cluster->is_accepting = accepting;
	model_raise(turn);
	return PL_OK;
}

enum pl_err cluster_state_check(void *world, struct plan_step *step)
{
	const struct cluster *cluster = cluster_find(arg(step, "cluster"));

	json_decref(step->before);
	step->before = json_pack("{s:b}", "accepting", cluster && cluster->is_accepting);
	return step->before ? PL_OK : PL_NOMEM;
}

enum pl_err cluster_state_apply(void *world, struct plan_step *step)
{
	return set_accepting(world, step, json_is_true(json_object_get(step->args, "accepting")));
}

enum pl_err cluster_state_undo(void *world, struct plan_step *step)
{
	return set_accepting(world, step, json_is_true(json_object_get(step->before, "accepting")));
}
