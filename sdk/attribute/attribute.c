/*
 * attribute.c — rows of manifests.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/attribute.h"

#include <regex.h>
#include <string.h>

#include "pelago/json.h"
#include "sdk/attribute/value.h"

enum { KEY_MAX = 64, NAME_MAX = 100, HELP_MAX = 400, PATTERN_MAX = 400, VALUES_MAX = 64 };

static const char *const type_words[] = {
#define ATTRIBUTE_TYPE(word, name) word,
#include "tables/attribute_types.h"
#undef ATTRIBUTE_TYPE
};

const char *pl_attribute_type_text(enum pl_attribute_type type)
{
	return type_words[type];
}

static bool is_key(const char *text)
{
	return *text && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789_") == strlen(text);
}

/* A text member, "" where it is absent. */
static enum pl_err read_text(const char **textp, const json_t *row, const char *member, size_t max)
{
	enum pl_err err = pl_json_text(textp, row, member, max, false);

	if (!err && !*textp)
		*textp = "";
	return err;
}

static enum pl_err read_type(struct pl_attribute *a, const json_t *row)
{
	const char *word = NULL;
	enum pl_err err = pl_json_text(&word, row, "type", KEY_MAX, true);

	if (err)
		return err;
	for (a->type = 0; a->type < PL_ATTRIBUTE_TYPES; a->type++)
		if (strcmp(type_words[a->type], word) == 0)
			return PL_OK;
	return pl_fail(PL_INVALID, "type: there is none called %s", word);
}

static enum pl_err read_bounds(struct pl_attribute *a, const json_t *row)
{
	bool is_number = a->type == PL_ATTRIBUTE_INTEGER || a->type == PL_ATTRIBUTE_DURATION;
	enum pl_err err;

	a->least = 0;
	a->most = 1000;
	err = pl_json_int(&a->least, row, "least", is_number ? INT64_MIN : 0, INT64_MAX, is_number);
	if (!err)
		err = pl_json_int(&a->most, row, "most", a->least,
				  is_number ? INT64_MAX : PL_ATTRIBUTE_TEXT_MAX, is_number);
	if (!err && a->type == PL_ATTRIBUTE_DURATION && !value_unit_ms(a->unit))
		err = pl_fail(PL_INVALID, "unit: a duration has ms, s, min, h or d");
	return err;
}

static enum pl_err read_values(struct pl_attribute *a, const json_t *row)
{
	json_t *values = NULL, *word;
	enum pl_err err = pl_json_array(&values, row, "values", VALUES_MAX,
					a->type == PL_ATTRIBUTE_ENUMERATION);
	size_t i;

	json_array_foreach(values, i, word) {
		if (!json_is_string(word) || !json_string_length(word))
			err = pl_fail(PL_INVALID, "values[%zu] is not a word", i);
	}
	if (!err && a->type == PL_ATTRIBUTE_ENUMERATION && !json_array_size(values))
		err = pl_fail(PL_INVALID, "values: at least one is needed");
	a->values = values;
	return err;
}

static enum pl_err read_pattern(struct pl_attribute *a)
{
	regex_t regex;

	if (!*a->pattern)
		return PL_OK;
	if (regcomp(&regex, a->pattern, REG_EXTENDED | REG_NOSUB))
		return pl_fail(PL_INVALID, "pattern: not an extended regular expression");
	regfree(&regex);
	return PL_OK;
}

/* Text types may go without: none is set then. */
static enum pl_err read_normal(struct pl_attribute *a, const json_t *row)
{
	json_t *value = NULL;
	enum pl_err err;

	a->normal = json_object_get(row, "default");
	if (!a->normal && (a->type == PL_ATTRIBUTE_ADDRESS || a->type == PL_ATTRIBUTE_SECRET))
		return PL_OK;
	if (!a->normal)
		return pl_fail(PL_INVALID, "default is missing");
	if (a->type == PL_ATTRIBUTE_SECRET)
		return pl_fail(PL_INVALID, "default: a secret has none");
	err = pl_attribute_check(&value, a, a->normal);
	if (!err && !json_equal(value, a->normal))
		err = pl_fail(PL_INVALID, "default: not as it is kept");
	json_decref(value);
	return err;
}

enum pl_err pl_attribute_read(struct pl_attribute *a, const json_t *row)
{
	enum pl_err err;

	memset(a, 0, sizeof(*a));
	if ((err = pl_json_text(&a->key, row, "key", KEY_MAX, true)) ||
	    (err = pl_json_text(&a->name, row, "name", NAME_MAX, true)) ||
	    (err = pl_json_text(&a->text, row, "text", HELP_MAX, true)) ||
	    (err = read_text(&a->unit, row, "unit", KEY_MAX)) ||
	    (err = read_text(&a->pattern, row, "pattern", PATTERN_MAX)) ||
	    (err = read_text(&a->area, row, "area", NAME_MAX)) || (err = read_type(a, row)) ||
	    (err = pl_json_bool(&a->needs_restart, row, "restart", false)) ||
	    (err = pl_json_bool(&a->is_by_self, row, "bySelf", false)) ||
	    (err = read_bounds(a, row)) || (err = read_values(a, row)) || (err = read_pattern(a)))
		return err;
	if (a->type == PL_ATTRIBUTE_SECRET && a->needs_restart)
		return pl_fail(PL_INVALID, "restart: a secret is opened where it is used");
	if (!is_key(a->key))
		return pl_fail(PL_INVALID, "key: '%s' has other than letters, digits and _",
			       a->key);
	return read_normal(a, row);
}

const json_t *pl_attribute_find(const json_t *manifest, const char *key)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(manifest, "attributes"), i, row) {
		if (strcmp(pl_json_get_text(row, "key"), key) == 0)
			return row;
	}
	return NULL;
}

int64_t pl_attribute_number(const struct pl_attribute *a, const json_t *value)
{
	json_t *word;
	size_t i;

	if (json_is_boolean(value))
		return json_is_true(value);
	if (json_is_integer(value))
		return json_integer_value(value);
	json_array_foreach(a->values, i, word) {
		if (json_equal(word, value))
			return (int64_t)i;
	}
	return 0;
}
