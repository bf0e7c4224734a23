/*
 * rotate.c — keeps log files small: NAME.log becomes NAME.log.1, that one NAME.log.2, …
 *
 * The process opens its log anew on SIGHUP; until then it writes to the renamed file, so no line is
 * lost.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/supervise/impl.h"

static void copy_path(char path[PATH_MAX], const char *log_path, int copy)
{
	snprintf(path, PATH_MAX, copy > 0 ? "%s.%d" : "%s", log_path, copy);
}

/* Removes all but the youngest copies of a log that its process rotates; their names end in a time.
 */
static void prune(const struct process *p, int keep)
{
	const char *base = strrchr(p->log_path, '/') + 1;
	char dir[PATH_MAX], path[PATH_MAX];
	struct dirent **names = NULL;
	int count, seen = 0;

	snprintf(dir, sizeof(dir), "%.*s", (int)(base - p->log_path), p->log_path);
	count = scandir(dir, &names, NULL, alphasort);
	for (int i = count - 1; i >= 0; i--) {
		size_t len = strlen(base);

		if (strncmp(names[i]->d_name, base, len) == 0 && names[i]->d_name[len] == '.' &&
		    ++seen > keep &&
		    (size_t)snprintf(path, sizeof(path), "%s%s", dir, names[i]->d_name) <
			    sizeof(path))
			unlink(path);
		free(names[i]);
	}
	free(names);
}

bool log_rotate(const char *path, int64_t most, int copies)
{
	char from[PATH_MAX], to[PATH_MAX];
	struct stat st;

	if (stat(path, &st) != 0 || st.st_size <= most)
		return false;
	for (int copy = copies; copy > 0; copy--) {
		copy_path(from, path, copy - 1);
		copy_path(to, path, copy);
		rename(from, to);
	}
	return true;
}

void rotate(const struct process *p)
{
	const struct supervisor_options *o = &p->supervisor->options;

	if (p->keeps_log) {
		prune(p, o->log_copies);
		return;
	}
	if (p->pid && supervisor_now_ms() - p->started_ms < o->young_ms)
		return; /* it may not have its signal handler yet */
	if (log_rotate(p->log_path, o->log_bytes, o->log_copies))
		process_signal(p, SIGHUP);
}
