/* filter.c — see filter.h. SPDX-License-Identifier: Apache-2.0 */
#include "filter.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"

/* ---- comparisons ---- */

/* Attributes of customers are texts, also where they are numbers: false for what is none. */
static bool number_of(double *numberp, const json_t *value)
{
	const char *text = json_string_value(value);
	char *end = NULL;

	if (json_is_number(value)) {
		*numberp = json_number_value(value);
		return true;
	}
	if (!text || !*text || strspn(text, "0123456789+-.eE") != strlen(text))
		return false;
	errno = 0;
	*numberp = strtod(text, &end);
	return !errno && !*end && isfinite(*numberp);
}

static bool same(const json_t *found, const json_t *wanted)
{
	double a, b;

	if (json_is_number(wanted))
		return number_of(&a, found) && number_of(&b, wanted) && a == b;
	return json_equal((json_t *)found, (json_t *)wanted);
}

static bool equals(const json_t *found, const json_t *wanted)
{
	return found && same(found, wanted);
}

static bool differs(const json_t *found, const json_t *wanted)
{
	return !equals(found, wanted);
}

static bool one_of(const json_t *found, const json_t *wanted)
{
	const json_t *one;
	size_t i;

	json_array_foreach(wanted, i, one)
		if (equals(found, one))
			return true;
	return false;
}

static bool none_of(const json_t *found, const json_t *wanted)
{
	return !one_of(found, wanted);
}

static bool less(const json_t *found, const json_t *wanted)
{
	double a;

	return number_of(&a, found) && a < json_number_value(wanted);
}

static bool at_most(const json_t *found, const json_t *wanted)
{
	double a;

	return number_of(&a, found) && a <= json_number_value(wanted);
}

static bool more(const json_t *found, const json_t *wanted)
{
	double a;

	return number_of(&a, found) && a > json_number_value(wanted);
}

static bool at_least(const json_t *found, const json_t *wanted)
{
	double a;

	return number_of(&a, found) && a >= json_number_value(wanted);
}

static bool starts_with(const json_t *found, const json_t *wanted)
{
	return json_is_string(found) && strncmp(json_string_value(found), json_string_value(wanted),
						json_string_length(wanted)) == 0;
}

/* A text has it as a part, a list as an item. */
static bool contains(const json_t *found, const json_t *wanted)
{
	const json_t *one;
	size_t i;

	json_array_foreach(found, i, one)
		if (same(one, wanted))
			return true;
	return json_is_string(found) && json_is_string(wanted) &&
	       strstr(json_string_value(found), json_string_value(wanted));
}

static bool exists(const json_t *found, const json_t *wanted)
{
	return found;
}

static bool missing(const json_t *found, const json_t *wanted)
{
	return !found;
}

/* ---- words ---- */

enum wants { SCALAR, NUMBER, TEXT, LIST, NOTHING };

static const char *const wants_text[] = {
	[SCALAR] = "must be a text, a number, true or false",
	[NUMBER] = "must be a number",
	[TEXT] = "must be a text",
	[LIST] = "must be a list of texts, numbers, true or false",
	[NOTHING] = "isn't wanted beside this word",
};

static const struct word {
	const char *word;
	enum wants wants;
	bool (*holds)(const json_t *found, const json_t *wanted);
} words[] = {
#define FILTER_WORD(word, wants, holds) { word, wants, holds },
#include "filter_words.h"
#undef FILTER_WORD
};
enum { WORDS = sizeof(words) / sizeof(words[0]) };

static const struct word *find(const char *text)
{
	for (size_t i = 0; i < WORDS; i++)
		if (strcmp(words[i].word, text) == 0)
			return &words[i];
	return NULL;
}

static bool is_scalar(const json_t *value)
{
	return json_is_number(value) || json_is_boolean(value) ||
	       (json_is_string(value) && json_string_length(value) <= FILTER_TEXT_MAX);
}

static bool are_scalars(const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
		if (!is_scalar(one))
			return false;
	return json_array_size(list) > 0 && json_array_size(list) <= FILTER_LIST_MAX;
}

static bool fits(enum wants wants, const json_t *value)
{
	switch (wants) {
	case SCALAR:
		return is_scalar(value);
	case NUMBER:
		return json_is_number(value);
	case TEXT:
		return json_is_string(value) && is_scalar(value);
	case LIST:
		return are_scalars(value);
	case NOTHING:
		return !value || json_is_null(value);
	}
	return false;
}

/* ---- filters ---- */

static enum pl_err unknown_word(size_t i, const char *path, const char *text)
{
	char known[200];
	size_t len = 0;

	for (size_t n = 0; n < WORDS && len < sizeof(known); n++)
		len += (size_t)snprintf(known + len, sizeof(known) - len, " %s", words[n].word);
	return pl_fail(PL_INVALID, "filters[%zu] (%s): is: there is no %.40s; there are%s", i, path,
		       text, known);
}

static enum pl_err check_path(size_t i, const char *path, const char *root)
{
	size_t len = strlen(root);

	if (strncmp(path, root, len) == 0 && path[len] == '.' && !strstr(path, "..") &&
	    path[strlen(path) - 1] != '.')
		return PL_OK;
	return pl_fail(PL_INVALID,
		       "filters[%zu] (%s): path: for this event it has to begin with %s., as "
		       "%s.%s",
		       i, path, root, root,
		       strcmp(root, "event") == 0 ? "payload.NAME" : "attributes.NAME");
}

static enum pl_err check_members(size_t i, const json_t *filter)
{
	static const char *const known[] = { "path", "is", "value" };
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)filter, name, value) {
		bool found = false;

		for (size_t n = 0; n < sizeof(known) / sizeof(known[0]); n++)
			found = found || strcmp(known[n], name) == 0;
		if (!found)
			return pl_fail(PL_INVALID,
				       "filters[%zu]: has path, is and value, but no %.40s", i,
				       name);
	}
	return PL_OK;
}

static enum pl_err check_one(size_t i, const json_t *filter, const char *root)
{
	const char *path = NULL, *text = NULL;
	const struct word *word;
	enum pl_err err = json_is_object(filter)
				  ? pl_json_text(&path, filter, "path", FILTER_PATH_MAX, true)
				  : pl_fail(PL_INVALID, "must be an object");

	if (!err)
		err = pl_json_text(&text, filter, "is", 100, true);
	if (err)
		return pl_fail(err, "filters[%zu]: %s", i, pl_err_detail(err));
	err = check_members(i, filter);
	if (!err)
		err = check_path(i, path, root);
	if (err)
		return err;
	word = find(text);
	if (!word)
		return unknown_word(i, path, text);
	if (!fits(word->wants, json_object_get(filter, "value")))
		return pl_fail(PL_INVALID,
			       "filters[%zu] (%s): value: %s (texts of at most %d bytes, lists of "
			       "at most %d)",
			       i, path, wants_text[word->wants], FILTER_TEXT_MAX, FILTER_LIST_MAX);
	return PL_OK;
}

enum pl_err filter_check(const json_t *filters, const char *root)
{
	enum pl_err err = PL_OK;

	if (json_array_size(filters) > FILTERS_MAX)
		return pl_fail(PL_INVALID, "filters: at most %d", FILTERS_MAX);
	for (size_t i = 0; !err && i < json_array_size(filters); i++)
		err = check_one(i, json_array_get(filters, i), root);
	return err;
}

bool filter_meets(const json_t *filters, const json_t *variables)
{
	const json_t *filter;
	size_t i;

	json_array_foreach(filters, i, filter) {
		const struct word *word = find(pl_json_get_text(filter, "is"));
		const json_t *found = pl_json_get(variables, pl_json_get_text(filter, "path"));

		if (json_is_null(found))
			found = NULL;
		if (!word || !word->holds(found, json_object_get(filter, "value")))
			return false;
	}
	return true;
}
