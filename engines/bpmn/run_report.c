/*
 * run_report.c — what a token waits for, as it is told to the world: at once, and again when asked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/bpmn/variables.h"

/* The variables that the input mappings made, out of the activity's own. */
static json_t *inputs_of(const struct run *run, const struct bpmn_token *token)
{
	const struct bpmn_mappings *inputs = &run_node(run, token->node)->inputs;
	const json_t *variables = run->inst->frames[token->frame].variables;
	json_t *object = json_object();

	for (size_t i = 0; object && run_is_own(run, token) && i < inputs->len; i++) {
		const char *path = inputs->rows[i].target;
		size_t len = strcspn(path, ".");
		json_t *value = json_object_getn(variables, path, len);

		if (value && json_object_setn_nocheck(object, path, len, value)) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

/* A throwing event has no frame, and its task the inputs as they are now. */
static enum pl_err task_input(struct run *run, json_t **inputp, const struct bpmn_token *token)
{
	const struct bpmn_node *node = run_node(run, token->node);

	if (!bpmn_is_activity(node))
		return bpmn_inputs(run, inputp, node, token->frame);
	*inputp = inputs_of(run, token);
	return *inputp ? PL_OK : PL_NOMEM;
}

static enum pl_err add_property(struct run *run, json_t *properties, json_t *headers,
				const struct bpmn_property *property, unsigned frame)
{
	json_t *value = NULL;
	enum pl_err err = bpmn_text_in(run, &value, &property->value, frame);

	if (err)
		return err;
	return json_object_set_new(property->is_header ? headers : properties, property->name,
				   value)
		       ? PL_NOMEM
		       : PL_OK;
}

static enum pl_err properties_of(struct run *run, json_t **propertiesp,
				 const struct bpmn_token *token)
{
	const struct bpmn_node *node = run_node(run, token->node);
	json_t *properties, *headers;
	enum pl_err err = PL_OK;

	if (!node->properties_len)
		return PL_OK;
	headers = json_object();
	properties = json_pack("{s:O*}", "headers", headers);
	if (!headers || !properties)
		err = PL_NOMEM;
	for (size_t i = 0; !err && i < node->properties_len; i++)
		err = add_property(run, properties, headers, &node->properties[i], token->frame);
	json_decref(headers);
	if (err)
		json_decref(properties);
	else
		*propertiesp = properties;
	return err;
}

static enum pl_err report_task(struct run *run, const struct bpmn_token *token)
{
	json_t *input = NULL, *properties = NULL;
	enum pl_err err = task_input(run, &input, token);

	if (!err)
		err = properties_of(run, &properties, token);
	if (!err) {
		const struct bpmn_wait wait = { .kind = BPMN_WAIT_TASK,
						.token_id = token->id,
						.element_id = run_node(run, token->node)->id,
						.name = run_node(run, token->node)->task_type,
						.input = input,
						.properties = properties };

		run->effects->wait(run->arg, &wait);
	}
	json_decref(input);
	json_decref(properties);
	return err;
}

static enum pl_err report_call(struct run *run, const struct bpmn_token *token)
{
	const struct bpmn_node *node = run_node(run, token->node);
	json_t *variables = node->call.keeps_parent ? bpmn_visible(run->inst, token->frame, NULL)
						    : inputs_of(run, token);
	struct bpmn_wait wait = { .kind = BPMN_WAIT_CALL,
				  .token_id = token->id,
				  .element_id = node->id,
				  .name = json_string_value(token->name),
				  .input = variables,
				  .binding = bpmn_binding(node),
				  .version_tag = node->call.version_tag,
				  .depth = run->inst->depth + 1 };

	if (!variables)
		return PL_NOMEM;
	run->effects->wait(run->arg, &wait);
	json_decref(variables);
	return PL_OK;
}

enum pl_err run_report(struct run *run, uint64_t token_id)
{
	const struct bpmn_token *token = bpmn_token_find(run->inst, token_id);
	struct bpmn_wait wait = { .token_id = token_id,
				  .element_id = run_node(run, token->node)->id,
				  .name = json_string_value(token->name),
				  .key = json_string_value(token->key) };

	if (!run->effects || !run->effects->wait)
		return PL_OK;
	switch (token->waits) {
	case BPMN_WAITS_TASK:
		return report_task(run, token);
	case BPMN_WAITS_CALL:
		return report_call(run, token);
	case BPMN_WAITS_TIMER:
		wait.kind = BPMN_WAIT_TIMER;
		wait.is_date = token->is_date;
		wait.due_ms = token->due_ms;
		break;
	case BPMN_WAITS_MESSAGE:
		wait.kind = BPMN_WAIT_MESSAGE;
		break;
	case BPMN_WAITS_SIGNAL:
		wait.kind = BPMN_WAIT_SIGNAL;
		break;
	default:
		return PL_OK;
	}
	run->effects->wait(run->arg, &wait);
	return PL_OK;
}
