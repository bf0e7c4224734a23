/*
 * heartbeat.c — the heartbeat file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heartbeat.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pelago/log.h"

enum { WORDS = 2 };

void heartbeat_init(struct heartbeat *heartbeat, const char *data, int slot)
{
	char file[PATH_MAX];
	void *at = MAP_FAILED;
	int fd;

	heartbeat->at_ms = NULL;
	snprintf(file, sizeof(file), "%s/procs", data);
	mkdir(file, 0700);
	snprintf(file, sizeof(file), "%s/procs/edge.heartbeat%s", data, slot ? ".2" : "");
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && ftruncate(fd, WORDS * sizeof(int64_t)) == 0)
		at = mmap(NULL, WORDS * sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (at == MAP_FAILED)
		pl_log(WARN, "edge.heartbeat", NULL, "cannot write %s", file);
	else
		heartbeat->at_ms = at;
}

void heartbeat_beat(struct heartbeat *heartbeat, int64_t now_ms, bool accepts)
{
	if (!heartbeat->at_ms)
		return;
	__atomic_store_n(&heartbeat->at_ms[1], (int64_t)accepts, __ATOMIC_RELAXED);
	__atomic_store_n(heartbeat->at_ms, now_ms, __ATOMIC_RELEASE);
}

void heartbeat_fini(struct heartbeat *heartbeat)
{
	if (heartbeat->at_ms)
		munmap(heartbeat->at_ms, WORDS * sizeof(int64_t));
	heartbeat->at_ms = NULL;
}
