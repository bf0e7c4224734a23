/*
 * link.c — joins files by their imports and elements by their references, and finds cycles.
 *
 * Files that are imported without a name become part of the file that imports them, its root: where
 * names meet, the importing file's element stands for both, in the imported file's references, too
 * (DMN 1.5 §6.3.3).
 *
 * Source: DMN 1.5 §6.2 and §6.3.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engines/dmn/model.h"

/* Adds the files that source imports without a name behind *lastp, which moves on. */
static void add_nameless(struct dmn_source *source, struct dmn_source **lastp)
{
	for (size_t i = 0; i < source->imports_len; i++) {
		struct dmn_source *other = source->imports[i].source;

		if (*source->imports[i].name || !other || other->root)
			continue;
		other->root = source->root;
		(*lastp)->next = other;
		*lastp = other;
	}
}

static void find_roots(struct dmn_model *model)
{
	for (size_t i = 0; i < model->sources_len; i++) {
		struct dmn_source *source = model->sources[i], *last = source;

		if (source->root)
			continue;
		source->root = source;
		for (struct dmn_source *s = source; s; s = s->next)
			add_nameless(s, &last);
	}
}

static enum pl_err name_elements(struct dmn_model *model, struct dmn_source *source)
{
	struct dmn_map own = { 0 };

	for (size_t i = 0; i < source->elements_len; i++) {
		struct dmn_element *element = &source->elements[i], *other;

		element->index = model->elements_len++;
		other = dmn_map_add(&own, &model->arena, element->name, element);
		if (!other ||
		    !dmn_map_add(&source->root->names, &model->arena, element->name, element))
			return dmn_no_room(model);
		if (other != element)
			return dmn_fail(PL_INVALID, &element->place,
					"the name \"%s\" is there twice, in line %ld, too",
					element->name, other->place.line);
		other = element->id ? dmn_map_add(&source->ids, &model->arena, element->id, element)
				    : element;
		if (!other)
			return dmn_no_room(model);
		if (other != element)
			return dmn_fail(PL_INVALID, &element->place,
					"\"%s\": the id \"%s\" is there twice, in line %ld, too",
					element->name, element->id, other->place.line);
	}
	return PL_OK;
}

static enum pl_err name_items(struct dmn_model *model, struct dmn_source *source)
{
	struct dmn_map own = { 0 };

	for (size_t i = 0; i < source->items_len; i++) {
		struct dmn_item *item = &source->items[i], *other;

		other = dmn_map_add(&own, &model->arena, item->name, item);
		if (!other || !dmn_map_add(&source->root->types, &model->arena, item->name, item))
			return dmn_no_room(model);
		if (other != item)
			return dmn_fail(
				PL_INVALID, &item->place,
				"the item definition \"%s\" is there twice, in line %ld, too",
				item->name, other->place.line);
	}
	return PL_OK;
}

bool dmn_path(const struct dmn_import **importp, const struct dmn_source *from,
	      const struct dmn_source *to)
{
	*importp = NULL;
	if (from->root == to->root)
		return true;
	for (const struct dmn_source *s = from->root; s; s = s->next)
		for (size_t i = 0; i < s->imports_len; i++)
			if (*s->imports[i].name && s->imports[i].source &&
			    s->imports[i].source->root == to->root) {
				*importp = &s->imports[i];
				return true;
			}
	return false;
}

static const struct dmn_element *find_id(const struct dmn_source *source, const char *id)
{
	const struct dmn_element *found = dmn_map_get(&source->ids, id);

	for (const struct dmn_source *s = source->root; !found && s; s = s->next)
		found = dmn_map_get(&s->ids, id);
	return found;
}

/* A reference is `#id`, or `namespace#id`. */
static const struct dmn_element *find_href(const struct dmn_model *model,
					   const struct dmn_source *source, const char *href)
{
	const char *hash = strrchr(href, '#'), *id = hash ? hash + 1 : href;
	size_t len = hash ? (size_t)(hash - href) : 0;
	const struct dmn_element *found = NULL;

	if (len == 0)
		return find_id(source, id);
	for (size_t i = 0; !found && i < model->sources_len; i++)
		if (strlen(model->sources[i]->namespace) == len &&
		    memcmp(model->sources[i]->namespace, href, len) == 0)
			found = find_id(model->sources[i], id);
	return found;
}

static enum pl_err join(const struct dmn_model *model, const struct dmn_element *element,
			struct dmn_link *links, size_t len, unsigned kinds)
{
	const struct dmn_source *source = element->place.source;
	const struct dmn_import *import;

	for (size_t i = 0; i < len; i++) {
		const struct dmn_element *found = find_href(model, source, links[i].href);
		struct dmn_place place = { source, element->name, links[i].line };

		if (found)
			found = dmn_map_get(&found->place.source->root->names, found->name);
		if (!found)
			return dmn_fail(PL_INVALID, &place,
					"\"%s\" refers to \"%s\", which is missing", element->name,
					links[i].href);
		if (!(kinds & 1u << found->kind))
			return dmn_fail(PL_INVALID, &place,
					"\"%s\" refers to \"%s\", which is of the wrong kind",
					element->name, found->name);
		if (!dmn_path(&import, source, found->place.source))
			return dmn_fail(PL_INVALID, &place,
					"\"%s\" refers to \"%s\" of a file that is not imported",
					element->name, found->name);
		links[i].element = found;
	}
	return PL_OK;
}

static enum pl_err join_element(const struct dmn_model *model, struct dmn_element *element)
{
	const unsigned all = ~0u, decision = 1u << DMN_DECISION;
	enum pl_err err = join(model, element, element->needs, element->needs_len,
			       element->kind == DMN_SERVICE ? decision : all);

	if (!err)
		err = join(model, element, element->outputs, element->outputs_len, decision);
	return err ? err
		   : join(model, element, element->params, element->params_len,
			  decision | 1u << DMN_INPUT_DATA);
}

static enum pl_err find_cycle(struct dmn_element *element, unsigned depth);

static enum pl_err find_cycle_in(struct dmn_element *element, const struct dmn_link *links,
				 size_t len, unsigned depth)
{
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < len; i++) {
		/* the model is still ours to mark */
		struct dmn_element *next = (struct dmn_element *)links[i].element;
		struct dmn_place place = { element->place.source, element->name, links[i].line };

		if (next->mark == DMN_OPEN)
			return dmn_fail(PL_INVALID, &place,
					"\"%s\" requires itself by way of \"%s\": a cycle",
					next->name, element->name);
		err = next->mark == DMN_NEW ? find_cycle(next, depth) : PL_OK;
	}
	return err;
}

static enum pl_err find_cycle(struct dmn_element *element, unsigned depth)
{
	enum pl_err err;

	if (depth > DMN_DEPTH_MAX)
		return dmn_fail(PL_TOOLARGE, &element->place,
				"more than %d elements require each other in a row", DMN_DEPTH_MAX);
	element->mark = DMN_OPEN;
	err = element->kind == DMN_SERVICE
		      ? PL_OK
		      : find_cycle_in(element, element->needs, element->needs_len, depth + 1);
	if (!err)
		err = find_cycle_in(element, element->outputs, element->outputs_len, depth + 1);
	element->mark = DMN_DONE;
	return err;
}

/* Walks the files in the order of precedence: a root, then what it imports without a name. */
static enum pl_err each_source(struct dmn_model *model,
			       enum pl_err (*fn)(struct dmn_model *, struct dmn_source *))
{
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < model->sources_len; i++)
		if (model->sources[i]->root == model->sources[i])
			for (struct dmn_source *s = model->sources[i]; !err && s; s = s->next)
				err = fn(model, s);
	return err;
}

static enum pl_err join_source(struct dmn_model *model, struct dmn_source *source)
{
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < source->elements_len; i++)
		err = join_element(model, &source->elements[i]);
	return err;
}

static enum pl_err find_cycles(struct dmn_model *model, struct dmn_source *source)
{
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < source->elements_len; i++)
		if (source->elements[i].mark == DMN_NEW)
			err = find_cycle(&source->elements[i], 1);
	return err;
}

enum pl_err dmn_link(struct dmn_model *model)
{
	enum pl_err err;

	find_roots(model);
	err = each_source(model, name_elements);
	if (!err)
		err = each_source(model, name_items);
	if (!err)
		err = each_source(model, join_source);
	if (!err)
		err = each_source(model, find_cycles);
	return err ? err : dmn_link_types(model);
}
