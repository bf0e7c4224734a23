/*
 * file.c — files that are whole or not there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/setup/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pelago/json.h"

enum { FILE_MAX = 64 << 20 };

static enum pl_err io_error(const char *path)
{
	return pl_fail(errno == ENOSPC || errno == EDQUOT ? PL_FULL : PL_IO, "%s: %s", path,
		       strerror(errno));
}

static enum pl_err write_whole(int fd, const char *path, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			return io_error(path);
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return fsync(fd) == 0 ? PL_OK : io_error(path);
}

static void sync_folder(const char *path)
{
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

enum pl_err file_replace(const char *path, const void *data, size_t len, mode_t mode)
{
	char *beside = NULL;
	enum pl_err err;
	int fd;

	if (asprintf(&beside, "%s.%d.new", path, (int)getpid()) < 0)
		return PL_NOMEM;
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0) {
		err = io_error(beside);
		free(beside);
		return err;
	}
	err = write_whole(fd, beside, data, len);
	close(fd);
	if (!err && rename(beside, path) != 0)
		err = io_error(path);
	if (err)
		unlink(beside);
	else
		sync_folder(path);
	free(beside);
	return err;
}

enum pl_err file_replace_json(const char *path, const json_t *value, mode_t mode)
{
	char *text = json_dumps(value, JSON_INDENT(1) | JSON_ENSURE_ASCII);
	enum pl_err err;

	if (!text)
		return PL_NOMEM;
	err = file_replace(path, text, strlen(text), mode);
	free(text);
	return err;
}

enum pl_err file_read(char **textp, size_t *lenp, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum pl_err err = PL_OK;
	char *text = NULL;
	struct stat st;
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0)
		return errno == ENOENT ? pl_fail(PL_NOTFOUND, "%s doesn't exist", path)
				       : io_error(path);
	if (fstat(fd, &st) != 0)
		err = io_error(path);
	else if (!S_ISREG(st.st_mode))
		err = pl_fail(PL_IO, "%s is not a file", path);
	else if (st.st_size > FILE_MAX)
		err = pl_fail(PL_TOOLARGE, "%s is larger than %d bytes", path, FILE_MAX);
	if (!err && !(text = malloc((size_t)st.st_size + 1)))
		err = PL_NOMEM;
	while (!err && n > 0 && len < (size_t)st.st_size) {
		n = read(fd, text + len, (size_t)st.st_size - len);
		if (n < 0 && errno != EINTR)
			err = io_error(path);
		len += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	if (err) {
		free(text);
		return err;
	}
	text[len] = '\0';
	*textp = text;
	if (lenp)
		*lenp = len;
	return PL_OK;
}

enum pl_err file_read_json(json_t **valuep, const char *path)
{
	json_t *value = NULL;
	char *text, why[256];
	enum pl_err err;
	size_t len;

	err = file_read(&text, &len, path);
	if (err)
		return err;
	err = pl_json_parse(&value, text, len);
	free(text);
	if (err) {
		snprintf(why, sizeof(why), "%s", pl_err_detail(err));
		return pl_fail(err, "%s: %s", path, why);
	}
	if (!json_is_object(value)) {
		json_decref(value);
		return pl_fail(PL_INVALID, "%s: not a JSON object", path);
	}
	*valuep = value;
	return PL_OK;
}

enum pl_err folder_make(const char *path, mode_t mode)
{
	char *copy = strdup(path);
	enum pl_err err = PL_OK;

	if (!copy)
		return PL_NOMEM;
	for (char *at = copy + 1; !err; at++) {
		char was = *at;

		if (was != '/' && was != '\0')
			continue;
		*at = '\0';
		if (mkdir(copy, was ? 0755 : mode) != 0 && errno != EEXIST)
			err = io_error(copy);
		*at = was;
		if (!was)
			break;
	}
	free(copy);
	return err;
}
