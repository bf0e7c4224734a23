/* walk.c — see walk.h. SPDX-License-Identifier: Apache-2.0 */
#include "engines/schema/walk.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { HEAP_MAX_KIB = 4096, SIZE_SHARE = 16, SQUARE_SHARE = 256 };

/* ---- where it is ---- */

size_t walk_in(struct walk *walk, const char *name, size_t item)
{
	size_t at = strlen(walk->path);

	if (name)
		snprintf(walk->path + at, sizeof(walk->path) - at, ".%s", name);
	else
		snprintf(walk->path + at, sizeof(walk->path) - at, "[%zu]", item);
	return at;
}

void walk_out(struct walk *walk, size_t at)
{
	walk->path[at] = '\0';
}

enum pl_err walk_step(struct walk *walk)
{
	if (++walk->steps > SCHEMA_STEPS_MAX)
		return pl_fail(PL_TOOLARGE, "%.100s: more than %d steps are needed to check it",
			       walk->path, SCHEMA_STEPS_MAX);
	return PL_OK;
}

enum pl_err walk_work(struct walk *walk, size_t amount)
{
	if (amount > SCHEMA_WORK_MAX || (walk->work += amount) > SCHEMA_WORK_MAX)
		return pl_fail(PL_TOOLARGE, "%.100s: checking it takes too long", walk->path);
	return PL_OK;
}

enum pl_err walk_refuse(const struct walk *walk, const char *fmt, ...)
{
	char reason[250];
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	return pl_fail(PL_INVALID, "%s: %s", walk->path, reason);
}

/* A name of a pointer, its escapes undone (RFC 6901 §4); false if it is too long. */
static bool read_name(char *name, size_t size, const char *at)
{
	size_t len = 0;

	for (; *at && len + 1 < size; at++) {
		if (*at == '~' && (at[1] == '0' || at[1] == '1'))
			name[len++] = *++at == '0' ? '~' : '/';
		else
			name[len++] = *at;
	}
	name[len] = '\0';
	return !*at;
}

const json_t *walk_find(const struct walk *walk, const char *ref)
{
	static const char defs[] = "#/$defs/";
	char name[256];

	if (strcmp(ref, "#") == 0)
		return walk->root;
	if (strncmp(ref, defs, strlen(defs)) != 0 || strchr(ref + strlen(defs), '/') ||
	    !read_name(name, sizeof(name), ref + strlen(defs)))
		return NULL;
	return json_object_get(json_object_get(walk->root, "$defs"), name);
}

/* ---- values ---- */

static bool is_whole(const json_t *value)
{
	return json_is_integer(value) ||
	       (json_is_real(value) && json_real_value(value) == floor(json_real_value(value)));
}

static bool is_null(const json_t *value)
{
	return json_is_null(value);
}

static bool is_boolean(const json_t *value)
{
	return json_is_boolean(value);
}

static bool is_number(const json_t *value)
{
	return json_is_number(value);
}

static bool is_text(const json_t *value)
{
	return json_is_string(value);
}

static bool is_list(const json_t *value)
{
	return json_is_array(value);
}

static bool is_object(const json_t *value)
{
	return json_is_object(value);
}

static const struct {
	const char *name;
	bool (*is)(const json_t *value);
} types[] = { { "null", is_null },     { "boolean", is_boolean }, { "integer", is_whole },
	      { "number", is_number }, { "string", is_text },	  { "array", is_list },
	      { "object", is_object } };

bool type_known(const char *type)
{
	return type_is(NULL, type);
}

bool type_is(const json_t *value, const char *type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, type) == 0)
			return value ? types[i].is(value) : true;
	return false;
}

static enum pl_err lists_same(struct walk *walk, bool *samep, const json_t *a, const json_t *b)
{
	enum pl_err err = PL_OK;

	*samep = json_array_size(a) == json_array_size(b);
	for (size_t i = 0; !err && *samep && i < json_array_size(a); i++)
		err = value_same(walk, samep, json_array_get(a, i), json_array_get(b, i));
	return err;
}

static enum pl_err objects_same(struct walk *walk, bool *samep, const json_t *a, const json_t *b)
{
	enum pl_err err = PL_OK;
	const char *name;
	json_t *value;

	*samep = json_object_size(a) == json_object_size(b);
	json_object_foreach((json_t *)a, name, value) {
		const json_t *other = json_object_get(b, name);

		if (!*samep || !other) {
			*samep = false;
			break;
		}
		err = value_same(walk, samep, value, other);
		if (err)
			break;
	}
	return err;
}

enum pl_err value_same(struct walk *walk, bool *samep, const json_t *a, const json_t *b)
{
	enum pl_err err = walk_step(walk);

	if (err)
		return err;
	if (json_is_array(a) && json_is_array(b))
		return lists_same(walk, samep, a, b);
	if (json_is_object(a) && json_is_object(b))
		return objects_same(walk, samep, a, b);
	if (json_is_integer(a) && json_is_integer(b))
		*samep = json_integer_value(a) == json_integer_value(b);
	else if (json_is_number(a) && json_is_number(b))
		*samep = json_number_value(a) == json_number_value(b);
	else
		*samep = json_equal(a, b);
	return PL_OK;
}

/* ---- patterns ---- */

static enum pl_err takes_too_long(const struct walk *walk)
{
	return pl_fail(PL_TOOLARGE, "%s: comparing it with its pattern takes too long", walk->path);
}

/* Called at each item of a pattern that is tried; below 0 ends the match. */
static int on_item(pcre2_callout_block *block, void *arg)
{
	struct walk *walk = arg;

	return ++walk->work > SCHEMA_WORK_MAX ? PCRE2_ERROR_CALLOUT : 0;
}

static enum pl_err match(struct walk *walk, bool *foundp, const pcre2_code *code, const char *text,
			 size_t text_len)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	int found = PCRE2_ERROR_NOMEMORY;

	if (data && limits) {
		pcre2_set_callout(limits, on_item, walk);
		pcre2_set_heap_limit(limits, HEAP_MAX_KIB);
		found = pcre2_match(code, (PCRE2_SPTR)text, text_len, 0, 0, data, limits);
	}
	pcre2_match_context_free(limits);
	pcre2_match_data_free(data);
	if (found == PCRE2_ERROR_NOMEMORY)
		return pl_fail(PL_NOMEM, "out of memory");
	if (found < 0 && found != PCRE2_ERROR_NOMATCH)
		return takes_too_long(walk);
	*foundp = found >= 0;
	return PL_OK;
}

/* What is known of the work beforehand. */
static enum pl_err count_work(struct walk *walk, const pcre2_code *code, size_t text_len)
{
	size_t size = 0;

	(void)pcre2_pattern_info(code, PCRE2_INFO_SIZE, &size);
	if (text_len > SCHEMA_WORK_MAX)
		return takes_too_long(walk);
	return walk_work(walk, size / SIZE_SHARE + text_len * text_len / SQUARE_SHARE);
}

enum pl_err pattern_finds(struct walk *walk, bool *foundp, const char *pattern, const char *text,
			  size_t text_len)
{
	unsigned char why[120] = "";
	PCRE2_SIZE at = 0;
	int error = 0;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
					 PCRE2_UTF | PCRE2_DOLLAR_ENDONLY |
						 PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT,
					 &error, &at, NULL);
	enum pl_err err = PL_OK;

	if (!code) {
		pcre2_get_error_message(error, why, sizeof(why));
		return walk_refuse(walk, "at character %zu of the pattern: %s", at + 1,
				   (const char *)why);
	}
	err = count_work(walk, code, text_len);
	if (!err && text)
		err = match(walk, foundp, code, text, text_len);
	pcre2_code_free(code);
	return err;
}
