/*
 * pages.h — the static pages: files of one folder, and nothing outside of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_PAGES_H
#define EDGE_PAGES_H

#include "answer.h"
#include "path.h"

struct pages;

struct page_request {
	const struct path *path;
	const char *text;	   /* path as it came */
	const char *if_none_match; /* or "" */
	bool takes_gzip;
};

/*
 * pages_new serves folder; one that isn't there yet is tried again at each request. Files that
 * never change, as they have a hash in their name, are also looked for in the folders of `more`, an
 * array of `more_count` (NULL ends it before that), borrowed: pages of another version that are
 * open somewhere still load their parts.
 */
enum pl_err pages_new(struct pages **pagesp, const char *folder, char *const *more,
		      size_t more_count);
void pages_free(struct pages *pages);

/*
 * pages_answer fills the answer with a file, "not modified", a redirect to a folder's slash, or
 * 404. Dot files, symbolic links, what isn't a regular file and types unknown to mime_table.h
 * aren't there.
 */
void pages_answer(struct pages *pages, struct answer *answer, const struct page_request *request);

/* etag_matches tells whether the list of an If-None-Match header has tag (RFC 9110 §13.1.2). */
bool etag_matches(const char *list, const char *tag);

#endif
