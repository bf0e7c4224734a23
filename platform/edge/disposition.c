/*
 * disposition.c — see disposition.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "disposition.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAME_MOST = 480 };

/* What is shown, played or printed, and has no scripts: SVG, HTML and XML aren't among them. */
static const char *const types[] = {
	"application/msword",
	"application/pdf",
	"application/vnd.ms-excel",
	"application/vnd.ms-powerpoint",
	"application/vnd.oasis.opendocument.presentation",
	"application/vnd.oasis.opendocument.spreadsheet",
	"application/vnd.oasis.opendocument.text",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"audio/mp4",
	"audio/mpeg",
	"audio/ogg",
	"audio/wav",
	"image/gif",
	"image/heic",
	"image/jpeg",
	"image/png",
	"image/webp",
	"text/csv",
	"text/plain",
	"video/mp4",
	"video/quicktime",
	"video/webm",
};

const char *disposition_type(const char *type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcasecmp(types[i], type) == 0)
			return types[i];
	return "application/octet-stream";
}

static int is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f || c == '/' || c == '\\';
}

/* RFC 8187 §3.2.1: attr-char. */
static int is_plain(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr("!#$&+-.^_`|~", c));
}

static char *put_ascii(char *to, const char *name)
{
	for (const unsigned char *c = (const unsigned char *)name; *c; c++)
		if (*c >= 0x80) {
			/* one for each character, not for each of its bytes */
			if (*c >= 0xc0)
				*to++ = '_';
		} else {
			*to++ = is_control(*c) || *c == '"' || *c == '%' ? '_' : (char)*c;
		}
	return to;
}

static char *put_utf8(char *to, const char *name)
{
	for (const unsigned char *c = (const unsigned char *)name; *c; c++)
		if (is_control(*c))
			*to++ = '_';
		else if (is_plain(*c))
			*to++ = (char)*c;
		else
			to += snprintf(to, 4, "%%%02X", *c);
	return to;
}

/* Each byte takes at most one place in the first form and three in the second. */
void disposition_write(char header[DISPOSITION_BYTES], const char *name)
{
	static const char before[] = "attachment; filename=\"", between[] = "\"; filename*=UTF-8''";
	char *to = header;

	_Static_assert(sizeof(before) + sizeof(between) + 4 * NAME_MOST <= DISPOSITION_BYTES,
		       "the longest name fits");
	if (!name[0] || strlen(name) > NAME_MOST) {
		snprintf(header, DISPOSITION_BYTES, "attachment");
		return;
	}
	memcpy(to, before, sizeof(before) - 1);
	to = put_ascii(to + sizeof(before) - 1, name);
	memcpy(to, between, sizeof(between) - 1);
	to = put_utf8(to + sizeof(between) - 1, name);
	*to = '\0';
}
