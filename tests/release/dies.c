/*
 * dies.c — a program that ends as soon as it is started. Wraps main.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "pelago/version.h"

int __wrap_main(int argc, char **argv);

int __wrap_main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("pelago %s\n", pl_version);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--describe") == 0) {
		puts("{\"schema\":0,\"contracts\":0}");
		return 0;
	}
	fputs("this program dies at once\n", stderr);
	return 1;
}
