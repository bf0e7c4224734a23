/*
 * programs.c — see programs.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/setup/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pelago/json.h"
#include "platform/setup/file.h"

static char *path_of(const char *data, const char *rest)
{
	char *path = NULL;

	return asprintf(&path, "%s/platform/%s", data, rest) < 0 ? NULL : path;
}

/* A version names a folder: what could lead elsewhere is none. */
static bool is_name(const char *text)
{
	return *text && *text != '.' && strlen(text) < 64 && !strchr(text, '/');
}

enum pl_err programs_read(json_t **programsp, const char *data)
{
	char *path = path_of(data, "programs.json");
	enum pl_err err = path ? file_read_json(programsp, path) : PL_NOMEM;

	if (err == PL_NOTFOUND) {
		pl_err_clear();
		*programsp = json_object();
		err = *programsp ? PL_OK : PL_NOMEM;
	}
	free(path);
	return err;
}

enum pl_err programs_write(const json_t *programs, const char *data)
{
	char *folder = path_of(data, ""), *path = path_of(data, "programs.json");
	enum pl_err err = folder && path ? folder_make(folder, 0700) : PL_NOMEM;

	if (!err)
		err = file_replace_json(path, programs, 0600);
	free(folder);
	free(path);
	return err;
}

json_t *programs_get(const json_t *programs, const char *name)
{
	json_t *entry = json_object_get(json_object_get(programs, "programs"), name);

	return json_is_object(entry) ? entry : NULL;
}

bool programs_use(const json_t *programs, const char *version)
{
	const char *name;
	json_t *entry;

	json_object_foreach(json_object_get(programs, "programs"), name, entry) {
		bool has_failed = strcmp(pl_json_get_text(entry, "state"), PROGRAM_FAILED) == 0;

		if (strcmp(pl_json_get_text(entry, "version"), version) == 0 ||
		    (!has_failed && strcmp(pl_json_get_text(entry, "before"), version) == 0))
			return true;
	}
	return false;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return path && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *platform_place(const char *data, const char *version)
{
	return path_of(data, version);
}

char *programs_folder(const json_t *programs, const char *data, const char *version)
{
	const char *base = pl_json_get_text(programs, "base.path");
	char *place = is_name(version) ? platform_place(data, version) : NULL;

	if (is_folder(place))
		return place;
	free(place);
	return strcmp(pl_json_get_text(programs, "base.version"), version) == 0 && is_folder(base)
		       ? strdup(base)
		       : NULL;
}

/* ---- the link ---- */

char *platform_current(const char *data)
{
	char *path = path_of(data, "current"), version[NAME_MAX + 1];
	ssize_t len = path ? readlink(path, version, sizeof(version) - 1) : -1;

	free(path);
	if (len <= 0)
		return NULL;
	version[len] = '\0';
	return is_name(version) ? strdup(version) : NULL;
}

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

enum pl_err platform_point(const char *data, const char *version)
{
	char *folder = path_of(data, ""), *path = path_of(data, "current"),
	     *new = path_of(data, ".current");
	enum pl_err err = folder && path && new ? folder_make(folder, 0700) : PL_NOMEM;

	if (err)
		goto out;
	if (!version) {
		if (unlink(path) != 0 && errno != ENOENT)
			err = failed(path);
		goto sync;
	}
	if (unlink(new) != 0 && errno != ENOENT) /* of one who was killed */
		err = failed(new);
	if (!err && symlink(version, new) != 0)
		err = failed(new);
	if (!err && rename(new, path) != 0)
		err = failed(path);
sync:
	if (!err)
		err = sync_folder(folder);
out:
	free(folder);
	free(path);
	free(new);
	return err;
}

/* ---- wishes ---- */

static char *wish_path(const char *data, const char *name)
{
	char *path = NULL;

	return asprintf(&path, "%s/platform/wish/%s.json", data, name) < 0 ? NULL : path;
}

enum pl_err wish_put(const char *data, const char *name, const char *version, int64_t n)
{
	json_t *wish = json_pack("{s:s,s:I}", "version", version, "n", (json_int_t)n),
	       *before = NULL;
	char *folder = path_of(data, "wish"), *path = wish_path(data, name);
	enum pl_err err = wish && folder && path ? folder_make(folder, 0700) : PL_NOMEM;

	if (!err && file_read_json(&before, path) != PL_OK)
		pl_err_clear();
	if (!err && !(before && json_equal(before, wish)))
		err = file_replace_json(path, wish, 0600);
	json_decref(before);
	json_decref(wish);
	free(folder);
	free(path);
	return err;
}

enum pl_err wish_get(char **versionp, int64_t *np, const char *data, const char *name)
{
	char *path = wish_path(data, name);
	const char *version = NULL;
	json_t *wish = NULL;
	enum pl_err err = path ? file_read_json(&wish, path) : PL_NOMEM;

	if (!err)
		err = pl_json_text(&version, wish, "version", 63, true);
	if (!err)
		err = pl_json_int(np, wish, "n", 0, INT64_MAX, true);
	if (!err && !is_name(version))
		err = pl_fail(PL_INVALID, "%s: '%s' is no version", path, version);
	if (!err) {
		*versionp = strdup(version);
		err = *versionp ? PL_OK : PL_NOMEM;
	}
	json_decref(wish);
	free(path);
	return err;
}
