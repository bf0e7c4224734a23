/*
 * json.c — JSON from outside: parsed with limits, read member by member.
 *
 * Most texts are read by parse.c. For the rest, jansson does the parsing. What it lacks is a depth
 * limit of our choice, so the text is looked through once before: counting brackets outside of
 * strings is enough, as a text whose brackets don't match is refused by the parser afterwards.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

enum { DEPTH_MAX = 64, DIGITS_MAX = 20 };

/* depth_exceeds returns the line at which the text is nested too deeply, or 0. */
static int depth_exceeds(const char *text, size_t len)
{
	int depth = 0, line = 1;
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		switch (text[i]) {
		case '\n':
			line++;
			break;
		case '\\':
			if (in_string)
				i++;
			break;
		case '"':
			in_string = !in_string;
			break;
		case '[':
		case '{':
			if (!in_string && ++depth > DEPTH_MAX)
				return line;
			break;
		case ']':
		case '}':
			if (!in_string)
				depth--;
			break;
		}
	}
	return 0;
}

enum pl_err pl_json_parse(json_t **valuep, const void *text, size_t text_len)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
	json_error_t error;
	json_t *value;
	char *near;
	int line;

	if (!text || text_len == 0)
		return pl_fail(PL_INVALID, "JSON: the text is empty");
	value = parse_plain(text, text_len, DEPTH_MAX);
	if (value) {
		*valuep = value;
		return PL_OK;
	}
	line = depth_exceeds(text, text_len);
	if (line)
		return pl_fail(PL_INVALID, "JSON, line %d: more than %d levels", line, DEPTH_MAX);
	value = json_loadb(text, text_len, flags, &error);
	/* mostly jansson says nothing then; while it reads a text it takes it for a syntax error */
	if (!value && error.text[0] == '\0')
		return pl_fail(PL_NOMEM, "JSON: out of memory");
	if (!value) {
		/* what stands near the error may be a password: it is not repeated */
		near = strstr(error.text, " near ");
		if (near)
			*near = '\0';
		return pl_fail(PL_INVALID, "JSON, line %d: %s", error.line, error.text);
	}
	*valuep = value;
	return PL_OK;
}

/*
 * find follows a path. *foundp is NULL if the last member or one on the way is absent or null;
 * something on the way that can't have members is refused.
 */
static enum pl_err find(json_t **foundp, const json_t *object, const char *path, bool required)
{
	const json_t *value = object;
	const char *name = path;

	for (;;) {
		size_t len = strcspn(name, ".");

		if (!json_is_object(value))
			return name == path ? pl_fail(PL_INVALID, "%s: not within an object", path)
					    : pl_fail(PL_INVALID, "%.*s: must be an object",
						      (int)(name - path - 1), path);
		value = json_object_getn(value, name, len);
		if (!value || json_is_null(value)) {
			*foundp = NULL;
			return required ? pl_fail(PL_INVALID, "%s is missing", path) : PL_OK;
		}
		if (name[len] == '\0')
			break;
		name += len + 1;
	}
	*foundp = (json_t *)value;
	return PL_OK;
}

enum pl_err pl_json_text(const char **textp, const json_t *object, const char *name, size_t max,
			 bool required)
{
	json_t *value;
	enum pl_err err = find(&value, object, name, required);

	if (err)
		return err;
	if (value && !json_is_string(value))
		return pl_fail(PL_INVALID, "%s: must be a text", name);
	if (value && json_string_length(value) > max)
		return pl_fail(PL_INVALID, "%s: longer than %zu bytes", name, max);
	*textp = json_string_value(value);
	return PL_OK;
}

enum pl_err pl_json_int(int64_t *valuep, const json_t *object, const char *name, int64_t least,
			int64_t most, bool required)
{
	json_t *value;
	json_int_t n;
	enum pl_err err = find(&value, object, name, required);

	if (err || !value)
		return err;
	if (!json_is_integer(value))
		return pl_fail(PL_INVALID, "%s: must be a whole number", name);
	n = json_integer_value(value);
	if (n < least || n > most)
		return pl_fail(PL_INVALID, "%s: must be from %lld to %lld", name, (long long)least,
			       (long long)most);
	*valuep = n;
	return PL_OK;
}

enum pl_err pl_json_digits(int64_t *valuep, const json_t *object, const char *name, int64_t least,
			   int64_t most)
{
	const char *text = NULL;
	char *end = NULL;
	long long n;
	enum pl_err err = pl_json_text(&text, object, name, DIGITS_MAX, false);

	if (err || !text)
		return err;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno || *end || text[text[0] == '-'] < '0' || text[text[0] == '-'] > '9' ||
	    n < least || n > most)
		return pl_fail(PL_INVALID, "%s: must be a whole number from %lld to %lld", name,
			       (long long)least, (long long)most);
	*valuep = n;
	return PL_OK;
}

enum pl_err pl_json_bool(bool *valuep, const json_t *object, const char *name, bool required)
{
	json_t *value;
	enum pl_err err = find(&value, object, name, required);

	if (err || !value)
		return err;
	if (!json_is_boolean(value))
		return pl_fail(PL_INVALID, "%s: must be true or false", name);
	*valuep = json_is_true(value);
	return PL_OK;
}

enum pl_err pl_json_object(json_t **valuep, const json_t *object, const char *name, size_t max,
			   bool required)
{
	json_t *value;
	enum pl_err err = find(&value, object, name, required);

	if (err)
		return err;
	if (value && !json_is_object(value))
		return pl_fail(PL_INVALID, "%s: must be an object", name);
	if (json_object_size(value) > max)
		return pl_fail(PL_INVALID, "%s: more than %zu members", name, max);
	*valuep = value;
	return PL_OK;
}

enum pl_err pl_json_array(json_t **valuep, const json_t *object, const char *name, size_t max,
			  bool required)
{
	json_t *value;
	enum pl_err err = find(&value, object, name, required);

	if (err)
		return err;
	if (value && !json_is_array(value))
		return pl_fail(PL_INVALID, "%s: must be a list", name);
	if (json_array_size(value) > max)
		return pl_fail(PL_INVALID, "%s: more than %zu members", name, max);
	*valuep = value;
	return PL_OK;
}

json_t *pl_json_get(const json_t *value, const char *path)
{
	for (;;) {
		size_t len = strcspn(path, ".");

		value = json_object_getn(value, path, len);
		if (!value || path[len] == '\0')
			return (json_t *)value;
		path += len + 1;
	}
}

const char *pl_json_get_text(const json_t *value, const char *path)
{
	const char *text = json_string_value(pl_json_get(value, path));

	return text ? text : "";
}

json_t *pl_json_find(const json_t *list, const char *member, const char *text)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		if (strcmp(pl_json_get_text(item, member), text) == 0)
			return item;
	}
	return NULL;
}

bool pl_json_has(const json_t *list, const char *text)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		if (json_is_string(item) && strcmp(json_string_value(item), text) == 0)
			return true;
	}
	return false;
}
