/*
 * type.c — item definitions as FEEL types, and names of types.
 *
 * An item that says no more than its base is its base. One that has allowed values of its own has
 * those instead of its base's.
 *
 * Source: DMN 1.5 §7.3.2, §7.3.3 and §10.3.2.9.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "engines/dmn/compile.h"

static bool passes(struct feel_run *run, const struct dmn_text *tests,
		   const struct feel_value *value)
{
	const struct feel_value *result;

	if (!tests->text)
		return true;
	if (!tests->expr) {
		feel_null_because(run, "%s: %s", tests->place.owner, tests->problem);
		return false;
	}
	result = feel_test(run, tests->expr, NULL, value);
	return result && result->kind == FEEL_BOOLEAN && result->truth;
}

static bool allows_one(struct feel_run *run, const struct feel_value *value, const void *arg)
{
	const struct dmn_item *item = arg;

	return passes(run, &item->allowed, value) &&
	       (item->is_collection || passes(run, &item->constraint, value));
}

static bool allows_whole(struct feel_run *run, const struct feel_value *value, const void *arg)
{
	const struct dmn_item *item = arg;

	return passes(run, &item->constraint, value);
}

static const struct dmn_item *find_item(const struct dmn_source *source, const char *name)
{
	return dmn_map_get(&source->root->types, name);
}

/* A name behind that of an import, `import.name` (DMN 1.2 and later). */
static const struct dmn_item *find_imported(const struct dmn_source *source, const char *name)
{
	for (const struct dmn_source *s = source->root; s; s = s->next)
		for (size_t i = 0; i < s->imports_len; i++) {
			const struct dmn_import *import = &s->imports[i];
			size_t len = strlen(import->name);
			const struct dmn_item *found = NULL;

			if (len && import->source && strncmp(name, import->name, len) == 0 &&
			    name[len] == '.')
				found = find_item(import->source, name + len + 1);
			if (found)
				return found;
		}
	return NULL;
}

/* A name behind a prefix for a namespace (DMN 1.1); those of FEEL and our own need no table. */
static const struct dmn_item *find_prefixed(const struct dmn_source *source, const char *name)
{
	const struct dmn_item *found = find_item(source, name);

	for (const struct dmn_source *s = source->root; !found && s; s = s->next)
		for (size_t i = 0; !found && i < s->imports_len; i++)
			if (s->imports[i].source)
				found = find_item(s->imports[i].source, name);
	return found;
}

/* XML Schema's names of types, which files of DMN 1.1 may have; the others are FEEL's, too. */
static const struct feel_type *schema_type(const char *name)
{
	static const char *const numbers[] = { "integer", "decimal", "int",   "long",
					       "short",	  "double",  "float", NULL };
	const struct feel_type *type = feel_type_named(name, strlen(name));

	for (size_t i = 0; !type && numbers[i]; i++)
		if (strcmp(name, numbers[i]) == 0)
			type = feel_type_named("number", 6);
	return type;
}

/* Sets *itemp or, for a built-in type, *typep; neither for any value. False for an unknown name. */
static bool find_type(const struct dmn_item **itemp, const struct feel_type **typep,
		      const struct dmn_source *source, const char *name)
{
	const char *colon = strrchr(name, ':');

	*itemp = find_item(source, name);
	*typep = *itemp ? NULL : feel_type_named(name, strlen(name));
	if (*itemp || *typep)
		return true;
	*itemp = find_imported(source, name);
	if (!*itemp && colon) {
		*typep = schema_type(colon + 1);
		*itemp = *typep ? NULL : find_prefixed(source, colon + 1);
	}
	return *itemp || *typep || !*name || strcmp(name, "<Undefined>") == 0;
}

/* An unknown name is any value; files in use have some. It is a problem, and said at evaluation. */
const struct feel_type dmn_unknown_type = { .kind = FEEL_TYPE_ANY };

static enum pl_err link_ref(struct dmn_model *model, const struct dmn_source *source,
			    const struct dmn_item **itemp, struct dmn_ref *ref,
			    const struct dmn_place *place)
{
	const struct feel_type *type;
	char reason[300];

	*itemp = NULL;
	if (!ref->name)
		return PL_OK;
	if (find_type(itemp, &type, source, ref->name)) {
		ref->type = *itemp ? &(*itemp)->whole : type;
		return PL_OK;
	}
	ref->type = &dmn_unknown_type;
	snprintf(reason, sizeof(reason), "there is no type \"%.200s\"; any value is taken",
		 ref->name);
	return dmn_problem(model, place, 0, reason) ? PL_OK : dmn_no_room(model);
}

enum pl_err dmn_link_ref(struct dmn_model *model, const struct dmn_source *source,
			 struct dmn_ref *ref, const struct dmn_place *place)
{
	const struct dmn_item *item;

	return link_ref(model, source, &item, ref, place);
}

static enum pl_err link_item(struct dmn_model *model, struct dmn_item *item, unsigned depth);

/* Parameters and components alike are members of a type. */
static enum pl_err new_members(struct dmn_model *model, struct feel_member **membersp,
			       struct feel_type *type, size_t len)
{
	*membersp = feel_arena_alloc(&model->arena, (len + 1) * sizeof(**membersp));
	type->members = *membersp;
	type->len = len;
	return *membersp ? PL_OK : dmn_no_room(model);
}

static struct feel_text text_of(const char *name)
{
	return (struct feel_text){ name, strlen(name) };
}

static enum pl_err link_function(struct dmn_model *model, struct dmn_item *item)
{
	struct feel_type *type = &item->one;
	struct feel_member *members;
	enum pl_err err = new_members(model, &members, type, item->params_len);

	type->kind = FEEL_TYPE_FUNCTION;
	for (size_t i = 0; !err && i < item->params_len; i++) {
		err = dmn_link_ref(model, item->place.source, &item->params[i].type, &item->place);
		members[i] = (struct feel_member){ text_of(item->params[i].name),
						   item->params[i].type.type };
	}
	if (!err)
		err = dmn_link_ref(model, item->place.source, &item->output, &item->place);
	type->element = item->output.type;
	return err;
}

/* A component that is no more than its type, which may be the one that it is part of. */
static bool is_alias(const struct dmn_item *item)
{
	return !item->is_function && !item->components_len && !item->is_collection &&
	       !item->allowed.text && !item->constraint.text;
}

static enum pl_err link_components(struct dmn_model *model, struct dmn_item *item, unsigned depth)
{
	struct feel_type *type = &item->one;
	struct feel_member *members;
	enum pl_err err = new_members(model, &members, type, item->components_len);

	type->kind = FEEL_TYPE_CONTEXT;
	for (size_t i = 0; !err && i < item->components_len; i++) {
		struct dmn_item *component = &item->components[i];

		if (is_alias(component))
			err = dmn_link_ref(model, item->place.source, &component->base,
					   &component->place);
		else
			err = link_item(model, component, depth);
		members[i] = (struct feel_member){ text_of(component->name),
						   is_alias(component) ? component->base.type
								       : &component->whole };
	}
	return err;
}

/* Sets *onep to the type of a member. */
static enum pl_err link_one(struct dmn_model *model, const struct feel_type **onep,
			    struct dmn_item *item, unsigned depth)
{
	static const struct feel_type any = { .kind = FEEL_TYPE_ANY };
	const struct dmn_item *base;
	bool says_more = item->allowed.text || (item->constraint.text && !item->is_collection);
	enum pl_err err;

	*onep = &item->one;
	if (item->is_function)
		err = link_function(model, item);
	else if (item->components_len)
		err = link_components(model, item, depth);
	else {
		err = link_ref(model, item->place.source, &base, &item->base, &item->place);
		*onep = item->base.type ? item->base.type : &any;
		/* a list of itself needs no more than a pointer; a copy does */
		if (!err && base && (says_more || !item->is_collection))
			err = link_item(model, (struct dmn_item *)base, depth);
	}
	if (err || !says_more)
		return err;
	item->one = **onep;
	item->one.allows = allows_one;
	item->one.allows_arg = item;
	*onep = &item->one;
	return PL_OK;
}

static enum pl_err link_item(struct dmn_model *model, struct dmn_item *item, unsigned depth)
{
	const struct feel_type *one;
	enum pl_err err;

	if (item->mark == DMN_DONE)
		return PL_OK;
	if (item->mark == DMN_OPEN)
		return dmn_fail(PL_INVALID, &item->place,
				"item definition \"%s\" is defined by itself: a cycle", item->name);
	if (depth > DMN_DEPTH_MAX)
		return dmn_fail(PL_TOOLARGE, &item->place,
				"item definition \"%s\": more than %d types in a row", item->name,
				DMN_DEPTH_MAX);
	item->mark = DMN_OPEN;
	err = link_one(model, &one, item, depth + 1);
	if (err)
		return err;
	item->mark = DMN_DONE;
	if (!item->is_collection) {
		item->whole = *one;
		return PL_OK;
	}
	item->whole = (struct feel_type){ .kind = FEEL_TYPE_LIST, .element = one };
	if (item->constraint.text) {
		item->whole.allows = allows_whole;
		item->whole.allows_arg = item;
	}
	return PL_OK;
}

static const char *qualified(struct dmn_model *model, const char *import, const char *name)
{
	size_t size = strlen(import) + strlen(name) + 2;
	char *text = feel_arena_alloc(&model->arena, size);

	if (text)
		snprintf(text, size, "%s.%s", import, name);
	return text;
}

/* Visits the types that expressions of a root may name; with seen NULL only counts them. */
static size_t see_types(struct dmn_model *model, struct dmn_seen_type *seen,
			const struct dmn_source *source, const char *import)
{
	const struct dmn_map *types = &source->root->types;
	size_t len = 0;

	for (size_t i = 0; i < types->cap; i++) {
		const struct dmn_item *item = types->rows[i].value;

		if (!item)
			continue;
		if (seen)
			seen[len] = (struct dmn_seen_type){
				import ? qualified(model, import, item->name) : item->name,
				&item->whole
			};
		len++;
	}
	for (const struct dmn_source *s = source->root; !import && s; s = s->next)
		for (size_t i = 0; i < s->imports_len; i++)
			if (*s->imports[i].name && s->imports[i].source)
				len += see_types(model, seen ? seen + len : NULL,
						 s->imports[i].source, s->imports[i].name);
	return len;
}

static enum pl_err list_types(struct dmn_model *model, struct dmn_source *root)
{
	root->seen_len = see_types(model, NULL, root, NULL);
	if (root->seen_len > DMN_TYPES_MAX)
		return pl_fail(PL_TOOLARGE, "%s: more than %d item definitions", root->label,
			       DMN_TYPES_MAX);
	root->seen = feel_arena_alloc(&model->arena, (root->seen_len + 1) * sizeof(*root->seen));
	if (!root->seen)
		return dmn_no_room(model);
	see_types(model, root->seen, root, NULL);
	for (size_t i = 0; i < root->seen_len; i++)
		if (!root->seen[i].name)
			return dmn_no_room(model);
	return PL_OK;
}

enum pl_err dmn_link_types(struct dmn_model *model)
{
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < model->sources_len; i++) {
		struct dmn_source *source = model->sources[i];

		for (size_t j = 0; !err && j < source->items_len; j++)
			err = link_item(model, &source->items[j], 1);
	}
	for (size_t i = 0; !err && i < model->sources_len; i++)
		if (model->sources[i]->root == model->sources[i])
			err = list_types(model, model->sources[i]);
	return err;
}

const struct dmn_text *dmn_allowed_of(const struct feel_type *type)
{
	return type->allows == allows_one ? &((const struct dmn_item *)type->allows_arg)->allowed
					  : NULL;
}
