/*
 * cmd_feel.c — pelago feel eval: an expression's value, with nothing running.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include "platform/cli/typed.h"

static enum pl_err print_value(struct feel_run *run, const struct feel_expr *expr,
			       const struct feel_value *context)
{
	const struct feel_bindings bindings = { .root = context };
	const struct feel_value *value = feel_evaluate(run, expr, &bindings);
	const struct feel_value *text = value ? feel_to_json_text(run, value) : NULL;

	cli_print_notes(run);
	if (!text)
		return feel_run_err(run);
	printf("%.*s\n", (int)text->string.len, text->string.bytes);
	return PL_OK;
}

static int eval(struct cli *cli)
{
	struct feel_expr *expr = NULL, *context_expr = NULL;
	const struct feel_value *context = NULL;
	struct feel_names *names = NULL;
	struct feel_run *run = NULL;
	struct cli_typed input = { 0 };
	enum pl_err err = feel_names_new(&names);

	if (!err)
		err = feel_run_new(&run, NULL);
	if (err)
		goto out;
	cli_tell_time(run);
	if (cli->context)
		err = cli_context_take(&context, names, run, &context_expr, cli->context);
	if (!err)
		err = cli_typed_take(&input, cli->words[0]);
	if (!err)
		err = feel_compile_with(&expr, names, input.text, input.len);
	if (!err)
		err = print_value(run, expr, context);
out:
	feel_run_free(run);
	feel_free(expr);
	feel_free(context_expr);
	feel_names_free(names);
	free(input.owned);
	return err ? cli_fail(err) : EXIT_DONE;
}

const struct cli_command feel_commands[] = {
	{ "feel", "eval", "EXPR", 1, 1, "context", eval,
	  "Evaluates a FEEL expression and prints its value as JSON; - reads it from standard "
	  "input. Needs nothing running." },
	{ 0 },
};
