/*
 * cmd_feel.c — pelago feel eval: an expression's value, with nothing running.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engines/feel/feel.h"
#include "platform/cli/cli.h"

/* A text is as it was typed, or `-` for all of standard input. */
struct input {
	const char *text;
	size_t len;
	char *read; /* what is to be freed */
};

static enum pl_err read_stdin(struct input *input)
{
	size_t cap = 0;
	char *grown;

	do {
		if (input->len == cap) {
			cap = cap ? cap * 2 : 4096;
			grown = realloc(input->read, cap);
			if (!grown)
				return PL_NOMEM;
			input->read = grown;
		}
		input->len += fread(input->read + input->len, 1, cap - input->len, stdin);
	} while (!feof(stdin) && !ferror(stdin) && input->len <= FEEL_TEXT_MAX);
	if (ferror(stdin))
		return pl_fail(PL_IO, "standard input can't be read");
	input->text = input->read;
	return PL_OK;
}

static enum pl_err input_take(struct input *input, const char *text)
{
	if (strcmp(text, "-") == 0)
		return read_stdin(input);
	input->text = text;
	input->len = strlen(text);
	return PL_OK;
}

static void print_notes(const struct feel_run *run)
{
	const struct feel_note *notes;
	size_t len = feel_run_notes(&notes, run), i = 0;

	for (; i < len && i < FEEL_NOTES_MAX; i++) {
		if (notes[i].line)
			fprintf(stderr, "pelago: line %u, column %u: %s\n", notes[i].line,
				notes[i].column, notes[i].text);
		else
			fprintf(stderr, "pelago: %s\n", notes[i].text);
	}
	if (len > i)
		fprintf(stderr, "pelago: and %zu more\n", len - i);
}

/* The context's keys are names that the expression may use. */
static enum pl_err context_take(const struct feel_value **contextp, struct feel_names *names,
				struct feel_run *run, struct feel_expr **exprp, const char *text)
{
	struct input input = { 0 };
	enum pl_err err = input_take(&input, text);

	if (!err)
		err = feel_compile_with(exprp, names, input.text, input.len);
	free(input.read);
	if (err)
		return err;
	*contextp = feel_evaluate(run, *exprp, NULL);
	if (!*contextp)
		return feel_run_err(run);
	if ((*contextp)->kind != FEEL_CONTEXT) {
		print_notes(run);
		return pl_fail(PL_INVALID, "--context must be a FEEL context, as {a: 1}, not a %s",
			       feel_kind_text((*contextp)->kind));
	}
	return feel_names_add_keys(names, *contextp);
}

static void tell_time(struct feel_run *run)
{
	struct timespec now;
	struct tm local;

	clock_gettime(CLOCK_REALTIME, &now);
	if (localtime_r(&now.tv_sec, &local))
		feel_run_set_clock(run, now.tv_sec * 1000 + now.tv_nsec / 1000000,
				   (int32_t)local.tm_gmtoff);
}

static enum pl_err print_value(struct feel_run *run, const struct feel_expr *expr,
			       const struct feel_value *context)
{
	const struct feel_bindings bindings = { .root = context };
	const struct feel_value *value = feel_evaluate(run, expr, &bindings);
	const struct feel_value *text = value ? feel_to_json_text(run, value) : NULL;

	print_notes(run);
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
	struct input input = { 0 };
	enum pl_err err = feel_names_new(&names);

	if (!err)
		err = feel_run_new(&run, NULL);
	if (err)
		goto out;
	tell_time(run);
	if (cli->context)
		err = context_take(&context, names, run, &context_expr, cli->context);
	if (!err)
		err = input_take(&input, cli->words[0]);
	if (!err)
		err = feel_compile_with(&expr, names, input.text, input.len);
	if (!err)
		err = print_value(run, expr, context);
out:
	feel_run_free(run);
	feel_free(expr);
	feel_free(context_expr);
	feel_names_free(names);
	free(input.read);
	return err ? cli_fail(err) : EXIT_DONE;
}

const struct cli_command feel_commands[] = {
	{ "feel", "eval", "EXPR", 1, 1, "context", eval,
	  "Evaluates a FEEL expression and prints its value as JSON; - reads it from standard "
	  "input. Needs nothing running." },
	{ 0 },
};
