/*
 * manifests.c — the manifests of the programs that are here.
 *
 * Their names become subjects, paths and users of the bus: a name with a wildcard would widen
 * rights.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/attribute.h"
#include "pelago/json.h"
#include "platform/setup/file.h"
#include "platform/setup/programs.h"
#include "platform/setup/setup.h"

static const char *const name_lists[] = {
	"publishes", "reads", "calls", "asks", "pushes", "opens"
};

enum { ATTRIBUTES_MAX = 500 };

bool setup_is_name(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= 64 &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
		       len;
}

static enum pl_err list_check(const json_t *manifest, const char *member, const char *file)
{
	json_t *list = json_object_get(manifest, member), *item;
	size_t i;

	if (list && !json_is_array(list))
		return pl_fail(PL_INVALID, "%s: %s is not a list", file, member);
	json_array_foreach(list, i, item) {
		if (!json_is_string(item) || !setup_is_name(json_string_value(item)))
			return pl_fail(PL_INVALID, "%s: %s[%zu] is not a name", file, member, i);
	}
	return PL_OK;
}

/* No two attributes of a service have the same key or name. */
static bool is_twice(const json_t *rows, size_t at)
{
	const json_t *row = json_array_get(rows, at);

	for (size_t i = 0; i < at; i++) {
		const json_t *other = json_array_get(rows, i);

		if (json_equal(json_object_get(row, "key"), json_object_get(other, "key")) ||
		    json_equal(json_object_get(row, "name"), json_object_get(other, "name")))
			return true;
	}
	return false;
}

static enum pl_err attributes_check(const json_t *manifest, const char *file)
{
	const json_t *rows = json_object_get(manifest, "attributes"), *row;
	struct pl_attribute attribute;
	char why[300];
	size_t i;

	if (rows && (!json_is_array(rows) || json_array_size(rows) > ATTRIBUTES_MAX))
		return pl_fail(PL_INVALID, "%s: attributes is not a list of at most %d", file,
			       ATTRIBUTES_MAX);
	json_array_foreach(rows, i, row) {
		enum pl_err err = pl_attribute_read(&attribute, row);

		if (err) {
			snprintf(why, sizeof(why), "%s", pl_err_detail(err));
			return pl_fail(PL_INVALID, "%s: attributes[%zu]: %s", file, i, why);
		}
		if (is_twice(rows, i))
			return pl_fail(PL_INVALID, "%s: attributes[%zu]: %s is there twice", file,
				       i, attribute.key);
	}
	return PL_OK;
}

enum pl_err manifest_check(const json_t *manifest, const char *file)
{
	json_t *cluster = json_object_get(manifest, "cluster"),
	       *optional = json_object_get(manifest, "optional");
	enum pl_err err = PL_OK;

	if (!setup_is_name(pl_json_get_text(manifest, "name")))
		return pl_fail(PL_INVALID, "%s: name is missing or not a name", file);
	if (!*pl_json_get_text(manifest, "version"))
		return pl_fail(PL_INVALID, "%s: version is missing", file);
	if (cluster &&
	    !(json_is_integer(cluster) && json_integer_value(cluster) >= 1 &&
	      json_integer_value(cluster) <= 5) &&
	    strcmp(pl_json_get_text(manifest, "cluster"), "provisioning") != 0)
		return pl_fail(PL_INVALID, "%s: cluster is neither 1 to 5 nor \"provisioning\"",
			       file);
	if (optional && !json_is_boolean(optional))
		return pl_fail(PL_INVALID, "%s: optional is neither true nor false", file);
	for (size_t i = 0; !err && i < sizeof(name_lists) / sizeof(name_lists[0]); i++)
		err = list_check(manifest, name_lists[i], file);
	return err ? err : attributes_check(manifest, file);
}

static enum pl_err add(json_t *manifests, const char *path, const char *folder)
{
	json_t *manifest = NULL;
	enum pl_err err = file_read_json(&manifest, path);

	if (err == PL_NOTFOUND) {
		pl_err_clear();
		return PL_OK; /* a folder that holds no service */
	}
	if (!err)
		err = manifest_check(manifest, path);
	if (!err && folder && strcmp(folder, pl_json_get_text(manifest, "name")) != 0)
		err = pl_fail(PL_INVALID, "%s: name isn't that of its folder", path);
	if (err)
		json_decref(manifest);
	else if (json_array_append_new(manifests, manifest) != 0)
		err = PL_NOMEM;
	return err;
}

static int is_program_manifest(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), tail = strlen(".manifest.json");

	return strncmp(entry->d_name, "pelago-", 7) == 0 && len > tail &&
	       strcmp(entry->d_name + len - tail, ".manifest.json") == 0;
}

static int is_service_folder(const struct dirent *entry)
{
	return setup_is_name(entry->d_name);
}

static enum pl_err add_all(json_t *manifests, const char *folder,
			   int (*filter)(const struct dirent *), bool are_folders)
{
	struct dirent **names = NULL;
	enum pl_err err = PL_OK;
	int count = scandir(folder, &names, filter, alphasort);

	for (int i = 0; i < count; i++) {
		char *path = NULL;

		if (!err && asprintf(&path, "%s/%s%s", folder, names[i]->d_name,
				     are_folders ? "/manifest.json" : "") < 0)
			err = PL_NOMEM;
		if (!err)
			err = add(manifests, path, are_folders ? names[i]->d_name : NULL);
		free(path);
		free(names[i]);
	}
	free(names);
	return err;
}

/* ---- those of installed bundles ---- */

static bool has(const json_t *list, const json_t *item)
{
	json_t *other;
	size_t i;

	json_array_foreach(list, i, other) {
		if (json_equal(other, item))
			return true;
	}
	return false;
}

void manifest_widen(json_t *manifest, const json_t *other)
{
	for (size_t i = 0; i < sizeof(name_lists) / sizeof(name_lists[0]); i++) {
		json_t *list = json_object_get(manifest, name_lists[i]), *item;
		size_t k;

		if (!list) {
			list = json_array();
			json_object_set_new(manifest, name_lists[i], list);
		}
		json_array_foreach(json_object_get(other, name_lists[i]), k, item) {
			if (!has(list, item))
				json_array_append(list, item);
		}
	}
}

json_t *manifests_rights(const json_t *manifests)
{
	json_t *rights = json_object(), *manifest, *item;
	size_t i, n;

	json_array_foreach(manifests, i, manifest) {
		json_t *all = json_object();

		for (size_t k = 0; k < sizeof(name_lists) / sizeof(name_lists[0]); k++)
			json_array_foreach(json_object_get(manifest, name_lists[k]), n, item) {
				char *text = json_dumps(item, JSON_ENCODE_ANY | JSON_SORT_KEYS);
				char *name = NULL;

				if (text && asprintf(&name, "%s %s", name_lists[k], text) >= 0)
					json_object_set_new(all, name, json_true());
				free(name);
				free(text);
			}
		json_object_set_new(rights, pl_json_get_text(manifest, "name"), all);
	}
	return rights;
}

bool manifest_covers(const json_t *manifest, const json_t *other)
{
	for (size_t i = 0; i < sizeof(name_lists) / sizeof(name_lists[0]); i++) {
		json_t *item;
		size_t k;

		json_array_foreach(json_object_get(other, name_lists[i]), k, item) {
			if (!has(json_object_get(manifest, name_lists[i]), item))
				return false;
		}
	}
	return true;
}

static int is_json(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 5, ".json") == 0;
}

/* Lays one over what is there by its name. */
static enum pl_err lay_over(json_t *manifests, json_t *manifest)
{
	json_t *item;
	size_t i;

	json_array_foreach(manifests, i, item) {
		if (strcmp(pl_json_get_text(item, "name"), pl_json_get_text(manifest, "name")) ==
		    0) {
			manifest_widen(item, manifest);
			return PL_OK;
		}
	}
	return json_array_append(manifests, manifest) == 0 ? PL_OK : PL_NOMEM;
}

static enum pl_err lay(json_t *manifests, const char *path)
{
	json_t *manifest = NULL;
	enum pl_err err = file_read_json(&manifest, path);

	if (!err)
		err = manifest_check(manifest, path);
	if (!err)
		err = lay_over(manifests, manifest);
	json_decref(manifest);
	return err;
}

enum pl_err manifests_installed(json_t *manifests, const char *data)
{
	struct dirent **names = NULL;
	char *folder = NULL;
	enum pl_err err = PL_OK;
	int count;

	if (asprintf(&folder, "%s/bus/manifests", data) < 0)
		return PL_NOMEM;
	count = scandir(folder, &names, is_json, alphasort);
	for (int i = 0; i < count; i++) {
		char *path = NULL;

		if (!err && asprintf(&path, "%s/%s", folder, names[i]->d_name) < 0)
			err = PL_NOMEM;
		if (!err)
			err = lay(manifests, path);
		free(path);
		free(names[i]);
	}
	free(names);
	free(folder);
	return err;
}

/* ---- those of other versions of Pelago on this host (programs.h) ---- */

static int is_version(const struct dirent *entry)
{
	return entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
}

/* One that can't be read, as it is newer than this program, gives no rights. */
static enum pl_err lay_folder(json_t *manifests, const char *programs)
{
	json_t *others = NULL, *manifest;
	enum pl_err err = PL_OK;
	size_t i;

	if (manifests_load(&others, programs)) {
		pl_err_clear();
		return PL_OK;
	}
	json_array_foreach(others, i, manifest) {
		if (!err)
			err = lay_over(manifests, manifest);
	}
	json_decref(others);
	return err;
}

/* Whatever version root supervisor and manager are, they see the same: what runs of any. */
static enum pl_err lay_versions(json_t *manifests, const struct setup *setup)
{
	char *folder = setup_path(setup, "platform");
	struct dirent **names = NULL;
	json_t *programs = NULL;
	enum pl_err err = folder ? programs_read(&programs, setup->data) : PL_NOMEM;
	int count = err ? 0 : scandir(folder, &names, is_version, alphasort);

	if (!err && *pl_json_get_text(programs, "base.path"))
		err = lay_folder(manifests, pl_json_get_text(programs, "base.path"));
	for (int i = 0; i < count; i++) {
		char *place = err ? NULL : platform_place(setup->data, names[i]->d_name);

		if (!err)
			err = place ? lay_folder(manifests, place) : PL_NOMEM;
		free(place);
		free(names[i]);
	}
	free(names);
	free(folder);
	json_decref(programs);
	return err;
}

enum pl_err setup_manifests(struct setup *setup)
{
	json_t *manifests = NULL;
	enum pl_err err = manifests_load(&manifests, setup->programs);

	if (!err)
		err = lay_versions(manifests, setup);
	if (!err)
		err = manifests_installed(manifests, setup->data);
	if (err) {
		json_decref(manifests);
		return err;
	}
	json_decref(setup->manifests);
	setup->manifests = manifests;
	return PL_OK;
}

enum pl_err manifests_load(json_t **manifestsp, const char *programs)
{
	json_t *manifests = json_array();
	char *services = NULL;
	enum pl_err err = PL_NOMEM;

	if (!manifests || asprintf(&services, "%s/services", programs) < 0)
		goto out;
	err = add_all(manifests, programs, is_program_manifest, false);
	if (!err)
		err = add_all(manifests, services, is_service_folder, true);
out:
	free(services);
	if (err)
		json_decref(manifests);
	else
		*manifestsp = manifests;
	return err;
}
