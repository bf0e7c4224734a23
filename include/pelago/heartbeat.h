/*
 * pelago/heartbeat.h — what a service tells its node by a mapped file, services/NAME/heartbeat.
 *
 * It needs neither bus nor database, so a standby, which has no subscriptions, is told from one
 * that hangs. A file of a service of before has the first members only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_HEARTBEAT_H
#define PELAGO_HEARTBEAT_H

#include <stdint.h>

enum {
	PL_HEARTBEAT_STANDBY = 1, /* another process owns the database; it waits for that to end */
	PL_HEARTBEAT_ACCEPTING = 2, /* as its settings say */
};

struct pl_heartbeat {
	int64_t at_ms;	  /* monotonic; written at least each 300 ms */
	int64_t state;	  /* of the above */
	int64_t settings; /* the commit whose settings are in effect; not of a service of before */
};

#endif
