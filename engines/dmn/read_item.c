/*
 * read_item.c — item definitions: the types of a DMN file.
 *
 * Source: DMN 1.5 §7.3.2 and §7.3.3.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engines/dmn/read.h"

/* The type of an item is an element, where everything else has an attribute. */
static enum pl_err read_base(struct dmn_reader *reader, struct dmn_item *item, const xmlNode *node)
{
	const xmlNode *ref = dmn_first(reader, node, "typeRef");
	char *name;
	enum pl_err err;

	if (!ref)
		return PL_OK;
	err = xml_content(&name, ref);
	if (err)
		return err;
	if (*name)
		item->base.name = feel_arena_copy(&reader->model->arena, name, strlen(name));
	err = *name && !item->base.name ? dmn_no_room(reader->model) : PL_OK;
	free(name);
	return err;
}

static enum pl_err read_function_item(struct dmn_reader *reader, struct dmn_item *item,
				      const xmlNode *node)
{
	enum pl_err err = dmn_attr(reader, &item->output.name, node, "outputTypeRef");

	item->is_function = true;
	return err ? err
		   : dmn_read_params(reader, &item->params, &item->params_len, node, "parameters");
}

static enum pl_err read_components(struct dmn_reader *reader, struct dmn_item *item,
				   const xmlNode *node)
{
	const char *tag = "itemComponent";
	enum pl_err err = dmn_named_rows(reader, &item->components, dmn_count(reader, node, tag),
					 sizeof(*item->components), node);

	for (const xmlNode *n = dmn_first(reader, node, tag); !err && n;
	     n = dmn_next(reader, n, tag)) {
		struct dmn_item *component = &item->components[item->components_len++];

		err = dmn_read_item(reader, component, n);
		for (size_t i = 0; !err && i + 1 < item->components_len; i++)
			if (strcmp(item->components[i].name, component->name) == 0)
				err = xml_refuse(n, "item \"%s\": component \"%s\" is there twice",
						 item->name, component->name);
	}
	return err;
}

enum pl_err dmn_read_item(struct dmn_reader *reader, struct dmn_item *item, const xmlNode *node)
{
	const xmlNode *function = dmn_first(reader, node, "functionItem");
	const char *collection;
	enum pl_err err = dmn_attr_name(reader, &item->name, node, "name");

	if (err)
		return err;
	item->place = dmn_place(reader, node);
	err = dmn_attr(reader, &collection, node, "isCollection");
	if (err)
		return err;
	item->is_collection =
		collection && (strcmp(collection, "true") == 0 || strcmp(collection, "1") == 0);
	err = read_base(reader, item, node);
	if (!err && function)
		err = read_function_item(reader, item, function);
	if (!err)
		err = read_components(reader, item, node);
	if (!err)
		err = dmn_child_text(reader, &item->allowed, node, "allowedValues");
	if (!err)
		err = dmn_child_text(reader, &item->constraint, node, "typeConstraint");
	return err;
}
