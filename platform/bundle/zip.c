/*
 * zip.c — zip archives, read from memory or a file, made in memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/bundle/impl.h"

enum { BLOCK = 64 << 10 };

/* ---- reading ---- */

struct walk {
	struct archive *archive;
	size_t packed, unpacked, most; /* bytes of the archive; of the files so far, and at most */
	size_t file_most;
	unsigned files;
	char *data; /* of the present file */
	size_t len, room;
};

static enum pl_err broken(const struct walk *w)
{
	const char *text = archive_error_string(w->archive);

	return pl_fail(PL_STATE,
		       "the archive is damaged or cut, or no zip archive (%s): fetch it again",
		       text ? text : "unreadable");
}

/* A zip may claim anything of itself: what counts is what comes out. */
static enum pl_err count(struct walk *w, size_t len)
{
	w->unpacked += len;
	if (w->unpacked > w->most)
		return pl_fail(PL_STATE, "the archive unpacks to more than %zu MiB", w->most >> 20);
	if (w->unpacked > BUNDLE_RATIO_FREE && w->unpacked / BUNDLE_RATIO_MOST > w->packed)
		return pl_fail(PL_STATE, "the archive unpacks to more than %d times its size",
			       BUNDLE_RATIO_MOST);
	return PL_OK;
}

static enum pl_err read_data(struct walk *w)
{
	enum pl_err err = PL_OK;
	la_ssize_t got;

	w->len = 0;
	do {
		if (w->room - w->len < BLOCK) {
			char *more = realloc(w->data, w->room ? 2 * w->room : 4 * BLOCK);

			if (!more)
				return PL_NOMEM;
			w->data = more;
			w->room = w->room ? 2 * w->room : 4 * BLOCK;
		}
		got = archive_read_data(w->archive, w->data + w->len, BLOCK);
		if (got < 0)
			return broken(w);
		w->len += (size_t)got;
		err = count(w, (size_t)got);
		if (!err && w->len > w->file_most)
			err = pl_fail(PL_STATE, "a file of the archive has more than %zu MiB",
				      w->file_most >> 20);
	} while (!err && got > 0);
	return err;
}

static enum pl_err visit(struct walk *w, struct archive_entry *e, entry_fn *fn, void *arg)
{
	const char *path = archive_entry_pathname(e);
	struct entry entry = { .path = path };
	enum pl_err err;

	if (!path)
		return pl_fail(PL_STATE, "the archive has a file without a readable name");
	if (++w->files > BUNDLE_FILES_MOST)
		return pl_fail(PL_STATE, "the archive has more than %d files", BUNDLE_FILES_MOST);
	err = path_check(path);
	if (!err && (archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e)))
		err = pl_fail(PL_STATE, "'%s' in the archive is no plain file", path);
	if (!err && archive_entry_is_encrypted(e))
		err = pl_fail(PL_STATE, "'%s' in the archive is encrypted", path);
	if (!err)
		err = read_data(w);
	if (err)
		return err;
	entry.data = w->data;
	entry.len = w->len;
	return fn(&entry, arg);
}

static int open_source(struct archive *archive, const struct source *source)
{
	if (source->data)
		return archive_read_open_memory(archive, source->data, source->len);
	if (lseek(source->fd, 0, SEEK_SET) != 0)
		return ARCHIVE_FATAL;
	return archive_read_open_fd(archive, source->fd, BLOCK);
}

enum pl_err zip_walk(const struct source *source, size_t unpacked_most, entry_fn *fn, void *arg)
{
	struct walk w = { .archive = archive_read_new(),
			  .packed = source->len,
			  .most = unpacked_most ? unpacked_most : BUNDLE_UNPACKED_MOST,
			  .file_most = source->data ? SIZE_MAX : BUNDLE_BYTES_MOST };
	enum pl_err err = PL_OK;
	struct archive_entry *e;
	int got;

	if (!w.archive)
		return PL_NOMEM;
	if (archive_read_support_format_zip_seekable(w.archive) != ARCHIVE_OK ||
	    open_source(w.archive, source) != ARCHIVE_OK)
		err = broken(&w);
	while (!err && (got = archive_read_next_header(w.archive, &e)) != ARCHIVE_EOF)
		err = got == ARCHIVE_OK ? visit(&w, e, fn, arg) : broken(&w);
	archive_read_free(w.archive);
	free(w.data);
	return err;
}

/* ---- making ---- */

struct zip {
	struct archive *archive;
	char *data;
	size_t len, room;
};

static la_ssize_t on_write(struct archive *archive, void *arg, const void *data, size_t len)
{
	struct zip *zip = arg;

	if (zip->room - zip->len < len) {
		size_t room = 2 * (zip->room + len);
		char *more = realloc(zip->data, room);

		if (!more)
			return -1;
		zip->data = more;
		zip->room = room;
	}
	memcpy(zip->data + zip->len, data, len);
	zip->len += len;
	return (la_ssize_t)len;
}

enum pl_err zip_new(struct zip **zipp)
{
	struct zip *zip = calloc(1, sizeof(*zip));

	if (!zip)
		return PL_NOMEM;
	zip->archive = archive_write_new();
	if (!zip->archive || archive_write_set_format_zip(zip->archive) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(zip->archive, 1) != ARCHIVE_OK ||
	    archive_write_open(zip->archive, zip, NULL, on_write, NULL) != ARCHIVE_OK) {
		zip_free(zip);
		return PL_NOMEM;
	}
	*zipp = zip;
	return PL_OK;
}

enum pl_err zip_add(struct zip *zip, const char *path, bool runs, const void *data, size_t len)
{
	struct archive_entry *e = archive_entry_new();
	enum pl_err err = PL_NOMEM;

	if (!e)
		return PL_NOMEM;
	archive_entry_set_pathname(e, path);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, runs ? 0755 : 0644);
	archive_entry_set_size(e, (la_int64_t)len);
	archive_entry_set_mtime(e, 315532800, 0); /* 1980, when zip's time begins */
	if (archive_write_header(zip->archive, e) == ARCHIVE_OK &&
	    archive_write_data(zip->archive, data, len) == (la_ssize_t)len)
		err = PL_OK;
	archive_entry_free(e);
	return err;
}

enum pl_err zip_end(void **datap, size_t *lenp, struct zip *zip)
{
	enum pl_err err = archive_write_close(zip->archive) == ARCHIVE_OK ? PL_OK : PL_NOMEM;

	if (!err) {
		*datap = zip->data;
		*lenp = zip->len;
		zip->data = NULL;
	}
	zip_free(zip);
	return err;
}

void zip_free(struct zip *zip)
{
	if (!zip)
		return;
	archive_write_free(zip->archive);
	free(zip->data);
	free(zip);
}
