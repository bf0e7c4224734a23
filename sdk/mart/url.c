/* url.c — see url.h. SPDX-License-Identifier: Apache-2.0 */
#include "url.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pelago/err.h"
#include "pelago/log.h"

enum { URL_BYTES = 2048 };

/* Without user and password, and without parameters, where a password may be, too. */
static void set_place(struct url *url)
{
	const char *from = strstr(url->text, "://") + 3, *at = strrchr(from, '@');

	if (at)
		from = at + 1;
	snprintf(url->place, sizeof(url->place), "%.*s", (int)strcspn(from, "?"), from);
}

static enum pl_err take(struct url *url, int fd, const struct stat *st, const char *path)
{
	char text[URL_BYTES + 1] = "";
	ssize_t len;

	if (!S_ISREG(st->st_mode))
		return pl_fail(PL_INVALID, "%s is no file", path);
	if (st->st_mode & 077)
		return pl_fail(PL_INVALID, "%s is open to others; make it mode 0600", path);
	len = read(fd, text, URL_BYTES);
	if (len < 0)
		return pl_fail(PL_IO, "%s can't be read: %s", path, strerror(errno));
	text[len] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	if (strncmp(text, "postgresql://", 13) != 0 && strncmp(text, "postgres://", 11) != 0)
		return pl_fail(PL_INVALID, "%s has no address postgresql://…", path);
	free(url->text);
	url->text = strdup(text);
	if (!url->text)
		return PL_NOMEM;
	set_place(url);
	return PL_OK;
}

void url_read(struct url *url, const char *dir)
{
	char path[600];
	struct stat st;
	int64_t changed_ns;
	enum pl_err err;
	int fd;

	snprintf(path, sizeof(path), "%s/datamart.url", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT) {
		url->is_there = url->is_good = false;
		url->changed_ns = 0;
		return;
	}
	url->is_there = true;
	if (fd < 0 || fstat(fd, &st)) {
		if (url->changed_ns != -1)
			pl_log(ERROR, "mart.address", NULL, "%s can't be read: %s", path,
			       strerror(errno));
		url->changed_ns = -1;
		url->is_good = false;
		if (fd >= 0)
			close(fd);
		return;
	}
	/* a change of mode counts, too */
	changed_ns = (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec;
	if (changed_ns != url->changed_ns) {
		url->changed_ns = changed_ns;
		err = take(url, fd, &st, path);
		url->is_good = !err;
		if (err)
			pl_log(ERROR, "mart.address", NULL, "%s", pl_err_detail(err));
	}
	close(fd);
}

void url_fini(struct url *url)
{
	free(url->text);
	url->text = NULL;
}
