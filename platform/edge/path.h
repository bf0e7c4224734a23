/*
 * path.h — decides whether the path of a request may name a page, and cuts it into segments.
 *
 * The paths come percent-decoded from the HTTP library. Nothing is repaired: a path that isn't
 * plainly good is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_PATH_H
#define EDGE_PATH_H

#include <stdbool.h>
#include <stddef.h>

enum { PATH_SEGMENTS = 16, PATH_BYTES = 1024 };

struct segment {
	const char *text; /* borrowed, not terminated */
	size_t len;
};

/* A path "/a/b" has two segments; "/a/b/" has two and ends with a slash; "/" has none. */
struct path {
	struct segment segments[PATH_SEGMENTS];
	size_t count;
	bool slash;
};

/*
 * path_split cuts text, which it borrows, and refuses: no leading slash, empty segments, "." and
 * "..", control characters, backslashes, percent signs (encoded twice), bytes that aren't UTF-8,
 * more than PATH_BYTES or PATH_SEGMENTS. Returns false if refused.
 */
bool path_split(struct path *path, const char *text, size_t len);

/* path_is_hidden tells that a segment begins with a dot. Such files are never pages. */
bool path_is_hidden(const struct path *path);

/* segment_is compares a segment with a terminated text. */
bool segment_is(const struct segment *segment, const char *text);

/* utf8_is_valid tells whether text is well-formed UTF-8 (RFC 3629) without NUL. */
bool utf8_is_valid(const char *text, size_t len);

#endif
