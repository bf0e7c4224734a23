/*
 * pulse.h — tells the supervisor whether the bus answers: one that lives but is silent is ended.
 *
 * The root supervisor has a connection to the bus like any process, with a key that may do nothing
 * but speak to itself and tell figures (root_metrics.h), and hears its own words twice a second;
 * each is a heartbeat (process_beat). While it has no connection, a bus that doesn't listen yet, as
 * it reads its log, isn't judged; one that listens must at least greet whoever knocks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_PULSE_H
#define PELAGO_CLI_PULSE_H

#include "pelago/bus.h"
#include "platform/setup/setup.h"
#include "platform/supervise/supervise.h"

enum { PULSE_STALE_MS = 3000 }; /* silent for that long: it is ended */

struct pulse; /* opaque */

/* pulse_new begins; setup and bus, nats-server's process, are borrowed. PL_NOMEM, PL_AGAIN. */
enum pl_err pulse_new(struct pulse **pulsep, const struct setup *setup, struct process *bus);
/* pulse_free ends it: the bus isn't judged any more. Waits for at most 2 s. Takes NULL. */
void pulse_free(struct pulse *pulse);

/* pulse_fd returns a descriptor that is readable when pulse_turn has something to do, or -1. */
int pulse_fd(const struct pulse *pulse);
/* pulse_bus returns the connection, NULL until there was one once. Borrowed until pulse_free. */
struct pl_bus *pulse_bus(const struct pulse *pulse);
/* pulse_turn asks and hears; to be called each 250 ms at least. Doesn't block. */
void pulse_turn(struct pulse *pulse);

#endif
