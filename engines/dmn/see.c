/*
 * see.c — the names that an element's logic sees.
 *
 * An element of the same file, or of one imported without a name, is seen by its variable's name;
 * one of another file within a context that has the import's name (DMN 1.5 §6.3.3).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/dmn/compile.h"

/* Finds or adds a name; names has room. */
static struct dmn_name *add(struct dmn_name *names, size_t *lenp, const char *name)
{
	for (size_t i = 0; i < *lenp; i++)
		if (strcmp(names[i].name, name) == 0)
			return &names[i];
	names[*lenp].name = name;
	return &names[(*lenp)++];
}

static enum pl_err add_part(struct dmn_model *model, struct dmn_name *name, size_t most,
			    const struct dmn_element *element)
{
	if (!name->parts)
		name->parts = feel_arena_alloc(&model->arena, most * sizeof(*name->parts));
	if (!name->parts)
		return dmn_no_room(model);
	add(name->parts, &name->parts_len, element->variable)->element = element;
	return PL_OK;
}

enum pl_err dmn_see(struct dmn_model *model, struct dmn_element *element)
{
	const struct dmn_source *source = element->place.source;
	size_t most = element->needs_len + 1;
	enum pl_err err = PL_OK;

	element->names = feel_arena_alloc(&model->arena, most * sizeof(*element->names));
	if (!element->names)
		return dmn_no_room(model);
	if (element->kind == DMN_KNOWLEDGE)
		add(element->names, &element->names_len, element->variable)->element = element;
	for (size_t i = 0; !err && i < element->needs_len; i++) {
		const struct dmn_element *need = element->needs[i].element;
		const struct dmn_import *import;
		struct dmn_name *name;

		dmn_path(&import, source, need->place.source);
		name = add(element->names, &element->names_len,
			   import ? import->name : need->variable);
		if (import)
			err = add_part(model, name, most, need);
		else
			name->element = need;
	}
	return err;
}
