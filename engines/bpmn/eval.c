/*
 * eval.c — see eval.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/eval.h"

#include "engines/dmn/dmn.h"
#include "engines/feel/run.h"

enum { EVAL_MEMORY_MAX = 1 << 20, DECISION_MEMORY_MAX = 16 << 20 };

static const struct feel_value *value_of(struct feel_run *run, const struct bpmn_evaluation *what,
					 const struct feel_value *context)
{
	const struct feel_bindings bindings = { .root = context };

	if (what->context && !context)
		return NULL;
	return what->expr ? feel_evaluate(run, what->expr, &bindings)
			  : dmn_evaluate(run, what->model, what->element, context, NULL);
}

enum pl_err bpmn_evaluate(json_t **resultp, const struct bpmn_evaluation *what)
{
	struct feel_limits limits = {
		.memory_bytes = what->expr ? EVAL_MEMORY_MAX : DECISION_MEMORY_MAX,
		.spent_steps = what->feel_steps,
	};
	const struct feel_value *value;
	json_t *result = NULL;
	struct feel_run run;
	enum pl_err err;

	if (*what->feel_steps >= BPMN_FEEL_STEPS_MAX)
		return pl_fail(PL_TOOLARGE, "the expressions take more than %d steps",
			       BPMN_FEEL_STEPS_MAX);
	limits.steps = BPMN_FEEL_STEPS_MAX - *what->feel_steps;
	feel_run_init(&run, &limits);
	if (what->now_ms)
		feel_run_set_clock(&run, *what->now_ms, 0);
	value = value_of(&run, what, what->context ? feel_of_json(&run, what->context) : NULL);
	if (value && !run.err)
		result = feel_to_json(&run, value);
	err = run.err;
	feel_run_fini(&run);
	if (!result)
		return err ? err : PL_NOMEM;
	*resultp = result;
	return PL_OK;
}
