/*
 * utf8.c — UTF-8: checked, counted, read and written.
 *
 * Source: RFC 3629.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/lexer.h"

bool feel_utf8_valid(const char *bytes, size_t len)
{
	const unsigned char *at = (const unsigned char *)bytes, *end = at + len;

	while (at < end) {
		unsigned char lead = *at++;
		unsigned long character;
		int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
		static const unsigned long least[] = { 1, 0x80, 0x800, 0x10000 };

		if (lead >= 0xf8 || (lead >= 0x80 && lead < 0xc0) || end - at < more)
			return false;
		character = more ? lead & (0x3fU >> more) : lead;
		for (int i = 0; i < more; i++, at++) {
			if ((*at & 0xc0) != 0x80)
				return false;
			character = character << 6 | (*at & 0x3fU);
		}
		if (character < least[more] || character > 0x10ffff ||
		    (character >= 0xd800 && character <= 0xdfff))
			return false;
	}
	return true;
}

size_t feel_utf8_len(const char *bytes, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)bytes[i] & 0xc0) != 0x80;
	return n;
}

size_t feel_utf8_cut(const char *bytes, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)bytes[max] & 0xc0) == 0x80)
		max--;
	return max;
}

size_t feel_utf8_put(char *out, unsigned long character)
{
	if (character < 0x80) {
		out[0] = (char)character;
		return 1;
	}
	if (character < 0x800) {
		out[0] = (char)(0xc0 | character >> 6);
		out[1] = (char)(0x80 | (character & 0x3f));
		return 2;
	}
	if (character < 0x10000) {
		out[0] = (char)(0xe0 | character >> 12);
		out[1] = (char)(0x80 | (character >> 6 & 0x3f));
		out[2] = (char)(0x80 | (character & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | character >> 18);
	out[1] = (char)(0x80 | (character >> 12 & 0x3f));
	out[2] = (char)(0x80 | (character >> 6 & 0x3f));
	out[3] = (char)(0x80 | (character & 0x3f));
	return 4;
}

unsigned long feel_utf8_get(const char **atp)
{
	const unsigned char *at = (const unsigned char *)*atp;
	unsigned char lead = *at++;
	int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
	unsigned long character = more ? lead & (0x3fU >> more) : lead;

	for (int i = 0; i < more; i++)
		character = character << 6 | (*at++ & 0x3fU);
	*atp = (const char *)at;
	return character;
}
