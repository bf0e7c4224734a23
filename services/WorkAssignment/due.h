/*
 * due.h — when waiting contacts have to be looked at again: the earliest first.
 *
 * Derived memory. One that is no longer due then is not taken out: who takes it finds that the time
 * isn't the contact's any more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DUE_H
#define DUE_H

#include "work.h"

struct due {
	int64_t at_ms;
	char id[ID_BYTES + 1];
};

bool due_add(const char *id, int64_t at_ms); /* false: no memory */
/* due_take takes the earliest out, if its time has come. */
bool due_take(struct due *due, int64_t now_ms);
void due_clear(void);

#endif
