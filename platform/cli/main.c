/*
 * main.c — pelago: finds the command and runs it. By another name it is a command of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "platform/cli/cli.h"

enum { ARGUMENTS_MOST = 60 };

static const struct {
	const char *name, *option, *noun, *verb;
} links[] = {
#define NAME(name, option, noun, verb) { name, option, noun, verb },
#include "platform/bundle/names.h"
#undef NAME
};

/* Puts noun and verb before the arguments, where the program was called by one of these names. */
static int unfold(char **full, int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		int skipped = links[i].option ? 1 : 0;

		if (strcmp(links[i].name, name) != 0 || argc + 3 > ARGUMENTS_MOST ||
		    (skipped && (argc < 2 || strcmp(argv[1], links[i].option) != 0)))
			continue;
		full[0] = argv[0];
		full[1] = (char *)(uintptr_t)links[i].noun;
		full[2] = (char *)(uintptr_t)links[i].verb;
		memcpy(full + 3, argv + 1 + skipped, (size_t)(argc - skipped) * sizeof(*argv));
		return argc + 2 - skipped;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct cli_command *command = NULL;
	char *full[ARGUMENTS_MOST] = { NULL };
	struct cli cli = { 0 };
	int unfolded = argc > 0 ? unfold(full, argc, argv) : 0;
	int status = unfolded ? cli_parse(&cli, &command, unfolded, full)
			      : cli_parse(&cli, &command, argc, argv);

	if (command)
		status = command->fn(&cli);
	cli_fini(&cli);
	if (fflush(stdout) != 0 && status == EXIT_DONE)
		status = EXIT_FAILED;
	return status;
}
