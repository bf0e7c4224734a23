/*
 * id.c — ULIDs: 48 bits of time, 80 of chance.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "id.h"

#include <sodium.h>
#include <stdint.h>
#include <time.h>

void id_make(char id[ID_SIZE])
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	unsigned char chance[16];
	struct timespec now;
	uint64_t ms;

	clock_gettime(CLOCK_REALTIME, &now);
	ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	randombytes_buf(chance, sizeof(chance));
	for (int i = 9; i >= 0; i--, ms >>= 5)
		id[i] = digits[ms & 31];
	for (int i = 0; i < 16; i++)
		id[10 + i] = digits[chance[i] & 31];
	id[26] = '\0';
}
