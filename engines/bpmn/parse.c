/*
 * parse.c — a BPMN file to models. Anything that the element table doesn't know as executable or
 * inert is refused with line, id and reason.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/parse.h"

static const struct bpmn_element elements[] = {
#define BPMN_ELEMENT(tag, role, kind) { #tag, role, BPMN_##kind },
#include "engines/bpmn/elements.h"
};

static bool is_tag(const xmlNode *node, const char *tag)
{
	return strcmp(xml_tag(node), tag) == 0;
}

const struct bpmn_element *bpmn_element_of(const xmlNode *xml)
{
	static const struct bpmn_element unknown = { "", UNKNOWN, BPMN_NONE };

	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (strcmp(elements[i].tag, xml_tag(xml)) == 0)
			return &elements[i];
	return &unknown;
}

enum pl_err bpmn_refuse_element(const xmlNode *xml, const char *owner)
{
	enum bpmn_role role = bpmn_element_of(xml)->role;
	char *id = NULL;
	enum pl_err err = xml_attr(&id, xml, "id");

	if (!err)
		err = xml_refuse(xml, "element %s: %s is not %s", id && *id ? id : owner,
				 xml_tag(xml),
				 role == UNKNOWN   ? "known to BPMN 2.0"
				 : role == REFUSED ? "executable"
						   : "allowed here");
	free(id);
	return err;
}

enum pl_err bpmn_note_id(struct bpmn_model *model, const xmlNode *at, const char *id,
			 json_int_t place)
{
	if (json_object_get(model->places, id))
		return xml_refuse(at, "element %s: the id is there twice", id);
	if (json_object_set_new(model->places, id, json_integer(place)) == 0)
		return PL_OK;
	/* the id is UTF-8, for libxml2 checked it: only memory can be missing */
	return PL_NOMEM;
}

enum pl_err bpmn_new_scope(struct bpmn_model *model, unsigned *scopep, int owner)
{
	if (!bpmn_grow((void **)&model->scopes, model->scopes_len, &model->scopes_cap,
		       sizeof(*model->scopes)))
		return PL_NOMEM;
	*scopep = (unsigned)model->scopes_len++;
	model->scopes[*scopep] = (struct bpmn_scope){ owner, -1, -1, -1 };
	return PL_OK;
}

static enum pl_err parse_condition(struct bpmn_flow *flow, const xmlNode *xml)
{
	char *text = NULL, *language = NULL, where[BPMN_ID_MAX + 40];
	enum pl_err err;

	if (flow->condition)
		return xml_refuse(xml, "sequence flow %s: a second condition", flow->id);
	snprintf(where, sizeof(where), "sequence flow %s: condition", flow->id);
	err = xml_attr(&language, xml, "language");
	if (!err && language && !strcasestr(language, "feel"))
		err = xml_refuse(xml, "%s: the language %.60s is not FEEL", where, language);
	free(language);
	if (!err)
		err = xml_content(&text, xml);
	if (!err)
		err = xml_expression(&flow->condition, xml, text, where);
	free(text);
	return err;
}

static enum pl_err parse_flow(struct bpmn_model *model, unsigned scope, const xmlNode *xml)
{
	struct bpmn_flow *flow;
	enum pl_err err;

	if (model->flows_len == BPMN_FLOWS_MAX)
		return pl_fail(PL_TOOLARGE, "line %ld: more than %d sequence flows",
			       xmlGetLineNo(xml), BPMN_FLOWS_MAX);
	if (!bpmn_grow((void **)&model->flows, model->flows_len, &model->flows_cap, sizeof(*flow)))
		return PL_NOMEM;
	flow = &model->flows[model->flows_len++];
	*flow = (struct bpmn_flow){ .line = xmlGetLineNo(xml), .scope = scope };
	err = xml_id(&flow->id, xml, "id");
	if (!err)
		err = bpmn_note_id(model, xml, flow->id, -(json_int_t)model->flows_len);
	if (!err)
		err = xml_id(&flow->source_id, xml, "sourceRef");
	if (!err)
		err = xml_id(&flow->target_id, xml, "targetRef");
	for (const xmlNode *child = xml->children; child && !err; child = child->next) {
		if (!xml_is(child, BPMN_NS))
			continue;
		if (is_tag(child, "conditionExpression"))
			err = parse_condition(flow, child);
		else if (is_tag(child, "extensionElements"))
			err = bpmn_parse_extensions(NULL, child, flow->id);
		else if (bpmn_element_of(child)->role != INERT)
			err = bpmn_refuse_element(child, flow->id);
	}
	return err;
}

/* Only an association from a compensation event to its handler is looked at again: see link.c. */
static enum pl_err parse_association(struct bpmn_model *model, const xmlNode *xml)
{
	struct bpmn_association *association;
	enum pl_err err;

	if (!bpmn_grow((void **)&model->associations, model->associations_len,
		       &model->associations_cap, sizeof(*association)))
		return PL_NOMEM;
	association = &model->associations[model->associations_len++];
	*association = (struct bpmn_association){ .line = xmlGetLineNo(xml) };
	err = xml_ref(&association->source_id, xml, "sourceRef");
	return err ? err : xml_ref(&association->target_id, xml, "targetRef");
}

enum pl_err bpmn_parse_within(struct bpmn_model *model, unsigned scope, const xmlNode *xml,
			      const char *owner)
{
	const struct bpmn_element *element = bpmn_element_of(xml);

	if (element->role == NODE)
		return bpmn_parse_node(model, scope, xml);
	if (is_tag(xml, "sequenceFlow"))
		return parse_flow(model, scope, xml);
	if (is_tag(xml, "association"))
		return parse_association(model, xml);
	if (is_tag(xml, "extensionElements"))
		return bpmn_parse_extensions(NULL, xml, owner);
	return element->role == INERT ? PL_OK : bpmn_refuse_element(xml, owner);
}

/* parse_version_tag reads zeebe:versionTag among the extension elements of a process. */
static enum pl_err parse_version_tag(struct bpmn_model *model, const xmlNode *process)
{
	enum pl_err err = PL_OK;

	for (const xmlNode *list = process->children; list; list = list->next) {
		if (!xml_is(list, BPMN_NS) || !is_tag(list, "extensionElements"))
			continue;
		for (const xmlNode *child = list->children; child && !err; child = child->next)
			if (!model->version_tag && xml_is(child, ZEEBE_NS) &&
			    is_tag(child, "versionTag"))
				err = xml_attr(&model->version_tag, child, "value");
	}
	return err;
}

static enum pl_err parse_process(struct bpmn_model *model, const xmlNode *xml)
{
	unsigned scope;
	enum pl_err err = xml_id(&model->process_id, xml, "id");

	if (!err)
		err = xml_attr(&model->process_name, xml, "name");
	if (!err && !model->process_name && !(model->process_name = strdup("")))
		err = PL_NOMEM;
	if (!err)
		err = parse_version_tag(model, xml);
	if (!err)
		err = bpmn_new_scope(model, &scope, -1);
	for (const xmlNode *child = xml->children; child && !err; child = child->next)
		if (xml_is(child, BPMN_NS))
			err = bpmn_parse_within(model, scope, child, model->process_id);
	return err;
}

static bool is_declaration(const xmlNode *xml)
{
	return is_tag(xml, "message") || is_tag(xml, "signal") || is_tag(xml, "error") ||
	       is_tag(xml, "escalation");
}

/* What stands beside the processes. */
static enum pl_err parse_around(struct bpmn_model *model, const xmlNode *root)
{
	enum pl_err err = PL_OK;

	for (const xmlNode *child = root->children; child && !err; child = child->next) {
		if (!xml_is(child, BPMN_NS) || is_tag(child, "process"))
			continue;
		if (is_declaration(child))
			err = bpmn_parse_declared(model, child);
		else if (is_tag(child, "extensionElements"))
			err = bpmn_parse_extensions(NULL, child, "definitions");
		else if (is_tag(child, "association"))
			continue;
		else if (bpmn_element_of(child)->role != INERT)
			err = bpmn_refuse_element(child, "definitions");
	}
	return err;
}

static enum pl_err parse_model(struct bpmn_model **modelp, const xmlNode *root,
			       const xmlNode *process)
{
	struct bpmn_model *model = calloc(1, sizeof(*model));
	enum pl_err err = PL_NOMEM;

	if (!model)
		return err;
	model->places = json_object();
	if (model->places)
		err = parse_around(model, root);
	if (!err)
		err = parse_process(model, process);
	if (!err)
		err = bpmn_model_link(model);
	if (!err)
		err = bpmn_model_check(model);
	if (!err)
		err = bpmn_model_reach(model);
	if (err)
		bpmn_model_free(model);
	else
		*modelp = model;
	return err;
}

struct models {
	struct bpmn_model **rows;
	size_t len, cap;
};

static enum pl_err parse_executable(struct models *models, const xmlNode *root,
				    const xmlNode *process)
{
	if (models->len == BPMN_PROCESSES_MAX)
		return pl_fail(PL_TOOLARGE, "line %ld: more than %d executable processes",
			       xmlGetLineNo(process), BPMN_PROCESSES_MAX);
	if (!bpmn_grow((void **)&models->rows, models->len, &models->cap, sizeof(*models->rows)))
		return PL_NOMEM;
	models->rows[models->len] = NULL;
	models->len++;
	return parse_model(&models->rows[models->len - 1], root, process);
}

static enum pl_err refuse_empty(const xmlNode *root, const xmlNode *process)
{
	char *id = NULL;
	enum pl_err err;

	if (!process)
		return xml_refuse(root, "the file has no process");
	err = xml_id(&id, process, "id");
	if (!err)
		err = xml_refuse(process, "process %s: isExecutable is not true", id);
	free(id);
	return err;
}

static enum pl_err parse_definitions(struct models *models, const xmlNode *root)
{
	const xmlNode *passed = NULL;
	enum pl_err err = PL_OK;

	if (!xml_is(root, BPMN_NS) || !is_tag(root, "definitions"))
		return xml_refuse(root, "the root is not definitions of BPMN 2.0");
	for (const xmlNode *child = root->children; child && !err; child = child->next) {
		bool is_executable;

		if (!xml_is(child, BPMN_NS) || !is_tag(child, "process"))
			continue;
		err = xml_flag(&is_executable, child, "isExecutable", true);
		if (!err && is_executable)
			err = parse_executable(models, root, child);
		else
			passed = child;
	}
	return err || models->len ? err : refuse_empty(root, passed);
}

enum pl_err bpmn_models_parse(struct bpmn_model ***modelsp, size_t *lenp, const char *xml,
			      size_t xml_len)
{
	struct models models = { 0 };
	struct xml_file file;
	enum pl_err err = xml_open(&file, xml, xml_len, BPMN_FILE_MAX);

	if (!err)
		err = parse_definitions(&models, xmlDocGetRootElement(file.doc));
	err = xml_close(&file, err);
	if (err) {
		bpmn_models_free(models.rows, models.len);
		return err;
	}
	*modelsp = models.rows;
	*lenp = models.len;
	return PL_OK;
}

enum pl_err bpmn_model_parse(struct bpmn_model **modelp, const char *xml, size_t xml_len)
{
	struct bpmn_model **models;
	size_t len;
	enum pl_err err = bpmn_models_parse(&models, &len, xml, xml_len);

	if (err)
		return err;
	if (len > 1) {
		err = pl_fail(
			PL_INVALID,
			"the file has %zu executable processes, %s and %s among them, where one "
			"is wanted: set isExecutable of the others to false",
			len, models[0]->process_id, models[1]->process_id);
	} else {
		*modelp = models[0];
		models[0] = NULL;
	}
	bpmn_models_free(models, len);
	return err;
}
