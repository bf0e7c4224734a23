/*
 * decide.c — business rule tasks: a decision of a DMN model, which the host finds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/variables.h"
#include "engines/dmn/dmn.h"
#include "engines/feel/run.h"

static enum pl_err evaluate(struct run *run, json_t **resultp, const struct dmn_model *model,
			    const struct dmn_element *element, const json_t *context)
{
	struct feel_limits limits = { .spent_steps = &run->feel_steps };
	const struct feel_value *value = NULL, *inputs;
	json_t *result = NULL;
	struct feel_run feel;
	enum pl_err err;

	if (run->feel_steps >= BPMN_FEEL_STEPS_MAX)
		return pl_fail(PL_TOOLARGE, "the expressions take more than %d steps",
			       BPMN_FEEL_STEPS_MAX);
	limits.steps = BPMN_FEEL_STEPS_MAX - run->feel_steps;
	feel_run_init(&feel, &limits);
	if (run->inst->has_clock)
		feel_run_set_clock(&feel, run->inst->now_ms, 0);
	inputs = feel_of_json(&feel, context);
	if (inputs)
		value = dmn_evaluate(&feel, model, element, inputs, NULL);
	if (value && !feel.err)
		result = feel_to_json(&feel, value);
	err = feel.err;
	feel_run_fini(&feel);
	if (!result)
		return err ? err : PL_NOMEM;
	*resultp = result;
	return PL_OK;
}

enum pl_err run_decide(struct run *run, json_t **resultp, const struct bpmn_node *node,
		       unsigned frame)
{
	const struct bpmn_call_part *call = &node->call;
	const struct dmn_element *element = NULL;
	const struct dmn_model *model;
	json_t *id = NULL, *context;
	enum pl_err err = bpmn_text_in(run, &id, &call->id, frame);

	if (err)
		return err;
	if (!json_string_length(id) || !run->effects || !run->effects->decision) {
		json_decref(id);
		return pl_fail(PL_INVALID,
			       "the decision's id is no text, or nobody finds decisions");
	}
	pl_err_clear();
	model = run->effects->decision(run->arg, &element, json_string_value(id),
				       call->binding ? call->binding : "latest", call->version_tag);
	json_decref(id);
	if (!model)
		return PL_INVALID; /* the host's detail says why */
	context = bpmn_visible(run->inst, frame, NULL);
	err = context ? evaluate(run, resultp, model, element, context) : PL_NOMEM;
	json_decref(context);
	return err;
}
