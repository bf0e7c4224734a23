/*
 * patch.c — see patch.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/bundle/patch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pelago/json.h"
#include "platform/bundle/impl.h"
#include "platform/setup/file.h"

/* What programs need beside themselves, at its place in a package and, where it is another one, in
 * a build folder. */
static const struct {
	const char *path, *built;
} members[] = {
	{ "pelago", NULL },
	{ "pelago-edge", NULL },
	{ "pelago-manager", NULL },
	{ "pelago-node", NULL },
	{ "pelago-manager.manifest.json", NULL },
	{ "services", NULL },
	{ "web", "../web/dist" },
	{ "workflows", "../workflows" },
};

static enum pl_err failed(const char *path)
{
	return pl_fail(errno == ENOSPC || errno == EDQUOT ? PL_FULL : PL_IO, "%s: %s", path,
		       strerror(errno));
}

static enum pl_err sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum pl_err err = fd >= 0 && fsync(fd) == 0 ? PL_OK : failed(path);

	if (fd >= 0)
		close(fd);
	return err;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS); /* if it is there */
}

static enum pl_err copy_file(const char *from, const char *to, mode_t mode)
{
	char *text = NULL;
	size_t len = 0;
	enum pl_err err = file_read(&text, &len, from);

	if (!err)
		err = file_replace(to, text, len, mode & S_IXUSR ? 0700 : 0600);
	free(text);
	return err;
}

static enum pl_err copy(const char *from, const char *to, bool is_service);

/* Of a service's folder only the manifest: in a build folder its program is there, too. */
static bool is_copied(const struct dirent *entry, bool is_service)
{
	return entry->d_name[0] != '.' &&
	       (!is_service || strcmp(entry->d_name, "manifest.json") == 0);
}

static enum pl_err copy_folder(const char *from, const char *to, bool is_service)
{
	enum pl_err err = folder_make(to, 0700);
	DIR *dir = err ? NULL : opendir(from);
	bool are_services = strcmp(strrchr(to, '/'), "/services") == 0;
	struct dirent *entry;

	if (!err && !dir)
		err = failed(from);
	while (!err && (entry = readdir(dir))) {
		char *source = NULL, *target = NULL;

		if (!is_copied(entry, is_service))
			continue;
		if (asprintf(&source, "%s/%s", from, entry->d_name) < 0 ||
		    asprintf(&target, "%s/%s", to, entry->d_name) < 0)
			err = PL_NOMEM;
		else
			err = copy(source, target, are_services);
		free(source);
		free(target);
	}
	if (dir)
		closedir(dir);
	return err ? err : sync_folder(to);
}

static enum pl_err copy(const char *from, const char *to, bool is_service)
{
	struct stat st;

	if (stat(from, &st) != 0)
		return failed(from);
	if (S_ISDIR(st.st_mode))
		return copy_folder(from, to, is_service);
	return is_service || !S_ISREG(st.st_mode) ? PL_OK : copy_file(from, to, st.st_mode);
}

static enum pl_err copy_member(const char *folder, const char *base, size_t i)
{
	const char *const places[] = { members[i].path, members[i].built };
	enum pl_err err = PL_OK;
	bool is_found = false;

	for (size_t k = 0; !err && !is_found && k < 2 && places[k]; k++) {
		char *from = NULL, *to = NULL;

		if (asprintf(&from, "%s/%s", base, places[k]) < 0 ||
		    asprintf(&to, "%s/%s", folder, members[i].path) < 0)
			err = PL_NOMEM;
		is_found = !err && access(from, F_OK) == 0;
		if (is_found)
			err = copy(from, to, false);
		free(from);
		free(to);
	}
	return err;
}

/* Moves all files of a folder over those of another. */
static enum pl_err lay_over(const char *from, const char *to)
{
	DIR *dir = opendir(from);
	enum pl_err err = dir ? PL_OK : failed(from);
	struct dirent *entry;

	while (!err && (entry = readdir(dir))) {
		char *source = NULL, *target = NULL;
		struct stat st;

		if (entry->d_name[0] == '.')
			continue;
		if (asprintf(&source, "%s/%s", from, entry->d_name) < 0 ||
		    asprintf(&target, "%s/%s", to, entry->d_name) < 0)
			err = PL_NOMEM;
		else if (stat(source, &st) != 0)
			err = failed(source);
		else if (S_ISDIR(st.st_mode))
			err = folder_make(target, 0700);
		else if (rename(source, target) != 0)
			err = failed(target);
		if (!err && S_ISDIR(st.st_mode))
			err = lay_over(source, target);
		free(source);
		free(target);
	}
	if (dir)
		closedir(dir);
	return err ? err : sync_folder(to);
}

static enum pl_err check(const void *data, size_t len, const struct bundle_rules *rules,
			 const char *base_version)
{
	struct bundle package;
	const char *base;
	enum pl_err err = platform_read(&package, data, len, rules);

	if (err)
		return err;
	base = pl_json_get_text(package.manifest, "base");
	if (strcmp(base, base_version) != 0)
		err = pl_fail(PL_STATE,
			      "patch %s is for version %s, here is %s: fetch the one for %s",
			      pl_json_get_text(package.manifest, "version"), base, base_version,
			      base_version);
	bundle_fini(&package);
	return err;
}

enum pl_err patch_unpack(const char *folder, const char *base, const char *base_version,
			 const void *data, size_t len, const struct bundle_rules *rules)
{
	char *patch = NULL, *whole = NULL, *parent = strdup(folder),
	     *slash = parent ? strrchr(parent, '/') : NULL;
	enum pl_err err = check(data, len, rules, base_version);

	if (!err && (!slash ||
		     asprintf(&patch, "%.*s/.patch-%s", (int)(slash - parent), folder,
			      folder + (slash - parent) + 1) < 0 ||
		     asprintf(&whole, "%.*s/.whole-%s", (int)(slash - parent), folder,
			      folder + (slash - parent) + 1) < 0))
		err = PL_NOMEM;
	if (err)
		goto out;
	*slash = '\0';
	remove_tree(patch); /* of one who was killed */
	remove_tree(whole);
	err = folder_make(parent, 0700);
	if (!err)
		err = platform_unpack(patch, data, len, rules);
	if (!err)
		err = folder_make(whole, 0700);
	for (size_t i = 0; !err && i < sizeof(members) / sizeof(members[0]); i++)
		err = copy_member(whole, base, i);
	if (!err)
		err = lay_over(patch, whole);
	if (!err)
		err = names_make(whole);
	if (!err && rename(whole, folder) != 0)
		err = failed(folder);
	if (!err)
		err = sync_folder(parent);
	remove_tree(patch);
	if (err)
		remove_tree(whole); /* keeps errno's sentence */
out:
	free(parent);
	free(patch);
	free(whole);
	return err;
}
