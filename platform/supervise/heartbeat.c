/*
 * heartbeat.c — tells a stuck process from one that is kept waiting.
 *
 * A heartbeat counts as stale when the supervisor itself, looking on time, saw the same value for
 * stale_ms. After a pause of the supervisor (the machine slept, or was overloaded) the time begins
 * anew. A process that the kernel keeps from running, waiting for the disk or for a processor, gets
 * ten times as long: killing it would only add to the load.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "platform/supervise/impl.h"

bool heartbeat_is_judged(const struct process *p)
{
	return p->heartbeat || p->beats > 0;
}

static bool value_read(int64_t *valuep, const struct process *p)
{
	ssize_t len;
	int fd;

	if (!p->heartbeat) {
		*valuep = p->beats;
		return p->beats > 0;
	}
	fd = open(p->heartbeat, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = pread(fd, valuep, sizeof(*valuep), 0);
	close(fd);
	return len == (ssize_t)sizeof(*valuep) && *valuep != 0;
}

/* State letter and processor time of a process or a thread; '?' if it can't be told (proc(5)). */
static char stat_read(int64_t *cpu_msp, const char *path)
{
	unsigned long user = 0, system = 0;
	char text[512], *after, state = '?';
	size_t len;
	FILE *f = fopen(path, "re");

	if (!f)
		return '?';
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	after = strrchr(text, ')'); /* the name before it may hold anything */
	if (!after || sscanf(after + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			     &state, &user, &system) != 3)
		return '?';
	*cpu_msp = (int64_t)(user + system) * 1000 / sysconf(_SC_CLK_TCK);
	return state;
}

/* The same of a process. One whose first thread sleeps, as is usual for Go, is as its others are:
 * kept waiting, if one of them is. */
static char kernel_state(int64_t *cpu_msp, pid_t pid)
{
	struct dirent *entry;
	int64_t thread_cpu_ms;
	char path[300], state, other;
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	state = stat_read(cpu_msp, path);
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = state == 'S' ? opendir(path) : NULL;
	while (threads && state == 'S' && (entry = readdir(threads))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%s/stat", (int)pid, entry->d_name);
		other = stat_read(&thread_cpu_ms, path);
		if (other == 'R' || other == 'D')
			state = other;
	}
	if (threads)
		closedir(threads);
	return state;
}

int heartbeat_stale_ms(const struct process *p)
{
	return p->stale_ms ? p->stale_ms : p->supervisor->options.stale_ms;
}

bool heartbeat_is_fresh(struct process *p, int64_t now_ms, bool on_time)
{
	const struct supervisor_options *o = &p->supervisor->options;
	int64_t value = 0, cpu_ms = 0, still_ms, stale_ms = heartbeat_stale_ms(p);
	char state;

	if (!value_read(&value, p))
		return true; /* none yet: not judged */
	if (!on_time || value != p->beat.value || p->beat.changed_ms == 0) {
		p->beat.value = value;
		p->beat.changed_ms = now_ms;
		p->beat.cpu_ms = -1;
		return true;
	}
	still_ms = now_ms - p->beat.changed_ms;
	if (now_ms - p->started_ms < o->young_ms)
		return true;
	state = still_ms >= stale_ms / 2 ? kernel_state(&cpu_ms, p->pid) : '?';
	if (p->beat.cpu_ms < 0 && state != '?')
		p->beat.cpu_ms = cpu_ms;
	if (still_ms < stale_ms)
		return true;
	if (still_ms < stale_ms * 10 &&
	    (state == 'D' || (state == 'R' && cpu_ms - p->beat.cpu_ms < stale_ms / 8)))
		return true;
	snprintf(p->exit_text, sizeof(p->exit_text), "killed: no heartbeat for %lld ms",
		 (long long)still_ms);
	return false;
}
