/*
 * pool_room.h — how many passwords may wait to be hashed.
 *
 * Who asks waits for some three seconds at the most. On a machine that is busy a hash takes much
 * longer than on an idle one; if as many waited there, nobody would be answered in time, everybody
 * would ask again, and that for ever. So who couldn't be served in time is refused at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AUTHORIZATION_POOL_ROOM_H
#define AUTHORIZATION_POOL_ROOM_H

#include <stdint.h>

enum { POOL_ROOM_MOST = 72, POOL_ROOM_EACH = 4, POOL_ROOM_MS = 1000 };

/*
 * pool_room tells how many may wait where a hash takes took_us, so that the last of them waits for
 * POOL_ROOM_MS; POOL_ROOM_EACH for each thread at least, POOL_ROOM_MOST at most.
 */
int pool_room(int threads, int64_t took_us);

/* pool_room_took is the mean that counts, after one more took_us. */
int64_t pool_room_took(int64_t mean_us, int64_t took_us);

#endif
