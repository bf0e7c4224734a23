/*
 * proc.c — what the kernel knows of a process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int64_t proc_memory_bytes(pid_t pid)
{
	char path[64], line[128];
	long long kib = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Pss: %lld kB", &kib) == 1)
			break;
	fclose(f);
	return kib * 1024;
}

int64_t proc_cpu_ms(pid_t pid)
{
	unsigned long user = 0, system = 0;
	char path[64], text[512], *after;
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	after = strrchr(text, ')'); /* the name before it may hold anything */
	if (!after || sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			     &user, &system) != 2)
		return 0;
	return (int64_t)(user + system) * 1000 / sysconf(_SC_CLK_TCK);
}
