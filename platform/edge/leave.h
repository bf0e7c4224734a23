/*
 * leave.h — how an edge goes away: at once when it is told to end, or without haste once another
 * edge has taken over.
 *
 * Taken over, it accepts nothing, and tells its WebSockets one after the other to connect anew,
 * LEAVE_A_SECOND of them, in at most LEAVE_SPREAD_S seconds ("reconnectSeconds" of
 * DATA/edge/config.json); those that are still there then are closed with 1012. It stays for
 * LEAVE_LEAST_MS in any case: if the other one ends meanwhile, it goes on as if nothing had been.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_LEAVE_H
#define EDGE_LEAVE_H

#include "edge.h"

enum {
	LEAVE_A_SECOND = 20, /* each asks services for all that it had */
	LEAVE_SPREAD_S = 60,
	LEAVE_LEAST_MS = 15000,	    /* more than a new edge is on trial */
	LEAVE_TRANSFERS_MS = 60000, /* files on their way have so long to arrive */
	LEAVE_STOP_MS = 2000,	    /* told to end: clients have to go away by themselves */
	LEAVE_END_MS = 500,	    /* for what is told of their ends */
};

enum leave_stage { LEAVE_NOT, LEAVE_HANDING_OVER, LEAVE_STOPPING, LEAVE_CLOSING, LEAVE_ENDED };

struct leave {
	struct edge *edge;
	struct listener **listeners; /* an array of `count` */
	size_t count;
	int spread_s;
	enum leave_stage stage;
	int64_t since_ms; /* of the stage */
	int64_t until_ms; /* by when all were told, handing over */
};

void leave_stop(struct leave *leave, int64_t now_ms);	   /* it is told to end */
void leave_hand_over(struct leave *leave, int64_t now_ms); /* another one accepts connections */
void leave_take_back(struct leave *leave);		   /* that one is gone */
/* leave_beat goes on; true once it has ended. */
bool leave_beat(struct leave *leave, int64_t now_ms);

#endif
