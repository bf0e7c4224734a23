/*
 * load.c — from files to a model: read each, find what it imports, link, compile.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/dmn/read.h"

enum pl_err dmn_fail(enum pl_err err, const struct dmn_place *place, const char *fmt, ...)
{
	char reason[360];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	return pl_fail(err, "%s: line %ld: %s", place->source->label, place->line, reason);
}

enum pl_err dmn_no_room(const struct dmn_model *model)
{
	if (!model->arena.hit_limit)
		return PL_NOMEM;
	return pl_fail(PL_TOOLARGE, "the model needs more than %d bytes", DMN_MEMORY_MAX);
}

bool dmn_problem(struct dmn_model *model, const struct dmn_place *place, unsigned column,
		 const char *reason)
{
	struct dmn_diagnostics *problems = &model->problems;
	const char *copy;

	if (problems->len++ >= DMN_DIAGNOSTICS_MAX)
		return true;
	copy = feel_arena_copy(&model->arena, reason, strlen(reason));
	problems->rows[problems->kept++] =
		(struct dmn_diagnostic){ place->source->label, place->owner, place->line, column,
					 copy };
	return copy != NULL;
}

static enum pl_err read_file(struct dmn_model *model, const struct dmn_file *file)
{
	struct dmn_reader reader = { .model = model };
	struct xml_file xml;
	char reason[400];
	enum pl_err err;

	if (model->sources_len == DMN_FILES_MAX)
		return pl_fail(PL_TOOLARGE, "%s: a model has at most %d files", file->name,
			       DMN_FILES_MAX);
	err = dmn_rows(&reader, &reader.source, 1, sizeof(*reader.source));
	if (err)
		return err;
	reader.source->label = feel_arena_copy(&model->arena, file->name, strlen(file->name));
	if (!reader.source->label)
		return dmn_no_room(model);
	err = xml_open(&xml, file->text, file->len, DMN_FILE_MAX);
	if (!err)
		err = dmn_read(&reader, xmlDocGetRootElement(xml.doc));
	err = xml_close(&xml, err);
	if (err == PL_INVALID || err == PL_TOOLARGE) {
		snprintf(reason, sizeof(reason), "%s", pl_err_detail(err));
		return pl_fail(err, "%s: %s", file->name, reason);
	}
	for (size_t i = 0; !err && i < model->sources_len; i++)
		if (strcmp(model->sources[i]->namespace, reader.source->namespace) == 0)
			return pl_fail(PL_INVALID, "%s: it has the same namespace as %s: \"%s\"",
				       file->name, model->sources[i]->label,
				       reader.source->namespace);
	if (!err)
		model->sources[model->sources_len++] = reader.source;
	return err;
}

static struct dmn_source *source_of(const struct dmn_model *model, const char *namespace)
{
	for (size_t i = 0; i < model->sources_len; i++)
		if (strcmp(model->sources[i]->namespace, namespace) == 0)
			return model->sources[i];
	return NULL;
}

/* An import of something else, such as an XML schema, is no matter of ours until it is used. */
static bool is_dmn(const struct dmn_import *import)
{
	return !import->type || strstr(import->type, "/DMN/") || strstr(import->type, "/dmn");
}

static enum pl_err find_import(struct dmn_model *model, const struct dmn_source *source,
			       struct dmn_import *import, dmn_find_fn *find, void *arg)
{
	struct dmn_place place = { source, source->name, import->line };
	struct dmn_file file = { 0 };
	enum pl_err err = PL_NOTFOUND;

	import->source = source_of(model, import->namespace);
	if (import->source || !is_dmn(import))
		return PL_OK;
	if (find)
		err = find(&file, import->namespace, import->location, arg);
	if (err == PL_NOTFOUND)
		return dmn_fail(
			PL_INVALID, &place,
			"the imported file with the namespace \"%s\" is missing; give it, too",
			import->namespace);
	if (!err)
		err = read_file(model, &file);
	if (err)
		return err;
	import->source = source_of(model, import->namespace);
	if (!import->source)
		return dmn_fail(PL_INVALID, &place, "%s has not the namespace \"%s\"", file.name,
				import->namespace);
	return PL_OK;
}

bool dmn_has_namespace(const struct dmn_file *file, const char *namespace)
{
	struct xml_file xml;
	char *found = NULL;
	bool has = false;
	enum pl_err err = xml_open(&xml, file->text, file->len, DMN_FILE_MAX);

	if (!err && dmn_version(xmlDocGetRootElement(xml.doc)))
		err = xml_attr(&found, xmlDocGetRootElement(xml.doc), "namespace");
	if (!err && found)
		has = strcmp(found, namespace) == 0;
	free(found);
	return xml_close(&xml, err) == PL_OK && has;
}

static enum pl_err load(struct dmn_model *model, const struct dmn_file *files, size_t files_len,
			dmn_find_fn *find, void *arg)
{
	enum pl_err err = files_len ? PL_OK : pl_fail(PL_INVALID, "there is no file");

	for (size_t i = 0; !err && i < files_len; i++)
		err = read_file(model, &files[i]);
	for (size_t i = 0; !err && i < model->sources_len; i++)
		for (size_t j = 0; !err && j < model->sources[i]->imports_len; j++)
			err = find_import(model, model->sources[i], &model->sources[i]->imports[j],
					  find, arg);
	if (!err)
		err = dmn_link(model);
	return err ? err : dmn_compile(model);
}

enum pl_err dmn_load(struct dmn_model **modelp, const struct dmn_file *files, size_t files_len,
		     dmn_find_fn *find, void *arg)
{
	struct dmn_model *model = calloc(1, sizeof(*model));
	enum pl_err err;

	if (!model)
		return PL_NOMEM;
	model->arena.limit = DMN_MEMORY_MAX;
	err = load(model, files, files_len, find, arg);
	if (err)
		dmn_free(model);
	else
		*modelp = model;
	return err;
}

void dmn_free(struct dmn_model *model)
{
	if (!model)
		return;
	for (size_t i = 0; i < model->exprs_len; i++)
		feel_free(model->exprs[i]);
	free(model->exprs);
	feel_arena_fini(&model->arena);
	free(model);
}

size_t dmn_problems(const struct dmn_diagnostic **problemsp, const struct dmn_model *model)
{
	*problemsp = model->problems.rows;
	return model->problems.len;
}

const struct dmn_element *dmn_element_at(const struct dmn_model *model, size_t i)
{
	const struct dmn_source *source = model->sources[0];

	return i < source->elements_len ? &source->elements[i] : NULL;
}

struct dmn_info dmn_element_info(const struct dmn_element *element)
{
	return (struct dmn_info){ element->kind, element->id, element->name, element->type.name,
				  element->version_tag };
}

const struct dmn_element *dmn_find(const struct dmn_model *model, enum dmn_element_kind kind,
				   const char *name)
{
	const struct dmn_element *found = dmn_map_get(&model->sources[0]->names, name);

	if (found && found->kind == kind)
		return found;
	for (const struct dmn_source *s = model->sources[0]; s; s = s->next) {
		found = dmn_map_get(&s->ids, name);
		if (found && found->kind == kind)
			return found;
	}
	return NULL;
}
