/*
 * path.c — paths of requests, checked and cut.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "path.h"

#include <stdint.h>
#include <string.h>

bool segment_is(const struct segment *segment, const char *text)
{
	return strlen(text) == segment->len && memcmp(segment->text, text, segment->len) == 0;
}

/* Length of the well-formed character at s, 0 if there is none (RFC 3629 §4). */
static size_t utf8_length(const unsigned char *s, size_t left)
{
	static const struct {
		uint8_t first, last, second_first, second_last, length;
	} rows[] = {
		{ 0x01, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (s[0] < rows[i].first || s[0] > rows[i].last)
			continue;
		if (rows[i].length > left)
			return 0;
		if (rows[i].length > 1 &&
		    (s[1] < rows[i].second_first || s[1] > rows[i].second_last))
			return 0;
		for (size_t k = 2; k < rows[i].length; k++)
			if (s[k] < 0x80 || s[k] > 0xbf)
				return 0;
		return rows[i].length;
	}
	return 0;
}

bool utf8_is_valid(const char *text, size_t len)
{
	while (len > 0) {
		size_t n = utf8_length((const unsigned char *)text, len);

		if (n == 0)
			return false;
		text += n;
		len -= n;
	}
	return true;
}

static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x20 || c == 0x7f || c == '\\' || c == '%')
			return false;
	}
	return utf8_is_valid(text, len);
}

bool path_split(struct path *path, const char *text, size_t len)
{
	const char *end = text + len;

	memset(path, 0, sizeof(*path));
	if (len == 0 || len > PATH_BYTES || text[0] != '/' || !is_plain(text, len))
		return false;
	path->slash = end[-1] == '/';
	for (const char *p = text + 1; p < end;) {
		const char *stop = memchr(p, '/', (size_t)(end - p));
		struct segment segment = { p, (size_t)((stop ? stop : end) - p) };

		if (segment.len == 0 || segment_is(&segment, ".") || segment_is(&segment, ".."))
			return false;
		if (path->count == PATH_SEGMENTS)
			return false;
		path->segments[path->count++] = segment;
		p = stop ? stop + 1 : end;
	}
	return true;
}

bool path_is_hidden(const struct path *path)
{
	for (size_t i = 0; i < path->count; i++)
		if (path->segments[i].text[0] == '.')
			return true;
	return false;
}
