/*
 * profile.c — service profiles as they are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "profile.h"

#include <string.h>
#include <strings.h>

#include "attribute.h"
#include "pelago/json.h"
#include "pelago/page.h"

const char *const member_kinds[MEMBER_KINDS] = { "user", "endpoint" };

static json_t *profiles;

json_t *profiles_all(void)
{
	return profiles;
}

static void read_members(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn, "select profile, kind, id from profile_member order by kind, id", "");

	while (pl_rows_next(rows))
		json_array_append_new(
			json_object_get(json_object_get(profiles, pl_rows_text(rows, 0)),
					pl_rows_text(rows, 1)),
			json_string(pl_rows_text(rows, 2)));
	pl_rows_free(rows);
}

enum pl_err profiles_read(struct pl_turn *turn)
{
	struct pl_rows *rows;

	json_decref(profiles);
	profiles = json_object();
	if (!profiles)
		return PL_NOMEM;
	rows = pl_query(turn, "select name, title from profile order by name", "");
	while (pl_rows_next(rows))
		json_object_set_new(profiles, pl_rows_text(rows, 0),
				    json_pack("{s:s, s:{}, s:[], s:[]}", "title",
					      pl_rows_text(rows, 1), "services",
					      member_kinds[MEMBER_USER],
					      member_kinds[MEMBER_ENDPOINT]));
	pl_rows_free(rows);
	rows = pl_query(
		turn, "select profile, service, version from profile_service order by service", "");
	while (pl_rows_next(rows))
		json_object_set_new(
			json_object_get(json_object_get(profiles, pl_rows_text(rows, 0)),
					"services"),
			pl_rows_text(rows, 1), json_string(pl_rows_text(rows, 2)));
	pl_rows_free(rows);
	read_members(turn);
	return PL_OK;
}

json_t *profile_find(const char *typed, const char **namep)
{
	const char *name;
	json_t *profile;

	json_object_foreach(profiles, name, profile) {
		if (strcasecmp(name, typed) == 0) {
			*namep = name;
			return profile;
		}
	}
	return NULL;
}

enum pl_err profile_with(const char **namep, const char *typed, const char *service)
{
	const json_t *profile = profile_find(typed, namep);

	if (!profile)
		return pl_fail(PL_NOTFOUND, "there is no service profile '%s'", typed);
	if (!json_object_get(json_object_get(profile, "services"), service))
		return pl_fail(PL_STATE, "%s isn't in the service profile %s: add it first",
			       service, *namep);
	return PL_OK;
}

bool profile_holds(const json_t *profile, const struct placed *service)
{
	const char *version = json_string_value(
		json_object_get(json_object_get(profile, "services"), service->name));

	return version &&
	       (strcmp(version, "latest") == 0 || strcmp(version, service->version) == 0);
}

/* ---- for the edges ---- */

static json_t *services_of(const json_t *profile)
{
	json_t *services = json_pack("{s:b,s:b}", "Manager", 1, "AuthorizationService", 1);
	const char *name;
	json_t *version;

	json_object_foreach(json_object_get(profile, "services"), name, version) {
		json_object_set_new(services, name, json_true());
	}
	return services;
}

json_t *profiles_may(void)
{
	json_t *services = json_object(), *members[MEMBER_KINDS], *profile, *id;
	const char *name;
	size_t i;

	for (int kind = 0; kind < MEMBER_KINDS; kind++)
		members[kind] = json_object();
	json_object_foreach(profiles, name, profile) {
		for (int kind = 0; kind < MEMBER_KINDS; kind++)
			json_array_foreach(json_object_get(profile, member_kinds[kind]), i, id) {
				json_object_set_new(members[kind], json_string_value(id),
						    json_string(name));
				if (!json_object_get(services, name))
					json_object_set_new(services, name, services_of(profile));
			}
	}
	return json_pack("{s:o,s:o,s:o}", "services", services, member_kinds[MEMBER_USER],
			 members[MEMBER_USER], member_kinds[MEMBER_ENDPOINT],
			 members[MEMBER_ENDPOINT]);
}

/* ---- for people ---- */

static json_t *view_services(const json_t *profile)
{
	json_t *list = json_array(), *version;
	const char *name;

	json_object_foreach(json_object_get(profile, "services"), name, version) {
		const struct placed *placed = name_service(name);

		json_array_append_new(list, json_pack("{s:s, s:O, s:s?, s:b}", "name", name,
						      "version", version, "installed",
						      placed ? placed->version : NULL, "inEffect",
						      placed && profile_holds(profile, placed)));
	}
	return list;
}

json_t *profile_view(const char *name, bool has_members)
{
	const json_t *profile = json_object_get(profiles, name);
	json_t *users = json_object_get(profile, member_kinds[MEMBER_USER]);
	json_t *endpoints = json_object_get(profile, member_kinds[MEMBER_ENDPOINT]);

	return json_pack(
		"{s:s, s:O, s:o, s:o, s:o}", "name", name, "title",
		json_object_get(profile, "title"), "services", view_services(profile), "users",
		has_members ? json_incref(users) : json_integer((json_int_t)json_array_size(users)),
		"endpoints",
		has_members ? json_incref(endpoints)
			    : json_integer((json_int_t)json_array_size(endpoints)));
}

/* Users and endpoints as numbers. */
enum pl_err op_profiles(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_page page;
	const char *name;
	json_t *profile;
	enum pl_err err = pl_page_read(&page, json_object_get(body, "query"), "profiles");

	if (err)
		return err;
	json_object_foreach(profiles, name, profile) {
		pl_page_keep(&page, profile_view(name, false), "%s", name);
	}
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", pl_page_answer(&page));
	return *replyp ? PL_OK : PL_NOMEM;
}

enum pl_err op_profile(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *typed = NULL, *name = NULL;
	enum pl_err err = pl_json_text(&typed, body, "path.name", 128, true);

	if (err)
		return err;
	if (!profile_find(typed, &name))
		return pl_fail(PL_NOTFOUND, "there is no service profile '%s'", typed);
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", profile_view(name, true));
	return *replyp ? PL_OK : PL_NOMEM;
}
