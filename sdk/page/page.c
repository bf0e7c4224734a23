/* page.c — see pelago/page.h. SPDX-License-Identifier: Apache-2.0 */
#include "pelago/page.h"

#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"

enum {
	BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
	KEY_TEXT_MAX = sodium_base64_ENCODED_LEN(PL_PAGE_KEY_MAX, BASE64), /* its NUL included */
	CURSOR_MAX = KEY_TEXT_MAX + 64,
};

/* A query of HTTP has only texts. */
static enum pl_err read_limit(int64_t *limitp, const json_t *from)
{
	const json_t *value = json_object_get(from, "limit");
	const char *text = json_string_value(value);
	int64_t limit;

	if (!value || json_is_null(value))
		return PL_OK;
	if (text && strspn(text, "0123456789") == json_string_length(value) && *text)
		limit = strlen(text) > 18 ? INT64_MAX : strtoll(text, NULL, 10);
	else if (json_is_integer(value))
		limit = json_integer_value(value);
	else
		return pl_fail(PL_INVALID, "limit: must be a whole number");
	if (limit < 1 || limit > PL_PAGE_MOST)
		return pl_fail(PL_INVALID, "limit: must be from 1 to %d", PL_PAGE_MOST);
	*limitp = limit;
	return PL_OK;
}

static bool read_key(char key[PL_PAGE_KEY_MAX + 1], const char *text)
{
	size_t len = 0;
	json_t *value;
	bool is_text;

	if (!*text || sodium_base642bin((unsigned char *)key, PL_PAGE_KEY_MAX, text, strlen(text),
					NULL, &len, NULL, BASE64) != 0)
		return false;
	key[len] = '\0';
	value = json_stringn(key, len); /* NULL if it isn't UTF-8 */
	is_text = value && strlen(key) == len;
	json_decref(value);
	return is_text;
}

static enum pl_err read_cursor(struct pl_page *page, const json_t *from)
{
	size_t len = strlen(page->list);
	const char *text = NULL;
	enum pl_err err = pl_json_text(&text, from, "cursor", CURSOR_MAX, false);

	if (err || !text || !*text)
		return err;
	if (strncmp(text, page->list, len) == 0 && text[len] == ':' &&
	    read_key(page->after, text + len + 1))
		return PL_OK;
	return pl_fail(PL_INVALID, "cursor: not one of this list");
}

enum pl_err pl_page_read(struct pl_page *page, const json_t *from, const char *list)
{
	enum pl_err err;

	*page = (struct pl_page){ .list = list, .limit = PL_PAGE_NORMAL };
	if (!from)
		return PL_OK;
	err = read_limit(&page->limit, from);
	return err ? err : read_cursor(page, from);
}

enum pl_err pl_page_split(const struct pl_page *page, int64_t *numberp, const char **textp)
{
	char *end = NULL;
	int64_t number;

	if (!*page->after)
		return PL_OK;
	errno = 0;
	number = strtoll(page->after, &end, 10);
	if (errno || end == page->after || *end != ':')
		return pl_fail(PL_INVALID, "cursor: not one of this list");
	*numberp = number;
	*textp = end + 1;
	return PL_OK;
}

static bool make_key(struct pl_page *page, char key[PL_PAGE_KEY_MAX + 1], const char *fmt,
		     va_list args)
{
	int len = vsnprintf(key, PL_PAGE_KEY_MAX + 1, fmt, args);

	if (len < 0 || len > PL_PAGE_KEY_MAX)
		page->has_failed = true; /* half a key would lead elsewhere */
	return !page->has_failed;
}

/* Gives item. */
static void insert(struct pl_page *page, size_t place, json_t *item, const char *key)
{
	if (!page->items)
		page->items = json_array();
	if (!page->keys)
		page->keys = json_array();
	if (json_array_insert_new(page->items, place, item) != 0 ||
	    json_array_insert_new(page->keys, place, json_string(key)) != 0)
		page->has_failed = true;
}

void pl_page_add(struct pl_page *page, json_t *item, const char *fmt, ...)
{
	char key[PL_PAGE_KEY_MAX + 1];
	size_t len = json_array_size(page->items);
	va_list args;
	bool made;

	va_start(args, fmt);
	made = make_key(page, key, fmt, args);
	va_end(args);
	page->has_more |= len >= (size_t)page->limit;
	if (made && !page->has_more)
		insert(page, len, item, key);
	else
		json_decref(item);
}

static const char *key_at(const struct pl_page *page, size_t place)
{
	return json_string_value(json_array_get(page->keys, place));
}

void pl_page_keep(struct pl_page *page, json_t *item, const char *fmt, ...)
{
	char key[PL_PAGE_KEY_MAX + 1];
	size_t place = json_array_size(page->keys);
	va_list args;
	bool made;

	va_start(args, fmt);
	made = make_key(page, key, fmt, args);
	va_end(args);
	if (!made || strcmp(key, page->after) <= 0) {
		json_decref(item);
		return;
	}
	while (place && strcmp(key_at(page, place - 1), key) > 0)
		place--;
	insert(page, place, item, key);
	if (json_array_size(page->keys) <= (size_t)page->limit)
		return;
	page->has_more = true;
	json_array_remove(page->items, (size_t)page->limit);
	json_array_remove(page->keys, (size_t)page->limit);
}

void pl_page_stop(struct pl_page *page, const char *fmt, ...)
{
	char key[PL_PAGE_KEY_MAX + 1];
	va_list args;
	bool made;

	if (page->has_more)
		return;
	va_start(args, fmt);
	made = make_key(page, key, fmt, args);
	va_end(args);
	page->has_more = true;
	if (made && !(page->end = json_string(key)))
		page->has_failed = true;
}

static json_t *cursor_of(const struct pl_page *page)
{
	char text[KEY_TEXT_MAX];
	const char *key;

	if (!page->has_more)
		return json_null();
	key = page->end ? json_string_value(page->end)
			: key_at(page, json_array_size(page->keys) - 1);
	sodium_bin2base64(text, sizeof(text), (const unsigned char *)key, strlen(key), BASE64);
	return json_sprintf("%s:%s", page->list, text);
}

json_t *pl_page_answer(struct pl_page *page)
{
	json_t *answer = NULL;

	if (!page->has_failed && !page->items)
		page->items = json_array();
	if (!page->has_failed)
		answer = json_pack("{s:O, s:o}", "items", page->items, "cursor", cursor_of(page));
	json_decref(page->items);
	json_decref(page->keys);
	json_decref(page->end);
	page->items = page->keys = page->end = NULL;
	page->has_more = page->has_failed = false;
	return answer;
}
