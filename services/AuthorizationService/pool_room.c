/*
 * pool_room.c — see pool_room.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pool_room.h"

int pool_room(int threads, int64_t took_us)
{
	int64_t room =
		took_us > 0 ? (int64_t)POOL_ROOM_MS * 1000 * threads / took_us : POOL_ROOM_MOST;

	if (room < (int64_t)POOL_ROOM_EACH * threads)
		return POOL_ROOM_EACH * threads;
	return room > POOL_ROOM_MOST ? POOL_ROOM_MOST : (int)room;
}

int64_t pool_room_took(int64_t mean_us, int64_t took_us)
{
	return mean_us ? (3 * mean_us + took_us) / 4 : took_us;
}
