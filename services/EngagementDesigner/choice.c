/* choice.c — see choice.h. SPDX-License-Identifier: Apache-2.0 */
#include "choice.h"

#include <string.h>

#include "engines/feel/feel.h"

enum { STEPS = 10000 };

/* Workflows write FEEL behind a `=`; here it may be left out. */
static enum pl_err compile(struct feel_expr **exprp, const char *condition)
{
	if (*condition == '=')
		condition++;
	return feel_compile(exprp, condition, strlen(condition));
}

enum pl_err choice_check(const char *condition)
{
	struct feel_expr *expr = NULL;
	enum pl_err err = *condition ? compile(&expr, condition) : PL_OK;

	feel_free(expr);
	return err;
}

enum pl_err choice_meets(bool *metp, const char *condition, const json_t *variables)
{
	const struct feel_limits limits = { .steps = STEPS };
	struct feel_expr *expr = NULL;
	json_t *value = NULL;
	enum pl_err err;

	*metp = !*condition;
	if (*metp)
		return PL_OK;
	err = compile(&expr, condition);
	if (!err)
		err = feel_eval(&value, expr, variables, &limits);
	*metp = !err && json_is_true(value);
	json_decref(value);
	feel_free(expr);
	return err;
}
