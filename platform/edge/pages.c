/*
 * pages.c — static pages.
 *
 * Each folder on the way is opened without following symbolic links, so there is no way out of the
 * tree, whatever the path is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pages.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct pages {
	char *folder;
	char *const *more;
	size_t more_count;
};

static const struct {
	const char *ending, *type;
} types[] = {
#define MIME(ending, type) { ending, type },
#include "mime_table.h"
#undef MIME
};

enum pl_err pages_new(struct pages **pagesp, const char *folder, char *const *more,
		      size_t more_count)
{
	struct pages *pages = calloc(1, sizeof(*pages));

	if (!pages)
		return PL_NOMEM;
	pages->folder = strdup(folder);
	if (!pages->folder) {
		free(pages);
		return PL_NOMEM;
	}
	pages->more = more;
	pages->more_count = more_count;
	*pagesp = pages;
	return PL_OK;
}

void pages_free(struct pages *pages)
{
	if (!pages)
		return;
	free(pages->folder);
	free(pages);
}

static const char *type_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].ending, dot + 1) == 0)
			return types[i].type;
	return NULL;
}

/* Opens segment in folder, which it closes. */
static int step(int folder, const char *name, int flags)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags);

	close(folder);
	return fd;
}

static bool copy_segment(char name[NAME_MAX + 1], const struct segment *segment)
{
	if (segment->len > NAME_MAX)
		return false;
	memcpy(name, segment->text, segment->len);
	name[segment->len] = '\0';
	return true;
}

/* The folder that holds the last segment, -1 if there is none; its name is copied. */
static int open_folder(const char *top, const struct path *path, char name[NAME_MAX + 1])
{
	int fd = open(top, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	size_t folders = path->slash ? path->count : path->count - 1;

	for (size_t i = 0; fd >= 0 && i < folders; i++) {
		if (!copy_segment(name, &path->segments[i])) {
			close(fd);
			return -1;
		}
		fd = step(fd, name, O_DIRECTORY);
	}
	if (path->slash)
		memcpy(name, "index.html", sizeof("index.html"));
	else if (fd >= 0 && !copy_segment(name, &path->segments[path->count - 1])) {
		close(fd);
		return -1;
	}
	return fd;
}

bool etag_matches(const char *list, const char *tag)
{
	size_t len = strlen(tag);

	while (*list) {
		list += strspn(list, " \t,");
		if (list[0] == '*')
			return true;
		if (strncmp(list, "W/", 2) == 0)
			list += 2;
		if (strncmp(list, tag, len) == 0 && strchr(", \t", list[len]))
			return true;
		list += strcspn(list, ",");
	}
	return false;
}

/* Files with a hash of their content in the name never change. */
static bool is_hashed(const struct path *path)
{
	for (size_t i = 0; i + 1 < path->count; i++)
		if (segment_is(&path->segments[i], "assets"))
			return true;
	return false;
}

static void fill(struct answer *answer, const struct page_request *request, int fd,
		 const struct stat *st)
{
	char tag[64];

	snprintf(tag, sizeof(tag), "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 "\"",
		 (uint64_t)st->st_mtim.tv_sec, (uint64_t)st->st_mtim.tv_nsec,
		 (uint64_t)st->st_size);
	answer_header(answer, "ETag", tag);
	answer_header(answer, "Vary", "Accept-Encoding");
	answer_header(answer, "Cache-Control",
		      is_hashed(request->path) ? "public, max-age=31536000, immutable"
					       : "no-cache");
	answer->is_shared =
		request->path->count > 1 && segment_is(&request->path->segments[0], "widget");
	if (etag_matches(request->if_none_match, tag)) {
		answer->status = 304;
		close(fd);
		return;
	}
	answer->status = 200;
	answer->file = fd;
	answer->len = (size_t)st->st_size;
}

/* A folder asked for without its slash: relative links in its page would miss. */
static bool redirect(struct answer *answer, const struct page_request *request,
		     const struct stat *st)
{
	char *place;

	if (!S_ISDIR(st->st_mode))
		return false;
	/* A plain path: no percent sign, no control character; what remains is encoded. */
	place = malloc(3 * strlen(request->text) + 2);
	if (!place)
		return false;
	char *at = place;
	for (const char *c = request->text; *c; c++) {
		if (strchr("/-._~!$&'()*+,;=:@", *c) || (*c >= '0' && *c <= '9') ||
		    (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z'))
			*at++ = *c;
		else
			at += snprintf(at, 4, "%%%02X", (unsigned)(unsigned char)*c);
	}
	*at++ = '/';
	*at = '\0';
	answer_text(answer, 308, NULL, "");
	answer_header(answer, "Location", place);
	answer_header(answer, "Cache-Control", "no-cache");
	free(place);
	return true;
}

/* A packed file beside the plain one goes to whoever can unpack it. */
static int open_packed(int folder, const char *name, struct stat *st)
{
	char packed[NAME_MAX + 4];
	int fd;

	snprintf(packed, sizeof(packed), "%s.gz", name);
	fd = openat(folder, packed, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0 && (fstat(fd, st) || !S_ISREG(st->st_mode))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool open_page(const char *top, struct answer *answer, const struct page_request *request)
{
	char name[NAME_MAX + 1];
	int folder = open_folder(top, request->path, name), fd = -1;
	bool is_packed;
	struct stat st;

	if (folder < 0)
		return false;
	answer->type = type_of(name);
	if (answer->type && request->takes_gzip)
		fd = open_packed(folder, name, &st);
	is_packed = fd >= 0;
	if (is_packed)
		close(folder);
	else
		fd = step(folder, name, 0);
	if (fd < 0 || fstat(fd, &st)) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (S_ISREG(st.st_mode) && answer->type) {
		if (is_packed)
			answer_header(answer, "Content-Encoding", "gzip");
		fill(answer, request, fd, &st);
		return true;
	}
	close(fd);
	return redirect(answer, request, &st);
}

static bool open_any(const struct pages *pages, struct answer *answer,
		     const struct page_request *request)
{
	bool is_open = open_page(pages->folder, answer, request);

	for (size_t i = 0; !is_open && is_hashed(request->path) && i < pages->more_count; i++)
		is_open = pages->more[i] && open_page(pages->more[i], answer, request);
	return is_open;
}

void pages_answer(struct pages *pages, struct answer *answer, const struct page_request *request)
{
	if ((request->path->count == 0 && !request->path->slash) || path_is_hidden(request->path) ||
	    !open_any(pages, answer, request))
		answer_problem(answer, 404, "notFound", "no such page", request->text);
}
