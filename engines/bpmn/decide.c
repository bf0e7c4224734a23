/*
 * decide.c — business rule tasks: a decision of a DMN model, which the host finds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/eval.h"
#include "engines/bpmn/variables.h"

enum pl_err run_decide(struct run *run, json_t **resultp, const struct bpmn_node *node,
		       unsigned frame)
{
	const struct bpmn_call_part *call = &node->call;
	struct bpmn_evaluation what = {
		.now_ms = run->inst->has_clock ? &run->inst->now_ms : NULL,
		.feel_steps = &run->feel_steps,
	};
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
	what.model = run->effects->decision(run->arg, &what.element, json_string_value(id),
					    bpmn_binding(node), call->version_tag);
	json_decref(id);
	if (!what.model)
		return PL_INVALID; /* the host's detail says why */
	context = bpmn_visible(run->inst, frame, NULL);
	what.context = context;
	err = context ? bpmn_evaluate(resultp, &what) : PL_NOMEM;
	json_decref(context);
	return err;
}
