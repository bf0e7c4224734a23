/*
 * main.c — pelago: finds the command and runs it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "platform/cli/cli.h"

int main(int argc, char **argv)
{
	const struct cli_command *command = NULL;
	struct cli cli = { 0 };
	int status = cli_parse(&cli, &command, argc, argv);

	if (command)
		status = command->fn(&cli);
	cli_fini(&cli);
	if (fflush(stdout) != 0 && status == EXIT_DONE)
		status = EXIT_FAILED;
	return status;
}
