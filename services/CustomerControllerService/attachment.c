/*
 * attachment.c — see attachment.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "attachment.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct attachment_kind {
	const char *ending, *type;
	const char *mark;
	size_t mark_len, at;
	const char *more;
	size_t more_len, more_at;
};

static const struct attachment_kind kinds[] = {
#define ATTACHMENT(ending, type, mark, at, more, more_at)                                          \
	{ ending, type, mark, sizeof(mark) - 1, at, more, sizeof(more) - 1, more_at },
#include "attachment_table.h"
#undef ATTACHMENT
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]), ENDING_BYTES = 8 };

/* ---- names ---- */

/* Bytes of the character at `at`; its code point, as far as it's judged: the first three bytes. */
static size_t char_len(const unsigned char *at)
{
	size_t len = 1;

	while ((at[len] & 0xc0) == 0x80)
		len++;
	return len;
}

static unsigned code_of(const unsigned char *at, size_t len)
{
	if (len == 2)
		return (at[0] & 0x1fU) << 6 | (at[1] & 0x3fU);
	if (len == 3)
		return (at[0] & 0x0fU) << 12 | (at[1] & 0x3fU) << 6 | (at[2] & 0x3fU);
	return len == 1 ? at[0] : 0x10000U;
}

/* Not seen, or shown as something else: controls, and what turns the direction (UAX #9). */
static bool is_hidden(unsigned c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff0 && c <= 0xfffb);
}

static const char *last_part(const char *name)
{
	const char *part = name;

	for (const char *c = name; *c; c++)
		if (*c == '/' || *c == '\\')
			part = c + 1;
	return part;
}

/* The part before its last dot loses what is too much. */
static void shorten(char *name)
{
	char *dot = strrchr(name, '.'), *at = name;
	size_t ending = dot && dot != name ? strlen(dot) : 0, chars = 0;

	if (ending > ENDING_BYTES)
		ending = 0;
	for (; *at && chars + ending < ATTACHMENT_NAME_CHARS; chars++)
		at += char_len((unsigned char *)at);
	if (at < name + strlen(name) - ending)
		memmove(at, name + strlen(name) - ending, ending + 1);
}

static void trim(char *name)
{
	size_t lead = strspn(name, ". "), len = strlen(name);

	while (len > lead && (name[len - 1] == '.' || name[len - 1] == ' '))
		len--;
	memmove(name, name + lead, len - lead);
	name[len - lead] = '\0';
}

char *attachment_name(const char *name)
{
	const unsigned char *from = (const unsigned char *)last_part(name);
	char *clean = malloc(strlen((const char *)from) + 1), *to = clean;

	if (!clean)
		return NULL;
	while (*from) {
		size_t len = char_len(from);
		unsigned code = code_of(from, len);

		if (code < 0x80 && code && strchr("<>:\"|?*", (int)code))
			*to++ = '_';
		else if (!is_hidden(code))
			to = (char *)memcpy(to, from, len) + len;
		from += len;
	}
	*to = '\0';
	trim(clean);
	shorten(clean);
	return clean;
}

/* ---- kinds ---- */

const struct attachment_kind *attachment_kind_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < KINDS; i++)
		if (strcasecmp(kinds[i].ending, dot) == 0)
			return &kinds[i];
	return NULL;
}

const char *attachment_type(const struct attachment_kind *kind)
{
	return kind->type;
}

static bool has(const unsigned char *bytes, size_t len, const char *mark, size_t mark_len,
		size_t at)
{
	return len >= at + mark_len && memcmp(bytes + at, mark, mark_len) == 0;
}

/* An MP3 begins with a tag, or with a frame: eleven bits set (ISO 11172-3 §2.4.1.3). */
static bool is_mpeg(const unsigned char *bytes, size_t len)
{
	return len >= 2 && bytes[0] == 0xff && (bytes[1] & 0xe0) == 0xe0;
}

bool attachment_fits(const struct attachment_kind *kind, const void *leading, size_t len)
{
	if (kind->mark_len == 0)
		return len == 0 || !memchr(leading, '\0', len);
	if (strcmp(kind->type, "audio/mpeg") == 0 && is_mpeg(leading, len))
		return true;
	return has(leading, len, kind->mark, kind->mark_len, kind->at) &&
	       has(leading, len, kind->more, kind->more_len, kind->more_at);
}

json_t *attachment_endings(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < KINDS; i++)
		json_array_append_new(list, json_string(kinds[i].ending));
	return list;
}
