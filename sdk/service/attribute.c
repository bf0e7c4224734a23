/*
 * attribute.c — the attributes of this service: rows of its manifest, values of its settings file.
 *
 * The file says {"attributes":{KEY:VALUE}, "profiles":{NAME:{KEY:VALUE}}, "users":{NAME:[USER…]},
 * "setBy":{KEY:{"atMs","by"}}, "settings":N}; what isn't there, or doesn't fit, is as normal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pelago/attribute.h"
#include "pelago/json.h"
#include "pelago/version.h"

struct setting {
	struct pl_attribute schema;
	json_t *value;	 /* in effect; NULL: an address or a secret that isn't set */
	json_t *started; /* of one that needs a restart: what was in effect at the start */
	bool is_late;	 /* another one is wanted after a restart */
};

/* ---- the manifest ---- */

/* The one beside the program; none is no error: a service without attributes. */
static enum pl_err read_manifest(json_t **manifestp)
{
	char program[PATH_MAX], path[PATH_MAX + 20];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	json_error_t error;

	if (len < 0)
		return PL_OK;
	program[len] = '\0';
	snprintf(path, sizeof(path), "%s/manifest.json", dirname(program));
	if (access(path, F_OK))
		return PL_OK;
	*manifestp = json_load_file(path, 0, &error);
	return *manifestp ? PL_OK : pl_fail(PL_INVALID, "%s: %s", path, error.text);
}

static enum pl_err read_rows(struct pl_service *s, const json_t *rows)
{
	enum pl_err err = PL_OK;
	json_t *row;
	size_t i;

	s->settings = calloc(json_array_size(rows) + 1, sizeof(*s->settings));
	if (!s->settings)
		return PL_NOMEM;
	json_array_foreach(rows, i, row) {
		if (!err)
			err = pl_attribute_read(&s->settings[i].schema, row);
	}
	if (!err)
		s->settings_len = json_array_size(rows);
	return err;
}

static struct setting *find(const struct pl_service *s, const char *key)
{
	for (size_t i = 0; i < s->settings_len; i++)
		if (strcmp(s->settings[i].schema.key, key) == 0)
			return &s->settings[i];
	return NULL;
}

/* What --set says, by now a text each, becomes values. */
static enum pl_err read_set(struct pl_service *s)
{
	const char *key;
	json_t *wish, *value;
	void *next;

	json_object_foreach_safe(s->set, next, key, wish) {
		const struct setting *setting = find(s, key);
		enum pl_err err;

		if (!setting)
			return pl_fail(PL_INVALID, "--set: there is no attribute %s", key);
		err = pl_attribute_check(&value, &setting->schema, wish);
		if (err)
			return err;
		json_object_set_new(s->set, key, value);
	}
	return PL_OK;
}

enum pl_err attribute_open(struct pl_service *s)
{
	enum pl_err err;

	err = read_manifest(&s->manifest);
	if (!err)
		err = read_rows(s, json_object_get(s->manifest, "attributes"));
	return err ? err : read_set(s);
}

const char *attribute_version(const struct pl_service *s)
{
	const char *version = pl_json_get_text(s->manifest, "version");

	return *version ? version : pl_version;
}

/* ---- what is in effect ---- */

/* A new reference; NULL: nothing that fits. */
static json_t *fitting(const struct pl_attribute *schema, const json_t *wish)
{
	json_t *value = NULL;
	enum pl_err err;

	if (schema->type == PL_ATTRIBUTE_SECRET)
		return json_is_string(json_object_get(wish, "sealed")) ? json_incref((json_t *)wish)
								       : NULL;
	err = wish ? pl_attribute_check(&value, schema, wish) : PL_OK;
	if (err)
		pl_log(ERROR, "config.attribute", NULL, "%s; it is as normal", pl_err_detail(err));
	return value;
}

static void settle(struct pl_service *s, struct setting *setting, const json_t *attributes)
{
	const struct pl_attribute *schema = &setting->schema;
	json_t *value = json_incref(json_object_get(s->set, schema->key));

	if (!value)
		value = fitting(schema, json_object_get(attributes, schema->key));
	if (!value && schema->normal)
		value = json_incref((json_t *)schema->normal);
	if (schema->needs_restart && (!setting->started || !s->owns)) {
		json_decref(setting->started); /* a standby has yet to begin */
		setting->started = value ? json_incref(value) : json_null();
	}
	if (schema->needs_restart) {
		setting->is_late = value ? !json_equal(value, setting->started)
					 : !json_is_null(setting->started);
		json_decref(value);
		value = json_is_null(setting->started) ? NULL : json_incref(setting->started);
	}
	json_decref(setting->value);
	setting->value = value;
}

/* {USER: PROFILE} of {PROFILE: [USER…]}. */
static json_t *members_of(const json_t *users)
{
	json_t *members = json_object(), *list, *user;
	const char *profile;
	size_t i;

	json_object_foreach((json_t *)users, profile, list) {
		json_array_foreach(list, i, user) {
			if (json_is_string(user))
				json_object_set_new(members, json_string_value(user),
						    json_string(profile));
		}
	}
	return members;
}

static enum pl_err tell(struct pl_turn *turn, json_t *body, void *arg)
{
	json_decref(body);
	return turn->service->def->configured(turn);
}

void attribute_apply(struct pl_service *s)
{
	for (size_t i = 0; i < s->settings_len; i++)
		settle(s, &s->settings[i], json_object_get(s->config, "attributes"));
	json_decref(s->members);
	s->members = members_of(json_object_get(s->config, "users"));
	if (s->def->configured)
		pl_service_post(s, tell, json_null(), NULL);
}

json_t *attribute_late(const struct pl_service *s)
{
	json_t *keys = json_array();

	for (size_t i = 0; i < s->settings_len; i++)
		if (s->settings[i].is_late)
			json_array_append_new(keys, json_string(s->settings[i].schema.key));
	return keys;
}

/* ---- getters ---- */

/* One that the manifest hasn't is a defect of the program. */
static const struct setting *own(const struct pl_service *s, const char *key)
{
	const struct setting *setting = find(s, key);

	pl_assert(setting);
	return setting;
}

int64_t pl_attribute_get(const struct pl_service *s, const char *key)
{
	const struct setting *setting = own(s, key);

	return pl_attribute_number(&setting->schema, setting->value);
}

int64_t pl_attribute_get_for(const struct pl_service *s, const char *user, const char *key)
{
	const struct setting *setting = own(s, key);
	const char *profile = json_string_value(json_object_get(s->members, user));
	const json_t *profiles = json_object_get(s->config, "profiles");
	json_t *value = NULL;
	int64_t number;

	if (profile && !json_object_get(s->set, key))
		value = fitting(&setting->schema,
				json_object_get(json_object_get(profiles, profile), key));
	number = pl_attribute_number(&setting->schema, value ? value : setting->value);
	json_decref(value);
	return number;
}

const char *pl_attribute_text(const struct pl_service *s, const char *key)
{
	const char *text = json_string_value(own(s, key)->value);

	return text ? text : "";
}

enum pl_err pl_attribute_secret(char **secretp, const struct pl_service *s, const char *key)
{
	const struct setting *setting = own(s, key);
	const char *sealed = pl_json_get_text(setting->value, "sealed");

	pl_assert(setting->schema.type == PL_ATTRIBUTE_SECRET);
	if (json_is_string(setting->value)) { /* by --set */
		*secretp = strdup(json_string_value(setting->value));
		return *secretp ? PL_OK : PL_NOMEM;
	}
	if (!*sealed)
		return pl_fail(PL_NOTFOUND, "%s isn't set", setting->schema.name);
	return secret_open(secretp, s, sealed);
}

int64_t pl_attribute_set_ms(const struct pl_service *s, const char *key)
{
	const json_t *by = json_object_get(json_object_get(s->config, "setBy"), key);

	return json_integer_value(json_object_get(by, "atMs"));
}

const char *pl_attribute_set_by(const struct pl_service *s, const char *key)
{
	const json_t *by = json_object_get(json_object_get(s->config, "setBy"), key);

	return pl_json_get_text(by, "by");
}
