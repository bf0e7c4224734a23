/*
 * eval.h — an expression or a decision, evaluated over JSON within bounds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_EVAL_H
#define BPMN_EVAL_H

#include "engines/bpmn/model.h"

struct bpmn_evaluation {
	const struct feel_expr *expr;	   /* or: */
	const struct dmn_model *model;	   /* of */
	const struct dmn_element *element; /* a decision */
	const json_t *context;		   /* object; NULL: none */
	const int64_t *now_ms;		   /* for now() and today(); NULL: none */
	unsigned long *feel_steps;	   /* spent so far, of BPMN_FEEL_STEPS_MAX; added to */
};

/* bpmn_evaluate sets *resultp to the value, a new reference. PL_TOOLARGE past a bound, PL_INVALID
 * for what a decision can't take, PL_NOMEM. */
enum pl_err bpmn_evaluate(json_t **resultp, const struct bpmn_evaluation *what);

#endif
