/*
 * version.c — semantic versions (semver.org 2.0.0), as text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "platform/bundle/bundle.h"

static const char word[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-";

/* Steps over a number without leading zeros. */
static bool number(const char **atp)
{
	const char *at = *atp;
	size_t len = strspn(at, "0123456789");

	*atp += len;
	return len > 0 && len < 10 && (len == 1 || *at != '0');
}

/* Steps over words parted by dots. */
static bool words(const char **atp)
{
	for (;;) {
		size_t len = strspn(*atp, word);

		*atp += len;
		if (len == 0)
			return false;
		if (**atp != '.')
			return true;
		(*atp)++;
	}
}

bool version_is_good(const char *version)
{
	const char *at = version;

	if (strlen(version) > BUNDLE_VERSION_MOST || !number(&at) || *at++ != '.' || !number(&at) ||
	    *at++ != '.' || !number(&at))
		return false;
	if (*at == '-' && (at++, !words(&at)))
		return false;
	if (*at == '+' && (at++, !words(&at)))
		return false;
	return *at == '\0';
}

/* One word each: numbers by value and before texts. */
static int compare_word(const char *a, size_t a_len, const char *b, size_t b_len)
{
	bool a_is_number = a_len > 0 && strspn(a, "0123456789") >= a_len,
	     b_is_number = b_len > 0 && strspn(b, "0123456789") >= b_len;
	int order;

	if (a_is_number != b_is_number)
		return a_is_number ? -1 : 1;
	if (a_is_number && a_len != b_len)
		return a_len < b_len ? -1 : 1;
	order = strncmp(a, b, a_len < b_len ? a_len : b_len);
	return order ? order : (a_len > b_len) - (a_len < b_len);
}

static int compare_words(const char *a, const char *b, const char *ends)
{
	for (;;) {
		size_t a_len = strcspn(a, ends), b_len = strcspn(b, ends);
		int order = compare_word(a, a_len, b, b_len);
		bool a_goes_on = a[a_len] == '.', b_goes_on = b[b_len] == '.';

		if (order)
			return order;
		if (!a_goes_on || !b_goes_on)
			return a_goes_on - b_goes_on;
		a += a_len + 1;
		b += b_len + 1;
	}
}

int version_compare(const char *a, const char *b)
{
	size_t a_len = strcspn(a, "-+"), b_len = strcspn(b, "-+");
	int order = compare_words(a, b, ".-+");

	if (order)
		return order;
	/* One with a "-" comes before the same without. */
	if ((a[a_len] == '-') != (b[b_len] == '-'))
		return a[a_len] == '-' ? -1 : 1;
	return a[a_len] == '-' ? compare_words(a + a_len + 1, b + b_len + 1, ".+") : 0;
}

/*
 * Numbers have as many digits; a word after "-" is "0", its length and itself if it is a number,
 * else "1" and itself; '!' comes between words, and '~' stands for none: it is behind all others.
 */
const char *version_key(char key[VERSION_KEY_SIZE], const char *version)
{
	int major, minor, patch, at = 0;
	size_t len;

	if (!version_is_good(version) ||
	    sscanf(version, "%9d.%9d.%9d%n", &major, &minor, &patch, &at) != 3) {
		snprintf(key, VERSION_KEY_SIZE, "%s", version);
		return key;
	}
	version += at;
	len = (size_t)snprintf(key, VERSION_KEY_SIZE, "%09d%09d%09d", major, minor, patch);
	if (*version != '-')
		len += (size_t)snprintf(key + len, VERSION_KEY_SIZE - len, "~");
	while (*version && *version != '+') {
		int width = (int)strcspn(++version, ".+");
		bool is_number = strspn(version, "0123456789") >= (size_t)width;

		if (is_number)
			len += (size_t)snprintf(key + len, VERSION_KEY_SIZE - len, "0%02d", width);
		len += (size_t)snprintf(key + len, VERSION_KEY_SIZE - len, "%s%.*s",
					is_number ? "" : "1", width, version);
		version += width;
		if (*version == '.')
			len += (size_t)snprintf(key + len, VERSION_KEY_SIZE - len, "!");
	}
	snprintf(key + len, VERSION_KEY_SIZE - len, "%s%s", *version ? " " : "", version);
	return key;
}
