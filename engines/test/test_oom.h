/*
 * test_oom.h — memory that runs out where a test wants it to.
 *
 * Allocations of a test and of what it is linked with are counted by the linker's --wrap (oom_dep
 * in meson.build); those of shared libraries are not. One thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TEST_OOM_H
#define TEST_OOM_H

#include <stdbool.h>
#include <stddef.h>

/* oom_fail_at begins to count anew; the n-th allocation from now on fails, once; n < 1: none. */
void oom_fail_at(long n);

/* oom_counted returns how many there were since. */
long oom_counted(void);

/* oom_is_on tells whether an allocation may fail. */
bool oom_is_on(void);

/* oom_malloc is malloc as it is counted, for libraries that take a function. */
void *oom_malloc(size_t size);

#endif
