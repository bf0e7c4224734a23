/*
 * eval_element.c — requirement graphs: input data, decisions, knowledge, services.
 *
 * Source: DMN 1.5 §6.2 and §10.4.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/dmn/eval.h"

static struct feel_text text_of(const char *name)
{
	return (struct feel_text){ name, strlen(name) };
}

static bool new_known(struct dmn_known **knownp, struct dmn_eval *eval)
{
	struct dmn_known *known = dmn_alloc(eval, sizeof(*known));

	if (!known)
		return false;
	known->eval = eval;
	known->values = dmn_alloc(eval, eval->model->elements_len * sizeof(*known->values));
	*knownp = known;
	return known->values != NULL;
}

/* ---- names ---- */

static const struct feel_value *name_value(struct dmn_known *known, const struct dmn_name *name)
{
	struct feel_entry *entries;

	if (name->element)
		return dmn_element_value(known, name->element);
	entries = dmn_alloc(known->eval, name->parts_len * sizeof(*entries));
	for (size_t i = 0; entries && i < name->parts_len; i++) {
		entries[i].key = text_of(name->parts[i].name);
		entries[i].value = name_value(known, &name->parts[i]);
		if (!entries[i].value)
			return NULL;
	}
	return entries ? feel_context(feel_run_arena(known->eval->run), entries, name->parts_len)
		       : NULL;
}

bool dmn_frame_open(struct dmn_frame *frame, struct dmn_known *known,
		    const struct dmn_element *element)
{
	*frame = (struct dmn_frame){ known->eval, known, element, NULL, 0 };
	frame->slots = dmn_alloc(known->eval, element->slots * sizeof(*frame->slots));
	if (!frame->slots)
		return false;
	for (size_t i = 0; i < element->names_len; i++) {
		frame->slots[i] = name_value(known, &element->names[i]);
		if (!frame->slots[i])
			return false;
		frame->len++;
	}
	return true;
}

/* ---- what is given ---- */

/* Ends a run that is out of memory, and says why. */
static const struct feel_value *over(struct dmn_eval *eval)
{
	return dmn_alloc(eval, SIZE_MAX);
}

/* Looks within contexts that have the names of imports, as deep as files import each other. */
static bool given_within(const struct feel_value **valuep, struct feel_arena *arena,
			 const struct feel_value *inputs, const struct dmn_source *from,
			 const struct dmn_element *element, unsigned depth)
{
	for (const struct dmn_source *s = from->root; s; s = s->next)
		for (size_t i = 0; !*valuep && i < s->imports_len; i++) {
			const struct dmn_import *import = &s->imports[i];
			const struct feel_value *within;

			if (!*import->name || !import->source)
				continue;
			if (!feel_context_get(&within, arena, inputs, text_of(import->name)))
				return false;
			if (!within || within->kind != FEEL_CONTEXT)
				continue;
			if (import->source->root == element->place.source->root &&
			    !feel_context_get(valuep, arena, within, text_of(element->variable)))
				return false;
			if (!*valuep && depth < DMN_FILES_MAX &&
			    !given_within(valuep, arena, within, import->source, element,
					  depth + 1))
				return false;
		}
	return true;
}

/* Sets *valuep to what is given for an element, NULL for nothing; false when the run is over. */
static bool given(const struct feel_value **valuep, struct dmn_eval *eval,
		  const struct dmn_element *element)
{
	struct feel_arena *arena = feel_run_arena(eval->run);
	const struct dmn_source *first = eval->model->sources[0];
	const struct feel_value *inputs = eval->inputs;

	*valuep = NULL;
	if (!inputs || inputs->kind != FEEL_CONTEXT)
		return true;
	if (element->place.source->root != first->root &&
	    !given_within(valuep, arena, inputs, first, element, 1))
		return false;
	return *valuep || feel_context_get(valuep, arena, inputs, text_of(element->variable));
}

static const struct feel_value *given_value(struct dmn_known *known,
					    const struct dmn_element *element)
{
	const struct feel_value *value;

	if (!given(&value, known->eval, element))
		return over(known->eval);
	if (!value)
		return dmn_null_because(known->eval, &element->place, "\"%s\" is not given",
					element->variable);
	return dmn_coerce(known->eval, value, element->type.type, &element->place);
}

/* ---- decisions and knowledge ---- */

static const struct feel_value *compute_decision(struct dmn_known *known,
						 const struct dmn_element *element)
{
	struct dmn_frame frame;

	if (!dmn_frame_open(&frame, known, element))
		return NULL;
	return dmn_coerce(known->eval, dmn_boxed_value(&frame, element->logic), element->type.type,
			  &element->place);
}

/* A decision that is given isn't evaluated. */
static const struct feel_value *decision_value(struct dmn_known *known,
					       const struct dmn_element *element)
{
	const struct feel_value *value = NULL;

	if (!known->is_service && !given(&value, known->eval, element))
		return over(known->eval);
	if (!value)
		return compute_decision(known, element);
	return dmn_coerce(known->eval, value, element->type.type, &element->place);
}

/* The one that is asked for is evaluated if it can be. */
static const struct feel_value *evaluate_decision(struct dmn_known *known,
						  const struct dmn_element *element)
{
	return element->logic->kind == DMN_ABSENT ? decision_value(known, element)
						  : compute_decision(known, element);
}

/* The type of knowledge is that of its function, or, in older files, of the function's result. */
static const struct feel_type *result_type(const struct feel_type *type)
{
	return type && type->kind == FEEL_TYPE_FUNCTION ? type->element : type;
}

struct knowledge {
	struct dmn_known *known;
	const struct dmn_element *element;
};

static const struct feel_value *call_knowledge(struct feel_run *run, void *arg,
					       const struct feel_value *const *args, size_t len)
{
	const struct knowledge *self = arg;
	const struct dmn_boxed *logic = self->element->logic;
	struct dmn_eval *eval = self->known->eval;
	const struct feel_value *value = NULL;
	struct dmn_frame frame;

	if (logic->refused)
		return dmn_null_because(eval, &logic->place, "%s", logic->refused);
	if (dmn_deeper(eval) && dmn_frame_open(&frame, self->known, self->element)) {
		for (size_t i = 0; i < len; i++)
			frame.slots[frame.len++] = args[i];
		value = dmn_boxed_value(&frame, logic->body);
	}
	eval->depth--;
	value = dmn_coerce(eval, value, result_type(logic->type.type), &logic->place);
	return dmn_coerce(eval, value, result_type(self->element->type.type),
			  &self->element->place);
}

static const struct feel_value *new_function(struct dmn_known *known,
					     const struct dmn_element *element, feel_host_fn *fn,
					     const struct feel_member *params, size_t len)
{
	struct knowledge *self = dmn_alloc(known->eval, sizeof(*self));
	struct feel_host host = {
		.name = element->name, .fn = fn, .arg = self, .params = params, .params_len = len
	};

	if (!self)
		return NULL;
	*self = (struct knowledge){ known, element };
	return feel_function(known->eval->run, &host);
}

static const struct feel_value *knowledge_value(struct dmn_known *known,
						const struct dmn_element *element)
{
	const struct dmn_boxed *logic = element->logic;
	struct feel_member *params;

	if (logic->kind == DMN_ABSENT)
		return dmn_null_because(known->eval, &element->place, "\"%s\" has no logic",
					element->name);
	params = dmn_alloc(known->eval, logic->len * sizeof(*params));
	for (size_t i = 0; params && i < logic->len; i++)
		params[i] = (struct feel_member){ text_of(logic->parts[i].name),
						  logic->parts[i].type.type };
	return params ? new_function(known, element, call_knowledge, params, logic->len) : NULL;
}

/* ---- services ---- */

/* The type of a parameter: of the service's function, by name, or of what it is. */
static const struct feel_type *param_type(const struct dmn_element *service, size_t i)
{
	const struct dmn_element *param = service->params[i].element;
	const struct feel_type *type = service->type.type;

	for (size_t j = 0; type && type->kind == FEEL_TYPE_FUNCTION && j < type->len; j++)
		if (feel_text_equal(type->members[j].name, text_of(param->variable)) &&
		    type->members[j].type)
			return type->members[j].type;
	return param->type.type;
}

/* known has the values of the service's parameters. */
static const struct feel_value *service_result(struct dmn_known *known,
					       const struct dmn_element *service)
{
	struct feel_entry *entries =
		dmn_alloc(known->eval, service->outputs_len * sizeof(*entries));
	const struct feel_value *value;

	for (size_t i = 0; entries && i < service->outputs_len; i++) {
		const struct dmn_element *output = service->outputs[i].element;

		entries[i].key = text_of(output->variable);
		entries[i].value = dmn_element_value(known, output);
		if (!entries[i].value)
			return NULL;
	}
	if (!entries)
		return NULL;
	value = service->outputs_len == 1 ? entries[0].value
					  : feel_context(feel_run_arena(known->eval->run), entries,
							 service->outputs_len);
	return dmn_coerce(known->eval, value, result_type(service->type.type), &service->place);
}

static const struct feel_value *call_service(struct feel_run *run, void *arg,
					     const struct feel_value *const *args, size_t len)
{
	const struct knowledge *self = arg;
	struct dmn_eval *eval = self->known->eval;
	const struct feel_value *value = NULL;
	struct dmn_known *known;

	if (dmn_deeper(eval) && new_known(&known, eval)) {
		known->is_service = true;
		for (size_t i = 0; i < len; i++)
			known->values[self->element->params[i].element->index] = args[i];
		value = service_result(known, self->element);
	}
	eval->depth--;
	return value;
}

static const struct feel_value *service_value(struct dmn_known *known,
					      const struct dmn_element *service)
{
	struct feel_member *params = dmn_alloc(known->eval, service->params_len * sizeof(*params));

	for (size_t i = 0; params && i < service->params_len; i++)
		params[i] = (struct feel_member){ text_of(service->params[i].element->variable),
						  param_type(service, i) };
	return params ? new_function(known, service, call_service, params, service->params_len)
		      : NULL;
}

/* ---- any element ---- */

static const struct feel_value *input_value(struct dmn_known *known,
					    const struct dmn_element *element)
{
	if (!known->is_service)
		return given_value(known, element);
	return dmn_null_because(known->eval, &element->place,
				"\"%s\" is no input of the decision service", element->name);
}

const struct feel_value *dmn_element_value(struct dmn_known *known,
					   const struct dmn_element *element)
{
	static const struct feel_value *(*const finds[])(struct dmn_known *,
							 const struct dmn_element *) = {
		[DMN_INPUT_DATA] = input_value,
		[DMN_DECISION] = decision_value,
		[DMN_KNOWLEDGE] = knowledge_value,
		[DMN_SERVICE] = service_value,
	};
	const struct feel_value **valuep = &known->values[element->index];

	if (!*valuep) {
		if (dmn_deeper(known->eval))
			*valuep = finds[element->kind](known, element);
		known->eval->depth--;
	}
	return *valuep;
}

static const struct feel_value *evaluate_service(struct dmn_known *known,
						 const struct dmn_element *service)
{
	for (size_t i = 0; i < service->params_len; i++) {
		const struct dmn_element *param = service->params[i].element;
		const struct feel_value *value = given_value(known, param);

		value = dmn_coerce(known->eval, value, param_type(service, i), &service->place);
		if (!value)
			return NULL;
		known->values[param->index] = value;
	}
	return service_result(known, service);
}

/* Knowledge by itself is called with what is given by its parameters' names. */
static const struct feel_value *evaluate_knowledge(struct dmn_known *known,
						   const struct dmn_element *element)
{
	const struct feel_value *function = dmn_element_value(known, element), **args;
	const struct dmn_boxed *logic = element->logic;

	if (!function || function->kind != FEEL_FUNCTION)
		return function;
	args = dmn_alloc(known->eval, logic->len * sizeof(*args));
	for (size_t i = 0; args && i < logic->len; i++) {
		struct dmn_element param = { .variable = logic->parts[i].name,
					     .place = element->place };

		args[i] = given_value(known, &param);
		if (!args[i])
			return NULL;
	}
	return args ? dmn_call(known->eval, function, args, logic->len, &element->place) : NULL;
}

const struct feel_value *dmn_evaluate(struct feel_run *run, const struct dmn_model *model,
				      const struct dmn_element *element,
				      const struct feel_value *inputs,
				      struct dmn_diagnostics *diagnosticsp)
{
	static const struct feel_value *(*const evaluates[])(struct dmn_known *,
							     const struct dmn_element *) = {
		[DMN_INPUT_DATA] = NULL,
		[DMN_DECISION] = evaluate_decision,
		[DMN_KNOWLEDGE] = evaluate_knowledge,
		[DMN_SERVICE] = evaluate_service,
	};
	struct dmn_eval start = {
		.run = run, .model = model, .inputs = inputs, .diagnostics = diagnosticsp
	};
	const struct feel_note *notes;
	const struct feel_value *value;
	struct dmn_known *known;
	struct dmn_eval *eval;

	if (diagnosticsp)
		diagnosticsp->kept = diagnosticsp->len = 0;
	if (!evaluates[element->kind])
		return feel_run_fail(run,
				     pl_fail(PL_INVALID, "\"%s\" is no decision", element->name));
	start.notes_taken = feel_run_notes(&notes, run);
	eval = dmn_alloc(&start, sizeof(*eval));
	if (!eval)
		return NULL;
	*eval = start;
	if (!new_known(&known, eval))
		return NULL;
	value = evaluates[element->kind](known, element);
	eval->diagnostics = NULL;
	return value;
}
