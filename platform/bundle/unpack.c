/*
 * unpack.c — a bundle's files in a folder of their own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
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

struct unpack {
	const char *folder;
	const struct bundle *bundle;
};

static enum pl_err failed(const char *path)
{
	return pl_fail(errno == ENOSPC || errno == EDQUOT ? PL_FULL : PL_IO, "%s: %s", path,
		       strerror(errno));
}

static enum pl_err write_all(int fd, const char *data, size_t len, const char *path)
{
	while (len > 0) {
		ssize_t put = write(fd, data, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return failed(path);
		data += put;
		len -= (size_t)put;
	}
	return fsync(fd) == 0 ? PL_OK : failed(path);
}

static enum pl_err parents(const char *path, size_t from)
{
	char copy[4096];
	enum pl_err err = PL_OK;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *at = copy + from + 1; !err && (at = strchr(at, '/')); at++) {
		*at = '\0';
		err = folder_make(copy, 0700);
		*at = '/';
	}
	return err;
}

static enum pl_err write_file(const struct entry *entry, void *arg)
{
	const struct unpack *u = arg;
	char *path = NULL;
	enum pl_err err;
	int fd;

	if (asprintf(&path, "%s/%s", u->folder, entry->path) < 0)
		return PL_NOMEM;
	err = parents(path, strlen(u->folder));
	if (!err) {
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			  entry_runs(u->bundle, entry->path) ? 0700 : 0600);
		err = fd < 0 ? failed(path) : write_all(fd, entry->data, entry->len, path);
		if (fd >= 0 && close(fd) != 0 && !err)
			err = failed(path);
	}
	free(path);
	return err;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

/* A folder that isn't there is removed already. */
static void remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static enum pl_err sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum pl_err err = fd >= 0 && fsync(fd) == 0 ? PL_OK : failed(path);

	if (fd >= 0)
		close(fd);
	return err;
}

/* Writes it all beside its place, then has it appear there. */
static enum pl_err place(const char *folder, const struct source *source,
			 const struct bundle *bundle)
{
	struct unpack u = { .bundle = bundle };
	char *new = NULL, *parent = strdup(folder), *slash = parent ? strrchr(parent, '/') : NULL;
	enum pl_err err = PL_NOMEM;

	if (!slash || asprintf(&new, "%.*s/.new-%s", (int)(slash - parent), folder,
			       folder + (slash - parent) + 1) < 0) {
		free(parent);
		return PL_NOMEM;
	}
	*slash = '\0';
	u.folder = new;
	remove_tree(new); /* of one who was killed */
	err = folder_make(new, 0700);
	if (!err)
		err = zip_walk(source, 0, write_file, &u);
	if (!err && strcmp(pl_json_get_text(bundle->manifest, "kind"), "platform") == 0)
		err = names_make(new);
	if (!err)
		err = sync_folder(new);
	if (!err && rename(new, folder) != 0)
		err = failed(folder);
	if (!err)
		err = sync_folder(parent);
	if (err)
		remove_tree(new); /* keeps errno's sentence */
	free(parent);
	free(new);
	return err;
}

enum pl_err archive_unpack(const char *folder, const struct source *source,
			   const struct bundle_rules *rules, int kind)
{
	struct bundle bundle;
	enum pl_err err = archive_read(&bundle, source, rules, kind);

	if (err)
		return err;
	err = place(folder, source, &bundle);
	bundle_fini(&bundle);
	return err;
}

enum pl_err bundle_unpack(const char *folder, const void *data, size_t len,
			  const struct bundle_rules *rules)
{
	struct source source = { data, len, -1 };

	return archive_unpack(folder, &source, rules, ARCHIVE_SERVICE);
}
