/*
 * overload.c — measures and judges.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "overload.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "platform/node/proc.h"
#include "platform/supervise/lock.h"

static const struct row {
	const char *name, *what;
	double raised, cleared;
} rows[] = {
#define OVERLOAD(name, raised, cleared, what) { #name, what, raised, cleared },
#include "platform/node/overload_table.h"
#undef OVERLOAD
};

const char *overload_name(enum overload_kind kind)
{
	return rows[kind].name;
}

const char *overload_what(enum overload_kind kind)
{
	return rows[kind].what;
}

bool overload_judge(struct overload *o, int64_t now_ms)
{
	bool changed = false;

	for (int i = 0; i < OVERLOAD_COUNT; i++) {
		bool over = o->is_over[i];

		if (o->percent[i] < rows[i].raised)
			o->since_ms[i] = 0;
		else if (!o->since_ms[i])
			o->since_ms[i] = now_ms;
		if (o->percent[i] < rows[i].cleared)
			over = false;
		else if (o->since_ms[i] && now_ms - o->since_ms[i] >= OVERLOAD_MS)
			over = true;
		changed |= over != o->is_over[i];
		o->is_over[i] = over;
	}
	return changed;
}

static int is_lock(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 5 && strcmp(entry->d_name + len - 5, ".lock") == 0;
}

/* Processor time and memory of all processes of the data folder. */
static void sum(const char *data, int64_t *cpu_msp, int64_t *bytesp)
{
	struct dirent **names = NULL;
	struct lock_holder holder;
	char path[4096];
	int count;

	snprintf(path, sizeof(path), "%s/procs", data);
	count = scandir(path, &names, is_lock, NULL);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/procs/%s", data, names[i]->d_name);
		if (lock_holder_get(&holder, path) == PL_OK) {
			*cpu_msp += proc_cpu_ms(holder.pid);
			*bytesp += proc_memory_bytes(holder.pid);
			close(holder.pidfd);
		}
		free(names[i]);
	}
	free(names);
}

void overload_measure(struct overload *o, const char *data, int64_t now_ms)
{
	int64_t cpu_ms = 0, bytes = 0, passed_ms = now_ms - o->measured_ms;
	double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct statvfs disk;

	sum(data, &cpu_ms, &bytes);
	/* One that has ended takes its time with it: then the last value holds. */
	if (o->measured_ms && passed_ms > 0 && processors > 0 && cpu_ms >= o->cpu_ms)
		o->percent[OVERLOAD_cpu] =
			100.0 * (double)(cpu_ms - o->cpu_ms) / (double)(passed_ms * processors);
	o->cpu_ms = cpu_ms;
	o->measured_ms = now_ms;
	o->percent[OVERLOAD_memory] = memory > 0 ? 100.0 * (double)bytes / memory : 0;
	if (statvfs(data, &disk) == 0 && disk.f_blocks > 0)
		o->percent[OVERLOAD_disk] =
			100.0 - 100.0 * (double)disk.f_bavail / (double)disk.f_blocks;
}
