/*
 * attribute_change.c — a wish to change an attribute, checked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "attribute.h"
#include "pelago/json.h"
#include "profile.h"

enum { NAME_MAX = 128 };

static enum pl_err read_level(enum level *levelp, const json_t *wish)
{
	const char *name = NULL;
	enum pl_err err = pl_json_text(&name, wish, "level", NAME_MAX, false);

	if (err)
		return err;
	for (*levelp = 0; name && *levelp < LEVEL_DEFAULT; (*levelp)++)
		if (strcmp(level_names[*levelp], name) == 0)
			return PL_OK;
	if (name)
		return pl_fail(PL_INVALID,
			       "level: is one of profile, cluster, global, solution, not '%s'",
			       name);
	*levelp = LEVEL_GLOBAL;
	return PL_OK;
}

/* The place as it is called, whatever its case was. */
static enum pl_err read_place(const char **placep, enum level level, const struct placed *service,
			      const json_t *wish)
{
	const char *typed = NULL;
	bool has_place = level == LEVEL_PROFILE || level == LEVEL_CLUSTER;
	enum pl_err err = pl_json_text(&typed, wish, "place", NAME_MAX, has_place);
	const struct cluster *cluster;

	if (err)
		return err;
	*placep = "";
	if (!has_place)
		return typed && *typed ? pl_fail(PL_INVALID, "place: only a profile's or a "
							     "cluster's value has one")
				       : PL_OK;
	if (level == LEVEL_PROFILE)
		return profile_with(placep, typed, service->name);
	cluster = cluster_find(typed);
	if (!cluster)
		return pl_fail(PL_NOTFOUND, "there is no cluster '%s'", typed);
	*placep = cluster->name;
	return PL_OK;
}

static enum pl_err read_value(json_t **valuep, const struct pl_attribute *schema,
			      const json_t *wish, bool is_stored)
{
	json_t *value = json_object_get(wish, "value"), *checked = NULL;
	enum pl_err err;

	if (!value || json_is_null(value)) {
		*valuep = json_null();
		return PL_OK;
	}
	if (is_stored && schema->type == PL_ATTRIBUTE_SECRET && json_is_object(value)) {
		*valuep = json_incref(value);
		return PL_OK;
	}
	err = pl_attribute_check(&checked, schema, value);
	if (!err && schema->type == PL_ATTRIBUTE_SECRET)
		err = secret_encrypt(valuep, json_string_value(checked));
	else if (!err)
		*valuep = json_incref(checked);
	json_decref(checked);
	return err;
}

enum pl_err change_read(json_t **changep, const json_t *wish, bool is_stored)
{
	const char *service = NULL, *attribute = NULL;
	const struct placed *placed = NULL;
	struct pl_attribute schema;
	json_t *became = NULL, *was;
	struct spot spot;
	enum pl_err err;

	if (!json_is_object(wish))
		return pl_fail(PL_INVALID, "a change is an object with service and attribute");
	if ((err = pl_json_text(&service, wish, "service", NAME_MAX, false)) ||
	    (err = pl_json_text(&attribute, wish, "attribute", NAME_MAX, true)) ||
	    (err = read_level(&spot.level, wish)) ||
	    (err = name_attribute(&placed, &schema, service, attribute)) ||
	    (err = read_place(&spot.place, spot.level, placed, wish)))
		return err;
	if (spot.level == LEVEL_SOLUTION && !*schema.area)
		return pl_fail(PL_INVALID,
			       "%s of %s isn't set through SolutionConfiguration: it has no area",
			       schema.name, placed->name);
	err = read_value(&became, &schema, wish, is_stored);
	if (err)
		return err;
	spot.service = placed->name;
	spot.key = schema.key;
	was = json_object_get(value_get(&spot), "value");
	*changep =
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:O, s:o}", "level", level_names[spot.level],
			  "place", spot.place, "service", spot.service, "key", spot.key, "name",
			  schema.name, "was", was ? was : json_null(), "became", became);
	return *changep ? PL_OK : PL_NOMEM;
}

bool change_is_none(const json_t *change)
{
	return json_equal(json_object_get(change, "was"), json_object_get(change, "became"));
}

void change_spot(struct spot *spot, const json_t *change)
{
	const char *level = pl_json_get_text(change, "level");

	for (spot->level = 0; strcmp(level_names[spot->level], level) != 0;)
		spot->level++;
	spot->place = pl_json_get_text(change, "place");
	spot->service = pl_json_get_text(change, "service");
	spot->key = pl_json_get_text(change, "key");
}

json_t *change_shown(const json_t *change)
{
	json_t *shown = json_copy((json_t *)change);

	json_object_set_new(shown, "was", value_shown(json_object_get(change, "was")));
	json_object_set_new(shown, "became", value_shown(json_object_get(change, "became")));
	return shown;
}
