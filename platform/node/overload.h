/*
 * overload.h — has this host too much to do? Judged by Pelago's own processes.
 *
 * A node that has hands its work over to others of its cluster, if they take it (the manager sees
 * to that); else there is the admission control of each service, and the alarm.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_NODE_OVERLOAD_H
#define PELAGO_NODE_OVERLOAD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum overload_kind {
#define OVERLOAD(name, raised, cleared, what) OVERLOAD_##name,
#include "platform/node/overload_table.h"
#undef OVERLOAD
	OVERLOAD_COUNT
};

enum { OVERLOAD_MS = 60000, OVERLOAD_LOOK_MS = 10000 };

struct overload {
	double percent[OVERLOAD_COUNT];	  /* as last measured */
	int64_t since_ms[OVERLOAD_COUNT]; /* at or above the level since; 0: it isn't */
	bool is_over[OVERLOAD_COUNT];
	/* Between two measurements. */
	int64_t cpu_ms, measured_ms;
};

const char *overload_name(enum overload_kind kind);
const char *overload_what(enum overload_kind kind);

/* overload_judge takes new values in o->percent; true if one of is_over has changed. now_ms > 0. */
bool overload_judge(struct overload *o, int64_t now_ms);

/*
 * overload_measure fills in o->percent of processors, memory and disk, from the processes of a data
 * folder. What can't be told is 0.
 */
void overload_measure(struct overload *o, const char *data, int64_t now_ms);

#endif
