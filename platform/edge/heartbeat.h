/*
 * heartbeat.h — tells the supervisor that the loop turns.
 *
 * DATA/procs/edge.heartbeat holds the monotonic milliseconds of the last beat as one 64-bit number.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_HEARTBEAT_H
#define EDGE_HEARTBEAT_H

#include <stdint.h>

struct heartbeat {
	int64_t *at_ms; /* mapped; NULL if the file can't be made */
};

void heartbeat_init(struct heartbeat *heartbeat, const char *data);
void heartbeat_beat(struct heartbeat *heartbeat, int64_t now_ms);
void heartbeat_fini(struct heartbeat *heartbeat);

#endif
