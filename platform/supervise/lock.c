/*
 * lock.c — instance locks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/supervise/lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NAMED_TRIES = 20, NAMED_US = 1000 };

static bool try_lock(int fd, int command)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, command, &lock) != 0)
		return false;
	return command == F_OFD_SETLK || lock.l_type == F_UNLCK;
}

enum pl_err lock_take(int *fdp, const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return pl_fail(PL_IO, "%s: %s", path, strerror(errno));
	if (!try_lock(fd, F_OFD_SETLK)) {
		bool busy = errno == EAGAIN || errno == EACCES;

		close(fd);
		return busy ? pl_fail(PL_STATE, "%s is held by another process", path)
			    : pl_fail(PL_IO, "%s: %s", path, strerror(errno));
	}
	if (ftruncate(fd, 0) != 0) {
		close(fd);
		return pl_fail(PL_IO, "%s: %s", path, strerror(errno));
	}
	*fdp = fd;
	return PL_OK;
}

void lock_write(int fd, const char *tag)
{
	char text[24 + LOCK_TAG_MAX], digits[24];
	size_t len = 0, count = 0;
	pid_t pid = getpid();

	do {
		digits[count++] = (char)('0' + pid % 10);
		pid /= 10;
	} while (pid > 0);
	while (count > 0)
		text[len++] = digits[--count];
	text[len++] = ' ';
	for (size_t i = 0; tag && tag[i] && i < LOCK_TAG_MAX - 1; i++)
		text[len++] = tag[i];
	text[len++] = '\n';
	if (pwrite(fd, text, len, 0) < 0)
		return; /* a full disk: the holder is found by its descriptor instead */
}

bool lock_is_held(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	bool held;

	if (fd < 0)
		return false;
	held = !try_lock(fd, F_OFD_GETLK);
	close(fd);
	return held;
}

/* Whether a descriptor of a process holds a lock; /proc/PID/fdinfo names the locks of each. */
static bool fd_has_lock(pid_t pid, const char *fd)
{
	char path[64], line[256];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%.16s", (int)pid, fd);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f))
		found = strncmp(line, "lock:", 5) == 0;
	fclose(f);
	return found;
}

static bool process_holds(pid_t pid, const struct stat *file)
{
	char path[64];
	struct dirent *entry;
	bool found = false;
	struct stat st;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir)))
		found = fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 &&
			st.st_dev == file->st_dev && st.st_ino == file->st_ino &&
			fd_has_lock(pid, entry->d_name);
	closedir(dir);
	return found;
}

/* Any process of this machine that holds the file: for a lock whose text was lost. */
static pid_t scan(const struct stat *file)
{
	struct dirent *entry;
	pid_t found = 0;
	DIR *dir = opendir("/proc");

	if (!dir)
		return 0;
	while (!found && (entry = readdir(dir))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && pid != getpid() && process_holds(pid, file))
			found = pid;
	}
	closedir(dir);
	return found;
}

/* The process that a lock's text names, if it holds it; else 0. */
static pid_t named(char *text, size_t size, int fd, const struct stat *file)
{
	ssize_t len = pread(fd, text, size - 1, 0);
	pid_t pid;

	text[len > 0 ? len : 0] = '\0';
	pid = (pid_t)strtol(text, NULL, 10);
	return pid > 0 && process_holds(pid, file) ? pid : 0;
}

static bool has_ended(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

enum pl_err lock_holder_get(struct lock_holder *holder, const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW), pidfd = -1;
	enum pl_err err = PL_AGAIN; /* what the bare gotos below mean */
	char text[24 + LOCK_TAG_MAX] = "";
	struct stat st;
	pid_t pid;

	if (fd < 0)
		return errno == ENOENT ? PL_NOTFOUND
				       : pl_fail(PL_IO, "%s: %s", path, strerror(errno));
	if (try_lock(fd, F_OFD_GETLK)) {
		err = PL_NOTFOUND;
		goto out;
	}
	if (fstat(fd, &st) != 0)
		goto out;
	pid = named(text, sizeof(text), fd, &st);
	for (int i = 0; pid <= 0 && i < NAMED_TRIES; i++) {
		usleep(NAMED_US); /* it may be about to write it */
		pid = named(text, sizeof(text), fd, &st);
	}
	if (pid <= 0)
		pid = scan(&st);
	if (pid <= 0)
		goto out;
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	/* It holds the lock after its pidfd was made: so the pidfd is that process's. */
	if (pidfd < 0 || !process_holds(pid, &st) || has_ended(pidfd))
		goto out;
	memset(holder, 0, sizeof(*holder));
	holder->pid = pid;
	holder->pidfd = pidfd;
	if ((pid_t)strtol(text, NULL, 10) == pid)
		sscanf(text, "%*d %63s", holder->tag);
	err = PL_OK;
out:
	if (err && pidfd >= 0)
		close(pidfd);
	close(fd);
	return err;
}
