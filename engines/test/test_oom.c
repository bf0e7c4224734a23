/*
 * test_oom.c — see test_oom.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/test/test_oom.h"

#include <stdlib.h>

static long allocations, fail_at;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *s);

void oom_fail_at(long n)
{
	allocations = 0;
	fail_at = n;
}

long oom_counted(void)
{
	return allocations;
}

bool oom_is_on(void)
{
	return fail_at > 0;
}

static bool fails_now(void)
{
	return ++allocations == fail_at;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails_now() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *s)
{
	return fails_now() ? NULL : __real_strdup(s);
}

void *oom_malloc(size_t size)
{
	return __wrap_malloc(size);
}
