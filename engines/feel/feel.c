/*
 * feel.c — the library's face: compile, run, free.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/feel.h"

#include <stdlib.h>

#include "engines/feel/run.h"

enum { EXPR_MEMORY_MAX = 16 << 20 };

enum pl_err feel_compile(struct feel_expr **exprp, const char *text, size_t text_len)
{
	struct feel_expr *expr;
	enum pl_err err;

	if (text_len > FEEL_TEXT_MAX)
		return pl_fail(PL_TOOLARGE, "FEEL: the expression is longer than %d bytes",
			       FEEL_TEXT_MAX);
	expr = calloc(1, sizeof(*expr));
	if (!expr)
		return PL_NOMEM;
	expr->arena.limit = EXPR_MEMORY_MAX;
	err = feel_parse(expr, text, text_len);
	if (err)
		feel_free(expr);
	else
		*exprp = expr;
	return err;
}

enum pl_err feel_eval(json_t **resultp, const struct feel_expr *expr, const json_t *context,
		      const struct feel_limits *limits)
{
	const struct feel_value *value;
	json_t *result = NULL;
	struct feel_run run;
	enum pl_err err;

	if (context && !json_is_object(context))
		return pl_fail(PL_INVALID, "FEEL: the context is not an object");
	feel_run_init(&run, limits);
	run.root = context ? feel_of_json(&run, context) : NULL;
	value = feel_run_node(&run, expr->root);
	if (value && !run.err)
		result = feel_to_json(&run, value);
	err = run.err;
	feel_run_fini(&run);
	if (!result)
		return err ? err : PL_NOMEM;
	*resultp = result;
	return PL_OK;
}

void feel_free(struct feel_expr *expr)
{
	if (!expr)
		return;
	feel_arena_fini(&expr->arena);
	free(expr);
}
