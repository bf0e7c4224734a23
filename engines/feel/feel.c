/*
 * feel.c — the library's face: compile, run, free.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/feel.h"

#include <stdlib.h>
#include <string.h>

#include "engines/feel/run.h"

enum { EXPR_MEMORY_MAX = 256 << 20 };

static enum pl_err compile(struct feel_expr **exprp, const struct feel_names *names,
			   const char *text, size_t text_len, bool is_tests)
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
	err = feel_parse(expr, names, text, text_len, is_tests);
	if (err)
		feel_free(expr);
	else
		*exprp = expr;
	return err;
}

enum pl_err feel_compile(struct feel_expr **exprp, const char *text, size_t text_len)
{
	return compile(exprp, NULL, text, text_len, false);
}

enum pl_err feel_compile_with(struct feel_expr **exprp, const struct feel_names *names,
			      const char *text, size_t text_len)
{
	return compile(exprp, names, text, text_len, false);
}

enum pl_err feel_compile_tests(struct feel_expr **exprp, const struct feel_names *names,
			       const char *text, size_t text_len)
{
	return compile(exprp, names, text, text_len, true);
}

/* Functions outlive the evaluation that makes them, so they get the caller's slots to keep. */
static bool keep_slots(struct feel_run *run, struct feel_bindings *bindings, size_t len)
{
	const struct feel_value **kept;

	if (!bindings->slots || len == 0)
		return true;
	kept = feel_arena_alloc(&run->arena, len * sizeof(*kept));
	if (!kept)
		return feel_run_over(run);
	memcpy(kept, bindings->slots, len * sizeof(*kept));
	bindings->slots = kept;
	return true;
}

const struct feel_value *feel_evaluate(struct feel_run *run, const struct feel_expr *expr,
				       const struct feel_bindings *bindings)
{
	struct feel_bindings kept;

	if (run->err)
		return NULL;
	if (!expr->keeps_bindings || !bindings)
		return feel_eval_root(run, expr, bindings);
	kept = *bindings;
	return keep_slots(run, &kept, expr->slots_len) ? feel_eval_root(run, expr, &kept) : NULL;
}

const struct feel_value *feel_test(struct feel_run *run, const struct feel_expr *tests,
				   const struct feel_value *const *slots,
				   const struct feel_value *tested)
{
	const struct feel_bindings bindings = { .slots = slots, .tested = tested };
	const struct feel_value *result = feel_evaluate(run, tests, &bindings);

	return result && result->kind != FEEL_BOOLEAN ? &feel_null : result;
}

enum pl_err feel_eval(json_t **resultp, const struct feel_expr *expr, const json_t *context,
		      const struct feel_limits *limits)
{
	struct feel_bindings bindings = { 0 };
	const struct feel_value *value;
	json_t *result = NULL;
	struct feel_run run;
	enum pl_err err;

	if (context && !json_is_object(context))
		return pl_fail(PL_INVALID, "FEEL: the context is not an object");
	feel_run_init(&run, limits);
	bindings.root = context ? feel_of_json(&run, context) : NULL;
	value = feel_evaluate(&run, expr, &bindings);
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
