/*
 * profile_admin.c — making, changing and assigning service profiles.
 *
 * What a profile had set goes with it, or with the service that leaves it: as a commit, so that its
 * history tells.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "attribute.h"
#include "pelago/json.h"
#include "profile.h"

enum { NAME_MAX = 64, TITLE_MAX = 200, ID_MAX = 128 };

/* ---- what is asked ---- */

/* A profile by the path; its name as it is. */
static enum pl_err read_profile(const char **namep, json_t **profilep, const json_t *body)
{
	const char *typed = NULL;
	enum pl_err err = pl_json_text(&typed, body, "path.name", ID_MAX, true);

	if (err)
		return err;
	if (!*asked_by(body))
		return pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	*profilep = profile_find(typed, namep);
	return *profilep ? PL_OK : pl_fail(PL_NOTFOUND, "there is no service profile '%s'", typed);
}

static bool is_plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f || *text == '/')
			return false;
	return true;
}

static enum pl_err check_name(const char *name)
{
	const char *taken = NULL;

	if (!*name || *name == ' ' || name[strlen(name) - 1] == ' ' || !is_plain(name))
		return pl_fail(
			PL_INVALID,
			"name: letters, digits and signs, but no / and no blank at its ends");
	if (profile_find(name, &taken))
		return pl_fail(PL_STATE, "there is a service profile %s already", taken);
	if (json_object_size(profiles_all()) >= PROFILES_MAX)
		return pl_fail(PL_FULL, "there are %d service profiles, the most that can be",
			       PROFILES_MAX);
	return PL_OK;
}

/* ---- what is done ---- */

/* After the tables were changed: memory follows, nodes are told, it is written down. */
static enum pl_err done(struct pl_turn *turn, const json_t *request, const char *action,
			const char *target, const char *was, const char *became)
{
	audit_add(turn, request, action, target, was, became);
	model_raise(turn);
	return profiles_read(turn);
}

static enum pl_err answer(json_t **replyp, const char *name, int status)
{
	*replyp = json_pack("{s:i, s:o}", "status", status, "body", profile_view(name, false));
	return *replyp ? PL_OK : PL_NOMEM;
}

/* Takes back what a profile has set, of one service or of all (NULL). */
static enum pl_err reset(struct pl_turn *turn, const json_t *request, const char *profile,
			 const char *service, const char *note)
{
	struct commit commit = {
		.kind = "commit", .note = note, .expected = -1, .changes = json_array()
	};
	json_t *record, *reply = NULL;
	const char *spot;
	enum pl_err err;

	json_object_foreach(values_all(), spot, record) {
		if (strcmp(pl_json_get_text(record, "level"), level_names[LEVEL_PROFILE]) != 0 ||
		    strcmp(pl_json_get_text(record, "place"), profile) != 0 ||
		    (service && strcmp(pl_json_get_text(record, "service"), service) != 0))
			continue;
		json_array_append_new(commit.changes,
				      json_pack("{s:O, s:O, s:O, s:O, s:O, s:O, s:n}", "level",
						json_object_get(record, "level"), "place",
						json_object_get(record, "place"), "service",
						json_object_get(record, "service"), "key",
						json_object_get(record, "key"), "name",
						json_object_get(record, "key"), "was",
						json_object_get(record, "value"), "became"));
	}
	err = commit_run(turn, request, &commit, &reply);
	json_decref(commit.changes);
	json_decref(reply);
	return err;
}

/* ---- the profile itself ---- */

/* body {name, title} */
enum pl_err op_profile_create(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL, *title = NULL;
	json_t *wish = NULL;
	enum pl_err err = pl_json_object(&wish, body, "body", 4, true);

	if (!err)
		err = pl_json_text(&name, wish, "name", NAME_MAX, true);
	if (!err)
		err = pl_json_text(&title, wish, "title", TITLE_MAX, false);
	if (!err && !*asked_by(body))
		err = pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	if (!err)
		err = check_name(name);
	if (err)
		return err;
	pl_exec(turn, "insert into profile (name, title) values ($1, $2)", "ss", name,
		title ? title : "");
	err = done(turn, body, "profile.create", name, "", title ? title : "");
	return err ? err : answer(replyp, name, 201);
}

/* body {title} */
enum pl_err op_profile_change(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL, *title = NULL;
	json_t *profile = NULL, *wish = NULL;
	enum pl_err err = read_profile(&name, &profile, body);

	if (!err)
		err = pl_json_object(&wish, body, "body", 4, true);
	if (!err)
		err = pl_json_text(&title, wish, "title", TITLE_MAX, true);
	if (err)
		return err;
	json_incref(profile);
	pl_exec(turn, "update profile set title = $2 where name = $1", "ss", name, title);
	audit_add(turn, body, "profile.change", name, pl_json_get_text(profile, "title"), title);
	json_object_set_new(profile, "title", json_string(title));
	json_decref(profile);
	return answer(replyp, name, 200);
}

/* One that people have isn't taken away from them unnoticed. */
enum pl_err op_profile_delete(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL;
	json_t *profile = NULL;
	char copy[NAME_MAX + 1];
	size_t members = 0;
	enum pl_err err = read_profile(&name, &profile, body);

	if (err)
		return err;
	for (int kind = 0; kind < MEMBER_KINDS; kind++)
		members += json_array_size(json_object_get(profile, member_kinds[kind]));
	if (members)
		return pl_fail(PL_STATE,
			       "service profile %s is assigned to %zu users and endpoints: assign "
			       "another one, or none, first",
			       name, members);
	snprintf(copy, sizeof(copy), "%s", name);
	err = reset(turn, body, copy, NULL, "its service profile was deleted");
	if (err)
		return err;
	pl_exec(turn, "delete from profile_service where profile = $1", "s", copy);
	pl_exec(turn, "delete from profile where name = $1", "s", copy);
	*replyp = json_pack("{s:i}", "status", 204);
	return done(turn, body, "profile.delete", copy, copy, "");
}

/* ---- its services ---- */

/* PUT …/services/{service} {version}: a version, or "latest" */
enum pl_err op_profile_service(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL, *typed = NULL, *version = NULL, *was;
	const struct placed *service = NULL;
	char copy[NAME_MAX + 1], target[200];
	json_t *profile = NULL;
	enum pl_err err = read_profile(&name, &profile, body);

	if (!err)
		err = pl_json_text(&typed, body, "path.service", ID_MAX, true);
	if (!err)
		err = pl_json_text(&version, body, "body.version", 60, false);
	if (err)
		return err;
	service = name_service(typed);
	if (!service)
		return pl_fail(PL_NOTFOUND, "there is no service '%s'", typed);
	version = version && *version ? version : "latest";
	if (!is_plain(version))
		return pl_fail(PL_INVALID, "version: 1.2.0, or latest");
	snprintf(copy, sizeof(copy), "%s", name);
	snprintf(target, sizeof(target), "%s/%s", copy, service->name);
	was = pl_json_get_text(json_object_get(profile, "services"), service->name);
	pl_exec(turn,
		"insert into profile_service (profile, service, version) values ($1, $2, $3) on "
		"conflict (profile, service) do update set version = excluded.version",
		"sss", copy, service->name, version);
	err = done(turn, body, "profile.service", target, was, version);
	return err ? err : answer(replyp, copy, 200);
}

enum pl_err op_profile_service_remove(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL, *typed = NULL, *service;
	const struct placed *placed;
	char copy[NAME_MAX + 1], target[200], was[61];
	json_t *profile = NULL;
	enum pl_err err = read_profile(&name, &profile, body);

	if (!err)
		err = pl_json_text(&typed, body, "path.service", ID_MAX, true);
	if (err)
		return err;
	placed = name_service(typed);
	service = placed ? placed->name : typed; /* also one that is gone */
	snprintf(was, sizeof(was), "%s",
		 pl_json_get_text(json_object_get(profile, "services"), service));
	if (!*was)
		return pl_fail(PL_NOTFOUND, "%s isn't in the service profile %s", service, name);
	snprintf(copy, sizeof(copy), "%s", name);
	snprintf(target, sizeof(target), "%s/%s", copy, service);
	err = reset(turn, body, copy, service, "removed from its service profile");
	if (err)
		return err;
	pl_exec(turn, "delete from profile_service where profile = $1 and service = $2", "ss", copy,
		service);
	err = done(turn, body, "profile.service", target, was, "");
	return err ? err : answer(replyp, copy, 200);
}

/* ---- whose it is ---- */

static enum pl_err read_member(enum member_kind *kindp, const char **idp, const json_t *body)
{
	const char *kind = NULL;
	enum pl_err err = pl_json_text(&kind, body, "path.kind", ID_MAX, true);

	if (!err)
		err = pl_json_text(idp, body, "path.id", NAME_MAX, true);
	if (err)
		return err;
	for (*kindp = 0; *kindp < MEMBER_KINDS; (*kindp)++)
		if (strcmp(member_kinds[*kindp], kind) == 0)
			return **idp && is_plain(*idp)
				       ? PL_OK
				       : pl_fail(PL_INVALID, "id: a name without / is needed");
	return pl_fail(PL_NOTFOUND, "a profile has user and endpoint, not '%s'", kind);
}

/* The profile that a member has, "" without; borrowed until profiles_read. */
static const char *profile_of(enum member_kind kind, const char *id)
{
	const char *name;
	json_t *profile, *member;
	size_t i;

	json_object_foreach(profiles_all(), name, profile) {
		json_array_foreach(json_object_get(profile, member_kinds[kind]), i, member) {
			if (strcmp(json_string_value(member), id) == 0)
				return name;
		}
	}
	return "";
}

static size_t members_count(void)
{
	const char *name;
	json_t *profile;
	size_t count = 0;

	json_object_foreach(profiles_all(), name, profile) {
		for (int kind = 0; kind < MEMBER_KINDS; kind++)
			count += json_array_size(json_object_get(profile, member_kinds[kind]));
	}
	return count;
}

/* PUT …/members/{kind}/{id}: who had another one has this one now */
enum pl_err op_profile_assign(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL, *id = NULL;
	char copy[NAME_MAX + 1], was[NAME_MAX + 1], target[200];
	enum member_kind kind = MEMBER_USER;
	json_t *profile = NULL;
	enum pl_err err = read_profile(&name, &profile, body);

	if (!err)
		err = read_member(&kind, &id, body);
	if (err)
		return err;
	snprintf(copy, sizeof(copy), "%s", name);
	snprintf(was, sizeof(was), "%s", profile_of(kind, id));
	if (!*was && members_count() >= MEMBERS_MAX)
		return pl_fail(PL_FULL, "%d users and endpoints have a profile, the most that can",
			       MEMBERS_MAX);
	snprintf(target, sizeof(target), "%s %s", member_kinds[kind], id);
	if (strcmp(was, copy) != 0) {
		pl_exec(turn,
			"insert into profile_member (kind, id, profile) values ($1, $2, $3) on "
			"conflict (kind, id) do update set profile = excluded.profile",
			"sss", member_kinds[kind], id, copy);
		err = done(turn, body, "profile.assign", target, was, copy);
	}
	return err ? err : answer(replyp, copy, 200);
}

enum pl_err op_profile_unassign(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL, *id = NULL;
	char copy[NAME_MAX + 1], target[200];
	enum member_kind kind = MEMBER_USER;
	json_t *profile = NULL;
	enum pl_err err = read_profile(&name, &profile, body);

	if (!err)
		err = read_member(&kind, &id, body);
	if (err)
		return err;
	if (strcmp(profile_of(kind, id), name) != 0)
		return pl_fail(PL_NOTFOUND, "%s %s hasn't the service profile %s",
			       member_kinds[kind], id, name);
	snprintf(copy, sizeof(copy), "%s", name);
	snprintf(target, sizeof(target), "%s %s", member_kinds[kind], id);
	pl_exec(turn, "delete from profile_member where kind = $1 and id = $2", "ss",
		member_kinds[kind], id);
	err = done(turn, body, "profile.assign", target, copy, "");
	return err ? err : answer(replyp, copy, 200);
}
