/*
 * delivery.c — the bundles that came with the programs, PROGRAMS/bundles: loaded, and installed
 * where they never were; optional ones are installed by who wants them.
 *
 * Looked at when the manager starts, and when `pelago up` is typed again. What an administrator has
 * uninstalled, or replaced by a higher version, stays so. The plan is one like any other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blob.h"
#include "inspector.h"
#include "manager.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "plans.h"
#include "platform/setup/setup.h"

static struct {
	json_t *files; /* {PATH: hash, or null while it is being looked at} */
	bool is_open;
	char why[512]; /* a file that was refused */
} delivery;

static json_t *request_new(void)
{
	return json_pack("{s:{s:s},s:s}", "user", "name", "system", "from", "local");
}

static int is_bundle(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 5, ".svar") == 0;
}

/* ---- looking ---- */

static bool is_looking(void)
{
	const char *path;
	json_t *hash;

	json_object_foreach(delivery.files, path, hash) {
		if (json_is_null(hash))
			return true;
	}
	return false;
}

/* All of it is stored: in a turn of its own. */
static enum pl_err on_looked(struct pl_turn *turn, json_t *unused_body, void *unused)
{
	return delivery_tick(turn);
}

static enum pl_err on_file(struct pl_turn *turn, json_t *result, void *unused)
{
	const char *path = pl_json_get_text(result, "path"),
		   *hash = pl_json_get_text(result, "hash");
	enum pl_err err = (enum pl_err)json_integer_value(json_object_get(result, "err"));
	const void *data;
	size_t len = 0;

	if (err)
		pl_fail(err, "%s", pl_json_get_text(result, "message"));
	data = inspector_file(&len, path);
	if (!err && !json_is_true(json_object_get(result, "known"))) {
		json_t *request = request_new();

		json_object_set_new(request, "body", json_pack("{s:b}", "replace", 1));
		pl_assert(data);
		blob_store(turn, hash, data, len);
		err = bundle_load(turn, result, request);
		json_decref(request);
	}
	if (err) {
		snprintf(delivery.why, sizeof(delivery.why), "%s: %s", path, pl_err_detail(err));
		pl_log(ERROR, "bundle.refused", NULL, "%s", delivery.why);
		json_object_del(delivery.files, path);
	} else {
		json_object_set_new(delivery.files, path, json_string(hash));
	}
	json_decref(result);
	if (!is_looking())
		pl_service_post(pl_turn_service(turn), on_looked, NULL, NULL);
	return PL_OK;
}

static json_t *known_hashes(void)
{
	json_t *known = json_object();

	for (const struct loaded *b = model.bundles; b; b = b->next)
		json_object_set_new(known, b->hash, json_true());
	return known;
}

enum pl_err delivery_begin(struct pl_turn *turn)
{
	char *programs = setup_programs_path(), *folder = NULL;
	struct dirent **names = NULL;
	json_t *known = known_hashes();
	enum pl_err err = PL_OK;
	int count = 0;

	if (!programs || asprintf(&folder, "%s/bundles", programs) < 0)
		err = PL_NOMEM;
	else
		count = scandir(folder, &names, is_bundle, alphasort);
	json_decref(delivery.files);
	delivery.files = json_object();
	delivery.is_open = true;
	delivery.why[0] = '\0';
	for (int i = 0; i < count; i++) {
		char *path = NULL;

		if (!err && asprintf(&path, "%s/%s", folder, names[i]->d_name) < 0)
			err = PL_NOMEM;
		if (!err)
			err = inspector_put_file(path, known, on_file);
		if (!err)
			json_object_set_new(delivery.files, path, json_null());
		free(path);
		free(names[i]);
	}
	free(names);
	free(folder);
	free(programs);
	json_decref(known);
	return err;
}

/* ---- installing ---- */

static bool was_delivered(const struct loaded *b)
{
	const char *path;
	json_t *hash;

	json_object_foreach(delivery.files, path, hash) {
		if (json_is_string(hash) && strcmp(json_string_value(hash), b->hash) == 0)
			return true;
	}
	return false;
}

/* Whether a higher version of it came along, or is installed. */
static bool is_behind(const struct loaded *b)
{
	for (const struct loaded *other = model.bundles; other; other = other->next)
		if (strcmp(other->name, b->name) == 0 &&
		    version_compare(other->version, b->version) > 0 &&
		    (was_delivered(other) || other->installed_ms != 0))
			return true;
	return false;
}

static json_t *wishes(void)
{
	json_t *list = json_array();

	for (const struct loaded *b = model.bundles; b; b = b->next) {
		bool is_placed = false;

		if (b->installed_ms != 0 || !was_delivered(b) || is_behind(b))
			continue;
		for (const struct placed *s = model.services; s; s = s->next)
			if (strcmp(s->name, b->name) == 0) {
				is_placed = true;
				json_array_append_new(
					list, json_pack("{s:s,s:s,s:s}", "name", b->name, "version",
							b->version, "cluster", s->cluster->name));
			}
		if (!is_placed && !json_is_true(json_object_get(b->manifest, "optional")))
			json_array_append_new(list, json_pack("{s:s,s:s}", "name", b->name,
							      "version", b->version));
	}
	return list;
}

static void install(struct pl_turn *turn, json_t *services)
{
	json_t *request = request_new(), *reply = NULL;
	enum pl_err err;

	json_object_set_new(request, "body", json_pack("{s:O}", "services", services));
	err = op_install(turn, request, &reply);
	if (err) {
		snprintf(delivery.why, sizeof(delivery.why), "%s", pl_err_detail(err));
		pl_log(ERROR, "bundle.install", NULL, "%s", delivery.why);
	}
	json_decref(reply);
	json_decref(request);
}

enum pl_err delivery_tick(struct pl_turn *turn)
{
	json_t *services;

	if (!delivery.is_open || is_looking() || plans_running())
		return PL_OK;
	services = wishes();
	if (json_array_size(services) > 0)
		install(turn, services);
	json_decref(services);
	delivery.is_open = false;
	inspector_forget_files();
	return PL_OK;
}

const char *delivery_state(void)
{
	return delivery.is_open ? "the bundles beside the programs are being looked at"
				: delivery.why;
}

enum pl_err op_deliver(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return delivery.is_open ? PL_OK : delivery_begin(turn);
}
