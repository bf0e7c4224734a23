/*
 * pelago/alarm.h — alarms: something that somebody must act on.
 *
 * A key of tables/alarm.h and a subject name one alarm: raised again while it is open, it is
 * counted, not doubled. Raising is durable: a command to the manager in the turn's transaction, so
 * it waits for a manager that is away. A service raises what it alone knows; whether its process
 * lives, its node and the manager see.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_ALARM_H
#define PELAGO_ALARM_H

#include "pelago/service.h"

enum { PL_ALARM_AGAIN_MS = 60000 };

/*
 * pl_alarm_raise raises an alarm, or counts a repeat of it; repeats within PL_ALARM_AGAIN_MS are
 * left out.
 *
 *   key      of tables/alarm.h
 *   subject  what it is about, at most 200 bytes: a subscription, an event's noun; "" if nothing
 *            beside this service
 *   fmt      what happened; of more than 511 bytes the rest is left out
 */
void pl_alarm_raise(struct pl_turn *turn, const char *key, const char *subject, const char *fmt,
		    ...) __attribute__((format(printf, 4, 5)));
/* pl_alarm_clear ends an alarm, open or not; not again what this process has cleared already. */
void pl_alarm_clear(struct pl_turn *turn, const char *key, const char *subject);

#endif
