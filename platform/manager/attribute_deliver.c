/*
 * attribute_deliver.c — what a node gets: what is set, without defaults, which services know.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "attribute.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "profile.h"

/* A new reference; NULL: it can't be given to this node. */
static json_t *deliverable(const struct placed *service, const json_t *stored, const char *node_key)
{
	json_t *sealed = NULL;
	enum pl_err err;

	if (!json_is_object(stored))
		return json_incref((json_t *)stored);
	if (!node_key)
		return NULL;
	err = secret_seal(&sealed, stored, node_key);
	if (err)
		pl_log(ERROR, "attribute.secret", NULL, "service=%s: %s", service->name,
		       pl_err_detail(err));
	return sealed;
}

/* {KEY: value}, and of those that a service may set itself {KEY: {"atMs","by"}}. */
static void put_attributes(json_t *item, const struct placed *service, const char *node_key)
{
	json_t *attributes = json_object(), *set_by = json_object(), *row;
	size_t i;

	json_array_foreach(json_object_get(service->manifest, "attributes"), i, row) {
		struct pl_attribute schema;
		struct effective effective;
		struct spot spot;

		if (pl_attribute_read(&schema, row))
			continue; /* checked when the manifest was loaded */
		effective_get(&effective, service->name, &schema, service->cluster->name, NULL);
		if (effective.level == LEVEL_DEFAULT)
			continue;
		json_object_set_new(attributes, schema.key,
				    deliverable(service, effective.value, node_key));
		spot = (struct spot){ effective.level, effective.place, service->name, schema.key };
		if (schema.is_by_self)
			json_object_set_new(set_by, schema.key,
					    json_pack("{s:O, s:O}", "atMs",
						      json_object_get(value_get(&spot), "atMs"),
						      "by",
						      json_object_get(value_get(&spot), "by")));
	}
	json_object_set_new(item, "attributes", attributes);
	json_object_set_new(item, "setBy", set_by);
}

static void put_profiles(json_t *item, const struct placed *service, const char *node_key)
{
	json_t *profiles = json_object(), *record, *profile;
	const char *spot;

	json_object_foreach(values_all(), spot, record) {
		const char *name = pl_json_get_text(record, "place");

		if (strcmp(pl_json_get_text(record, "level"), level_names[LEVEL_PROFILE]) != 0 ||
		    strcmp(pl_json_get_text(record, "service"), service->name) != 0 ||
		    !profile_holds(json_object_get(profiles_all(), name), service))
			continue;
		profile = json_object_get(profiles, name);
		if (!profile) {
			profile = json_object();
			json_object_set_new(profiles, name, profile);
		}
		json_object_set_new(
			profile, pl_json_get_text(record, "key"),
			deliverable(service, json_object_get(record, "value"), node_key));
	}
	json_object_set_new(item, "profiles", profiles);
}

void deliver_item(json_t *item, const struct placed *service, const char *node_key)
{
	put_attributes(item, service, node_key);
	put_profiles(item, service, node_key);
	json_object_set_new(item, "settings", json_integer(values_version_of(service->name)));
}

/* A user by the id, an endpoint as "endpoint:ID". */
static void put_members(json_t *list, const json_t *profile)
{
	json_t *id;
	size_t i;

	json_array_foreach(json_object_get(profile, member_kinds[MEMBER_USER]), i, id) {
		json_array_append(list, id);
	}
	json_array_foreach(json_object_get(profile, member_kinds[MEMBER_ENDPOINT]), i, id) {
		json_array_append_new(list, json_sprintf("endpoint:%s", json_string_value(id)));
	}
}

json_t *deliver_users(void)
{
	json_t *users = json_object(), *record;
	const char *spot;

	json_object_foreach(values_all(), spot, record) {
		const char *name = pl_json_get_text(record, "place");
		json_t *list;

		if (strcmp(pl_json_get_text(record, "level"), level_names[LEVEL_PROFILE]) != 0 ||
		    json_object_get(users, name))
			continue;
		list = json_array();
		put_members(list, json_object_get(profiles_all(), name));
		json_object_set_new(users, name, list);
	}
	return users;
}
