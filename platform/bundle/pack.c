/*
 * pack.c — a bundle of a built service, or a package of a folder laid out for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "pelago/json.h"
#include "platform/bundle/impl.h"
#include "platform/setup/file.h"
#include "platform/setup/setup.h"

/* What goes in beside manifest.json and the program, where it is there. A build folder holds more.
 */
static const char *const members[] = { "attributes.json", "web", "workflows", "migrations", "lib" };

struct pack {
	const char *folder, *name, *program; /* program: its file elsewhere, or NULL */
	enum archive_kind kind;
	char *manifest; /* text of manifest.json */
	struct zip *zip;
	json_t *list;  /* of files.json */
	json_t *paths; /* {path: true}: sorted at the end */
};

static enum pl_err gather(struct pack *p, const char *path);

static enum pl_err keep_path(struct pack *p, const char *path)
{
	return json_object_set_new(p->paths, path, json_true()) == 0 ? PL_OK : PL_NOMEM;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static enum pl_err gather_folder(struct pack *p, const char *full, const char *path)
{
	struct dirent **names = NULL;
	int count = scandir(full, &names, is_visible, alphasort);
	enum pl_err err = count < 0 ? pl_fail(PL_IO, "%s: %s", full, strerror(errno)) : PL_OK;

	for (int i = 0; i < count; i++) {
		char *below = NULL;

		if (!err && asprintf(&below, "%s/%s", path, names[i]->d_name) < 0)
			err = PL_NOMEM;
		if (!err)
			err = gather(p, below);
		free(below);
		free(names[i]);
	}
	free(names);
	return err;
}

static enum pl_err gather(struct pack *p, const char *path)
{
	char *full = NULL;
	struct stat st;
	enum pl_err err = path_check(path);

	if (err || asprintf(&full, "%s/%s", p->folder, path) < 0)
		return err ? err : PL_NOMEM;
	if (lstat(full, &st) != 0)
		err = pl_fail(PL_NOTFOUND, "%s: %s", full, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		err = gather_folder(p, full, path);
	else if (!S_ISREG(st.st_mode))
		err = pl_fail(PL_INVALID, "%s is no plain file", full);
	else
		err = keep_path(p, path);
	free(full);
	return err;
}

static enum pl_err gather_service(struct pack *p)
{
	enum pl_err err = gather(p, "manifest.json");

	if (!err)
		err = p->program ? keep_path(p, p->name) : gather(p, p->name);
	for (size_t i = 0; !err && i < sizeof(members) / sizeof(members[0]); i++) {
		err = gather(p, members[i]);
		if (err == PL_NOTFOUND) {
			pl_err_clear();
			err = PL_OK;
		}
	}
	return err;
}

/* All there is: whoever packs Pelago itself has laid it out. */
static enum pl_err gather_folder_whole(struct pack *p)
{
	struct dirent **names = NULL;
	int count = scandir(p->folder, &names, is_visible, alphasort);
	enum pl_err err = count < 0 ? pl_fail(PL_IO, "%s: %s", p->folder, strerror(errno)) : PL_OK;

	for (int i = 0; i < count; i++) {
		if (!err)
			err = gather(p, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return err;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum pl_err add(struct pack *p, const char *path)
{
	char *full = NULL, *data = NULL, hash[BUNDLE_HASH_SIZE];
	bool is_program = p->kind == ARCHIVE_SERVICE && strcmp(path, p->name) == 0,
	     runs = is_program;
	enum pl_err err;
	size_t len = 0;

	if (asprintf(&full, "%s/%s", p->folder, path) < 0)
		return PL_NOMEM;
	if (p->kind != ARCHIVE_SERVICE)
		runs = access(full, X_OK) == 0;
	if (is_program && p->program) {
		free(full);
		full = strdup(p->program);
		if (!full)
			return PL_NOMEM;
	}
	if (strcmp(path, "manifest.json") == 0) {
		data = strdup(p->manifest);
		len = data ? strlen(data) : 0;
		err = data ? PL_OK : PL_NOMEM;
	} else {
		err = file_read(&data, &len, full);
	}
	if (!err)
		err = bundle_hash(hash, data, len);
	if (!err)
		err = zip_add(p->zip, path, runs, data, len);
	if (!err && json_array_append_new(p->list, json_pack("{s:s,s:I,s:s,s:b}", "path", path,
							     "size", (json_int_t)len, "sha256",
							     hash, "run", runs)) != 0)
		err = PL_NOMEM;
	free(data);
	free(full);
	return err;
}

static enum pl_err add_all(struct pack *p)
{
	size_t count = json_object_size(p->paths), i = 0;
	const char **paths = calloc(count, sizeof(*paths)), *path;
	enum pl_err err = paths ? PL_OK : PL_NOMEM;
	json_t *value;

	if (err)
		return err;
	json_object_foreach(p->paths, path, value) {
		paths[i++] = path;
	}
	qsort(paths, count, sizeof(*paths), by_path);
	for (i = 0; !err && i < count; i++)
		err = add(p, paths[i]);
	free(paths);
	return err;
}

static enum pl_err add_list(struct pack *p, const json_t *manifest,
			    const struct bundle_parts *parts)
{
	const char *arch = pl_json_get_text(manifest, "arch");
	struct utsname machine;
	json_t *list;
	char *text;
	enum pl_err err = PL_NOMEM;

	uname(&machine);
	list = json_pack("{s:i,s:O,s:O,s:s,s:s,s:O}", "format", BUNDLE_FORMAT, "name",
			 json_object_get(manifest, "name"), "version",
			 json_object_get(manifest, "version"), "arch",
			 parts->arch ? parts->arch
			 : *arch     ? arch
				     : machine.machine,
			 "requires", parts->requires, "files", p->list);
	text = list ? json_dumps(list, JSON_INDENT(1)) : NULL;
	if (text)
		err = zip_add(p->zip, "files.json", false, text, strlen(text));
	if (!err && parts->secret)
		err = seal_add(p->zip, parts->secret, text, strlen(text));
	free(text);
	json_decref(list);
	return err;
}

static enum pl_err read_manifest(json_t **manifestp, struct pack *p, const char *version)
{
	char *path = NULL;
	enum pl_err err = PL_NOMEM;

	if (asprintf(&path, "%s/manifest.json", p->folder) < 0)
		return PL_NOMEM;
	err = file_read(&p->manifest, NULL, path);
	if (!err)
		err = file_read_json(manifestp, path);
	if (!err && version) {
		free(p->manifest);
		p->manifest = NULL;
		if (json_object_set_new(*manifestp, "version", json_string(version)) == 0)
			p->manifest = json_dumps(*manifestp, JSON_INDENT(1));
		err = p->manifest ? PL_OK : PL_NOMEM;
	}
	if (!err)
		err = archive_kind_of(&p->kind, *manifestp);
	if (!err && p->kind == ARCHIVE_SERVICE)
		err = manifest_check(*manifestp, path);
	if (!err && !version_is_good(pl_json_get_text(*manifestp, "version")))
		err = pl_fail(PL_INVALID, "%s: version '%s' isn't like 1.2.0", path,
			      pl_json_get_text(*manifestp, "version"));
	free(path);
	return err;
}

enum pl_err bundle_pack(void **datap, size_t *lenp, const struct bundle_parts *parts)
{
	struct pack p = { .folder = parts->folder,
			  .program = parts->program,
			  .list = json_array(),
			  .paths = json_object() };
	json_t *manifest = NULL;
	enum pl_err err =
		p.list && p.paths ? read_manifest(&manifest, &p, parts->version) : PL_NOMEM;

	if (!err)
		err = zip_new(&p.zip);
	p.name = pl_json_get_text(manifest, "name");
	if (!err)
		err = p.kind == ARCHIVE_SERVICE ? gather_service(&p) : gather_folder_whole(&p);
	if (!err)
		err = add_all(&p);
	if (!err)
		err = add_list(&p, manifest, parts);
	if (!err)
		err = zip_end(datap, lenp, p.zip);
	else
		zip_free(p.zip);
	json_decref(manifest);
	json_decref(p.list);
	json_decref(p.paths);
	free(p.manifest);
	return err;
}
