/*
 * typed.h — FEEL that was typed: texts, contexts, and what is said of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_TYPED_H
#define PELAGO_CLI_TYPED_H

#include "engines/feel/feel.h"
#include "platform/cli/cli.h"

/* A text is as it was typed, or `-` for all of standard input. */
struct cli_typed {
	const char *text;
	size_t len;
	char *owned; /* what is to be freed */
};

enum pl_err cli_typed_take(struct cli_typed *input, const char *text);

/*
 * cli_context_take sets *contextp to the context that --context has, of the run; its keys become
 * names. *exprp (caller frees it) lives as long as the context is used.
 */
enum pl_err cli_context_take(const struct feel_value **contextp, struct feel_names *names,
			     struct feel_run *run, struct feel_expr **exprp, const char *text);

/* cli_print_notes says on standard error why values are null. */
void cli_print_notes(const struct feel_run *run);

/* cli_tell_time gives a run the time of this machine. */
void cli_tell_time(struct feel_run *run);

#endif
