/* fits.c — a value beside a schema. SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/schema/walk.h"

/* given: what stands behind the keyword; schema: in which it stands */
typedef enum pl_err fits_fn(struct walk *walk, const json_t *given, const json_t *schema,
			    const json_t *value);

static enum pl_err fits(struct walk *walk, const json_t *schema, const json_t *value);

static enum pl_err any(struct walk *walk, const json_t *given, const json_t *schema,
		       const json_t *value)
{
	return PL_OK;
}

/* ---- of all types ---- */

/* "string", or "string or null" */
static void names_of(char *text, size_t size, const json_t *types)
{
	size_t len = 0;

	if (json_is_string(types))
		snprintf(text, size, "%s", json_string_value(types));
	for (size_t i = 0; i < json_array_size(types) && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s", i ? " or " : "",
					json_string_value(json_array_get(types, i)));
}

static enum pl_err type(struct walk *walk, const json_t *given, const json_t *schema,
			const json_t *value)
{
	bool good = json_is_string(given) && type_is(value, json_string_value(given));
	char names[100];

	for (size_t i = 0; !good && i < json_array_size(given); i++)
		good = type_is(value, json_string_value(json_array_get(given, i)));
	if (good)
		return PL_OK;
	names_of(names, sizeof(names), given);
	return walk_refuse(walk, "must be of type %s", names);
}

/* A value as it may stand in a sentence. */
static void show(char text[80], const json_t *value)
{
	char *whole = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	snprintf(text, 80, "%.70s%s", whole ? whole : "?", whole && strlen(whole) > 70 ? "…" : "");
	free(whole);
}

static enum pl_err constant(struct walk *walk, const json_t *given, const json_t *schema,
			    const json_t *value)
{
	bool same = false;
	char text[80];
	enum pl_err err = value_same(walk, &same, given, value);

	if (err || same)
		return err;
	show(text, given);
	return walk_refuse(walk, "must be %s", text);
}

static enum pl_err enumeration(struct walk *walk, const json_t *given, const json_t *schema,
			       const json_t *value)
{
	bool same = false;
	char text[80];
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && !same && i < json_array_size(given); i++)
		err = value_same(walk, &same, json_array_get(given, i), value);
	if (err || same)
		return err;
	show(text, given);
	return walk_refuse(walk, "must be one of %s", text);
}

/* ---- numbers ---- */

/* Of two numbers: below 0, 0, above 0. */
static int order(const json_t *a, const json_t *b)
{
	double x = json_number_value(a), y = json_number_value(b);

	if (json_is_integer(a) && json_is_integer(b))
		return (json_integer_value(a) > json_integer_value(b)) -
		       (json_integer_value(a) < json_integer_value(b));
	return (x > y) - (x < y);
}

static enum pl_err outside(const struct walk *walk, const json_t *bound, const char *fmt)
{
	char text[80];

	show(text, bound);
	return walk_refuse(walk, "must be %s %s", fmt, text);
}

static enum pl_err minimum(struct walk *walk, const json_t *given, const json_t *schema,
			   const json_t *value)
{
	return json_is_number(value) && order(value, given) < 0 ? outside(walk, given, "at least")
								: PL_OK;
}

static enum pl_err maximum(struct walk *walk, const json_t *given, const json_t *schema,
			   const json_t *value)
{
	return json_is_number(value) && order(value, given) > 0 ? outside(walk, given, "at most")
								: PL_OK;
}

static enum pl_err exclusive_minimum(struct walk *walk, const json_t *given, const json_t *schema,
				     const json_t *value)
{
	return json_is_number(value) && order(value, given) <= 0 ? outside(walk, given, "above")
								 : PL_OK;
}

static enum pl_err exclusive_maximum(struct walk *walk, const json_t *given, const json_t *schema,
				     const json_t *value)
{
	return json_is_number(value) && order(value, given) >= 0 ? outside(walk, given, "below")
								 : PL_OK;
}

static bool divides(const json_t *part, const json_t *value)
{
	double quotient;

	if (json_is_integer(part) && json_is_integer(value))
		return json_integer_value(value) % json_integer_value(part) == 0;
	quotient = json_number_value(value) / json_number_value(part);
	return isfinite(quotient) && fabs(quotient - nearbyint(quotient)) <= 1e-9 * fabs(quotient);
}

static enum pl_err multiple(struct walk *walk, const json_t *given, const json_t *schema,
			    const json_t *value)
{
	return json_is_number(value) && !divides(given, value)
		       ? outside(walk, given, "a multiple of")
		       : PL_OK;
}

/* ---- counts ---- */

static size_t characters(const json_t *text)
{
	const char *at = json_string_value(text);
	size_t n = 0;

	for (size_t i = 0; i < json_string_length(text); i++)
		n += (at[i] & 0xc0) != 0x80;
	return n;
}

static enum pl_err few(const struct walk *walk, const json_t *given, size_t count, const char *what)
{
	if ((double)count >= json_number_value(given))
		return PL_OK;
	return walk_refuse(walk, "must have at least %.0f %s", json_number_value(given), what);
}

static enum pl_err many(const struct walk *walk, const json_t *given, size_t count,
			const char *what)
{
	if ((double)count <= json_number_value(given))
		return PL_OK;
	return walk_refuse(walk, "must have at most %.0f %s", json_number_value(given), what);
}

static enum pl_err min_length(struct walk *walk, const json_t *given, const json_t *schema,
			      const json_t *value)
{
	return json_is_string(value) ? few(walk, given, characters(value), "characters") : PL_OK;
}

static enum pl_err max_length(struct walk *walk, const json_t *given, const json_t *schema,
			      const json_t *value)
{
	return json_is_string(value) ? many(walk, given, characters(value), "characters") : PL_OK;
}

static enum pl_err min_items(struct walk *walk, const json_t *given, const json_t *schema,
			     const json_t *value)
{
	return json_is_array(value) ? few(walk, given, json_array_size(value), "items") : PL_OK;
}

static enum pl_err max_items(struct walk *walk, const json_t *given, const json_t *schema,
			     const json_t *value)
{
	return json_is_array(value) ? many(walk, given, json_array_size(value), "items") : PL_OK;
}

static enum pl_err min_properties(struct walk *walk, const json_t *given, const json_t *schema,
				  const json_t *value)
{
	return json_is_object(value) ? few(walk, given, json_object_size(value), "members") : PL_OK;
}

static enum pl_err max_properties(struct walk *walk, const json_t *given, const json_t *schema,
				  const json_t *value)
{
	return json_is_object(value) ? many(walk, given, json_object_size(value), "members")
				     : PL_OK;
}

static enum pl_err pattern(struct walk *walk, const json_t *given, const json_t *schema,
			   const json_t *value)
{
	bool found = true;
	enum pl_err err = PL_OK;

	if (json_is_string(value))
		err = pattern_finds(walk, &found, json_string_value(given),
				    json_string_value(value), json_string_length(value));
	return err || found ? err
			    : walk_refuse(walk, "must match %.100s", json_string_value(given));
}

/* ---- lists and objects ---- */

static enum pl_err items(struct walk *walk, const json_t *given, const json_t *schema,
			 const json_t *value)
{
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < json_array_size(value); i++) {
		size_t at = walk_in(walk, NULL, i);

		err = fits(walk, given, json_array_get(value, i));
		walk_out(walk, at);
	}
	return err;
}

static enum pl_err unique(struct walk *walk, const json_t *given, const json_t *schema,
			  const json_t *value)
{
	bool same = false;
	enum pl_err err = PL_OK;

	for (size_t i = 0; json_is_true(given) && i < json_array_size(value); i++)
		for (size_t j = 0; j < i; j++) {
			err = value_same(walk, &same, json_array_get(value, i),
					 json_array_get(value, j));
			if (err)
				return err;
			if (same)
				return walk_refuse(walk, "items %zu and %zu are the same", j, i);
		}
	return PL_OK;
}

static enum pl_err member(struct walk *walk, const json_t *schema, const char *name,
			  const json_t *value)
{
	size_t at = walk_in(walk, name, 0);
	enum pl_err err = fits(walk, schema, value);

	walk_out(walk, at);
	return err;
}

static enum pl_err properties(struct walk *walk, const json_t *given, const json_t *schema,
			      const json_t *value)
{
	const char *name;
	json_t *one;

	json_object_foreach((json_t *)given, name, one) {
		const json_t *found = json_object_get(value, name);
		enum pl_err err = found ? member(walk, one, name, found) : PL_OK;

		if (err)
			return err;
	}
	return PL_OK;
}

static enum pl_err additional(struct walk *walk, const json_t *given, const json_t *schema,
			      const json_t *value)
{
	const json_t *known = json_object_get(schema, "properties");
	const char *name;
	json_t *one;

	json_object_foreach((json_t *)value, name, one) {
		enum pl_err err = PL_OK;

		if (json_object_get(known, name))
			continue;
		if (json_is_false(given))
			return walk_refuse(walk, "has no member %.60s", name);
		err = member(walk, given, name, one);
		if (err)
			return err;
	}
	return PL_OK;
}

static enum pl_err required(struct walk *walk, const json_t *given, const json_t *schema,
			    const json_t *value)
{
	for (size_t i = 0; json_is_object(value) && i < json_array_size(given); i++) {
		const char *name = json_string_value(json_array_get(given, i));

		if (!json_object_get(value, name))
			return walk_refuse(walk, "%.60s is missing", name);
	}
	return PL_OK;
}

/* ---- other schemas ---- */

static enum pl_err all_of(struct walk *walk, const json_t *given, const json_t *schema,
			  const json_t *value)
{
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < json_array_size(given); i++)
		err = fits(walk, json_array_get(given, i), value);
	return err;
}

/* How many of a list fit, up to `most`; an error only of a limit or of memory. */
static enum pl_err count(struct walk *walk, const json_t *list, const json_t *value, int most,
			 int *countp)
{
	char path[WALK_PATH_MAX];
	int depth = walk->depth;

	*countp = 0;
	for (size_t i = 0; *countp < most && i < json_array_size(list); i++) {
		enum pl_err err;

		memcpy(path, walk->path, sizeof(path));
		err = fits(walk, json_array_get(list, i), value);
		memcpy(walk->path, path, sizeof(path));
		walk->depth = depth;
		if (err && err != PL_INVALID)
			return err;
		*countp += !err;
	}
	return PL_OK;
}

static enum pl_err any_of(struct walk *walk, const json_t *given, const json_t *schema,
			  const json_t *value)
{
	int found;
	enum pl_err err = count(walk, given, value, 1, &found);

	return err || found ? err : walk_refuse(walk, "fits none of anyOf");
}

static enum pl_err one_of(struct walk *walk, const json_t *given, const json_t *schema,
			  const json_t *value)
{
	int found;
	enum pl_err err = count(walk, given, value, 2, &found);

	return err || found == 1
		       ? err
		       : walk_refuse(walk, "fits %s of oneOf", found ? "more than one" : "none");
}

static enum pl_err not_that(struct walk *walk, const json_t *given, const json_t *schema,
			    const json_t *value)
{
	json_t *list = json_pack("[O]", given);
	int found = 0;
	enum pl_err err = list ? count(walk, list, value, 1, &found) : PL_NOMEM;

	json_decref(list);
	return err || !found ? err : walk_refuse(walk, "fits what stands behind not");
}

static enum pl_err ref(struct walk *walk, const json_t *given, const json_t *schema,
		       const json_t *value)
{
	return fits(walk, walk_find(walk, json_string_value(given)), value);
}

/* ---- the walk ---- */

/* How much there is in a value to be looked through. */
static size_t weight(const json_t *value)
{
	enum { TEXT_SHARE = 32 };

	return json_is_string(value) ? json_string_length(value) / TEXT_SHARE
				     : json_object_size(value) + json_array_size(value);
}

static const struct {
	const char *name;
	fits_fn *fits;
} keywords[] = {
#define SCHEMA_KEYWORD(name, shape, fits) { name, fits },
#include "engines/schema/keywords.h"
#undef SCHEMA_KEYWORD
};

static enum pl_err fits(struct walk *walk, const json_t *schema, const json_t *value)
{
	enum pl_err err = walk_step(walk);

	if (json_is_false(schema) && !err)
		err = walk_refuse(walk, "may not be there");
	if (err || !json_is_object(schema))
		return err;
	if (++walk->depth > SCHEMA_DEPTH_MAX)
		return pl_fail(PL_TOOLARGE, "%.100s: deeper than %d schemas", walk->path,
			       SCHEMA_DEPTH_MAX);
	for (size_t i = 0; !err && i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		const json_t *given = json_object_get(schema, keywords[i].name);

		if (!given || keywords[i].fits == any)
			continue;
		err = walk_step(walk);
		if (!err)
			err = walk_work(walk, weight(given) + weight(value));
		if (!err)
			err = keywords[i].fits(walk, given, schema, value);
	}
	walk->depth--;
	return err;
}

enum pl_err schema_fits(const json_t *schema, const json_t *value, const char *name)
{
	struct walk walk = { .root = schema };

	snprintf(walk.path, sizeof(walk.path), "%s", name);
	return fits(&walk, schema, value);
}
