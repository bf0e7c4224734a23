/* check.c — see check.h. SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "pelago/json.h"

enum { NAME_MAX_BYTES = 200, ATTRIBUTES_MAX = 200, ROLES_MAX = 8, CHANNELS_MAX = 20 };

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS	"0123456789"

/* The roles of PLT-51. */
static const char *const roles[] = { "administrator", "supervisor", "agent",
				     "designer",      "auditor",    "service" };

static bool is_of(const char *text, const char *letters, size_t max)
{
	size_t len = strlen(text);

	return len > 0 && len <= max && strspn(text, letters) == len;
}

bool user_id_is_good(const char *id)
{
	return is_of(id, LETTERS DIGITS "_-@.", USER_ID_MAX) && id[0] != '.' &&
	       id[strlen(id) - 1] != '.' && !strstr(id, "..");
}

static bool is_role(const char *text)
{
	for (size_t i = 0; text && i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strcmp(roles[i], text) == 0)
			return true;
	return false;
}

static enum pl_err check_roles(const json_t *user)
{
	json_t *list = NULL, *role;
	enum pl_err err = pl_json_array(&list, user, "roles", ROLES_MAX, true);
	size_t i;

	json_array_foreach(list, i, role) {
		if (!err && !is_role(json_string_value(role)))
			err = pl_fail(PL_INVALID,
				      "roles[%zu] is none of administrator, supervisor, agent, "
				      "designer, auditor, service",
				      i);
	}
	return err;
}

/* "Category.Value", such as Language.English */
static bool is_attribute_name(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot && dot > name && dot[1] && strlen(name) <= 100 && !strchr(dot + 1, '.');
}

static enum pl_err check_attribute(const json_t *attribute, size_t i, json_t *seen)
{
	const char *name = NULL;
	int64_t proficiency = 0;
	enum pl_err err;

	if (!json_is_object(attribute))
		return pl_fail(PL_INVALID, "attributes[%zu] is not an object", i);
	err = pl_json_text(&name, attribute, "name", 100, true);
	if (!err)
		err = pl_json_int(&proficiency, attribute, "proficiency", 1, PROFICIENCY_MOST,
				  true);
	if (!err && !is_attribute_name(name))
		err = pl_fail(PL_INVALID, "attributes[%zu]: the name is not Category.Value", i);
	if (!err && json_object_get(seen, name))
		err = pl_fail(PL_INVALID, "attributes[%zu]: the name is there twice", i);
	if (!err && json_object_set_new(seen, name, json_true()))
		err = PL_NOMEM;
	return err;
}

static enum pl_err check_attributes(const json_t *user)
{
	json_t *list = NULL, *attribute, *seen = json_object();
	enum pl_err err = pl_json_array(&list, user, "attributes", ATTRIBUTES_MAX, true);
	size_t i;

	json_array_foreach(list, i, attribute) {
		if (!err)
			err = check_attribute(attribute, i, seen);
	}
	json_decref(seen);
	return err;
}

static enum pl_err check_capacity(const json_t *user)
{
	json_t *capacity = NULL, *most;
	enum pl_err err = pl_json_object(&capacity, user, "capacity", CHANNELS_MAX, true);
	int64_t total;
	const char *channel;

	if (!err)
		err = pl_json_int(&total, capacity, "total", 0, CAPACITY_MOST, true);
	json_object_foreach(capacity, channel, most) {
		if (!err && !is_of(channel, LETTERS DIGITS "_-", 40))
			err = pl_fail(PL_INVALID,
				      "capacity: a channel's name has only letters and digits");
		if (!err)
			err = pl_json_int(&total, capacity, channel, 0, CAPACITY_MOST, true);
	}
	return err;
}

/* How the user is taken for contacts, and takes them. */
static enum pl_err check_routing(const json_t *user)
{
	const char *selection = NULL;
	int64_t rank;
	bool auto_ready;
	enum pl_err err = pl_json_bool(&auto_ready, user, "autoReady", false);

	if (!err)
		err = pl_json_int(&rank, user, "rank", 0, RANK_MOST, false);
	if (!err)
		err = pl_json_text(&selection, user, "workSelection", 20, false);
	if (!err && selection && strcmp(selection, "skillLevel") != 0 &&
	    strcmp(selection, "greatestNeed") != 0)
		err = pl_fail(PL_INVALID, "workSelection is neither greatestNeed nor skillLevel");
	return err;
}

enum pl_err user_check(const json_t *user)
{
	const char *id = NULL, *name = NULL;
	int64_t seconds;
	bool enabled;
	enum pl_err err = pl_json_text(&id, user, "id", USER_ID_MAX, true);

	if (!err && !user_id_is_good(id))
		err = pl_fail(PL_INVALID, "id: letters, digits and . _ - @ only");
	if (!err)
		err = pl_json_text(&name, user, "name", NAME_MAX_BYTES, true);
	if (!err && !*name)
		err = pl_fail(PL_INVALID, "name is empty");
	if (!err)
		err = pl_json_bool(&enabled, user, "enabled", true);
	if (!err)
		err = check_roles(user);
	if (!err)
		err = check_attributes(user);
	if (!err)
		err = check_capacity(user);
	if (!err)
		err = pl_json_int(&seconds, user, "wrapUpSeconds", 0, SECONDS_MOST, false);
	if (!err)
		err = pl_json_int(&seconds, user, "offerSeconds", 0, SECONDS_MOST, false);
	return err ? err : check_routing(user);
}
