/*
 * alarms.h — what the root supervisor raises, for the nodes of this machine to tell the manager.
 *
 * procs/alarms.json is {"alarms":[{"key","subject","reason"}…]} of what is so now (tables/alarm.h),
 * whole or as it was before. The root has no voice on the bus; and what it sees matters most when
 * the manager or the bus is away.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_ALARMS_H
#define PELAGO_CLI_ALARMS_H

#include <jansson.h>
#include <stdint.h>

#include "platform/setup/setup.h"

struct alarms {
	const struct setup *setup;
	json_t *list, *written;
	int64_t frozen_ms; /* monotonic: when the bus was last found frozen; 0: never */
};

void alarms_init(struct alarms *alarms, const struct setup *setup);
void alarms_fini(struct alarms *alarms);
/* alarms_set raises one; alarms_drop ends it. Nothing is written yet. */
void alarms_set(struct alarms *alarms, const char *key, const char *subject, const char *reason);
void alarms_drop(struct alarms *alarms, const char *key, const char *subject);
/* alarms_beat writes the file if something changed, and tries again when it couldn't. */
void alarms_beat(struct alarms *alarms, int64_t now_ms);

#endif
