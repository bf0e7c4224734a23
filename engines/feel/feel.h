/*
 * engines/feel/feel.h — FEEL, the expression language of BPMN and DMN: compiled once, run often.
 *
 * What it does: literals, names and paths, lists, filters, contexts, ranges, arithmetic in 34
 * decimal digits, comparison, `between`, `in`, three-valued and/or, if, for, some, every, dates and
 * durations, built-in functions. Values come and go as JSON.
 *
 * What it does not do: it has no side effect, no clock and no I/O, it calls nothing back, and its
 * steps and memory are bounded, so a text from outside can be run as it is.
 *
 * An operation on the wrong types has the value null and is no error (DMN 1.4 §10.3.2). A compiled
 * expression may be run by several threads at once.
 *
 * Source: DMN 1.4 chapter 10.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_FEEL_H
#define FEEL_FEEL_H

#include <stddef.h>

#include <jansson.h>

#include "pelago/err.h"

struct feel_expr; /* opaque */

enum {
	FEEL_TEXT_MAX = 65536,	   /* bytes of an expression */
	FEEL_DEPTH_MAX = 200,	   /* of nested parts, in the text and in a result */
	FEEL_STEPS = 100000,	   /* of an evaluation, without limits */
	FEEL_MEMORY_MAX = 4194304, /* bytes of an evaluation, without limits */
};

struct feel_limits {
	unsigned long steps;	    /* node visits, list members and such; 0 means FEEL_STEPS */
	size_t memory_bytes;	    /* 0 means FEEL_MEMORY_MAX */
	unsigned long *spent_steps; /* the steps taken are added here; NULL: not asked for */
};

/*
 * feel_compile reads an expression.
 *
 *   text  UTF-8, without the `=` that a BPMN file puts before it; not kept
 *
 * Returns PL_OK and sets *exprp (caller owns it: feel_free), PL_INVALID for a text that is no FEEL
 * or calls an unknown function, PL_TOOLARGE past a limit, PL_NOMEM. The detail of the first two has
 * the column, counted in characters from 1. On error *exprp is untouched. Any thread; doesn't
 * block.
 */
enum pl_err feel_compile(struct feel_expr **exprp, const char *text, size_t text_len);

/*
 * feel_eval finds the value of an expression.
 *
 *   context  object whose members are the variables, or NULL for none; borrowed, not changed
 *   limits   NULL for the usual ones
 *
 * Numbers that are whole and fit 64 bits become JSON integers, others JSON reals (the nearest
 * double); dates, times and durations become their ISO 8601 text, a range its FEEL text.
 *
 * Returns PL_OK and sets *resultp (a new reference that shares nothing with context), PL_INVALID if
 * context is no object, PL_TOOLARGE past a limit, PL_NOMEM. On error *resultp is untouched. Any
 * thread; doesn't block.
 */
enum pl_err feel_eval(json_t **resultp, const struct feel_expr *expr, const json_t *context,
		      const struct feel_limits *limits);

/* feel_free frees an expression; takes NULL. */
void feel_free(struct feel_expr *expr);

#endif
