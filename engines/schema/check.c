/* check.c — a schema by itself. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "engines/schema/walk.h"

static enum pl_err check(struct walk *walk, const json_t *schema);

enum shape {
	TYPES,
	VALUES,
	VALUE,
	NUMBER,
	POSITIVE,
	COUNT,
	PATTERN,
	SCHEMA,
	SCHEMAS,
	LIST,
	NAMES,
	REF,
	DRAFT,
	TEXT,
	BOOLEAN
};

static const struct {
	const char *name;
	enum shape shape;
} keywords[] = {
#define SCHEMA_KEYWORD(name, shape, fits) { name, shape },
#include "engines/schema/keywords.h"
#undef SCHEMA_KEYWORD
};

/* What each shape is called where something else stands there; those of NULL say it themselves. */
static const char *const wants[] = {
	[TYPES] = NULL,
	[VALUES] = "a list of values",
	[VALUE] = NULL,
	[NUMBER] = "a number",
	[POSITIVE] = "a number above 0",
	[COUNT] = "a whole number from 0",
	[PATTERN] = "a regular expression",
	[SCHEMA] = NULL,
	[SCHEMAS] = "an object whose members are schemas",
	[LIST] = "a list of one schema or more",
	[NAMES] = "a list of names",
	[REF] = "# or #/$defs/NAME, with NAME in the $defs of the whole schema",
	[DRAFT] = "https://json-schema.org/draft/2020-12/schema",
	[TEXT] = "a text",
	[BOOLEAN] = "true or false",
};

static bool are_texts(const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
		if (!json_is_string(one))
			return false;
	return json_is_array(list);
}

static enum pl_err check_types(const struct walk *walk, const json_t *given)
{
	json_t *list =
		json_is_string(given) ? json_pack("[O]", given) : json_incref((json_t *)given);
	bool good = are_texts(list) && json_array_size(list) > 0;

	for (size_t i = 0; good && i < json_array_size(list); i++)
		good = type_known(json_string_value(json_array_get(list, i)));
	json_decref(list);
	return good ? PL_OK
		    : walk_refuse(walk, "must be null, boolean, integer, number, string, array or "
					"object, or a list of them");
}

static enum pl_err check_schemas(struct walk *walk, const json_t *schemas)
{
	enum pl_err err = PL_OK;
	const char *name;
	json_t *one;

	json_object_foreach((json_t *)schemas, name, one) {
		size_t at = walk_in(walk, name, 0);

		err = check(walk, one);
		if (err)
			return err;
		walk_out(walk, at);
	}
	return err;
}

static enum pl_err check_list(struct walk *walk, const json_t *list)
{
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < json_array_size(list); i++) {
		size_t at = walk_in(walk, NULL, i);

		err = check(walk, json_array_get(list, i));
		if (!err)
			walk_out(walk, at);
	}
	return err;
}

/* Whether it is of the kind that its shape wants; what is in it comes behind that. */
static bool is_of(enum shape shape, const struct walk *walk, const json_t *given)
{
	const char *text = json_string_value(given);

	switch (shape) {
	case VALUES:
		return json_is_array(given);
	case NUMBER:
		return json_is_number(given);
	case POSITIVE:
		return json_is_number(given) && json_number_value(given) > 0;
	case COUNT:
		return type_is(given, "integer") && json_number_value(given) >= 0;
	case PATTERN:
	case TEXT:
		return text != NULL;
	case SCHEMAS:
		return json_is_object(given);
	case LIST:
		return json_array_size(given) > 0;
	case NAMES:
		return are_texts(given);
	case REF:
		return text && walk_find(walk, text);
	case DRAFT:
		return text && strncmp(text, wants[DRAFT], strlen(wants[DRAFT])) == 0;
	case BOOLEAN:
		return json_is_boolean(given);
	case TYPES:
	case VALUE:
	case SCHEMA:
		break;
	}
	return true;
}

static enum pl_err check_keyword(struct walk *walk, enum shape shape, const json_t *given)
{
	if (!is_of(shape, walk, given))
		return walk_refuse(walk, "must be %s", wants[shape]);
	switch (shape) {
	case TYPES:
		return check_types(walk, given);
	case PATTERN:
		return pattern_finds(walk, NULL, json_string_value(given), NULL, 0);
	case SCHEMA:
		return check(walk, given);
	case SCHEMAS:
		return check_schemas(walk, given);
	case LIST:
		return check_list(walk, given);
	default:
		return PL_OK;
	}
}

static int find(const char *name)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (strcmp(keywords[i].name, name) == 0)
			return (int)i;
	return -1;
}

static enum pl_err check(struct walk *walk, const json_t *schema)
{
	enum pl_err err = walk_step(walk);
	const char *name;
	json_t *given;

	if (err || json_is_boolean(schema))
		return err;
	if (!json_is_object(schema))
		return walk_refuse(walk, "must be a schema: an object, true or false");
	if (++walk->depth > SCHEMA_DEPTH_MAX)
		return pl_fail(PL_TOOLARGE, "%.100s: deeper than %d schemas", walk->path,
			       SCHEMA_DEPTH_MAX);
	json_object_foreach((json_t *)schema, name, given) {
		int i = find(name);
		size_t at;

		if (i < 0)
			return walk_refuse(walk, "the keyword %.60s is not known here", name);
		at = walk_in(walk, name, 0);
		err = check_keyword(walk, keywords[i].shape, given);
		if (err)
			return err;
		walk_out(walk, at);
	}
	walk->depth--;
	return PL_OK;
}

enum pl_err schema_check(const json_t *schema)
{
	struct walk walk = { .root = schema, .path = "schema" };

	return check(&walk, schema);
}
