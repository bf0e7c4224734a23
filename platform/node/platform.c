/*
 * platform.c — see platform.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/version.h"
#include "platform/bundle/patch.h"
#include "platform/setup/file.h"
#include "platform/setup/programs.h"

enum { SWEEP_MS = 5000, PROGRAMS_MS = 200 };

/* ---- what is wanted ---- */

static enum pl_err wish(struct node *node, const char *program, const json_t *item)
{
	const char *version = NULL, *name = strcmp(program, "node") == 0 ? node->name : program;
	int64_t n = 0;
	enum pl_err err = pl_json_text(&version, item, "version", 63, true);

	if (!err)
		err = pl_json_int(&n, item, "n", 0, INT64_MAX, true);
	if (!err && strchr(name, '/'))
		err = pl_fail(PL_INVALID, "'%s' names no program", name);
	return err ? err : wish_put(node->data, name, version, n);
}

enum pl_err platform_apply(struct node *node, const json_t *platform)
{
	json_t *programs = NULL, *item;
	const char *program;
	enum pl_err err = json_is_object(platform)
				  ? pl_json_object(&programs, platform, "programs", 10, false)
				  : PL_OK; /* nothing is wanted */

	node->speaks = json_is_array(json_object_get(platform, "hold"));
	json_object_foreach(programs, program, item) {
		if (!err)
			err = wish(node, program, item);
	}
	return err;
}

/* ---- packages ---- */

static const char *own_version(const struct node *node, const json_t *programs)
{
	const char *version = pl_json_get_text(programs_get(programs, node->name), "version");

	return *version ? version : pl_version;
}

/* What an unpacked package says of itself; NULL for none. */
static json_t *manifest_of(const struct node *node, const char *version)
{
	char *place = platform_place(node->data, version), *path = NULL;
	json_t *manifest = NULL;

	if (place && asprintf(&path, "%s/manifest.json", place) >= 0 &&
	    file_read_json(&manifest, path) != PL_OK)
		pl_err_clear();
	free(path);
	free(place);
	return manifest;
}

enum pl_err platform_take(const struct node *node, const char *folder, const void *data, size_t len,
			  const struct bundle_rules *rules)
{
	json_t *programs = NULL;
	struct bundle package;
	char *base = NULL;
	bool is_patch;
	enum pl_err err = platform_read(&package, data, len, rules);

	if (err)
		return err;
	is_patch = strcmp(pl_json_get_text(package.manifest, "kind"), "patch") == 0;
	bundle_fini(&package);
	if (!is_patch)
		return platform_unpack(folder, data, len, rules);
	err = programs_read(&programs, node->data);
	if (!err)
		base = json_object_get(programs, "base")
			       ? programs_folder(programs, node->data, own_version(node, programs))
			       : strdup(node->programs);
	if (!err && !base)
		err = pl_fail(PL_NOTFOUND, "the programs of version %s aren't on this host",
			      own_version(node, programs));
	if (!err)
		err = patch_unpack(folder, base, own_version(node, programs), data, len, rules);
	json_decref(programs);
	free(base);
	return err;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static bool remove_all(const char *place)
{
	return nftw(place, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT;
}

/* ---- packages of one version ---- */

/* No version begins like that, so no package is taken for it. */
static char *hash_path(const struct node *node, const char *version)
{
	char *folder = platform_place(node->data, ""), *path = NULL;

	if (folder && asprintf(&path, "%s/hash-%s", folder, version) < 0)
		path = NULL;
	free(folder);
	return path;
}

bool platform_is_of(const struct node *node, const char *version, const char *hash)
{
	char *path = hash_path(node, version), *text = NULL;
	size_t len;
	bool is = !path || file_read(&text, &len, path) != PL_OK || strcmp(text, hash) == 0;

	pl_err_clear();
	free(text);
	free(path);
	return is;
}

static bool runs_from(const json_t *programs, const char *version)
{
	const char *name;
	json_t *entry;

	json_object_foreach(json_object_get(programs, "programs"), name, entry) {
		if (strcmp(pl_json_get_text(entry, "version"), version) == 0)
			return true;
	}
	return false;
}

enum pl_err platform_clear(const struct node *node, const char *version, const char *hash)
{
	char *folder = platform_place(node->data, ""), *path = hash_path(node, version),
	     *place = platform_place(node->data, version);
	json_t *programs = NULL;
	enum pl_err err = folder && path && place ? folder_make(folder, 0700) : PL_NOMEM;

	if (!err && !platform_is_of(node, version, hash)) {
		err = programs_read(&programs, node->data);
		if (!err && runs_from(programs, version))
			err = pl_fail(PL_STATE,
				      "another package of version %s is in use on this host; go "
				      "back to another version first",
				      version);
		if (!err && !remove_all(place))
			err = pl_fail(PL_IO, "%s: %s", place, strerror(errno));
	}
	if (!err)
		err = file_replace(path, hash, strlen(hash), 0600);
	json_decref(programs);
	free(folder);
	free(path);
	free(place);
	return err;
}

/* ---- what nobody needs ---- */

/* Of a package that goes, its hash goes, too. */
static void remove_package(const struct node *node, const char *version)
{
	char *place = platform_place(node->data, version), *path = hash_path(node, version);

	if (place && path && !remove_all(place))
		pl_log(WARN, "platform.remove", NULL, "%s: %s", place, strerror(errno));
	else if (place && path && unlink(path) != 0 && errno != ENOENT)
		pl_log(WARN, "platform.remove", NULL, "%s: %s", path, strerror(errno));
	else if (place)
		pl_log(INFO, "platform.remove", NULL, "%s", place);
	free(path);
	free(place);
}

static void sweep(struct node *node)
{
	json_t *programs = NULL;
	char *folder = platform_place(node->data, "");
	DIR *dir = folder && programs_read(&programs, node->data) == PL_OK ? opendir(folder) : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9' ||
		    programs_use(programs, entry->d_name) ||
		    copies_hold_platform(node, entry->d_name))
			continue;
		remove_package(node, entry->d_name);
	}
	if (dir)
		closedir(dir);
	json_decref(programs);
	free(folder);
}

/* What the root supervisor has done is told at once. */
static void look(struct node *node, int64_t now_ms)
{
	char *path = platform_place(node->data, "programs.json");
	struct stat st = { 0 };
	int64_t ns;

	node->programs_ms = now_ms;
	if (path && stat(path, &st) == 0) {
		ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
		node->report_soon |= ns != node->programs_ns;
		node->programs_ns = ns;
	}
	free(path);
}

void platform_beat(struct node *node, int64_t now_ms)
{
	if (now_ms - node->programs_ms >= PROGRAMS_MS)
		look(node, now_ms);
	if (!node->speaks || now_ms - node->swept_ms < SWEEP_MS)
		return;
	node->swept_ms = now_ms;
	sweep(node);
}

/* ---- what is ---- */

/* The version in a lock's tag; false if nobody holds it. */
static bool tag_version(char version[LOCK_TAG_MAX], const struct node *node, const char *lock)
{
	struct lock_holder holder;
	char *path = NULL;
	bool found = asprintf(&path, "%s/%s", node->data, lock) >= 0 &&
		     lock_holder_get(&holder, path) == PL_OK;

	free(path);
	if (!found) {
		pl_err_clear();
		return false;
	}
	close(holder.pidfd);
	snprintf(version, LOCK_TAG_MAX, "%.*s", (int)strcspn(holder.tag, ","), holder.tag);
	return true;
}

/* One that was never switched is what its lock says. */
static json_t *report_program(const struct node *node, const json_t *programs, const char *name,
			      const char *const locks[2])
{
	json_t *entry = programs_get(programs, name);
	char version[LOCK_TAG_MAX];

	if (entry)
		return json_pack("{s:O,s:O,s:O,s:O}", "version", json_object_get(entry, "version"),
				 "state", json_object_get(entry, "state"), "detail",
				 json_object_get(entry, "detail"), "n",
				 json_object_get(entry, "n"));
	if (!locks[0]) /* this one */
		return json_pack("{s:s,s:s,s:s,s:i}", "version", pl_version, "state",
				 PROGRAM_RUNNING, "detail", "", "n", 0);
	for (size_t i = 0; i < 2 && locks[i]; i++)
		if (tag_version(version, node, locks[i]))
			return json_pack("{s:s,s:s,s:s,s:i}", "version", version, "state",
					 PROGRAM_RUNNING, "detail", "", "n", 0);
	return NULL;
}

json_t *platform_report(const struct node *node)
{
	const struct {
		const char *name;
		const char *locks[2];
	} rows[] = {
		{ PROGRAM_ROOT, { "lock", NULL } },
		{ PROGRAM_MANAGER, { "procs/Manager.lock", NULL } },
		{ PROGRAM_EDGE, { "procs/edge.lock", "procs/edge.2.lock" } },
		{ node->name, { NULL, NULL } },
	};
	json_t *programs = NULL, *list = json_object(), *settled, *report, *manifest;
	enum pl_err err = programs_read(&programs, node->data);

	if (err)
		pl_log(WARN, "platform.read", NULL, "%s", pl_err_detail(err));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *item = report_program(node, programs, rows[i].name, rows[i].locks);

		if (item)
			json_object_set_new(list, rows[i].name, item);
	}
	settled = json_object_get(programs, "settled");
	manifest = manifest_of(node, own_version(node, programs));
	report = json_pack("{s:s,s:o,s:I,s:o}", "base", pl_json_get_text(manifest, "base"),
			   "programs", list, "settled", json_integer_value(settled), "held",
			   copies_platform(node));
	json_decref(manifest);
	json_decref(programs);
	return report;
}
