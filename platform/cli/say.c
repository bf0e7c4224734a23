/*
 * say.c — sentences for the one at the terminal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "platform/cli/cli.h"

int cli_fail(enum pl_err err)
{
	fprintf(stderr, "pelago: %s\n", pl_err_detail(err));
	return pl_err_row(err)->exit;
}

int cli_usage(const char *fmt, ...)
{
	va_list ap;

	fputs("pelago: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

bool cli_confirm(const struct cli *cli, const char *fmt, ...)
{
	char answer[16] = "";
	va_list ap;

	if (cli->says_yes)
		return true;
	if (!isatty(0)) {
		cli_usage("this asks for confirmation: add --yes");
		return false;
	}
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	fputs(" [y/N] ", stdout);
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}
