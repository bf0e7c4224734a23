/*
 * heartbeat.h — tells the supervisor that the loop turns.
 *
 * DATA/procs/edge.heartbeat (edge.heartbeat.2: the second slot's) holds two 64-bit numbers: the
 * monotonic milliseconds of the last beat, and 1 while it accepts connections, else 0.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_HEARTBEAT_H
#define EDGE_HEARTBEAT_H

#include <stdbool.h>
#include <stdint.h>

struct heartbeat {
	int64_t *at_ms; /* mapped; NULL if the file can't be made */
};

void heartbeat_init(struct heartbeat *heartbeat, const char *data, int slot);
void heartbeat_beat(struct heartbeat *heartbeat, int64_t now_ms, bool accepts);
void heartbeat_fini(struct heartbeat *heartbeat);

#endif
