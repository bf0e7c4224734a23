/*
 * typed.c — FEEL that was typed: texts, contexts, and what is said of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/cli/typed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static enum pl_err read_stdin(struct cli_typed *input)
{
	size_t cap = 0;
	char *grown;

	do {
		if (input->len == cap) {
			cap = cap ? cap * 2 : 4096;
			grown = realloc(input->owned, cap);
			if (!grown)
				return PL_NOMEM;
			input->owned = grown;
		}
		input->len += fread(input->owned + input->len, 1, cap - input->len, stdin);
	} while (!feof(stdin) && !ferror(stdin) && input->len <= FEEL_TEXT_MAX);
	if (ferror(stdin))
		return pl_fail(PL_IO, "standard input can't be read");
	input->text = input->owned;
	return PL_OK;
}

enum pl_err cli_typed_take(struct cli_typed *input, const char *text)
{
	if (strcmp(text, "-") == 0)
		return read_stdin(input);
	input->text = text;
	input->len = strlen(text);
	return PL_OK;
}

void cli_print_notes(const struct feel_run *run)
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
enum pl_err cli_context_take(const struct feel_value **contextp, struct feel_names *names,
			     struct feel_run *run, struct feel_expr **exprp, const char *text)
{
	struct cli_typed input = { 0 };
	enum pl_err err = cli_typed_take(&input, text);

	if (!err)
		err = feel_compile_with(exprp, names, input.text, input.len);
	free(input.owned);
	if (err)
		return err;
	*contextp = feel_evaluate(run, *exprp, NULL);
	if (!*contextp)
		return feel_run_err(run);
	if ((*contextp)->kind != FEEL_CONTEXT) {
		cli_print_notes(run);
		return pl_fail(PL_INVALID, "--context must be a FEEL context, as {a: 1}, not a %s",
			       feel_kind_text((*contextp)->kind));
	}
	return feel_names_add_keys(names, *contextp);
}

void cli_tell_time(struct feel_run *run)
{
	struct timespec now;
	struct tm local;

	clock_gettime(CLOCK_REALTIME, &now);
	if (localtime_r(&now.tv_sec, &local))
		feel_run_set_clock(run, now.tv_sec * 1000 + now.tv_nsec / 1000000,
				   (int32_t)local.tm_gmtoff);
}
