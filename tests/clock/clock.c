/*
 * clock.c — a wall clock that tests can put forward and back, of all processes that load this
 * library (LD_PRELOAD).
 *
 * The file that PELAGO_TEST_CLOCK names holds an int64_t: milliseconds by which the wall clock is
 * ahead of the real one. It is mapped, so a change counts at once and everywhere. Other clocks are
 * left as they are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef int clock_gettime_fn(clockid_t clock, struct timespec *now);

static clock_gettime_fn *real_clock;
static const volatile int64_t *ahead_ms;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("PELAGO_TEST_CLOCK");
	struct stat st;
	void *map;
	int fd;

	*(void **)&real_clock = dlsym(RTLD_NEXT, "clock_gettime");
	if (!path || (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof(int64_t)) {
		map = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
		if (map != MAP_FAILED)
			ahead_ms = map;
	}
	close(fd);
}

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *now)
{
	int result;

	if (!real_clock) /* before our constructor */
		*(void **)&real_clock = dlsym(RTLD_NEXT, "clock_gettime");
	result = real_clock(clock, now);
	if (result == 0 && clock == CLOCK_REALTIME && ahead_ms) {
		int64_t ms = *ahead_ms;

		now->tv_sec += ms / 1000;
		now->tv_nsec += ms % 1000 * 1000000;
		if (now->tv_nsec >= 1000000000 || now->tv_nsec < 0) {
			int carry = now->tv_nsec < 0 ? -1 : 1;

			now->tv_sec += carry;
			now->tv_nsec -= carry * 1000000000L;
		}
	}
	return result;
}

__attribute__((visibility("default"))) time_t time(time_t *nowp)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now))
		return (time_t)-1;
	if (nowp)
		*nowp = now.tv_sec;
	return now.tv_sec;
}

__attribute__((visibility("default"))) int gettimeofday(struct timeval *restrict now,
							void *restrict zone)
{
	struct timespec precise;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &precise))
		return -1;
	now->tv_sec = precise.tv_sec;
	now->tv_usec = precise.tv_nsec / 1000;
	return 0;
}
