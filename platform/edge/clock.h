/*
 * clock.h — monotonic time, which no clock change moves.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_CLOCK_H
#define EDGE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* clock_ms returns milliseconds since an arbitrary moment, rising only. */
static inline int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
