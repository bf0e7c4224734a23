/*
 * host.c — the machine that a node is on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

enum { LOOK_MS = 60000, MIB = 1 << 20 };

static json_t *free_mib(const char *place)
{
	struct statvfs disk;

	if (statvfs(place, &disk) != 0)
		return json_null();
	return json_integer((json_int_t)(disk.f_bavail * disk.f_frsize / MIB));
}

static int64_t memory_mib(void)
{
	int64_t mib = (int64_t)sysconf(_SC_PHYS_PAGES) * (sysconf(_SC_PAGE_SIZE) / 1024) / 1024;
	FILE *f = fopen("/sys/fs/cgroup/memory.max", "re");
	char line[32];

	if (f && fgets(line, sizeof(line), f)) {
		long long most = strtoll(line, NULL, 10) / MIB; /* "max": 0 */

		if (most > 0 && most < mib)
			mib = most;
	}
	if (f)
		fclose(f);
	return mib;
}

json_t *host_report(const char *data, int64_t now_ms)
{
	static int64_t looked_ms;
	static int days;
	struct utsname machine;
	struct timespec wall;

	if (!looked_ms || now_ms - looked_ms >= LOOK_MS) {
		days = check_certificate_days(data);
		looked_ms = now_ms;
	}
	uname(&machine);
	clock_gettime(CLOCK_REALTIME, &wall);
	return json_pack("{s:s,s:I,s:I,s:{s:o,s:o,s:o},s:I,s:i}", "arch", machine.machine,
			 "processors", (json_int_t)sysconf(_SC_NPROCESSORS_ONLN), "memoryMiB",
			 (json_int_t)memory_mib(), "freeMiB", "/", free_mib("/"), "/var",
			 free_mib("/var"), "data", free_mib(data), "nowMs",
			 (json_int_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000, "certificateDays",
			 days);
}
